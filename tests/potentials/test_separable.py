"""Sums V1(x) + V2(y): values, walls, what parts must be, and what stays a sum."""

import json

import numpy as np
import pytest

from qwpinn.equation.plane_mesh import PlaneMesh
from qwpinn.potentials import (
    CircularDot,
    CustomPotential,
    DoubleWell,
    FiniteWell,
    Harmonic,
    Heterostructure,
    InfiniteWell,
    Layer,
    Plane,
    Sampled,
    SeparablePlane,
    potential_from_config,
)
from qwpinn.potentials.separable import MOST_LINES

WIRE = Plane.sum(FiniteWell(depth=10.0, width=2.0, box=5.0), DoubleWell())


def test_it_is_one_potential_along_x_and_the_other_along_y(rng):
    x, y = rng.uniform(-2.4, 2.4, (2, 50))
    expected = WIRE.first(x) + WIRE.second(y)
    np.testing.assert_array_equal(WIRE(x, y), expected)
    np.testing.assert_array_equal(WIRE(np.stack([x, y], axis=-1)), expected)
    assert WIRE.box == (-2.5, 2.5, *WIRE.second.interval)
    assert WIRE.minimum == pytest.approx(-6.25, abs=1e-12)
    assert WIRE.rho == 1.0
    assert repr(WIRE) == f"Plane.sum({WIRE.first!r}, {WIRE.second!r})"


def test_levels_are_sums_where_both_are_known():
    box = Plane.sum(InfiniteWell(width=2.0), InfiniteWell(width=0.5))
    one, other = np.arange(1, 20)[:, None] / 2.0, np.arange(1, 20) / 0.5
    expected = np.sort((np.pi**2 * (one**2 + other**2)).ravel())[:9]
    np.testing.assert_allclose(box.levels(9), expected, rtol=1e-14)
    with pytest.raises(LookupError, match="`DoubleWell` must have a closed form"):
        WIRE.levels(2)


def test_quadrature_is_cut_where_v_jumps():
    """Along x at both sides of the well, and along y at the step."""
    stairs = Plane.sum(WIRE.first, FiniteWell(depth=7.0, width=1.2, box=3.0))
    assert stairs.lines == ((-1.0, 1.0), (-0.6, 0.6))
    rule = PlaneMesh(stairs, 3).quadrature(400, 4)
    found = rule.weights @ stairs(rule.nodes)
    assert found == pytest.approx(10.0 * 3.0 * 3.0 + 7.0 * 1.8 * 5.0, rel=1e-13)


def test_of_a_table_the_largest_jumps_are_lines():
    x = np.linspace(0.0, 1.0, 200)
    table = CustomPotential(lambda t: np.where(t < 0.5, 0.0, 9.0) + t, (0, 1), x[1:-1])
    jump = table.with_breakpoints([0.5])
    lines = Plane.sum(jump, InfiniteWell()).lines
    assert len(lines[0]) == MOST_LINES
    assert 0.5 in lines[0]
    assert lines[1] == ()


def test_config_round_trip_through_json():
    config = json.loads(json.dumps(WIRE.to_config()))
    assert potential_from_config(config) == WIRE
    measured = WIRE.in_units("nm", "meV", mass=0.067)
    assert potential_from_config(json.loads(json.dumps(measured.to_config()))) == measured
    own = Plane.sum(CustomPotential(np.cosh, (-1, 1)), InfiniteWell())
    restored = potential_from_config(json.loads(json.dumps(own.to_config())))
    x = np.linspace(-1.0, 1.0, 33)
    np.testing.assert_allclose(restored(x, 0.5 + 0.0 * x), np.cosh(x), rtol=1e-9)


def test_numbers_of_either_part_are_varied_in_its_units():
    assert WIRE.varied("first.depth", 12.0).first.depth == 12.0
    assert WIRE.varied("second.quadratic", 4.0).second == DoubleWell(quadratic=4.0)
    measured = WIRE.in_units("nm", "meV")
    assert measured.unit("first.width"), measured.unit("second.quartic") == ("nm", "meV/nm^4")
    assert measured.varied("first.width", "25 A").potential.first.width == 2.5
    for name in ("depth", "third.depth", "first."):
        with pytest.raises(ValueError, match=r"`parameter` must be 'first.' or 'second.'"):
            WIRE.varied(name, 1.0)


