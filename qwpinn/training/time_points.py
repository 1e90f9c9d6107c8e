"""Collocation points in space and time, of the equation i psi_t = H psi of a well.

Nodes are Gauss's, but no two times have the same positions, nor two panels the same times: in the
gaps of a product a network hides steps, with residuals that no node sees. V(x) + f(t) W(x) is a
column of the data: a network sees a drive as it sees the well, by numbers.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation import kinds
from qwpinn.equation.ends import DIRICHLET
from qwpinn.equation.hidden import refuse_hidden
from qwpinn.equation.potential import Potential, values
from qwpinn.equation.semiclassics import ground_energy
from qwpinn.inputs import check, formulas, limits
from qwpinn.quadrature import Quadrature, gauss_legendre, panels
from qwpinn.startup import refuse_fork
from qwpinn.training.guard import (
    ColumnGuard,
    check_agreement,
    covers,
    not_covered,
    numbers_pass,
    untuned,
)
from qwpinn.training.points import own_positions

Array = NDArray[np.float64]
Function = Callable[[Array], ArrayLike]

# What a training step needs of every point: x, t, V(x, t), rho(x), the weight of an integral.
COLUMNS = ("x", "t", "potential", "weight", "quadrature")
# Points in x and in t, if nobody says how many, and Gauss's nodes in a panel.
USUAL, ORDER = (72, 36), 12
# Panels are split between these shares of their width, at multiples of the golden ratio.
SPLIT, GOLDEN = (0.2, 0.8), (np.sqrt(5.0) - 1.0) / 2.0


@dataclass(frozen=True)
class Drive:
    """f(t) W(x), what is added to V.

    Args:
        signal: f, a function of times; a `Potential` on [0, T] knows where it jumps.
        profile: W, a function of positions; a `Potential` of the same walls is one.
    """

    signal: Function
    profile: Function

    @classmethod
    def of(cls, given: object, potential: Potential, duration: float) -> Drive | None:
        """The drive of a pair (f, W); None of None.

        Raises:
            TypeError: If it is no pair of functions.
            ValueError: If one lives elsewhere, or W is not smooth where V is.
        """
        if given is None or isinstance(given, cls):
            return given
        if not isinstance(given, tuple | list) or len(given) != 2:
            raise TypeError(
                "`drive` must be a pair of functions, f of times and W of positions. Received: "
                f"{kinds.shown(given)}. Give e.g. drive=(np.sin, lambda x: x)."
            )
        signal, profile = given
        kinds.function("drive", signal, "times, the first of the pair")
        kinds.function("drive", profile, "positions, the second of the pair")
        for part, ends in ((signal, (0.0, duration)), (profile, potential.interval)):
            if isinstance(part, Potential) and not np.allclose(part.interval, ends, 1e-12, 1e-12):
                raise ValueError(
                    f"`drive` must live on [0, T] and between the walls, here on {ends}. Received: "
                    f"one on {part.interval}. Give it there, or as a plain function."
                )
        if isinstance(profile, Potential):
            _refuse_breakpoints(profile, potential)
        return cls(signal, profile)

    def __call__(self, x: Array, t: Array) -> Array:
        """f(t) W(x) at own positions and times of one shape."""
        found = [
            formulas.finite("drive", symbol, formulas.evaluated("drive", part, at), at)
            for symbol, part, at in (("f", self.signal, t), ("W", self.profile, x))
        ]
        return np.asarray(found[0] * found[1])


def _refuse_breakpoints(profile: Potential, potential: Potential) -> None:
    """Refuse a W that jumps where no panel ends."""
    for position in profile.breakpoints:
        if not np.any(np.isclose(potential.breakpoints, position, 1e-12, 1e-12)):
            raise ValueError(
                "`drive` must be smooth where the potential is. Received: a W with a breakpoint "
                f"at x={position:g}. Give potential.with_breakpoints([{position:g}]) as the well."
            )


@dataclass(frozen=True)
class Evolution:
    r"""The equation i psi_t = H psi on [a, b] x [0, T], with hbar = 1.

    .. math:: H(t) = -\frac{1}{\rho} \frac{d^2}{dx^2} + V(x) + f(t) W(x)

    Args:
        potential: V and rho, with walls.
        duration: T, in one over the unit of energy.
        drive: f and W. Defaults to None: no drive.
    """

    potential: Potential
    duration: float
    drive: Drive | None = None

    @classmethod
    def of(cls, potential: object, duration: object, drive: object = None) -> Evolution:
        """With all of it checked.

        Raises:
            TypeError: If one is of another kind.
            ValueError: If the well is of the plane, its mass depends on the energy, T is not
                positive or the drive lives elsewhere.
            ArithmeticError: If V is found not to be smooth where there is no breakpoint.
        """
        kinds.line(kinds.well(potential), "TimePINN", "Give a well of one dimension.")
        well = kinds.potential(potential)
        if well.energy_dependent or well.boundary_conditions is not DIRICHLET:
            raise ValueError(
                "`potential` must have one H for all energies, between two walls, to evolve psi in "
                f"time. Received: {kinds.shown(well)}. Give its parabolic_limit."
            )
        length = check.positive("duration", duration, "time")
        refuse_hidden(well.normal_form, ground_energy(well.normal_form))
        return cls(well, length, Drive.of(drive, well, length))

    @property
    def form(self) -> Potential:
        """The `normal_form` of the well."""
        return self.potential.normal_form

    def own(self, x: Array) -> Array:
        """Own positions of those of the normal form."""
        return x if self.form is self.potential else own_positions(self.potential, x)

    def values(self, x: Array, t: Array) -> Array:
        """V(x) + f(t) W(x) at positions of the normal form and times, of one shape."""
        found = values(self.form, x)
        return found if self.drive is None else found + self.drive(self.own(x), t)

    def in_space(self, points: int) -> Quadrature:
        """About so many nodes between the walls of the normal form, split at the breakpoints."""
        return _nodes(self.form, points)

    def in_time(self, points: int, ends: tuple[float, ...] = ()) -> Quadrature:
        """About so many nodes in [0, T], split where f jumps, and at further ends."""
        return _nodes(_Times(np.union1d(self._jumps(), ends)), points)

    def panels(self, in_x: int, in_t: int) -> tuple[tuple[Array, int], tuple[Array, int]]:
        """Edges of panels in x and in t, and nodes in each, for about so many nodes."""
        return _panels(self.form, in_x), _panels(_Times(self._jumps()), in_t)

    def _jumps(self) -> Array:
        signal = None if self.drive is None else self.drive.signal
        inner = signal.breakpoints if isinstance(signal, Potential) else ()
        return np.array([0.0, *inner, self.duration])


@dataclass(frozen=True)
class _Times:
    """Ends of stretches of time."""

    smooth_pieces: Array


def _panels(pieces: Any, points: int) -> tuple[Array, int]:
    """Edges of panels of about equal width, and how many nodes each has, for about so many."""
    order = min(ORDER, max(3, points // (pieces.smooth_pieces.size - 1)))
    return panels(pieces, max(1, round(points / order))), order


def _nodes(pieces: Any, points: int) -> Quadrature:
    """About so many nodes, on panels of about equal width."""
    return gauss_legendre(*_panels(pieces, points))


def time_collocation(
    potential: Potential,
    duration: float,
    points: tuple[int, int] = USUAL,
    drive: tuple[Function, Function] | None = None,
) -> tf.data.Dataset:
    r"""One batch of points in space and time with everything that a step of `TimePINN` needs.

    They are Gauss's nodes in t, on panels, and at each time others in x, on panels that are split
    at the breakpoints: the squared norm of the residual on them is its integral over space and
    time, to the accuracy of the quadrature. Ask for several steps an epoch with
    ``.repeat(steps)``.

    Args:
        potential: The well, of one dimension.
        duration: T: times are in [0, T], in one over the potential's unit of energy (hbar = 1).
        points: About how many in x, and in t. Defaults to 72 and 36.
        drive: f and W of H + f(t) W(x), functions of times and of own positions. Defaults to None.

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
    evolution = Evolution.of(potential, duration, drive)
    in_x, in_t = counts(points)
    return untuned(tf.data.Dataset.from_tensors(grid(evolution, in_x, in_t)))


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


