"""Classical solvers in the plane: closed forms, orders, and what they have no mesh for."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import jv, kv

from qwpinn.equation.regions import Disc, Rectangle, Region
from qwpinn.potentials import (
    Box2D,
    CircularDot,
    CoupledDots,
    Harmonic2D,
    HenonHeiles,
    Plane,
    RectangularDot,
)
from qwpinn.references import plane_differences, spectral_elements

# Of two independent methods each, which agree to these digits.
DOT = (4.4212888841933, 11.1606351044503, 11.1606351044503, 19.9067814622054, 19.9067814628566)
DOTS = (6.4709332820917, 6.4858118134318, 16.220407982435, 16.266242801098)
RECTANGLE = (5.3582372554489, 10.9801071057217, 15.5715049334375)
HENON = (1.9971895452092, 3.9801535201661, 3.9801535201661, 5.9124859779759)


class Heavy(Box2D):
    rho = 4.0


class Blob(Region):
    """A disc that is said to be no disc."""

    value, disc = 0.0, Disc((0.0, 0.0), 0.5, 0.0)
    kink = "disc", (0.0, 0.0, 0.5)

    extent = property(lambda self: self.disc.extent)
    boundary = crossings = distance = meets = scaled = exchanged = where = None

    def gap(self, other):
        return 1.0


def finite_dot(order, depth, below):
    """E with (k J'/J)(k) = (q K'/K)(q), q^2 = depth - E, for a disc of radius 1 in the plane."""

    def mismatch(energy):
        k, q = energy**0.5, (depth - energy) ** 0.5
        inner = k * (jv(order - 1, k) - jv(order + 1, k)) / 2.0
        outer = -q * (kv(order - 1, q) + kv(order + 1, q)) / 2.0
        return inner * kv(order, q) - outer * jv(order, k)

    return brentq(mismatch, *below, xtol=1e-14, rtol=1e-14)


@pytest.mark.parametrize(("width", "height", "points"), [(1.0, 1.0, 12), (2.0, 0.6, 29)])
def test_differences_of_a_box_are_those_of_the_discrete_sine(width, height, points):
    """4 sin^2(m pi h / 2 a) / h^2 in each direction."""
    found = plane_differences(Box2D(width, height), 5, points)
    step = max(width, height) / (points + 1)
    sides = [(round(side / step), side) for side in (width, height)]
    m = np.arange(1, 8)
    across, up = (4.0 * (n / side) ** 2 * np.sin(m * np.pi / 2.0 / n) ** 2 for n, side in sides)
    expected = np.sort((across[:, None] + up).ravel())[:5]
    np.testing.assert_allclose(found.energies, expected, rtol=1e-11)
    assert len(found.points) == (sides[0][0] - 1) * (sides[1][0] - 1)


@pytest.mark.parametrize("well", [Box2D(1.0, 1.5), Harmonic2D(1.0, 2.0)], ids=lambda w: w.name)
def test_differences_are_of_second_order(well):
    sizes = np.array([59, 89, 119])
    errors = [abs(plane_differences(well, 3, int(n)).energies - well.levels(3)) for n in sizes]
    slopes = np.polyfit(np.log(sizes + 1.0), np.log(errors), 1)[0]
    np.testing.assert_allclose(slopes, -2.0, atol=0.1)


def test_differences_of_a_weight():
    light, heavy = (plane_differences(well, 2, 15) for well in (Box2D(), Heavy()))
    np.testing.assert_allclose(4.0 * heavy.energies, light.energies, rtol=1e-12)
    # Normalised with the weight.
    np.testing.assert_allclose(2.0 * np.abs(heavy.psi), np.abs(light.psi), atol=1e-9)


def test_psi_of_differences_is_normalised_at_its_points():
    found = plane_differences(Box2D(1.0, 1.4), 2, 20)
    x, y = found.points.T
    exact = 2.0 / 1.4**0.5 * np.sin(np.pi * x) * np.sin(np.pi * y / 1.4)
    np.testing.assert_allclose(np.abs(found.psi[:, 0]), exact, atol=1e-9)
    # Fifteen steps across, of a fifteenth each, and 21 up.
    assert found.psi.shape == (14 * 20, 2)
    np.testing.assert_allclose(found.psi.T @ found.psi / 15 * 1.4 / 21, np.eye(2), atol=1e-12)


@pytest.mark.parametrize(
    ("well", "levels", "degree", "rtol"),
    [
        (Box2D(1.0, 1.2), Box2D(1.0, 1.2).levels(5), 10, 1e-11),
        (Harmonic2D(1.0, 1.5), Harmonic2D(1.0, 1.5).levels(4), 11, 1e-9),
        (HenonHeiles(), HENON, 11, 1e-9),
        (CircularDot(), DOT, 13, 1e-8),
        (CoupledDots(), DOTS, 13, 5e-7),
        (RectangularDot(), RECTANGLE, 11, 5e-9),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
def test_spectral_elements_find_levels(well, levels, degree, rtol):
    found = spectral_elements(well, len(levels), degree)
    np.testing.assert_allclose(found.energies, levels, rtol=rtol)


def test_spectral_elements_of_a_deep_dot_are_those_of_bessel():
    """Far from the walls it is the dot of the whole plane."""
    depth = 80.0
    ground, first = finite_dot(0, depth, (3.0, 5.5)), finite_dot(1, depth, (9.0, 14.0))
    found = spectral_elements(CircularDot(1.0, depth), 3, degree=11)
    np.testing.assert_allclose(found.energies, [ground, first, first], rtol=1e-8)


def test_the_error_falls_with_the_degree_like_a_power_of_e():
    """With straight sides for arcs it would not fall at all."""
    degrees = [5, 7, 9]
    errors = [abs(spectral_elements(CircularDot(), 1, d).energies[0] - DOT[0]) for d in degrees]
    assert errors[0] > 10.0 * errors[1] > 100.0 * errors[2]


def test_narrower_elements_are_of_twice_the_degrees_order():
    errors = [
        spectral_elements(Box2D(), 1, 4, width).energies[0] - 2.0 * np.pi**2
        for width in (0.5, 0.25, 0.125)
    ]
    np.testing.assert_allclose(np.log2(errors[:-1]) - np.log2(errors[1:]), 8.0, atol=0.2)


def test_psi_of_spectral_elements_is_that_of_the_box():
    found = spectral_elements(Box2D(1.0, 1.4), 2, degree=8)
    x, y = found.points.T
    exact = 2.0 / 1.4**0.5 * np.sin(np.pi * x) * np.sin(np.pi * y / 1.4)
    np.testing.assert_allclose(np.abs(found.psi[:, 0]), exact, atol=1e-8)
    # Each place once, and none at the walls.
    assert len(np.unique(found.points.round(9), axis=0)) == len(found.points)
    assert x.min() > 0.0 < y.min()
    assert max(x.max() - 1.0, y.max() - 1.4) < 0.0


def test_spectral_elements_of_a_weight_and_of_functions_in_regions():
    light, heavy = (spectral_elements(well, 3, 6) for well in (Box2D(), Heavy()))
    np.testing.assert_allclose(4.0 * heavy.energies, light.energies, rtol=1e-11)
    np.testing.assert_allclose(2.0 * np.abs(heavy.psi[:, 0]), np.abs(light.psi[:, 0]), atol=1e-9)
    # An oscillator that is told in parts is the same oscillator.
    bowl = Disc((1.0, -0.5), 1.3, lambda x, y: x**2 + y**2)
    parts = Plane(lambda x, y: x**2 + y**2, Harmonic2D().box, [bowl])
    found = spectral_elements(parts, 3, degree=11).energies
    np.testing.assert_allclose(found, [2.0, 4.0, 4.0], rtol=1e-6)


@pytest.mark.parametrize(
    ("regions", "message"),
    [
        (
            [Disc((0, 0), 1.0, 1.0), Disc((0, 0), 0.5, 0.0)],
            r"lines across the box tell apart.*2 in one rectangle. Take plane_differences",
        ),
        (
            [Disc((0, 0), 0.5, 1.0), Rectangle((0.2, 0.8, 0.8, 1.2), 0.0)],
            r"no line along a rectangle's side crosses.*Received: one that is",
        ),
        (
            [Disc((0, 0), 1.0, 1.0), Rectangle((-0.5, 0.5, -0.5, 0.5), 0.0)],
            r"no line along a rectangle's side crosses",
        ),
        ([Blob()], r"discs and rectangles alone.*Received: Plane\(.*Take plane_differences"),
    ],
    ids=["nested", "beside", "inside", "kind"],
)
def test_regions_without_a_mesh_are_refused(regions, message):
    with pytest.raises(LookupError, match=message):
        spectral_elements(Plane(0.0, (-2.0, 2.0, -2.0, 2.0), regions), 2)


def test_discs_that_lines_tell_apart_are_meshed():
    """One above the other, and one in a rectangle beside them: levels of each by itself."""
    depth, box = 50.0, (-3.0, 6.0, -3.0, 3.0)
    pair = [Disc((-1, 0.95), 0.8, 0.0), Disc((-1, -0.95), 0.8, 0.0)]
    other = [Rectangle((1, 5, -1.9, 2.9), 90.0), Disc((3, 0.9), 0.7, 0.0)]
    found, apart = (
        spectral_elements(Plane(depth, box, regions), 3, degree=9).energies
        for regions in ([*pair, *other], pair)
    )
    alone = finite_dot(0, 90.0 * 0.7**2, (2.0, 5.5)) / 0.7**2
    np.testing.assert_allclose(found, np.sort([*apart[:2], alone]), rtol=1e-4)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plane_differences(Box2D(), 0), ValueError, r"`states` must be an integer of at l"),
        (lambda: plane_differences(Box2D(), 1.0), TypeError, r"`states` must be an integer"),
        (lambda: plane_differences(Box2D(), 1, 3), ValueError, r"`points` must be .*at least 4"),
        (lambda: plane_differences(Box2D(), 1, 1001), ValueError, r"`points` must be at most 1000"),
        (lambda: spectral_elements(Box2D(), True), TypeError, r"`states` must be an integer"),
        (lambda: spectral_elements(Box2D(), 1, 1), ValueError, r"`degree` must be .*at least 2"),
        (lambda: spectral_elements(Box2D(), 1, 41), ValueError, r"`degree` must be at most 40"),
        (lambda: spectral_elements(Box2D(), 1, width=0), ValueError, r"`width` must be a positive"),
        (
            lambda: plane_differences(Plane(lambda x, y: 1.0 / x, (0.0, 1.0, 0.0, 1.0)), 1),
            ValueError,
            r"`potential` must be finite in its box",
        ),
        (
            lambda: spectral_elements(Plane(lambda x, y: 1.0 / x, (0.0, 1.0, 0.0, 1.0)), 1, 3),
            ValueError,
            r"`potential` must be finite in its box",
        ),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
