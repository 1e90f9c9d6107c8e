"""Planes in units: the same numbers, another hbar^2/2m."""

import copy
import json
import pickle

import numpy as np
import pytest

from qwpinn.cli.targets import READY
from qwpinn.equation.plane import PlanePotential
from qwpinn.equation.plane_mesh import PlaneMesh
from qwpinn.potentials import (
    Box2D,
    CircularDot,
    CoupledDots,
    Disc,
    FiniteWell,
    Gaussians2D,
    Harmonic2D,
    HenonHeiles,
    InfiniteWell,
    Plane,
    RectangularDot,
    UniformField,
    potential_from_config,
)
from qwpinn.potentials.plane_measured import PlaneInUnits
from qwpinn.potentials.planes import REACH
from qwpinn.units.systems import Units

# hbar^2/2m of an electron in eV nm^2, from the constants of CODATA.
HBAR, MASS, CHARGE = 1.054571817e-34, 9.1093837e-31, 1.602176634e-19
KINETIC = HBAR**2 / (2.0 * MASS) / CHARGE * 1e18
DOT = CircularDot(5.0, 300.0).in_units("nm", "meV", mass=0.067)
EVERY = (
    Box2D(2.0, 3.0),
    Harmonic2D(1.0, 2.0),
    HenonHeiles(),
    CircularDot(),
    RectangularDot(),
    CoupledDots(),
    Gaussians2D(),
    Plane(1.0, (-1.0, 1.0, -1.0, 1.0), [Disc((0, 0), 0.5, 3.0)]),
    UniformField((-1.0, 1.0, -2.0, 2.0), 3.0, -1.0),
    CircularDot() + 2.0 * Plane(lambda x, y: x, CircularDot().box),
    2.0 * CircularDot() - 3.0,
    CoupledDots().shifted((1.0, 2.0)),
    Plane.sum(FiniteWell(), InfiniteWell()),
)


def test_every_ready_plane_is_tried_in_units():
    ready = {kind for kind in READY.values() if issubclass(kind, PlanePotential)}
    assert ready <= {type(potential) for potential in EVERY}


@pytest.mark.parametrize("potential", EVERY, ids=lambda p: p.name)
def test_every_plane_has_units(potential):
    """V as before, and the weight of 1 / (hbar^2/2m)."""
    measured = potential.in_units("nm", "eV")
    inner = potential.walled(measured.kinetic)
    x0, x1, y0, y1 = measured.box
    assert measured.box == inner.box
    x, y = np.random.default_rng(0).uniform([[x0], [y0]], [[x1], [y1]], (2, 100))
    np.testing.assert_array_equal(measured(x, y), inner(x, y))
    assert measured.rho == pytest.approx(1.0 / KINETIC, rel=1e-8)
    assert measured.amplitude == pytest.approx(KINETIC**-0.5, rel=1e-8)
    assert (measured.length_unit, measured.energy_unit) == ("nm", "eV")
    assert measured.minimum == inner.minimum
    assert (measured.regions, measured.lines) == (inner.regions, inner.lines)
    assert measured.constant_outside is inner.constant_outside
    assert measured.counted_from_samples is inner.counted_from_samples
    assert measured.name == potential.name
    again = potential_from_config(json.loads(json.dumps(measured.to_config())))
    assert type(again) is PlaneInUnits
    assert again.units == measured.units
    np.testing.assert_allclose(again(x, y), measured(x, y), atol=1e-11)
    assert copy.deepcopy(measured) == measured


def test_levels_of_a_box_in_nanometres():
    """pi^2 (hbar^2/2m) (m^2 / a^2 + n^2 / b^2)."""
    measured = Box2D(10.0, 8.0).in_units("nm", "meV", mass=0.067)
    m, n = np.array([(1, 1), (1, 2), (2, 1), (2, 2)]).T
    expected = np.pi**2 * 1e3 * KINETIC / 0.067 * (m**2 / 100.0 + n**2 / 64.0)
    np.testing.assert_allclose(measured.levels(4), np.sort(expected)[:4], rtol=1e-8)
    # In other units they are the same.
    other = Box2D(100.0, 80.0).in_units("A", "eV", mass=0.067)
    np.testing.assert_allclose(1e3 * other.levels(4), measured.levels(4), rtol=1e-12)
    atomic = Box2D(10.0, 8.0).in_units("hartree").levels(4)
    np.testing.assert_allclose(atomic, Box2D(10.0, 8.0).levels(4) / 2.0, rtol=1e-14)


def test_levels_of_what_is_lifted_and_moved():
    box = Box2D(10.0, 8.0)
    measured = box.in_units("nm", "meV")
    levels = measured.levels(3)
    for made in ((box + 20.0).in_units("nm", "meV"), measured + 20.0):
        np.testing.assert_allclose(made.levels(3), levels + 20.0, rtol=1e-12)
    for made in (box.shifted((1.0, 2.0)).in_units("nm", "meV"), measured.shifted((1.0, 2.0))):
        assert made.box == (1.0, 11.0, 2.0, 10.0)
        np.testing.assert_allclose(made.levels(3), levels, rtol=1e-12)
    assert measured.stretched(2.0).box == (0.0, 20.0, 0.0, 16.0)
    with pytest.raises(LookupError, match="must have a closed form"):
        DOT.levels(1)


