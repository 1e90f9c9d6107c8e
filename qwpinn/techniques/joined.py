"""Joined networks: one for each piece of the well, and losses that join them at the breakpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from qwpinn.equation import kinds
from qwpinn.equation.potential import Potential
from qwpinn.equation.scaling import Scaling
from qwpinn.inputs import check, limits
from qwpinn.networks.features import as_given
from qwpinn.networks.model import QuantumWellPINN
from qwpinn.storage.plain import Json
from qwpinn.training.residuals import derivative


@keras.saving.register_keras_serializable("qwpinn")
class Joined(keras.layers.Layer):
    r"""A layer of tanh units in each piece between breakpoints, each zero in the others.

    .. math:: \phi_{pj}(\xi) = [\xi_p \le \xi < \xi_{p+1}] \tanh(w_{pj} t_p(\xi) + b_{pj}),

    with t_p from -1 to 1 in the piece. Nothing joins the pieces but residuals: give the model those
    of `Continuity`, of order 0 and 1. Where V jumps, psi'' may then jump, of which smooth networks
    know nothing. With one of the two alone, E is that of another problem, and the loss is small.
    Which level both find from random weights depends on the start. `diagonalise` and
    `qwpinn.certify` refuse what jumps. `qwpinn.techniques.InterfaceBandit` chooses their
    weights while it trains.

    Args:
        breakpoints: Scaled positions in (-1, 1), increasing; see `for_potential`.
        units: Of each piece.
        seed: Of the weights.

    Input shape: ``(n, 1)``, scaled positions: give the model
    ``features=keras.layers.Identity(dtype="float64")``. Output shape: ``(n, pieces * units)``.

    Raises:
        TypeError: If a number is none.
        ValueError: If one is not allowed.

    Example:
        >>> Joined([0.0], units=2)(tf.constant([[-0.5], [0.5]], tf.float64)).shape
        TensorShape([2, 4])

    Reference:
        A. D. Jagtap, G. E. Karniadakis, Commun. Comput. Phys. 28 (2020) 2002; of the conditions
        that join: arXiv:2210.12669.
    """

    def __init__(
        self,
        breakpoints: Sequence[float],
        units: int = 16,
        seed: int = 0,
        dtype: str = "float64",
        name: str = "joined",
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, name=name, **kwargs)
        self.breakpoints = tuple(check.interior("breakpoints", breakpoints, (-1.0, 1.0)).tolist())
        self.units = check.integer("units", units, maximum=limits.WIDEST)
        self.seed = check.integer("seed", seed, 0, limits.SEED)

    @classmethod
    def for_potential(cls, potential: Potential, units: int = 16, seed: int = 0) -> Joined:
        """One that is parted at the breakpoints of a well."""
        form = kinds.potential(potential).normal_form
        edges = np.array(form.breakpoints, np.float64)
        return cls(Scaling.for_potential(form).position(edges).tolist(), units, seed)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        shape = len(self.breakpoints) + 1, self.units
        rng = np.random.default_rng(self.seed)
        slopes, centres = rng.normal(0.0, 1.5, shape), rng.uniform(-1.0, 1.0, shape)

        self.kernel = self.add_weight(shape=shape, initializer=as_given(slopes), name="kernel")
        bias = as_given(-slopes * centres)
        self.bias = self.add_weight(shape=shape, initializer=bias, name="bias")

    def call(self, xi: tf.Tensor) -> tf.Tensor:
        edges = np.array([-1.0, *self.breakpoints, 1.0])
        left, right = edges[:-1], edges[1:]
        # The walls are in the outer pieces.
        above = xi >= np.array([-np.inf, *self.breakpoints])
        below = xi < np.array([*self.breakpoints, np.inf])
        inside = tf.cast(above & below, self.compute_dtype)[..., None]
        t = ((2.0 * xi - left - right) / (right - left))[..., None]
        found = inside * tf.tanh(self.kernel * t + self.bias)
        return tf.reshape(found, [-1, (len(self.breakpoints) + 1) * self.units])

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, int]:
        return input_shape[0], (len(self.breakpoints) + 1) * self.units

    def get_config(self) -> dict[str, Json]:
        own = {"breakpoints": self.breakpoints, "units": self.units, "seed": self.seed}
        return {**super().get_config(), **own}


class Continuity:
    r"""The jumps of a derivative of psi at the breakpoints, for ``model.add_residual``.

    .. math:: \frac{d^m \psi_k}{d\xi^m}(\xi_p + 0) - \frac{d^m \psi_k}{d\xi^m}(\xi_p - 0)

    in scaled units.

    Args:
        order: m, 0 of psi itself, or 1 of its slope.

    Raises:
        ValueError: If the order is another.
    """

    def __init__(self, order: int) -> None:
        self.order = check.integer("order", order, 0, 1)

    def __call__(self, model: QuantumWellPINN, at: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """The jumps, ``(breakpoints K,)``."""
        edges = np.array(model.trial.hidden.breakpoints)[:, None]
        psi = derivative(model.trial) if self.order else model.trial
        below = psi(tf.constant(np.nextafter(edges, -1.0)))
        return tf.reshape(psi(tf.constant(edges)) - below, [-1])
