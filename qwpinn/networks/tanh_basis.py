r"""The basis functions of one layer of tanh units, with their jets: nothing of it is traced anew.

.. math:: B_u(\xi) = g(\xi) \tanh z_u(\xi), \quad z_u = \sum_i W_{iu} f_i(\xi) + b_u

The jets of the factor g and of the features f are closed forms, those of tanh come from tapes
(`qwpinn.training.jets`). As b is a weight of the feature 1, a change of a weight changes B_u by
g f_i D_u, with D_u the derivative of tanh at z_u.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.ends import Ends
from qwpinn.training.jets import Jet, tanh

Array = NDArray[np.float64]


class TanhBasis:
    """Basis functions g tanh(W f + b).

    Args:
        ends: The factor g.
        features: Gives the jet of f, ``(n, inputs)``.
        layer: Of tanh units, with a bias.
    """

    def __init__(
        self, ends: Ends, features: Callable[[Array], Jet], layer: keras.layers.Dense
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

    def inputs(self, xi: Array) -> Jet:
        """The jet of f and of the 1 that b is a weight of, ``(n, inputs + 1)``."""
        n = len(xi)
        columns = zip(self.features(xi), (np.ones(n), np.zeros(n), np.zeros(n)), strict=True)
        return Jet(*map(np.column_stack, columns))

    def factor(self, xi: Array) -> Jet:
        """The jet of g, ``(n, 1)``."""
        return Jet(*(column[:, None] for column in self.ends.jet(xi)))

    @property
    def weights(self) -> Array:
        """W above b, ``(inputs + 1, units)``."""
        return np.vstack([self.layer.kernel.numpy(), self.layer.bias.numpy()])

    def jet(self, xi: Array) -> Jet:
        """The basis functions at xi ``(n,)``, each ``(n, units)``."""
        z = Jet(*(column @ self.weights for column in self.inputs(xi)))
        return self.factor(xi).times(tanh(z)[0])

    def with_derivative(self, inputs: Jet, weights: Array) -> tuple[Jet, Jet]:
        """Tanh of W f + b without the factor g, and D, for any weights ``(inputs + 1, units)``."""
        return tanh(Jet(*(column @ weights for column in inputs)))
