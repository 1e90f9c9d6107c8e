"""One initial state in one basis: coefficients, tails, driven motion, absorbing ends."""

import moved
import numpy as np
import pytest

import qwpinn
from qwpinn.dynamics.carrying import Journey
from qwpinn.dynamics.drive import Drive
from qwpinn.dynamics.initial import Initial


def test_coefficients_of_a_coherent_state_are_poissons():
    start = Initial(moved.OSCILLATOR, qwpinn.Packet(2.0, 0.0, moved.GROUND), 1e-6)
    found, lacking = Journey(start, np.array([0.0]), 1e-6).carried(moved.basis("oscillator"))
    n = np.arange(8)
    factorials = np.cumprod([1.0, *range(1, 8)])
    expected = np.exp(-2.0) * 2.0**n / factorials
    np.testing.assert_allclose(found.populations[0, :8], expected, atol=1e-9)
    assert found.size == pytest.approx(2.0**0.5)
    assert lacking == found.doubts.tail < 1e-6


def test_given_coefficients_keep_their_norm():
    found, lacking = Journey(np.array([3.0, 4.0j]), np.array([0.0, 0.1]), 1e-6).carried(
        moved.basis("box")
    )
    assert lacking == 0.0
    assert found.size == 5.0
    np.testing.assert_allclose(found.populations[:, :2], [[0.36, 0.64]] * 2)


def test_a_driven_oscillator_follows_the_classical_path():
    drive = Drive.of(("x", lambda t: 0.3 * np.sin(0.7 * t)), moved.OSCILLATOR)
    times = np.array([0.5, 2.0, 6.0])
    found, _ = Journey(np.ones(1), times, 1e-6, drive).carried(moved.basis("oscillator"))
    # q'' = -q - 0.3 sin(0.7 t) from rest.
    path = 0.3 / (0.49 - 1.0) * (np.sin(0.7 * times) - 0.7 * np.sin(times))
    np.testing.assert_allclose(found.expectation("x"), path, atol=1e-6)
    speed = 0.3 * 0.7 / (0.49 - 1.0) * (np.cos(0.7 * times) - np.cos(times))
    np.testing.assert_allclose(found.expectation("p"), speed, atol=1e-6)
    assert np.all(np.diff(found.errors) > 0.0)
    assert found.errors[-1] < 1e-5
    assert found.driven.strengths == pytest.approx(0.3 * np.sin(0.7 * times))
    # <H + f W> of a displaced ground state: 1/2 + (p^2 + q^2) / 2 + f q.
    energy = 0.5 + (speed**2 + path**2) / 2.0 + 0.3 * np.sin(0.7 * times) * path
    np.testing.assert_allclose(found.energy, energy, atol=1e-6)


def test_a_drive_that_is_always_on_is_another_well():
    drive = Drive.of((lambda x: 1.0 + 0.0 * x, lambda t: 2.0), moved.BOX)
    times = np.array([0.0, 0.4, 1.1])
    found, _ = Journey(np.array([1.0, 1.0]), times, 1e-8, drive).carried(moved.basis("box"))
    phases = np.exp(-1j * times[:, None] * (found.energies[:2] + 2.0)) / 2.0**0.5
    np.testing.assert_allclose(found.coefficients[:, :2], phases, atol=1e-9)


def test_states_that_are_not_orthonormal_are_refused():
    solution = qwpinn.solve(moved.BOX, 3, recipe=qwpinn.Precise(epochs=0))
    kernel = solution.model.trial.output_layer.kernel
    kernel.assign(kernel.numpy() * 1.001)
    with pytest.raises(ValueError, match=r"orthonormal.*overlaps up to 2\.0e-03.*diagonalise"):
        qwpinn.evolve(solution, [1.0], [0.0])
