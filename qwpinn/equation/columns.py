"""Quadrature in the plane by columns: nodes on vertical lines that are cut where V jumps.

The box is cut into strips at all positions where a boundary turns round. In a strip the boundaries
cross each vertical line equally often, in one order, and between two crossings V is smooth. Where
a boundary is upright at the end of a strip, its crossings go like a root of the distance; x as the
sine of an angle makes them smooth. At a corner psi has a singularity of r^2 ln r: towards it panels
are halved, so that each is hardly larger than its distance.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.regions import ROUNDING, Region
from qwpinn.equation.values import Box
from qwpinn.quadrature import Quadrature, gauss_legendre

Array = NDArray[np.float64]

# Where in a strip the lengths between crossings are looked up, to tell how many panels they need.
LOOKS = np.sin(np.pi / 2 * np.linspace(-1.0, 1.0, 9))
# How large a panel may be, of its distance from a corner.
NEAR = 2.0
# Of a panel that is smaller than asked, by this share: how many nodes less it has.
FEWER = ((0.5, 0), (0.2, 2), (0.08, 3), (0.0, 4))


class Corner(NamedTuple):
    """A place towards which panels become smaller.

    Attributes:
        x: Its position.
        y: The same.
        least: How large the smallest panels may be.
    """

    x: float
    y: float
    least: float


class Strip(NamedTuple):
    """A part of the box between two positions x.

    Attributes:
        left: Its left end.
        right: Its right end.
        curves: The boundaries that cross it.
        lengths: The largest length between two crossings next to each other, or walls.
        bent: Whether x is a sine.
    """

    left: float
    right: float
    curves: tuple[Region, ...]
    lengths: Array
    bent: bool

    def position(self, u: Array) -> tuple[Array, Array]:
        """X and dx/du, of u between 0 and 1."""
        t, slope = 2.0 * u - 1.0, np.full_like(u, 2.0)
        if self.bent:
            t, slope = np.sin(np.pi / 2 * t), np.pi / 2 * np.cos(np.pi / 2 * t) * slope
        half = (self.right - self.left) / 2
        return (self.left + self.right) / 2 + half * t, half * slope


class Panels(NamedTuple):
    """Parts of a strip, each of shape ``(p,)``.

    Attributes:
        u0: Where they begin across the strip, from 0 on.
        u1: Where they end, up to 1.
        part: Between which crossings.
        t0: Where they begin between these.
        t1: Where they end.
    """

    u0: Array
    u1: Array
    part: NDArray[np.intp]
    t0: Array
    t1: Array

    def those(self, chosen: NDArray[np.bool_]) -> Panels:
        """Some of them."""
        return Panels(*(column[chosen] for column in self))  # type: ignore[arg-type]

    def halved(self, chosen: NDArray[np.bool_], across: bool) -> Panels:
        """These, some of them cut into halves, across the strip or along it."""
        begin, end = (0, 1) if across else (3, 4)
        middle = (self[begin] + self[end]) / 2
        first, second = list(self), list(self)
        first[end], second[begin] = np.where(chosen, middle, self[end]), middle
        columns = zip(first, second, strict=True)
        return Panels(*(np.concatenate([one, two[chosen]]) for one, two in columns))


class Columns:
    """Rules for integrals over a box with boundaries that do not cross each other.

    Args:
        box: The walls.
        curves: Regions of which the boundaries are meant.
        corners: Where nodes crowd. Defaults to none.
        lines: Positions x, and y, of lines from wall to wall, which cross none of them. Defaults to
            none.
    """

    def __init__(
        self,
        box: Box,
        curves: Sequence[Region],
        corners: Sequence[Corner] = (),
        lines: tuple[Sequence[float], Sequence[float]] = ((), ()),
    ) -> None:
        self.box, self.curves, self.corners = box, tuple(curves), tuple(corners)
        self.rows = tuple(lines[1])
        x0, x1, _, _ = box
        turns = (turn for curve in self.curves for turn in curve.turns)
        ends = np.unique([x0, x1, *lines[0], *turns])
        self.strips = [
            self._strip(float(left), float(right)) for left, right in itertools.pairwise(ends)
        ]

    def rule(self, points: int, order: int, more: int = 0) -> Quadrature:
        """A rule of nodes ``(n, 2)`` from left to right, and upwards where x is the same.

        Args:
            points: How many there would be without boundaries; each makes more panels.
            order: Nodes a panel, in each direction; smaller panels have up to 4 less.
            more: Nodes more than that in the same panels, all of them at other places.
        """
        x0, x1, y0, y1 = self.box
        width = order * ((x1 - x0) * (y1 - y0) / points) ** 0.5
        parts = [
            part for strip in self.strips for part in self._in_strip(strip, width, order, more)
        ]
        nodes, weights = (np.concatenate(column) for column in zip(*parts, strict=True))
        rising = np.lexsort(nodes.T[::-1])
        return Quadrature(nodes[rising], weights[rising])

    def _strip(self, left: float, right: float) -> Strip:
        curves = tuple(c for c in self.curves if c.turns[0] <= left and right <= c.turns[-1])
        x = (left + right) / 2 + (right - left) / 2 * LOOKS
        upright = [turn for curve in self.curves if curve.round for turn in curve.turns]
        bent = bool({left, right}.intersection(upright))
        lengths = np.diff(self._cuts(curves, x), axis=0).max(axis=1)
        return Strip(left, right, curves, lengths, bent)

    def _cuts(self, curves: Sequence[Region], x: Array) -> Array:
        """Walls, lines and crossings at each x ``(n,)``, rising: ``(m, n)``."""
        _, _, y0, y1 = self.box
        walls = [np.full_like(x, y) for y in (y0, *self.rows, y1)]
        crossings = [row for curve in curves for row in curve.crossings(x)]
        return np.sort(np.stack([*walls, *crossings]), axis=0)

    def _in_strip(
        self, strip: Strip, width: float, order: int, more: int
    ) -> list[tuple[Array, Array]]:
        """Nodes and weights of its panels, those of one order together."""
        panels = self._panels(strip, width)
        wide, tall = (np.ptp(sides, axis=0) / width for sides in self._sides(strip, panels))
        orders = np.stack([_fewer(wide), _fewer(tall)])
        found = []
        for less in np.unique(orders, axis=1).T.tolist():
            chosen = np.all(less == orders.T, axis=1)
            counts = [max(2, order - one) + more for one in less]
            found.append(self._nodes(strip, panels.those(chosen), counts))
        return found

    def _panels(self, strip: Strip, width: float) -> Panels:
        """Even ones, cut towards corners; none between two boundaries on one line."""
        # As a sine, x is spread out in its middle.
        spread = np.pi / 2 if strip.bent else 1.0
        across = int(np.ceil(spread * (strip.right - strip.left) / width))
        high = ROUNDING * (self.box[3] - self.box[2])
        counts = [int(np.ceil(length / width)) if length > high else 0 for length in strip.lengths]
        part = np.repeat(np.arange(len(counts)), counts)
        count = np.array(counts)[part]
        row = np.arange(part.size) - np.repeat(np.cumsum(counts) - counts, counts)
        column = np.repeat(np.arange(across), part.size)
        part, row, count = (np.tile(one, across) for one in (part, row, count))
        panels = Panels(
            column / across, (column + 1) / across, part, row / count, (row + 1) / count
        )
        cut = bool(self.corners)
        while cut:
            cut = False
            for across in (True, False):
                sides = self._sides(strip, panels)
                large = np.ptp(sides[not across], axis=0) > self._allowed(*sides)
                panels, cut = panels.halved(large, across), cut or bool(large.any())
        return panels

    def _sides(self, strip: Strip, panels: Panels) -> tuple[Array, Array]:
        """Left and right ends of panels, lower and upper ones, each ``(2, p)``."""
        x = np.stack([strip.position(u)[0] for u in (panels.u0, panels.u1)])
        each = np.arange(x.shape[1])
        y = []
        for at in x:
            cuts = self._cuts(strip.curves, at)
            low, high = cuts[panels.part, each], cuts[panels.part + 1, each]
            y += [low + (high - low) * t for t in (panels.t0, panels.t1)]
        return x, np.stack([np.minimum(y[0], y[2]), np.maximum(y[1], y[3])])

    def _allowed(self, x: Array, y: Array) -> Array:
        """How large panels with these sides may be."""
        allowed = np.full(x.shape[1], np.inf)
        for corner in self.corners:
            right = np.maximum(np.maximum(x[0] - corner.x, corner.x - x[1]), 0.0)
            up = np.maximum(np.maximum(y[0] - corner.y, corner.y - y[1]), 0.0)
            distance = np.maximum(np.hypot(right, up), corner.least)
            allowed = np.minimum(allowed, NEAR * distance)
        return allowed

    def _nodes(self, strip: Strip, panels: Panels, counts: Sequence[int]) -> tuple[Array, Array]:
        """The rule of panels with equally many nodes."""
        across, up = (gauss_legendre([0.0, 1.0], count) for count in counts)
        u = panels.u0[:, None] + (panels.u1 - panels.u0)[:, None] * across.nodes
        x, slope = strip.position(u)
        dx = slope * (panels.u1 - panels.u0)[:, None] * across.weights
        cuts = self._cuts(strip.curves, x.ravel()).reshape(-1, *x.shape)
        each = np.arange(len(x))
        low, high = cuts[panels.part, each], cuts[panels.part + 1, each]
        share = panels.t0[:, None] + (panels.t1 - panels.t0)[:, None] * up.nodes
        y = low[:, :, None] + (high - low)[:, :, None] * share[:, None, :]
        dt = (panels.t1 - panels.t0)[:, None] * up.weights
        dy = (high - low)[:, :, None] * dt[:, None, :]
        nodes = np.stack([np.broadcast_to(x[:, :, None], y.shape), y], axis=-1)
        return nodes.reshape(-1, 2), (dx[:, :, None] * dy).ravel()


def _fewer(shares: Array) -> NDArray[np.intp]:
    """How many nodes less panels have that are of this share of the width."""
    found = np.zeros(shares.shape, np.intp)
    for least, less in reversed(FEWER):
        found[shares > least] = less
    return found
