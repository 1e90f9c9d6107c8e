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
from qwpinn.training.jets import Jet, tanh, tanh_with_derivative

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
        whole = (
            layer.compute_dtype == features.compute_dtype == "float64" and not layer.lora_enabled
        )
        return cls(ends, known, layer) if plain and whole else None

    def jet(self, xi: tf.Tensor) -> Jet:
        """The basis functions at xi ``(n, 1)``, each ``(n, units)``."""
        f, kernel = self.features(xi), tf.convert_to_tensor(self.layer.kernel)
        z = Jet(f.value @ kernel + self.layer.bias, f.slope @ kernel, f.curvature @ kernel)
        return Jet(*self.ends.jet(xi)).times(tanh(z))

    def inputs(self, xi: Array) -> Jet:
        """The jet of f and of the 1 that b is a weight of, at xi ``(n,)``: ``(n, inputs + 1)``."""
        n = len(xi)
        features = map(np.asarray, self.features(tf.constant(xi[:, None])))
        columns = zip(features, (np.ones(n), np.zeros(n), np.zeros(n)), strict=True)
        return Jet(*map(np.column_stack, columns))

    def factor(self, xi: Array) -> Jet:
        """The jet of g at xi ``(n,)``: ``(n, 1)``."""
        return Jet(*self.ends.jet(xi[:, None]))

    def with_derivative(self, inputs: Jet, weights: Array) -> tuple[Jet, Jet]:
        """Tanh of W f + b without the factor g, and D, for any weights ``(inputs + 1, units)``."""
        return tanh_with_derivative(Jet(*(column @ weights for column in inputs)))
