"""The equation i hbar psi_t = H psi of one well, scaled, as a loss that is a sum of squares."""

from __future__ import annotations

import abc
from collections.abc import Callable

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.equation.scaling import Scaling
from qwpinn.networks.initial import InitialState
from qwpinn.training.least_squares import Data, Logs, SquaresModel
from qwpinn.training.residuals import columns, in_batches, select
from qwpinn.training.space_time import SpaceTime
from qwpinn.training.time_points import COLUMNS, TimeGuard, columns_at

Array = NDArray[np.float64]
Functions = Callable[[tf.Tensor], tf.Tensor]

# Slabs of time, of which each waits for those before it, and the largest exponent of its weight.
SLABS, LARGEST = 16, 100.0
# Numbers a point, with which the points that are evaluated at once are counted.
WIDTH = 64


def evolved(
    functions: Functions, points: tf.Tensor, part: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """One of two functions a row, its second derivative by x, and the other's first by t.

    Args:
        functions: Maps points ``(n, 2)``, of x and t, to ``(n, 2)``.
        points: Shape ``(n, 2)``.
        part: One-hot rows ``(n, 2)``.

    Returns:
        Each ``(n, 1)``.
    """
    with tf.GradientTape(watch_accessed_variables=False) as outer:
        outer.watch(points)
        with tf.GradientTape(watch_accessed_variables=False, persistent=True) as inner:
            inner.watch(points)
            values = functions(points)
            one, other = select(values, part), select(values, 1.0 - part)
        slope = inner.gradient(one, points)[:, :1]
    return one, outer.gradient(slope, points)[:, :1], inner.gradient(other, points)[:, 1:]


class TimeEquation(SquaresModel):
    r"""A psi(x, t) with its equation in the units of a `Scaling`, in the frame of its mean energy.

    With tau = t/T and psi = exp(-i E t / hbar) chi in units of its norm, the residual at a point is

    .. math:: R = i \chi_\tau - \frac{T}{\hbar} (H - E) \chi,

    real and imaginary part times sqrt(w rho): the squared norm is that of R in space and time.

    Attributes:
        motion: The equation in own units.
        initial: psi at t = 0.
        scaling: Of x and energies.
        causality: epsilon, of the weights that later times have.
    """

    motion: SpaceTime
    initial: InitialState
    scaling: Scaling
    causality: float

    @abc.abstractmethod
    def correction(self, points: tf.Tensor) -> tf.Tensor:
        """Re and Im of chi - chi_0 at points of xi and tau, ``(n, 2)`` to ``(n, 2)``."""

    @property
    def scaled_duration(self) -> float:
        """T in one over the scaled unit of energy, hbar = 1."""
        return self.motion.over_hbar * self.scaling.energy_unit

    def guard(self) -> TimeGuard:
        """Refuses data of another motion."""
        return TimeGuard(self.motion, self.scaling.energy_unit)

    def rows(self, x: tf.data.Dataset) -> tuple[int, int]:
        """Residuals of the first batch, of which the Jacobian is held at once."""
        found = 2 * (x.element_spec["x"].shape[0] or len(next(iter(x))["x"]))
        return found, found

    def members(self, data: Data) -> Data:
        """Collocation data as a batch of one member, with the causal weights of a step."""
        found = self.scaled(data)
        return {**found, "causality": self._causal(found)} if self.causality else found

    def scaled(self, data: Data, start: tuple[tf.Tensor, tf.Tensor] | None = None) -> Data:
        """Collocation data as a batch of one member, with what the initial state alone leaves.

        Args:
            data: The columns.
            start: The initial state with its curvature there. Defaults to None: it is evaluated.
        """
        own = {name: tf.reshape(data[name], [1, -1]) for name in COLUMNS}
        times = own.pop("t") / self.motion.duration
        at = self.scaling.equation(own)
        above = at["potential"] - self.scaling.energy(self.initial.energy)
        psi, bend = start or self.initial.with_curvature(tf.reshape(at["x"], [-1, 1]))
        h_psi = above[..., None] * psi - bend / at["weight"][..., None]
        return {
            "x": at["x"],
            "time": times,
            "above": above,
            "weight": at["weight"],
            "quadrature": at["quadrature"] / self.motion.duration,
            # What is left of R where the network is zero.
            "left": -self.scaled_duration / self.scaling.amplitude * h_psi,
            "causality": tf.ones_like(times),
        }

    def _causal(self, data: Data) -> tf.Tensor:
        """Weights exp(-epsilon times the loss of all earlier slabs), constants of a step."""
        squares = tf.reduce_sum(tf.reshape(self.residuals(data), [-1, 2]) ** 2, axis=1)
        slabs = tf.cast(tf.reshape(data["time"], [-1]) * SLABS, tf.int32)
        slabs = tf.clip_by_value(slabs, 0, SLABS - 1)
        losses = tf.math.unsorted_segment_sum(squares, slabs, SLABS)
        exponents = tf.minimum(self.causality * tf.cumsum(losses, exclusive=True), LARGEST)
        return tf.gather(tf.exp(-exponents), slabs)[None]

    def residuals(self, data: Data) -> tf.Tensor:
        return tf.reshape(self._weighted(*_per_part(data)), [1, -1])

    def jacobian(self, data: Data) -> tf.Tensor:
        variables = [v.value for v in self.trainable_variables]

        def of_row(sample: tuple[Data, tf.Tensor]) -> list[tf.Tensor]:
            row, part = tf.nest.map_structure(lambda value: value[None], sample)
            with tf.GradientTape() as tape:
                residual = self._weighted(row, part)
            return list(tape.gradient(residual, variables, unconnected_gradients="zero"))

        return columns(tf.vectorized_map(of_row, _per_part(data)), variables)

    def _weighted(self, rows: Data, part: tf.Tensor) -> tf.Tensor:
        """One part of R a row, times the root of its weight, ``(n, 1)``."""
        points = tf.concat([rows["x"], rows["time"]], axis=-1)
        chi, bend, rate = evolved(self.correction, points, part)
        h_chi = rows["above"] * chi - bend / rows["weight"]
        # Re(i chi_t) is minus the slope of Im chi.
        turned = (part[:, 1:] - part[:, :1]) * rate
        residual = turned - self.scaled_duration * h_chi + rows["left"]
        return tf.sqrt(rows["weight"] * rows["quadrature"] * rows["causality"]) * residual

    def defects(self, times: Array, points: int) -> Array:
        """T ||i psi_t - H psi / hbar|| / ||psi_0|| at times ``(m,)``, in their shape.

        Args:
            times: In own units.
            points: About how many nodes of its integral over x.
        """
        space = self.motion.in_space(points)
        # Of an integral over x alone.
        weights = np.tile(self.motion.duration * space.weights, (times.size, 1))
        at = columns_at(self.motion, space.nodes, times, weights).values()
        xi = tf.constant(self.scaling.position(space.nodes)[:, None])
        start = np.hstack([part.numpy() for part in self.initial.with_curvature(xi)])
        table = np.hstack([*at, np.tile(start, (times.size, 1))])

        def squares(rows: tf.Tensor) -> list[tf.Tensor]:
            *points, psi, bend = tf.split(rows, [1] * len(COLUMNS) + [2, 2], axis=1)
            data = self.scaled(dict(zip(COLUMNS, points, strict=True)), (psi, bend))
            found = tf.reshape(self.residuals(data), [-1, 2])
            return [tf.reduce_sum(found**2, axis=1, keepdims=True)]

        (found,) = in_batches(squares, table, WIDTH)
        return np.asarray(np.sqrt(np.sum(found.reshape(times.size, -1), axis=1)))

    def logs(self, data: Data, residual: tf.Tensor) -> Logs:
        """The loss; the root of its sum without causal weights, and the least of these."""
        weights = tf.reshape(data["causality"], [1, -1, 1])
        whole = tf.reshape(residual, [1, -1, 2]) ** 2 / weights
        found = {
            "loss": tf.reduce_sum(residual**2),
            "error_bound": tf.sqrt(tf.reduce_sum(whole)),
        }
        return found | ({"causality": tf.reduce_min(weights)} if self.causality else {})


def _per_part(data: Data) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """Every point twice, for either part of R, and the one-hot rows that say which."""
    points = tf.shape(data["x"])[1]
    rows = {
        name: tf.reshape(value if name == "left" else tf.tile(value[..., None], [1, 1, 2]), [-1, 1])
        for name, value in data.items()
    }
    return rows, tf.tile(tf.eye(2, dtype=data["x"].dtype), [points, 1])
