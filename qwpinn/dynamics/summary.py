"""The summary: what `print` shows of an evolution."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from qwpinn.sheets.screen import Grid, Line, Row, Sheet, with_unit

if TYPE_CHECKING:
    from qwpinn.dynamics.evolution import Evolution

# Times that are shown, and the part of the box that is called its end.
ROWS, END = 6, 0.02
# The probability that must come there for psi to have reached it.
REACHED = 1e-4


def sheet(evolution: Evolution) -> Sheet:
    """A few of the times with norm, energy, mean position and error, and what they mean."""
    well = evolution.potential
    symbol, length = well.symbol, well.length_unit
    chosen = np.unique(np.linspace(0, evolution.times.size - 1, ROWS).round().astype(int))
    claimed = evolution.absorbed is None
    columns = (
        with_unit("time", well.time_unit),
        "norm",
        with_unit("energy", well.energy_unit),
        with_unit(f"<{symbol}>", length),
        with_unit("spread", length),
        *(["error"] if claimed else []),
    )
    each = (
        evolution.times, evolution.norm, evolution.energy, evolution.expectation("x"),
        evolution.spread, evolution.errors,
    )  # fmt: skip
    formats = ("{:.6g}", "{:.6f}", "{:.8g}", "{:.6f}", "{:.6f}", "{:.1e}")
    rows = []
    for n in chosen.tolist():
        cells = zip(formats[: len(columns)], each, strict=False)
        texts = tuple(_shown(text, float(values[n])) for text, values in cells)
        late = claimed and evolution.errors[n] > evolution.tol
        rows.append(Row(texts, "bold red" if late else ""))
    said = [Line(text, "dim") for text in _legend(evolution)]
    wrong = [Line(text, mark="error: ") for text in failures(evolution)]
    heading: Sheet = well.heading()
    return heading + Sheet((Grid(columns, rows), *said, *map(Line, notes(evolution)), *wrong))


def _shown(text: str, value: float) -> str:
    """A number without the sign of a zero."""
    shown = text.format(value)
    return text.format(0.0) if float(shown) == 0.0 else shown


def _legend(evolution: Evolution) -> Iterator[str]:
    states, tail = evolution.energies.size, evolution.doubts.tail
    yield f"{states} states hold psi0 but for {tail:.1e} of its norm."
    if evolution.absorbed is None:
        yield "error: an upper bound of ||psi - exact||, in units of the norm of psi0."


def notes(evolution: Evolution) -> tuple[str, ...]:
    """What a reader of these numbers should see."""
    return tuple(_notes(evolution))


def _notes(evolution: Evolution) -> Iterator[str]:
    if evolution.absorbed is not None:
        taken, back = evolution.absorbed.taken[-1], evolution.absorbed.returned
        yield (
            f"The ends have absorbed {taken[0]:.6f} on the left and {taken[1]:.6f} on the right, "
            f"and sent back {np.sum(back):.1e}; no error is claimed."
        )
        return
    well, (left, right) = evolution.potential, evolution.potential.interval
    edge = END * (right - left)
    for cut, name, region in zip(
        well.cut_ends, ("left", "right"), ((left, left + edge), (right - edge, right)), strict=True
    ):
        there = evolution.probability(*region)
        reached = np.flatnonzero(there > there[0] + REACHED)
        if cut and reached.size:
            when = f"{evolution.times[reached[0]]:g} {well.time_unit}".rstrip()
            yield (
                f"V goes on beyond the {name} end, which psi reaches by t = {when}: what the wall "
                "sends back is of the box. Widen it, or give `absorbing`."
            )


def failures(evolution: Evolution) -> tuple[str, ...]:
    """A sentence on what is not as asked; none if all is."""
    if evolution.converged or evolution.absorbed is not None:
        return ()
    late = int(np.argmax(evolution.errors > evolution.tol))
    return (
        f"at most {evolution.errors[-1]:.1e}, and more than the {evolution.tol:g} that was asked "
        f"for from t = {evolution.times[late]:g} on. Ask for a larger tol, or give more states.",
    )
