"""Interpolation: where a table has kinks and jumps, and how it is joined between them."""

from __future__ import annotations

import itertools
from typing import Literal, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, PPoly

from qwpinn import limits

Array = NDArray[np.float64]
Kind = Literal["linear", "cubic"]

# With fewer samples, a curve and its kinks cannot be told apart.
FEWEST_FOR_SPLINES = 8
# Samples on either side that say which change of slope is usual.
AROUND = 5


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
    floor = 1e-3 * float(np.ptp(v))
    near = close(x) & (np.abs(np.diff(v)) > floor)
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


def _medians_around(values: Array) -> Array:
    """The median of the numbers on either side of each; infinite where there is none."""
    padded = np.pad(values, AROUND, constant_values=np.nan)
    beside = np.delete(sliding_window_view(padded, 2 * AROUND + 1), AROUND, axis=1)
    ordered = np.sort(beside, axis=1)  # NaN comes last.
    count = np.sum(~np.isnan(beside), axis=1)
    rows, last = np.arange(values.size), np.maximum(count - 1, 0)
    medians = 0.5 * (ordered[rows, last // 2] + ordered[rows, count // 2])
    return np.where(count > 0, medians, np.inf)


def jumps(x: Array, v: Array) -> Array:
    """The jumps of V that are written as two samples, a row ``(cell, lower, higher)`` for each.

    V jumps at the lower one of the two: the piece of the higher one goes on up to there, so that no
    ramp as narrow as their distance has to be resolved.
    """
    rising = np.diff(v)
    pairs = close(x) & (np.abs(rising) > 1e-3 * float(np.ptp(v)))
    beside = np.pad(pairs, 1)
    cells = np.flatnonzero(pairs & ~beside[:-2] & ~beside[2:])
    up = rising[cells] > 0.0
    return np.stack([cells, np.where(up, cells, cells + 1), np.where(up, cells + 1, cells)], axis=1)


def splines(x: Array, v: Array, breakpoints: Array) -> PPoly:
    """One not-a-knot spline a smooth piece; a parabola or a line through 3 or 2 samples."""
    found = jumps(x, v)
    inner = np.unique([*np.searchsorted(x, breakpoints), *found[:, 1:].ravel()])
    ends = np.unique([0, *inner.tolist(), x.size - 1]).astype(int)
    pieces = [
        CubicSpline(x[first : last + 1], v[first : last + 1])
        for first, last in itertools.pairwise(ends)
    ]
    return _jumping(PPoly(np.hstack([piece.c for piece in pieces]), x), v, found)


def lines(x: Array, v: Array) -> PPoly:
    """Straight lines between the samples, but for jumps."""
    return _jumping(PPoly(np.stack([np.diff(v) / np.diff(x), v[:-1]]), x), v, jumps(x, v))


def _jumping(curve: PPoly, v: Array, found: Array) -> PPoly:
    """The curve with the higher piece in place of the ramp of each jump."""
    x, last = curve.x, curve.c.shape[1] - 1
    for cell, _, higher in found.tolist():
        piece = cell + 1 if higher > cell else cell - 1
        curve.c[:, cell] = 0.0
        curve.c[-1, cell] = v[higher]
        if 0 <= piece <= last:
            moved = np.poly1d(curve.c[:, piece])(np.poly1d([1.0, x[cell] - x[piece]])).coeffs
            curve.c[-moved.size :, cell] = moved
    return curve


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
