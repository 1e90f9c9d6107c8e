"""The sheets of families: how far their networks are off, and the members that were looked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from qwpinn.families.search import CONFIRMED
from qwpinn.sheets.digits import with_uncertainty
from qwpinn.sheets.screen import Grid, Line, Row, Sheet, with_unit

if TYPE_CHECKING:
    from qwpinn.families.design import Design
    from qwpinn.families.measured import MeasuredFamily


def error_sheet(model: MeasuredFamily) -> Sheet:
    """How far the networks are from refined states of members that training did not see."""
    notes = Sheet(tuple(Line(note) for note in model.notes))
    errors = model.errors
    if errors is None:
        return notes
    pairs = [(f"{m:.1e}", f"{w:.1e}") for m, w in zip(errors.medians, errors.largest, strict=True)]
    styles = ["bold red" if bad else "" for bad in errors.uneven]
    count = model.states
    widths = [f"{w:.1e}" if np.isfinite(w) else "unproven" for w in errors.widths]
    energies = [Row((str(k), *pairs[k], widths[k]), styles[k]) for k in range(count)]
    psi = [Row((str(k), *pairs[count + k]), styles[count + k]) for k in range(count)]
    unit = model.family.centre.energy_unit
    origin = f"{model.floor:.6g} {unit}".rstrip()
    legend = (
        f"errors: of the networks at {len(errors.places)} members that were not trained, and at",
        "anticrossings, against refined states; enclosure: of the refined levels of some.",
        f"Energies in units of E - V0, where V0 = {origin} is the lowest V of all members; psi in "
        "L2.",
    )
    first = Grid(("state", "median\nerror", "largest\nerror", "widest\nenclosure"), energies)
    second = Grid(("state", "median error\nof psi", "largest error\nof psi"), psi)
    return Sheet((first, second, *(Line(text, "dim") for text in legend))) + notes


def design_sheet(found: Design) -> Sheet:
    """The members, and the targets of each by refined levels and as solved."""
    well = found.potential
    labels = [with_unit(name, well.unit(name) if well else "") for name in found.names]
    members = [
        Row((str(i), *(f"{value:.8g}" for value in row))) for i, row in enumerate(found.parameters)
    ]
    wanted = with_unit("wanted", well.energy_unit if well else "")
    sought = ", ".join(f"{name} = {value:g}" for name, value in found.targets.items())
    solved = ["solved"] if found.solutions else []
    columns = ("member", "target", wanted, "refined", *solved, "confirmed")
    rows = [
        Row((str(i), *cells), "bold red" if cells[-1] == "no" else "")
        for i in range(len(found.parameters))
        for cells in _targets_of(found, i)
    ]
    text = f"confirmed: qwpinn solve encloses the levels, within {CONFIRMED:g} of what is wanted."
    return Sheet(
        (
            Line(f"Members with {sought}"),
            *([Line(well.equation, "dim")] if well else []),
            Grid(("member", *labels), members),
            Grid(columns, rows, ("target", "confirmed")),
            *([Line(text, "dim")] if found.solutions else []),
            *(Line(note, "dim") for note in found.notes),
        )
    )


def _targets_of(found: Design, i: int) -> list[Sequence[str]]:
    """Cells of each target of a member."""
    rows: list[Sequence[str]] = []
    for t, (name, wanted) in enumerate(found.targets.items()):
        cells = [name, f"{wanted:g}", f"{found.achieved[i, t]:.8g}"]
        if not found.solutions:
            rows.append([*cells, ""])
            continue
        lower, upper = map(float, found.enclosed[i, t])
        solved = with_uncertainty(float(found.verified[i, t]), lower, upper)
        rows.append([*cells, solved, "yes" if found.confirmed[i, t] else "no"])
    return rows
