"""An optimizer that sees residuals, as anyone may write one."""

import keras
import numpy as np
import pytest

import qwpinn
from qwpinn.training.optimizers import SecondOrderOptimizer, Step


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

    def squares_step(self, squares, weights):
        residual, normal, gradient, _ = squares.linearised(weights)
        damped = normal + 0.1 * np.diag(np.diag(normal))
        ahead = weights - np.linalg.solve(damped, gradient)
        self.iterations.assign_add(1)
        return Step(ahead, squares.residuals(ahead), {"before": squares.loss(residual)})


class Silent(SecondOrderOptimizer):
    def squares_step(self, squares, weights):
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
    with pytest.raises(
        TypeError, match=r"`squares_step` must be .* a Step\(weights, res.*Received: None\."
    ):
        small_model.fit(qwpinn.collocation(finite_well, 60), verbose=0)


def test_a_gradient_is_refused():
    with pytest.raises(TypeError, match="Newton needs the residual vector, not a gradient"):
        Newton().apply_gradients([(1.0, keras.Variable(1.0))])
