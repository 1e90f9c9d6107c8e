"""Optimizers: the one that is meant; what one that sees residuals is given, and gives back."""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from qwpinn.equation import kinds
from qwpinn.inputs import limits


def optimizer_of(given: object) -> keras.optimizers.Optimizer:
    """The optimizer that a name, a config or an instance stands for.

    Raises:
        TypeError: If it stands for none.
    """
    try:
        return keras.optimizers.get(given)
    except (TypeError, ValueError) as error:
        raise TypeError(
            "`optimizer` must be qwpinn.LevenbergMarquardt(), one of keras.optimizers or its name. "
            f'Received: {kinds.shown(given)}. Give e.g. "adam".'
        ) from error


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


def replicas() -> int:
    """How many a `tf.distribute` strategy has; 1 without one."""
    return int(tf.distribute.get_strategy().num_replicas_in_sync)


def summed(value: tf.Tensor) -> tf.Tensor:
    """The sum over the replicas of a `tf.distribute` strategy; the value itself without one."""
    if replicas() == 1:
        return value
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, value)


class Step(NamedTuple):
    """What a step found.

    Attributes:
        residual: r where it left the variables.
        logs: What `fit` reports of it, numbers by name.
    """

    residual: tf.Tensor
    logs: dict[str, tf.Tensor]


def taken(found: object) -> Step:
    """Returns what a `squares_step` gave, refusing what is no `Step`.

    Raises:
        TypeError: If it is something else.
    """
    expected = "an optimizer's function that returns a Step(residual, logs)"
    step: Step = kinds.one_of("squares_step", found, Step, expected, "Return what it found.")
    return step


class SecondOrderOptimizer(keras.optimizers.Optimizer, metaclass=abc.ABCMeta):
    """An optimizer of a loss |r|^2 that takes its steps by r and its first order.

    A subclass defines `squares_step`, and Keras's ``get_config`` if it has arguments.
    """

    def __init__(self, learning_rate: float = 1.0, **kwargs: Any) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)

    @abc.abstractmethod
    def squares_step(
        self,
        residuals: Callable[[], tf.Tensor],
        linearised: Linearised,
        variables: Sequence[keras.Variable],
    ) -> Step:
        """One step on all variables at once, e.g. by `moved`; it is traced.

        J^T J has no size of its own: damp it in units of its diagonal. Add 1 to ``iterations``.

        Args:
            residuals: Gives r at the variables' present values.
            linearised: Its first order there, over all replicas.
            variables: The float64 variables to move, in the order of the columns of J.
        """

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

    def update_step(
        self, gradient: tf.Tensor, variable: keras.Variable, learning_rate: tf.Tensor
    ) -> None:
        raise TypeError(
            f"{type(self).__name__} needs the residual vector, not a gradient. Received: a call of "
            "`apply_gradients`. Train a qwpinn.QuantumWellPINN with it, or take keras's Adam."
        )


def moved(variables: Sequence[keras.Variable], start: Sequence[tf.Tensor], step: tf.Tensor) -> None:
    """Set every variable to its start plus its part of the step."""
    parts = tf.split(step, [int(value.shape.num_elements()) for value in start])
    for variable, value, part in zip(variables, start, parts, strict=True):
        variable.assign(value + tf.reshape(part, value.shape))
