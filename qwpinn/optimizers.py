"""Levenberg-Marquardt with geodesic acceleration, as a Keras optimizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

Solve = Callable[[tf.Tensor], tf.Tensor]

# Below it, steps wander along directions that change psi and hardly the loss: with 1e-12, psi of
# the finite well ends 2e-6 off after 40 steps in place of 4e-7, at the same residual. It also
# keeps Cholesky's factor in existence, for rounding shifts the eigenvalues by about 1e-13.
SMALLEST_DAMPING = 1e-7
LARGEST_DAMPING = 1e12


def gramian(matrix: tf.Tensor, blocks: int = 4) -> tf.Tensor:
    """A^T A, only the upper block triangle of which is multiplied out: 5/8 of the work."""
    parts = tf.split(matrix, _sizes(int(matrix.shape[1]), blocks), axis=1)
    product = {
        (i, j): tf.matmul(parts[i], parts[j], transpose_a=True)
        for i in range(blocks)
        for j in range(i, blocks)
    }
    return tf.concat(
        [
            tf.concat(
                [product[i, j] if i <= j else tf.transpose(product[j, i]) for j in range(blocks)],
                axis=1,
            )
            for i in range(blocks)
        ],
        axis=0,
    )


def _sizes(columns: int, blocks: int) -> list[int]:
    small, rest = divmod(columns, blocks)
    return [small + (block < rest) for block in range(blocks)]


def damped_inverse(jacobian: tf.Tensor, damping: tf.Tensor) -> Solve:
    r"""The map r -> -(J^T J + \mu D)^{-1} J^T r with Marquardt's D = diag(J^T J).

    With J D^{-1/2} in place of J the matrix is J^T J + mu I, and for fewer residuals than
    parameters the identity (J^T J + mu I)^{-1} J^T = J^T (J J^T + mu I)^{-1} gives the same step
    from the smaller matrix. One Cholesky factor serves every right-hand side.

    Args:
        jacobian: J, shape ``(R, P)`` with P known when traced.
        damping: mu > 0.
    """
    length = _positive(tf.norm(jacobian, axis=0))
    scaled = jacobian / length
    rows, columns = jacobian.shape
    dual = rows is not None and rows < columns
    normal = gramian(tf.transpose(scaled) if dual else scaled)
    factor = tf.linalg.cholesky(_regular(normal, damping))

    def primal_step(residual: tf.Tensor) -> tf.Tensor:
        gradient = tf.linalg.matvec(scaled, residual, transpose_a=True)
        return -tf.linalg.cholesky_solve(factor, gradient[:, None])[:, 0] / length

    def dual_step(residual: tf.Tensor) -> tf.Tensor:
        multiplier = tf.linalg.cholesky_solve(factor, residual[:, None])[:, 0]
        return -tf.linalg.matvec(scaled, multiplier, transpose_a=True) / length

    return dual_step if dual else primal_step


def _regular(normal: tf.Tensor, damping: tf.Tensor) -> tf.Tensor:
    """The damped matrix; the identity where it is not finite, for Cholesky raises on NaN."""
    damped = tf.linalg.set_diag(normal, tf.linalg.diag_part(normal) + damping)
    identity = tf.eye(tf.shape(normal)[0], dtype=normal.dtype)
    return tf.where(tf.reduce_all(tf.math.is_finite(normal)), damped, identity)


@keras.saving.register_keras_serializable("qwpinn")
class LevenbergMarquardt(keras.optimizers.Optimizer):
    r"""Damped Gauss-Newton steps for a loss that is a sum of squares, loss = r^T r.

    .. math:: v = -(J^T J + \mu D)^{-1} J^T r, \quad
              a = -(J^T J + \mu D)^{-1} J^T \partial_v^2 r, \quad \delta = v + a / 2

    The second-order term a (geodesic acceleration) follows the bent, narrow valleys that a
    network's nearly dependent features make; it costs one residual vector more, no Jacobian. A
    step is taken if it lowers the loss and 2 ||a|| <= acceleration ||v|| in the scaled norm, and
    the damping mu then falls; otherwise all variables stay and mu rises.

    `QuantumWellPINN.train_step` calls `least_squares_step`; the gradient interface
    (`apply_gradients`) of other Keras optimizers does not carry residuals and is refused.

    Args:
        damping: mu > 0 to begin with. It is one of the optimizer's variables and survives saving.
        decrease: Divides mu after a step that was taken, > 1.
        increase: Multiplies mu after a step that was refused, > 1.
        acceleration: Largest 2 ||a|| / ||v||; 0 turns the second-order term off.

    Reference:
        D. W. Marquardt, J. Soc. Indust. Appl. Math. 11, 431 (1963), doi:10.1137/0111030;
        M. K. Transtrum and J. P. Sethna, arXiv:1201.5885 (2012).
    """

    def __init__(
        self,
        damping: float = 1e-6,
        decrease: float = 2.0,
        increase: float = 3.0,
        acceleration: float = 0.75,
        name: str = "levenberg_marquardt",
    ) -> None:
        super().__init__(learning_rate=1.0, name=name)
        for key, value, least in (
            ("damping", damping, 0.0),
            ("decrease", decrease, 1.0),
            ("increase", increase, 1.0),
        ):
            if not value > least:
                raise ValueError(
                    f"`{key}` must be a number above {least:g}. Received: {key}={value!r}. "
                    "Leave it out for the default."
                )
        if not acceleration >= 0.0:
            raise ValueError(
                "`acceleration` must be a number of at least 0. "
                f"Received: acceleration={acceleration!r}. Give 0 to turn it off."
            )
        self.initial_damping = float(damping)
        self.decrease = float(decrease)
        self.increase = float(increase)
        self.acceleration = float(acceleration)

    def build(self, variables: Sequence[keras.Variable]) -> None:
        """Make the damping variable; called by `compile` or by the first step."""
        if self.built:
            return
        super().build(variables)
        self.damping = self.add_variable(
            shape=(),
            initializer=keras.initializers.Constant(self.initial_damping),
            dtype="float64",
            name="damping",
        )

    def least_squares_step(
        self,
        residuals: Callable[[], tf.Tensor],
        jacobian: Callable[[], tf.Tensor],
        variables: Sequence[keras.Variable],
    ) -> tf.Tensor:
        """One step on all variables at once; returns r where it left them.

        Args:
            residuals: Gives r, shape ``(R,)``, at the variables' present values.
            jacobian: Gives dr/dvariables, shape ``(R, P)``, columns in the order of ``variables``.
            variables: The float64 variables to move.
        """
        start = [tf.identity(variable.value) for variable in variables]
        damping = tf.identity(self.damping.value)
        residual, slopes = residuals(), jacobian()
        step, trusted = self._direction(residuals, variables, start, residual, slopes, damping)
        return self._take(residuals, variables, start, step, trusted, residual)

    def normal_equations_step(
        self,
        residuals: Callable[[], tf.Tensor],
        normal_equations: Callable[[], tuple[tf.Tensor, tf.Tensor]],
        pull_back: Callable[[tf.Tensor], tf.Tensor],
        variables: Sequence[keras.Variable],
    ) -> tf.Tensor:
        """The same step where J is too large to be held; returns r where it left the variables.

        Under a `tf.distribute` strategy each replica has residuals of its own, and what the other
        functions return is the sum over all: then every replica takes the same step.

        Args:
            residuals: Gives r of this replica, of any shape.
            normal_equations: Gives J^T J, shape ``(P, P)``, and J^T r, shape ``(P,)``.
            pull_back: Gives J^T y for y of the shape of r.
            variables: The float64 variables to move.
        """
        start = [tf.identity(variable.value) for variable in variables]
        damping = tf.identity(self.damping.value)
        residual, (normal, gradient) = residuals(), normal_equations()
        length = _positive(tf.sqrt(tf.linalg.diag_part(normal)))
        scaled = normal / (length[:, None] * length)
        factor = tf.linalg.cholesky(_regular(scaled, damping))

        def solve(vector: tf.Tensor) -> tf.Tensor:
            return -tf.linalg.cholesky_solve(factor, (vector / length)[:, None])[:, 0] / length

        step, trusted = solve(gradient), tf.constant(True)
        if self.acceleration > 0.0:
            probe = 0.1
            _move(variables, start, probe * step)
            ahead = residuals()
            _move(variables, start, -probe * step)
            curvature = (ahead - 2.0 * residual + residuals()) / probe**2
            _move(variables, start, tf.zeros_like(step))
            bend = solve(pull_back(curvature))
            trusted = 2.0 * tf.norm(length * bend) <= self.acceleration * tf.norm(length * step)
            step = step + 0.5 * bend
        return self._take(residuals, variables, start, step, trusted, residual)

    def _take(
        self,
        residuals: Callable[[], tf.Tensor],
        variables: Sequence[keras.Variable],
        start: Sequence[tf.Tensor],
        step: tf.Tensor,
        trusted: tf.Tensor,
        residual: tf.Tensor,
    ) -> tf.Tensor:
        """Move if the loss falls, and adapt the damping; returns r where the variables are."""
        _move(variables, start, step)
        ahead = residuals()
        accepted = trusted & (_square(ahead) < _square(residual))
        _move(variables, start, tf.where(accepted, step, tf.zeros_like(step)))
        factor = tf.where(accepted, tf.cast(1.0 / self.decrease, step.dtype), self.increase)
        damping = tf.convert_to_tensor(self.damping.value)
        self.damping.assign(tf.clip_by_value(damping * factor, SMALLEST_DAMPING, LARGEST_DAMPING))
        self.iterations.assign_add(1)
        return tf.where(accepted, ahead, residual)

    def _direction(
        self,
        residuals: Callable[[], tf.Tensor],
        variables: Sequence[keras.Variable],
        start: Sequence[tf.Tensor],
        residual: tf.Tensor,
        jacobian: tf.Tensor,
        damping: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The step, and whether its second-order term is small enough to be trusted."""
        solve = damped_inverse(jacobian, damping)
        velocity = solve(residual)
        if self.acceleration == 0.0:
            return velocity, tf.constant(True)
        probe = 0.1
        _move(variables, start, probe * velocity)
        change = (residuals() - residual) / probe - tf.linalg.matvec(jacobian, velocity)
        bend = solve(2.0 / probe * change)
        length = tf.norm(jacobian, axis=0)
        ratio = 2.0 * tf.norm(length * bend) / tf.norm(length * velocity)
        return velocity + 0.5 * bend, ratio <= self.acceleration

    def update_step(
        self, gradient: tf.Tensor, variable: keras.Variable, learning_rate: tf.Tensor
    ) -> None:
        raise TypeError(
            "LevenbergMarquardt needs the residual vector, not a gradient. Received: a call of "
            "`apply_gradients`. Train a qwpinn.QuantumWellPINN with it, or take keras's Adam."
        )

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "damping": self.initial_damping,
            "decrease": self.decrease,
            "increase": self.increase,
            "acceleration": self.acceleration,
        }


def _positive(length: tf.Tensor) -> tf.Tensor:
    """1 in place of 0: a variable on which nothing depends stays where it is."""
    return tf.where(length > 0.0, length, tf.ones_like(length))


def _square(residual: tf.Tensor) -> tf.Tensor:
    """The loss, of all replicas of a `tf.distribute` strategy."""
    square = tf.reduce_sum(residual**2)
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, square)


def _move(variables: Sequence[keras.Variable], start: Sequence[tf.Tensor], step: tf.Tensor) -> None:
    """Set every variable to its start plus its part of the step."""
    parts = tf.split(step, [int(value.shape.num_elements()) for value in start])
    for variable, value, part in zip(variables, start, parts, strict=True):
        variable.assign(value + tf.reshape(part, value.shape))
