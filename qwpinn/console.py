"""The console: what ``qwpinn`` shows, tables of at most 80 columns and progress bars."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from qwpinn import plotting
from qwpinn.enclosures import UNPROVEN, Enclosure
from qwpinn.heartbeat import Display
from qwpinn.reproduction import Reproduction
from qwpinn.results import Trace, units
from qwpinn.solution import Solution
from qwpinn.status import Status
from qwpinn.subbands import Subbands

Array = NDArray[np.float64]

LEGEND = (
    "energy(u): the level is proven to lie within u units of its last digits.\n"
    "width: of this enclosure, in units of E - min V, the measure of --rtol."
)


def print_solution(console: Console, solution: Solution) -> None:
    """Print the states as a table, what the numbers mean, and what is not as asked."""
    console.print(_solution_table(solution))
    console.print(LEGEND, style="dim", highlight=False)
    for note in solution.notes:
        console.print(note, markup=False, highlight=False)
    print_failures(console, solution)


def _solution_table(solution: Solution) -> Table:
    """A row a state."""
    table = narrow_table()
    device = isinstance(solution, Subbands)
    last = ("<z> (nm)", "in layers") if device else ("nodes", "residual")
    energy = plotting.energy_label(solution.potential)
    for heading in ("state", energy, "width", "level", *last):
        table.add_column(heading.replace(" (", "\n("), justify="right")
    box_states = solution.box_states
    for heading in ["", "status"] if box_states.any() else ["status"]:
        table.add_column(heading)
    enclosure, statuses, where = solution.enclosure, solution.statuses, _where(solution)
    widths = enclosure.widths / enclosure.measure(solution.potential.minimum)
    numbers = solution.quantum_numbers.tolist()
    for k, energy in enumerate(solution.energies.tolist()):
        table.add_row(
            str(k),
            with_uncertainty(energy, float(enclosure.lower[k]), float(enclosure.upper[k])),
            f"{widths[k]:.1e}" if widths[k] > 0.0 else "",
            "?" if numbers[k] == UNPROVEN else str(numbers[k]),
            *where[k],
            *(["box" if box_states[k] else ""] if box_states.any() else []),
            _said(statuses[k], solution.state_statuses[k]),
            style=None if statuses[k] is Status.CONVERGED else "bold red",
        )
    return table


def _said(energy: Status, psi: Status) -> str:
    """How a state ended: its energy, or its psi if that is the worse of both."""
    if energy is Status.CONVERGED and psi is Status.MIXED:
        return "psi mixed"
    return energy.name.lower().replace("_", " ")


def _where(solution: Solution) -> list[tuple[str, str]]:
    """Where each state is in a device; of other wells, its nodes and its residual.

    What is computed from a psi that may be mixed carries a question mark.
    """
    doubts = ["?" if status is Status.MIXED else "" for status in solution.state_statuses]
    if not isinstance(solution, Subbands):
        pairs = zip(solution.node_counts, doubts, solution.residuals, strict=True)
        return [(f"{nodes}{doubt}", f"{residual:.1e}") for nodes, doubt, residual in pairs]
    columns = solution.expectation("z"), doubts, solution.localisation, solution.localised
    return [
        (f"{mean:.2f}{doubt}", f"{100.0 * share:.0f} %{doubt}{' ' if own else '*'}")
        for mean, doubt, share, own in zip(*columns, strict=True)
    ]


def with_uncertainty(energy: float, lower: float, upper: float) -> str:
    """An energy with the digits that its enclosure justifies, and two more that are in doubt.

    The doubt in parentheses, in units of the last digit, is rounded up: the interval that is
    printed holds the one that is known.

    Example:
        >>> with_uncertainty(1.6394801885, lower=1.63948009, upper=1.63948022)
        '1.63948019(11)'
        >>> with_uncertainty(5300.0, lower=5000.0, upper=5400.0)
        '5300(300)'
    """
    doubt = max(upper - energy, energy - lower)
    if not math.isfinite(doubt) or doubt <= 0.0:
        return f"{energy:.12g}"
    decimals = max(0, 1 - math.floor(math.log10(doubt)))
    text, last = _rounded(energy, lower, upper, decimals)
    if last > 99 and decimals > 0:
        text, last = _rounded(energy, lower, upper, decimals - 1)
    return f"{text}({last})"


def _rounded(energy: float, lower: float, upper: float, decimals: int) -> tuple[str, int]:
    """The energy, and how many units of its last digit both bounds are within."""
    text = f"{energy:.{decimals}f}"
    farthest = max(Decimal(upper) - Decimal(text), Decimal(text) - Decimal(lower))
    return text, math.ceil(farthest.scaleb(decimals))


def print_failures(console: Console, solution: Solution, well: str = "") -> None:
    """Print a sentence for all states that failed in the same way, after the well's name."""
    name = f"{well}, " if well else ""
    failed: dict[Status, list[str]] = defaultdict(list)
    for k, status in enumerate(solution.statuses):
        if status is not Status.CONVERGED:
            failed[status].append(str(k))
    if solution.model.status is Status.NOT_FINITE:
        console.print(f"[bold red]{name}training:[/] {Status.NOT_FINITE}", highlight=False)
    for status, states in failed.items():
        which = "state" if len(states) == 1 else "states"
        text = f"[bold red]{name}{which} {', '.join(states)}:[/] {status}"
        console.print(text, highlight=False)


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
    table = narrow_table()
    for heading in ("state", "reference energy", *roads, "enclosure"):
        table.add_column(heading.replace(" d", "\nd").replace("-G", "-\nG"), justify="right")
    widths = enclosure.relative_widths(floor)
    for k, energy in enumerate(reference.tolist()):
        distances = (abs(energies[k] - energy) / (energy - floor) for energies, _ in roads.values())
        table.add_row(
            str(k),
            f"{energy:.12g}",
            *(f"{distance:.1e}" for distance in distances),
            f"{widths[k]:.1e}",
            end_section=k == len(reference) - 1,
        )
    table.add_row("", "seconds", *(f"{seconds:.2f}" for _, seconds in roads.values()), "")
    console.print(table)


