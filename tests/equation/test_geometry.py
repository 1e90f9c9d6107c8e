"""Geometry: what a line and a plane answer to the same questions."""

import numpy as np
import pytest

from qwpinn.equation.geometry import LINE, PLANE, geometry_of, mesh_of, scaling_of, values
from qwpinn.equation.regions import Disc, Rectangle
from qwpinn.potentials import Box2D, CustomPotential, FiniteWell, PiecewiseConstant, Plane

WELL = FiniteWell(depth=20.0, width=2.0, box=6.0)
REGIONS = [Disc((1.0, 2.0), 0.5, -3.0), Rectangle((2.0, 2.5, 1.0, 1.5), 4.0)]
FLAT = Plane(1.0, (0.0, 3.0, 0.5, 3.5), REGIONS)


def test_a_well_knows_where_it_lives():
    assert geometry_of(WELL) is LINE
    assert geometry_of(FLAT) is PLANE
    assert (LINE.dimension, PLANE.dimension) == (1, 2)
    assert (LINE.axes, PLANE.axes) == (("x",), ("x", "y"))
    np.testing.assert_array_equal(LINE.walls(WELL), [[-3.0, 3.0]])
    np.testing.assert_array_equal(PLANE.walls(FLAT), [[0.0, 3.0], [0.5, 3.5]])


def test_landmarks_are_walls_and_where_v_is_not_smooth():
    np.testing.assert_array_equal(LINE.landmarks(WELL), [-3.0, -1.0, 1.0, 3.0])
    expected = [0.0, 3.0, 0.5, 3.5, 0.5, 1.5, 1.5, 2.5, 2.0, 2.5, 1.0, 1.5]
    np.testing.assert_array_equal(PLANE.landmarks(FLAT), expected)


@pytest.mark.parametrize("well", [WELL, FLAT], ids=["line", "plane"])
def test_meshes_and_scalings_are_of_the_wells_own_kind(well):
    scaling, mesh = scaling_of(well), mesh_of(well, 4)
    assert type(scaling) is geometry_of(well).scaling
    assert type(mesh) is geometry_of(well).mesh
    assert (mesh.states, mesh.scaling) == (4, scaling)
    assert scaling.energy_origin == well.minimum
    assert scaling.half_width == pytest.approx(3.0 if well is WELL else 1.5)
    # A restored model has a scaling of its own.
    other = type(scaling)(scaling.walls, -9.0, 1.0)
    assert mesh_of(well, 4, other).scaling is other


def test_positions_are_rows_between_the_walls():
    np.testing.assert_array_equal(LINE.positions(WELL, [-3, 0, 2]), [[-3.0], [0.0], [2.0]])
    found = PLANE.positions(FLAT, [[0, 1], [3, 3.5]])
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [[0.0, 1.0], [3.0, 3.5]])
    assert PLANE.positions(FLAT, np.zeros((0, 2))).shape == (0, 2)
    # What rounding has moved across a wall is moved back.
    np.testing.assert_array_equal(
        PLANE.positions(FLAT, [[-1e-13, 1.0], [3.0 + 1e-13, 3.5 + 1e-13], [1.0, 0.5 - 1e-13]]),
        [[0.0, 1.0], [3.0, 3.5], [1.0, 0.5]],
    )


@pytest.mark.parametrize(
    ("points", "error", "message"),
    [
        ([0.5, 1.0], ValueError, r"`x` must have shape \(n, 2\), a row a point.*shape=\(2,\)"),
        ([[0.5, 1.0, 2.0]], ValueError, r"`x` must have shape \(n, 2\).*shape=\(1, 3\)"),
        ([[1.0, 1.0], [1.0, 3.6]], ValueError, r"x from 0 to 3 and y from 0\.5 to 3.*\(1, 3\.6\)"),
        ([[-1e-9, 1.0]], ValueError, r"`x` must lie in the box.*Received: \(-1e-09, 1\)"),
        ([[np.nan, 1.0]], ValueError, r"`x` must hold finite numbers"),
        ([["a", "b"]], TypeError, r"`x` must hold real numbers"),
        ([[1j, 1.0]], TypeError, r"`x` must hold real numbers.*complex128"),
    ],
)
def test_points_of_another_kind_are_refused(points, error, message):
    with pytest.raises(error, match=message):
        PLANE.positions(FLAT, points)


def test_points_beyond_the_ends_of_a_line_are_refused():
    with pytest.raises(ValueError, match=r"3\.5"):
        LINE.positions(WELL, [0.0, 3.5])


def test_values_are_those_of_v_and_finite():
    np.testing.assert_array_equal(values(WELL, np.array([-2.0, 0.0])), [20.0, 0.0])
    points = np.array([[1.0, 2.0], [2.2, 1.2], [2.9, 3.0]])
    np.testing.assert_array_equal(values(FLAT, points), [-3.0, 4.0, 1.0])
    pole = Plane(lambda x, y: 1.0 / (x - y), (0.0, 1.0, 0.0, 1.0))
    assert values(pole, np.array([[0.5, 0.25]])) == pytest.approx(4.0)
    with pytest.raises(ValueError, match=r"`potential` must be finite.*V=inf at x=0\.5, y=0\.5"):
        values(pole, np.array([[0.5, 0.25], [0.5, 0.5]]))
    line = CustomPotential(lambda x: 1.0 / x, (0.0, 1.0))
    with pytest.raises(ValueError, match=r"`potential` must be bounded.*V\(0\) = inf"):
        values(line, np.array([0.5, 0.0]))


def test_only_what_may_hide_jumps_is_searched():
    assert LINE.searched(CustomPotential(lambda x: x**2, (-1.0, 1.0)))
    assert not LINE.searched(PiecewiseConstant([0, 1, 2], [0, 5]))
    assert not PLANE.searched(FLAT)
    assert not geometry_of(Box2D()).searched(Box2D())
