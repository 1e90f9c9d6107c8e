"""Scaling of the plane: there and back, norms, and units that nothing depends on."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwpinn.equation.plane_scaling import PlaneScaling
from qwpinn.equation.regions import Disc
from qwpinn.potentials import Box2D, CircularDot, Plane

WIDE = PlaneScaling((2.0, 8.0, -1.0, 3.0), energy_origin=-3.0, weight_unit=4.0)


def test_the_longer_side_is_mapped_to_minus_one_and_one():
    assert WIDE.half_width == 3.0
    assert WIDE.halves == pytest.approx((1.0, 2.0 / 3.0))
    np.testing.assert_array_equal(WIDE.centre, [5.0, 1.0])
    corners = np.array([[2.0, -1.0], [8.0, 3.0], [5.0, 1.0]])
    expected = [[-1.0, -2.0 / 3.0], [1.0, 2.0 / 3.0], [0.0, 0.0]]
    np.testing.assert_allclose(WIDE.position(corners), expected, rtol=1e-15)
    np.testing.assert_allclose(WIDE.position(corners[None])[0], expected, rtol=1e-15)
    tall = PlaneScaling((0.0, 1.0, 0.0, 4.0))
    assert tall.halves == (0.25, 1.0)
    assert tall.walls == tall.box == (0.0, 1.0, 0.0, 4.0)


def test_energies_there_and_back():
    assert WIDE.energy_unit == pytest.approx(1.0 / (9.0 * 4.0))
    assert WIDE.energy(-3.0) == 0.0
    assert WIDE.energy(7.0) == pytest.approx(10.0 * 36.0)
    energies = np.array([-3.0, 0.25, 1e4])
    np.testing.assert_allclose(WIDE.own_energy(WIDE.energy(energies)), energies, rtol=1e-14)


def test_the_amplitude_keeps_the_norm():
    """Chi of the ground state of the scaled box has norm 1; so has psi, with the weight."""
    a, b = WIDE.halves
    t = (np.arange(400) + 0.5) / 400
    x, y = np.meshgrid(2.0 + 6.0 * t, -1.0 + 4.0 * t, indexing="ij")
    xi = WIDE.position(np.stack([x, y], axis=-1))
    chi = np.cos(np.pi / 2 * xi[..., 0] / a) * np.cos(np.pi / 2 * xi[..., 1] / b) / (a * b) ** 0.5
    norm = np.mean(4.0 * (WIDE.amplitude * chi) ** 2) * 24.0
    assert norm == pytest.approx(1.0, rel=1e-12)
    # And weights of an integral over the box are those of one over the scaled box.
    assert 24.0 / WIDE.volume == pytest.approx(4.0 * a * b)


def test_the_equation_is_carried_to_scaled_units():
    own = {
        "x": np.array([2.0, 5.0]),
        "y": np.array([3.0, 1.0]),
        "potential": np.array([-3.0, 7.0]),
        "weight": np.array([4.0, 4.0]),
        "quadrature": np.array([9.0, 18.0]),
    }
    found = WIDE.equation(own)
    assert set(found) == set(own)
    points = WIDE.position(np.stack([own["x"], own["y"]], axis=-1))
    np.testing.assert_allclose(np.stack([found["x"], found["y"]], axis=-1), points, rtol=1e-15)
    np.testing.assert_allclose(found["potential"], [0.0, 360.0], rtol=1e-14)
    np.testing.assert_array_equal(found["weight"], [1.0, 1.0])
    np.testing.assert_array_equal(found["quadrature"], [1.0, 2.0])


@given(
    scale=st.floats(-9.0, 9.0).map(lambda power: 10.0**power),
    shift=st.tuples(st.floats(-3.0, 3.0), st.floats(-3.0, 3.0)),
)
def test_scaled_energies_depend_on_no_unit_and_no_place(scale, shift):
    levels = PlaneScaling.for_potential(Box2D(1.0, 1.5)).energy(Box2D(1.0, 1.5).levels(3))
    other = Box2D(scale, 1.5 * scale)
    scaling = PlaneScaling.for_potential(other)
    np.testing.assert_allclose(scaling.energy(other.levels(3)), levels, rtol=1e-12)
    x, y = (scale * each for each in shift)
    moved = PlaneScaling((x, x + scale, y, y + 1.5 * scale))
    assert moved.halves == pytest.approx(scaling.halves, rel=1e-12)
    corner = np.array([x, y + 1.5 * scale])
    np.testing.assert_allclose(moved.position(corner), [-2.0 / 3.0, 1.0], rtol=1e-12)


def test_the_origin_of_energy_is_the_least_of_v():
    well = Plane(7.0, (0.0, 2.0, 0.0, 1.0), [Disc((0.5, 0.5), 0.3, -2.0)])
    assert PlaneScaling.for_potential(well) == PlaneScaling((0.0, 2.0, 0.0, 1.0), -2.0, 1.0)


def test_the_weight_of_the_potential_is_the_unit():
    class Heavy(CircularDot):
        rho = 2.5

    assert PlaneScaling.for_potential(Heavy()).weight_unit == 2.5
    assert PlaneScaling.for_potential(Heavy()).energy_unit == pytest.approx(1.0 / (9.0 * 2.5))


def test_a_description_restores_it():
    again = PlaneScaling.from_config(json.loads(json.dumps(WIDE.to_config())))
    assert again == WIDE
    assert type(again.box) is tuple
