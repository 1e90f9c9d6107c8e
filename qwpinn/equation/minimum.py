"""The minimum of a function that is smooth between given points."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Cells of the grid, at least the last number a stretch, and how many of its dips are looked into.
CELLS, LEAST, DIPS = 4096, 16, 8
# Cells into which a dip is cut, and how often: to 1e-9 of the first grid's cells.
FINER, ROUNDS = 64, 6


def minimum(function: Callable[[Array], Array], edges: Array) -> float:
    """The least value of a function that is smooth between the edges, on either side of each.

    A grid of about 4096 cells, and ever finer ones about its deepest points. A dip that is narrower
    than a cell may be missed.

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
        deep = dips[np.argsort(v[dips], kind="stable")][:DIPS]
        found += [(v[i], x[max(i - 1, 0)], x[min(i + 1, count)]) for i in deep]
    lowest, left, right = np.array(sorted(found)[:DIPS]).T
    for _ in range(ROUNDS):
        x = np.linspace(left, right, FINER + 1, axis=1)
        v = function(x.reshape(-1)).reshape(x.shape)
        rows, at = np.arange(left.size), np.argmin(v, axis=1)
        lowest = np.minimum(lowest, v[rows, at])
        left, right = x[rows, np.maximum(at - 1, 0)], x[rows, np.minimum(at + 1, FINER)]
    return float(np.min(lowest))
