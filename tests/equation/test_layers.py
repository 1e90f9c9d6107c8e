"""Constant layers: their edges, symmetric levels and angles."""

import numpy as np
import pytest

from qwpinn.equation.layers import (
    HalfLayer,
    finite_row,
    mirrored,
    outer_barriers,
    panel_of,
    stretched_angle,
    subdivided,
    symmetric_levels,
)
from qwpinn.potentials import PiecewiseConstant


def test_layers_and_weights() -> None:
    stack = PiecewiseConstant([0, 1, 2, 3], [1, 1, 1], weights=[1.0, 2.0, 2.0])
    assert stack.breakpoints == (1.0,)
    np.testing.assert_array_equal(stack.weight([0.5, 1.0, 3.0]), [1.0, 2.0, 2.0])
    assert hash(stack) == hash(PiecewiseConstant((0, 1, 2, 3), (1, 1, 1), (1, 2, 2)))


def test_an_edge_belongs_to_its_right_and_the_wall_to_the_last() -> None:
    edges = np.array([0.0, 1.0, 3.0])
    np.testing.assert_array_equal(panel_of([0.0, 0.9, 1.0, 3.0], edges), [0, 0, 1, 1])
    np.testing.assert_array_equal(subdivided(edges, 2), [0.0, 0.5, 1.0, 2.0, 3.0])


def test_layers_are_mirrored_to_the_last_digit() -> None:
    values = np.array([1.0, 0.0, 1.0])
    assert mirrored(np.array([0.0, 1.0, 2.0, 3.0]), values)
    assert not mirrored(np.array([0.0, 1.0, 2.0, np.nextafter(3.0, 4.0)]), values)
    assert not mirrored(np.array([0.0, 1.0, 2.0, 3.0]), values, np.arange(3.0))


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ([5, 5, 0, 1, 0], (True, False)),
        ([0, 0, 3, 4], (False, True)),
        ([2, 2], (False, False)),
    ],
)
def test_an_outer_barrier_is_above_the_next_that_differs(
    values: list[float], ends: tuple[bool, bool]
) -> None:
    assert outer_barriers(np.array(values)) == ends


@pytest.mark.parametrize("ratio", [0.01, 1.0, 30.0])
def test_a_stretched_angle_stays_on_its_branch(ratio: float) -> None:
    theta = np.linspace(-7.0, 7.0, 200)
    found = np.array([stretched_angle(angle, ratio) for angle in theta.tolist()])
    np.testing.assert_allclose(np.tan(found), ratio * np.tan(theta), rtol=1e-9)
    assert np.all(np.abs(found - theta) < np.pi / 2)


@pytest.mark.parametrize(("inner", "outer"), [(0.0, 20.0), (50.0, 0.0)])
def test_symmetric_levels_solve_the_equation_of_tangents(inner: float, outer: float) -> None:
    """Log-derivatives at the edge, with complex wavenumbers: even states first."""
    levels = symmetric_levels(6, HalfLayer(inner, 0.7), HalfLayer(outer, 1.3))
    k, q = np.emath.sqrt(levels - inner), np.emath.sqrt(levels - outer)
    inside = np.where(np.arange(6) % 2, k / np.tan(0.7 * k), -k * np.tan(0.7 * k))
    outside = -q / np.tan(1.3 * q)
    np.testing.assert_allclose(inside, outside, rtol=1e-9, atol=1e-9)


def test_a_row_has_one_number_a_layer() -> None:
    assert finite_row("values", np.arange(2), 2) == (0.0, 1.0)
    with pytest.raises(ValueError, match=r"`values` must be 3 numbers\. Received: shape=\(2,\)"):
        finite_row("values", [1.0, 2.0], 3)
