"""The plain PINN: it learns, though it is not told much."""

import numpy as np
import pytest
from looks import Counted

import qwpinn
from qwpinn.bench import plain_keras
from qwpinn.bench.problems import Problem
from qwpinn.potentials import PiecewiseConstant


@pytest.fixture(autouse=True)
def few_points(monkeypatch):
    monkeypatch.setattr(plain_keras, "POINTS", 60)
    monkeypatch.setattr(plain_keras, "RATE", 5e-3)


def test_it_finds_a_level_from_near_it_and_zero_at_the_walls():
    """A well so wide that E begins near its ground state, 1.0966."""
    problem = Problem("well", qwpinn.InfiniteWell(width=3.0))
    clock = Counted(400, problem.x)
    plain_keras.solve(problem.described() | {"seed": 1}, clock)
    assert clock.psis[-1][[0, -1]].tolist() == [0.0, 0.0]
    assert clock.energies[0] == 1.0
    assert problem.energy_error(clock.energies[-1]) < 3e-2
    assert problem.state(clock.psis[-1]) == 0


def test_v_is_that_of_each_layer():
    """On a step, psi is where V is low, whatever E still is."""
    problem = Problem("well", PiecewiseConstant([0.0, 2.0, 4.0], [9.0, 0.0]))
    clock = Counted(400, problem.x)
    plain_keras.solve(problem.described() | {"seed": 1}, clock)
    density = clock.psis[-1] ** 2
    assert np.sum(density[problem.x > 2.0]) > 4.0 * np.sum(density[problem.x < 2.0])
