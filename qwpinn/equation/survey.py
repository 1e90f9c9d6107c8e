"""Survey: a function on a first grid, and where it needs a second look.

Nearly all functions are smooth nearly everywhere: there, no cell is judged one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn.quadrature import numbered

Array = NDArray[np.float64]
Function = Callable[[Array], Array]

# Cells of the first grid; fewer than the least a stretch would hold no stencil.
CELLS, LEAST = 4096, 16
# Points of the window in which a cell is judged: all stencils of seven that hold it.
WINDOW = 12


class Survey(NamedTuple):
    """A function on the first grid: most of it needs no second look.

    Attributes:
        stretches: Both ends of each smooth stretch.
        cells: How many each has.
        values: At all points, one more than cells of each stretch.
        sixth: The largest sixth difference in the window of each cell of each stretch.
        spread: What the function varies there.
        rounding: The least that rounding of values and positions may do to one there, in its unit.
    """

    stretches: list[tuple[float, float]]
    cells: NDArray[np.intp]
    values: Array
    sixth: Array
    spread: Array
    rounding: Array

    @classmethod
    def of(cls, function: Function, edges: Array) -> Survey:
        """All stretches between the edges at once, on the points of `smoothness`."""
        starts, stops = edges[:-1], np.nextafter(edges[1:], edges[:-1])
        cell = (edges[-1] - edges[0]) / CELLS
        cells = np.maximum(LEAST, np.round((stops - starts) / cell)).astype(np.intp)
        of, number = numbered(cells + 1)
        x = np.minimum(starts[of] + ((stops - starts) / cells)[of] * number, stops[of])
        values = np.asarray(function(x), np.float64)
        # The first point of each cell's window, among all.
        of, number = numbered(cells)
        first = np.clip(number - WINDOW // 2 + 1, 0, (cells - WINDOW + 1)[of])
        first += np.arange(of.size) - number + of
        with np.errstate(invalid="ignore"):
            sixth = _largest(np.abs(np.diff(values, 6)), WINDOW - 6)[first]
            high, low = _largest(values, WINDOW)[first], -_largest(-values, WINDOW)[first]
            eps = np.finfo(np.float64)
            # The least slope of a window for the median one.
            rise = -_largest(-np.abs(np.diff(values)), WINDOW - 1)[first]
            far = np.maximum(np.abs(starts), np.abs(stops)) * cells / (stops - starts)
            size = np.maximum(np.abs(high), np.abs(low)) + far[of] * rise
            spread, rounding = high - low, eps.eps * size + eps.tiny
        ends = list(zip(starts.tolist(), stops.tolist(), strict=True))
        return cls(ends, cells, values, sixth, spread, rounding)

    def parts(
        self, found: NDArray[np.bool_]
    ) -> Iterator[tuple[tuple[float, float], NDArray[np.intp], int]]:
        """The stretches with cells that need a second look: their ends, those cells, all cells.

        Args:
            found: Which cells do; for more than need it, as sums in another order round otherwise.
        """
        after, cells = np.cumsum(self.cells), np.flatnonzero(found)
        of = np.searchsorted(after, cells, side="right")
        for at in np.unique(of).tolist():
            count = int(self.cells[at])
            yield self.stretches[at], cells[of == at] - (int(after[at]) - count), count


def _largest(values: Array, width: int) -> Array:
    """The largest of each run of as many neighbours."""
    done = 1
    while done < width:
        step = min(done, width - done)
        values, done = np.maximum(values[:-step], values[step:]), done + step
    return values
