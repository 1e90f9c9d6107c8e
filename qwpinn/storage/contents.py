"""Contents: what lies in folders of results, by which they are told from anybody else's."""

from __future__ import annotations

import re
from pathlib import Path

from qwpinn.storage.runs import CONFIG, RUN

# Of a model, in this format.
FORMAT = 2
WEIGHTS = "qwpinn.weights.h5"
SAVED_MODEL = "saved_model.pb"
MODEL = {CONFIG, WEIGHTS, SAVED_MODEL, "fingerprint.pb", "variables", "assets"}
# What ``qwpinn solve`` and ``qwpinn train-family`` add: names that others may use, so a model must
# be beside them.
WAVES = {"wavefunctions.csv", "wavefunctions.npz"}
RESULT = WAVES | {"result.json", "states.png", "enclosures.png", "surfaces.png", RUN}
# Of a bench: beside these, a figure of each well, and DeepXDE's environment.
BENCH_TABLE, BENCH_RUNS, BENCH_LOGS, BENCH_APART = "results.csv", "runs", "logs", "deepxde"
LEFT = re.compile(r"\..+\.qwpinn-\w+")
# Of an evolution, beside the model of its states.
EVOLUTION = "evolution.npz"
# Of a sweep.
TABLE, FIGURE = "sweep.csv", "sweep.png"


def is_model_folder(path: Path) -> bool:
    """Whether the folder holds a saved model or result, whole or in part, and nothing else."""
    names = {entry.name for entry in path.iterdir()}
    return names <= MODEL or (CONFIG in names and names <= MODEL | RESULT)


def is_evolution_folder(path: Path) -> bool:
    """Whether the folder holds a saved evolution and nothing else."""
    names = {entry.name for entry in path.iterdir()}
    return EVOLUTION in names and names <= MODEL | {EVOLUTION}


def is_log_folder(path: Path) -> bool:
    """Whether the folder holds TensorBoard's event files and nothing else."""
    return all(".tfevents." in file.name for file in path.rglob("*") if file.is_file())


def is_sweep_folder(path: Path) -> bool:
    """Whether the folder holds a sweep's table and figure, whole or in part, and nothing else."""
    return {entry.name for entry in path.iterdir()} <= {TABLE, FIGURE, RUN}


def is_bench_folder(path: Path) -> bool:
    """Whether the folder holds a bench's results, whole or in part, and nothing else."""
    own = {BENCH_TABLE, BENCH_RUNS, BENCH_LOGS, BENCH_APART, RUN}
    # What a process that was killed while it wrote has left lies beside what it wrote.
    names = {n for n in (entry.name for entry in path.iterdir()) if not LEFT.fullmatch(n)}
    figures = {name for name in names if name.endswith(".png")}
    return names <= own | figures and (not figures or BENCH_RUNS in names)
