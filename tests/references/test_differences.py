"""Differences: the three-point scheme, extrapolated."""

import numpy as np
import pytest
from problems import PROBLEMS, Problem

from qwpinn.potentials import FiniteBarrier, FiniteWell, PiecewisePolynomial, Potential
from qwpinn.references import finite_differences, legendre_galerkin

by_id = pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.id)


GRADED = PiecewisePolynomial(  # V and rho both vary, V jumps
    [0.0, 1.0, 2.5], [[3.0, 2.0], [-4.0, 1.0]], [[1.0, 0.3], [2.0, -0.5]], (1.0,)
)


@by_id
def test_finite_difference_levels(problem: Problem) -> None:
    energies = finite_differences(problem.potential, problem.levels.size).energies
    np.testing.assert_allclose(energies, problem.levels, rtol=3e-9)


@pytest.mark.parametrize("potential", [FiniteWell(), FiniteBarrier(), GRADED], ids=lambda p: p.name)
@pytest.mark.parametrize(("refinements", "order", "margin"), [(0, 2.0, 0.1), (1, 4.0, 0.3)])
def test_finite_difference_order(
    potential: Potential, refinements: int, order: float, margin: float
) -> None:
    reference = legendre_galerkin(potential, 3).energies
    sizes = np.array([61, 121, 241])
    errors = [
        np.abs(finite_differences(potential, 3, int(size), refinements).energies - reference)
        for size in sizes
    ]
    slopes = np.polyfit(np.log(sizes - 1.0), np.log(errors), 1)[0]
    np.testing.assert_allclose(slopes, -order, atol=margin)
