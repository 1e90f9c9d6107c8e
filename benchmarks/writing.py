"""What writing costs: exports of models and figures, as they are written; CPU seconds.

    python benchmarks/writing.py
    python benchmarks/writing.py --baseline ../earlier --repeats 9

Networks are untrained, for what is written does not depend on how good it is. Processes of this
code and of the earlier one, whose folder is given, alternate on one core; each writes every item
once before the clock starts (``first``), and then as often as asked for, of which the table shows
the median over all processes. The figures are those that ``qwpinn solve --output`` writes; those of
ten states have longer names and units.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Start processes of both codes in turn, and print their medians."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--baseline", type=Path, help="a folder with an earlier version")
    parser.add_argument("--repeats", type=int, default=5, help="of each item in a process")
    parser.add_argument("--processes", type=int, default=2, help="of each version")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measured(options.repeats)))
        return
    trees = [tree for tree in (options.baseline, ROOT) if tree is not None]
    found: list[dict[str, list[list[float]]]] = [{} for _ in trees]
    for _ in range(options.processes):
        for tree, of_tree in zip(trees, found, strict=True):
            for item, seconds in _process(tree, options.repeats).items():
                of_tree.setdefault(item, []).append(seconds)
    print(f"{'CPU s':30}{'first':>16}{'each next':>16}")
    for item in found[-1]:
        first = [statistics.median(each[0] for each in of_tree[item]) for of_tree in found]
        later = [
            statistics.median(s for each in of_tree[item] for s in each[1:]) for of_tree in found
        ]
        print(f"{item:30}{_side_by_side(first):>16}{_side_by_side(later):>16}")


def _side_by_side(seconds: list[float]) -> str:
    return " -> ".join(f"{s:.3f}" for s in seconds)


def _process(tree: Path, repeats: int) -> dict[str, list[float]]:
    """What one process of a version measured, each item's seconds in order."""
    command = [sys.executable, __file__, "--measure", "--repeats", str(repeats)]
    environment = os.environ | {"PYTHONPATH": str(tree.resolve()), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def measured(repeats: int) -> dict[str, list[float]]:
    """Seconds of each item, the first time and ``repeats`` times more."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    items = exports() | figures()
    found: dict[str, list[float]] = {}
    for name, item in items.items():
        for _ in range(1 + repeats):
            write = item()
            gc.collect()
            began = time.process_time()
            write()
            found.setdefault(name, []).append(time.process_time() - began)
    return found


def exports() -> dict[str, Callable[[], Callable[[], None]]]:
    """Each makes a new model and gives what exports it."""
    import qwpinn

    device = [qwpinn.Layer(15.0, "Al0.3Ga0.7As"), qwpinn.Layer(8.0, "GaAs"),
              qwpinn.Layer(15.0, "Al0.3Ga0.7As")]  # fmt: skip
    family = qwpinn.Family(qwpinn.FiniteWell, depth=(15, 25), width=(1.8, 2.2), box=6.0)

    def exported(model: Any) -> Callable[[], None]:
        def write() -> None:
            with tempfile.TemporaryDirectory() as folder:
                model.export(Path(folder) / "model")

        return write

    def nonparabolic() -> Any:
        well = qwpinn.Heterostructure(device, nonparabolic=True)
        return qwpinn.solve(well, 2, recipe=untrained(), rtol=1e-3).model

    models: dict[str, Callable[[], Any]] = {
        "infinite well, 3 states": lambda: qwpinn.QuantumWellPINN.for_potential(
            qwpinn.InfiniteWell(), 3
        ),
        "finite well, 3 states": lambda: qwpinn.QuantumWellPINN.for_potential(
            qwpinn.FiniteWell(), 3
        ),
        "non-parabolic device, 2 states": nonparabolic,
        "family of two parameters": lambda: qwpinn.FamilyPINN.for_family(family, 3),
    }
    return {f"export: {name}": lambda m=model: exported(m()) for name, model in models.items()}


def untrained() -> Any:
    """The recipe of a network that is left as it begins."""
    import qwpinn

    return qwpinn.Precise(units=60, epochs=0)


def figures() -> dict[str, Callable[[], Callable[[], None]]]:
    """Each gives what draws a figure and makes a PNG file of it."""
    import numpy as np

    import qwpinn
    from qwpinn import plotting

    few = qwpinn.solve(qwpinn.FiniteWell(), 3, recipe=untrained(), rtol=1e-3)
    wall, well = qwpinn.Layer(15.0, "Al0.3Ga0.7As"), qwpinn.Layer(50.0, "GaAs")
    device = qwpinn.Heterostructure([wall, well, wall])
    many = qwpinn.solve(device, 10, recipe=qwpinn.Precise(units=100, epochs=0), rtol=1e-3)
    widths = 10.0 ** -np.add.outer(np.arange(3.0, 7.0), np.arange(3) / 2)
    labels = ["60\nunits", *(f"epoch {n}" for n in (1, 2)), "result"]
    drawn: dict[str, Callable[[], Any]] = {
        "states, 3": few.plot,
        "states, 10": many.plot,
        "enclosures": lambda: plotting.enclosures(labels, widths, 1e-6),
    }
    return {
        f"figure: {name}": lambda draw=draw: lambda: plotting.png(draw())
        for name, draw in drawn.items()
    }


if __name__ == "__main__":
    main()
