"""What starting costs: imports, help, slips and one `qwpinn solve`, before and now.

    python benchmarks/startup.py
    python benchmarks/startup.py --against 1b1433f --repeats 9 --only solve

Each command is a process of its own, those of the earlier commit and of this one alternating. The
table shows medians of the seconds, of the wall and of the CPU (all threads and children).
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import baseline

QWPINN = ("-m", "qwpinn")
COMMANDS = {
    "import qwpinn": ("-c", "import qwpinn"),
    "qwpinn.FiniteWell": ("-c", "import qwpinn; qwpinn.FiniteWell"),
    "qwpinn.references.exact": ("-c", "import qwpinn; qwpinn.references.exact"),
    "a count of levels": (
        "-c",
        "import qwpinn; qwpinn.references.count_below(qwpinn.FiniteWell(), 10.0)",
    ),
    "three levels by Galerkin": (
        "-c",
        "import qwpinn; qwpinn.references.legendre_galerkin(qwpinn.Quartic(), 3)",
    ),
    "qwpinn": QWPINN,
    "qwpinn --version": (*QWPINN, "--version"),
    "qwpinn --help": (*QWPINN, "--help"),
    "qwpinn solve --help": (*QWPINN, "solve", "--help"),
    "qwpinn train-family --help": (*QWPINN, "train-family", "--help"),
    "a misspelt well": (*QWPINN, "solve", "finit_well"),
    "a misspelt field": (*QWPINN, "solve", "finite_well", "--dept", "3"),
    "a number out of range": (*QWPINN, "solve", "finite_well", "--depth", "-3"),
    "a file that is missing": (*QWPINN, "solve", "missing.toml"),
    "values out of form": (
        *QWPINN, "sweep", "finite_well", "--parameter", "depth", "--values", "1:2",
    ),
    "a model that is missing": (*QWPINN, "evaluate", "missing", "--grid", "0:1:3"),
    "a family that is missing": (*QWPINN, "train-family", "missing.toml", "--output", "new"),
    "import tensorflow, keras": ("-c", "import tensorflow, keras"),
    "qwpinn.solve": ("-c", "import qwpinn; qwpinn.solve"),
    "qwpinn solve finite_well": (*QWPINN, "solve", "finite_well"),
    "qwpinn solve finite_well --output X": (*QWPINN, "solve", "finite_well", "--output", "X"),
}  # fmt: skip


class Seconds(NamedTuple):
    """Of one process."""

    wall: float
    cpu: float


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", metavar="COMMIT", default="1b1433f")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", metavar="WORD", default="", help="commands with it in their name")
    options = parser.parse_args()
    print(f"| command | wall, {options.against} | now | ratio | CPU | now | ratio |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    with baseline.worktree(options.against) as earlier:
        for name, arguments in COMMANDS.items():
            if options.only in name:
                print(row(name, arguments, (earlier, baseline.ROOT), options.repeats), flush=True)


def row(name: str, arguments: tuple[str, ...], trees: tuple[Path, Path], repeats: int) -> str:
    """One command's row of the table."""
    for tree in trees:
        seconds(arguments, tree)  # what is read from the disk, and compiled, once
    runs = [[seconds(arguments, tree) for tree in trees] for _ in range(repeats)]
    cells = []
    for of in ("wall", "cpu"):
        old, new = (
            statistics.median(getattr(run, of) for run in column)
            for column in zip(*runs, strict=True)
        )
        cells += [f"{old:.2f}", f"{new:.2f}", f"{new / old:.2f}"]
    return f"| {name} | {' | '.join(cells)} |"


def seconds(arguments: tuple[str, ...], tree: Path) -> Seconds:
    """What a program of Python takes with the code of a tree, in an empty folder."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, _, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    return Seconds(wall, used.ru_utime + used.ru_stime)


if __name__ == "__main__":
    main()
