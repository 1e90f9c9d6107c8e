"""The solution: what `qwpinn.solve` finds of a well, and how wrong it can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from qwpinn import plotting
from qwpinn.enclosures.enclosure import level_name
from qwpinn.equation import cuts
from qwpinn.equation.potential import Potential
from qwpinn.inputs import check
from qwpinn.observables import Observables
from qwpinn.plotting.style import States
from qwpinn.sheets.digits import with_uncertainty
from qwpinn.sheets.screen import Grid, Line, Row, Sheet, with_unit
from qwpinn.solving.observed import Observed
from qwpinn.solving.resolution import data_shift, resolved_states
from qwpinn.solving.solved import LEGEND, Solved, said
from qwpinn.solving.solved import NotConverged as NotConverged  # earlier pickles find it here
from qwpinn.status import Status, states_named
from qwpinn.storage.plain import as_csv
from qwpinn.training.residuals import derivative

Array = NDArray[np.float64]


NO_EPOCH = "No epoch was trained: these are the Ritz states of the network as it was placed"


class Whereabouts(NamedTuple):
    """Two columns of a table that say where each state is."""

    columns: tuple[str, str]
    cells: Sequence[tuple[str, str]]


@dataclass(frozen=True, repr=False, eq=False)
class Solution(Solved, Observed):
    """The K lowest states of a well, as a network knows them, and how wrong it can be.

    Attributes:
        potential: The well.
        model: The trained `QuantumWellPINN` (of non-parabolic bands, a `NonparabolicPINN`);
            everything below is its output.
        enclosure: What is proven of the levels; see `qwpinn.enclosures` under which assumptions.
        rtol: The largest width of an enclosure that was asked for, in units of E - min V.
        history: What ``fit`` logged, one list a quantity, one entry an epoch; empty if no epoch was
            trained, and the Ritz states of the network as it was placed are the result.
        seconds: Wall time of building, tracing, training and proving.
    """

    potential: Potential

    def table(self) -> Sheet:
        """A row a state, what the numbers mean, notes, and what is not as asked."""
        box = self.box_states
        last = ["", "status"] if box.any() else ["status"]
        headings, cells = self.where()
        energy = with_unit("energy", self.potential.energy_unit)
        bounds, widths, rows = (self.energies, self.lower, self.upper), self.shares, []
        for k, status in enumerate(self.statuses):
            row = (
                str(self.numbers[k]),
                with_uncertainty(*(float(bound[k]) for bound in bounds)),
                f"{widths[k]:.1e}" if widths[k] > 0.0 else "",
                level_name(self.quantum_numbers[k]),
                *cells[k],
                *(["box" if box[k] else ""] if box.any() else []),
                said(status, self.state_statuses[k]),
            )
            rows.append(Row(row, "" if status is Status.CONVERGED else "bold red"))
        grid = Grid(("state", energy, "width", "level", *headings, *last), rows, last)
        legend = [Line(text, "dim") for text in LEGEND]
        return Sheet((grid, *legend, *map(Line, self.notes))) + self.failure_sheet()

    def where(self) -> Whereabouts:
        """The nodes of each state, and its residual.

        What is computed from a psi that may be mixed carries a question mark, `doubts`.
        """
        triples = zip(self.node_counts, self.doubts, self.residuals, strict=True)
        cells = [(f"{nodes}{doubt}", f"{residual:.1e}") for nodes, doubt, residual in triples]
        return Whereabouts(("nodes", "residual"), cells)

    @property
    def doubts(self) -> list[str]:
        """A question mark for each state whose psi may be mixed."""
        return ["?" if status is Status.MIXED else "" for status in self.state_statuses]

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what these numbers are of, below every table and in result.json."""
        return (
            *self.potential.notes,
            *self._cuts.notes(self.box_states, self.numbers),
            *self._remarks(),
        )

    def _remarks(self) -> Iterator[str]:
        if not self.history:
            yield f"{NO_EPOCH}{', as narrow as asked.' if self.converged else '.'}"
        states = zip(self.numbers.tolist(), self.state_statuses, strict=True)
        mixed = [k for k, s in states if s is Status.MIXED]
        if mixed:
            yield f"psi of {states_named(mixed)}: {Status.MIXED}"
        if self.kinetic.any():
            which = states_named(self.numbers[self.kinetic].tolist())
            yield f"Widths of {which} are in units of the kinetic energy."
        if self.data_shift is not None:
            moved = ", ".join(f"{abs(distance):.1e}" for distance in self.data_shift)
            unit = f" {self.potential.energy_unit}".rstrip()
            said = f"Without every second sample the levels move by {moved}{unit}: "
            yield said + "the samples determine them no better than that."

    @cached_property
    def data_shift(self) -> Array | None:
        """How far each level moves without every second sample, shape ``(K,)``; None of formulas.

        The enclosures are of the V that was solved, `Potential.coarser` shows how far its samples
        determine that V.
        """
        coarser = self.potential.coarser
        return None if coarser is None else data_shift(self.model.network(-1), coarser)

    @property
    def wall_shift(self) -> Array:
        r"""By how much the cut ends of the box lift each level, an energy, shape ``(K,)``.

        The sum of psi_k'^2 / (2 kappa), kappa = sqrt(rho (V - E_k)), over those ends of the normal
        form that are no walls (`Potential.cut_ends`), to leading order of tunnelling: E_k less this
        is the level of V going on as at the end. Zero without a cut; infinite where E_k is not
        below V at one, and so is no level but of the box. Of non-parabolic bands, that of the mass
        held, the most that it can be.
        """
        return self._cuts.wall_shift

    @property
    def bound(self) -> NDArray[np.bool_]:
        """Which states V binds, shape ``(K,)``: the cut ends of the box hardly move them.

        Below V at every cut end, and lifted by at most rtol (E - min V). The energies of the others
        are proven all the same, as those of the box that was given.
        """
        return self._cuts.bound

    @cached_property
    def _cuts(self) -> cuts.Cuts:
        """What the cut ends do, to each state where its network resolves it."""
        allowed = self.rtol * np.maximum(self.energies - self.floor, 0.0)
        if not any(self.potential.cut_ends):
            return cuts.Cuts(self.potential, (), allowed)
        resolved, states = cache(resolved_states), []
        for k, energy in enumerate(self.energies.tolist()):
            form, x, psi = resolved(self.model.network(k))
            states.append(cuts.State(form, energy, x, psi[:, k]))
        return cuts.Cuts(self.potential, tuple(states), allowed)

    def wavefunctions(self, x: ArrayLike) -> Array:
        """psi_k(x), normalised, first lobe positive, shape ``(len(x), K)``, or ``(K,)`` at a point.

        Of a potential in nm, in nm^(-1/2); so of other units of length.

        Args:
            x: Positions inside the interval, shape ``(n,)`` or ``(n, 1)``, or one number.

        Raises:
            ValueError: If ``x`` has another shape or leaves the interval.
        """
        return self._at(x, self.model)

    def density(self, x: ArrayLike) -> Array:
        """|psi_k(x)|^2, in the shape of `wavefunctions`, whose arguments it takes.

        The probability of an interval is the integral of rho |psi_k|^2, `probability`.
        """
        return np.square(self.wavefunctions(x))

    def slopes(self, x: ArrayLike) -> Array:
        """psi_k'(x), shape ``(len(x), K)``; arguments as those of `wavefunctions`."""
        return self._at(x, derivative(self.model))

    def fluxes(self, x: ArrayLike) -> Array:
        """(hbar^2/2m) psi_k'(x), continuous where the mass jumps; arguments as `wavefunctions`.

        The probability current of a state psi is (2/hbar) Im(psi* flux).
        """
        return np.asarray(self.potential.kinetic * self.slopes(x))

    def _at(self, x: ArrayLike, function: Callable[[tf.Tensor], tf.Tensor]) -> Array:
        """A function of the K states at positions, or at one."""
        single = np.ndim(x) == 0
        column = check.points(np.atleast_1d(x), self.potential.interval)[:, None]
        found = np.asarray(function(tf.constant(column)).numpy())
        return found[0] if single else found

    @cached_property
    def observables(self) -> Observables:
        """Expectation values and more, as one object; some methods here are its."""
        return Observables(self.potential, self.wavefunctions, self.slopes, self._visible)

    @property
    def _visible(self) -> Array:
        """The lobes of psi_k that are no noise: above thrice the bound of its error."""
        return np.asarray(np.clip(3.0 * self.state_errors, 1e-6, 1e-2))

    def plot(
        self,
        reference: States | None = None,
        density: bool = False,
        states: Sequence[int] | None = None,
        ax: Axes | None = None,
        title: str | None = None,
    ) -> Figure:
        """V(x) with the wavefunctions at their energies, each level with its number and energy.

        Of a device the band diagram: dotted lines bound the active layers.

        ``plot().savefig("well.svg")`` writes what the suffix says: PNG, SVG, PDF. The figure is
        none of ``pyplot``'s: there is nothing to close.

        Args:
            reference: To be drawn dashed, with the error below. Defaults to None.
            density: Whether to draw psi^2. Defaults to False: psi.
            states: Which ones, e.g. ``[0, 2]``. Defaults to None: all.
            ax: Axes to draw into, without the error. Defaults to None: those of a figure of its
                own.
            title: Above it. Defaults to None: of a device its field, else nothing.

        Returns:
            The figure, that of ``ax`` if it is given.

        Raises:
            TypeError: If ``states`` are no integers.
            ValueError: If a state is not of the solution.
        """
        title = self.title if title is None else title
        return plotting.states(self, reference, density, states, ax, title, self.region)

    def walls(self) -> dict[str, object]:
        return {"interval": list(self.potential.interval)}

    def facts(self) -> list[tuple[dict[str, object], dict[str, object]]]:
        means = {f: self.expectation(f) for f in ("x", "x^2", "V")}
        shifts, bound, shift = self.wall_shift, self.bound, self.data_shift
        return [
            (
                {
                    "nodes": self.node_counts[k],
                    "wall_shift": shifts[k],
                    "bound": bound[k],
                },
                {
                    "data_shift": None if shift is None else shift[k],
                    "expectation": {f: values[k] for f, values in means.items()},
                },
            )
            for k in range(self.energies.size)
        ]

    def write_waves(self, folder: Path) -> None:
        """Write ``wavefunctions.csv``: the position, V and every psi, headings with units."""
        x = plotting.grid(self.potential)
        psi = self.wavefunctions(x)
        columns = plotting.columns(self.potential, x, self.potential(x), psi)
        (folder / "wavefunctions.csv").write_text(as_csv(columns), encoding="utf-8")
