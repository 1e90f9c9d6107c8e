"""Networks of a family: a DeepONet of wavefunctions, and the energy surfaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.families.frame import MovingFrame, Placed
from qwpinn.networks.regression import SmoothMap
from qwpinn.networks.trial import TrialFunctions
from qwpinn.storage.plain import Json

Array = NDArray[np.float64]


@keras.saving.register_keras_serializable("qwpinn")
class DeepONet(keras.layers.Layer):
    r"""K wavefunctions as sums of products: modes of the trunk, mixed by a branch for each state.

    .. math:: \chi_k(\xi, p) = \sum_m b_{mk}(u, e_k) \, T_m(y(\xi, p))

    The trunk sees the coordinate y of the `MovingFrame` only. The branch of a state sees the scaled
    parameters u and the state's own energy e: a solution of the equation is an entire function of
    p and E, while along E_k(p) it turns sharply where a level leaves its well.

    Args:
        moving: The coordinate.
        trunk: M modes, zero at the walls.
        branches: One a state, from (u, e) to M coefficients.

    Reference:
        L. Lu et al., Nat. Mach. Intell. 3, 218 (2021), doi:10.1038/s42256-021-00302-5; modes from
        snapshots as in L. Lu et al., arXiv:2111.05512.
    """

    def __init__(
        self,
        moving: MovingFrame,
        trunk: TrialFunctions,
        branches: Sequence[SmoothMap],
        dtype: str = "float64",
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.moving, self.trunk, self.branches = moving, trunk, list(branches)
        if not trunk.built:
            trunk.build((None, 1))
        # The modes are a fixed choice of the units' sums, made from Ritz states; units and branches
        # train. A third of the parameters less costs nothing in accuracy.
        trunk.output_layer.trainable = False
        states = (len(self.branches),)
        # Carries log(E - V0) to order one; set from the Ritz states at the start.
        self.centre = self.add_weight(
            shape=states, initializer="zeros", trainable=False, name="centre"
        )
        self.spread = self.add_weight(
            shape=states, initializer="ones", trainable=False, name="spread"
        )
        self.built = True

    @property
    def states(self) -> int:
        """K."""
        return len(self.branches)

    def basis(self, at: Placed) -> tf.Tensor:
        """The trunk's units, zero at the walls, ``(n, units)``: what Ritz states are sought in."""
        return self.trunk.basis(self.moving.common(at))

    def mixture(self, u: tf.Tensor, log_energies: tf.Tensor) -> tf.Tensor:
        """b, shape ``(n, M, K)``."""
        energies = (log_energies - self.centre) / self.spread
        each = [
            branch(tf.concat([u, energies[:, k : k + 1]], axis=1))
            for k, branch in enumerate(self.branches)
        ]
        return tf.stack(each, axis=-1)

    def call(self, at: Placed, mixture: tf.Tensor) -> tf.Tensor:
        """Chi at n rows whose mixture is known, ``(n, K)``."""
        modes = self.trunk(self.moving.common(at))
        return tf.reduce_sum(modes[:, :, None] * mixture, axis=1)

    def get_config(self) -> dict[str, Json]:
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "moving": serialize(self.moving),
            "trunk": serialize(self.trunk),
            "branches": [serialize(branch) for branch in self.branches],
        }

    @classmethod
    def from_config(cls, config: dict[str, Json]) -> DeepONet:
        restore, config = keras.saving.deserialize_keras_object, dict(config)
        for layer in ("moving", "trunk"):
            config[layer] = restore(config[layer])
        return cls(**{**config, "branches": [restore(branch) for branch in config["branches"]]})


# Rows that are answered at once: the hidden layers of so many stay in a core's cache.
BLOCK = 16_384
# Below so many, a graph for any number of rows is faster than one for whole blocks.
FEW = 4_096