@pytest.mark.parametrize(
    ("made", "value"),
    [
        (2.0 * WIRE - 3.0, lambda x, y: 2.0 * WIRE(x, y) - 3.0),
        (WIRE + 1.5, lambda x, y: WIRE(x, y) + 1.5),
        (WIRE.shifted((0.25, -0.5)), lambda x, y: WIRE(x - 0.25, y + 0.5)),
        (WIRE.stretched(2.0), lambda x, y: WIRE(x / 2.0, y / 2.0)),
        (WIRE + 0.5 * WIRE, lambda x, y: 1.5 * WIRE(x, y)),
        (WIRE.in_length(0.5), lambda x, y: WIRE(0.5 * x, 0.5 * y)),
    ],
    ids=["scaled", "lifted", "shifted", "stretched", "added", "in_length"],
)
def test_what_is_made_of_sums_is_a_sum(made, value):
    x, y = np.random.default_rng(0).uniform(-1.0, 1.0, (2, 40))
    assert isinstance(made, SeparablePlane)
    np.testing.assert_allclose(made(x, y), value(x, y), rtol=1e-13, atol=1e-13)


def test_with_another_plane_it_is_one_of_which_the_lines_are_known():
    tilted = WIRE + Plane(lambda x, y: x * y, WIRE.box)
    assert not tilted.summands
    assert tilted.lines == ((-1.0, 1.0), ())
    assert (2.0 * tilted).shifted((1.0, 0.0)).stretched(2.0).lines == ((0.0, 4.0), ())
    stairs = Plane.sum(InfiniteWell(6.0), InfiniteWell(6.0)).shifted((-3.0, -3.0))
    step = Plane.sum(stairs.first, FiniteWell(depth=1.0, width=1.0, box=6.0))
    with pytest.raises(ValueError, match=r"no line along x.*y=-0\.5, and a disc from -1 to 1"):
        step + CircularDot()


def test_in_units_it_has_parts_in_these_units():
    measured = Plane.sum(Harmonic(omega=2.0), InfiniteWell(3.0)).in_units("nm", "eV", mass=0.1)
    first, second = measured.summands
    assert first == Harmonic(omega=2.0).in_units("nm", "eV", mass=0.1)
    assert measured.box == (*first.interval, *second.interval)
    assert measured.of_summands((second, first)).potential == Plane.sum(
        InfiniteWell(3.0), Harmonic(omega=2.0)
    )
    sums = np.sort((first.levels(5)[:, None] + second.levels(5)).ravel())[:5]
    np.testing.assert_allclose(measured.levels(5), sums, rtol=1e-12)


def test_notes_of_the_parts_and_how_levels_are_counted():
    noted = CustomPotential(lambda x: np.where(x < 0.3, 0.0, 1.0), (-1, 1)).with_breakpoints([0.3])
    both = Plane.sum(noted, noted)
    assert both.notes == noted.notes
    assert len(both.notes) == 1
    assert not both.counted_from_samples
    assert Plane(lambda x, y: x, (0, 1, 0, 1)).counted_from_samples
    assert not Plane(1.0, (0, 1, 0, 1)).counted_from_samples


def mass(of):
    return CustomPotential(np.square, (-1.0, 1.0), weight=of)


@pytest.mark.parametrize(
    ("parts", "error", "message"),
    [
        ((WIRE, InfiniteWell()), TypeError, "`first` must be a potential. Received"),
        ((InfiniteWell(), 3.0), TypeError, "`second` must be a potential. .* type float"),
        ((InfiniteWell().in_units("nm"), InfiniteWell()), TypeError, "`first` must be in the coor"),
        ((InfiniteWell(), Heterostructure([Layer(5.0, "GaAs")])), TypeError, "`second` must be"),
        ((mass(lambda x: 1.0 + x**2), InfiniteWell()), ValueError, "constant weight rho.* 1.8"),
        ((mass(lambda x: 2.0 + 0 * x), InfiniteWell()), ValueError, r"rho of `first`, 2\. .* 1\. "),
    ],
)
def test_parts_that_make_no_products_are_refused(parts, error, message):
    with pytest.raises(error, match=message):
        Plane.sum(*parts)


def test_samples_can_be_parts():
    table = Sampled(np.linspace(-1.0, 1.0, 21), np.linspace(-1.0, 1.0, 21) ** 2)
    assert Plane.sum(table, InfiniteWell())(0.5, 0.5) == pytest.approx(0.25, abs=1e-9)
