"""Interpolation: where a table has kinks and jumps, and how it is joined between them."""

from __future__ import annotations

import itertools
from typing import Literal, NamedTuple

import numpy as np
import scipy
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from qwpinn.inputs import limits

Array = NDArray[np.float64]
Kind = Literal["linear", "cubic"]

# With fewer samples, a curve and its kinks cannot be told apart.
FEWEST_FOR_SPLINES = 8
# Samples on either side that say which change of slope is usual.
AROUND = 5
# What changes V by less than this part of its range is no kink or jump.
FLOOR = 1e-3


class Joined(NamedTuple):
    """How samples are joined, and the samples where V has a kink or jump."""

    kind: Kind
    breakpoints: Array


def joined(x: Array, v: Array, kind: Literal["auto", "linear", "cubic"]) -> Joined:
    """How samples are joined, the kind as given or chosen, and the kinks that splines stop at.

    "auto" is splines between the kinks found, or lines where splines would be no better: where
    there are few samples, where most are kinks, and where lines foretell every second sample from
    the others more closely than splines do, for V is noise on the scale of a cell.
    """
    lines = Joined("linear", np.zeros(0))
    if kind == "linear" or (kind == "auto" and x.size < FEWEST_FOR_SPLINES):
        return lines
    found = kinks(x, v)
    # Too many will be refused, however they are joined.
    if kind == "cubic" or found.size > limits.BREAKPOINTS:
        return Joined("cubic", found)
    if 2 * found.size > x.size - 2:
        return lines
    kept, breakpoints = thinned(x, v, found, sharp=False)
    left, there = ~kept, (x[kept], v[kept])
    by_lines = float(np.linalg.norm(np.interp(x[left], *there) - v[left]))
    by_splines = float(np.linalg.norm(splines(*there, breakpoints)(x[left]) - v[left]))
    return lines if by_lines < 0.98 * by_splines - 1e-9 * np.ptp(v) else Joined("cubic", found)


def corners(x: Array, v: Array) -> Array:
    """The samples where straight lines change their slope."""
    # A table of a straight line has slopes that differ by the round-off of its values.
    round_off = 4.0 * np.finfo(np.float64).eps * np.max(np.abs(v))
    floor = round_off * (1.0 / np.diff(x)[1:] + 1.0 / np.diff(x)[:-1])
    return np.asarray(x[1:-1][np.abs(np.diff(np.diff(v) / np.diff(x))) > floor])


def kinks(x: Array, v: Array) -> Array:
    """The samples where a smooth curve has a kink, or a jump to the next sample.

    There, the slope changes ten times more than the median of the changes, a unit of length, at the
    five samples on either side. Two samples that are a hundred times closer than usual are meant
    as a jump, and do not count for the median. What bends V by less than a thousandth of its range
    over a sample costs little and is left alone: the last digits of a straight line would pass for
    kinks.
    """
    if x.size < 3:
        return np.zeros(0)
    steps = np.diff(x)
    floor = FLOOR * float(np.ptp(v))
    near = _sides(x, v)
    jumps = near[1:] | near[:-1]
    spans = 0.5 * (x[2:] - x[:-2])
    curvatures = np.abs(np.diff(np.diff(v) / steps)) / spans
    usual = _medians_around(np.where(jumps, np.nan, curvatures))
    # Far apart in scale, a slope or a span may overflow: what is infinite is a kink.
    bent = curvatures > np.maximum(floor / spans**2, 10.0 * usual)
    return np.asarray(x[1:-1][jumps | bent])


def close(x: Array) -> NDArray[np.bool_]:
    """Which samples are a hundred times closer to the next than usual: the two of a jump."""
    steps = np.diff(x)
    return np.asarray(steps < 0.01 * np.mean(steps))


def _sides(x: Array, v: Array) -> NDArray[np.bool_]:
    """Which samples are, with the next, the two sides of a jump."""
    return np.asarray(close(x) & (np.abs(np.diff(v)) > FLOOR * float(np.ptp(v))))


