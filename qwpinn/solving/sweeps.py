"""Sweeps: one number of a potential varied step by step, each solution started from the last."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from qwpinn import plotting
from qwpinn.equation import kinds
from qwpinn.equation.geometry import AnyWell
from qwpinn.inputs import check, limits
from qwpinn.progress.bars import Verbose, counting
from qwpinn.sheets.screen import Line, Pictured, Sheet
from qwpinn.solving.recipes import Recipe
from qwpinn.solving.solved import Solved
from qwpinn.solving.sweep_tables import Levels
from qwpinn.solving.workers import Asked, Chain, checked, in_order
from qwpinn.status import Status
from qwpinn.storage.contents import FIGURE, TABLE, is_sweep_folder
from qwpinn.storage.places import replaced_folder, write_file
from qwpinn.storage.plain import as_csv

Array = NDArray[np.float64]

# Values that a worker solves one from the other: a first solve costs little more than a next one.
LENGTH = 8


@dataclass(frozen=True, repr=False)
class Sweep(Pictured):
    """The K lowest states of a potential as one of its numbers varies.

    Attributes:
        parameter: The number's name.
        values: Its values, shape ``(n,)``.
        solutions: One a value.
    """

    parameter: str
    values: Array
    solutions: tuple[Solved, ...]

    def __repr__(self) -> str:
        first, states = self.solutions[0], self.energies.shape[1]
        varied = (
            f"{self.parameter}: {self.values.size} from {self.values[0]:g} to {self.values[-1]:g}"
        )
        said = "CONVERGED" if self.converged else "not converged"
        return f"Sweep({first.potential!r:.80}, {varied}, states={states}, {said})"

    def sheet(self) -> Sheet:
        """The first potential with its equation, and the `table`."""
        text = f"Varied: {self.parameter}, from {self.values[0]:g} on."
        heading: Sheet = self.solutions[0].potential.heading()
        return heading + Sheet((Line(text),)) + self.table()

    def table(self) -> Sheet:
        """The levels of each value, as far as 80 columns hold them, and what is not as asked."""
        sheet, lines = self.levels().sheet(), []
        if any(Status.MIXED in solution.state_statuses for solution in self.solutions):
            text = "psi is undetermined where levels are too close: see psi_k_error in the table."
            lines.append(Line(text))
        sheet += Sheet(tuple(lines))
        for value, solution in zip(self.values.tolist(), self.solutions, strict=True):
            sheet += solution.failure_sheet(f"{self.parameter} = {value:g}")
        return sheet

    def levels(self) -> Levels:
        """What the table shows of each value."""
        widths = np.max(self.upper - self.lower, axis=1)
        unit = self.solutions[0].potential.energy_unit
        device = self.localisation is not None
        return Levels(self.label, self.values, self.energies, widths, self.box_states, device, unit)

    @cached_property
    def energies(self) -> Array:
        """Ascending for each value, shape ``(n, K)``."""
        return np.stack([solution.energies for solution in self.solutions])

    @cached_property
    def lower(self) -> Array:
        """Lower bounds of the exact levels, shape ``(n, K)``."""
        return np.stack([solution.lower for solution in self.solutions])

    @cached_property
    def upper(self) -> Array:
        """Upper bounds of the exact levels, shape ``(n, K)``."""
        return np.stack([solution.upper for solution in self.solutions])

    @cached_property
    def state_errors(self) -> Array:
        """Bounds of the L2 errors of psi, and so of all that is computed from it, ``(n, K)``."""
        return np.stack([solution.state_errors for solution in self.solutions])

    @cached_property
    def localisation(self) -> Array | None:
        """The probability to be in the active layers, ``(n, K)``; None for other potentials."""
        found = [s.localisation for s in self.solutions if s.localisation is not None]
        return np.stack(found) if found else None

    @cached_property
    def localised(self) -> NDArray[np.bool_]:
        """Which states are a device's own, ``(n, K)``; all of other potentials."""
        return np.stack([solution.localised for solution in self.solutions])

    @cached_property
    def bound(self) -> NDArray[np.bool_]:
        """Which states V binds, `Solution.bound`, ``(n, K)``."""
        return np.stack([solution.bound for solution in self.solutions])

    @cached_property
    def box_states(self) -> NDArray[np.bool_]:
        """Which states the table and the figure call states of the box, ``(n, K)``."""
        return np.stack([solution.box_states for solution in self.solutions])

    @property
    def statuses(self) -> tuple[tuple[Status, ...], ...]:
        """How each state ended, K a value."""
        return tuple(solution.statuses for solution in self.solutions)

    @property
    def converged(self) -> bool:
        """Whether every state of every value is enclosed as asked."""
        return all(solution.converged for solution in self.solutions)

    @property
    def seconds(self) -> float:
        """Wall time of all solutions."""
        return sum(solution.seconds for solution in self.solutions)

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """The table: the parameter, and energy, bounds and what else there is of each state.

        ``bound_k`` is 1 where V binds it, ``box_k`` where the table marks a state of the box, and
        ``psi_k_error`` a bound of the L2 error of psi. Of a device, also its localisation ``P_k``,
        and for each pair of states the transition energy ``E_i-j`` (meV), the dipole ``z_i-j`` (nm)
        and the oscillator strength ``f_i-j``.
        """
        table: dict[str, NDArray[np.generic]] = {self.parameter: self.values}
        for k in range(self.energies.shape[1]):
            table[f"E_{k}"] = self.energies[:, k]
            table[f"E_{k}_lower"], table[f"E_{k}_upper"] = self.lower[:, k], self.upper[:, k]
            if self.localisation is not None:
                table[f"P_{k}"] = self.localisation[:, k]
            table[f"bound_{k}"] = self.bound[:, k].astype(int)
            table[f"box_{k}"] = self.box_states[:, k].astype(int)
            table[f"psi_{k}_error"] = self.state_errors[:, k]
        each = [solution.lines() for solution in self.solutions]
        lines = {name: np.stack([found[name] for found in each]) for name in each[0]}
        for i, j in itertools.combinations(range(self.energies.shape[1]), 2):
            table |= {f"{name}_{i}-{j}": matrix[:, i, j] for name, matrix in lines.items()}
        return table

    def to_csv(self, path: str | Path) -> None:
        """Write the table, with all digits.

        Args:
            path: The file; one that is there is replaced when the new one is whole.

        Raises:
            OSError: If it cannot be written.
        """
        write_file(path, as_csv(self.columns()).encode())

    def save(self, path: str | Path) -> None:
        """Write a folder with the table ``sweep.csv`` and the figure ``sweep.png``.

        Args:
            path: The folder. One that is there is replaced only if it is empty or an earlier sweep.

        Raises:
            ValueError: If ``path`` holds something else.
            OSError: If it cannot be written.
        """
        with replaced_folder(path, is_sweep_folder) as folder:
            self.write(folder)

    def write(self, folder: Path) -> None:
        """Write both files into a folder that is there."""
        (folder / TABLE).write_text(as_csv(self.columns()), encoding="utf-8")
        (folder / FIGURE).write_bytes(plotting.png(self.plot()))

    def plot(self) -> Figure:
        """The levels against the parameter, marked where they are of the box.

        Those of a device are coloured by their localisation.
        """
        labels = self.label, plotting.energy_label(self.solutions[0].potential)
        return plotting.fan(self.values, self.energies, labels, self.localisation, self.box_states)

    @property
    def label(self) -> str:
        """The parameter with its unit, e.g. ``"field (kV/cm)"``."""
        unit = self.solutions[0].potential.unit(self.parameter)
        return plotting.with_unit(self.parameter, unit)


