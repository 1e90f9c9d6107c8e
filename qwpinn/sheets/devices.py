"""The data sheet: where the states of a device are, its transitions, and a table of a sweep."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qwpinn.sheets.digits import with_uncertainty
from qwpinn.sheets.screen import Grid, Line, Row, Sheet, with_unit
from qwpinn.sheets.states import States, Whereabouts, doubts, failures
from qwpinn.status import Status

Array = NDArray[np.float64]

BOX = "*: less than half in the active layers, or a state of the box."
CUT = "box states: not below V at an end of the box that is no wall, or lifted by it."
# Levels that 80 columns hold.
LEVELS = 4


class Located(States, Protocol):
    """States of a device; `qwpinn.Subbands` answers."""

    @property
    def localisation(self) -> Array: ...

    @property
    def localised(self) -> NDArray[np.bool_]: ...

    @property
    def transitions(self) -> Array: ...

    @property
    def wavelengths(self) -> Array: ...

    @property
    def dipoles(self) -> Array: ...

    @property
    def oscillator_strengths(self) -> Array: ...

    def expectation(self, f: str) -> Array: ...


class Swept(Protocol):
    """States of several potentials, one parameter apart; `qwpinn.Sweep` answers."""

    @property
    def parameter(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def values(self) -> Array: ...

    @property
    def solutions(self) -> Sequence[States]: ...

    @property
    def energies(self) -> Array: ...

    @property
    def lower(self) -> Array: ...

    @property
    def upper(self) -> Array: ...

    @property
    def localisation(self) -> Array | None: ...

    @property
    def box_states(self) -> NDArray[np.bool_]: ...


def by_layers(solution: Located) -> Whereabouts:
    """The mean position of each state, and how much of it is in the active layers."""
    columns = (
        solution.expectation("z"),
        doubts(solution),
        solution.localisation,
        solution.localised,
    )
    cells = [
        (f"{mean:.2f}{doubt}", f"{100.0 * share:.0f} %{doubt}{' ' if own else '*'}")
        for mean, doubt, share, own in zip(*columns, strict=True)
    ]
    return Whereabouts((with_unit("<z>", solution.potential.length_unit), "in layers"), cells)


def transition_sheet(solution: Located) -> Sheet:
    """What light sees of the localised states."""
    lines = [] if solution.localised.all() else [Line(BOX, "dim")]
    if not solution.localised.any():
        text = "No state is in the active layers: ask for more states, or lower the field."
        lines.append(Line(text, "bold red"))
    inside = np.flatnonzero(solution.localised).tolist()
    if len(inside) < 2:
        return Sheet(tuple(lines))
    columns = ("transition", "energy (meV)", "wavelength (um)", "dipole (nm)")
    rows = [
        Row(
            (
                f"{i} - {j}",
                with_uncertainty(
                    float(solution.transitions[i, j]),
                    float(solution.lower[j] - solution.upper[i]),
                    float(solution.upper[j] - solution.lower[i]),
                ),
                f"{solution.wavelengths[i, j]:.6g}",
                *_strengths(solution, i, j),
            )
        )
        for i, j in itertools.combinations(inside, 2)
    ]
    table = Grid((*columns, "oscillator\nstrength"), rows, ("transition",))
    return Sheet((*lines, table))


def _strengths(solution: Located, i: int, j: int) -> tuple[str, str]:
    """Dipole and oscillator strength, 0 for a line that symmetry forbids."""
    dipole = abs(solution.dipoles[i, j])
    if dipole < 1e-6:
        return "0", "0"
    return f"{dipole:.4g}", f"{solution.oscillator_strengths[i, j]:.4g}"


def sweep_sheet(found: Swept) -> Sheet:
    """The levels of each value, as far as 80 columns hold them, and what is not as asked."""
    states = min(found.energies.shape[1], LEVELS)
    device = found.localisation is not None
    cut = bool(found.box_states.any()) and not device
    lines = [Line(BOX if device else CUT, "dim")] if found.box_states.any() else []
    if states < found.energies.shape[1]:
        text = f"and {found.energies.shape[1] - states} more states; the CSV table has all of them."
        lines.append(Line(text, "dim"))
    if any(status is Status.MIXED for one in found.solutions for status in one.state_statuses):
        text = "psi is undetermined where levels are too close: see psi_k_error in the table."
        lines.append(Line(text))
    sheet = Sheet((_levels(found, states, device, cut), *lines))
    for value, solution in zip(found.values.tolist(), found.solutions, strict=True):
        sheet += failures(solution, f"{found.parameter} = {value:g}")
    return sheet


def _levels(found: Swept, states: int, device: bool, cut: bool) -> Grid:
    """A row a value; states of the box are starred, or in a column of their own."""
    unit = found.solutions[0].potential.energy_unit
    names = [*(f"E_{k}" for k in range(states)), "widest\nenclosure"]
    columns = [found.label.replace(".", ".\n"), *(with_unit(name, unit) for name in names)]
    rows = []
    for i, value in enumerate(found.values.tolist()):
        marks = ["*" if device and box else " " for box in found.box_states[i]]
        cells = (
            f"{value:g}",
            *(f"{found.energies[i, k]:.6f}{marks[k]}" for k in range(states)),
            f"{np.max(found.upper[i] - found.lower[i]):.1e}",
            *([", ".join(map(str, np.flatnonzero(found.box_states[i])))] if cut else []),
        )
        rows.append(Row(cells))
    return Grid([*columns, *(["box\nstates"] if cut else [])], rows)


def columns_sheet(names: Sequence[str], columns: NDArray[np.float64]) -> Sheet:
    """The parameter and the levels of a sweep as its file has them, up to four states."""
    at = {name: columns[:, i] for i, name in enumerate(names)}
    states = [f"E_{k}" for k in range(len(names)) if f"E_{k}_upper" in at]
    widths = np.max([at[f"{name}_upper"] - at[f"{name}_lower"] for name in states], axis=0)
    headings = (names[0].replace(".", ".\n"), *states[:4], "widest\nenclosure")
    rows = [
        Row((f"{value:g}", *(f"{at[name][i]:.6f}" for name in states[:4]), f"{widths[i]:.1e}"))
        for i, value in enumerate(at[names[0]].tolist())
    ]
    return Sheet((Grid(headings, rows),))
