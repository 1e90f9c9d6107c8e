"""`solve` on every problem of the table: error, enclosure, quantum number."""

import numpy as np
import pytest
from problems import ALL, SMOOTH, Problem

import qwpinn

# Trained as by default; the others stay at their Ritz start, for time.
TRAINED = {
    "double_well_5",
    "gaas_double_60",
    "eigenn_finite_well",
    "quantumnn_double_well",
    "woods_saxon",
    "staircase",
    "v_shape",
}


@pytest.mark.parametrize("problem", ALL, ids=lambda problem: problem.id)
def test_every_level_is_found_and_enclosed(problem: Problem) -> None:
    recipe = None if problem.id in TRAINED else qwpinn.Precise(epochs=0)
    solution = qwpinn.solve(problem.potential, problem.levels.size, recipe=recipe)
    assert not solution.failures
    assert len(solution.history.get("loss", ())) == (5 if problem.id in TRAINED else 0)
    np.testing.assert_array_equal(solution.quantum_numbers, np.arange(problem.levels.size))
    kinetic = problem.levels - solution.model.scaling.energy_origin
    assert np.max(np.abs(solution.energies - problem.levels) / kinetic) <= 1e-8
    assert np.max((solution.upper - solution.lower) / kinetic) <= 1e-6
    assert np.all(solution.lower <= problem.levels)
    assert np.all(problem.levels <= solution.upper)


def test_the_table_is_long_enough() -> None:
    assert len({problem.id for problem in ALL}) == len(ALL) >= 40
    assert len(TRAINED & {problem.id for problem in ALL}) == len(TRAINED) >= 6


def test_a_nearly_degenerate_pair() -> None:
    problem = SMOOTH[3]
    solution = qwpinn.solve(problem.potential, states=2)
    assert solution.converged
    assert solution.splitting() == pytest.approx(2.981854e-5, rel=1e-4)
    assert solution.lower[1] > solution.upper[0]
    x = np.linspace(0.0, 6.0, 301)
    psi, mirrored = solution.wavefunctions(x), solution.wavefunctions(-x)
    np.testing.assert_allclose(mirrored, psi * [1.0, -1.0], atol=1e-4)
    # Both sit in both wells: neither state is the left or the right one.
    np.testing.assert_allclose(solution.probability(0.0, 6.0), 0.5, atol=1e-4)
