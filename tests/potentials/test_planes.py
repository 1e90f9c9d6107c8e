"""Ready planes: values, levels in closed form, descriptions, and what is refused."""

import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwpinn.potentials import (
    Box2D,
    CircularDot,
    CoupledDots,
    Gaussians2D,
    Harmonic2D,
    HenonHeiles,
    RectangularDot,
    UniformField,
    potential_from_config,
)
from qwpinn.potentials.planes import REACH

WALLS = (-3.0, 3.0, -2.0, 2.0)
EVERY = [
    Box2D(1.0, 1.3),
    Harmonic2D(1.0, 2.0, 5.0),
    Harmonic2D(),
    HenonHeiles(),
    CircularDot(0.7, 30.0),
    CircularDot(0.7, half=1.0),
    RectangularDot(1.5, 1.0, 20.0, (-2, 2, -1, 1)),
    CoupledDots(),
    UniformField(WALLS, 2.0, slope_y=-0.5),
    Gaussians2D([(-1, 0), (1, 0.5), (0, -1)], [20, -5, 3.0], np.array([0.5, 0.3, 1.0]), WALLS),
]
SIDES = st.floats(0.1, 10.0)


@pytest.mark.parametrize(
    ("well", "inside", "edge"),
    [
        (CircularDot(1.2, 30.0), lambda x, y: x**2 + y**2 < 1.44, 30.0),
        (RectangularDot(2.0, 1.0, 25.0), lambda x, y: (abs(x) < 1.0) & (abs(y) < 0.5), 25.0),
        (CoupledDots(0.6, 2.0, 40.0), lambda x, y: (abs(x) - 1.0) ** 2 + y**2 < 0.36, 40.0),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
def test_dots_are_zero_inside_and_deep_outside(well, inside, edge):
    x0, x1, y0, y1 = well.box
    rng = np.random.default_rng(0)
    x, y = rng.uniform(x0, x1, 3000), rng.uniform(y0, y1, 3000)
    expected = np.where(inside(x, y), 0.0, edge)
    assert set(expected) == {0.0, edge}
    np.testing.assert_array_equal(well(x, y), expected)
    np.testing.assert_array_equal(well(np.stack([x, y], axis=-1)), expected)
    assert well.constant_outside
    assert well.minimum == 0.0


def test_smooth_wells_are_their_formulas():
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-2.0, 2.0, (2, 5, 4))
    np.testing.assert_array_equal(Box2D(5.0, 5.0)(x, y), np.zeros((5, 4)))
    np.testing.assert_allclose(Harmonic2D(1.5, 2.0)(x, y), 2.25 * x**2 + 4.0 * y**2)
    # In polar coordinates r^2 + (2 l / 3) r^3 sin 3 phi.
    r, phi = np.hypot(x, y), np.arctan2(y, x)
    expected = r**2 + 0.2 / 3.0 * r**3 * np.sin(3.0 * phi)
    np.testing.assert_allclose(HenonHeiles(0.1)(x, y), expected, rtol=1e-12, atol=1e-14)
    field = UniformField((-2.0, 2.0, -2.0, 2.0), 3.0, -1.5)
    np.testing.assert_array_equal(field(x, y), 3.0 * x - 1.5 * y)
    assert field.minimum == -9.0
    one = Gaussians2D([(0.3, -0.4)], [20.0], [0.5])
    assert one(0.3, -0.4) == -20.0
    assert one(0.3 + 0.5, -0.4) == pytest.approx(-20.0 * np.exp(-0.5))
    both = Gaussians2D([(0.3, -0.4), (-1, 0)], [20.0, -3.0], [0.5, 0.8])
    other = Gaussians2D([(-1, 0)], [-3.0], [0.8])
    np.testing.assert_allclose(both(x, y), one(x, y) + other(x, y), rtol=1e-12)


def test_three_saddles_are_as_high_as_the_textbook_says():
    """At r = 1 / l, three of them, V = 1 / (3 l^2)."""
    well = HenonHeiles()
    angle = np.pi / 2 + 2.0 * np.pi / 3.0 * np.arange(3)
    x, y = np.cos(angle) / well.strength, np.sin(angle) / well.strength
    np.testing.assert_allclose(well(x, y), 1.0 / (3.0 * 0.0125), rtol=1e-12)
    assert max(abs(side) for side in well.box) < 1.0 / well.strength


def test_values_keep_the_shape_of_points():
    for well in EVERY:
        assert well(0.3, 0.4).shape == ()
        assert well(np.full((4, 1), 0.3), np.full(3, 0.4)).shape == (4, 3)
        points = np.full((5, 2, 2), 0.3)
        assert well(points).shape == well.weight(points).shape == (5, 2)
        assert well(np.array([1, 0]), np.array([0, 1])).dtype == np.float64


@given(SIDES, SIDES, st.integers(1, 12))
def test_levels_of_a_box(width, height, count):
    m, n = np.meshgrid(np.arange(1, 40), np.arange(1, 40))
    squares = np.pi**2 * ((m / width) ** 2 + (n / height) ** 2)
    found = Box2D(width, height).levels(count)
    np.testing.assert_allclose(found, np.sort(squares.ravel())[:count], rtol=1e-14)


@given(SIDES, SIDES, st.integers(1, 4))
def test_levels_of_an_oscillator(a, b, count):
    m, n = np.meshgrid(np.arange(40), np.arange(40))
    found = Harmonic2D(a, b, 12.0).levels(count)
    expected = np.sort((a * (2 * m + 1) + b * (2 * n + 1)).ravel())[:count]
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    # Walls are as far off in units of the ground state as asked.
    _, x1, _, y1 = Harmonic2D(a, b, reach=5.0).box
    np.testing.assert_allclose([x1 * a**0.5, y1 * b**0.5], 5.0, rtol=1e-12)


def test_levels_that_walls_shift_are_not_said():
    with pytest.raises(LookupError, match=r"`n` must leave out levels that the walls shift"):
        Harmonic2D(1.0, 2.0, reach=4.0).levels(1)
    np.testing.assert_array_equal(Harmonic2D(1.0, 2.0).levels(4), [3.0, 5.0, 7.0, 7.0])
    with pytest.raises(LookupError, match=r"walls shift"):
        Harmonic2D(1.0, 2.0).levels(40)
    # Of N = m + 2 n there are N // 2 + 1 states, 20 of up to 7, with energies 3 + 2 N.
    assert Harmonic2D(1.0, 2.0, reach=12.0).levels(20)[-1] == 17.0


def test_default_walls_go_along_with_the_mass():
    """Of hbar^2/2m = k the ground state is k^(1/4) as wide; walls that were given stay."""
    well = Harmonic2D(1.0, 4.0)
    assert well.box == (-REACH, REACH, -REACH / 2.0, REACH / 2.0)
    walled = well.walled(16.0)
    assert walled == Harmonic2D(1.0, 4.0, 2.0 * REACH)
    assert Harmonic2D(reach=5.0).walled(16.0) == Harmonic2D(reach=5.0)


@pytest.mark.parametrize("well", EVERY, ids=lambda well: well.name)
def test_a_description_restores_them(well):
    text = json.dumps(well.to_config())
    again = potential_from_config(json.loads(text))
    assert type(again) is type(well)
    assert again == well
    assert hash(again) == hash(well)
    assert json.dumps(again.to_config()) == text
    assert pickle.loads(pickle.dumps(well)) == well
    x, y = np.random.default_rng(2).uniform(-0.9, 0.9, (2, 50))
    np.testing.assert_array_equal(again(x, y), well(x, y))


def test_boxes_and_regions_are_where_they_are_said_to_be():
    assert Box2D(2.0, 3.0).box == (0.0, 2.0, 0.0, 3.0)
    assert CircularDot(0.5).box == (-1.5, 1.5, -1.5, 1.5)
    assert CircularDot(0.5, half=0.7).box == (-0.7, 0.7, -0.7, 0.7)
    assert [disc.centre for disc in CoupledDots(distance=3.0).regions] == [(-1.5, 0), (1.5, 0)]
    assert RectangularDot().regions[0].box == (-1.0, 1.0, -0.7, 0.7)
    assert HenonHeiles(half=4).box == (-4.0, 4.0, -4.0, 4.0)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Box2D(0.0), ValueError, r"`width` must be a positive, finite length"),
        (lambda: Box2D(1.0, "tall"), TypeError, r"`height` must be a real number"),
        (lambda: Harmonic2D(b=-1.0), ValueError, r"`b` must be a positive, finite frequency"),
        (lambda: Harmonic2D(0.0), ValueError, r"`a` must be a positive, finite frequency"),
        (lambda: Harmonic2D(reach=np.inf), ValueError, r"`reach` must be a positive, finite"),
        (lambda: HenonHeiles(-0.1), ValueError, r"`strength` must be a finite number that is not"),
        (lambda: HenonHeiles(half=0), ValueError, r"`half` must be a positive, finite length"),
        (lambda: CircularDot(-1.0), ValueError, r"`radius` must be a positive, finite length"),
        (lambda: CircularDot(depth=0.0), ValueError, r"`depth` must be a positive, finite energy"),
        (lambda: CircularDot(1.0, half=0.5), ValueError, r"`regions` must be inside the box"),
        (lambda: CircularDot(half=True), TypeError, r"`half` must be a real number"),
        (
            lambda: RectangularDot(width=7.0, box=(-3, 3, -2, 2)),
            ValueError,
            r"from \(-3\.5, -0\.7\) to \(3\.5, 0\.7\)",
        ),
        (lambda: RectangularDot(box=(0, 1, 0, 1)), ValueError, r"`regions` must be inside the box"),
        (lambda: CoupledDots(distance=1.0), ValueError, r"disjoint or nested.*-0\.6 apart"),
        (lambda: CoupledDots(distance=-2.2), ValueError, r"`distance` must be a positive"),
        (lambda: UniformField(WALLS, np.inf), ValueError, r"`slope_x` must be finite"),
        (lambda: UniformField(WALLS, slope_y="up"), TypeError, r"`slope_y` must be a real"),
        (lambda: UniformField((1, 0, 0, 1)), ValueError, r"`box` must be four numbers"),
        (lambda: Gaussians2D(depths=(1.0,)), ValueError, r"`centres` must be points.*\(1,\) and"),
        (lambda: Gaussians2D(centres=(1.0, 2.0)), ValueError, r"`centres` must be points \(x, y\)"),
        (lambda: Gaussians2D([], [], []), ValueError, r"`centres` must be points.*shapes \(0,\)"),
        (lambda: Gaussians2D(widths=(0.5, 0.0)), ValueError, r"`widths` must be a positive"),
        (lambda: Gaussians2D(depths=(np.inf, 1.0)), ValueError, r"`depths` must hold finite"),
        (lambda: Gaussians2D(box=(0, 0, 1, 1)), ValueError, r"`box` must be four numbers"),
    ],
)
def test_bad_input(make, error, message):
    with pytest.raises(error, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_default_walls_go_along_with_the_size_and_given_ones_stay():
    assert CoupledDots().box == (-3.5, 3.5, -2.5, 2.5)
    assert RectangularDot().box == (-3.0, 3.0, -2.5, 2.5)
    assert CoupledDots(10.0, 24.0).varied("distance", 30.0).box == (-45.0, 45.0, -31.25, 31.25)
    assert RectangularDot().varied("width", 4.0).box == (-6.0, 6.0, -2.5, 2.5)
    wide = CoupledDots(box=(-5, 5, -4, 4))
    assert wide.varied("distance", 3.0).box == wide.box == (-5.0, 5.0, -4.0, 4.0)
    assert CoupledDots().varied("depth", 10.0) == CoupledDots(depth=10.0)