def test_an_oscillator_has_walls_that_fit_its_mass():
    """a (2 m + 1) + b (2 n + 1), times (hbar^2/2m)^(1/2); walls at 6.5 times its fourth root."""
    measured = Harmonic2D(1.0, 2.0).in_units("hartree")
    expected = np.array([3.0, 5.0, 7.0, 7.0]) * 0.5**0.5
    np.testing.assert_allclose(measured.levels(4), expected, rtol=1e-13)
    _, x1, _, y1 = measured.box
    np.testing.assert_allclose([x1, y1 * 2.0**0.5], REACH * 0.5**0.25, rtol=1e-13)
    heavy = Harmonic2D(1.0, 2.0, reach=9.0).in_units("hartree", mass=16.0)
    assert heavy.box[1] == 9.0
    np.testing.assert_allclose(heavy.levels(4), expected / 4.0, rtol=1e-13)


def test_its_numbers_are_given_with_units():
    assert repr(DOT) == (
        "CircularDot(radius=5.0, depth=300.0, half=None).in_units('nm', 'meV', mass=0.067)"
    )
    assert DOT.units == Units("nm", "meV", 0.067)
    assert DOT.equation.startswith("-(hbar^2/2m) (psi_xx + psi_yy) + V psi = E psi, hbar^2/2m = ")
    assert DOT.varied("radius", "25 A").potential.radius == 2.5
    assert DOT.varied("depth", "0.2 eV").potential.depth == pytest.approx(200.0, rel=1e-14)
    assert DOT.varied("mass", 0.1).units.mass == 0.1
    assert [DOT.unit(name) for name in ("radius", "depth", "mass")] == ["nm", "meV", "m0"]
    assert DOT.in_units(mass=0.2) == CircularDot(5.0, 300.0).in_units("nm", "meV", 0.2)
    assert CircularDot().in_units("hbar^2/2m=1") == CircularDot()
    assert pickle.loads(pickle.dumps(DOT)) == DOT


def test_sums_and_multiples_keep_the_units():
    tilt = Plane(lambda x, y: 2.0 * x, CircularDot(5.0).box).in_units("nm", "meV", mass=0.067)
    x, y = np.random.default_rng(0).uniform(-15.0, 15.0, (2, 100))
    for made, expected in (
        (DOT + tilt, DOT(x, y) + 2.0 * x),
        (DOT - tilt, DOT(x, y) - 2.0 * x),
        (2.0 * DOT - 30.0, 2.0 * DOT(x, y) - 30.0),
    ):
        assert made.units == DOT.units
        np.testing.assert_allclose(made(x, y), expected, atol=1e-12)
    for units in (("nm", "eV", 0.067), ("A", "meV", 0.067), ("nm", "meV")):
        other = CircularDot(5.0).in_units(*units)
        with pytest.raises(ValueError, match=r"must have the same units. Received: nm, meV, mass"):
            DOT + other


def test_counts_are_those_of_the_mass():
    box = Box2D(10.0, 8.0).in_units("nm", "meV", mass=0.067)
    mesh, levels = PlaneMesh(box, 2), box.levels(3)
    for k, energy in enumerate((levels[:-1] + levels[1:]) / 2.0):
        assert mesh.count_below(float(energy)) == k + 1


def test_a_sum_is_solved_by_parts_in_its_units():
    wire = Plane.sum(FiniteWell(200.0, 5.0, 15.0), InfiniteWell(8.0)).in_units("nm", "meV", 0.067)
    first, second = wire.summands
    assert first == FiniteWell(200.0, 5.0, 15.0).in_units("nm", "meV", 0.067)
    assert second == InfiniteWell(8.0).in_units("nm", "meV", 0.067)
    np.testing.assert_allclose(wire.levels(1), first.levels(1) + second.levels(1), rtol=1e-12)
    assert wire.of_summands([second, second]).potential == Plane.sum(*[InfiniteWell(8.0)] * 2)
    assert DOT.summands == ()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: PlaneInUnits(3.0), TypeError, r"`potential` must be a potential of the plane"),
        (lambda: PlaneInUnits(FiniteWell()), TypeError, r"must be a potential of the plane"),
        (lambda: PlaneInUnits(DOT), TypeError, r"`potential` must have numbers without units"),
        (lambda: Box2D().in_units("nmm"), ValueError, r"`length` must be a unit of nm"),
        (lambda: Box2D().in_units("nm", "V"), ValueError, r"`energy` must be a unit"),
        (lambda: Box2D().in_units("nm", mass=-1.0), ValueError, r"`mass` must be a positive"),
        (
            lambda: DOT.in_units("A"),
            ValueError,
            r"`in_units` must be asked of numbers without units.*Received: A",
        ),
        (lambda: Box2D("10 nm"), TypeError, r"`width` must be a real number.*in_units\(length='nm"),
        (lambda: CircularDot(mass=0.067), TypeError, r"Give the mass and the units.*in_units"),
        (lambda: DOT.varied("radius", "5 meV"), ValueError, r"`radius`"),
        (lambda: DOT.varied("width", 5.0), ValueError, r"must be one of radius, depth"),
    ],
)
def test_bad_input(make, error, message):
    with pytest.raises(error, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
