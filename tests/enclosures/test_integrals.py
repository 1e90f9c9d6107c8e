"""Integrals of trial functions by two quadratures."""

import numpy as np
import pytest
from mixtures import BOX, LEVELS, on_nodes, rotated, sines

import qwpinn
from qwpinn.enclosures import enclose
from qwpinn.enclosures.integrals import noise
from qwpinn.equation.mesh import Mesh


def test_residual_and_rayleigh_quotient_of_a_known_mixture():
    """Psi = cos(a) psi_0 + sin(a) psi_1: R and eta are the mean and the spread of two levels."""
    a = 0.1
    values = on_nodes(sines([[np.cos(a)], [np.sin(a)]]))
    mean = np.cos(a) ** 2 * LEVELS[0] + np.sin(a) ** 2 * LEVELS[1]
    spread = np.cos(a) * np.sin(a) * (LEVELS[1] - LEVELS[0])
    assert values.rayleigh_quotients == pytest.approx([mean], rel=1e-12)
    assert values.residuals == pytest.approx([spread], rel=1e-12)


def test_integrals_that_do_not_settle_prove_nothing():
    """A ripple finer than the finest rule: two rules with unrelated panels disagree about it."""

    def functions(x):
        psi, h_psi = sines(np.eye(12)[:, :5])(x)
        ripple = 1e-3 * np.sin(np.pi * 2e5 * x)[:, None]
        return psi + ripple, h_psi + (np.pi * 2e5) ** 2 * ripple

    found = enclose(BOX, functions, states=2)
    assert found.quantum_numbers.tolist() == [-1, -1]
    assert np.isneginf(found.lower).all()
    assert np.isposinf(found.upper).all()
    assert found.relative_width(0.0) == np.inf


def test_weight_enters_norm_and_hamiltonian():
    """A box of rho = 4 has a quarter of the levels."""
    heavy = qwpinn.PiecewiseConstant([0.0, 1.0], [0.0], [4.0])

    def functions(x):
        psi, h_psi = sines(rotated(5, 2, 1e-3))(x)
        return psi, h_psi / 4.0

    found = enclose(heavy, functions, states=2)
    assert np.all((found.lower < LEVELS[:2] / 4) & (LEVELS[:2] / 4 < found.upper))


def coarse(quantum):
    """States of the box, with errors of psi spread evenly over a quantum; H of them is exact."""

    def functions(x):
        psi, h_psi = sines(np.eye(12)[:, :5])(x)
        # Other digits at each x, however near.
        errors = np.modf(np.abs(np.sin(1e8 * x[:, None] + np.arange(5))) * 1e7)[0] - 0.5
        return psi + quantum * errors, h_psi

    return functions


@pytest.mark.parametrize("quantum", [1e-6, 1e-9])
def test_noise_is_that_of_rounding(quantum):
    """E times the root mean square of the errors."""
    mesh = Mesh(BOX, 2)
    found = noise(BOX, coarse(quantum), mesh, LEVELS[:5])
    np.testing.assert_allclose(found, LEVELS[:5] * quantum / np.sqrt(12.0), rtol=0.4)


def test_noise_of_exact_functions_is_rounding():
    found = noise(BOX, sines(np.eye(12)[:, :5]), Mesh(BOX, 2), LEVELS[:5])
    assert np.all(found < 3e-14 * LEVELS[:5])


def test_rounded_functions_have_enclosures_that_hold():
    for quantum in (1e-12, 1e-9, 1e-6, 1e-3):
        found = enclose(BOX, coarse(quantum), states=2)
        proven = found.quantum_numbers >= 0
        assert np.all(found.lower[proven] <= LEVELS[:2][proven])
        assert np.all(LEVELS[:2][proven] <= found.upper[proven])
