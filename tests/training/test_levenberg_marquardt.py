import keras
import numpy as np
import pytest
import tensorflow as tf

import qwpinn
from qwpinn.training.levenberg_marquardt import LARGEST_DAMPING
from qwpinn.training.squares import Linearised, Squares


def test_undamped_step_solves_the_linear_least_squares_problem(rng):
    a, r = rng.normal(size=(20, 6)), rng.normal(size=20)
    step = first_step(a, r, 1e-12)
    np.testing.assert_allclose(step, -np.linalg.lstsq(a, r, rcond=None)[0], rtol=1e-9)


def test_damped_step_is_that_of_the_augmented_system(rng):
    a, r, mu = rng.normal(size=(20, 6)), rng.normal(size=20), 0.3
    damping = np.sqrt(mu) * np.diag(np.linalg.norm(a, axis=0))
    target = np.concatenate([r, np.zeros(6)])
    expected = -np.linalg.lstsq(np.vstack([a, damping]), target, rcond=None)[0]
    np.testing.assert_allclose(first_step(a, r, mu), expected, rtol=1e-9, atol=1e-12)


def first_step(a, r, damping):
    """By how much the first step moves the x of |a x + r|^2 from zero."""
    problem = Problem(lambda x: tf.linalg.matvec(tf.constant(a), x) + r, np.zeros(a.shape[1]))
    problem.run(qwpinn.LevenbergMarquardt(damping), 1)
    return problem.x


def test_the_second_derivative_bends_the_step():
    """v + a / 2 of one residual, whose third derivative is zero, by hand."""
    problem = Problem(lambda x: 1.0 + x + 0.1 * x**2, [0.0])
    problem.run(qwpinn.LevenbergMarquardt(damping=1e-7), 1)
    np.testing.assert_allclose(problem.x, [-1.0 - 0.1], rtol=1e-6)


class Problem(Squares):
    """A least-squares problem of any function of tensors, for steps outside a model."""

    def __init__(self, function, start):
        self.function, self.x = function, np.array(start, np.float64)
        self.linearisations = 0

    def residuals(self, weights):
        return self.function(tf.constant(weights)).numpy()

    def linearised(self, weights):
        self.linearisations += 1
        x = tf.constant(weights)
        with tf.GradientTape() as tape:
            tape.watch(x)
            r = self.function(x)
        return Linearised.of(r.numpy(), tape.jacobian(r, x).numpy())

    def logs(self, residual):
        return {"loss": self.loss(residual)}

    def step(self, optimizer):
        found = optimizer.squares_step(self, self.x)
        self.x = found.weights
        return found

    def run(self, optimizer, steps):
        optimizer.build([keras.Variable(self.x, dtype="float64")])
        losses = []
        for _ in range(steps):
            self.step(optimizer)
            losses.append(self.loss(self.residuals(self.x)))
        return losses


def rosenbrock(x):
    return tf.stack([10.0 * (x[1] - x[0] ** 2), 1.0 - x[0]])


def test_linear_problem_is_solved_in_one_step(rng):
    a, b = tf.constant(rng.normal(size=(9, 3))), tf.constant(rng.normal(size=9))
    problem = Problem(lambda x: tf.linalg.matvec(a, x) - b, np.zeros(3))
    problem.run(qwpinn.LevenbergMarquardt(damping=1e-9), 1)
    np.testing.assert_allclose(
        problem.x, np.linalg.lstsq(a.numpy(), b.numpy(), rcond=None)[0], rtol=1e-6
    )


def test_bent_valley_is_followed_to_its_end_and_the_loss_never_rises():
    problem = Problem(rosenbrock, [-1.2, 1.0])
    losses = problem.run(qwpinn.LevenbergMarquardt(damping=1e-2), 30)
    np.testing.assert_allclose(problem.x, [1.0, 1.0], atol=1e-8)
    assert np.all(np.diff(losses) <= 0.0)


@pytest.mark.parametrize(("attempts", "factor"), [(1, 7.0), (3, 343.0)])
def test_refused_step_moves_nothing_and_raises_the_damping(attempts, factor):
    problem = Problem(lambda x: tf.where(x == 1.0, x, 5.0 + x), [1.0])  # any step makes it worse
    optimizer = qwpinn.LevenbergMarquardt(
        damping=1e-3, increase=7.0, acceleration=0.0, attempts=attempts
    )
    problem.run(optimizer, 1)
    assert problem.x[0] == 1.0
    assert float(optimizer.damping) == pytest.approx(1e-3 * factor)


