"""The equation of a family: residuals at collocation points in x and p, and their derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from qwpinn.equation import kinds
from qwpinn.families.frame import Frame, Placed
from qwpinn.families.networks import DeepONet, EnergySurface
from qwpinn.inputs import check
from qwpinn.networks.regression import columns
from qwpinn.training.least_squares import Data, Logs, PiecewiseModel
from qwpinn.training.residuals import Collocation, schroedinger, select

# Numbers of a Jacobian that are held at once, 32 MB; the tapes hold several times as many.
HELD = 4_000_000


class FamilyEquation(PiecewiseModel):
    r"""A network of wavefunctions and one of energies, in the equation that joins them.

    For each member p, first sqrt(w / rho) (-psi_k'' + rho (V - E_k) psi_k) point by point, whose
    squared norm is sum_k ||H psi_k - E_k psi_k||^2; then sqrt(lambda) times the upper triangle of
    Gram - 1. Everything is in scaled units: x on [-1, 1], E in 1 / (h^2 rho0).

    Args:
        operator: The wavefunctions.
        surface: The energies.
        normalisation: lambda > 0.
    """

    def __init__(
        self, operator: DeepONet, surface: EnergySurface, normalisation: float, **kwargs: Any
    ) -> None:
        super().__init__(dtype="float64", **kwargs)
        cure = "Or call FamilyPINN.for_family(family, states)."
        self.operator: DeepONet = kinds.one_of("operator", operator, DeepONet, "a DeepONet", cure)
        self.surface: EnergySurface = kinds.one_of(
            "surface", surface, EnergySurface, "an EnergySurface", cure
        )
        self.normalisation = check.positive("normalisation", normalisation, "weight")
        self.built = True

    @property
    def states(self) -> int:
        """K."""
        return self.operator.states

    @property
    def frame(self) -> Frame:
        """Edges and units of the family."""
        return self.operator.moving.frame

    def placed(self, x: tf.Tensor, p: tf.Tensor) -> Placed:
        """Rows of x ``(n, 1)``, in the own coordinate, and p ``(n, m)``."""
        moving = self.operator.moving
        at: Placed = moving(moving.to_normal(x, p), p)
        return at

    def amplitude(self, half_width: tf.Tensor) -> tf.Tensor:
        """Psi in own units of scaled wavefunctions, in the shape of the half-widths."""
        return self.frame.amplitude / tf.sqrt(half_width * self.frame.weight_unit)

    def psi(self, x: tf.Tensor, p: tf.Tensor) -> tf.Tensor:
        """Psi ``(n, K)`` at rows of x ``(n, 1)``, in the own coordinate, and p ``(n, m)``."""
        at = self.placed(x, p)
        mixture, _ = self._state_of(p)
        return self.amplitude(at.half_width) * self.operator(at, mixture)

    def residuals(self, data: Data) -> tf.Tensor:
        batch, points = tf.shape(data["x"])[0], tf.shape(data["x"])[1]
        psi, residual, measure = self._rows(*self._per_state(data))
        psi = tf.reshape(psi, [batch, points, self.states])
        measure = tf.reshape(measure, [batch, points, self.states])[:, :, :1]
        weighted = tf.reshape(residual, [batch, points * self.states])
        return tf.concat([weighted, self._gram(psi, measure)], axis=1)

    def jacobian(self, data: Data) -> tf.Tensor:
        variables = [v.value for v in self.trainable_variables]

        def row(sample: tuple[tf.Tensor, ...]) -> list[tf.Tensor]:
            with tf.GradientTape() as tape:
                _, residual, _ = self._rows(*(value[None] for value in sample))
            return list(tape.gradient(residual, variables, unconnected_gradients="zero"))

        def overlaps(sample: tuple[tf.Tensor, ...]) -> list[tf.Tensor]:
            p, x, weight, quadrature = sample
            with tf.GradientTape() as tape:
                at = self.operator.moving(x[:, None], tf.repeat(p[None], tf.shape(x)[0], axis=0))
                here = self._collocation(at, tf.zeros_like(x), weight, quadrature)
                psi = self.operator(at, self._state_of(p[None])[0])
                overlap = self._gram(psi[None], (here.weight * here.quadrature)[None])[0]
            return list(tape.jacobian(overlap, variables, unconnected_gradients="zero"))

        samples = self._per_state(data)
        batch, count = tf.shape(data["x"])[0], self.states * (self.states + 1) // 2
        found = columns(tf.vectorized_map(row, samples), tf.shape(samples[0])[0], variables)
        names = ("p", "x", "weight", "quadrature")
        grams = tf.vectorized_map(overlaps, tuple(data[name] for name in names))
        below = columns(grams, batch * count, variables)
        size = sum(variable.shape.num_elements() for variable in variables)
        both = [
            tf.reshape(found, [batch, tf.shape(data["x"])[1] * self.states, size]),
            tf.reshape(below, [batch, count, size]),
        ]
        return tf.reshape(tf.concat(both, axis=1), [-1, size])

    def logs(self, data: Data, residual: tf.Tensor) -> Logs:
        """The loss; the root mean square over members of the residual's norm and of Gram - 1."""
        gram = self.states * (self.states + 1) // 2
        square, overlap = (
            tf.reduce_mean(tf.reduce_sum(part**2, axis=1))
            for part in (residual[:, :-gram], residual[:, -gram:])
        )
        return {
            "loss": square + overlap,
            "residual": tf.sqrt(square),
            "gram_error": tf.sqrt(overlap / self.normalisation),
        }

    def piece(self, data: Data) -> int:
        size = sum(v.value.shape.num_elements() for v in self.trainable_variables)
        rows = self.states * (data["x"].shape[1] + (self.states + 1) // 2)
        return int(max(1, HELD // (rows * size)))

    def _rows(
        self, p: tf.Tensor, state: tf.Tensor, x: tf.Tensor, *values: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Psi, its weighted residual and rho w of one state a row, each ``(n, 1)``."""
        at = self.operator.moving(x, p)
        here = self._collocation(at, *values)
        mixture, log_energies = self._state_of(p)
        own = tf.reduce_sum(mixture * state[:, None, :], axis=-1, keepdims=True)
        energy = at.half_width**2 * self.frame.weight_unit * tf.exp(select(log_energies, state))

        def function(xi: tf.Tensor) -> tf.Tensor:
            return self.operator(at._replace(xi=xi), own)

        psi, residual = schroedinger(function, energy, here, tf.ones_like(energy))
        weighted = tf.sqrt(here.quadrature / here.weight) * residual
        return psi, weighted, here.weight * here.quadrature

    def _state_of(self, p: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The mixture ``(n, M, K)`` and log(E - V0) ``(n, K)`` of members."""
        u = self.surface.scaled(p)
        log_energies = self.surface.logarithms(u)
        return self.operator.mixture(u, log_energies), log_energies

    def _collocation(
        self, at: Placed, potential: tf.Tensor, weight: tf.Tensor, quadrature: tf.Tensor
    ) -> Collocation:
        """The scaled equation at rows."""
        unit = 1.0 / (at.half_width**2 * self.frame.weight_unit)
        v, rho, w = (tf.reshape(value, [-1, 1]) for value in (potential, weight, quadrature))
        return Collocation(
            x=at.xi,
            potential=(v - self.frame.energy_origin) / unit,
            weight=rho / self.frame.weight_unit,
            quadrature=w / at.half_width,
        )

    def _per_state(self, data: Data) -> tuple[tf.Tensor, ...]:
        """Rows (p, one-hot state, x, V, rho, w): each point of each member, once for each state."""
        states, points = self.states, tf.shape(data["x"])[1]
        rows: Sequence[tf.Tensor] = [
            tf.repeat(tf.reshape(data[name], [-1, 1]), states, axis=0)
            for name in ("x", "potential", "weight", "quadrature")
        ]
        count = tf.shape(rows[0])[0] // states
        state = tf.tile(tf.eye(states, dtype=self.compute_dtype), [count, 1])
        return tf.repeat(data["p"], points * states, axis=0), state, *rows

    def _gram(self, psi: tf.Tensor, measure: tf.Tensor) -> tf.Tensor:
        """sqrt(lambda) (Gram - 1), upper triangles: (members, K (K + 1) / 2).

        Off-diagonal entries count twice, so that the squared norm is that of the whole matrix.
        """
        states = self.states
        overlap = tf.matmul(psi, measure * psi, transpose_a=True) - tf.eye(states, dtype=psi.dtype)
        i, j = np.triu_indices(states)
        upper = tf.gather(tf.reshape(overlap, [-1, states**2]), i * states + j, axis=1)
        return self.normalisation**0.5 * np.where(i == j, 1.0, 2.0**0.5) * upper
