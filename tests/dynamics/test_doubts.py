"""The bound of a well at rest: each of its parts, made wrong on purpose, is seen in it."""

import dataclasses

import moved
import numpy as np
import pytest

import qwpinn
from qwpinn.dynamics.basis import Basis
from qwpinn.dynamics.carrying import Journey
from qwpinn.dynamics.doubts import Doubts
from qwpinn.dynamics.initial import Initial

TIMES = np.array([0.0, 0.3, 1.7, 9.0])
X = np.linspace(-9.0, 9.0, 4001)
START = qwpinn.Packet(2.0, 0.0, moved.GROUND)


def carried(basis, psi0=START):
    return Journey(Initial(moved.OSCILLATOR, psi0, 1e-6), TIMES, 1e-6).carried(basis)[0]


def error(evolution):
    """The true one, in units of the norm of psi0."""
    return moved.norm(X, evolution(X) - moved.coherent(X, evolution.times))


def test_the_bound_of_a_coherent_state_holds_and_is_sharp():
    found = carried(moved.basis("oscillator"))
    true = error(found)
    assert np.all(true <= found.errors)
    assert np.all(found.errors < 20.0 * true)
    # At any time, as at those that were asked for.
    np.testing.assert_allclose(found.error(TIMES[1:3]), found.errors[1:3], rtol=1e-12)
    assert found.error(1e4) > found.error(0.0)


def test_a_wrong_energy_is_in_the_bound():
    basis = moved.basis("oscillator")
    off = np.where(np.arange(24) == 2, 1e-4, 0.0)
    wrong = dataclasses.replace(
        basis,
        energies=basis.energies + off,
        levels=basis.levels + off,
        first=basis.first._replace(defect=basis.first.defect - off * basis.first.phi),
        second=basis.second._replace(defect=basis.second.defect - off * basis.second.phi),
    )
    found = carried(wrong)
    moved_wrongly = found.initial * np.exp(-1j * TIMES[:, None] * wrong.energies)
    np.testing.assert_allclose(found.coefficients, moved_wrongly)
    true = error(found)
    assert true[-1] > 1e-4
    assert np.all(true <= found.errors)
    assert np.all(found.errors[1:] < 3.0 * true[1:])


def test_an_energy_of_the_model_that_is_wrong_is_in_the_bound():
    solution = qwpinn.solve(moved.OSCILLATOR, 24, recipe=qwpinn.Precise(epochs=0))
    energies = solution.model.scaled_energies
    off = np.where(np.arange(24) == 2, 1e-4, 0.0)
    energies.assign(energies.numpy() + off / solution.model.scaling.energy_unit)
    found = carried(Basis.of(solution))
    assert error(found)[-1] > 1e-4
    assert np.all(error(found) <= found.errors)


def test_a_wrong_wavefunction_is_in_the_bound():
    solution = qwpinn.solve(moved.OSCILLATOR, 24, recipe=qwpinn.Precise(epochs=0))
    kernel = solution.model.trial.output_layer.kernel
    turned = np.eye(24)
    angle = 1e-3
    turned[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    kernel.assign(kernel.numpy() @ turned)
    found = carried(Basis.of(solution))
    true = error(found)
    assert true[-1] > 1e-4
    assert np.all(true <= found.errors)
    assert found.errors[-1] < 20.0 * true[-1]


def test_a_wrong_psi0_is_in_the_bound():
    basis = moved.basis("oscillator")
    # What no state holds: the 31st is above them.
    above = qwpinn.references.legendre_galerkin(moved.OSCILLATOR, 32).wavefunctions

    def psi0(x):
        return START(x) + 1e-3 * above(x)[:, 31]

    found = carried(basis, psi0)
    assert found.doubts.tail == pytest.approx(1e-3 / 2.0**0.5, rel=1e-3)
    true = moved.norm(X, found(X[None].ravel())[0] - psi0(X)) / moved.norm(X, psi0(X))
    assert true <= found.errors[0] < 1.01 * true


def test_of_a_level_that_is_not_proven_the_defect_alone_is_taken():
    basis = moved.basis("oscillator")
    unknown = dataclasses.replace(basis, levels=np.full(24, np.inf), angles=np.ones(24))
    doubts = Doubts.of(unknown, 0.0, hbar=1.0)
    c = np.eye(24, dtype=complex)[3]
    bounds = doubts.at_rest(c, np.array([0.0, 1.0, 2.0]))
    assert np.isfinite(bounds).all()
    defect = basis.first.norm(basis.first.defect)[3]
    assert bounds[2] - bounds[1] == pytest.approx(defect, rel=1e-3)
