"""The theorems bound levels as their proofs say."""

import numpy as np
import pytest
from mixtures import LEVELS, on_nodes, rotated, sines

from qwpinn.enclosures import kato_temple, lehmann, weinstein
from qwpinn.enclosures.theorems import lehmann_each


def test_kato_temple_is_sharp_for_a_mixture_of_the_two_levels_beside():
    """For psi in the span of two eigenfunctions, and mu the upper level, it is the level."""
    a = 0.1
    values = on_nodes(sines([[np.cos(a)], [np.sin(a)]]))
    energy, residual = values.rayleigh_quotients[0], values.residuals[0]
    lower, _ = kato_temple(energy, residual, below=-1e9, above=LEVELS[1])
    assert lower == pytest.approx(LEVELS[0], rel=1e-12)
    assert weinstein(energy, residual)[0] < LEVELS[0]


@pytest.mark.parametrize("bad", [{"below": 3.0}, {"above": 1.0}, {"residual": 1.1}])
def test_kato_temple_refuses_what_proves_nothing(bad):
    arguments = {"energy": 2.0, "residual": 0.1, "below": 1.0, "above": 3.0} | bad
    with pytest.raises(ValueError, match=r"residual\^2 < \(energy - below\) \(above - energy\)"):
        kato_temple(**arguments)


@pytest.mark.parametrize("seed", range(5))
def test_lehmann_bounds_from_below_and_ritz_from_above(seed):
    values = on_nodes(sines(rotated(4, seed, 2e-3)))
    separation = 0.5 * (LEVELS[3] + LEVELS[4])
    lower, upper = lehmann(values, separation), values.ritz_values()
    assert lower.shape == upper.shape == (4,)
    assert np.all(lower <= LEVELS[:4] + 1e-9)
    assert np.all(LEVELS[:4] <= upper + 1e-9)
    assert 1e-6 < np.max(upper - lower) < 1.0


def test_lehmann_error_is_quadratic_in_that_of_psi():
    separation = 0.5 * (LEVELS[3] + LEVELS[4])
    gaps = []
    for strength in (1e-3, 1e-4):
        values = on_nodes(sines(rotated(4, 0, strength)))
        gaps.append(values.ritz_values() - lehmann(values, separation))
    np.testing.assert_allclose(gaps[0] / gaps[1], 100.0, rtol=0.3)


def test_lehmann_of_one_function_is_katos_and_temples():
    values = on_nodes(sines(rotated(1, 1, 0.01)))
    energy, residual = values.rayleigh_quotients[0], values.residuals[0]
    expected = kato_temple(energy, residual, below=-1e9, above=30.0)[0]
    assert lehmann(values, 30.0) == pytest.approx([expected], rel=1e-9)


def test_many_separations_at_once_give_the_bounds_of_each():
    values = on_nodes(sines(rotated(4, 2, 2e-3)))
    separations = np.array([20.0, 60.0, values.ritz_values()[1], 120.0, 200.0])
    found = lehmann_each(values, separations)
    assert [bounds.size for bounds in found] == [1, 2, 0, 3, 4]
    for bounds, separation in zip(found, separations, strict=True):
        np.testing.assert_allclose(bounds, lehmann(values, separation), rtol=1e-13)
