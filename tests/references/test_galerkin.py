"""Legendre-Galerkin: known levels, its convergence, and its agreement with the other solvers."""

import numpy as np
import pytest
from numpy.typing import NDArray
from problems import PROBLEMS, Problem, gaas_well

from qwpinn.potentials import (
    CustomPotential,
    FiniteBarrier,
    FiniteWell,
    InfiniteWell,
    PiecewisePolynomial,
    Potential,
    Sampled,
    tabulate,
)
from qwpinn.quadrature import gauss_legendre, panels
from qwpinn.references import (
    Spectrum,
    count_below,
    exact,
    finite_differences,
    legendre_galerkin,
)

by_id = pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.id)
GRADED = PiecewisePolynomial(  # V and rho both vary, V jumps
    [0.0, 1.0, 2.5], [[3.0, 2.0], [-4.0, 1.0]], [[1.0, 0.3], [2.0, -0.5]], (1.0,)
)


def gram(potential: Potential, spectrum: Spectrum) -> NDArray[np.float64]:
    rule = gauss_legendre(panels(potential, 200), 12)
    psi = spectrum.wavefunctions(rule.nodes)
    return np.asarray(psi.T @ ((rule.weights * potential.weight(rule.nodes))[:, None] * psi))


@by_id
def test_galerkin_levels(problem: Problem) -> None:
    energies = legendre_galerkin(problem.potential, problem.levels.size).energies
    np.testing.assert_allclose(energies, problem.levels, rtol=5e-14, atol=5e-13)


@pytest.mark.parametrize(
    "potential",
    [InfiniteWell(), FiniteWell(), FiniteBarrier(), FiniteWell(1e4), gaas_well(100.0, 200.0)],
    ids=lambda potential: potential.name,
)
def test_three_roads_agree(potential: Potential) -> None:
    x = np.linspace(*potential.interval, 501)
    closed, galerkin = exact(potential, 3), legendre_galerkin(potential, 3)
    grid = finite_differences(potential, 3, points=2001, refinements=2)
    size = np.max(np.abs(closed.wavefunctions(x)))
    np.testing.assert_allclose(galerkin.energies, closed.energies, rtol=2e-14)
    np.testing.assert_allclose(grid.energies, closed.energies, rtol=2e-6)
    np.testing.assert_allclose(
        galerkin.wavefunctions(x), closed.wavefunctions(x), atol=1e-11 * size
    )
    np.testing.assert_allclose(grid.wavefunctions(x), closed.wavefunctions(x), atol=2e-4 * size)


def test_galerkin_converges_exponentially_in_the_degree() -> None:
    exact_level = FiniteWell().levels(1)[0]
    errors = [
        legendre_galerkin(FiniteWell(), 1, degree=degree, panels=3).energies[0] - exact_level
        for degree in (4, 6, 8)
    ]
    assert all(error > 0.0 for error in errors)  # Ritz values lie above
    assert errors[1] < 2e-2 * errors[0]
    assert errors[2] < 2e-2 * errors[1]


def test_galerkin_handles_a_very_deep_well() -> None:
    for depth in (1e4, 1e8, 1e12):
        well = FiniteWell(depth=depth)
        energies = legendre_galerkin(well, 3).energies
        np.testing.assert_allclose(energies, well.levels(3), rtol=1e-12)
        np.testing.assert_allclose(exact(well, 3).energies, well.levels(3), rtol=1e-14)


def test_a_degenerate_pair_stays_orthonormal() -> None:
    barrier = FiniteBarrier(height=1e6, width=0.2, box=1.0)  # the splitting is below round-off
    spectrum = exact(barrier, 4)
    np.testing.assert_allclose(spectrum.energies, barrier.levels(4), rtol=1e-14)
    np.testing.assert_allclose(gram(barrier, spectrum), np.eye(4), atol=1e-13)


def test_varying_weight() -> None:
    galerkin = legendre_galerkin(GRADED, 4)
    grid = finite_differences(GRADED, 4)
    np.testing.assert_allclose(grid.energies, galerkin.energies, rtol=1e-8)
    np.testing.assert_allclose(gram(GRADED, galerkin), np.eye(4), atol=1e-13)
    for n, energy in enumerate(galerkin.energies):
        assert count_below(GRADED, energy - 1e-9) == n
        assert count_below(GRADED, energy + 1e-9) == n + 1


def test_table_and_samples_have_the_levels_of_their_source() -> None:
    source = CustomPotential(lambda x: 50.0 * x, interval=(-0.5, 0.5))
    levels = legendre_galerkin(source, 3).energies
    for copy in (tabulate(source), Sampled([-0.5, 0.0, 0.5], [-25.0, 0.0, 25.0])):
        np.testing.assert_allclose(legendre_galerkin(copy, 3).energies, levels, rtol=1e-13)
