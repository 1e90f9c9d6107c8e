"""The Pruefer angle, and the levels that it counts."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import PROBLEMS, WELLS, Problem

from qwpinn.potentials import CustomPotential, FiniteBarrier, FiniteWell, InfiniteWell
from qwpinn.references import count_below, pruefer_angle

by_id = pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.id)


@by_id
def test_count_below_just_around_each_level(problem: Problem) -> None:
    for n, level in enumerate(problem.levels):
        offset = 3e-12 * abs(level) + (1e-13 if problem in WELLS else 1e-9)
        assert count_below(problem.potential, level - offset) == n
        assert count_below(problem.potential, level + offset) == n + 1


def test_count_below_in_deep_barriers() -> None:
    barrier = FiniteBarrier(height=1e4, width=0.2, box=1.0)  # pairs split by 3e-10
    for n, level in enumerate(barrier.levels(6)):
        assert count_below(barrier, level * (1.0 - 1e-13)) == n
        assert count_below(barrier, level * (1.0 + 1e-13)) == n + 1
    assert count_below(FiniteWell(depth=1e12), 10.0) == 2
    assert count_below(InfiniteWell(), -1e6) == 0


def test_pruefer_angle_of_free_motion() -> None:
    # psi = sin(k x): tan(theta) = tan(k) / k at x = 1.
    for k in (0.3, 1.0, 4.0, 20.0):
        theta = pruefer_angle(InfiniteWell(width=1.0), k**2)
        assert math.tan(theta) == pytest.approx(math.tan(k) / k, rel=1e-11)
        assert math.floor(theta / math.pi) == math.floor(k / math.pi)
    assert pruefer_angle(InfiniteWell(), 0.0) == pytest.approx(math.pi / 4, rel=1e-15)
    assert math.tan(pruefer_angle(InfiniteWell(), -4.0)) == pytest.approx(math.tanh(2) / 2)


@settings(max_examples=15, deadline=None)
@given(energy=st.floats(-30.0, 200.0))
def test_angle_of_smooth_and_layered_routes_agree(energy: float) -> None:
    layered = FiniteBarrier(height=50.0, width=0.2, box=1.0)
    smooth = CustomPotential(layered, layered.interval, layered.breakpoints)
    assert pruefer_angle(smooth, energy) == pytest.approx(pruefer_angle(layered, energy), abs=1e-10)


def test_count_of_a_hidden_jump_is_refused() -> None:
    hidden = CustomPotential(lambda x: np.where(x < 0.123, 0.0, 50.0), interval=(0, 1))
    with pytest.raises(ArithmeticError, match=r"smooth between its breakpoints. .*x=0.1"):
        count_below(hidden, 40.0)
