"""Smoothness: where a function that should be smooth is not, found from its values alone.

A quadrature that straddles a jump or a kink loses its order, and with it an enclosure its proof. In
sixth differences such a point stands out: on points h apart a jump of the function stays what it
is, one of its slope shrinks as h, while smooth parts shrink as h^6. So cells in which the sixth
difference exceeds rounding are halved until it does not; what is left after eight halvings of a
grid of 4096 cells is followed to where it is.

A feature that is smooth but narrower than a cell or two is no irregularity, and yet both
quadratures and a count could step over it: `narrow` says where panels are to be made for it.

What lies between two neighbouring points of that grid and leaves no trace in them is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.survey import WINDOW, Function, Survey
from qwpinn.quadrature import numbered

Array = NDArray[np.float64]

# Halvings of the first grid: in cells of 1e-6 of the interval, a jump of the first or the second
# derivative that could matter exceeds rounding, one of the third does not.
HALVINGS = 8
STENCIL = np.array([1.0, -6.0, 15.0, -20.0, 15.0, -6.0, 1.0])
# Of what a function varies over a window, and in all: with less, its scale is several cells, or it
# is a tail.
STEEP, TAIL = 1e-5, 1e-13
# Cells of a panel for a narrow feature, the most halvings for one, and the most panels for all.
PANEL, NARROWEST, MOST_NARROW = 8, 14, 600
# Finest cells on either side of what is followed, to see how its trace shrinks.
AROUND = 100
# The largest sixth difference of a unit jump; about that of a unit jump of slope, and of curvature.
LARGEST = (10.0, 3.0, 1.5)
# How much larger than the noise of a function a trace must be.
CLEAR = 8.0
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
        size: Of that jump; from order 1 on within a factor of two.
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
        >>> round(kink.position, 9), kink.order, 2.0 < kink.size < 8.0
        (0.3, 1, True)
    """

    def inside(x: Array) -> Array:
        # The lines through both sides of a kink beside an end would reach beyond it.
        return function(np.clip(x, edges[0], edges[-1]))

    seen = Survey.of(function, edges)
    found = [
        _followed(inside, part)
        for stretch, cells, count in seen.parts(seen.sixth > 0.5 * ROUNDING * seen.rounding)
        for part in _unresolved(function, stretch, cells, count)
    ]
    return tuple(point for point in found if point is not None)


