"""The gated MLP: hidden layers that mix two encodings of their input."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from qwpinn.inputs import check, limits
from qwpinn.storage.plain import Json


@keras.saving.register_keras_serializable("qwpinn")
class GatedMLP(keras.layers.Layer):
    r"""A fully connected network whose layers are gates between two encodings U and V of its input.

    .. math:: U = \phi(x W_u + b_u), \quad V = \phi(x W_v + b_v), \quad H_1 = \phi(x W_1 + b_1)

    .. math:: Z_k = \phi(H_k W_{z,k} + b_{z,k}), \quad
              H_{k+1} = (1 - Z_k) \odot U + Z_k \odot V, \quad k = 1, \ldots, L

    It is for ``hidden=`` of `qwpinn.QuantumWellPINN`. On the barrier, 500 steps of Adam from random
    weights leave it a fifteenth of the loss of a tanh network of three layers of as many units, and
    a fifth of one of five (medians of ten seeds); its energy is not always the better one.

    Args:
        units: Of each layer, of U and of V.
        layers: L, how many gates; there are L + 3 layers of weights.
        activation: phi, smooth: a name of Keras's or a function that Keras can store.
        seed: Of the Glorot-uniform weights; layers get different ones from it.

    Input shape: ``(n, d)``. Output shape: ``(n, units)``.

    Raises:
        TypeError: If ``units``, ``layers`` or ``seed`` is no integer.
        ValueError: If one is too small or too large, or Keras knows no such activation.

    Reference:
        S. Wang, Y. Teng, P. Perdikaris, arXiv:2001.04536, equations 42 to 46.

    Example:
        >>> GatedMLP(units=8, layers=2).compute_output_shape((None, 3))
        (None, 8)
    """

    def __init__(
        self,
        units: int,
        layers: int = 2,
        activation: Any = "tanh",
        seed: int = 0,
        dtype: str = "float64",
        name: str = "gated_mlp",
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, name=name, **kwargs)
        self.units = check.integer("units", units, maximum=limits.WIDEST)
        self.layers = check.integer("layers", layers, maximum=limits.HIDDEN)
        self.activation = keras.activations.get(activation)
        self.seed = check.integer("seed", seed, 0, limits.SEED)
        seeds = np.random.default_rng(seed).integers(2**31, size=layers + 3).tolist()
        self.encoders = [self._dense(f"encoder_{i}", seeds.pop()) for i in range(2)]
        self.first = self._dense("first", seeds.pop())
        self.gates = [self._dense(f"gate_{i}", seeds.pop()) for i in range(layers)]

    def _dense(self, name: str, seed: int) -> keras.layers.Dense:
        return keras.layers.Dense(
            self.units,
            activation=self.activation,
            kernel_initializer=keras.initializers.GlorotUniform(seed=seed),
            dtype=self.dtype_policy,
            name=name,
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        for layer in (*self.encoders, self.first):
            layer.build(input_shape)
        for gate in self.gates:
            gate.build((None, self.units))

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        closed, opened = (encoder(inputs) for encoder in self.encoders)
        found = self.first(inputs)
        for gate in self.gates:
            found = closed + gate(found) * (opened - closed)
        return found

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Json]:
        return {
            **super().get_config(),
            "units": self.units,
            "layers": self.layers,
            "activation": keras.activations.serialize(self.activation),
            "seed": self.seed,
        }
