"""Tables of sweeps: their levels on the screen, as a run has them and as its file does."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn.inputs import files
from qwpinn.sheets.screen import Grid, Line, Row, Sheet, with_unit
from qwpinn.solving.subbands import BOX

Array = NDArray[np.float64]

CUT = "box states: not below V at an end of the box that is no wall, or lifted by it."
# Levels that 80 columns hold.
LEVELS = 4


def read_table(path: Path) -> tuple[list[str], Array]:
    """The names and the numbers, ``(n, columns)``, of a table that `Sweep.to_csv` wrote.

    Raises:
        OSError: If it cannot be read.
        ValueError: If it is damaged.
    """
    names, *rows = files.text_file(path).splitlines() or [""]
    try:
        numbers = np.array([[float(cell) for cell in row.split(",")] for row in rows])
        return names.split(","), numbers.reshape(len(rows), names.count(",") + 1)
    except ValueError:
        raise ValueError(
            f"`{path}` must be the table of a sweep. Received: a damaged one. Remove it, and leave "
            "--resume out."
        ) from None


class Levels(NamedTuple):
    """The levels of a sweep, a row a value, as a run has them and as its file does.

    Attributes:
        label: Of the values.
        values: Shape ``(n,)``.
        energies: ``(n, K)``.
        widths: The widest enclosure of each value, ``(n,)``.
        box: States of the box, ``(n, K)``.
        device: Whether these are starred, as a device's are; else they have a column.
        unit: Of energies, or "".
    """

    label: str
    values: Array
    energies: Array
    widths: Array
    box: NDArray[np.bool_]
    device: bool
    unit: str = ""

    def sheet(self) -> Sheet:
        """As many levels as 80 columns hold, and what the marks mean."""
        marked, states = self.box.any(), range(min(self.energies.shape[1], LEVELS))
        cut = ["box\nstates"] if marked and not self.device else []
        names = [*(f"E_{k}" for k in states), "widest\nenclosure"]
        columns = [self.label.replace(".", ".\n"), *(with_unit(n, self.unit) for n in names), *cut]
        rows = []
        for value, energies, width, box in zip(
            self.values.tolist(), self.energies, self.widths, self.box, strict=True
        ):
            marks = ["*" if self.device and outside else " " for outside in box]
            shown = (f"{energies[k]:.6f}{marks[k]}" for k in states)
            named = [", ".join(map(str, np.flatnonzero(box)))] if cut else []
            rows.append(Row((f"{value:g}", *shown, f"{width:.1e}", *named)))
        lines = [Line(BOX if self.device else CUT, "dim")] if marked else []
        if (hidden := self.energies.shape[1] - LEVELS) > 0:
            lines.append(Line(f"and {hidden} more states; the CSV table has all of them.", "dim"))
        return Sheet((Grid(columns, rows), *lines))
