r"""The basis functions of one layer of tanh units, with their jets.

.. math:: B_u(\xi) = g(\xi) \tanh z_u(\xi), \quad z_u = \sum_i W_{iu} f_i(\xi) + b_u

The jets of the factor g and of the features f are closed forms, those of tanh come from tapes
(`qwpinn.training.jets`). Tensors have their jets in any graph and beneath any tape; for arrays, as
training asks for them thousands of times, nothing is traced anew. As b is a weight of the feature
1, a change of a weight changes B_u by g f_i D_u, with D_u the derivative of tanh at z_u.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.equation.ends import Ends
from qwpinn.training.jets import Jet, PlaneJet, tanh, tanh_with_derivative

Array = NDArray[np.float64]


class TanhBasis:
    """Basis functions g tanh(W f + b).

    Args:
        ends: The factor g.
        features: Gives the jet of f ``(n, inputs)`` at xi ``(n, 1)``.
        layer: Of tanh units, with a bias.
    """

    def __init__(
        self, ends: Ends, features: Callable[[tf.Tensor], Jet], layer: keras.layers.Dense
    ) -> None:
        self.ends, self.features, self.layer = ends, features, layer

    @classmethod
    def of(cls, ends: Ends, features: keras.Layer, hidden: keras.Layer) -> TanhBasis | None:
        """That of a trial function's layers; None if they are others, of which no jet is known."""
        layers = hidden.layers if type(hidden) is keras.Sequential else [hidden]
        known = getattr(features, "jet", None)
        if known is None or len(layers) != 1 or type(layers[0]) is not keras.layers.Dense:
            return None
        layer = layers[0]
        plain = layer.activation is keras.activations.tanh and layer.use_bias
        own = layer.quantization_mode is None and not layer.lora_enabled
        whole = layer.compute_dtype == features.compute_dtype == "float64"
        return cls(ends, known, layer) if plain and own and whole else None

    def jet(self, xi: tf.Tensor) -> Jet:
        """The basis functions at xi ``(n, 1)``, each ``(n, units)``."""
        f, kernel = self.features(xi), tf.convert_to_tensor(self.layer.kernel)
        z = f.each(lambda part: part @ kernel)
        z = z._replace(value=z.value + self.layer.bias)
        return self.kind(*self.ends.jet(xi)).times(tanh(z))

    def inputs(self, xi: Array) -> Jet:
        """The jet of f and of the 1 that b weighs, ``(n, inputs + 1)``, at xi ``(n, d)``."""
        f = self.features(tf.constant(xi)).each(np.asarray)
        ones = [np.full((*part.shape[:-1], 1), not order) for order, part in enumerate(f)]
        return type(f)(*(np.concatenate(pair, -1) for pair in zip(f, ones, strict=True)))

    def factor(self, xi: Array) -> Jet:
        """The jet of g at xi ``(n, d)``: ``(n, 1)``."""
        return self.kind(*self.ends.jet(xi))

    @property
    def kind(self) -> type[Jet]:
        """That of its jets."""
        return Jet if self.ends.dimensions == 1 else PlaneJet

    def with_derivative(self, inputs: Jet, weights: Array) -> tuple[Jet, Jet]:
        """Tanh of W f + b without the factor g, and D, for any weights ``(inputs + 1, units)``."""
        return tanh_with_derivative(inputs.each(lambda part: part @ weights))
