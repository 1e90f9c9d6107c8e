"""The solution of a plane: states in two dimensions, and how wrong they can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from qwpinn.enclosures.enclosure import level_name
from qwpinn.equation import kinds
from qwpinn.equation.geometry import PLANE
from qwpinn.equation.plane import PlanePotential
from qwpinn.equation.plane_cuts import cut_sides, shift_of
from qwpinn.equation.plane_description import grid
from qwpinn.equation.plane_mesh import PlaneMesh
from qwpinn.inputs import formulas, limits
from qwpinn.plotting import plane as drawn
from qwpinn.plotting.wells import chosen
from qwpinn.quadrature import Quadrature
from qwpinn.sheets.digits import with_uncertainty
from qwpinn.sheets.screen import Grid, Line, Row, Sheet, with_unit
from qwpinn.solving.solved import LEGEND, Solved, said
from qwpinn.status import Status, states_named
from qwpinn.training.residuals import derivative

Array = NDArray[np.float64]

SAMPLED = (
    "V is known from values alone: enclosures rest on quadrature that has settled, and levels are "
    "counted from V at points of each cell."
)
# Nodes of integrals over psi^2, and how many are evaluated at once.
NODES, AT_ONCE = 20_000, 50_000


@dataclass(frozen=True, repr=False, eq=False)
class PlaneSolution(Solved):
    """The K lowest states of a plane, as a network knows them, and how wrong it can be.

    Its attributes are those of `Solved`. The number of a level is its place in order of energy;
    degenerate ones are counted one by one.
    """

    potential: PlanePotential

    def table(self) -> Sheet:
        """A row a state, what the numbers mean, notes, and what is not as asked."""
        energy = with_unit("energy", self.potential.energy_unit)
        bounds, widths = (self.energies, self.lower, self.upper), self.shares
        names, box, rows = self.cluster_names, self.box_states, []
        for k, status in enumerate(self.statuses):
            row = (
                str(self.numbers[k]),
                with_uncertainty(*(float(bound[k]) for bound in bounds)),
                f"{widths[k]:.1e}" if widths[k] > 0.0 else "",
                level_name(self.quantum_numbers[k]),
                names[k],
                f"{self.residuals[k]:.1e}",
                *(["box" if box[k] else ""] if box.any() else []),
                said(status, self.state_statuses[k]),
            )
            rows.append(Row(row, "" if status is Status.CONVERGED else "bold red"))
        last = ["", "status"] if box.any() else ["status"]
        columns = ("state", energy, "width", "level", "degenerate\nwith", "residual", *last)
        grid = Grid(columns, rows, last)
        legend = [Line(text, "dim") for text in LEGEND]
        return Sheet((grid, *legend, *map(Line, self.notes))) + self.failure_sheet()

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what these numbers are of, below the table and in result.json."""
        return tuple(self._remarks())

    def _remarks(self) -> Iterator[str]:
        yield from self.potential.notes
        if self.sampled:
            yield SAMPLED
        if self.box_states.any():
            which = self.numbers[self.box_states].tolist()
            them = "them" if len(which) > 1 else "it"
            yield (
                f"{states_named(which).capitalize()} belong{'' if len(which) > 1 else 's'} to the "
                f"box: V goes on beyond a side of it that lifts {them}, or is not above {them}. A "
                "wider box tells the levels of V alone."
            )
        mixed = [k for k, found in enumerate(self.state_statuses) if found is Status.MIXED]
        groups = [[int(self.numbers[k]) for k in c] for c in self.clusters if {*c} & {*mixed}]
        named = [states_named(group) for group in groups if len(group) > 1]
        if named:
            within = "Within each group any" if len(named) > 1 else "Any"
            yield (
                f"{'; '.join(named).capitalize()} are degenerate or nearly so. {within} mixture of "
                "psi is as good: trust sums over all of it."
            )
        alone = [group[0] for group in groups if len(group) == 1]
        last = int(self.numbers[-1])
        if last in alone:
            yield (
                f"psi of state {last} may be mixed with that of a level beyond those that were "
                "asked for. Ask for one or two states more."
            )
        others = [number for number in alone if number != last]
        if others:
            yield f"psi of {states_named(others)}: {Status.MIXED}"

    @cached_property
    def wall_shift(self) -> Array:
        r"""By how much cut sides of the box lift each level, an energy, shape ``(K,)``.

        To leading order of tunnelling, `qwpinn.equation.plane_cuts.shift_of`: E_k less this is the
        level of V going on as at the sides. Zero where all sides are walls (`cut_sides` of the
        potential); infinite where E_k is not below V along one, and so is no level but of the box.
        """
        found = np.zeros(self.energies.size)
        for side in cut_sides(self.potential):
            slopes = derivative(self.model, side.axis)(tf.constant(side.nodes)).numpy()
            slopes = slopes / self.potential.amplitude
            found += shift_of(self.potential, self.energies, side, slopes)
        return found

    @property
    def bound(self) -> NDArray[np.bool_]:
        """Which states V binds, shape ``(K,)``: the cut sides of the box hardly move them.

        Below V along every cut side, and lifted by at most rtol (E - min V).
        """
        allowed = self.rtol * np.maximum(self.energies - self.floor, 0.0)
        return np.asarray(self.wall_shift <= allowed)

    @property
    def sampled(self) -> bool:
        """Whether the proof of the numbers rests on V at points; else V is a number everywhere."""
        return self.potential.counted_from_samples

    @cached_property
    def clusters(self) -> list[list[int]]:
        """States whose enclosures overlap, or nearly do, together."""
        found = [[0]]
        for k in range(1, self.energies.size):
            width = self.upper[k] - self.lower[k - 1]
            apart = self.lower[k] - self.upper[k - 1]
            if apart > max(width, 0.0) * 0.5 and np.isfinite(apart):
                found.append([])
            found[-1].append(k)
        return found

    @property
    def cluster_names(self) -> list[str]:
        """Of each state the others of its cluster."""
        names = [""] * self.energies.size
        for cluster in self.clusters:
            for k in cluster:
                names[k] = ", ".join(str(self.numbers[j]) for j in cluster if j != k)
        return names

    def wavefunctions(self, points: ArrayLike) -> Array:
        """psi_k at points ``(n, 2)``, normalised, shape ``(n, K)``.

        Args:
            points: Inside the box.

        Raises:
            ValueError: If they have another shape or leave the box.
        """
        rows = PLANE.positions(self.potential, points)
        parts = [
            self.model(tf.constant(rows[at : at + AT_ONCE])).numpy()
            for at in range(0, len(rows), AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, self.energies.size))

    def density(self, points: ArrayLike) -> Array:
        """|psi_k|^2 at points ``(n, 2)``, shape ``(n, K)``."""
        return np.square(self.wavefunctions(points))

    @cached_property
    def _rule(self) -> Quadrature:
        # Of the columns alone: V has been searched for jumps when its levels were enclosed.
        return PlaneMesh(self.potential, self.energies.size).columns.rule(NODES, 10)

    @cached_property
    def _psi(self) -> Array:
        return self.wavefunctions(self._rule.nodes)

    def matrix(self, f: str | Callable[[Array, Array], Array]) -> Array:
        """<psi_i, f psi_j>, shape ``(K, K)``.

        Args:
            f: ``"x"``, ``"y"``, ``"x^2"``, ``"y^2"``, ``"r^2"``, ``"V"``, ``"T"``, the kinetic
                energy, or a function of x and y.
        """
        if isinstance(f, str) and f == "T":
            # H psi_j = E_j psi_j.
            return np.asarray(np.diag(self.energies) - self.matrix("V"))
        x, y = self._rule.nodes.T
        known = {**KNOWN, "V": self.potential}
        function = known.get(f) if isinstance(f, str) else f
        if not callable(function):
            raise ValueError(
                f"`f` must be one of {', '.join([*known, 'T'])} or a function of x and y. "
                f"Received: {f!r:.40}. Give e.g. lambda x, y: x * y."
            )
        values = formulas.evaluated("f", function, x, y)
        # Integral rho psi^2 = 1, of the psi of the equation, which is psi over the amplitude.
        rho = self.potential.rho / self.potential.amplitude**2
        measure = self._rule.weights * rho * values
        return np.asarray(self._psi.T @ (measure[:, None] * self._psi))

    def expectation(self, f: str | Callable[[Array, Array], Array]) -> Array:
        """<psi_k, f psi_k>, shape ``(K,)``; arguments as those of `matrix`."""
        return np.asarray(np.diag(self.matrix(f)))

    @property
    def dipoles(self) -> Array:
        """<psi_i, x psi_j> and <psi_i, y psi_j>, shape ``(2, K, K)``."""
        return np.stack([self.matrix("x"), self.matrix("y")])

    def probability(self, region: Callable[[Array, Array], Array]) -> Array:
        """The probability of each state to be in a region, shape ``(K,)``.

        Args:
            region: Whether points are inside, a function of x and y, as `Disc.contains`. One that
                is none of the potential's own is known to the accuracy of its boundary on nodes.
        """
        kinds.function("region", region, "x and y, as Disc((0, 0), 1.0, 0.0).contains")
        return self.expectation(lambda x, y: np.asarray(region(x, y), np.float64))

    def plot(self, states: Sequence[int] | None = None, density: bool = True) -> Figure:
        """Maps of |psi_k|^2 with the contours of V, each with its number and energy.

        Args:
            states: Which ones. Defaults to None: all, up to 12.
            density: Whether to draw psi^2. Defaults to True; else psi.

        Raises:
            ValueError: If a state is not of the solution.
        """
        shown = chosen(states, self.energies.size)
        if states is not None:
            limits.at_most("states", len(shown), drawn.MOST, "maps")
        return drawn.states(self, shown[: drawn.MOST], density)

    def walls(self) -> dict[str, object]:
        return {"box": list(self.potential.box)}

    def facts(self) -> list[tuple[dict[str, object], dict[str, object]]]:
        means = {f: self.expectation(f) for f in ("x", "y", "x^2", "y^2", "V")}
        shifts, bound = self.wall_shift, self.bound
        among = {k: cluster for cluster in self.clusters for k in cluster}
        return [
            (
                {
                    "cluster": [int(self.numbers[j]) for j in among[k]],
                    "wall_shift": shifts[k],
                    "bound": bound[k],
                },
                {"expectation": {f: values[k] for f, values in means.items()}},
            )
            for k in range(self.energies.size)
        ]

    def write_waves(self, folder: Path) -> None:
        """Write ``wavefunctions.npz``, for `numpy.load`.

        It holds ``x`` ``(n,)`` and ``y`` ``(m,)`` from wall to wall, ``V`` ``(n, m)``, ``psi``
        ``(K, n, m)``, and ``energies``, ``lower``, ``upper``, ``quantum_numbers`` ``(K,)``.
        """
        x, y, v = grid(self.potential)
        psi = self.wavefunctions(np.stack(np.meshgrid(x, y, indexing="ij"), -1).reshape(-1, 2))
        np.savez_compressed(
            folder / "wavefunctions.npz",
            x=x,
            y=y,
            V=v,
            psi=psi.T.reshape(-1, x.size, y.size),
            energies=self.energies,
            lower=self.lower,
            upper=self.upper,
            quantum_numbers=self.quantum_numbers,
        )


KNOWN: dict[str, Callable[[Array, Array], Array]] = {
    "x": lambda x, y: x,
    "y": lambda x, y: y,
    "x^2": lambda x, y: x**2,
    "y^2": lambda x, y: y**2,
    "r^2": lambda x, y: x**2 + y**2,
}
