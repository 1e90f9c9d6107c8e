"""Optimizers: the one that is meant; what one that sees residuals is given, and gives back."""

from __future__ import annotations

import abc
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.equation import kinds
from qwpinn.inputs import limits
from qwpinn.training.squares import Squares

Array = NDArray[np.float64]


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
        weights: Where it leads, shape ``(P,)``.
        residual: r there.
        logs: What `fit` reports of it, numbers by name.
    """

    weights: Array
    residual: Array
    logs: dict[str, float]


def taken(found: object) -> Step:
    """Returns what a `squares_step` gave, refusing what is no `Step`.

    Raises:
        TypeError: If it is something else.
    """
    expected = "an optimizer's function that returns a Step(weights, residual, logs)"
    step: Step = kinds.one_of("squares_step", found, Step, expected, "Return what it found.")
    return step


class SecondOrderOptimizer(keras.optimizers.Optimizer, metaclass=abc.ABCMeta):
    """An optimizer of a loss |r|^2 that takes its steps by r and its first order.

    A subclass defines `squares_step`, and Keras's ``get_config`` if it has arguments.
    """

    def __init__(self, learning_rate: float = 1.0, **kwargs: Any) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)

    @abc.abstractmethod
    def squares_step(self, squares: Squares, weights: Array) -> Step:
        """One step of all weights at once. It runs as Python, and sets no variable of the model.

        J^T J has no size of its own: damp it in units of its diagonal. Add 1 to ``iterations``.

        Args:
            squares: The loss of a batch as a function of the weights.
            weights: Where they are, shape ``(P,)``.
        """

    def check_size(self, weights: int, rows: int, held: int | None = None) -> None:
        """Refuse a problem whose matrices would not fit into memory, or have no full rank.

        Args:
            weights: P, how many numbers are trained.
            rows: R, residuals; 0 if they are not counted.
            held: Of how many the Jacobian is held at once. Defaults to None: of all.

        Raises:
            ValueError: If there are too many of them, or fewer residuals than weights.
        """
        cure = "Give smaller layers or fewer states, or another optimizer."
        limits.at_most("model", weights, limits.WEIGHTS, "weights to train", cure)
        cure = "Give fewer points or units, or another optimizer."
        at_once = rows if held is None else held
        limits.at_most("x", at_once * weights, limits.JACOBIAN, "numbers of the Jacobian", cure)
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
