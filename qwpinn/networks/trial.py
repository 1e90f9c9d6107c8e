"""Trial functions: wavefunctions that vanish at the walls by construction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.equation.ends import DIRICHLET, ends_of
from qwpinn.networks.tanh_basis import TanhBasis
from qwpinn.storage.plain import Json
from qwpinn.training.residuals import derivative, in_batches, laplacian

Array = NDArray[np.float64]


@keras.saving.register_keras_serializable("qwpinn")
class TrialFunctions(keras.layers.Layer):
    r"""K wavefunctions as one linear layer over the last hidden layer of a network.

    .. math:: \chi_k(\xi) = g(\xi) \sum_j c_{jk} \phi_j(f(\xi)), \quad k = 1, \ldots, K

    The factor g, 1 - xi^2 between walls, is the hard boundary condition: no weight of the loss has
    to enforce it.

    Args:
        states: K, the number of wavefunctions.
        features: Layer f, e.g. `qwpinn.networks.features.KinkFeatures`.
        hidden: Layer (or Sequential) whose outputs are the phi_j.
        seed: Of the output coefficients c.
        ends: What `qwpinn.equation.ends.ends_of` takes, of which is g. Defaults to walls at both
            ends; in the plane g is (1 - (xi/a)^2) (1 - (eta/b)^2).

    Input shape: ``(n, 1)``, scaled coordinates, or ``(n, 2)`` in the plane. Output shape:
    ``(n, states)``.
    """

    def __init__(
        self,
        states: int,
        features: keras.layers.Layer,
        hidden: keras.layers.Layer,
        seed: int = 0,
        dtype: str = "float64",
        ends: str | dict[str, Json] = DIRICHLET.name,
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.ends = ends_of(ends)
        self.states = states
        self.features = features
        self.hidden = hidden
        self.seed = seed
        self.output_layer = keras.layers.Dense(
            states,
            use_bias=False,
            kernel_initializer=keras.initializers.GlorotUniform(seed=seed),
            dtype=dtype,
            name="coefficients",
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        # Layers that are built are not called: for a network that is made anew, this is slow.
        seen = self.features(tf.zeros((1, self.ends.dimensions), self.compute_dtype))
        if not self.hidden.built:
            self.hidden.build((None, *seen.shape[1:]))
        try:
            shape = self.hidden.compute_output_shape(seen.shape)
        except NotImplementedError:
            # A layer of one's own need not say it.
            shape = self.hidden(seen).shape
        self.output_layer.build(shape)

    def basis(self, xi: tf.Tensor) -> tf.Tensor:
        """g(xi) phi_j(f(xi)), shape ``(n, units)``."""
        return self.ends.factor(xi) * self.hidden(self.features(xi))

    def call(self, xi: tf.Tensor) -> tf.Tensor:
        return self.output_layer(self.basis(xi))

    @property
    def known(self) -> TanhBasis | None:
        """The basis with its jets, where the layers are such that these are known."""
        if type(self) is not TrialFunctions:
            return None
        return TanhBasis.of(self.ends, self.features, self.hidden)

    def derivatives(self, xi: Array, orders: Sequence[int]) -> list[Array]:
        """The basis functions, or their derivatives of order 1 or 2, in the order asked for.

        Args:
            xi: Scaled positions, shape ``(n,)``, or ``(n, 2)`` in the plane.
            orders: 0, 1 or 2. In the plane 1 stands for both derivatives, by x and by y, and 2 for
                the Laplacian.

        Returns:
            Arrays ``(n, units)``.
        """
        known = self.known if any(orders) else None
        d = self.ends.dimensions
        slopes = [derivative(self.basis, axis) for axis in range(d)]
        each = ([self.basis], slopes, [laplacian(self.basis, d)])

        def wanted(part: tf.Tensor) -> list[tf.Tensor]:
            if known is None:
                return [function(part) for order in orders for function in each[order]]
            found: list[tf.Tensor] = []
            jet = known.jet(part)
            for order in orders:
                found += tf.unstack(jet.slope) if order == 1 and d > 1 else [jet[order]]
            return found

        return in_batches(wanted, xi.reshape(len(xi), d), self.units)

    @property
    def units(self) -> int:
        """How many basis functions there are."""
        return int(self.output_layer.kernel.shape[0])

    def get_config(self) -> dict[str, Json]:
        return {
            **super().get_config(),
            "states": self.states,
            "features": keras.saving.serialize_keras_object(self.features),
            "hidden": keras.saving.serialize_keras_object(self.hidden),
            "seed": self.seed,
            **({} if self.ends.name == DIRICHLET.name else {"ends": self.ends.to_config()}),
        }

    @classmethod
    def from_config(cls, config: dict[str, Json]) -> TrialFunctions:
        config = dict(config)
        for layer in ("features", "hidden"):
            config[layer] = keras.saving.deserialize_keras_object(config[layer])
        return cls(**config)
