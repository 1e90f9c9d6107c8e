"""Square wells: values, breakpoints, exact levels, and what they refuse."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import WELLS, Problem

from qwpinn.potentials import (
    FiniteBarrier,
    FiniteWell,
    InfiniteWell,
    PiecewiseConstant,
    Potential,
    Sampled,
)


@pytest.mark.parametrize("problem", WELLS, ids=lambda problem: problem.id)
def test_levels_to_round_off(problem: Problem) -> None:
    levels = problem.potential.levels(problem.levels.size)
    np.testing.assert_allclose(levels, problem.levels, rtol=2e-15)


def test_a_pair_closer_than_round_off_is_in_order() -> None:
    for step in np.linspace(4900.0, 5000.0, 21):
        assert np.all(np.diff(FiniteBarrier(float(step), 0.75, 1.0).levels(6)) >= 0.0)


@pytest.mark.parametrize("make", [FiniteWell, FiniteBarrier])
def test_levels_without_step_are_the_empty_box(make: Callable[..., Potential]) -> None:
    levels = make(0.0, 0.5, 2.0).levels(8)
    np.testing.assert_allclose(levels, (np.arange(1, 9) * np.pi / 2.0) ** 2, rtol=1e-14)


def test_levels_of_a_high_step() -> None:
    deep = FiniteWell(depth=1e12, width=2.0, box=6.0).levels(3)
    # Walls of height V act like walls 1 / sqrt(V) further out, on either side.
    np.testing.assert_allclose(deep, (np.arange(1, 4) * np.pi / (2.0 + 2e-6)) ** 2, rtol=1e-11)
    high = FiniteBarrier(height=1e8, width=0.2, box=1.0).levels(4)
    np.testing.assert_allclose(high[::2], high[1::2], rtol=1e-15)


def test_levels_at_the_step_itself() -> None:
    # The even state with E = depth, where psi is linear outside: k tan(k a) = 1 / w.
    k, w = 1.0, 1.0 / math.tan(1.0)
    well = FiniteWell(depth=k * k, width=2.0, box=2.0 + 2.0 * w)
    assert well.levels(1)[0] == pytest.approx(1.0, rel=1e-14)


def test_no_closed_form() -> None:
    with pytest.raises(LookupError, match=r"Use qwpinn.references.legendre_galerkin"):
        Sampled([0, 1], [0, 1]).levels(2)


def test_values_and_breakpoints_of_the_wells() -> None:
    well, barrier = FiniteWell(20.0, 2.0, 6.0), FiniteBarrier(50.0, 0.2, 1.0)
    np.testing.assert_array_equal(well([-3, -1.5, -1, 0, 0.999, 1, 3]), [20, 20, 0, 0, 0, 20, 20])
    np.testing.assert_array_equal(barrier([0, 0.399, 0.4, 0.5, 0.6, 1.0]), [0, 0, 50, 50, 0, 0])
    assert well.breakpoints == (-1.0, 1.0)
    assert barrier.breakpoints == (0.4, 0.6)
    assert InfiniteWell().breakpoints == FiniteWell(0.0, 1.0, 2.0).breakpoints == ()
    assert well.interval == (-3.0, 3.0)
    assert well(np.zeros((2, 3))).shape == well.weight(np.zeros((2, 3))).shape == (2, 3)
    assert well(0.0).shape == ()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: InfiniteWell(-1.0), r"`width` must be a positive, finite length. .*width=-1.0"),
        (lambda: InfiniteWell(0.0), r"`width` must be a positive, finite length. .*width=0.0"),
        (lambda: InfiniteWell(math.nan), r"`width` must be a positive, finite length. .*width=nan"),
        (lambda: InfiniteWell(math.inf), r"`width` must be a positive, finite length. .*width=inf"),
        (lambda: FiniteWell(depth=-1.0), r"`depth` must be a finite energy that is not negative"),
        (lambda: FiniteWell(depth=math.nan), r"`depth` must be a finite energy .*depth=nan"),
        (lambda: FiniteWell(box=math.inf), r"`box` must be a positive, finite length. .*box=inf"),
        (lambda: FiniteWell(width=6.0, box=6.0), r"`width` must be below `box`. .*box=6.0"),
        (lambda: FiniteBarrier(height=math.inf), r"`height` must be a finite energy"),
        (lambda: FiniteBarrier(width=math.nan), r"`width` must be a positive, .*width=nan"),
        (lambda: FiniteBarrier(width=2.0, box=1.0), r"Received: width=2.0, box=1.0"),
        (lambda: PiecewiseConstant([0, 1], [1, 2]), r"`values` must be 1 numbers"),
        (lambda: PiecewiseConstant([1, 0], [1]), r"`edges` must increase strictly"),
        (lambda: PiecewiseConstant([0, 1], [1], [0.0]), r"`min\(weights\)` must be a positive"),
        (
            lambda: PiecewiseConstant([0, math.inf], [1]),
            r"`edges` must hold finite .*inf at index 1",
        ),
        (lambda: PiecewiseConstant([0, 1], [math.nan]), r"`values` must hold finite numbers"),
    ],
)
def test_bad_arguments(make: Callable[[], Potential], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("width", ["1", True, None, [1.0], 1j])
def test_lengths_are_real_numbers(width: Any) -> None:
    with pytest.raises(TypeError, match=r"`width` must be a real number. Received: width="):
        InfiniteWell(width)


@settings(max_examples=30, deadline=None)
@given(
    step=st.floats(0.0, 1e4),
    width=st.floats(0.05, 0.95),
    s=st.floats(0.1, 10.0),
    make=st.sampled_from([FiniteWell, FiniteBarrier]),
)
def test_levels_scale_and_increase(
    step: float, width: float, s: float, make: Callable[..., Potential]
) -> None:
    levels = make(step, width, 1.0).levels(6)
    scaled = make(step / s**2, s * width, s).levels(6)
    np.testing.assert_allclose(scaled * s**2, levels, rtol=1e-12)
    assert np.all(np.diff(levels) >= 0.0)
    assert np.all(make(step + 1.0, width, 1.0).levels(6) >= levels * (1.0 - 1e-13))
