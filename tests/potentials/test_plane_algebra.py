"""Algebra of planes: values, regions and levels of what operators and methods make."""

import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwpinn.equation.plane_mesh import PlaneMesh
from qwpinn.potentials import (
    Box2D,
    CircularDot,
    CoupledDots,
    Disc,
    FiniteWell,
    Harmonic2D,
    HenonHeiles,
    InfiniteWell,
    Plane,
    Rectangle,
    RectangularDot,
    UniformField,
    potential_from_config,
)
from qwpinn.potentials.plane_algebra import PlaneMoved, PlaneScaled, PlaneSum, total

WALLS = (-3.0, 3.0, -2.0, 2.0)
BOWL = Plane(
    lambda x, y: x**2 + y,
    WALLS,
    [Disc((0.5, 0.0), 1.2, lambda x, y: 3.0 * y), Rectangle((-2.5, -1.5, -1, 1), -4.0)],
)
FLAT = Plane(2.0, WALLS, [Disc((0.5, 0.0), 1.2, -1.0), Disc((0.5, 0.1), 0.4, 7.0)])
EVERY = [
    BOWL + FLAT,
    FLAT - BOWL,
    2.0 * BOWL - 3.0,
    -FLAT,
    FLAT / 4.0 + 1.0,
    (1.0 - CircularDot()) + HenonHeiles(half=3.0),
    CoupledDots().shifted((1.0, -2.0)),
    FLAT.stretched(1.5).shifted((0.2, 0.1)),
    (2.0 * (FLAT + 1.0)).stretched(0.5) - 4.0,
]


def points(well, count=400):
    x0, x1, y0, y1 = well.box
    return np.random.default_rng(0).uniform([[x0], [y0]], [[x1], [y1]], (2, count))


@pytest.mark.parametrize("well", [BOWL, FLAT, CircularDot()], ids=["bowl", "flat", "dot"])
def test_numbers_lift_and_scale(well):
    x, y = points(well)
    v = well(x, y)
    for made, expected in (
        (well + 3.0, v + 3.0),
        (3.0 + well, v + 3.0),
        (well - 3.0, v - 3.0),
        (3.0 - well, 3.0 - v),
        (2.0 * well, 2.0 * v),
        (np.float64(2.0) * well, 2.0 * v),
        (well / 4.0, v / 4.0),
        (-well, -v),
        (2.0 * (well - 3.0) + 1.0, 2.0 * (v - 3.0) + 1.0),
    ):
        np.testing.assert_allclose(made(x, y), expected, rtol=1e-14, atol=1e-13)
        assert (made.box, made.constant_outside) == (well.box, well.constant_outside)
        assert [region.kink for region in made.regions] == [r.kink for r in well.regions]
    assert 2.0 * (well - 3.0) + 1.0 == PlaneScaled(well, 2.0, -5.0)
    assert (well + 3.0).minimum == pytest.approx(well.minimum + 3.0, abs=1e-12)


def test_sums_are_sums_everywhere():
    x, y = points(BOWL, 2000)
    for one, other in ((BOWL, FLAT), (FLAT, BOWL), (FLAT, FLAT), (BOWL, BOWL)):
        np.testing.assert_allclose((one + other)(x, y), one(x, y) + other(x, y), rtol=1e-14)
        np.testing.assert_allclose((one - other)(x, y), one(x, y) - other(x, y), atol=1e-13)


def test_equal_boundaries_are_one_and_others_are_kept_in_order():
    made = BOWL + FLAT
    assert [region.kink for region in made.regions] == [
        ("disc", (0.5, 0.0, 1.2)),
        ("rectangle", (-2.5, -1.5, -1.0, 1.0)),
        ("disc", (0.5, 0.1, 0.4)),
    ]
    assert [callable(region.value) for region in made.regions] == [True, False, True]
    # Of two numbers the sum is one, and of the rectangle it is that with V outside the discs.
    assert made.regions[1].value == -4.0 + 2.0
    assert not made.constant_outside
    assert (FLAT + FLAT).constant_everywhere
    assert [region.value for region in (FLAT + FLAT).regions] == [-2.0, 14.0]


