"""The console: what ``qwpinn`` prints, the sheets of what it found, of at most 80 columns."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from qwpinn.enclosures.enclosure import Enclosure
from qwpinn.sheets.screen import Grid, Line, Row, Sheet
from qwpinn.sheets.states import failures
from qwpinn.solving.reproduction import Reproduction
from qwpinn.solving.solution import Solution
from qwpinn.solving.stark import stark_shift
from qwpinn.solving.subbands import Subbands

Array = NDArray[np.float64]


def print_failures(console: Console, solution: Solution, well: str = "") -> None:
    """Print a sentence for all states that failed in the same way, after the well's name."""
    console.print(failures(solution, well))


def print_stark_shift(console: Console, solution: Subbands) -> None:
    """Print the shift of the localised states by the field, which is solved for without it."""
    # Of several wells it is the difference of their places that a field shows.
    if not solution.potential.field or np.sum(solution.potential.active) != 1:
        return
    shifts = [
        f"E_{k} {shift:+.4f}"
        for k, shift in enumerate(stark_shift(solution))
        if math.isfinite(shift)
    ]
    if shifts:
        console.print(Line(f"Stark shift (meV): {', '.join(shifts)}").drawn(plain=False))


def print_comparison(
    console: Console,
    reference: Array,
    floor: float,
    roads: dict[str, tuple[Array, float]],
    enclosure: Enclosure,
) -> None:
    """Print the energies of several methods as their distances from a reference's.

    Args:
        console: Where.
        reference: Energies, shape ``(K,)``.
        floor: min V; distances are in units of E - min V.
        roads: Energies and seconds, by the name of the method.
        enclosure: That of the network, shown as its width.
    """
    widths = enclosure.relative_widths(floor)
    rows = []
    for k, energy in enumerate(reference.tolist()):
        distances = (abs(energies[k] - energy) / (energy - floor) for energies, _ in roads.values())
        cells = (str(k), f"{energy:.12g}", *(f"{d:.1e}" for d in distances), f"{widths[k]:.1e}")
        rows.append(Row(cells, gap=k == len(reference) - 1))
    seconds = (f"{seconds:.2f}" for _, seconds in roads.values())
    rows.append(Row(("", "seconds", *seconds, "")))
    names = (name.replace(" d", "\nd").replace("-G", "-\nG") for name in roads)
    console.print(Sheet((Grid(("state", "reference energy", *names, "enclosure"), rows),)))


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
