"""Sums of squares as an optimizer is given them."""

import numpy as np
import pytest

from qwpinn.training.squares import Linearised, Squares, gramian


@pytest.mark.parametrize("columns", [1, 4, 18])
def test_gramian_is_symmetric_and_the_product_with_the_transpose(rng, columns):
    a = rng.normal(size=(11, columns))
    found = gramian(a)
    np.testing.assert_array_equal(found, found.T)
    np.testing.assert_allclose(found, np.einsum("ri,rj->ij", a, a), rtol=1e-13, atol=1e-13)


def test_the_first_order_of_a_linear_problem(rng):
    a, r, y = rng.normal(size=(9, 4)), rng.normal(size=9), rng.normal(size=9)
    found = Linearised.of(r, a)
    np.testing.assert_allclose(found.gradient, a.T @ r, rtol=1e-13)
    np.testing.assert_allclose(found.pull_back(y), a.T @ y, rtol=1e-13)


def test_a_loss_without_its_methods_is_none():
    with pytest.raises(TypeError, match="abstract method"):
        type("Empty", (Squares,), {"residuals": lambda self, weights: weights})()