@keras.saving.register_keras_serializable("qwpinn")
class EnergySurface(keras.layers.Layer):
    r"""K levels as functions of the parameters.

    .. math:: E_k(p) = V_0 + \exp N_k(u(p))

    with a `SmoothMap` N, so that errors of N are relative errors of E - V0. Its outputs are put in
    ascending order: where two levels come close, a network that errs may cross them. The scaled
    parameters u are p carried to [-1, 1], those that are positive by their logarithm.

    Args:
        network: N.
        lower: Lowest parameters, shape ``(m,)``.
        upper: Highest parameters.
        origin: V0, an energy below all levels.

    Call arguments: parameters ``(n, m)``. Returns energies ``(n, K)``.
    """

    def __init__(
        self,
        network: SmoothMap,
        lower: Sequence[float],
        upper: Sequence[float],
        origin: float = 0.0,
        dtype: str = "float64",
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.network = network
        self.lower, self.upper = [float(v) for v in lower], [float(v) for v in upper]
        self.origin = float(origin)
        self._few = tf.function(self.call, autograph=False, reduce_retracing=True)
        self._block = tf.function(self.call, autograph=False, jit_compile=True)
        self._slopes = tf.function(self.gradients, autograph=False, reduce_retracing=True)
        self._both = tf.function(
            lambda p: (self.call(p), self.gradients(p)), autograph=False, reduce_retracing=True
        )
        self.built = True

    def scaled(self, p: tf.Tensor) -> tf.Tensor:
        """u, shape ``(n, m)``."""
        low, high = np.array(self.lower), np.array(self.upper)
        log = low > 0.0
        low, high = (np.where(log, np.log(np.where(log, v, 1.0)), v) for v in (low, high))
        if log.all():
            p = tf.math.log(p)
        elif log.any():
            # Nothing is taken of what is not used: the log of 0 would make gradients NaN.
            p = tf.where(log, tf.math.log(tf.where(log, p, tf.ones_like(p))), p)
        return (p - (low + high) / 2.0) * (2.0 / (high - low))

    def call(self, p: tf.Tensor) -> tf.Tensor:
        return self.origin + tf.exp(self.logarithms(self.scaled(p)))

    def logarithms(self, u: tf.Tensor) -> tf.Tensor:
        """log(E_k - V0), ascending in k, at scaled parameters ``(n, m)``: ``(n, K)``."""
        found = tf.unstack(self.network(u), num=self.network.outputs, axis=-1)
        # A network of minima and maxima keeps the gradients, and costs less than `tf.sort`.
        for last in range(len(found) - 1, 0, -1):
            for k in range(last):
                low, high = found[k], found[k + 1]
                found[k], found[k + 1] = tf.minimum(low, high), tf.maximum(low, high)
        return tf.stack(found, axis=-1)

    def gradients(self, p: tf.Tensor) -> tf.Tensor:
        """dE_k / dp_i from a tape, shape ``(n, K, m)``."""
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch(p)
            # As the network has them: the gradients of minima and maxima are long.
            energies = self.origin + tf.exp(self.network(self.scaled(p)))
            each = tf.unstack(energies, num=self.network.outputs, axis=-1)
        slopes = tf.stack([tape.gradient(energy, p) for energy in each], axis=1)
        return tf.gather(slopes, tf.argsort(energies, axis=-1), axis=1, batch_dims=1)

    def energies(self, p: Array) -> Array:
        """E at any number of parameters, as an array ``(n, K)``."""
        if len(p) <= FEW:
            return np.asarray(self._few(tf.constant(p)))
        found = np.empty((len(p), self.network.outputs))
        for start in range(0, len(p), BLOCK):
            part = p[start : start + BLOCK]
            rows = np.resize(part, (BLOCK, p.shape[1])) if len(part) < BLOCK else part
            found[start : start + BLOCK] = self._block(tf.constant(rows)).numpy()[: len(part)]
        return found

    def slopes(self, p: Array) -> Array:
        """`gradients` as an array."""
        return np.asarray(self._slopes(tf.constant(p)))

    def with_slopes(self, p: Array) -> tuple[Array, Array]:
        """Energies and gradients as arrays, for optimizers that ask for one set at a time."""
        energies, slopes = self._both(tf.constant(p))
        return np.asarray(energies), np.asarray(slopes)

    def get_config(self) -> dict[str, Json]:
        network = keras.saving.serialize_keras_object(self.network)
        box = {"lower": self.lower, "upper": self.upper, "origin": self.origin}
        return {**super().get_config(), "network": network, **box}

    @classmethod
    def from_config(cls, config: dict[str, Json]) -> EnergySurface:
        network = keras.saving.deserialize_keras_object(config["network"])
        return cls(**{**config, "network": network})
