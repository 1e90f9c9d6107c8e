"""The mesh of a plane: quadratures and counts for its lowest states."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.columns import Columns, Corner
from qwpinn.equation.ends import Ends, Walls
from qwpinn.equation.placement import Placement
from qwpinn.equation.plane import PlanePotential
from qwpinn.equation.plane_counting import CELLS, MOST_CELLS, PlaneCount
from qwpinn.equation.plane_density import Cells, cells, level, placed
from qwpinn.equation.plane_scaling import PlaneScaling
from qwpinn.equation.plane_search import refuse_rough
from qwpinn.inputs import check
from qwpinn.quadrature import Quadrature

Array = NDArray[np.float64]

# Of the shorter side of what has corners: how large panels at them are.
LEAST = 0.004
# What may suit: less where V is steep at boundaries, more where wells are far apart.
STEEP = (0.1, 0.17, 0.3)
# By how many powers of ten enclosures shrink for each unit of n^(1/2).
PACE, PART = 0.42, 0.02
# Units of a network for which panels of 8 x 8 nodes do.
FEW = 400
# Of a bound of how many levels there are: it may be too large by the mesh alone.
NEARLY = 3
# How many nodes a panel and direction the second rule has more.
OTHER = 1


class PlaneMesh:
    """Quadratures, counts and places of units for the K lowest states of a plane.

    Args:
        well: The V.
        states: K.
        scaling: Defaults to None: that of the potential; a restored model has its own.
    """

    rank_tolerance = 1e-12
    # Of enclosures, as `Mesh` has them.
    fewest, most, order = 6_000, 48_000, 10
    agreement, resolution = 1e-8, 0.03
    widest, exact, guards = 1600, False, 6
    training_order, usual_points = 10, 1600
    symmetric = False

    steepnesses = STEEP

    def __init__(
        self, well: PlanePotential, states: int, scaling: PlaneScaling | None = None
    ) -> None:
        self.well = self.potential = well
        self.states = states
        self.scaling = PlaneScaling.for_potential(well) if scaling is None else scaling
        self._counts: dict[int, PlaneCount] = {}
        self._bounds: dict[tuple[int, float], int] = {}
        self._searched = False
        # Slopes of units over the wave number; one of `STEEP`, when it has been settled.
        self.steepness: float | None = None

    @cached_property
    def columns(self) -> Columns:
        """Rules that are cut where V jumps, with nodes crowded at corners."""
        potential = self.potential
        return Columns(potential.box, potential.regions, self._corners(), potential.lines)

    def quadrature(self, points: int, order: int, begun: float = 0.0) -> Quadrature:
        """About ``points`` nodes ``(n, 2)``, ``order`` a panel in each direction.

        Args:
            points: About how many; more where there are many boundaries.
            order: Nodes of a panel.
            begun: Above 0 for the rule with other nodes in the same panels.

        Raises:
            ArithmeticError: If V is found not to be smooth between the boundaries of its regions.
        """
        self._refuse_rough()
        return self.columns.rule(check.integer("points", points), order, OTHER if begun else 0)

    def _refuse_rough(self) -> None:
        if not self._searched:
            x0, x1, y0, y1 = self.potential.box
            # The ground state lies above min V by no less than that of the empty box.
            least = np.pi**2 * (1.0 / (x1 - x0) ** 2 + 1.0 / (y1 - y0) ** 2) / self.potential.rho
            refuse_rough(self.potential, least)
            self._searched = True

    @property
    def ends(self) -> Ends:
        """What psi does at the walls."""
        return Walls(*self.scaling.halves)

    @property
    def inputs(self) -> tuple[str, tuple[object, ...]]:
        """What a network sees: a name in `qwpinn.networks.ritz.FEATURES`, and its arguments."""
        unit, (x, y) = self.scaling.half_width, self.scaling.centre.tolist()
        scaled = [region.scaled((x, y), unit) for region in self.potential.regions]
        return "regions", ([region.kink for region in scaled],)

    def for_units(self, units: int) -> Quadrature:
        """The rule on which so many functions of a network are told apart, ten nodes each.

        Between boundaries that are near each other functions cancel, with coefficients of 10^6: of
        several regions there are half as many nodes again. Of few units a lower order is enough.
        """
        each = 15 if len(self.potential.regions) > 1 else 10
        return self.quadrature(max(1000, each * units), 8 if units <= FEW else 10)

    def count_below(self, energy: float, expected: int | None = None) -> int:
        """At least as many as there are levels below an energy; a million where it is not known.

        Args:
            energy: In the potential's unit.
            expected: How many there may be: where the bound is above that by less than `NEARLY`, a
                finer one is asked for. Defaults to None: it is not.
        """
        found = self._bound(CELLS, energy)
        if expected is not None and expected < found < expected + NEARLY:
            found = min(found, self._bound(MOST_CELLS, energy))
        return found

    def _bound(self, cells: int, energy: float) -> int:
        if (cells, energy) not in self._bounds:
            if cells not in self._counts:
                self._counts[cells] = PlaneCount(self.potential, cells)
            found = self._counts[cells].below(energy)
            self._bounds[cells, energy] = 10**6 if found is None else found
        return self._bounds[cells, energy]

    @cached_property
    def cells(self) -> Cells:
        """V on cells, in scaled units."""
        return cells(self.potential, self.scaling)

    @property
    def normalisation(self) -> float:
        """The usual weight of the overlaps in the loss."""
        # The residual of what is no state yet may be as large as its energy, and psi = 0 has none.
        return max(100.0, min(level(self.cells, self.states), 1e100) ** 2)

    def placed(self, units: int, rng: np.random.Generator) -> Placement:
        """Where units stand and how steep they are."""
        return placed(self.cells, self.states, units, self.steepness or STEEP[1], rng)

    @staticmethod
    def kink_weights(functions: int) -> float:
        """The deviation of the weights of so many kink functions: with more, each weighs less."""
        return 0.25 / max(1, functions)

    @staticmethod
    def fewest_units(states: int) -> int:
        """Of the first network that is tried for K states."""
        return max(200, 12 * states)

    @staticmethod
    def most_states(units: int) -> int:
        """For which the first network has no more than these units."""
        return units // 12

    @staticmethod
    def widened(units: int) -> int:
        """Of the next one."""
        return units * 5 // 4

    def falls_short(self, units: int, width: float, wider: int, rtol: float) -> bool:
        """Whether a wider network is known not to do, of enclosures of one of ``units``.

        Widths of enclosures fall about as 10^(-0.42 n^(1/2)) with n units. They are to be a part of
        rtol, for energies are no more than 30 times nearer than that.
        """
        if not np.isfinite(width):
            return False
        return bool(np.log10(width) - PACE * (wider**0.5 - units**0.5) > np.log10(PART * rtol))

    def refuse_wide(self, rtol: float) -> None:
        """Of the plane no box is known to be too wide."""

    def _corners(self) -> list[Corner]:
        found: list[Corner] = []
        for region in self.potential.regions:
            a, b, c, d = region.extent
            found += [Corner(x, y, LEAST * min(b - a, d - c)) for x, y in region.corners]
        return found
