"""The state sheet: the levels that were found, with their doubts, and what is not as asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from qwpinn.sheets.digits import with_uncertainty
from qwpinn.sheets.screen import Grid, Line, Row, Sheet, with_unit
from qwpinn.status import Status

Array = NDArray[np.float64]

LEGEND = (
    "energy(u): the level is proven to lie within u units of its last digits.",
    "width: of this enclosure, in units of E - min V, the measure of rtol.",
)
# Members of a family of which the enclosures are listed.
LISTED = 20


class InUnits(Protocol):
    """What has units: a potential."""

    @property
    def length_unit(self) -> str: ...

    @property
    def energy_unit(self) -> str: ...


class Doubted(Protocol):
    """States whose training, energies and psi are told how they ended."""

    @property
    def training(self) -> Status: ...

    @property
    def statuses(self) -> Sequence[Status]: ...

    @property
    def state_statuses(self) -> Sequence[Status]: ...


class Bounds(Protocol):
    """What is proven of levels: bounds, which they are, and how large residuals are."""

    @property
    def lower(self) -> Array: ...

    @property
    def upper(self) -> Array: ...

    @property
    def quantum_numbers(self) -> NDArray[np.intp]: ...

    @property
    def residuals(self) -> Array: ...

    @property
    def state_errors(self) -> Array: ...


class States(Bounds, Doubted, Protocol):
    """States that were found; `qwpinn.Solution` answers."""

    @property
    def potential(self) -> InUnits: ...

    @property
    def energies(self) -> Array: ...

    @property
    def shares(self) -> Array: ...

    @property
    def box_states(self) -> NDArray[np.bool_]: ...

    @property
    def node_counts(self) -> NDArray[np.intp]: ...

    @property
    def notes(self) -> Sequence[str]: ...


class Widths(Bounds, Protocol):
    """`qwpinn.enclosures.Enclosure`."""

    @property
    def widths(self) -> Array: ...


class Whereabouts(NamedTuple):
    """Two columns that say where each state is."""

    columns: tuple[str, str]
    cells: Sequence[tuple[str, str]]


def by_nodes(solution: States) -> Whereabouts:
    """The nodes of each state, and its residual.

    What is computed from a psi that may be mixed carries a question mark.
    """
    triples = zip(solution.node_counts, doubts(solution), solution.residuals, strict=True)
    cells = [(f"{nodes}{doubt}", f"{residual:.1e}") for nodes, doubt, residual in triples]
    return Whereabouts(("nodes", "residual"), cells)


def doubts(solution: Doubted) -> list[str]:
    """A question mark for each state whose psi may be mixed."""
    return ["?" if status is Status.MIXED else "" for status in solution.state_statuses]


def state_sheet(solution: States, where: Whereabouts) -> Sheet:
    """A row a state, what the numbers mean, notes, and what is not as asked.

    Args:
        solution: The states.
        where: They are.
    """
    energy = with_unit("energy", solution.potential.energy_unit)
    box_states = solution.box_states
    last = ["", "status"] if box_states.any() else ["status"]
    columns = ("state", energy, "width", "level", *where.columns, *last)
    statuses, widths = solution.statuses, solution.shares
    numbers = solution.quantum_numbers.tolist()
    rows = []
    for k, level in enumerate(solution.energies.tolist()):
        cells = (
            str(k),
            with_uncertainty(level, float(solution.lower[k]), float(solution.upper[k])),
            f"{widths[k]:.1e}" if widths[k] > 0.0 else "",
            _level(numbers[k]),
            *where.cells[k],
            *(["box" if box_states[k] else ""] if box_states.any() else []),
            _said(statuses[k], solution.state_statuses[k]),
        )
        rows.append(Row(cells, "" if statuses[k] is Status.CONVERGED else "bold red"))
    legend = [Line(text, "dim") for text in LEGEND]
    notes = [Line(note) for note in solution.notes]
    return Sheet((Grid(columns, rows, last), *legend, *notes)) + failures(solution)


def _level(number: int) -> str:
    """A quantum number, which is negative where it is unproven."""
    return "?" if number < 0 else str(number)


def _said(energy: Status, psi: Status) -> str:
    """How a state ended: its energy, or its psi if that is the worse of both."""
    if energy is Status.CONVERGED and psi is Status.MIXED:
        return "psi mixed"
    return energy.name.lower().replace("_", " ")


def failures(solution: Doubted, well: str = "") -> Sheet:
    """A sentence for all states that failed in the same way, after the well's name."""
    name = f"{well}, " if well else ""
    failed: dict[Status, list[str]] = defaultdict(list)
    for k, status in enumerate(solution.statuses):
        if status is not Status.CONVERGED:
            failed[status].append(str(k))
    lines = []
    if solution.training.failed:
        lines.append(Line(f" {solution.training}", mark=f"{name}training:"))
    for status, states in failed.items():
        which = "state" if len(states) == 1 else "states"
        lines.append(Line(f" {status}", mark=f"{name}{which} {', '.join(states)}:"))
    return Sheet(tuple(lines))


def enclosure_sheet(enclosure: Widths) -> Sheet:
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
            _level(number),
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