def sweep(
    potential: AnyWell,
    parameter: str,
    values: ArrayLike,
    states: int = limits.USUAL_STATES,
    *,
    rtol: float = 1e-6,
    seed: int = 0,
    recipe: Recipe | None = None,
    report: Callable[[int, Solved], None] | None = None,
    done: Sequence[Solved] = (),
    workers: int | None = None,
    verbose: Verbose = 0,
) -> Sweep:
    """Solve a potential for each value of one of its numbers, started from the last solution.

    The network of the last value is tried first: its hidden layer stays, the Ritz states in it are
    found anew. It is kept as long as their enclosures are within the tolerance; else the value is
    solved as by `qwpinn.solve`.

    With ``workers`` the values are cut into runs of eight, each of which begins anew and is solved
    by a process beside this one, as by `qwpinn.solve_all`: the solutions do not depend on how many
    processes there are, to the last bit.

    Args:
        potential: Where to start from.
        parameter: What `Potential.varied` takes: a field's name, and of a `Heterostructure` e.g.
            ``"field"``, ``"thickness"``, ``"composition"`` or ``"well.thickness"``.
        values: In the potential's units, shape ``(n,)``, in the order in which they are solved.
        states: K, how many. Defaults to 3.
        rtol: See `qwpinn.solve`.
        seed: See there.
        recipe: See there.
        report: Called with the number of each value and its solution, in this process and in the
            order of the values.
        done: The solutions of the first values, found before: only those of the others are found.
        workers: How many processes. Defaults to None: this one, without a cut.
        verbose: As for `qwpinn.solve`, a bar of the values. Defaults to 0, silence.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If there is no such parameter, or no value, or one is not allowed; before any
            of them is solved. If there are more solutions in ``done`` than values.
        ChildProcessError: If a worker has died.

    Example:
        >>> from qwpinn.potentials import FiniteWell
        >>> sweep(FiniteWell(), "depth", [10.0, 20.0], states=1).energies.round(6).tolist()
        [[1.407225], [1.63948]]
    """
    kinds.well(potential)
    if report is not None:
        kinds.function("report", report, "a number and a solution")
    limits.at_most("values", np.size(values), limits.VALUES, "numbers")
    numbers = np.ravel(check.real_array("values", values))
    if not numbers.size:
        raise ValueError(
            "`values` must hold at least one number. Received: none. Give e.g. [0.0, 10.0]."
        )
    problems = [potential.varied(parameter, value) for value in numbers.tolist()]
    if len(done) > len(problems):
        raise ValueError(
            f"`done` must hold at most one solution a value. Received: {len(done)} of "
            f"{len(problems)} values. Leave the others out."
        )
    asked, count = Asked(states, rtol, seed, recipe), checked(workers)
    names = [f"{parameter}={value:g}" for value in numbers.tolist()]
    chains = _runs(Chain(problems, names, asked), done, len(problems) if count is None else LENGTH)
    solutions = list(done)
    show = counting(verbose, parameter, len(problems))
    with show as move, closing(in_order(chains, count)) as others:
        for index, found in enumerate(others, len(done)):
            solutions.append(found)
            move(index + 1)
            if report is not None:
                report(index, found)
    return Sweep(parameter, numbers, tuple(solutions))


def _runs(chain: Chain, done: Sequence[Solved], length: int) -> list[Chain]:
    """What is left of a chain, cut where every ``length`` wells end, whatever is done of it."""
    total, begun = len(chain.wells), len(done)
    begins = [at for at in range(0, total, length) if at > begun]
    runs = []
    for begin, end in pairwise([begun, *begins, total] if begun < total else []):
        start = done[-1] if begin % length else None
        part = slice(begin, end)
        runs.append(Chain(chain.wells[part], chain.names[part], chain.asked, start))
    return runs
