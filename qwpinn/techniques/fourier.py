"""Fourier features: random waves of the input, in which a network sees high frequencies as low."""

from __future__ import annotations

from math import tau
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from qwpinn.inputs import check, limits
from qwpinn.networks.features import as_given
from qwpinn.storage.plain import Json


@keras.saving.register_keras_serializable("qwpinn")
class FourierFeatures(keras.layers.Layer):
    r"""Cosines and sines of random frequencies, which are not trained.

    .. math:: f(x) = (\cos(2 \pi x B), \sin(2 \pi x B)), \quad B_{ij} \sim N(0, s^2)

    A tanh network of x learns low frequencies first, one of f those near s. Level n = 0, 1, ... of
    an infinite well has (n + 1) / 4 waves per unit of xi. It is for ``features=`` of
    `qwpinn.QuantumWellPINN`, and surest with ``hidden=keras.layers.Identity(dtype="float64")``: so
    250 steps of Adam find level 15 of the infinite well at its held energy, in nine of ten seeds,
    where tanh units end at psi = 0. Under a tanh layer it came out right in some seeds only, and
    Levenberg-Marquardt, from random weights, went to other levels.

    Args:
        count: How many frequencies.
        scale: s > 0, in waves per unit of the input. Defaults to 1.
        seed: Of the frequencies.

    Input shape: ``(n, d)``. Output shape: ``(n, 2 count)``.

    Raises:
        TypeError: If ``count`` or ``seed`` is no integer, or ``scale`` no number.
        ValueError: If one is too small or too large.

    Reference:
        M. Tancik et al., arXiv:2006.10739, equation 5.

    Example:
        >>> FourierFeatures(16, scale=5.0).compute_output_shape((None, 1))
        (None, 32)
    """

    def __init__(
        self,
        count: int,
        scale: float = 1.0,
        seed: int = 0,
        dtype: str = "float64",
        name: str = "fourier_features",
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, name=name, **kwargs)
        self.count = check.integer("count", count, maximum=limits.WIDEST)
        self.scale = check.positive("scale", scale, "frequency")
        self.seed = check.integer("seed", seed, 0, limits.SEED)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        shape = (int(input_shape[-1] or 1), self.count)
        drawn = np.random.default_rng(self.seed).normal(size=shape)
        self.frequencies = self.add_weight(
            shape=shape,
            initializer=as_given(self.scale * drawn),
            trainable=False,
            name="frequencies",
        )

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        phase = tau * tf.matmul(inputs, self.frequencies)
        return tf.concat([tf.cos(phase), tf.sin(phase)], axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], 2 * self.count)

    def get_config(self) -> dict[str, Json]:
        own = {"count": self.count, "scale": self.scale, "seed": self.seed}
        return {**super().get_config(), **own}