def reproduction_table(results: Sequence[Reproduction]) -> Table:
    """Energies and wavefunctions against the exact ones, a row a state."""
    table = narrow_table("Energies of the trained networks", padding=0)
    table.add_column("well")
    for heading in ("state", "energy", "exact", "relative\nerror", "residual", "L2 error\nof psi"):
        table.add_column(heading, justify="right")
    table.add_column("seconds", justify="right")
    for result in results:
        solution, exact = result.solution, result.reference.energies
        held = solution.model.held_energies is not None
        errors = np.abs(solution.energies / exact - 1.0)
        rows = zip(
            solution.energies, exact, errors, solution.residuals, solution.error(result.reference),
            strict=True,
        )  # fmt: skip
        for k, (energy, reference, error, residual, distance) in enumerate(rows):
            table.add_row(
                result.name if k == 0 else "",
                str(k),
                f"{energy:.6f}",
                f"{reference:.6f}",
                "held" if held else f"{error:.1e}",
                f"{residual:.1e}",
                f"{distance:.1e}",
                f"{solution.seconds:.1f}" if k == 0 else "",
                end_section=k == len(exact) - 1,
            )
    return table


def narrow_table(title: str | None = None, padding: int = 1) -> Table:
    """Narrow enough for 80 columns."""
    return Table(
        title=title,
        box=box.SIMPLE_HEAD,
        padding=(0, padding, 0, 0),
        show_edge=False,
        title_justify="left",
    )


def enclosure_display(console: Console) -> Progress:
    """A display for one `EnclosureBar`."""
    return Display(
        BarColumn(bar_width=28), TextColumn("{task.description}"), TimeElapsedColumn(),
        console=console, line=lambda task: task.description,
    )  # fmt: skip


class EnclosureBar(Trace):
    """A bar that fills as the largest enclosure shrinks, by its magnitude, from 1 to rtol.

    Args:
        progress: The display.
        rtol: The width that fills the bar.
    """

    def __init__(self, progress: Progress, rtol: float) -> None:
        super().__init__()
        self.progress = progress
        self.rtol = rtol
        self.task = progress.add_task("building the network", total=1.0)

    def report(self, model: Any, enclosure: Enclosure) -> None:
        super().report(model, enclosure)
        self._show(self.steps[-1].units, self.steps[-1].width)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        super().on_epoch_begin(epoch, logs)
        self._show(self.steps[-1].units, self.steps[-1].width)

    def finish(self, solution: Solution) -> None:
        """Show the enclosure of the result."""
        widths = solution.enclosure.relative_widths(solution.potential.minimum)
        self._show(units(solution.model), float(np.max(widths)))
        self.progress.update(self.task, completed=way(float(np.max(widths)), self.rtol))
        self.progress.stop_task(self.task)

    def _show(self, size: int, width: float) -> None:
        epoch = "" if self.epoch is None else f"epoch {self.epoch}, "
        proven = f"enclosure {width:.1e}" if math.isfinite(width) else "level unproven"
        self.progress.update(
            self.task,
            # A task that is complete would stop its clock before the training.
            completed=min(way(width, self.rtol), 0.9999),
            description=f"{size} units, {epoch}{proven}",
        )


def way(width: float, rtol: float) -> float:
    """How much of the way from 1 to rtol a width has gone by its magnitude, from 0 to 1.

    Example:
        >>> way(1e-3, rtol=1e-6), way(2.0, rtol=1e-6), way(1e-7, rtol=1e-6)
        (0.5, 0.0, 1.0)
    """
    if width <= rtol:
        return 1.0
    if width >= 1.0 or rtol >= 1.0:
        return 0.0
    return math.log10(width) / math.log10(rtol)


def sweep_display(console: Console) -> Progress:
    """A display for the values of a sweep."""
    return Display(
        TextColumn("{task.description}"), BarColumn(bar_width=28), MofNCompleteColumn(),
        TimeElapsedColumn(), console=console,
        line=lambda task: f"{task.description}: {task.completed:g} of {task.total:g} values",
    )  # fmt: skip


def epochs_display(console: Console) -> Progress:
    """A display for `EpochBar`."""
    return Display(
        TextColumn("{task.description:15}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]}{task.fields[left]}"),
        TimeElapsedColumn(),
        console=console,
        line=_epochs_line,
    )


def _epochs_line(task: Task) -> str:
    """An `EpochBar` in words."""
    loss = f", loss {task.fields['loss']}" if task.fields["loss"] else ""
    done = f"{task.completed:g} of {task.total:g} epochs"
    return f"{task.description}: {done}{loss}{task.fields['left']}"


class EpochBar(keras.callbacks.Callback):
    """A bar that every epoch moves.

    Args:
        progress: The display.
        description: In front of it.
        epochs: That fill it.
    """

    def __init__(self, progress: Progress, description: str, epochs: int | None) -> None:
        super().__init__()
        self.progress = progress
        self.task = progress.add_task(description, total=epochs, loss="", left="")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        # That of a `tf.distribute` strategy, and of models that allow one, has the shape (1,).
        loss = f"{np.ravel((logs or {}).get('loss', np.nan))[0]:.1e}"
        self.progress.update(self.task, completed=epoch + 1, loss=loss)
