"""Series of the plane: a smooth function on a rectangle as Legendre series on panels, to store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from qwpinn.equation.values import Box, Function, box_of, evaluated
from qwpinn.inputs import check, limits
from qwpinn.inputs.frozen import set_fields
from qwpinn.storage.plain import Json

Array = NDArray[np.float64]

# Terms of a panel in each direction, and how often one is cut into four.
TERMS, HALVINGS = 28, 6
# Of the largest coefficient of all: those below are neglected, and the last `FEW` have to be.
TOLERANCE, FEW = 1e-13, 3


class Panel(NamedTuple):
    """The square (column, row) of 2^halvings x 2^halvings equal parts of a rectangle."""

    halvings: int
    column: int
    row: int

    def quarters(self) -> list[Panel]:
        """Its four parts."""
        n, i, j = self.halvings + 1, 2 * self.column, 2 * self.row
        return [Panel(n, i + right, j + up) for right in (0, 1) for up in (0, 1)]

    def extent(self, box: Box) -> Box:
        """Where it is."""
        x0, x1, y0, y1 = box
        x, y = (x1 - x0) / 2**self.halvings, (y1 - y0) / 2**self.halvings
        i, j = self.column, self.row
        return x0 + i * x, x0 + (i + 1) * x, y0 + j * y, y0 + (j + 1) * y


@dataclass(frozen=True)
class PlaneSeries:
    """f(x, y) = sum_ij c_ij P_i(s) P_j(t) on each of some panels that fill a rectangle.

    Args:
        box: The rectangle. Positions beyond it have the values of its nearest points.
        panels: Three integers each: see `Panel`.
        coefficients: Of each panel, ``(terms along x, terms along y)``.

    Raises:
        TypeError: If they are no numbers.
        ValueError: If they are too many, or not of one panel each.
    """

    box: Box
    panels: Sequence[Sequence[int]]
    coefficients: Sequence[Sequence[Sequence[float]]]

    def __post_init__(self) -> None:
        tables = [check.real_array("coefficients", table) for table in self.coefficients]
        size = sum(table.size for table in tables)
        limits.at_most("coefficients", size, limits.COEFFICIENTS, "numbers")
        shaped = all(table.ndim == 2 and table.size for table in tables)
        if not shaped or not len(tables) == len(self.panels) > 0:
            raise ValueError(
                "`coefficients` must be a table for each of the panels. Received: "
                f"{len(tables)} for {len(self.panels)}. Use what `to_config` returned."
            )
        panels = tuple(Panel(*map(int, panel)) for panel in self.panels)
        # Tuples, by which equal ones are told.
        numbers = tuple(tuple(map(tuple, table.tolist())) for table in tables)
        set_fields(self, box=box_of("box", self.box), panels=panels, coefficients=numbers)

    @cached_property
    def _tables(self) -> list[Array]:
        return [np.array(table) for table in self.coefficients]

    def __call__(self, x: Array, y: Array) -> Array:
        x, y = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
        x0, x1, y0, y1 = self.box
        across, up = np.clip(x.ravel(), x0, x1), np.clip(y.ravel(), y0, y1)
        found = np.full(x.size, np.nan)
        for panel, table in zip(self.panels, self._tables, strict=True):
            a, b, c, d = Panel(*panel).extent(self.box)
            inside = np.flatnonzero((across >= a) & (across <= b) & (up >= c) & (up <= d))
            s, t = (2.0 * across[inside] - a - b) / (b - a), (2.0 * up[inside] - c - d) / (d - c)
            found[inside] = legendre.legval2d(s, t, table)
        return found.reshape(x.shape)

    def to_config(self) -> dict[str, Json]:
        """A dict of plain JSON values."""
        return {
            "class": "PlaneSeries",
            "box": list(self.box),
            "panels": [list(panel) for panel in self.panels],
            "coefficients": [table.tolist() for table in self._tables],
        }


def series_of(value: float | Function, box: Box, name: str) -> float | Function:
    """A number, or a function as something that can be stored: itself, or its series.

    Args:
        value: A number, or a smooth function.
        box: Where it is wanted.
        name: Of the value, for messages.

    Raises:
        ValueError: If panels of 1/64 of the box do not resolve it, or it is not finite there.
    """
    if not callable(value) or hasattr(value, "to_config"):
        return value
    panels, tables, left = [], [], [Panel(0, 0, 0)]
    largest = 0.0
    for _ in range(HALVINGS + 1):
        each = [_coefficients(value, panel.extent(box), name) for panel in left]
        largest = max([largest, *(float(np.abs(table).max()) for table in each)])
        cut = []
        for panel, table in zip(left, each, strict=True):
            kept = np.abs(table) > TOLERANCE * largest
            along, up = (1 + np.flatnonzero(kept.any(axis=i)).max(initial=0) for i in (1, 0))
            if max(along, up) > TERMS - FEW:
                cut += panel.quarters()
            else:
                panels.append(panel)
                tables.append(table[:along, :up])
        left = cut
        if not left:
            return PlaneSeries(box, panels, tables)  # type: ignore[arg-type]
        if (len(left) + len(panels)) * TERMS**2 > limits.COEFFICIENTS:
            break
    raise ValueError(
        f"`{name}` must be smooth to be stored. Received: a function that series of {TERMS} terms "
        f"on panels of 1/{2**HALVINGS} of the box do not resolve. Give its jumps as regions, or "
        "round it off."
    )


def _coefficients(function: Function, extent: Box, name: str) -> Array:
    """Those of a panel, by Gauss-Legendre quadrature, ``(TERMS, TERMS)``."""
    x0, x1, y0, y1 = extent
    nodes, weights = legendre.leggauss(TERMS)
    project = ((np.arange(TERMS) + 0.5)[:, None] * weights) * legendre.legvander(nodes, TERMS - 1).T
    share = (nodes + 1.0) / 2.0
    with np.errstate(all="ignore"):
        values = evaluated(
            name,
            function,
            *np.meshgrid(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share, indexing="ij"),
        )
    if not np.isfinite(values).all():
        raise ValueError(
            f"`{name}` must be finite in its rectangle to be stored. Received: a function that is "
            "not. Let it go on beyond its region."
        )
    return np.asarray(project @ values @ project.T)
