"""The minimum of a function that is smooth between given points."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Cells of the grid, at least the last number a stretch, and how many of its dips are looked into.
CELLS, LEAST, DIPS = 4096, 16, 8


def minimum(function: Callable[[Array], Array], edges: Array) -> float:
    """The least value of a function that is smooth between the edges, on either side of each.

    A grid of about 4096 cells, and bounded minimisation (Brent) about its deepest points. A dip
    that is narrower than a cell may be missed.

    Args:
        function: Takes and returns float64 arrays of one shape.
        edges: Increasing, ends included, shape ``(n + 1,)``.

    Example:
        >>> round(minimum(lambda x: np.cos(x), np.array([0.0, 10.0])), 12)
        -1.0
    """
    found: list[tuple[float, float, float]] = []
    for left, right in itertools.pairwise(edges.tolist()):
        count = max(LEAST, round(CELLS * (right - left) / (edges[-1] - edges[0])))
        x = np.linspace(left, np.nextafter(right, left), count + 1)
        v = function(x)
        beside = np.concatenate([[np.inf], v, [np.inf]])
        dips = np.flatnonzero((v <= beside[:-2]) & (v <= beside[2:]))
        lowest = dips[np.argsort(v[dips], kind="stable")][:DIPS]
        found += [(v[i], x[max(i - 1, 0)], x[min(i + 1, count)]) for i in lowest]
    deepest = sorted(found)[:DIPS]

    def one(x: float) -> float:
        return float(function(np.array([x]))[0])

    def dip(left: float, right: float) -> float:
        near = {"xatol": 1e-9 * (right - left)}
        return float(
            scipy.optimize.minimize_scalar(
                one, bounds=(left, right), method="bounded", options=near
            ).fun
        )

    return min(float(deepest[0][0]), *(dip(left, right) for _, left, right in deepest))
