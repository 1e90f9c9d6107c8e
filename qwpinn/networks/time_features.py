"""Inputs in space and time: where V jumps, and how finely psi varies."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from qwpinn.storage.plain import Json


@keras.saving.register_keras_serializable("qwpinn")
class TimeFeatures(keras.layers.Layer):
    r"""Features of the scaled position, and the scaled time, in units in which psi varies by one.

    .. math:: f(\xi, \theta) = (s\, g(\xi), r\, \theta)

    Args:
        space: g, e.g. `qwpinn.KinkFeatures`, a layer that takes ``(n, 1)``.
        wavenumber: s > 0.
        frequency: r > 0.

    Input shape: ``(n, 2)``, xi and theta in [-1, 1]. Output shape: ``(n, 1 + features)``.
    """

    def __init__(
        self,
        space: keras.Layer,
        wavenumber: float = 1.0,
        frequency: float = 1.0,
        dtype: str = "float64",
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.space, self.wavenumber, self.frequency = space, wavenumber, frequency

    def call(self, points: tf.Tensor) -> tf.Tensor:
        seen = self.wavenumber * self.space(points[:, :1])
        return tf.concat([seen, self.frequency * points[:, 1:]], axis=-1)

    def get_config(self) -> dict[str, Json]:
        return {
            **super().get_config(),
            "space": keras.saving.serialize_keras_object(self.space),
            "wavenumber": self.wavenumber,
            "frequency": self.frequency,
        }

    @classmethod
    def from_config(cls, config: dict[str, Json]) -> TimeFeatures:
        return cls(**{**config, "space": keras.saving.deserialize_keras_object(config["space"])})
