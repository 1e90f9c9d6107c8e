"""Sides that cut V off: what they do to a level, against the disc in the open plane."""

import numpy as np
import pytest

from qwpinn.equation.plane_cuts import cut_sides, shift_of
from qwpinn.potentials import Box2D, CircularDot, InfiniteWell, Plane, UniformField


def test_sides_have_their_lengths_and_normals():
    sides = cut_sides(CircularDot(1.0, 5.0, half=2.0))
    assert [side.axis for side in sides] == [0, 0, 1, 1]
    for side, at in zip(sides, (-2.0, 2.0, -2.0, 2.0), strict=True):
        assert side.weights.sum() == pytest.approx(4.0, rel=1e-13)
        np.testing.assert_array_equal(side.nodes[:, side.axis], at)
        assert np.ptp(side.nodes[:, 1 - side.axis]) > 3.9


def test_walls_are_no_cuts_and_sums_and_shifts_have_those_of_their_parts():
    assert cut_sides(Box2D()) == cut_sides(Plane(0.0, (0, 1, 0, 1))) == []
    dot = CircularDot()
    for well in (dot + UniformField(dot.box, 1.0), dot.shifted((1.0, 0.0)), 2.0 * dot):
        assert well.cut_sides == (True, True, True, True)
        assert well.in_units("nm", "meV").cut_sides == (True, True, True, True)
    assert Plane.sum(InfiniteWell(), InfiniteWell()).cut_sides == (False,) * 4


def test_a_shift_is_the_integral_of_the_squared_slope_over_twice_kappa():
    """V = 5 at the sides; slopes 3 along a side of length 4."""
    well = CircularDot(1.0, 5.0, half=2.0)
    (left, *_) = cut_sides(well)
    slopes = np.full((left.weights.size, 2), 3.0)
    found = shift_of(well, np.array([1.0, 5.0]), left, slopes)
    assert found[0] == pytest.approx(4.0 * 9.0 / (2.0 * 2.0), rel=1e-12)
    assert found[1] == np.inf