def test_a_region_within_one_of_the_other_has_both_values():
    outer = Plane(1.0, WALLS, [Rectangle((-2, 2, -1.5, 1.5), 10.0)])
    inner = Plane(200.0, WALLS, [Disc((0.0, 0.0), 1.0, 3000.0), Disc((0.0, 0.0), 0.5, 40000.0)])
    for made in (outer + inner, inner + outer):
        found = made([2.5, 1.5, 0.7, 0.1], np.zeros(4))
        np.testing.assert_array_equal(found, [201.0, 210.0, 3010.0, 40010.0])
        assert made.constant_everywhere
        rule = PlaneMesh(made, 2).quadrature(2000, 10)
        inside = np.pi * 0.75 * 3010.0 + np.pi * 0.25 * 40010.0
        expected = 201.0 * 12.0 + 210.0 * (12.0 - np.pi) + inside
        assert rule.weights @ made(rule.nodes) == pytest.approx(expected, rel=1e-10)


@given(
    stretch=st.floats(0.2, 5.0),
    dx=st.floats(-4.0, 4.0),
    dy=st.floats(-4.0, 4.0),
    first=st.booleans(),
)
def test_walls_and_regions_move_along(stretch, dx, dy, first):
    if first:
        made, add = BOWL.shifted((dx, dy)).stretched(stretch), (stretch * dx, stretch * dy)
    else:
        made, add = BOWL.stretched(stretch).shifted((dx, dy)), (dx, dy)
    assert type(made.potential) is Plane
    u, v = np.random.default_rng(1).uniform([[-3.0], [-2.0]], [[3.0], [2.0]], (2, 60))
    # Not at a boundary, where rounding decides.
    clear = np.min([np.abs(region.distance(u, v)) for region in BOWL.regions], axis=0) > 1e-9
    u, v = u[clear], v[clear]
    x, y = stretch * u + add[0], stretch * v + add[1]
    np.testing.assert_allclose(made(x, y), BOWL(u, v), rtol=1e-9, atol=1e-9)
    expected = stretch * np.array(BOWL.box) + np.repeat(add, 2)
    np.testing.assert_allclose(made.box, expected, atol=1e-12)


def test_lines_of_sums_along_axes_are_kept_and_move_along():
    stairs = Plane.sum(FiniteWell(4.0, 2.0, 6.0), InfiniteWell(4.0))
    square = Plane(1.0, stairs.box, [Rectangle((-2.5, 2.5, 1.0, 3.0), 2.0)])
    made = stairs + square
    assert made.lines == stairs.lines == ((-1.0, 1.0), ())
    assert (2.0 * made - 1.0).lines == made.lines
    assert made.stretched(2.0).shifted((3.0, 1.0)).lines == ((1.0, 5.0), ())
    x, y = points(made)
    np.testing.assert_array_equal(made(x, y), stairs(x, y) + square(x, y))
    rule = PlaneMesh(made, 2).quadrature(500, 6)
    assert rule.weights @ made(rule.nodes) == pytest.approx(64.0 + 24.0 + 10.0, rel=1e-13)


@pytest.mark.parametrize("number", range(len(EVERY)))
def test_round_trips(number):
    well = EVERY[number]
    config = json.loads(json.dumps(well.to_config()))
    again = potential_from_config(config)
    assert type(again) is type(well)
    x, y = points(well)
    np.testing.assert_allclose(again(x, y), well(x, y), atol=1e-11)
    assert [region.kink for region in again.regions] == [r.kink for r in well.regions]
    assert again.to_config() == config
    kept = pickle.loads(pickle.dumps(again))
    np.testing.assert_array_equal(kept(x, y), again(x, y))


def test_levels_are_those_of_what_is_lifted_or_shifted():
    box = Box2D(1.0, 1.3)
    np.testing.assert_allclose((box + 7.0).levels(5), box.levels(5) + 7.0, rtol=1e-15)
    np.testing.assert_array_equal(box.shifted((3.0, -1.0)).levels(5), box.levels(5))
    np.testing.assert_allclose((box - 2.0).shifted((3.0, -1.0)).levels(5), box.levels(5) - 2.0)
    for made in (2.0 * Harmonic2D(), Harmonic2D().stretched(2.0), box + box):
        with pytest.raises(LookupError, match=rf"`{type(made).__name__}` must have a closed form"):
            made.levels(1)
    # What knows its levels knows them in another unit of length, 4 times as high.
    np.testing.assert_allclose((box + 7.0).in_length(0.5).levels(3), box.levels(3) / 4.0 + 7.0)
    moved = box.shifted((3.0, -1.0)).in_length(0.5)
    assert moved.box == pytest.approx((6.0, 8.0, -2.0, 0.6), rel=1e-14)
    np.testing.assert_allclose(moved.levels(3), box.levels(3) / 4.0, rtol=1e-14)


