r"""How densely the states of a plane need units, before anything is solved.

.. math:: k(x, y) = \left(|E - V| + \left(\frac{\pi}{2}\right)^2\right)^{1/2}, \quad
          \text{density} \propto k^{3/2} e^{-d}

in scaled units, with E from Weyl's law and d Agmon's distance from where E > V, the shortest of all
integrals of (V - E)^(1/2) along a path; the largest density of the ground state and level K.

Sources: H. Weyl, Math. Ann. 71, 441 (1912); S. Agmon, Lectures on exponential decay of solutions of
second-order elliptic equations (1982).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from qwpinn.equation.placement import Placement
from qwpinn.equation.plane import PlanePotential, finite
from qwpinn.equation.plane_scaling import PlaneScaling

Array = NDArray[np.float64]

# Cells along each side.
CELLS = 120
# Of each cell's mean density: psi is nowhere zero.
LEAST = 1e-3
# Random factors of slopes.
FACTORS = (0.6, 1.4)
# Irrational steps that spread points evenly over a square: 1/p and 1/p^2 of the plastic number p.
PLASTIC = 1.324717957244746
GOLDEN = (5.0**0.5 - 1.0) / 2.0


class Cells(NamedTuple):
    """V on equal cells of the scaled box, ``(CELLS, CELLS)``, the first axis x.

    Attributes:
        x: Edges, ``(CELLS + 1,)``.
        y: The same.
        potential: V in the middles, in scaled units.
    """

    x: Array
    y: Array
    potential: Array

    @property
    def area(self) -> float:
        """Of a cell."""
        return float((self.x[1] - self.x[0]) * (self.y[1] - self.y[0]))


def cells(potential: PlanePotential, scaling: PlaneScaling) -> Cells:
    """V in the middles of cells."""
    (a, b), (m, n) = scaling.halves, scaling.centre
    x, y = np.linspace(-a, a, CELLS + 1), np.linspace(-b, b, CELLS + 1)
    middles = np.meshgrid((x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2, indexing="ij")
    own = [scaling.half_width * at + middle for at, middle in zip(middles, (m, n), strict=True)]
    return Cells(x, y, scaling.energy(finite(potential, *own)))


def level(at: Cells, number: float) -> float:
    """The energy below which Weyl's law has so many levels, walls counted."""
    sides = 2.0 * (at.x[-1] - at.x[0]), 2.0 * (at.y[-1] - at.y[0])
    edges = [at.potential[[0, -1]].ravel(), at.potential[:, [0, -1]].ravel()]
    lengths = [sides[1] / edges[0].size, sides[0] / edges[1].size]

    def levels(energy: float) -> float:
        inside = np.maximum(energy - at.potential, 0.0).sum() * at.area
        walls = sum(
            np.sqrt(np.maximum(energy - edge, 0.0)).sum() * length
            for edge, length in zip(edges, lengths, strict=True)
        )
        return float(inside - walls) / (4.0 * np.pi)

    low = float(at.potential.min())
    step = max(1.0, 1e-9 * abs(low))
    while levels(low + step) < number and np.isfinite(low + step):
        step *= 2.0
    high = low + step
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if levels(middle) < number else (low, middle)
    return high


def agmon(at: Cells, energy: float) -> Array:
    """Agmon's distance of each cell from where V is below an energy, along cells."""
    cost = np.sqrt(np.maximum(at.potential - energy, 0.0))
    number = np.arange(cost.size).reshape(cost.shape)
    dx, dy = at.x[1] - at.x[0], at.y[1] - at.y[0]
    starts, ends, lengths = [], [], []
    for right, up in ((1, 0), (0, 1), (1, 1), (1, -1)):
        here = (slice(None, -right or None), slice(max(0, -up), -max(up, 0) or None))
        there = (slice(right, None), slice(max(0, up), -max(-up, 0) or None))
        starts.append(number[here].ravel())
        ends.append(number[there].ravel())
        step = float(np.hypot(right * dx, up * dy))
        # Zero would be no path at all.
        lengths.append(step * (cost[here] + cost[there]).ravel() / 2 + 1e-12)
    graph = scipy.sparse.coo_array(
        (np.concatenate(lengths), (np.concatenate(starts), np.concatenate(ends))),
        (cost.size, cost.size),
    ).tocsr()
    allowed = np.flatnonzero(at.potential.ravel() <= max(energy, at.potential.min()))
    found = scipy.sparse.csgraph.dijkstra(graph, False, allowed, min_only=True)
    return np.asarray(found).reshape(cost.shape)


def density(at: Cells, states: int) -> tuple[Array, Array]:
    """Of units, and k, for the K lowest states; each of the shape of the cells."""
    found, waves = np.zeros_like(at.potential), np.zeros_like(at.potential)
    for number in (0.5, states):
        energy = level(at, number)
        k = np.sqrt(np.abs(energy - at.potential) + (np.pi / 2) ** 2)
        # Far up a wall nothing is as steep as V.
        k = np.minimum(k, np.sqrt(np.abs(energy - at.potential.min()) * 8.0 + (np.pi / 2) ** 2))
        found = np.maximum(found, k**1.5 * np.exp(-agmon(at, energy)))
        waves = np.maximum(waves, k)
    return found + LEAST * found.mean(), waves


def placed(
    at: Cells, states: int, units: int, steepness: float, rng: np.random.Generator
) -> Placement:
    """Units by their density, evenly spread, with directions and steepness at random."""
    crowd, waves = density(at, states)
    number = np.arange(units) + 1.0
    u, v = (
        (number * step + shift) % 1.0
        for step, shift in zip((1 / PLASTIC, 1 / PLASTIC**2), rng.uniform(size=2), strict=True)
    )
    columns = crowd.sum(axis=1)
    below = np.concatenate([[0.0], np.cumsum(columns)])
    x = np.interp(u * below[-1], below, at.x)
    i = np.clip(np.searchsorted(at.x, x, side="right") - 1, 0, CELLS - 1)
    heaped = np.concatenate([np.zeros((CELLS, 1)), np.cumsum(crowd, axis=1)], axis=1)
    y = np.array(
        [
            np.interp(share * heaped[row, -1], heaped[row], at.y)
            for row, share in zip(i, v, strict=True)
        ]
    )
    j = np.clip(np.searchsorted(at.y, y, side="right") - 1, 0, CELLS - 1)
    angles = np.pi * ((number * GOLDEN + rng.uniform()) % 1.0)
    steep = steepness * waves[i, j] * rng.uniform(*FACTORS, units)
    slopes = steep[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return Placement(np.stack([x, y], axis=1), slopes)
