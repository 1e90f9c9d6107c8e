"""The minimum of a function that is smooth between given points."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qwpinn.quadrature import numbered

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
    shares = np.diff(edges) / (edges[-1] - edges[0])
    counts = np.maximum(LEAST, np.round(CELLS * shares)).astype(np.intp)
    of, number = numbered(counts + 1)
    stops = np.nextafter(edges[1:], edges[:-1])
    steps = (stops - edges[:-1]) / counts
    x = np.where(number < counts[of], number * steps[of] + edges[of], stops[of])
    v = function(x)
    at_start, at_stop = number == 0, number == counts[of]
    falls = at_start | (v <= np.roll(v, 1))
    rises = at_stop | (v <= np.roll(v, -1))
    dips = np.flatnonzero(falls & rises)
    dips = dips[np.argsort(v[dips], kind="stable")][:DIPS]
    lowest, left, right = v[dips], x[dips - ~at_start[dips]], x[dips + ~at_stop[dips]]
    for _ in range(ROUNDS):
        x = np.linspace(left, right, FINER + 1, axis=1)
        v = function(x.reshape(-1)).reshape(x.shape)
        rows, at = np.arange(left.size), np.argmin(v, axis=1)
        lowest = np.minimum(lowest, v[rows, at])
        left, right = x[rows, np.maximum(at - 1, 0)], x[rows, np.minimum(at + 1, FINER)]
    return float(np.min(lowest))
