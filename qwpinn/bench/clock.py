"""The clock: one solver in one process on one core, its CPU time, and what it finds on the way.

::

    python -P clock.py SCRIPT JOB.json FOUND.npz

calls ``solve(job, clock)`` of a script with what a job says. The solver loads what it needs, calls
`Clock.start`, then `Clock.look` after each of its steps until that says that its time is over, or
`Clock.end`. Any environment with NumPy will do: nothing of this package is imported.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import threading
import time
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# Of positions (n,): E, and psi there, (n,).
Answer = Callable[[Array], tuple[float, Array]]

# Seconds of the first look, and by how much later each further one is.
FIRST, RATIO = 0.02, 1.25


class Clock:
    """CPU seconds of this process, all its threads, from `start` on and without the looks.

    Args:
        budget: How many there are.
        x: Positions where psi is asked for.

    Attributes:
        seconds: Of each look, increasing.
        energies: E at each.
        psis: Psi at each, not normalised.
        steps: How many steps had been made.
        width: Of an error bar of the last E, of solvers that have one.
    """

    def __init__(self, budget: float, x: Array) -> None:
        self.budget, self.x = budget, x
        self.seconds: list[float] = []
        self.energies: list[float] = []
        self.psis: list[Array] = []
        self.steps: list[int] = []
        self.width = float("nan")
        self._begun = time.process_time()
        self._next = FIRST

    def start(self) -> None:
        """Begin to count."""
        self._begun = time.process_time()

    @property
    def passed(self) -> float:
        """CPU seconds so far."""
        return time.process_time() - self._begun

    @property
    def over(self) -> bool:
        """Whether the budget is spent."""
        return self.passed >= self.budget

    def look(self, steps: int, answer: Answer) -> bool:
        """Take down what has been found, if it is time to; returns whether the budget is spent."""
        if self.passed >= self._next:
            self.end(steps, answer)
            while self._next <= self.passed:
                self._next *= RATIO
        return self.over

    def end(self, steps: int, answer: Answer) -> None:
        """Take down what has been found: at a look, and in the end."""
        now = time.process_time()
        energy, psi = answer(self.x)
        self.seconds.append(now - self._begun)
        self.energies.append(float(energy))
        self.psis.append(np.array(psi, np.float64).reshape(-1))
        self.steps.append(steps)
        self._begun += time.process_time() - now

    def save(self, path: str) -> None:
        """Write all of it."""
        with open(path, "wb") as file:
            np.savez(
                file, seconds=self.seconds, energies=self.energies, psis=np.array(self.psis),
                steps=self.steps, width=self.width,
            )  # fmt: skip


def run(script: str, job: Mapping[str, object], path: str) -> None:
    """Solve a job by a script, and write what was found."""
    x = np.linspace(*job["interval"], int(job["positions"]))  # type: ignore[misc, call-overload]
    clock = Clock(float(job["budget"]), x)  # type: ignore[arg-type]
    runpy.run_path(script)["solve"](job, clock)
    clock.save(path)


def pin(core: int) -> None:
    """Keep this process to one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


def end_with(parent: int) -> None:
    """End this process when the one that started it has ended, however that was."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as given:
        asked = json.load(given)
    pin(asked["core"])
    end_with(asked["parent"])
    run(sys.argv[1], asked, sys.argv[3])
