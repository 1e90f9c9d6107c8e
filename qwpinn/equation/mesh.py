"""The mesh: quadrature panels as dense as the states need them, split at the breakpoints."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.counting import count_below
from qwpinn.equation.ends import Ends
from qwpinn.equation.hidden import refuse_hidden
from qwpinn.equation.placement import Placement
from qwpinn.equation.potential import Potential
from qwpinn.equation.scaling import Scaling
from qwpinn.equation.semiclassics import (
    Profile,
    density,
    kink_sharpness,
    level,
    profile,
    reach,
    strain,
)
from qwpinn.inputs import check
from qwpinn.quadrature import Quadrature, apportioned, gauss_legendre, numbered, panels

Array = NDArray[np.float64]

# Functions of a network whose singular values are below this share of the largest are one too many.
RANK_TOLERANCE = 1e-11
# Rounding of psi where it has died, in units of its largest value: 4000 times that of 1.
NOISE = 4000.0 * 2.0**-52


class Grading:
    """How densely the K lowest states of a potential need panels.

    The density is that of the network's units (`semiclassics.density`), plus a tenth of its mean
    everywhere, plus half of 1 / (distance + 1/q) towards breakpoints: there the states vary on the
    scale 1/q of the kink, on the allowed side too.

    Args:
        well: Any potential; the mesh is one of its `normal_form`.
        states: K.
        scaling: Defaults to that of the normal form; a restored model has its own.
    """

    def __init__(self, well: Potential, states: int, scaling: Scaling | None = None) -> None:
        self.well, self.states = well, states
        self.potential: Potential = well.normal_form
        self.scaling = Scaling.for_potential(self.potential) if scaling is None else scaling
        self.kinks = kink_sharpness(self.potential, self.scaling)
        self.profile: Profile = profile(self.potential, self.scaling, states)
        self.density: Array = density(self.profile, states)

    @cached_property
    def share(self) -> Array:
        """The integral of the panels' density up to each edge of the profile, ``(cells + 1,)``."""
        xi, widths = self.profile.middles, self.profile.widths
        crowd = np.zeros_like(xi)
        for centre, sharpness in zip(*self.kinks, strict=True):
            np.maximum(crowd, 0.5 / (np.abs(xi - centre) + 1.0 / sharpness), out=crowd)
        needed = self.density + 0.1 * (self.density @ widths) / 2.0 + crowd
        return np.concatenate([[0.0], np.cumsum(needed * widths)])

    def panels(self, count: int, begun: float = 0.0) -> Array:
        """The edges, in own units, of about ``count`` panels; at least one between breakpoints.

        Args:
            count: How many.
            begun: From 0 to 1: where in a panel the first one of a stretch begins. It leaves one
                panel more a stretch, and none of the other edges where they were.
        """
        ends = np.union1d(self.potential.smooth_pieces, self.potential.narrow[int(begun > 0.0)])
        at_ends = np.interp(self.scaling.position(ends), self.profile.edges, self.share)
        counts = apportioned(np.diff(at_ends), check.integer("count", count))
        of, number = numbered(counts)
        inner = at_ends[of] + np.diff(at_ends)[of] * ((number + begun) / counts[of])
        xi = np.interp(inner, self.share, self.profile.edges)
        x = self.scaling.centre + self.scaling.half_width * xi
        return np.sort(
            np.append(ends, x[(number + begun > 0.0) & (x > ends[of]) & (x < ends[of + 1])])
        )


def placed(edges: Array, density: Array, units: int, rng: np.random.Generator) -> Placement:
    """Units at the quantiles of a density.

    Slopes are 0.7 times this density at the centre, so that neighbours overlap where units are
    sparse, with random signs and a random factor from 0.6 to 1.4.

    Args:
        edges: Of cells, from -1 to 1, shape ``(n + 1,)``.
        density: Units wanted per unit of xi in each cell, up to a factor, ``(n,)``.
        units: How many.
        rng: Of signs and factors.
    """
    mass = np.concatenate([[0.0], np.cumsum(density * np.diff(edges))])
    centres = np.interp((np.arange(units) + 0.5) / units * mass[-1], mass, edges)
    slopes = 0.7 * np.interp(centres, (edges[1:] + edges[:-1]) / 2, density)
    slopes *= rng.uniform(0.6, 1.4, units) * rng.choice([-1.0, 1.0], units)
    return Placement(centres[:, None], slopes[:, None])