def narrow(function: Function, edges: Array) -> tuple[Array, Array]:
    """Ends of panels that resolve features of a few cells of the first grid and less.

    Where sixth differences exceed `STEEP` of what the function varies over their points, cells are
    halved until they do not; eight of the cells that are left make a panel. Empty where the
    function is so fine nearly everywhere: that, no quadrature steps over.

    Args:
        function: Takes and returns float64 arrays of one shape.
        edges: Ends of its smooth stretches, increasing, shape ``(n + 1,)``.

    Returns:
        Ends for one rule, and others in their middles for a second one.
    """
    ends: tuple[list[Array], list[Array]] = ([], [])
    seen = Survey.of(function, edges)
    # Less than this of all that the function varies is the tail of something.
    least = TAIL * float(np.ptp(seen.values))
    trace = np.maximum(np.maximum(STEEP * seen.spread, ROUNDING * seen.rounding), least)
    for (start, stop), steep, count in seen.parts(seen.sixth > 0.5 * trace):
        for _ in range(NARROWEST):
            steep = steep[_steep(function, start, stop, steep, count, least)]
            if not steep.size or steep.size > PANEL * MOST_NARROW:
                break
            steep, count = (2 * steep[:, None] + np.arange(2)).reshape(-1), 2 * count
            for place, found in zip((0, PANEL // 2), ends, strict=True):
                chosen = steep[steep % PANEL == place]
                found.append(start + (stop - start) / count * chosen)
    first, second = (np.unique(np.concatenate([[], *found])) for found in ends)
    enough = first.size <= MOST_NARROW
    return (first, second) if enough else (np.zeros(0), np.zeros(0))


def _steep(
    function: Function,
    start: float,
    stop: float,
    cells: NDArray[np.intp],
    count: int,
    least: float,
) -> NDArray[np.bool_]:
    """Which cells are in a stencil over which the function is no polynomial of low degree."""
    x, values, far = _windows(function, start, stop, cells, count)
    most = np.max(np.abs(_differences(values)), axis=1)
    enough = np.maximum(STEEP * np.ptp(values, axis=1), ROUNDING * _rounding(x, values, far))
    return np.asarray(most > np.maximum(enough, least))


def _unresolved(
    function: Function, stretch: tuple[float, float], active: NDArray[np.intp], count: int
) -> Iterator[tuple[float, float, float]]:
    """The parts of a stretch in which the function is not smooth on the finest cells.

    Each with what a sixth difference must exceed to be a trace there, in units of the values.
    """
    (start, stop), trace = stretch, ROUNDING
    for _ in range(HALVINGS + 1):
        rough = _roughness(function, start, stop, active, count)
        if np.count_nonzero(rough > trace) > MOST:
            trace = 10.0 * float(np.median(rough))
        last = active[rough > trace]
        if not last.size:
            return
        active, count = (2 * last[:, None] + np.arange(2)).reshape(-1), 2 * count
    width = 2.0 * (stop - start) / count
    for run in np.split(last, np.flatnonzero(np.diff(last) > AROUND) + 1):
        left, right = run[0] - AROUND, run[-1] + 1 + AROUND
        yield (
            max(start, start + width * float(left)),
            min(stop, start + width * float(right)),
            trace,
        )


def _roughness(
    function: Function, start: float, stop: float, cells: NDArray[np.intp], count: int
) -> Array:
    """The largest sixth difference of the stencils that hold each cell, in units of rounding."""
    x, values, far = _windows(function, start, stop, cells, count)
    return np.asarray(np.max(np.abs(_differences(values)), axis=1) / _rounding(x, values, far))


def _windows(
    function: Function, start: float, stop: float, cells: NDArray[np.intp], count: int
) -> tuple[Array, Array, float]:
    """The points about cells in order, the function there, and the largest number of their sum."""
    first = np.clip(cells - WINDOW // 2 + 1, 0, count - WINDOW + 1)
    # Each point once: those of a window that the one before it has not.
    new = np.minimum(np.diff(first, prepend=first[0] - WINDOW), WINDOW)
    of, number = numbered(new)
    x = np.minimum(start + (stop - start) / count * ((first + WINDOW - new)[of] + number), stop)
    where = np.cumsum(new)[:, None] + np.arange(-WINDOW, 0)
    # Points are counted from the start of the stretch, and rounded as these sums.
    far = max(abs(start), abs(stop))
    return x[where], function(x)[where], far


def _followed(function: Function, part: tuple[float, float, float]) -> Irregularity | None:
    """Where in a part the function is not smooth, and which derivative jumps; None if it is.

    The largest sixth difference is enlarged until it drowns in rounding, as that of a kink does in
    the end, or the points are neighbours in floating point.
    """
    left, right, trace = part
    finest = float(4.0 * np.spacing(max(abs(left), abs(right))))
    noise = CLEAR * max(_noise(function, left, right - left), _noise(function, right, left - right))
    steps: list[tuple[float, float]] = []
    while True:
        x = np.linspace(left, right, FOLLOWED + 1)
        step, values, far = float(x[1] - x[0]), function(x), max(abs(left), abs(right))
        found = np.abs(_differences(values))
        largest = float(np.max(found))
        if step < finest or largest <= max(noise, trace * float(_rounding(x, values, far))):
            break
        steps.append((step, largest))
        top = int(np.argmax(found))
        left, right = float(x[max(0, top - 1)]), float(x[min(FOLLOWED, top + 7)])
    return _classified(function, left, right, steps)


def _noise(function: Function, end: float, inwards: float) -> float:
    """The largest sixth difference on points so close that nothing smooth is left in it."""
    x: Array = end + 1e-6 * inwards * np.arange(float(FOLLOWED))
    return float(np.max(np.abs(_differences(function(x)))))


def _classified(
    function: Function, left: float, right: float, steps: list[tuple[float, float]]
) -> Irregularity | None:
    """What is between two close points, by how fast its trace shrank; None if as if smooth."""
    if len(steps) < 2:
        return None
    # The first steps, which are far from rounding.
    (coarse, before), (fine, after) = steps[0], steps[min(2, len(steps) - 1)]
    order = max(0, round(float(np.log(before / after) / np.log(coarse / fine))))
    if order >= len(LARGEST):
        return None
    size = before / LARGEST[order] / coarse**order
    place = (_jump, _kink, _middle)[order]
    return Irregularity(place(function, left, right), order, size)


def _middle(function: Function, left: float, right: float) -> float:
    """The middle between two close points."""
    return 0.5 * (left + right)


def _kink(function: Function, left: float, right: float) -> float:
    """Where the straight lines through both sides of a kink meet."""
    middle, step = 0.5 * (left + right), right - left
    ahead, behind = (function(middle + side * step * np.array([1.0, 2.0])) for side in (1.0, -1.0))
    bend = (ahead[1] - ahead[0]) + (behind[1] - behind[0])
    rise = (2.0 * ahead[0] - ahead[1]) - (2.0 * behind[0] - behind[1])
    shift = step * rise / bend if bend else 0.0
    return middle - float(np.clip(shift, -step, step))


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


def _rounding(x: Array, values: Array, far: float) -> Array:
    """What rounding of a value and of its position may do, of rows of even points; never zero.

    Args:
        x: The points, ``(..., n)``.
        values: Of the function.
        far: The largest number that took part in finding the points.
    """
    eps = np.finfo(np.float64)
    # The median slope, for that across a jump is none.
    slope = np.median(np.abs(np.diff(values)), axis=-1) / (x[..., 1] - x[..., 0])
    return np.asarray(eps.eps * (np.max(np.abs(values), axis=-1) + far * slope) + eps.tiny)
