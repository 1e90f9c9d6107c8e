"""Layers between the coordinate and the output: input features and hidden layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from qwpinn.inputs import check, limits
from qwpinn.storage.plain import Json
from qwpinn.training.jets import Jet


@keras.saving.register_keras_serializable("qwpinn")
class KinkFeatures(keras.layers.Layer):
    r"""The coordinate and, for every breakpoint, a function with a jump in its second derivative.

    .. math:: f(\xi) = (\xi, s(q_1 (\xi - \xi_1)), s(q_2 (\xi - \xi_2)), \ldots), \quad
              s(t) = \frac{t |t|}{1 + t^2}

    Where the potential jumps, psi and psi' are continuous and psi'' is not; s has exactly this
    regularity, so that a smooth network of f represents psi without a Gibbs-like bias.

    Args:
        breakpoints: Scaled positions xi_b in (-1, 1). Without any, f is the coordinate alone.
        sharpness: q_b > 0, one a breakpoint: the inverse distance on which s saturates.

    Input shape: ``(n, 1)``. Output shape: ``(n, 1 + len(breakpoints))``.

    A layer that has a `jet`, as this one, saves the tapes over it, beneath one layer of tanh units.
    """

    def __init__(
        self,
        breakpoints: ArrayLike = (),
        sharpness: ArrayLike = (),
        dtype: str = "float64",
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.breakpoints = tuple(np.asarray(breakpoints, np.float64).tolist())
        self.sharpness = tuple(np.asarray(sharpness, np.float64).tolist())
        if len(self.breakpoints) != len(self.sharpness):
            raise ValueError(
                "`sharpness` must have one entry for every breakpoint. Received: "
                f"{len(self.sharpness)} entries for {len(self.breakpoints)} breakpoints. "
                "Give sequences of equal length."
            )

    def call(self, xi: tf.Tensor) -> tf.Tensor:
        if not self.breakpoints:
            return xi
        t = self._from_breakpoints(xi)[1]
        return tf.concat([xi, t * tf.abs(t) / (1.0 + t * t)], axis=-1)

    def jet(self, xi: tf.Tensor) -> Jet:
        """The features and their derivatives, each in the output's shape."""
        line = Jet(xi, tf.ones_like(xi), tf.zeros_like(xi))
        if not self.breakpoints:
            return line
        sharpness, t = self._from_breakpoints(xi)
        below = 1.0 + t * t
        slope = 2.0 * sharpness * tf.abs(t) / (below * below)
        bend = (
            2.0 * sharpness * sharpness * tf.sign(t) * (1.0 - 3.0 * t * t) / (below * below * below)
        )
        return Jet(
            self.call(xi),
            tf.concat([line.slope, slope], axis=-1),
            tf.concat([line.curvature, bend], axis=-1),
        )

    def _from_breakpoints(self, xi: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """q, shape ``(len(breakpoints),)``, and t, shape ``(n, len(breakpoints))``."""
        centre = tf.constant(self.breakpoints, self.compute_dtype)
        sharpness = tf.constant(self.sharpness, self.compute_dtype)
        return sharpness, sharpness * (xi - centre)

    def get_config(self) -> dict[str, Json]:
        return {
            **super().get_config(),
            "breakpoints": list(self.breakpoints),
            "sharpness": list(self.sharpness),
        }


def as_given(values: ArrayLike) -> Callable[..., tf.Tensor]:
    """An initializer that gives these numbers.

    Example:
        >>> as_given([1.0, 2.0])((2,), "float64").numpy()
        array([1., 2.])
    """
    return lambda shape, dtype=None: tf.constant(values, dtype, shape)


def mlp(
    widths: Sequence[int], seed: int, dtype: str = "float64", biases: float = 0.0
) -> keras.Sequential:
    """A fully connected tanh network.

    Args:
        widths: Units of each hidden layer, from the input on.
        seed: Of the Glorot-uniform weights; layers get different ones from it.
        dtype: Of weights and arithmetic.
        biases: Their largest size, to begin with. Defaults to 0, as Keras has it: then the network
            is an odd function of inputs that are, and gradients of an even V leave it one.

    Raises:
        ValueError: If there are more than 10 layers, or one has more than 2000 units.
    """
    limits.at_most("hidden", len(widths), limits.HIDDEN, "layers")
    widths = [check.integer("hidden", units, maximum=limits.WIDEST) for units in widths]
    seeds = np.random.default_rng(seed).integers(2**31, size=len(widths)).tolist()
    return keras.Sequential(
        [
            keras.layers.Dense(
                units,
                activation="tanh",
                kernel_initializer=keras.initializers.GlorotUniform(own),
                bias_initializer=_even(biases, own + 1) if biases else "zeros",
                dtype=dtype,
                name=f"hidden_{index}",
            )
            for index, (units, own) in enumerate(zip(widths, seeds, strict=True))
        ],
        name="hidden",
    )


def _even(largest: float, seed: int) -> keras.initializers.Initializer:
    return keras.initializers.RandomUniform(-largest, largest, seed)
