"""An optimizer that sees residuals, as anyone may write one."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import qwpinn
from qwpinn.training.optimizers import SecondOrderOptimizer, Step, gramian, moved


@pytest.mark.parametrize("columns", [4, 5, 7, 18])
def test_gramian_is_the_product_with_the_transpose(rng, columns):
    a = rng.normal(size=(11, columns))
    np.testing.assert_allclose(gramian(tf.constant(a)), a.T @ a, rtol=1e-13, atol=1e-13)


def test_fewer_residuals_than_weights_are_refused(small_model, finite_well):
    small_model.compile(qwpinn.LevenbergMarquardt())
    small_model.fit(qwpinn.collocation(finite_well, 60), verbose=0)
    with pytest.raises(ValueError, match="`x` must give at least as many residuals as there are"):
        small_model.fit(qwpinn.collocation(finite_well, 12), verbose=0)
    small_model.compile("adam")
    small_model.fit(qwpinn.collocation(finite_well, 12), verbose=0)


@keras.saving.register_keras_serializable("tests")
class Newton(SecondOrderOptimizer):
    """Gauss and Newton's step, with one damping for all."""

    def squares_step(self, residuals, linearised, variables):
        residual, normal, gradient, _ = linearised
        damped = normal + 0.1 * tf.linalg.diag(tf.linalg.diag_part(normal))
        moved(variables, [tf.identity(v.value) for v in variables],
              -tf.linalg.solve(damped, gradient[:, None])[:, 0])  # fmt: skip
        self.iterations.assign_add(1)
        return Step(residuals(), {"before": tf.reduce_sum(residual**2)})


class Silent(SecondOrderOptimizer):
    def squares_step(self, residuals, linearised, variables):
        return None


def test_an_optimizer_of_ones_own_trains_a_well(small_model, finite_well):
    small_model.compile(Newton())
    history = small_model.fit(qwpinn.collocation(finite_well, 60), epochs=4, verbose=0).history
    # What a step leads to is where the next one begins.
    np.testing.assert_allclose(history["before"][1:], history["loss"][:-1], rtol=1e-10)
    assert history["loss"][-1] < 0.9 * history["before"][0]
    assert int(small_model.optimizer.iterations) == 4


def test_a_step_that_is_none_is_refused(small_model, finite_well):
    small_model.compile(Silent())
    with pytest.raises(TypeError, match=r"`squares_step` must be .* a Step\(res.*Received: None\."):
        small_model.fit(qwpinn.collocation(finite_well, 60), verbose=0)


def test_a_gradient_is_refused():
    with pytest.raises(TypeError, match="Newton needs the residual vector, not a gradient"):
        Newton().apply_gradients([(tf.constant(1.0), keras.Variable(1.0))])