class Mesh(Grading):
    """Quadratures for the K lowest states of a potential, on panels graded for them.

    Its arguments are those of `Grading`.

    Raises:
        ArithmeticError: If V or rho is found not to be smooth where there is no breakpoint.
    """

    rank_tolerance = RANK_TOLERANCE
    # Nodes of the first pair of rules for enclosures, of the last, and nodes a panel.
    fewest, most, order = 900, 28_800, 15
    # The widest network that is tried unasked.
    widest = 600
    # Whether counts are exact, and no mere upper bounds; states beside those asked for.
    exact, guards, normalisation = True, 4, 100.0
    # Nodes a panel of collocation points.
    training_order = 12
    # In units of E - min V: by how much more than rounding two rules may differ.
    agreement = 0.0
    # By how much of E - min V a count may be too large.
    resolution = 0.0
    # Slopes of units over their density; where it is None, one of several is to be chosen.
    steepness: float | None = 0.7
    steepnesses: tuple[float, ...] = ()
    # Weights of inputs with kinks are normal with this deviation.

    def __init__(self, well: Potential, states: int, scaling: Scaling | None = None) -> None:
        super().__init__(well, states, scaling)
        self._counts: dict[float, int] = {}
        refuse_hidden(self.potential, self.scaling.energy_unit * level(self.profile, 0.5))

    @property
    def ends(self) -> Ends:
        """What psi does at both ends."""
        return self.potential.boundary_conditions

    @property
    def inputs(self) -> tuple[str, tuple[object, ...]]:
        """What a network sees: a name in `qwpinn.networks.ritz.FEATURES`, and its arguments."""
        return "kinks", self.kinks

    @property
    def usual_points(self) -> int:
        """Collocation points for twice as many residuals as usual networks have weights."""
        return 312 + 104 * len(self.kinks[0])

    def for_units(self, units: int) -> Quadrature:
        """The rule on which so many functions of a network are told apart, five nodes each."""
        return self.quadrature(max(360, 5 * units), order=12)

    def placed(self, units: int, rng: np.random.Generator) -> Placement:
        """Units by their density (`placed`)."""
        return placed(self.profile.edges, self.density, units, rng)

    @cached_property
    def symmetric(self) -> bool:
        """Whether V and rho are even about the middle of the interval."""
        at = self.profile
        return np.allclose(at.edges, -at.edges[::-1], rtol=0.0, atol=1e-12) and all(
            np.allclose(column, column[::-1], rtol=1e-12, atol=1e-12 * np.max(np.abs(column)))
            for column in (at.potential, at.weight)
        )

    @staticmethod
    def kink_weights(functions: int) -> float:
        """The deviation of the weights of so many kink functions."""
        return 0.5

    def count_below(self, energy: float, expected: int | None = None) -> int:
        """`qwpinn.equation.count_below` of its potential, remembered.

        Args:
            energy: In the potential's units.
            expected: How many there may be; this count is exact.
        """
        if energy not in self._counts:
            self._counts[energy] = count_below(self.potential, energy)
        return self._counts[energy]

    def quadrature(self, points: int, order: int, begun: float = 0.0) -> Quadrature:
        """About ``points`` Gauss-Legendre nodes, ``order`` a panel.

        With more breakpoints than panels the order is lowered, to 3 at the least: a stretch between
        two samples of a table needs no more.

        Args:
            points: About how many.
            order: The most nodes in a panel.
            begun: See `panels`.
        """
        order = min(order, max(3, points // (self.potential.smooth_pieces.size - 1)))
        return gauss_legendre(self.panels(max(1, round(points / order)), begun), order)

    @staticmethod
    def fewest_units(states: int) -> int:
        """Of the first network that is tried for K states."""
        return 48 + 4 * states

    @staticmethod
    def most_states(units: int) -> int:
        """For which the first network has no more than these units."""
        return (units - 48) // 4

    @staticmethod
    def widened(units: int) -> int:
        """Of the next one."""
        return units * 3 // 2

    def falls_short(self, units: int, width: float, wider: int, rtol: float) -> bool:
        """Whether a wider network is known not to do, of enclosures of one of ``units``."""
        return False

    def refuse_wide(self, rtol: float) -> None:
        """Refuses a box so wide that rounding hides the states, where a part of it would do.

        Args:
            rtol: The largest width of an enclosure.

        Raises:
            ValueError: With the interval that suffices.
        """
        left, right = reach(self.profile, self.states)
        if right - left < 0.2 and NOISE * strain(self.profile, self.states) > rtol**0.5:
            scaling = self.scaling
            a, b = scaling.interval
            more = 0.05 * (right - left)
            low, high = (
                scaling.centre + scaling.half_width * x for x in (left - more, right + more)
            )
            raise ValueError(
                "`interval` must be narrow enough for V not to magnify the rounding of psi, which "
                f"has died, beyond rtol. Received: ({a:g}, {b:g}). Take ({low:.4g}, {high:.4g}), "
                "where all states asked for fall to 1e-17 of their height."
            )


def own_panels(potential: Potential, states: int, count: int) -> Array:
    """The edges of about ``count`` graded panels in a potential's own coordinate.

    Of bands whose mass depends on the energy, which have no single equation, they are even.

    Args:
        potential: The well, of any coordinate.
        states: K.
        count: About how many.
    """
    if potential.energy_dependent:
        return panels(potential, count)
    edges = Grading(potential, states).panels(count)
    own = np.union1d(np.linspace(*potential.interval, 4001), potential.breakpoints)
    found = np.interp(edges, potential.to_normal(own), own)
    # Carried back, an edge may miss its breakpoint by rounding.
    ends = potential.smooth_pieces
    apart = np.min(np.abs(found[:, None] - ends), axis=1) > 1e-13 * (ends[-1] - ends[0])
    return np.union1d(found[apart], ends)
