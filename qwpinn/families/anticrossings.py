"""Anticrossings: where two neighbouring levels of a family come close, and repel each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Array = NDArray[np.float64]
# Of scaled parameters (n, m): E_0 to E_K as (n, K + 1), and their slopes (n, K + 1, m).
Levels = Callable[[Array], tuple[Array, Array]]

# Gaps that close and open again within this part of the box's half-width are anticrossings.
NARROW = 0.1
# Searches for each pair of levels, from places that foretell crossings this far from each other.
SEARCHES, APART = 32, 0.05
ROUNDS = 8


@dataclass(frozen=True)
class Anticrossings:
    r"""Places in scaled parameters u where the gap of two neighbouring levels is least.

    About an anticrossing the gap is :math:`\sqrt{g^2 + (D n (u - u_0))^2}`, with D by how much more
    one level moves than the other. Where there is more than one parameter, anticrossings fill
    surfaces, of which these are some points.

    Attributes:
        pairs: k of E_k and E_{k+1}, shape ``(c,)``. The last k is that of the highest level of the
            family and the one above it.
        places: u0, ``(c, m)``.
        normals: n, of length 1, ``(c, m)``.
        gaps: g, in the family's unit of energy, ``(c,)``.
        widths: g / D, in units of u, ``(c,)``.
    """

    pairs: NDArray[np.intp]
    places: Array
    normals: Array
    gaps: Array
    widths: Array

    def of(self, pair: int) -> Anticrossings:
        """Those of one pair of levels."""
        return self.taken(self.pairs == pair)

    def taken(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> Anticrossings:
        """Some of them, by a mask or by indices."""
        others = (self.places, self.normals, self.gaps, self.widths)
        return Anticrossings(self.pairs[which], *(part[which] for part in others))

    def distances(self, u: Array, pair: int) -> Array:
        """How far rows of u are from the nearest surface of a pair, ``(n,)``; infinite if none.

        The surface is taken to be flat about each of its known points, less what its curvature
        there can amount to.
        """
        own = self.of(pair)
        if not own.pairs.size:
            return np.full(len(u), np.inf)
        tree, count = cKDTree(own.places), min(2 * u.shape[1], own.pairs.size)
        apart, index = (part.reshape(len(u), count) for part in tree.query(u, count))
        away = np.abs(np.sum(own.normals[index] * (u[:, None] - own.places[index]), axis=-1))
        curvature, spacing = own._shape()
        along = np.sqrt(np.maximum(apart**2 - away**2, 0.0))
        flat = np.maximum(away - curvature[index] * along**2 / 2.0, 0.0)
        return np.asarray(np.min(np.where(along <= 2.0 * spacing, flat, np.inf), axis=1))

    def _shape(self) -> tuple[Array, float]:
        """The curvature of a surface at each of its points; the widest gap between neighbours."""
        count, dimension = self.places.shape
        if count == 1 or dimension == 1:
            return np.full(count, 0.0 if dimension == 1 else 1.0), np.inf
        near = min(2 * dimension, count - 1)
        apart, index = cKDTree(self.places).query(self.places, near + 1)
        others = self.normals[index[:, 1:]]
        signs = np.sign(np.sum(others * self.normals[:, None], axis=-1, keepdims=True))
        turned = np.linalg.norm(others * signs - self.normals[:, None], axis=-1)
        curvature = np.median(turned / np.maximum(apart[:, 1:], 1e-6), axis=1)
        return np.asarray(curvature), float(np.max(apart[:, 1]))


def none(dimension: int) -> Anticrossings:
    """Of a family that has no anticrossings."""
    rows, numbers = np.zeros((0, dimension)), np.zeros(0)
    return Anticrossings(np.zeros(0, np.intp), rows, rows, numbers, numbers)


def find_anticrossings(levels: Levels, u: Array, energies: Array, slopes: Array) -> Anticrossings:
    """Anticrossings of a family, from levels and slopes at sampled members.

    Where the gap closes linearly, its slope foretells where it would be zero. From there on the
    square of the gap, a parabola about an anticrossing, is minimised by secants of its slope, so
    that one far narrower than the distance of the samples is found.

    Args:
        levels: Gives refined levels.
        u: The samples, scaled, shape ``(n, m)``.
        energies: E_0 to E_K there, ``(n, K + 1)``.
        slopes: dE/du there, ``(n, K + 1, m)``.
    """
    starts = [
        _starts(pair, u, np.diff(energies)[:, pair], np.diff(slopes, axis=1)[:, pair])
        for pair in range(energies.shape[1] - 1)
    ]
    lines = _Lines(*(np.concatenate(part) for part in zip(*starts, strict=True)))
    if lines.pairs.size:
        lines.descend(levels)
    return _distinct(lines.found()) if lines.pairs.size else none(u.shape[1])


def _starts(pair: int, u: Array, gaps: Array, slopes: Array) -> tuple[Array, ...]:
    """Samples that foretell a crossing in the box, the nearest to it first."""
    steepness = np.maximum(np.linalg.norm(slopes, axis=1), 1e-300)
    reach = gaps / steepness
    directions = -slopes / steepness[:, None]
    foretold = u + reach[:, None] * directions
    inside = np.all(np.abs(foretold) <= 1.0 + NARROW, axis=1)
    chosen: list[int] = []
    for i in np.argsort(np.where(inside, reach, np.inf)):
        if not inside[i] or len(chosen) == SEARCHES:
            break
        if all(np.linalg.norm(foretold[i] - foretold[j]) > APART for j in chosen):
            chosen.append(int(i))
    return (
        np.full(len(chosen), pair, np.intp),
        u[chosen],
        directions[chosen],
        gaps[chosen],
        steepness[chosen],
    )


class _Lines:
    """Straight lines through the box, along each of which one gap is minimised.

    Args:
        pairs: Whose gap.
        starts: Where each line begins, ``(c, m)``.
        directions: Of steepest descent there.
        gaps: There.
        steepness: The slope's length there.
    """

    def __init__(
        self,
        pairs: NDArray[np.intp],
        starts: Array,
        directions: Array,
        gaps: Array,
        steepness: Array,
    ) -> None:
        self.pairs, self.starts, self.directions = pairs, starts, directions
        self.gaps, self.normals, self.rate = gaps, directions.copy(), steepness.copy()
        self.t, self.bend = np.zeros_like(gaps), -2.0 * gaps * steepness
        # A line ends where it leaves the box.
        with np.errstate(divide="ignore", invalid="ignore"):
            ends = np.where(directions != 0.0, (np.sign(directions) - starts) / directions, np.inf)
        self.ends = np.maximum(np.min(ends, axis=1), 0.0)
        self.low, self.high = np.zeros_like(gaps), self.ends.copy()
        self.settled = self.ends <= 0.0

    def descend(self, levels: Levels) -> None:
        """Minimise the squares of all gaps, as long as that moves the places."""
        forth = np.minimum(self.gaps / self.rate, self.ends)
        for _ in range(ROUNDS):
            active = np.flatnonzero(~self.settled)
            if not active.size:
                break
            forth = self._moved(levels, active, forth)

    def _moved(self, levels: Levels, active: NDArray[np.intp], forth: Array) -> Array:
        """Go to t = ``forth`` on the active lines; returns where the secants point to."""
        at = self.starts[active] + forth[active, None] * self.directions[active]
        energies, slopes = levels(np.clip(at, -1.0, 1.0))
        rows, pairs = np.arange(active.size), self.pairs[active]
        gaps = np.diff(energies)[rows, pairs]
        vectors = np.diff(slopes, axis=1)[rows, pairs]
        bend = 2.0 * gaps * np.sum(vectors * self.directions[active], axis=1)
        t, before = forth[active], self.t[active]
        with np.errstate(divide="ignore", invalid="ignore"):
            curved = (bend - self.bend[active]) / (t - before)
            rate = np.sqrt(np.maximum(curved, 0.0) / 2.0)
            aim = t - bend / curved
        self.rate[active] = np.where(rate > 0.0, rate, self.rate[active])
        steep = np.linalg.norm(vectors, axis=1)
        tells = steep > 0.5 * self.rate[active]
        own = vectors / np.maximum(steep, 1e-300)[:, None]
        self.normals[active] = np.where(tells[:, None], own, self.normals[active])
        self.low[active] = np.where(bend < 0.0, t, self.low[active])
        self.high[active] = np.where(bend < 0.0, self.high[active], t)
        self.t[active], self.bend[active], self.gaps[active] = t, bend, gaps
        low, high = self.low[active], self.high[active]
        good = np.isfinite(aim) & (aim >= low) & (aim <= high)
        next_ = np.where(good, aim, np.where(bend < 0.0, high, (low + high) / 2.0))
        width = gaps / np.maximum(self.rate[active], 1e-300)
        self.settled[active] = np.abs(next_ - t) <= np.maximum(0.05 * width, 1e-10)
        forth = forth.copy()
        forth[active] = next_
        return forth

    def found(self) -> Anticrossings:
        """The minima that are settled and narrow."""
        widths = self.gaps / np.maximum(self.rate, 1e-300)
        places = np.clip(self.starts + self.t[:, None] * self.directions, -1.0, 1.0)
        every = Anticrossings(self.pairs, places, self.normals, self.gaps, widths)
        return every.taken(self.settled & (widths <= NARROW))


def _distinct(found: Anticrossings) -> Anticrossings:
    """Each once; those of a pair together, the smallest gap first."""
    kept: list[int] = []
    for i in np.lexsort((found.gaps, found.pairs)):
        near = (
            found.pairs[j] == found.pairs[i]
            and np.linalg.norm(found.places[i] - found.places[j]) < APART / 2
            for j in kept
        )
        if not any(near):
            kept.append(int(i))
    return found.taken(np.array(kept, np.intp))
