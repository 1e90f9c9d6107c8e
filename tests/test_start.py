import numpy as np
import pytest
import tensorflow as tf

import qwpinn
from qwpinn import references
from qwpinn.scaling import Scaling
from qwpinn.start import Samples, attenuation, local_wavenumber, rayleigh_ritz, samples


@pytest.fixture
def at(finite_well):
    return samples(finite_well, Scaling.for_potential(finite_well))


def test_wavenumber_is_that_of_the_layer(at):
    energy = 50.0
    inside = at.potential == 0.0
    k = local_wavenumber(at, energy)
    np.testing.assert_allclose(k[inside], np.sqrt(50.0 + np.pi**2 / 4))
    np.testing.assert_allclose(k[~inside], np.sqrt(130.0 + np.pi**2 / 4))


def test_attenuation_decays_from_the_well_on_either_side(at):
    factor = attenuation(at, 50.0)
    kappa = np.sqrt(130.0)
    expected = np.exp(-kappa * np.maximum(np.abs(at.xi) - 1 / 3, 0.0))
    np.testing.assert_allclose(np.log(factor), np.log(expected), atol=0.2)
    assert np.all(factor[at.potential == 0.0] == 1.0)


def test_attenuation_between_two_wells_is_that_of_the_nearer():
    xi = np.linspace(-1, 1, 2001)
    barrier = np.where(np.abs(xi) < 0.5, 100.0, 0.0)
    at = Samples(xi, barrier, np.ones_like(xi), np.full_like(xi, 0.001))
    factor = attenuation(at, 0.0)
    assert factor[1000] == pytest.approx(np.exp(-10.0 * 0.5), rel=0.05)
    assert factor[900] == pytest.approx(np.exp(-10.0 * 0.4), rel=0.05)


def test_attenuation_without_an_allowed_region_is_one(at):
    np.testing.assert_array_equal(attenuation(at, -1.0), 1.0)


def test_ritz_in_sines_gives_the_exact_box_levels():
    at = samples(qwpinn.InfiniteWell(), Scaling((0.0, 1.0)))
    energies, coefficients = rayleigh_ritz(
        lambda x: tf.concat([tf.sin(n * np.pi / 2 * (x + 1)) for n in (3.0, 1.0, 2.0)], 1), at, 3
    )
    np.testing.assert_allclose(energies, (np.pi / 2 * np.array([1, 2, 3])) ** 2, rtol=1e-12)
    np.testing.assert_allclose(np.abs(coefficients), np.eye(3)[[2, 0, 1]], atol=1e-11)


def test_ritz_values_are_upper_bounds_and_fall_with_the_units(well):
    exact = references.exact(well, 3).energies
    start = [
        qwpinn.QuantumWellPINN.for_potential(well, states=3, units=units, seed=1).energies.numpy()
        for units in (12, 24, 48)
    ]
    for energies in start:
        assert np.all(energies > exact * (1 - 1e-10))
    errors = np.max(np.array(start) / exact - 1.0, axis=1)
    assert errors[1] < 0.1 * errors[0]
    assert errors[2] < 0.1 * errors[1]


def test_ritz_start_finds_the_right_states_before_any_training(well):
    exact = references.exact(well, 5).energies
    model = qwpinn.QuantumWellPINN.for_potential(well, states=5, seed=2)
    np.testing.assert_allclose(model.energies, exact, rtol=1e-8)


def test_too_few_units_are_refused(finite_well):
    with pytest.raises(ValueError, match=r"`states` must be at most 4, .* states=5"):
        qwpinn.QuantumWellPINN.for_potential(finite_well, states=5, units=4)
