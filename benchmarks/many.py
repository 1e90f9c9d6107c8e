"""Many wells by `solve_all`: how much sooner two workers are done than one.

    python benchmarks/many.py                  # a hundred random devices, three states each
    python benchmarks/many.py --devices 20

Each number of workers is a process of its own, by turns, that solves the list twice: the first call
starts the workers too, the second finds them waiting. Wall seconds are of an idle machine only; so
seconds of CPU, of the workers and of the process that they work for, stand beside them. The
solutions are compared to the last bit.
"""

from __future__ import annotations

import argparse
import os
import pickle
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

import qwpinn

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from devices import random_device

DEVICES, ROUNDS, STATES = 100, 3, 3


class Run(NamedTuple):
    """What one process says.

    Attributes:
        first: Wall seconds, the start of the workers included.
        next: Wall seconds without.
        here: CPU seconds of the process itself, of the second call.
        all: CPU seconds of it and its workers, of both calls and their start.
    """

    first: float
    next: float
    here: float
    all: float


def solved(devices: int, workers: int, path: Path) -> None:
    """Solve the devices twice, print a `Run` but for the workers' CPU, and keep the numbers."""
    rng = np.random.default_rng(1)
    wells = [random_device(rng, nonparabolic=False) for _ in range(devices)]
    # TensorFlow of this process is loaded first: every program that solves has it.
    _ = qwpinn.solve_all
    seconds = []
    for _ in range(2):
        began, cpu = time.perf_counter(), time.process_time()
        found = qwpinn.solve_all(wells, STATES, workers=workers)
        seconds += [time.perf_counter() - began, time.process_time() - cpu]
    print(seconds[0], seconds[2], seconds[3])
    numbers = [
        np.concatenate(
            [
                s.energies,
                s.lower,
                s.upper,
                s.wavefunctions(np.linspace(*s.potential.interval)).ravel(),
            ]
        )
        for s in found
    ]
    path.write_bytes(pickle.dumps((numbers, sum(s.converged for s in found))))


def run(devices: int, workers: int, path: Path) -> Run:
    """`solved` in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, __file__, "--devices", str(devices), "--only", str(workers)]
    said = subprocess.run([*command, str(path)], check=True, stdout=subprocess.PIPE, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    first, following, here = map(float, said.stdout.split()[-3:])
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(first, following, here, spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=DEVICES, help="how many random ones")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="processes of each kind")
    parser.add_argument("--only", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        solved(options.devices, int(options.only[0]), Path(options.only[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        runs: dict[int, list[Run]] = {1: [], 2: []}
        for _ in range(options.rounds):
            for workers, each in runs.items():
                each.append(run(options.devices, workers, Path(folder, str(workers))))
        (one, good), (two, _) = (pickle.loads(Path(folder, n).read_bytes()) for n in "12")
    print(f"{options.devices} random devices, {STATES} states each, medians of {options.rounds};")
    print(f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| workers | with their start, s | without, s | CPU here, s | CPU of all, s |")
    print("|--:|--:|--:|--:|--:|")
    middle = {n: Run(*map(statistics.median, zip(*each, strict=True))) for n, each in runs.items()}
    for workers, each in middle.items():
        print(f"| {workers} | " + " | ".join(f"{seconds:.2f}" for seconds in each) + " |")
    ratios = [getattr(middle[1], name) / getattr(middle[2], name) for name in ("first", "next")]
    apart = max(float(np.max(np.abs(a - b))) for a, b in zip(one, two, strict=True))
    print(f"\nTwo are {ratios[0]:.2f} times as fast as one, {ratios[1]:.2f} without the start.")
    print(f"Converged: {good}. Largest difference of energies, bounds and psi: {apart:g}.")


if __name__ == "__main__":
    main()
