"""Levenberg-Marquardt with geodesic acceleration, as a Keras optimizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from qwpinn.inputs import check
from qwpinn.storage.plain import Json
from qwpinn.training.optimizers import (
    Linearised,
    SecondOrderOptimizer,
    Step,
    moved,
    replicas,
    summed,
)

# Below it, steps wander along directions that change psi and hardly the loss: with 1e-12, psi of
# the finite well ends 2e-6 off after 40 steps in place of 4e-7, at the same residual. It also
# keeps Cholesky's factor in existence, for rounding shifts the eigenvalues by about 1e-13.
SMALLEST_DAMPING = 1e-7
# Small enough for the linear step of a network that starts near its solution.
FIRST_DAMPING = 1e-6
LARGEST_DAMPING = 1e12
# Of a step, how far ahead its second order is looked for.
PROBE = 0.1


def _regular(normal: tf.Tensor, damping: tf.Tensor) -> tf.Tensor:
    """The damped matrix; the identity where it is not finite, for Cholesky raises on NaN."""
    damped = tf.linalg.set_diag(normal, tf.linalg.diag_part(normal) + damping)
    identity = tf.eye(tf.shape(normal)[0], dtype=normal.dtype)
    return tf.where(tf.reduce_all(tf.math.is_finite(normal)), damped, identity)


@keras.saving.register_keras_serializable("qwpinn")
class LevenbergMarquardt(SecondOrderOptimizer):
    r"""Damped Gauss-Newton steps for a loss that is a sum of squares, loss = r^T r.

    .. math:: v = -(J^T J + \mu D)^{-1} J^T r, \quad
              a = -(J^T J + \mu D)^{-1} J^T \partial_v^2 r, \quad \delta = v + a / 2

    The second-order term a (geodesic acceleration) follows the bent, narrow valleys that a
    network's nearly dependent features make; it costs one residual vector more, no Jacobian. A
    step is taken if it lowers the loss and 2 ||a|| <= acceleration ||v|| in the scaled norm, and
    the damping mu then falls. Otherwise mu rises, and the step is tried again with the same
    Jacobian, up to ``attempts`` times; if none is taken, all variables stay. Under a
    `tf.distribute` strategy of several replicas a step is tried once.

    A model's `train_step` calls `squares_step` of any optimizer that has one, and its `fit` asks
    `check_size` first; the gradient interface (`apply_gradients`) of other Keras optimizers does
    not carry residuals and is refused. `fit` logs ``damping``, that of the next step, and
    ``accepted``, whether the last was taken.

    Args:
        damping: mu > 0 to begin with, in units of the largest entry of D^{-1/2} J^T J D^{-1/2},
            which is 1. Defaults to None: the first Jacobian decides, with which dampings from 1e-6
            on are tried. It is one of the optimizer's variables and survives saving.
        decrease: Divides mu after a step that was taken, > 1.
        increase: Multiplies mu after one that was refused, > 1.
        acceleration: Largest 2 ||a|| / ||v||; 0 turns the second-order term off.
        attempts: How many dampings are tried in a step, at least 1.

    Reference:
        D. W. Marquardt, J. Soc. Indust. Appl. Math. 11, 431 (1963), doi:10.1137/0111030;
        M. K. Transtrum and J. P. Sethna, arXiv:1201.5885 (2012).
    """

    def __init__(
        self,
        damping: float | None = None,
        decrease: float = 2.0,
        increase: float = 3.0,
        acceleration: float = 0.75,
        attempts: int = 16,
        name: str = "levenberg_marquardt",
    ) -> None:
        super().__init__(learning_rate=1.0, name=name)
        for key, value, least in (
            ("damping", FIRST_DAMPING if damping is None else damping, 0.0),
            ("decrease", decrease, 1.0),
            ("increase", increase, 1.0),
        ):
            if not check.finite(key, value) > least:
                raise ValueError(
                    f"`{key}` must be a number above {least:g}. Received: {key}={value!r}. "
                    "Leave it out for the default."
                )
        if not check.finite("acceleration", acceleration) >= 0.0:
            raise ValueError(
                "`acceleration` must be a number of at least 0. "
                f"Received: acceleration={acceleration!r}. Give 0 to turn it off."
            )
        self.initial_damping = None if damping is None else float(damping)
        self.decrease = float(decrease)
        self.increase = float(increase)
        self.acceleration = float(acceleration)
        self.attempts = check.integer("attempts", attempts)

    def build(self, variables: Sequence[keras.Variable]) -> None:
        """Make the damping variable; called by `compile` or by the first step."""
        if self.built:
            return
        super().build(variables)
        first = FIRST_DAMPING if self.initial_damping is None else self.initial_damping
        self.damping = self.add_variable(
            shape=(),
            # Keras's Constant rounds it to float32.
            initializer=lambda shape, dtype: tf.constant(first, dtype, shape),
            dtype="float64",
            name="damping",
        )

    def squares_step(
        self,
        residuals: Callable[[], tf.Tensor],
        linearised: Linearised,
        variables: Sequence[keras.Variable],
    ) -> Step:
        """One step on all variables at once.

        Args:
            residuals: Gives r at the variables' present values.
            linearised: Its first order there, over all replicas.
            variables: The float64 variables to move, in the order of the columns of J.
        """
        start = [tf.identity(variable.value) for variable in variables]
        residual, normal, gradient, pull_back = linearised
        length = tf.sqrt(tf.linalg.diag_part(normal))
        # A variable on which nothing depends stays where it is.
        length = tf.where(length > 0.0, length, tf.ones_like(length))
        scaled = normal / (length[:, None] * length)

        def direction(damping: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            factor = tf.linalg.cholesky(_regular(scaled, damping))

            def solve(vector: tf.Tensor) -> tf.Tensor:
                return -tf.linalg.cholesky_solve(factor, (vector / length)[:, None])[:, 0] / length

            velocity = solve(gradient)
            if self.acceleration == 0.0:
                return velocity, tf.constant(True)
            moved(variables, start, PROBE * velocity)
            change = (residuals() - residual) / PROBE
            moved(variables, start, tf.zeros_like(velocity))
            # J^T (J v), for which J itself need not be held.
            bend = solve(2.0 / PROBE * (pull_back(change) - tf.linalg.matvec(normal, velocity)))
            ratio = 2.0 * tf.norm(length * bend) / tf.norm(length * velocity)
            return velocity + 0.5 * bend, ratio <= self.acceleration

        return self._search(residuals, variables, start, direction, residual)

    def _search(
        self,
        residuals: Callable[[], tf.Tensor],
        variables: Sequence[keras.Variable],
        start: Sequence[tf.Tensor],
        direction: Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]],
        residual: tf.Tensor,
    ) -> Step:
        """The first step that lowers the loss, each tried with more damping than the one before."""
        loss = _square(residual)

        def refused(
            tries: tf.Tensor, damping: tf.Tensor, ahead: tf.Tensor, taken: tf.Tensor
        ) -> tf.Tensor:
            more = (tries < self.attempts) & (damping < LARGEST_DAMPING)
            return ~taken & (more | (tries == 0))

        def attempt(tries: tf.Tensor, damping: tf.Tensor, *_: tf.Tensor) -> tuple[tf.Tensor, ...]:
            step, trusted = direction(damping)
            moved(variables, start, step)
            ahead = residuals()
            taken = trusted & (_square(ahead) < loss)
            moved(variables, start, tf.where(taken, step, tf.zeros_like(step)))
            factor = tf.where(taken, tf.cast(1.0 / self.decrease, step.dtype), self.increase)
            changed = tf.clip_by_value(damping * factor, SMALLEST_DAMPING, LARGEST_DAMPING)
            return tries + 1, changed, ahead, taken

        found = tf.constant(0), tf.identity(self.damping.value), residual, tf.constant(False)
        if replicas() > 1:
            # Its replicas cannot add their losses inside a loop.
            found = attempt(*found)
        else:
            found = tf.while_loop(refused, attempt, found, parallel_iterations=1)
        _, damping, ahead, accepted = found
        self.damping.assign(damping)
        self.iterations.assign_add(1)
        logs = {"damping": damping, "accepted": tf.cast(accepted, damping.dtype)}
        return Step(tf.where(accepted, ahead, residual), logs)

    def get_config(self) -> dict[str, Json]:
        return {
            "name": self.name,
            "damping": self.initial_damping,
            "decrease": self.decrease,
            "increase": self.increase,
            "acceleration": self.acceleration,
            "attempts": self.attempts,
        }


def _square(residual: tf.Tensor) -> tf.Tensor:
    """The loss, of all replicas."""
    return summed(tf.reduce_sum(residual**2))
