"""Smoothness: where a function that should be smooth is not, found from its values alone.

A quadrature that straddles a jump or a kink loses its order, and with it an enclosure its proof. In
sixth differences such a point stands out: on points h apart a jump of the function stays what it
is, one of its slope shrinks as h, while smooth parts shrink as h^6. So cells in which the sixth
difference exceeds rounding are halved until it does not; what is left after twelve halvings of a
grid of 4096 cells is followed to where it is.

What lies between two neighbouring points of that grid and leaves no trace in them is not seen.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Function = Callable[[Array], Array]

# Cells of the first grid; fewer than the least a stretch would hold no stencil.
CELLS, LEAST = 4096, 16
# Halvings of the first grid: cells of 6e-8 of the interval, in which a kink that could matter still
# exceeds rounding and a smooth function, or one whose second derivative jumps, hardly ever does.
HALVINGS = 12
# Points of the window in which a cell is judged: all stencils of seven that hold it.
WINDOW = 12
STENCIL = np.array([1.0, -6.0, 15.0, -20.0, 15.0, -6.0, 1.0])
# Cells into which what is followed is cut.
FOLLOWED = 64
# What rounding may do to a sixth difference, in units of the last digit of the largest value.
ROUNDING = 256.0
# The most cells of a stretch that are looked into. Where there are more, the function has more
# noise than rounding, or is too fine for the grid: then only what stands out counts as a trace.
MOST = 100_000


class Irregularity(NamedTuple):
    """A point where a function is not smooth.

    Attributes:
        position: The first point of the part to the right.
        order: Of the derivative that jumps: 0 the function, 1 its slope, 2 its curvature.
        size: Of that jump.
    """

    position: float
    order: int
    size: float

    def __str__(self) -> str:
        return ("a jump", "a kink", "a jump of its curvature")[self.order]


def irregularities(function: Function, edges: Array) -> tuple[Irregularity, ...]:
    """The points between given edges where a function or one of its derivatives jumps.

    Args:
        function: Takes and returns float64 arrays of one shape.
        edges: Where it may do what it likes, ends included, increasing, shape ``(n + 1,)``.

    Example:
        >>> edges = np.array([0.0, 1.0])
        >>> kink, = irregularities(lambda x: np.exp(x) + 2.0 * np.abs(x - 0.3), edges)
        >>> round(kink.position, 9), kink.order, round(kink.size, 3)
        (0.3, 1, 4.0)
    """
    found = [
        _followed(function, part)
        for stretch in itertools.pairwise(edges.tolist())
        for part in _unresolved(function, stretch, (edges[-1] - edges[0]) / CELLS)
    ]
    return tuple(point for point in found if point is not None)


def _unresolved(
    function: Function, stretch: tuple[float, float], cell: float
) -> Iterator[tuple[float, float, float]]:
    """The parts of a stretch in which the function is not smooth on the finest cells.

    Each with what a sixth difference must exceed to be a trace there, in units of the values.
    """
    start, stop = stretch[0], float(np.nextafter(stretch[1], stretch[0]))
    count, trace = max(LEAST, round((stop - start) / cell)), ROUNDING
    active = np.arange(count)
    for _ in range(HALVINGS + 1):
        rough = _roughness(function, start, (stop - start) / count, active, count)
        if np.count_nonzero(rough > trace) > MOST:
            trace = 10.0 * float(np.median(rough))
        last = active[rough > trace]
        if not last.size:
            return
        active, count = (2 * last[:, None] + np.arange(2)).reshape(-1), 2 * count
    width = 2.0 * (stop - start) / count
    for run in np.split(last, np.flatnonzero(np.diff(last) > WINDOW) + 1):
        left, right = start + width * float(run[0] - 1), start + width * float(run[-1] + 2)
        yield max(start, left), min(stop, right), trace


def _roughness(
    function: Function, start: float, width: float, cells: NDArray[np.intp], count: int
) -> Array:
    """The largest sixth difference of the stencils that hold each cell, in units of rounding."""
    first = np.clip(cells - WINDOW // 2 + 1, 0, count - WINDOW + 1)
    at, where = np.unique(first[:, None] + np.arange(WINDOW), return_inverse=True)
    x = start + width * at
    values, x = (each[where.reshape(cells.size, WINDOW)] for each in (function(x), x))
    return np.asarray(np.max(np.abs(_differences(values)), axis=1) / _rounding(x, values))


def _followed(function: Function, part: tuple[float, float, float]) -> Irregularity | None:
    """Where in a part the function is not smooth, and which derivative jumps; None if it is.

    The largest sixth difference is enlarged until it drowns in rounding, as that of a kink does in
    the end, or the points are neighbours in floating point.
    """
    left, right, trace = part
    finest = float(4.0 * np.spacing(max(abs(left), abs(right))))
    steps: list[tuple[float, float]] = []
    while True:
        x = np.linspace(left, right, FOLLOWED + 1)
        step, values = float(x[1] - x[0]), function(x)
        found = np.abs(_differences(values))
        largest = float(np.max(found))
        if step < finest or largest <= trace * float(_rounding(x, values)):
            break
        steps.append((step, largest))
        top = int(np.argmax(found))
        left, right = float(x[max(0, top - 1)]), float(x[min(FOLLOWED, top + 7)])
    return _classified(function, left, right, steps)


def _classified(
    function: Function, left: float, right: float, steps: list[tuple[float, float]]
) -> Irregularity | None:
    """What is between two close points, by how fast its trace shrank; None if as if smooth."""
    if len(steps) < 2:
        return None
    (coarse, before), (fine, after) = steps[0], steps[-1]
    order = round(float(np.log(before / after) / np.log(coarse / fine)))
    if order == 0:
        return Irregularity(_jump(function, left, right), 0, before / 10.0)
    middle = 0.5 * (left + right)
    beside: Array = coarse * np.arange(1.0, order + 2.0)
    ahead, behind = function(middle + beside), function(middle - beside)
    sign = (-1.0) ** order
    size = float(np.diff(ahead, order)[0] - sign * np.diff(behind, order)[0]) / coarse**order
    if order == 1 and size:
        # Where the lines through both sides meet.
        rise = (2.0 * ahead[0] - ahead[1]) - (2.0 * behind[0] - behind[1])
        middle -= float(np.clip(rise / size, -coarse, coarse))
    return Irregularity(middle, order, abs(size)) if order <= 2 else None


def _jump(function: Function, left: float, right: float) -> float:
    """The first point right of a jump, by bisection."""
    for _ in range(64):
        middle = 0.5 * (left + right)
        if not left < middle < right:
            break
        low, at, high = function(np.array([left, middle, right]))
        left, right = (middle, right) if abs(high - at) > abs(at - low) else (left, middle)
    return right


def _differences(values: Array) -> Array:
    """Sixth differences along the last axis."""
    return np.asarray(np.lib.stride_tricks.sliding_window_view(values, 7, axis=-1) @ STENCIL)


def _rounding(x: Array, values: Array) -> Array:
    """What rounding of a value and of its position may do, of rows of even points; never zero."""
    eps = np.finfo(np.float64)
    # The median slope, for that across a jump is none.
    slope = np.median(np.abs(np.diff(values)), axis=-1) / (x[..., 1] - x[..., 0])
    place = np.max(np.abs(x), axis=-1) * slope
    return np.asarray(eps.eps * (np.max(np.abs(values), axis=-1) + place) + eps.tiny)
