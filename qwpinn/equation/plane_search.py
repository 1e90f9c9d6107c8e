"""The search of a plane: jumps, kinks and narrow features of V that are no boundary of a region.

V is searched along lines in both directions, of the box and of each region in which it is a
function, as V of one dimension is along its interval: that finds small jumps of whatever curve is
longer than the lines are apart. A grid finds large ones that are narrower. What lies between the
points of that, a thousandth of the box apart, is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.plane import PlanePotential, finite
from qwpinn.equation.regions import Region
from qwpinn.equation.smoothness import STENCIL, Irregularity, irregularities
from qwpinn.equation.values import Box

Array = NDArray[np.float64]

# Lines in each direction; they stand at no simple share of the box.
LINES = 16
GOLDEN = (5.0**0.5 - 1.0) / 2.0
# What a point where V is not smooth may change in an integral, in units of the energies.
NEGLIGIBLE = 1e-9
# Of positions: how far beside a boundary V is asked.
BESIDE = 1e-14
# Points of a side of the grid, and rows that are evaluated at once.
GRID, ROWS = 1025, 64
# The largest sixth difference that is no narrow feature: of the energies, and of what V varies over
# its seven points. Of a jump it is as large as that and more, of what is six points wide a 50th.
NARROW, SHARE = 1e-3, 0.02


def refuse_rough(potential: PlanePotential, energy: float) -> None:
    """Refuses a V that is not smooth between the boundaries of its regions.

    Those points are left out that move levels of this size by less than rounding does.

    Args:
        potential: The well.
        energy: E - min V of the levels that matter.

    Raises:
        ArithmeticError: With the first point.
    """
    # Parts of a sum are searched by themselves.
    if potential.constant_everywhere or potential.summands:
        return
    own = [region.extent for region in potential.regions if callable(region.value)]
    for box in (potential.box, *own):
        place = _narrow(potential, box, energy)
        for point, x, y in _along_lines(potential, box):
            if point.size * (np.ptp(box[:2]) / 1000) ** point.order > NEGLIGIBLE * energy:
                _refuse(potential, str(point), x, y)
        if place is not None:
            _refuse(potential, "a jump, or what is narrower than a hundredth of the box,", *place)


def _narrow(potential: PlanePotential, box: Box, energy: float) -> tuple[float, float] | None:
    """Where sixth differences of V on a grid of a box are far too large; None if nowhere."""
    x, y = (np.linspace(*ends, GRID) for ends in (box[:2], box[2:]))
    overlap = STENCIL.size - 1
    for begin in range(0, GRID - overlap, ROWS):
        rows = x[begin : begin + ROWS + overlap]
        points = np.meshgrid(rows, y, indexing="ij")
        v, label = finite(potential, *points), _labels(potential, *points)
        for axis in (0, 1):
            values, labels = (_windows(one, axis) for one in (v, label))
            sixth = np.abs(np.tensordot(STENCIL, values, 1))
            alike = (labels == labels[0]).all(axis=0)
            bad = alike & (sixth > NARROW * energy) & (sixth > SHARE * np.ptp(values, axis=0))
            if bad.any():
                i, j = np.unravel_index(int(np.argmax(bad)), bad.shape)
                shift = [overlap // 2 if axis == own else 0 for own in (0, 1)]
                return float(rows[i + shift[0]]), float(y[j + shift[1]])
    return None


def _windows(values: NDArray[Any], axis: int) -> NDArray[Any]:
    """All stretches of a stencil along an axis, ``(7, ...)``."""
    view = np.lib.stride_tricks.sliding_window_view(values, STENCIL.size, axis)
    return np.moveaxis(view, -1, 0)


def _labels(potential: PlanePotential, x: Array, y: Array) -> NDArray[np.intp]:
    """A number for each part of the box in which V is to be smooth."""
    found = np.zeros(x.shape, np.intp)
    for number, region in enumerate(potential.regions, 1):
        found[region.contains(x, y)] = number
    columns, rows = potential.lines
    found = found * (len(columns) + 1) + np.searchsorted(np.array(columns, np.float64), x)
    return np.asarray(found * (len(rows) + 1) + np.searchsorted(np.array(rows, np.float64), y))


def _along_lines(
    potential: PlanePotential, box: Box
) -> Iterator[tuple[Irregularity, float, float]]:
    """Irregularities along lines of a box in both directions, each with its place."""
    shares = (GOLDEN * np.arange(1.0, LINES + 1.0)) % 1.0
    for across in (False, True):
        x0, x1, y0, y1 = (*box[2:], *box[:2]) if across else box
        regions = [region.exchanged if across else region for region in potential.regions]
        for x in (x0 + shares * (x1 - x0)).tolist():
            for point in _on_line(potential, regions, x, (y0, y1), across):
                y = point.position
                yield (point, y, x) if across else (point, x, y)


def _on_line(
    potential: PlanePotential,
    regions: list[Region],
    x: float,
    ends: tuple[float, float],
    across: bool,
) -> tuple[Irregularity, ...]:
    """Irregularities of V along y at an x, between what is known; ``across`` exchanges both."""
    known = {*ends, *(at for at in potential.lines[0 if across else 1] if ends[0] < at < ends[1])}
    for region in regions:
        if region.extent[0] < x < region.extent[1]:
            crossed = region.crossings(np.array([x]))[:, 0].tolist()
            known |= {at for at in crossed if ends[0] < at < ends[1]}
    edges = np.array(sorted(known))
    beside = BESIDE * np.max(np.abs(edges))

    def v(y: Array) -> Array:
        # On a boundary, rounding would say on which side of it a position is.
        panel = np.clip(np.searchsorted(edges, y, "right") - 1, 0, edges.size - 2)
        y = np.clip(y, edges[panel] + beside, edges[panel + 1] - beside)
        fixed = np.full_like(y, x)
        return finite(potential, y, fixed) if across else finite(potential, fixed, y)

    return irregularities(v, edges)


def _refuse(potential: PlanePotential, found: str, x: float, y: float) -> NoReturn:
    raise ArithmeticError(
        "`potential` must be smooth but at the boundaries of its regions. Received: "
        f"{type(potential).__name__} with {found} at x={x:.6g}, y={y:.6g}. Give what jumps there "
        "as a qwpinn.Disc or qwpinn.Rectangle of `regions`, or round it off."
    )