def _medians_around(values: Array) -> Array:
    """The median of the numbers on either side of each; infinite where there is none."""
    padded = np.pad(values, AROUND, constant_values=np.nan)
    beside = np.delete(sliding_window_view(padded, 2 * AROUND + 1), AROUND, axis=1)
    ordered = np.sort(beside, axis=1)  # NaN comes last.
    count = np.sum(~np.isnan(beside), axis=1)
    rows, last = np.arange(values.size), np.maximum(count - 1, 0)
    medians = 0.5 * (ordered[rows, last // 2] + ordered[rows, count // 2])
    return np.where(count > 0, medians, np.inf)


def jumps(x: Array, v: Array) -> NDArray[np.intp]:
    """The cells, by their left samples, that are a jump of V written as its two sides.

    V jumps in their middle, up to where the pieces beside them go on: a ramp as narrow as that
    would have to be resolved.
    """
    pairs = _sides(x, v)
    beside = np.pad(pairs, 1)
    return np.flatnonzero(pairs & ~beside[:-2] & ~beside[2:])


def middles(x: Array, cells: NDArray[np.intp]) -> Array:
    """The middle of each cell."""
    return np.asarray(0.5 * (x[cells] + x[cells + 1]))


def splines(x: Array, v: Array, breakpoints: Array) -> scipy.interpolate.PPoly:
    """One not-a-knot spline a smooth piece; a parabola or a line through 3 or 2 samples."""
    cells = jumps(x, v)
    stops = [0, *np.searchsorted(x, breakpoints), *cells, *(cells + 1), x.size - 1]
    pieces = [
        scipy.interpolate.CubicSpline(x[first : last + 1], v[first : last + 1])
        for first, last in itertools.pairwise(sorted({int(stop) for stop in stops}))
    ]
    return _jumping(np.hstack([piece.c for piece in pieces]), x, v, cells)


def lines(x: Array, v: Array) -> scipy.interpolate.PPoly:
    """Straight lines between the samples, but for jumps."""
    return _jumping(np.stack([np.diff(v) / np.diff(x), v[:-1]]), x, v, jumps(x, v))


def _jumping(pieces: Array, x: Array, v: Array, cells: NDArray[np.intp]) -> scipy.interpolate.PPoly:
    """The curve of polynomials between samples, with a jump in place of the ramp of each cell."""
    middle = middles(x, cells)
    knots, curve = np.insert(x, cells + 1, middle), np.insert(pieces, cells, 0.0, axis=1)
    for i, cell in enumerate(cells.tolist()):
        curve[:, cell + i] = _moved(pieces, x, cell - 1, x[cell], v[cell])
        curve[:, cell + i + 1] = _moved(pieces, x, cell + 1, middle[i], v[cell + 1])
    return scipy.interpolate.PPoly(curve, knots)


def _moved(pieces: Array, x: Array, piece: int, to: float, otherwise: float) -> Array:
    """The coefficients of a piece in powers of x - ``to``; a constant where there is none."""
    found = np.zeros(len(pieces))
    found[-1] = otherwise
    if 0 <= piece < pieces.shape[1]:
        moved = np.poly1d(pieces[:, piece])(np.poly1d([1.0, to - x[piece]])).coeffs
        found[-moved.size :] = moved
    return found


def jump_cells(x: Array, breakpoints: Array) -> NDArray[np.intp]:
    """The cells, by their left samples, in which V jumps or has a kink that no sample is at.

    Their two ends are breakpoints, and the samples before and after are none. A jump that is
    written as two close samples is not among them: its place is known.
    """
    marked = np.pad(np.isin(x, breakpoints), 1)
    alone = marked[1:-2] & marked[2:-1] & ~marked[:-3] & ~marked[3:]
    return np.flatnonzero(alone & ~close(x))


def thinned(x: Array, v: Array, breakpoints: Array, sharp: bool) -> tuple[NDArray[np.bool_], Array]:
    """Which samples stay if every second one is left out, and the breakpoints of those.

    Counted from either end, so that an even V stays even: else what its noise does to one half
    would cancel what it does to the other.

    The ends and the two samples of a jump stay: their places are known. Where V jumps within a
    cell, the lower sample goes, and those beside it up to the width of the cell. That moves every
    such jump into the well, as far as it may be wrong, and all levels up, so that the two sides of
    a well cannot cancel. The neighbours of a breakpoint that goes are breakpoints in its place.

    Args:
        x: Positions.
        v: V there.
        breakpoints: Those of x where V has a kink or jump.
        sharp: Whether a kink without another beside it is at its sample, as a corner of straight
            lines is, and stays. One that was found in a curve may be anywhere near, and goes.
    """
    stays, goes = np.zeros(x.size, np.bool_), np.zeros(x.size, np.bool_)
    near, marked = close(x), np.isin(x, breakpoints)
    stays[[0, -1]] = True
    stays[:-1] |= near
    stays[1:] |= near
    padded = np.pad(marked, 1)
    (stays if sharp else goes)[marked & ~padded[:-2] & ~padded[2:]] = True
    for cell in jump_cells(x, breakpoints).tolist():
        first, step = (cell, -1) if v[cell] <= v[cell + 1] else (cell + 1, 1)
        index, width = first, x[cell + 1] - x[cell]
        while 0 < index < x.size - 1 and abs(x[index] - x[first]) < width * (1.0 - 1e-9):
            goes[index] = True
            index += step
    goes &= ~stays
    stays[1:] |= goes[:-1] & ~goes[1:]
    stays[:-1] |= goes[1:] & ~goes[:-1]
    kept, half = stays, x.size // 2
    for index in range(1, half):
        kept[index] |= not goes[index] and not kept[index - 1]
    for index in range(x.size - 2, half - 1, -1):
        kept[index] |= not goes[index] and not kept[index + 1]
    return kept, x[_inherited(marked, kept)]


def _inherited(marked: NDArray[np.bool_], kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The marks of the samples that stay; a mark that goes passes to the next ones that stay."""
    order = np.arange(marked.size)
    before = np.maximum.accumulate(np.where(kept, order, 0))
    after = np.minimum.accumulate(np.where(kept, order, marked.size - 1)[::-1])[::-1]
    passed = np.zeros_like(marked)
    passed[before[marked]] = passed[after[marked]] = True
    passed[[0, -1]] = False
    return passed
