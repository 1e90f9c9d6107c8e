"""The mesh: quadrature panels as dense as the states need them, split at the breakpoints."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.counting import count_below
from qwpinn.equation.hidden import refuse_hidden
from qwpinn.equation.potential import Potential
from qwpinn.equation.scaling import Scaling
from qwpinn.equation.semiclassics import Profile, density, kink_sharpness, level, profile
from qwpinn.inputs import check
from qwpinn.quadrature import Quadrature, apportioned, gauss_legendre, numbered, panels

Array = NDArray[np.float64]


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


class Mesh(Grading):
    """Quadratures for the K lowest states of a potential, on panels graded for them.

    Its arguments are those of `Grading`.

    Raises:
        ArithmeticError: If V or rho is found not to be smooth where there is no breakpoint.
    """

    def __init__(self, well: Potential, states: int, scaling: Scaling | None = None) -> None:
        super().__init__(well, states, scaling)
        self._counts: dict[float, int] = {}
        refuse_hidden(self.potential, self.scaling.energy_unit * level(self.profile, 0.5))

    @cached_property
    def symmetric(self) -> bool:
        """Whether V and rho are even about the middle of the interval."""
        at = self.profile
        return np.allclose(at.edges, -at.edges[::-1], rtol=0.0, atol=1e-12) and all(
            np.allclose(column, column[::-1], rtol=1e-12, atol=1e-12 * np.max(np.abs(column)))
            for column in (at.potential, at.weight)
        )

    def count_below(self, energy: float) -> int:
        """`qwpinn.equation.count_below` of its potential, remembered.

        Args:
            energy: In the potential's units.
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
