"""Collocation points in space and time, of the equation i hbar psi_t = H psi of a well.

Nodes are Gauss's, but no two times have the same positions, nor two panels the same times: in the
gaps of a product a network hides steps, with residuals that no node sees. V(x) + f(t) W(x) is a
column of the data: a network sees a drive as it sees the well, by numbers.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.equation import kinds
from qwpinn.equation.potential import Potential
from qwpinn.inputs import check, limits
from qwpinn.quadrature import Quadrature, gauss_legendre
from qwpinn.startup import refuse_fork
from qwpinn.training.guard import (
    ColumnGuard,
    check_agreement,
    covers,
    not_covered,
    numbers_pass,
    untuned,
)
from qwpinn.training.space_time import SpaceTime

Array = NDArray[np.float64]

# What a training step needs of every point: x, t, V(x, t), rho(x), the weight of an integral.
COLUMNS = ("x", "t", "potential", "weight", "quadrature")
# Points in x and in t, if nobody says how many.
USUAL = (72, 36)
# Panels are split between these shares of their width, at multiples of the golden ratio.
SPLIT, GOLDEN = (0.2, 0.8), (np.sqrt(5.0) - 1.0) / 2.0


def time_collocation(
    potential: Potential,
    duration: float,
    points: tuple[int, int] = USUAL,
    drive: tuple[object, object] | None = None,
) -> tf.data.Dataset:
    r"""One batch of points in space and time with everything that a step of `TimePINN` needs.

    They are Gauss's nodes in t, on panels, and at each time others in x, on panels that are split
    at the breakpoints: the squared norm of the residual on them is its integral over space and
    time, to the accuracy of the quadrature. Ask for several steps an epoch with
    ``.repeat(steps)``.

    Args:
        potential: The well, of one dimension.
        duration: T: times are in [0, T], in units as for `qwpinn.evolve`.
        points: About how many in x, and in t. Defaults to 72 and 36.
        drive: W and f of H + f(t) W(x), as for `qwpinn.evolve`. Defaults to None.

    Returns:
        A dataset of one dict of float64 tensors of shape ``(n, 1)``: ``x``, ``t``, ``potential``
        V(x) + f(t) W(x), ``weight`` rho(x) and ``quadrature`` w, with sum(w g(x, t)) = integral of
        g over space and time, in the units and the coordinate of the potential's `normal_form`.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If a number is not allowed, or V is not finite; see `qwpinn.TimePINN`.

    Example:
        >>> import qwpinn
        >>> data = time_collocation(qwpinn.InfiniteWell(), 0.5, points=(24, 12))
        >>> next(iter(data))["t"].shape
        TensorShape([288, 1])
    """
    refuse_fork("model")
    motion = SpaceTime.of(potential, duration, drive)
    in_x, in_t = counts(points)
    return untuned(tf.data.Dataset.from_tensors(grid(motion, in_x, in_t)))


def counts(points: object) -> tuple[int, int]:
    """How many points in x and in t.

    Raises:
        TypeError: If they are no two integers.
        ValueError: If there are too few or too many.
    """
    expected = "how many in x and in t"
    found = kinds.each("points", points, object, expected, "Give e.g. points=(72, 36).")
    if len(found) != 2:
        raise ValueError(
            f"`points` must be two numbers, {expected}. Received: {kinds.shown(points)}. Give e.g. "
            "points=(72, 36)."
        )
    in_x, in_t = (check.integer("points", one, 3) for one in found)
    limits.at_most("points", in_x * in_t, limits.NODES, "in all", "Give fewer.")
    return in_x, in_t


def grid(motion: SpaceTime, in_x: int, in_t: int) -> dict[str, Array]:
    """The columns of `time_collocation` for about so many points."""
    space, time = motion.panels(in_x, in_t)
    shares = (SPLIT[0] + (SPLIT[1] - SPLIT[0]) * (n * GOLDEN % 1.0) for n in itertools.count(1))
    rows = []
    for left, right in itertools.pairwise(space[0]):
        for begin, end in itertools.pairwise(time[0]):
            times = _split(begin, end, next(shares), time[1])
            for t, weight in zip(times.nodes, times.weights, strict=True):
                at = _split(left, right, next(shares), space[1])
                rows.append((at.nodes, np.full_like(at.nodes, t), weight * at.weights))
    x, t, weights = (np.concatenate(column) for column in zip(*rows, strict=True))
    return _columns(motion, x, t, weights)


def _split(left: float, right: float, share: float, order: int) -> Quadrature:
    """Half of the nodes on either side of a share of a panel."""
    return gauss_legendre([left, left + share * (right - left), right], (order + 1) // 2)


def columns_at(motion: SpaceTime, x: Array, t: Array, weights: Array) -> dict[str, Array]:
    """The columns at every position and every time, those of a time together.

    Args:
        motion: The equation.
        x: Positions in the coordinate of the normal form, ``(n,)``.
        t: Times, ``(m,)``.
        weights: Of the points, ``(m, n)``.
    """
    at_t, at_x = (part.ravel() for part in np.meshgrid(t, x, indexing="ij"))
    return _columns(motion, at_x, at_t, weights.ravel())


def _columns(motion: SpaceTime, x: Array, t: Array, weights: Array) -> dict[str, Array]:
    """The columns at points, each ``(n, 1)``."""
    rows = x, t, motion.values(x, t), motion.form.weight(x), weights
    return {name: row[:, None] for name, row in zip(COLUMNS, rows, strict=True)}


class TimeGuard(ColumnGuard):
    """Refuses data that are not of a model's own motion.

    Args:
        motion: That of the model.
        unit: Of energies.
    """

    names = COLUMNS
    contents = "points in space and time"
    cure = "Give qwpinn.time_collocation(potential, duration)."

    def __init__(self, motion: SpaceTime, unit: float) -> None:
        super().__init__()
        self.motion, self.unit = motion, unit
        self.walls = np.array([motion.form.interval, (0.0, motion.duration)])
        self.volume = float(np.prod(np.diff(self.walls)))
        low, high = self.walls.T
        slack = 1e-12 * (high - low)
        self._ends = list(zip(("x", "t"), low - slack, high + slack, strict=True))

    def passes(self, batch: Mapping[str, tf.Tensor]) -> tf.Tensor:
        inside = [(batch[axis] >= low) & (batch[axis] <= high) for axis, low, high in self._ends]
        covered = covers(tf.reshape(batch["quadrature"], [-1]), self.volume)
        return numbers_pass(batch) & tf.reduce_all(tf.stack(inside)) & covered

    def check(self, batch: Mapping[str, Array], name: str) -> None:
        for column, numbers in batch.items():
            if numbers.shape != (len(batch["x"]), 1):
                raise ValueError(
                    f"`{name}` must hold columns of shape (n, 1), all of one length. Received: "
                    f"shape={numbers.shape} for '{column}'. {self.cure}"
                )
        self.check_numbers(batch, name)
        flat = {column: numbers[:, 0] for column, numbers in batch.items()}
        for (axis, low, high), (left, right) in zip(self._ends, self.walls, strict=True):
            outside = (flat[axis] < low) | (flat[axis] > high)
            if outside.any():
                raise ValueError(
                    f"`{name}` must lie in [{left:g}, {right:g}] of the model's own {axis}. "
                    f"Received: {axis}={flat[axis][outside][0]:.9g}. {self.cure}"
                )
        x, t = flat["x"], flat["t"]
        own = {
            "potential": self.motion.values(x, t),
            "weight": self.motion.form.weight(x),
        }
        at, of = np.stack([x, t], axis=-1), "the model's own well and drive"
        check_agreement(name, at, flat, own, self.unit, (of, self.cure))
        if not covers(flat["quadrature"], self.volume):
            total = float(np.sum(flat["quadrature"]))
            raise ValueError(not_covered(name, total, self.walls, "the model's x and t", self.cure))
