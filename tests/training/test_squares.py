"""Sums of squares as an optimizer is given them."""

import time

import numpy as np
import pytest

from qwpinn.training import squares
from qwpinn.training.squares import Linearised, Squares, gramian, one_thread, side_by_side


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


def test_a_loss_that_knows_no_gradient_has_that_of_its_first_order(rng):
    a, r = rng.normal(size=(9, 4)), rng.normal(size=9)
    own = {
        "residuals": lambda self, weights: r + a @ weights,
        "linearised": lambda self, weights: Linearised.of(self.residuals(weights), a),
        "logs": lambda self, residual: {},
    }
    loss = type("Linear", (Squares,), own)()
    np.testing.assert_allclose(loss.gradient(np.ones(4)), a.T @ (r + a.sum(1)), rtol=1e-13)


def test_a_loss_without_its_methods_is_none():
    with pytest.raises(TypeError, match="abstract method"):
        type("Empty", (Squares,), {"residuals": lambda self, weights: weights})()


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_side_by_side_is_in_order_whoever_is_done_first(monkeypatch, threads):
    monkeypatch.setattr(squares, "_pools", lambda: (None, threads))
    seconds = [0.03, 0.0, 0.02, 0.0, 0.0, 0.01, 0.0]

    def waited(item):
        time.sleep(seconds[item])
        return item**2

    assert list(side_by_side(waited, range(7))) == [0, 1, 4, 9, 16, 25, 36]
    assert list(side_by_side(waited, [])) == []


@pytest.mark.parametrize("threads", [1, 3])
def test_side_by_side_keeps_the_error_state_and_hands_on_errors(monkeypatch, threads):
    monkeypatch.setattr(squares, "_pools", lambda: (None, threads))
    with np.errstate(all="ignore"):
        found = list(side_by_side(lambda x: np.array([x]) / 0.0, [1.0, 2.0]))
    assert [part.tolist() for part in found] == [[np.inf], [np.inf]]
    with pytest.raises(ZeroDivisionError):
        list(side_by_side(lambda x: 1 / x, [1, 0]))


def test_one_thread_is_ended_by_the_last_that_leaves():
    def threads():
        return {pool.num_threads for pool in squares._pools()[0].lib_controllers}

    before, first, second = threads(), one_thread(), one_thread()
    first.__enter__()
    second.__enter__()
    assert threads() == {1}
    first.__exit__(None, None, None)
    assert threads() == {1}
    second.__exit__(None, None, None)
    assert threads() == before


def test_what_side_by_side_limits_is_what_blas_had():
    with one_thread():
        within = squares._pools()[1]
    assert within == squares._pools()[1] >= 1
