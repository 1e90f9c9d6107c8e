"""The recipe of the paper, and its first attempt, which finds nothing."""

import numpy as np
import pytest

import qwpinn


def test_naive_recipe_collapses_to_zero(finite_well):
    naive = qwpinn.Paper.naive()
    assert (naive.kinks, naive.normalisation) == (False, 1.0)
    recipe = qwpinn.Paper(epochs=10, steps=100, kinks=False, normalisation=1.0)
    with pytest.warns(UserWarning, match="psi has become zero"):
        solution = qwpinn.solve(finite_well, recipe=recipe)
    x = np.linspace(-3, 3, 601)
    norm = np.trapezoid(solution.wavefunctions(x)[:, 0] ** 2, x)
    assert norm < 1e-3
    assert solution.status is qwpinn.Status.COLLAPSED
    assert "training: psi has become zero" in str(solution).replace("\n", " ")


def test_a_network_of_the_paper_is_random_and_as_large_as_asked():
    recipe = qwpinn.Paper(hidden=(5, 4), kinks=False)
    model = recipe.compiled(qwpinn.FiniteWell(), 2, seed=3)
    assert [layer.units for layer in model.trial.hidden.layers] == [5, 4]
    assert model.trial.features.breakpoints == ()
    np.testing.assert_allclose(model.scaled_energies, [1.0, 4.0])
    assert qwpinn.Paper().compiled(qwpinn.FiniteWell(), 1, 0).trial.features.breakpoints
    # Those of the infinite well are held, as in the paper.
    held = recipe.compiled(qwpinn.InfiniteWell(width=1.0), 2, 0)
    np.testing.assert_allclose(held.energies, np.pi**2 * np.array([1.0, 4.0]), rtol=1e-14)
    assert not held.scaled_energies.trainable


def test_it_finds_no_level_but_the_lowest():
    with pytest.raises(ValueError, match="`level` must be left out with the recipe Paper"):
        qwpinn.solve(qwpinn.FiniteWell(), level=2, recipe=qwpinn.Paper(epochs=1, steps=1))
