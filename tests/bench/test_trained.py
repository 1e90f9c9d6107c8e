"""What the clock runs for networks: the techniques of a job, alone or joined."""

import keras
import numpy as np
import pytest
from looks import Counted

import qwpinn
from qwpinn.bench import trained
from qwpinn.bench.problems import Problem
from qwpinn.bench.technique import Technique

PROBLEM = Problem("well", qwpinn.FiniteWell())


def job(technique):
    return PROBLEM.described() | {"technique": technique, "seed": 0, "budget": 1.0}


def test_layers_without_seeds_follow_the_jobs(monkeypatch):
    class Unseeded(Technique):
        def hidden(self, task):
            return keras.layers.Dense(6, "tanh", dtype="float64")

        def optimizer(self, task):
            return qwpinn.LevenbergMarquardt()

    monkeypatch.setattr(trained, "loaded", lambda name: [Unseeded()])
    energies = []
    for seed in (1, 1, 2):
        clock = Counted(1, PROBLEM.x)
        trained.solve(job("mine") | {"seed": seed}, clock)
        energies.append(clock.energies)
    assert energies[0] == energies[1] != energies[2]


@pytest.mark.parametrize("technique", ["precise", "one-layer+lm"])
def test_a_job_is_solved(technique):
    clock = Counted(40, PROBLEM.x)
    trained.solve(job(technique), clock)
    assert PROBLEM.energy_error(clock.energies[-1]) < 1e-2
    assert PROBLEM.state(clock.psis[-1]) == 0
    assert np.isfinite(clock.width)
