"""Bands that are not parabolic: every level with the mass of its own energy."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from devices import straddles

import qwpinn
from qwpinn import Heterostructure, Layer, references
from qwpinn.quadrature import gauss_legendre
from qwpinn.solving.recipes import Precise

LAYERS = [
    Layer(8.0, "In0.52Al0.48As"), Layer(5.0, "In0.53Ga0.47As"), Layer(1.5, "In0.52Al0.48As"),
    Layer(4.0, "In0.53Ga0.47As"), Layer(8.0, "In0.52Al0.48As"),
]  # fmt: skip
DEVICE = Heterostructure(LAYERS, field=40.0, nonparabolic=True)


@pytest.fixture(scope="module")
def solution():
    return qwpinn.solve(DEVICE, states=3, recipe=Precise(epochs=0))


@pytest.fixture(scope="module")
def exact():
    return references.legendre_galerkin(DEVICE, 3)


def test_levels_are_found_numbered_and_enclosed(solution, exact):
    assert solution.converged
    assert solution.quantum_numbers.tolist() == [0, 1, 2]
    np.testing.assert_allclose(solution.energies, exact.energies, rtol=0, atol=1e-5)
    assert np.all((solution.lower <= exact.energies) & (exact.energies <= solution.upper))
    assert np.max(solution.upper - solution.lower) < 1e-4
    for k in range(3):
        assert straddles(DEVICE, solution.lower[k] - 1e-7, solution.upper[k] + 1e-7)


def test_the_mass_moves_the_levels(solution):
    parabolic = references.legendre_galerkin(dataclasses.replace(DEVICE, nonparabolic=False), 3)
    shifts = solution.energies - parabolic.energies
    # Lighter below the barriers, heavier above the wells: this lifts the low levels a little, and
    # lowers the high ones much.
    assert 0.0 < shifts[0] < 10.0
    assert shifts[2] < -50.0


def test_wavefunctions_and_the_component_of_the_valence_band(solution, exact):
    z = np.linspace(*DEVICE.interval, 20001)
    psi, valence = solution.wavefunctions(z), solution.valence(z)
    np.testing.assert_allclose(psi, exact.wavefunctions(z), atol=1e-5)
    step = z[1] - z[0]
    np.testing.assert_allclose(np.sum(psi**2, axis=0) * step, 1.0, atol=1e-6)
    # With both components states of different equations are orthogonal; without, they are not.
    both = (psi.T @ psi + valence.T @ valence) * step
    off = both - np.diag(np.diag(both))
    assert np.max(np.abs(off)) < 1e-5
    assert np.max(np.abs((psi.T @ psi) * step - np.eye(3))) > 1e-3


def test_the_valence_band_is_the_slope_of_the_level(solution):
    """Hellmann and Feynman: dlambda/dE = - integral of the valence component squared."""
    z = np.linspace(*DEVICE.interval, 20001)
    share = np.sum(solution.valence(z) ** 2, axis=0) * (z[1] - z[0])
    for k, energy in enumerate(solution.energies):
        up, down = (
            references.legendre_galerkin(DEVICE.at(energy + step), k + 1).energies[k]
            for step in (0.5, -0.5)
        )
        assert up - down == pytest.approx(-share[k], rel=1e-4)


def test_dipoles_do_not_depend_on_the_origin(solution):
    rule = gauss_legendre(np.union1d(np.linspace(*DEVICE.interval, 54), DEVICE.edges), 12)
    z, weights = rule.nodes, rule.weights
    parts = solution.wavefunctions(z), solution.valence(z)
    norm = np.sqrt(sum(weights @ part**2 for part in parts))
    for origin in (0.0, 1000.0):
        measure = (weights * (z - origin))[:, None]
        moved = sum((part / norm).T @ (measure * part / norm) for part in parts)
        assert moved[0, 1] == pytest.approx(solution.dipoles[0, 1], abs=1e-6)
    assert np.all(solution.localisation > 0.8)


def test_parabolic_bands_have_no_valence_component():
    device = Heterostructure([Layer(8.0, "GaAs")])
    found = qwpinn.solve(device, 1, recipe=Precise(epochs=0))
    np.testing.assert_array_equal(found.valence([1.0, 2.0]), 0.0)


def test_each_level_is_trained_with_its_own_mass():
    found = qwpinn.solve(DEVICE, states=2)
    energies = [network.potential.energy for network in found.model.networks]
    np.testing.assert_allclose(energies, found.energies, rtol=1e-7)
    assert [network.trial.states for network in found.model.networks] == [1, 2]
    assert len(found.history["loss"]) == 5
    exact = references.legendre_galerkin(DEVICE, 2).energies
    np.testing.assert_allclose(found.energies, exact, atol=1e-5)


def test_models_are_saved_and_restored(solution, tmp_path):
    solution.save(tmp_path / "bands")
    model = qwpinn.load(tmp_path / "bands")
    assert isinstance(model, qwpinn.NonparabolicPINN)
    assert model.potential == DEVICE
    again = qwpinn.certify(model)
    np.testing.assert_array_equal(again.quantum_numbers, [0, 1, 2])
    np.testing.assert_allclose(again.lower, solution.lower, rtol=1e-9)
    z = np.linspace(0.0, 26.5, 54)
    np.testing.assert_allclose(model.predict(z, verbose=0), solution.wavefunctions(z), atol=1e-12)
    served = tf.saved_model.load(str(tmp_path / "bands"))
    np.testing.assert_allclose(served.serve(z), solution.wavefunctions(z), atol=1e-12)
    np.testing.assert_allclose(served.energies(), solution.energies, rtol=1e-15)
    inside = z + 0.013  # never at an interface, where psi'' jumps
    assert np.max(np.abs(served.residual(inside[:-1]))) < 0.1
    network = model.networks[1]
    network.fit(qwpinn.collocation(network.potential), epochs=1, verbose=0)
    np.testing.assert_allclose(model.energies, solution.energies, rtol=1e-6)


def test_a_warm_start(solution):
    next_field = DEVICE.varied("field", 41.0)
    found = qwpinn.solve(next_field, states=3, start=solution)
    exact = references.legendre_galerkin(next_field, 3).energies
    np.testing.assert_allclose(found.energies, exact, atol=1e-5)
    for before, after in zip(solution.model.networks, found.model.networks, strict=True):
        for a, b in zip(
            before.trial.hidden.get_weights(), after.trial.hidden.get_weights(), strict=True
        ):
            np.testing.assert_array_equal(a, b)


def test_the_reports_on_the_way():
    seen = []
    qwpinn.solve(
        DEVICE, states=2, recipe=Precise(epochs=0),
        report=lambda model, enclosure: seen.append(enclosure.quantum_numbers.tolist()),
    )  # fmt: skip
    assert seen == [[-1, -1], [0, -1], [0, 1]]


def test_the_networks_are_not_trained_together(solution):
    with pytest.raises(TypeError, match="`fit` must be called on a single network"):
        solution.model.fit(qwpinn.collocation(DEVICE.at(100.0)))


def test_a_network_needs_an_energy():
    with pytest.raises(ValueError, match="must be asked at an energy"):
        qwpinn.QuantumWellPINN.for_potential(DEVICE)
