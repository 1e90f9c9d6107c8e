"""Trial functions: wavefunctions that vanish at the walls by construction."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from qwpinn.equation.ends import DIRICHLET, ENDS
from qwpinn.storage.plain import Json


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
        ends: A name of `qwpinn.equation.ends.ENDS`, which have g. Defaults to walls.

    Input shape: ``(n, 1)``, scaled coordinates. Output shape: ``(n, states)``.
    """

    def __init__(
        self,
        states: int,
        features: keras.layers.Layer,
        hidden: keras.layers.Layer,
        seed: int = 0,
        dtype: str = "float64",
        ends: str = DIRICHLET.name,
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.ends = ENDS[ends]
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
        self.output_layer.build(tf.shape(self.basis(tf.zeros((1, 1), self.compute_dtype))).numpy())

    def basis(self, xi: tf.Tensor) -> tf.Tensor:
        """g(xi) phi_j(f(xi)), shape ``(n, units)``."""
        return self.ends.factor(xi) * self.hidden(self.features(xi))

    def call(self, xi: tf.Tensor) -> tf.Tensor:
        return self.output_layer(self.basis(xi))

    def get_config(self) -> dict[str, Json]:
        return {
            **super().get_config(),
            "states": self.states,
            "features": keras.saving.serialize_keras_object(self.features),
            "hidden": keras.saving.serialize_keras_object(self.hidden),
            "seed": self.seed,
            **({} if self.ends is DIRICHLET else {"ends": self.ends.name}),
        }

    @classmethod
    def from_config(cls, config: dict[str, Json]) -> TrialFunctions:
        config = dict(config)
        for layer in ("features", "hidden"):
            config[layer] = keras.saving.deserialize_keras_object(config[layer])
        return cls(**config)
