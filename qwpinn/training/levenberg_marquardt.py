"""Levenberg-Marquardt with geodesic acceleration, as a Keras optimizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import keras
import tensorflow as tf

from qwpinn.inputs import check, limits
from qwpinn.storage.plain import Json

# Below it, steps wander along directions that change psi and hardly the loss: with 1e-12, psi of
# the finite well ends 2e-6 off after 40 steps in place of 4e-7, at the same residual. It also
# keeps Cholesky's factor in existence, for rounding shifts the eigenvalues by about 1e-13.
SMALLEST_DAMPING = 1e-7
# Small enough for the linear step of a network that starts near its solution.
FIRST_DAMPING = 1e-6
LARGEST_DAMPING = 1e12
# Of a step, how far ahead its second order is looked for.
PROBE = 0.1


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


class Linearised(NamedTuple):
    """A loss |r|^2 to first order about the present values of its variables.

    Attributes:
        residual: r, of any shape.
        normal: J^T J, shape ``(P, P)``.
        gradient: J^T r, shape ``(P,)``.
        pull_back: Gives J^T y for y of the shape of r.
    """

    residual: tf.Tensor
    normal: tf.Tensor
    gradient: tf.Tensor
    pull_back: Callable[[tf.Tensor], tf.Tensor]

    @classmethod
    def of(cls, residual: tf.Tensor, jacobian: tf.Tensor) -> Linearised:
        """With a Jacobian ``(R, P)`` that is held, P known when traced."""

        def pull_back(vector: tf.Tensor) -> tf.Tensor:
            return tf.linalg.matvec(jacobian, tf.reshape(vector, [-1]), transpose_a=True)

        return cls(residual, gramian(jacobian), pull_back(residual), pull_back)

    def of_all(self) -> Linearised:
        """All but r summed over the replicas, so that every one of them takes the same step."""
        return Linearised(
            self.residual,
            summed(self.normal),
            summed(self.gradient),
            lambda vector: summed(self.pull_back(vector)),
        )


def summed(value: tf.Tensor) -> tf.Tensor:
    """The sum over the replicas of a `tf.distribute` strategy; the value itself without one."""
    if not tf.distribute.has_strategy():
        return value
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, value)


def _regular(normal: tf.Tensor, damping: tf.Tensor) -> tf.Tensor:
    """The damped matrix; the identity where it is not finite, for Cholesky raises on NaN."""
    damped = tf.linalg.set_diag(normal, tf.linalg.diag_part(normal) + damping)
    identity = tf.eye(tf.shape(normal)[0], dtype=normal.dtype)
    return tf.where(tf.reduce_all(tf.math.is_finite(normal)), damped, identity)


class Step(NamedTuple):
    """What a step found.

    Attributes:
        residual: r where it left the variables.
        damping: With which the next step begins.
        accepted: Whether they moved.
    """

    residual: tf.Tensor
    damping: tf.Tensor
    accepted: tf.Tensor

    @property
    def logs(self) -> dict[str, tf.Tensor]:
        """What `fit` reports of it: ``damping``, and ``accepted``, 1 or 0."""
        return {"damping": self.damping, "accepted": tf.cast(self.accepted, self.damping.dtype)}


@keras.saving.register_keras_serializable("qwpinn")
class LevenbergMarquardt(keras.optimizers.Optimizer):
    r"""Damped Gauss-Newton steps for a loss that is a sum of squares, loss = r^T r.

    .. math:: v = -(J^T J + \mu D)^{-1} J^T r, \quad
              a = -(J^T J + \mu D)^{-1} J^T \partial_v^2 r, \quad \delta = v + a / 2

    The second-order term a (geodesic acceleration) follows the bent, narrow valleys that a
    network's nearly dependent features make; it costs one residual vector more, no Jacobian. A
    step is taken if it lowers the loss and 2 ||a|| <= acceleration ||v|| in the scaled norm, and
    the damping mu then falls. Otherwise mu rises, and the step is tried again with the same
    Jacobian, up to ``attempts`` times; if none is taken, all variables stay. Under a
    `tf.distribute` strategy a step is tried once.

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

    def check_size(self, weights: int, rows: int) -> None:
        """Refuse a problem whose matrices would not fit into memory, or have no full rank.

        Args:
            weights: P, how many numbers are trained.
            rows: R, of a Jacobian that is held as a whole; 0 if it is summed in pieces.

        Raises:
            ValueError: If there are too many of them, or fewer residuals than weights.
        """
        cure = "Give smaller layers or fewer states, or another optimizer."
        limits.at_most("model", weights, limits.WEIGHTS, "weights to train", cure)
        cure = "Give fewer points or units, or another optimizer."
        limits.at_most("x", rows * weights, limits.JACOBIAN, "numbers of the Jacobian", cure)
        if 0 < rows < weights:
            raise ValueError(
                f"`x` must give at least as many residuals as there are weights to train, {weights}"
                f": fewer fit the points and not the equation. Received: {rows}. Give more points "
                "or fewer units, or another optimizer."
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
            _move(variables, start, PROBE * velocity)
            change = (residuals() - residual) / PROBE
            _move(variables, start, tf.zeros_like(velocity))
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
            _move(variables, start, step)
            ahead = residuals()
            taken = trusted & (_square(ahead) < loss)
            _move(variables, start, tf.where(taken, step, tf.zeros_like(step)))
            factor = tf.where(taken, tf.cast(1.0 / self.decrease, step.dtype), self.increase)
            changed = tf.clip_by_value(damping * factor, SMALLEST_DAMPING, LARGEST_DAMPING)
            return tries + 1, changed, ahead, taken

        found = tf.constant(0), tf.identity(self.damping.value), residual, tf.constant(False)
        if tf.distribute.has_strategy():
            # Its replicas cannot add their losses inside a loop.
            found = attempt(*found)
        else:
            found = tf.while_loop(refused, attempt, found, parallel_iterations=1)
        _, damping, ahead, accepted = found
        self.damping.assign(damping)
        self.iterations.assign_add(1)
        return Step(tf.where(accepted, ahead, residual), damping, accepted)

    def update_step(
        self, gradient: tf.Tensor, variable: keras.Variable, learning_rate: tf.Tensor
    ) -> None:
        raise TypeError(
            "LevenbergMarquardt needs the residual vector, not a gradient. Received: a call of "
            "`apply_gradients`. Train a qwpinn.QuantumWellPINN with it, or take keras's Adam."
        )

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


def _move(variables: Sequence[keras.Variable], start: Sequence[tf.Tensor], step: tf.Tensor) -> None:
    """Set every variable to its start plus its part of the step."""
    parts = tf.split(step, [int(value.shape.num_elements()) for value in start])
    for variable, value, part in zip(variables, start, parts, strict=True):
        variable.assign(value + tf.reshape(part, value.shape))