@pytest.mark.slow
@pytest.mark.parametrize("size", [0.0, 1e-16])
def test_a_weight_that_only_rounding_knows_does_not_stop_the_others(size):
    """As the bias of a saturated unit: in units of its own column its step would be endless."""

    def residual(x):
        # What depends on it at all bends where it is moved far.
        return tf.stack(
            [rosenbrock(x)[0], rosenbrock(x)[1], size * x[2] + tf.tanh(1e-6 * x[2]) ** 9]
        )

    problem = Problem(residual, [-1.0, 1.0, 3.0])
    losses = problem.run(qwpinn.LevenbergMarquardt(damping=1e-3), 40)
    assert losses[-1] < 1e-9
    assert abs(problem.x[2] - 3.0) < 1e-6


def test_where_no_damping_helps_no_time_is_lost():
    calls = []

    def worse(x):
        calls.append(1)
        return tf.where(x == 1.0, x, 5.0 + x)

    problem = Problem(worse, [1.0])
    optimizer = qwpinn.LevenbergMarquardt(damping=LARGEST_DAMPING, acceleration=0.0)
    problem.run(optimizer, 1)
    assert len(calls) == 3  # for the Jacobian, after one step, and by the test
    assert float(optimizer.damping) == LARGEST_DAMPING


def test_accepted_step_lowers_the_damping():
    problem = Problem(lambda x: 2.0 * x, [1.0])
    optimizer = qwpinn.LevenbergMarquardt(damping=1e-3, decrease=5.0)
    problem.run(optimizer, 1)
    assert float(optimizer.damping) == pytest.approx(2e-4)
    assert int(optimizer.iterations) == 1


def test_not_finite_residuals_leave_the_variables_alone():
    problem = Problem(lambda x: x + tf.constant(np.nan, tf.float64), [1.0])
    optimizer = qwpinn.LevenbergMarquardt()
    problem.run(optimizer, 3)
    assert problem.x[0] == 1.0
    assert float(optimizer.damping) <= LARGEST_DAMPING


def test_config_round_trip():
    optimizer = qwpinn.LevenbergMarquardt(damping=0.2, decrease=4, increase=6, acceleration=0.5)
    copy = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert isinstance(copy, qwpinn.LevenbergMarquardt)
    assert copy.get_config() == optimizer.get_config()
    assert copy.get_config()["damping"] == 0.2


@pytest.mark.parametrize("argument", ["damping", "decrease", "increase"])
@pytest.mark.parametrize("value", [0.0, -1.0])
def test_invalid_arguments_are_named(argument, value):
    with pytest.raises(ValueError, match=f"`{argument}` must be a number above"):
        qwpinn.LevenbergMarquardt(**{argument: value})


@pytest.mark.parametrize("argument", ["damping", "decrease", "increase", "acceleration"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_arguments_must_be_finite(argument, value):
    with pytest.raises(ValueError, match=f"`{argument}` must be finite"):
        qwpinn.LevenbergMarquardt(**{argument: value})


def test_negative_acceleration_is_refused():
    with pytest.raises(ValueError, match="`acceleration` must be a number of at least 0"):
        qwpinn.LevenbergMarquardt(acceleration=-1.0)


def test_gradient_interface_is_refused_with_the_cure():
    optimizer, variable = qwpinn.LevenbergMarquardt(), keras.Variable(1.0)
    with pytest.raises(TypeError, match="needs the residual vector, not a gradient"):
        optimizer.apply_gradients([(tf.constant(1.0), variable)])


def test_a_step_that_is_refused_is_tried_again_with_the_same_jacobian():
    problem = Problem(rosenbrock, [-1.2, 1.0])
    optimizer = qwpinn.LevenbergMarquardt(damping=1e-7, increase=3.0, acceleration=0.0)
    losses = problem.run(optimizer, 1)
    assert losses[0] < 24.2
    assert problem.linearisations == 1
    # As often as it was refused it grew, and then it fell once.
    tries = np.log(float(optimizer.damping) * 2.0 / 1e-7) / np.log(3.0)
    assert round(tries) >= 3
    assert tries == pytest.approx(round(tries), abs=1e-9)


def test_a_step_says_whether_it_was_taken():
    optimizer, problem = qwpinn.LevenbergMarquardt(), Problem(lambda x: 2.0 * x, [1.0])
    optimizer.build([keras.Variable(1.0)])
    start = problem.x.copy()
    step = problem.step(optimizer)
    assert step.logs == {"damping": float(optimizer.damping), "accepted": 1.0}
    np.testing.assert_array_equal(step.residual, problem.residuals(step.weights))
    np.testing.assert_array_equal(start, [1.0])  # What it was given stays.


def test_no_damping_is_the_first_jacobians_and_survives_a_config():
    optimizer = qwpinn.LevenbergMarquardt()
    assert optimizer.get_config()["damping"] is None
    copy = qwpinn.LevenbergMarquardt.from_config(optimizer.get_config())
    copy.build([keras.Variable(1.0)])
    assert float(copy.damping) == 1e-6


def test_attempts_must_be_a_count():
    with pytest.raises(ValueError, match="`attempts` must be an integer of at least 1"):
        qwpinn.LevenbergMarquardt(attempts=0)
