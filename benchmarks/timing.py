"""Where the time of `solve` goes: three states to rtol 1e-6 on one core.

    python benchmarks/timing.py
    python benchmarks/timing.py --problems finite_well gaussian --repeats 9

Every potential gets a process of its own, bound to one core before anything is imported. The clock
starts when the imports are done. The first `solve` of the process also pays for what TensorFlow
sets up once; the others make a new network all the same, and trace its training step anew. The
table shows the first, the median of the others, and where the time of that median went:

- Ritz: the mesh, making and placing the units, the Ritz states, of all widenings;
- enclosures: all of them, with the count of the levels;
- tracing: the first training step less one of the others;
- steps: that many of the others;
- rest: the last Ritz step, Keras's `fit` around the steps.

CPU seconds are printed beside those of the wall: where they differ, the core was shared.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

PROBLEMS = (
    "infinite_well",
    "finite_well",
    "finite_barrier",
    "deep_well",
    "kronig_penney_5",
    "gaas_200",
    "harmonic",
    "quartic",
    "double_well_10",
    "morse",
    "poeschl_teller_3",
    "triangular",
    "woods_saxon",
    "gaussian",
)
PARTS = ("Ritz", "enclosures", "tracing", "steps", "rest")
STATES = 3


def main() -> None:
    """Start a process a problem and print what they measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", nargs="+", default=PROBLEMS)
    parser.add_argument("--repeats", type=int, default=5, help="solves after the first")
    parser.add_argument("--measure", metavar="PROBLEM", help="in this process, as JSON")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measured(options.measure, options.repeats)))
        return
    print(f"{processor()}, one core, Python {platform.python_version()}; {STATES} states\n")
    print(f"| problem | units | first (s) | later (s) | CPU (s) | {' | '.join(PARTS)} |")
    print("|---|--:|" + "--:|" * (3 + len(PARTS)))
    rows = [row(name, options.repeats) for name in options.problems]
    columns = zip(*rows, strict=True)
    medians = " | ".join(f"{statistics.median(column):.2f}" for column in columns)
    print(f"| **median** | | {medians} |")


def row(name: str, repeats: int) -> list[float]:
    """Print the row of one problem; returns its seconds."""
    command = [sys.executable, __file__, "--measure", name, "--repeats", str(repeats)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result = json.loads(done.stdout)
    later = sorted(result["later"], key=lambda run: run["wall"])
    median = later[len(later) // 2]
    seconds = [
        result["first"]["wall"],
        median["wall"],
        median["cpu"],
        *(median[part] for part in PARTS),
    ]
    cells = " | ".join(f"{value:.2f}" for value in seconds)
    print(f"| {name} | {median['units']} | {cells} |", flush=True)
    return seconds


def processor() -> str:
    """The processor's name."""
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor()


def measured(name: str, repeats: int) -> dict[str, Any]:
    """Solve a problem once and then some, on one core."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from qwpinn.startup import quiet

    with quiet():
        from problems import ALL

        import qwpinn  # noqa: F401 - its names load what they need when they are asked for
    problem = next(problem for problem in ALL if problem.id == name)
    states = min(STATES, problem.levels.size)
    return {
        "first": timed_solve(problem.potential, states),
        "later": [timed_solve(problem.potential, states) for _ in range(repeats)],
    }


def timed_solve(potential: Any, states: int) -> dict[str, float]:
    """Seconds of one `solve`, and of its parts."""
    import keras

    from qwpinn import QuantumWellPINN, solve
    from qwpinn.solving import recipes

    class Steps(keras.callbacks.Callback):
        """The seconds of each training step."""

        seconds: list[float]

        def on_train_begin(self, logs: Any = None) -> None:
            self.seconds = []

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            self._start = time.perf_counter()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.seconds.append(time.perf_counter() - self._start)

    steps = Steps()
    steps.seconds = []
    spent = dict.fromkeys(PARTS, 0.0)
    with (
        timing(QuantumWellPINN, "placed", spent, "Ritz"),
        timing(recipes, "certify", spent, "enclosures"),
    ):
        wall, cpu = time.perf_counter(), time.process_time()
        solution = solve(potential, states, callbacks=[steps])
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if not solution.converged:
        raise RuntimeError(f"{potential!r} did not converge: {solution.status}")
    if steps.seconds:
        usual = sorted(steps.seconds)[len(steps.seconds) // 2]
        spent["tracing"] = steps.seconds[0] - usual
        spent["steps"] = sum(steps.seconds) - spent["tracing"]
    spent["rest"] = wall - sum(spent.values())
    units = int(solution.model.trial.output_layer.kernel.shape[0])
    return {"wall": wall, "cpu": cpu, "units": units, **spent}


@contextmanager
def timing(owner: Any, name: str, spent: dict[str, float], part: str) -> Iterator[None]:
    """Adds the seconds of all calls of a function."""
    function: Callable[..., Any] = getattr(owner, name)

    def timed(*args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            spent[part] += time.perf_counter() - start

    with mock.patch.object(owner, name, timed):
        yield


if __name__ == "__main__":
    main()