def test_numbers_of_either_part_are_varied():
    made = CircularDot() + (CircularDot(depth=7.0) + UniformField(CircularDot().box, 2.0))
    assert made.varied("first.depth", 30.0).first == CircularDot(depth=30.0)
    tilted = made.varied("second.second.slope_x", 5.0)
    assert tilted.second.second == UniformField(CircularDot().box, 5.0)
    assert (tilted.first, tilted.second.first) == (made.first, made.second.first)
    assert tilted([0.5], [0.0])[0] == 0.5 * 5.0
    assert made.dimensions["second.second.slope_x"] == (1.0, -1.0)
    assert made.dimensions["first.radius"] == (0.0, 1.0)
    measured = made.in_units("nm", "meV")
    assert measured.varied("second.first.depth", "1 eV").potential.second.first.depth == 1000.0
    assert measured.unit("second.second.slope_x") == "meV/nm"
    for name in ("depth", "third.depth", "first.", "first"):
        with pytest.raises(ValueError, match=r"`parameter` must be 'first\.' or 'second\.' and"):
            made.varied(name, 1.0)
    with pytest.raises(ValueError, match=r"must be one of radius, depth"):
        made.varied("first.width", 1.0)
    with pytest.raises(ValueError, match=r"`depth` must be a positive"):
        made.varied("first.depth", -1.0)


def test_parts_of_numbers_are_numbers():
    assert total(1.0, 2.0) == 3.0
    made = total(lambda x, y: x * y, 2.0)
    np.testing.assert_array_equal(made(np.array([1.0, 2.0]), np.array([3.0, 4.0])), [5.0, 10.0])
    assert PlaneMoved(CircularDot(), 2.0).regions == (Disc((0.0, 0.0), 2.0, 0.0),)
    assert PlaneSum(CircularDot(), CircularDot(depth=7.0)).regions == CircularDot().regions
    assert PlaneScaled(CircularDot(), 2.0, 1.0).regions == (Disc((0.0, 0.0), 1.0, 1.0),)


class _Heavy(Box2D):
    rho = 4.0


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: Box2D() + Box2D(1.0, 2.0),
            ValueError,
            r"`second` must have the walls of `first`, \(0\.0, 1\.0, 0\.0, 1\.0\)\. Rec.*2\.0",
        ),
        (lambda: Box2D() + _Heavy(), ValueError, r"weight rho of `first`, 1. Received: 4"),
        (
            lambda: Box2D() + InfiniteWell(),
            TypeError,
            r"`second` must be a potential of the plane. Received: second of type InfiniteWell",
        ),
        (lambda: Box2D() + "1", TypeError, r"unsupported operand"),
        (lambda: Box2D() * Box2D(), TypeError, r"unsupported operand"),
        (lambda: Box2D() / 0, ZeroDivisionError, r"`Box2D` must be divided by a number"),
        (lambda: Box2D() + np.nan, ValueError, r"`offset` must be finite"),
        (lambda: np.inf * Box2D(), ValueError, r"`factor` must be finite"),
        (lambda: PlaneScaled(3.0), TypeError, r"`potential` must be a potential of the plane"),
        (lambda: Box2D().shifted(1.0), ValueError, r"`distance` must be two numbers"),
        (lambda: Box2D().shifted((1.0, np.nan)), ValueError, r"`distance` must hold finite"),
        (lambda: Box2D().stretched(0.0), ValueError, r"`factor` must be a positive"),
        (lambda: PlaneMoved(Box2D(), -1.0), ValueError, r"`stretch` must be a positive"),
        (
            lambda: RectangularDot(box=CoupledDots().box) + CoupledDots(),
            ValueError,
            r"`regions` must be disjoint or nested.*Received: regions\[0\] and regions\[1\], -",
        ),
        (
            lambda: (
                CircularDot()
                + Plane.sum(InfiniteWell(6.0), FiniteWell(width=1.0)).shifted((-3.0, 0.0))
            ),
            ValueError,
            r"`second` must have no line along x.*Received: y=-0\.5, and a disc from -1 to 1",
        ),
        (
            lambda: Box2D() + Box2D().in_units("nm"),
            TypeError,
            r"`second` must have numbers without units",
        ),
        (
            lambda: PlaneMoved(Box2D().in_units("nm", "meV")),
            TypeError,
            r"`potential` must have numbers without units.*PlaneInUnits, in nm, meV",
        ),
    ],
)
def test_bad_input(make, error, message):
    with pytest.raises(error, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
