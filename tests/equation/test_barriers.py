"""Barriers that the Pruefer angle leaps over: the counts are those of following it all the way."""

import math
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation import barriers
from qwpinn.potentials import CustomPotential, PiecewiseConstant, Potential
from qwpinn.references import count_below, pruefer_angle

Array = NDArray[np.float64]


def square(half: float, centre: float = 0.0) -> CustomPotential:
    return CustomPotential(lambda x: (x - centre) ** 2, interval=(-half, half))


def followed(potential: Potential, energy: float) -> float:
    """The angle without a leap: nothing has so many e-foldings."""
    with mock.patch.object(barriers, "ATTRACTED", 1e30):
        assert len(barriers.legs(potential, energy)) == 1
        return pruefer_angle(potential, energy)


@pytest.mark.parametrize("half", [30.0, 1e3, 1e6])
def test_levels_of_a_narrow_well_in_a_wide_box_are_counted(half: float) -> None:
    """E_n = 2 n + 1, with up to 1e12 e-foldings on either side."""
    well = square(half, centre=0.7)
    for n in range(3):
        assert count_below(well, (2 * n + 1) * (1.0 - 1e-9)) == n
        assert count_below(well, (2 * n + 1) * (1.0 + 1e-9)) == n + 1


def test_panels_do_not_grow_with_the_box() -> None:
    sizes = [
        sum(leg.inward.size + leg.edges.size for leg in barriers.legs(square(half), 2.0))
        for half in (1e3, 1e4, 1e5, 1e6)
    ]
    assert max(sizes) < 150


@pytest.mark.parametrize("width", [0.01, 1e-3, 1e-4])
def test_a_narrow_dip_in_a_barrier_is_not_leapt_over(width: float) -> None:
    """V = H - 2 / (w cosh((x - c) / w))^2 has one level below H, at H - 1 / w^2."""
    depth = 1.0 / width**2
    well = CustomPotential(
        lambda x: (
            1.1 * depth - 2.0 * depth / np.cosh(np.clip((x - 0.1234567) / width, -99, 99)) ** 2
        ),
        interval=(-1.0, 1.0),
    )
    level = 0.1 * depth
    assert len(barriers.legs(well, level)) == 3
    assert count_below(well, level * (1.0 - 1e-8)) == 0
    assert count_below(well, level * (1.0 + 1e-8)) == 1


def test_two_wells_on_either_side_of_a_leap_count_apart() -> None:
    """x^2 and x^2 + 1 behind a barrier that no double precision sees through."""
    pair = CustomPotential(
        lambda x: np.where(x < 0, (x + 60) ** 2, (x - 60) ** 2 + 1.0), (-120.0, 120.0), (0.0,)
    )
    energies = [0.999999, 1.000001, 1.999999, 2.000001, 2.999999, 3.000001, 4.000001, 6.9]
    assert [count_below(pair, energy) for energy in energies] == [0, 1, 1, 2, 2, 3, 4, 6]


def test_leaps_go_over_steps_inside_a_barrier_as_the_closed_form_does() -> None:
    stack = PiecewiseConstant(
        [0.0, 1.0, 1.5, 2.5, 2.6, 3.1, 4.0], [1e5, 9e4, 3e5, 2e5, 0.0, 1e5], [1, 2, 1, 3, 1, 0.5]
    )

    class Smooth(CustomPotential):
        def weight(self, x: ArrayLike) -> Array:
            return stack.weight(x)

    smooth = Smooth(stack, stack.interval, stack.breakpoints)
    for energy in (30.0, 40.0, 2e3, 5e4):
        assert len(barriers.legs(smooth, energy)) == 3
        expected = pruefer_angle(stack, energy)
        assert pruefer_angle(smooth, energy) == pytest.approx(expected, abs=1e-10)


@st.composite
def wells(draw: Any) -> tuple[Potential, float]:
    """Up to three dips in a tilted plateau of varying weight, and an energy."""
    height = 10.0 ** draw(st.floats(3.0, 5.0))
    dips = draw(
        st.lists(
            st.tuples(st.floats(-1.0, 1.0), st.floats(-2.5, -0.5), st.floats(0.2, 1.5)),
            min_size=1,
            max_size=3,
        )
    )
    tilt, wave, waves = draw(st.tuples(st.floats(-0.3, 0.3), st.floats(0, 0.8), st.floats(1, 30)))

    def v(x: Array) -> Array:
        each = [deep * np.exp(-(((x - c) / 10.0**w) ** 2)) for c, w, deep in dips]
        return np.asarray(height * (1.0 + tilt * x - sum(each)))

    class Weighted(CustomPotential):
        def weight(self, x: ArrayLike) -> Array:
            return np.asarray(1.0 + wave * np.sin(waves * np.asarray(x)))

    lowest = float(np.min(v(np.linspace(-1, 1, 2001))))
    return Weighted(v, (-1.0, 1.0)), lowest + draw(st.floats(0.01, 1.0)) * (height - lowest)


@settings(max_examples=12, deadline=None)
@given(case=wells())
def test_leaping_changes_no_angle(case: tuple[Potential, float]) -> None:
    potential, energy = case
    assert pruefer_angle(potential, energy) == pytest.approx(followed(potential, energy), abs=1e-11)


def test_no_force_at_all() -> None:
    flat = CustomPotential(lambda x: 0.0 * x, interval=(0.0, 1.0))
    assert pruefer_angle(flat, 0.0) == pytest.approx(math.pi / 4, abs=1e-12)
    assert count_below(flat, -1e7) == 0


def test_what_is_too_much_is_refused_in_one_line() -> None:
    with pytest.raises(ValueError, match=r"`energy` must let psi turn in at most 262144 panels"):
        count_below(square(1e4), 1e8)
    with pytest.raises(ValueError, match=r"more than the rounding of x.*Narrow the interval"):
        count_below(square(1e8), 1.0)
