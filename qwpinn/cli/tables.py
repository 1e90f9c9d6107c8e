"""Tables: the sheets of what ``qwpinn`` found that only the command line shows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qwpinn.sheets.screen import Grid, Line, Row, Sheet
from qwpinn.solving.comparison import Comparison
from qwpinn.solving.reproduction import Reproduction
from qwpinn.solving.solved import Solved
from qwpinn.solving.stark import stark_shift
from qwpinn.solving.sweep_tables import Levels

Array = NDArray[np.float64]


def stark_sheet(solution: Solved) -> Sheet:
    """The shift of the localised states by the field, which is solved for without it."""
    shifts = [
        f"E_{k} {shift:+.4f}"
        for k, shift in enumerate(stark_shift(solution) if solution.biased else ())
        if math.isfinite(shift)
    ]
    return Sheet((Line(f"Stark shift (meV): {', '.join(shifts)}"),) if shifts else ())


def comparison_sheet(solution: Solved, compared: Comparison) -> Sheet:
    """Energies of several methods as distances from a reference's, in units of E - min V.

    Args:
        solution: The network's, shown with its enclosures.
        compared: Those of the other methods.
    """
    roads, floor = compared.roads, solution.floor
    rows = []
    for k, energy in enumerate(compared.reference.tolist()):
        distances = (abs(energies[k] - energy) / (energy - floor) for energies, _ in roads.values())
        width = f"{solution.relative_widths[k]:.1e}"
        cells = (str(k), f"{energy:.12g}", *(f"{d:.1e}" for d in distances), width)
        rows.append(Row(cells, gap=k == len(compared.reference) - 1))
    seconds = (f"{seconds:.2f}" for _, seconds in roads.values())
    rows.append(Row(("", "seconds", *seconds, "")))
    names = (name.replace(" d", "\nd").replace("-G", "-\nG") for name in roads)
    return Sheet((Grid(("state", "reference energy", *names, "enclosure"), rows),))


def reproduction_table(results: Sequence[Reproduction]) -> Sheet:
    """Energies and wavefunctions against the exact ones, a row a state."""
    numbers = ("state", "energy", "exact", "relative\nerror", "residual", "L2 error\nof psi")
    table_rows = []
    for result in results:
        solution, exact = result.solution, result.reference.energies
        held = solution.model.held_energies is not None
        errors = np.abs(solution.energies / exact - 1.0)
        rows = zip(
            solution.energies, exact, errors, solution.residuals, solution.error(result.reference),
            strict=True,
        )  # fmt: skip
        for k, (energy, reference, error, residual, distance) in enumerate(rows):
            cells = (
                result.name if k == 0 else "",
                str(k),
                f"{energy:.6f}",
                f"{reference:.6f}",
                "held" if held else f"{error:.1e}",
                f"{residual:.1e}",
                f"{distance:.1e}",
                f"{solution.seconds:.1f}" if k == 0 else "",
            )
            table_rows.append(Row(cells, gap=k == len(exact) - 1))
    columns = ("well", *numbers, "seconds")
    title = "Energies of the trained networks"
    return Sheet((Grid(columns, table_rows, ("well",), title, padding=0),))


def columns_sheet(names: Sequence[str], columns: Array) -> Sheet:
    """The parameter and the levels of a sweep as its file has them, those that 80 columns hold."""
    at = {name: columns[:, i] for i, name in enumerate(names)}
    states = [k for k in range(len(names)) if f"E_{k}_upper" in at]
    energies, lower, upper = (
        np.stack([at[f"E_{k}{bound}"] for k in states], axis=1)
        for bound in ("", "_lower", "_upper")
    )
    # An earlier version did not keep which states are of the box.
    box = np.stack([at.get(f"box_{k}", 0.0 * at[names[0]]) > 0.0 for k in states], axis=1)
    widths = np.max(upper - lower, axis=1)
    return Levels(names[0], at[names[0]], energies, widths, box, "P_0" in at).sheet()
