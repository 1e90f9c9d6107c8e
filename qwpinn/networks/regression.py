"""Smooth maps: small networks that learn functions of a few numbers from values and slopes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.equation import kinds
from qwpinn.inputs import check, limits
from qwpinn.networks.features import mlp
from qwpinn.networks.map_squares import MapSquares
from qwpinn.storage.plain import Json
from qwpinn.training.guard import untuned
from qwpinn.training.least_squares import Data, Logs, SquaresModel
from qwpinn.training.levenberg_marquardt import LevenbergMarquardt
from qwpinn.training.squares import Squares

Array = NDArray[np.float64]

# Weight of slopes beside values: a network that errs by a ripple errs more in its slope.
SLOPES = 0.3


@keras.saving.register_keras_serializable("qwpinn")
class SmoothMap(SquaresModel):
    r"""A tanh network N from R^m to R^k, trained to values y and, where known, slopes.

    .. math:: L = \langle |N(u) - y|^2 + w^2 |dN/du - dy/du|^2 \rangle, \quad w = 0.3

    Args:
        inputs: m; they should be of order one.
        outputs: k.
        widths: Units of the hidden layers.
        seed: Of the weights.

    Call arguments: ``(n, m)``. Returns ``(n, k)``.
    """

    def __init__(
        self, inputs: int, outputs: int, widths: Sequence[int], seed: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(dtype="float64", **kwargs)
        self.inputs, self.outputs, self.seed = inputs, outputs, seed
        self.widths = [int(width) for width in widths]
        self.hidden = mlp(self.widths, seed)
        self.output_layer = keras.layers.Dense(
            outputs,
            kernel_initializer=keras.initializers.GlorotUniform(seed=(seed + 1) % 2**32),
            dtype="float64",
            name="outputs",
        )
        self.hidden.build((None, inputs))
        self.output_layer.build((None, self.widths[-1]))
        self.built = True

    def call(self, u: tf.Tensor) -> tf.Tensor:
        return self.output_layer(self.hidden(u))

    def learn(
        self, u: Array, values: Array, slopes: Array | None = None, epochs: int = 100
    ) -> None:
        """Fit by `LevenbergMarquardt`, from the present weights.

        Args:
            u: Inputs, shape ``(n, m)``.
            values: y, ``(n, k)``.
            slopes: dy/du, ``(n, k, m)``.
            epochs: Steps.
        """
        data = {"u": u, "values": values} | ({} if slopes is None else {"slopes": slopes})
        self.compile(LevenbergMarquardt(damping=1e-2))
        steps = untuned(tf.data.Dataset.from_tensors(data).repeat(epochs))
        self.fit(steps, steps_per_epoch=epochs, verbose=0, shuffle=False)

    def begin(self, values: Array) -> None:
        """Give the untrained network the mean and the spread of the values that it is to learn.

        Args:
            values: y, shape ``(n, k)``.
        """
        kernel = self.output_layer.kernel.numpy()
        self.output_layer.kernel.assign(kernel * values.std(axis=0))
        self.output_layer.bias.assign(values.mean(axis=0))

    def residuals(self, data: Data) -> tf.Tensor:
        batch = tf.shape(data["u"])[0]
        if "slopes" not in data:
            return self(data["u"]) - data["values"]
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch(data["u"])
            values = self(data["u"])
            outputs = tf.unstack(values, axis=-1)
        slopes = tf.stack([tape.gradient(output, data["u"]) for output in outputs], axis=1)
        errors = [(values - data["values"])[..., None], SLOPES * (slopes - data["slopes"])]
        return tf.reshape(tf.concat(errors, axis=-1), [batch, self._rows(data)])

    def logs(self, data: Data, residual: tf.Tensor) -> Logs:
        """The loss, and its part without slopes."""
        square = tf.reshape(residual**2, [-1, self.outputs, self._rows(data) // self.outputs])
        return {
            "loss": tf.reduce_mean(tf.reduce_sum(square, axis=[1, 2])),
            "values": tf.reduce_mean(tf.reduce_sum(square[:, :, 0], axis=1)),
        }

    def _rows(self, data: Data) -> int:
        """Residuals of a sample."""
        return self.outputs * (1 + self.inputs if "slopes" in data else 1)

    def squares(self, data: Data) -> Squares:
        u, values = data["u"].numpy(), data["values"].numpy()
        inputs, wanted = u[None], values[None]
        if "slopes" in data:
            slopes = SLOPES * data["slopes"].numpy().transpose(2, 0, 1)
            along = np.repeat(SLOPES * np.eye(self.inputs)[:, None], len(u), axis=1)
            inputs, wanted = np.concatenate([inputs, along]), np.concatenate([wanted, slopes])
        variables = [v for layer in (*self.hidden.layers, self.output_layer) for v in layer.weights]
        trained = [np.full(v.shape, v.trainable).ravel() for v in variables]
        layers = [self.inputs, *self.widths, self.outputs]

        def report(residual: Array) -> dict[str, float]:
            logs = self.logs(data, tf.constant(residual.reshape(len(u), -1)))
            return {name: float(value) for name, value in logs.items()}

        return MapSquares(
            [(below + 1, above) for below, above in itertools.pairwise(layers)],
            np.concatenate([v.numpy().ravel() for v in variables]),
            np.concatenate(trained),
            inputs,
            wanted,
            report,
        )

    def get_config(self) -> dict[str, Json]:
        names = ("name", "inputs", "outputs", "widths", "seed")
        return {name: getattr(self, name) for name in names}


def layer_units(name: str, units: object) -> list[int]:
    """The units of hidden layers, refusing what is no sequence of them.

    Args:
        name: The argument's name, for the message.
        units: Of each layer.

    Raises:
        TypeError: If they are not integers.
        ValueError: If one is not positive, or too large.
    """
    found = kinds.each(name, units, object, "the units of each hidden layer", "Give e.g. (16, 16).")
    return [check.integer(name, width, maximum=limits.WIDEST) for width in found]
