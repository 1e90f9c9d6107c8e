"""The sheet of enclosures: levels with their bounds."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qwpinn.sheets.screen import Grid, Line, Row, Sheet

Array = NDArray[np.float64]

# Members of a family of which the enclosures are listed.
LISTED = 20


class Bounds(Protocol):
    """What is proven of levels; `qwpinn.enclosures.Enclosure` answers."""

    @property
    def lower(self) -> Array: ...

    @property
    def upper(self) -> Array: ...

    @property
    def widths(self) -> Array: ...

    @property
    def quantum_numbers(self) -> NDArray[np.intp]: ...

    @property
    def residuals(self) -> Array: ...

    @property
    def state_errors(self) -> Array: ...


def enclosure_sheet(enclosure: Bounds) -> Sheet:
    """A row a level; of a family, those of its first members."""
    family = enclosure.lower.ndim > 1
    columns = ("lower", "upper", "width", "level", "residual", "error\nof psi")
    rows = []
    for index in np.ndindex(*enclosure.lower.shape):
        if family and index[0] >= LISTED:
            break
        number = int(enclosure.quantum_numbers[index])
        cells = (
            *map(str, index),
            *(f"{bounds[index]:.12g}" for bounds in (enclosure.lower, enclosure.upper)),
            f"{enclosure.widths[index]:.1e}",
            level(number),
            *(f"{x[index]:.1e}" for x in (enclosure.residuals, enclosure.state_errors)),
        )
        rows.append(Row(cells))
    left = len(enclosure.lower) - LISTED if family else 0
    more = [Line(f"and those of {left} more members", "dim")] if left > 0 else []
    legend = (
        "The exact level lies between lower and upper; level: which one is proven to.",
        "residual: ||H psi - E psi||. All energies are in the unit of the potential.",
    )
    table = Grid(
        (*(["member"] if family else []), "state", *columns), rows, padding=0 if family else 1
    )
    return Sheet((table, *more, *(Line(text, "dim") for text in legend)))


def level(number: int) -> str:
    """A quantum number, which is negative where it is unproven."""
    return "?" if number < 0 else str(number)
