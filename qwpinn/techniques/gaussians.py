"""Gaussians: features whose centres and widths are trained."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from qwpinn.inputs import check, limits
from qwpinn.networks.features import as_given
from qwpinn.storage.plain import Json


@keras.saving.register_keras_serializable("qwpinn")
class Gaussians(keras.layers.Layer):
    r"""Gaussians of the scaled position, each with a centre and a width that are trained.

    .. math:: f_j(\xi) = \exp \left( -\frac{(\xi - \mu_j)^2}{2 \sigma_j^2} \right)

    What is trained beside mu is 1 / sigma, in which f is smooth everywhere. It is for
    ``features=`` of `qwpinn.QuantumWellPINN`, over which ``hidden=keras.layers.Identity(
    dtype="float64")`` makes psi a sum of Gaussians, and a small MLP what the paper has. On the
    barrier, 500 steps of Adam from random weights leave 16 of them and a layer of 8 units a median
    error of E of 2e-4, tanh layers of as many weights that see xi 4e-2; and 12 of the infinite
    well, by Levenberg-Marquardt from the Ritz start, 1e-8, where held ones have 6e-4. They know no
    breakpoints: where V jumps, tanh units over `KinkFeatures` get by with a lower loss.

    Args:
        count: How many. Their centres begin evenly in [-1, 1], walls included.
        width: sigma > 0 to begin with, in xi. Defaults to None: the distance between centres.

    Input shape: ``(n, 1)``. Output shape: ``(n, count)``.

    Raises:
        TypeError: If ``count`` is no integer or ``width`` no number.
        ValueError: If ``count`` is below 2 or too large, ``width`` is not positive, or the layer
            is called on more than one coordinate.

    Reference:
        N. Kang, J. Oh, Y. Hong, E. Park, arXiv:2412.05994.

    Example:
        >>> Gaussians(3).compute_output_shape((None, 1))
        (None, 3)
    """

    def __init__(
        self,
        count: int,
        width: float | None = None,
        dtype: str = "float64",
        name: str = "gaussians",
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, name=name, **kwargs)
        self.count = check.integer("count", count, 2, limits.WIDEST)
        apart = 2.0 / (self.count - 1.0)
        self.width = apart if width is None else check.positive("width", width, "width")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        if input_shape[-1] != 1:
            raise ValueError(
                "`Gaussians` must see the scaled position alone, shape (n, 1). Received: "
                f"{input_shape[-1]} columns. Give them as `features`, not behind others."
            )
        begin = keras.initializers.Constant
        self.centres = self.add_weight(
            shape=(self.count,),
            initializer=as_given(np.linspace(-1.0, 1.0, self.count)),
            name="centres",
        )
        self.inverse_widths = self.add_weight(
            shape=(self.count,), initializer=begin(1.0 / self.width), name="inverse_widths"
        )

    def call(self, xi: tf.Tensor) -> tf.Tensor:
        t = (xi - self.centres) * self.inverse_widths
        return tf.exp(-0.5 * t * t)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.count)

    def get_config(self) -> dict[str, Json]:
        return {**super().get_config(), "count": self.count, "width": self.width}