def grid(evolution: Evolution, in_x: int, in_t: int) -> dict[str, Array]:
    """The columns of `time_collocation` for about so many points."""
    space, time = evolution.panels(in_x, in_t)
    shares = (SPLIT[0] + (SPLIT[1] - SPLIT[0]) * (n * GOLDEN % 1.0) for n in itertools.count(1))
    rows = []
    for left, right in itertools.pairwise(space[0]):
        for begin, end in itertools.pairwise(time[0]):
            times = _split(begin, end, next(shares), time[1])
            for t, weight in zip(times.nodes, times.weights, strict=True):
                at = _split(left, right, next(shares), space[1])
                rows.append((at.nodes, np.full_like(at.nodes, t), weight * at.weights))
    x, t, weights = (np.concatenate(column) for column in zip(*rows, strict=True))
    return _columns(evolution, x, t, weights)


def _split(left: float, right: float, share: float, order: int) -> Quadrature:
    """Half of the nodes on either side of a share of a panel."""
    return gauss_legendre([left, left + share * (right - left), right], (order + 1) // 2)


def columns_at(evolution: Evolution, x: Array, t: Array, weights: Array) -> dict[str, Array]:
    """The columns at every position and every time, those of a time together.

    Args:
        evolution: The equation.
        x: Positions in the coordinate of the normal form, ``(n,)``.
        t: Times, ``(m,)``.
        weights: Of the points, ``(m, n)``.
    """
    at_t, at_x = (part.ravel() for part in np.meshgrid(t, x, indexing="ij"))
    return _columns(evolution, at_x, at_t, weights.ravel())


def _columns(evolution: Evolution, x: Array, t: Array, weights: Array) -> dict[str, Array]:
    """The columns at points, each ``(n, 1)``."""
    rows = x, t, evolution.values(x, t), evolution.form.weight(x), weights
    return {name: row[:, None] for name, row in zip(COLUMNS, rows, strict=True)}


class TimeGuard(ColumnGuard):
    """Refuses data that are not of a model's own evolution.

    Args:
        evolution: That of the model.
        unit: Of energies.
    """

    names = COLUMNS
    contents = "points in space and time"
    cure = "Give qwpinn.time_collocation(potential, duration)."

    def __init__(self, evolution: Evolution, unit: float) -> None:
        super().__init__()
        self.evolution, self.unit = evolution, unit
        self.walls = np.array([evolution.form.interval, (0.0, evolution.duration)])
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
            "potential": self.evolution.values(x, t),
            "weight": self.evolution.form.weight(x),
        }
        at, of = np.stack([x, t], axis=-1), "the model's own well and drive"
        check_agreement(name, at, flat, own, self.unit, (of, self.cure))
        if not covers(flat["quadrature"], self.volume):
            total = float(np.sum(flat["quadrature"]))
            raise ValueError(not_covered(name, total, self.walls, "the model's x and t", self.cure))
