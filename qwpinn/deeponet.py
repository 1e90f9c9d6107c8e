"""DeepONets of wavefunctions: one network for the coordinate, one a state for the parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.frame import Frame
from qwpinn.smooth_map import SmoothMap
from qwpinn.trial import TrialFunctions

Array = NDArray[np.float64]


class Placed(NamedTuple):
    """Rows (x, p), placed in their member of the family.

    Attributes:
        xi: x carried to [-1, 1], shape ``(n, 1)``.
        knots: xi of the walls and breakpoints, ``(n, edges)``.
        half_width: Of the interval, ``(n, 1)``.
    """

    xi: tf.Tensor
    knots: tf.Tensor
    half_width: tf.Tensor


@keras.saving.register_keras_serializable("qwpinn")
class MovingFrame(keras.layers.Layer):
    r"""Coordinates in which all members of a family have their walls and breakpoints in common.

    y(\xi) is a cubic between two edges, of slopes that are harmonic means of those beside an edge
    (Fritsch and Butland): increasing, C1, smooth in p, and with its second derivative jumping where
    that of psi does.

    Args:
        frame: Where the edges are.
        lower: Lowest parameters, shape ``(m,)``.
        upper: Highest parameters.

    Reference:
        F. N. Fritsch and J. Butland, SIAM J. Sci. Stat. Comput. 5, 300 (1984), doi:10.1137/0905021
    """

    def __init__(
        self,
        frame: Frame,
        lower: Sequence[float],
        upper: Sequence[float],
        dtype: str = "float64",
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.frame = frame
        self.lower, self.upper = [float(v) for v in lower], [float(v) for v in upper]

    def edges(self, p: tf.Tensor, own: bool = False) -> tf.Tensor:
        """Walls and breakpoints in the coordinate of `normal_form`, or the own one: (n, edges)."""
        low, high = np.array(self.lower), np.array(self.upper)
        t = (2.0 * p - (low + high)) / (high - low)
        factors = tf.concat([t, tf.ones_like(t[:, :1])], axis=1)
        monomials = tf.reduce_prod(tf.gather(factors, self.frame.terms, axis=1), axis=-1)
        return tf.matmul(monomials, self.frame.own if own else self.frame.normal)

    def to_normal(self, x: tf.Tensor, p: tf.Tensor) -> tf.Tensor:
        """The coordinate of `normal_form` for x ``(n, 1)``: linear between two edges."""
        if np.array_equal(self.frame.own, self.frame.normal):
            return x
        own, normal = self.edges(p, own=True), self.edges(p)
        lengths = own[:, 1:] - own[:, :-1]
        inside = tf.clip_by_value(x - own[:, :-1], tf.zeros_like(lengths), lengths)
        rise = (normal[:, 1:] - normal[:, :-1]) / lengths
        return normal[:, :1] + tf.reduce_sum(rise * inside, axis=1, keepdims=True)

    def call(self, x: tf.Tensor, p: tf.Tensor) -> Placed:
        """Places rows of x ``(n, 1)``, in the coordinate of `normal_form`, and p ``(n, m)``."""
        edges = self.edges(p)
        centre = (edges[:, :1] + edges[:, -1:]) / 2.0
        half_width = (edges[:, -1:] - edges[:, :1]) / 2.0
        return Placed((x - centre) / half_width, (edges - centre) / half_width, half_width)

    def common(self, at: Placed) -> tf.Tensor:
        """y(xi), shape ``(n, 1)``."""
        common = tf.constant(self.frame.knots, self.compute_dtype)
        lengths = at.knots[:, 1:] - at.knots[:, :-1]
        secants = (common[1:] - common[:-1]) / lengths
        left, right = lengths[:, :-1] + 2.0 * lengths[:, 1:], 2.0 * lengths[:, :-1] + lengths[:, 1:]
        inner = (left + right) / (left / secants[:, :-1] + right / secants[:, 1:])
        slopes = tf.concat([secants[:, :1], inner, secants[:, -1:]], axis=1)
        here = tf.reduce_sum(tf.cast(at.xi >= at.knots[:, 1:-1], tf.int32), axis=1, keepdims=True)

        def of(values: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
            return tf.gather(values, index, batch_dims=1)

        length = of(lengths, here)
        s = (at.xi - of(at.knots, here)) / length
        low, high = tf.gather(common, here), tf.gather(common, here + 1)
        start, end = length * of(slopes, here), length * of(slopes, here + 1)
        cubic = (start + end - 2.0 * (high - low)) * s + 3.0 * (high - low) - 2.0 * start - end
        return low + (start + cubic * s) * s

    def get_config(self) -> dict[str, Any]:
        ends = {"lower": self.lower, "upper": self.upper}
        return {**super().get_config(), "frame": self.frame.to_config(), **ends}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> MovingFrame:
        return cls(**{**config, "frame": Frame.from_config(config["frame"])})


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

    def get_config(self) -> dict[str, Any]:
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "moving": serialize(self.moving),
            "trunk": serialize(self.trunk),
            "branches": [serialize(branch) for branch in self.branches],
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DeepONet:
        restore, config = keras.saving.deserialize_keras_object, dict(config)
        for layer in ("moving", "trunk"):
            config[layer] = restore(config[layer])
        return cls(**{**config, "branches": [restore(branch) for branch in config["branches"]]})
