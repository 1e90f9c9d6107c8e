"""Seconds of solves and trainings in this process, by whatever qwpinn `PYTHONPATH` finds.

`timing.py` starts it, once with an earlier commit and once with this one. Each line of its input is
a task, ``solve NAME`` of tests/problems.py or ``train NAME`` of `TRAININGS`; each line of its
output is the answer as JSON: seconds of the CPU and of the wall, and what was found.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    # Whatever else is printed does not get between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

import keras

import qwpinn

sys.path.insert(0, str(Path(qwpinn.__file__).parents[1] / "tests"))

from problems import ALL

from qwpinn import FiniteWell, LevenbergMarquardt, Paper, QuantumWellPINN, collocation, solve

ROOT = Path(qwpinn.__file__).parents[1]
STATES = 3
WELL = FiniteWell(depth=20.0, width=2.0, box=6.0)
Answer = dict[str, Any]
Run = Callable[[], list[float]]


def solved(name: str) -> Answer:
    """`solve` of a problem's lowest states to rtol 1e-6."""
    problem = next(problem for problem in ALL if problem.id == name)
    states = min(STATES, problem.levels.size)
    solution, seconds = timed(lambda: solve(problem.potential, states))
    return seconds | {
        "units": int(solution.model.trial.output_layer.kernel.shape[0]),
        "epochs": len(solution.history.get("loss", ())),
        "energies": solution.energies.tolist(),
        "widths": (solution.upper - solution.lower).tolist(),
        "converged": bool(solution.converged),
    }


def trained(name: str) -> Answer:
    """A training of a finite well's network; what is made before `compile` is not timed."""
    run = TRAININGS[name]()
    losses, seconds = timed(run)
    return seconds | {"epochs": len(losses), "loss": losses[-1]}


def timed(run: Callable[[], Any]) -> tuple[Any, Answer]:
    """What a function gives, and its seconds; garbage of earlier tasks is collected before."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    found = run()
    return found, {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def fitted(model: QuantumWellPINN, optimizer: object, epochs: int, steps: int = 1) -> Run:
    """`compile` and `fit`."""

    def run() -> list[float]:
        model.compile(optimizer)
        data = collocation(WELL, states=STATES).repeat(steps)
        return list(model.fit(data, epochs=epochs, verbose=0).history["loss"])

    return run


def layers(units: tuple[int, ...], activation: str) -> QuantumWellPINN:
    """A network of other layers over the features of the default one."""
    usual = usual_network()
    hidden = keras.Sequential(
        [
            keras.layers.Dense(
                width,
                activation,
                kernel_initializer=keras.initializers.GlorotNormal(seed=seed),
                dtype="float64",
            )
            for seed, width in enumerate(units)
        ]
    )
    trial = type(usual.trial)(STATES, usual.trial.features, hidden)
    return QuantumWellPINN(WELL, trial)


def usual_network() -> QuantumWellPINN:
    return QuantumWellPINN.for_potential(WELL, STATES)


def papers() -> Run:
    """The paper's recipe by steps of second order, on about as many points in all versions."""
    recipe = Paper(epochs=4, steps=5, hidden=(24, 24), optimizer=LevenbergMarquardt())
    return lambda: list(solve(WELL, STATES, recipe=recipe).history["loss"])


TRAININGS: dict[str, Callable[[], Run]] = {
    "default": lambda: fitted(usual_network(), LevenbergMarquardt(), 30),
    "two_layers": lambda: fitted(layers((24, 24), "tanh"), LevenbergMarquardt(), 10),
    "swish": lambda: fitted(layers((60,), "swish"), LevenbergMarquardt(), 10),
    "paper": papers,
    # From a Ritz start larger steps diverge, and a training that diverges is stopped.
    "adam": lambda: fitted(usual_network(), keras.optimizers.Adam(1e-6), 3, 100),
}


def main() -> None:
    """Answer every line of the input."""
    kinds = {"solve": solved, "train": trained}
    for line in sys.stdin:
        kind, _, name = line.strip().partition(" ")
        try:
            answer = kinds[kind](name)
        except Exception as error:  # what fails is a row of the table, not the end of it
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer | {"root": str(ROOT)}), file=answers, flush=True)


if __name__ == "__main__":
    main()
