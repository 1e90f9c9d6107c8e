"""Space-time: [a, b] x [0, T] with the equation of a psi that moves there, driven or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation import couplings, kinds
from qwpinn.equation.couplings import InSpace, InTime
from qwpinn.equation.ends import DIRICHLET
from qwpinn.equation.hidden import refuse_hidden
from qwpinn.equation.potential import Potential, values
from qwpinn.equation.semiclassics import ground_energy
from qwpinn.inputs import check
from qwpinn.quadrature import Quadrature, gauss_legendre, panels
from qwpinn.training.points import own_positions

Array = NDArray[np.float64]

# Gauss's nodes in a panel.
ORDER = 12


@dataclass(frozen=True)
class Drive:
    """f(t) W(x), what is added to V.

    Args:
        coupling: W, a function of own positions; a `Potential` of the same walls is one.
        strength: f, a function of one time; a `Potential` on [0, T] knows where it jumps.
    """

    coupling: InSpace
    strength: InTime

    @classmethod
    def of(cls, given: object, potential: Potential, duration: float) -> Drive | None:
        """What ``drive=(W, f)`` means in a well, as for `qwpinn.evolve`; None of None.

        Raises:
            TypeError: If it is no such pair.
            ValueError: If W has no such name or is not smooth where V is, or one lives elsewhere.
        """
        if given is None or isinstance(given, cls):
            return given
        coupling, strength = couplings.coupled(given, potential)
        for part, ends in ((coupling, potential.interval), (strength, (0.0, duration))):
            if isinstance(part, Potential) and not np.allclose(part.interval, ends, 1e-12, 1e-12):
                raise ValueError(
                    f"`drive` must live between the walls and on [0, T], here on {ends}. Received: "
                    f"one on {part.interval}. Give it there, or as a plain function."
                )
        if isinstance(coupling, Potential):
            _refuse_breakpoints(coupling, potential)
        return cls(coupling, strength)

    def __call__(self, x: Array, t: Array) -> Array:
        """f(t) W(x) at own positions and times of one shape."""
        times, where = np.unique(t, return_inverse=True)
        f = couplings.at_times("drive[1]", self.strength, times)[where].reshape(t.shape)
        return np.asarray(f * couplings.at_positions(self.coupling, x))


def _refuse_breakpoints(coupling: Potential, potential: Potential) -> None:
    """Refuse a W that jumps where no panel ends."""
    for position in coupling.breakpoints:
        if not np.any(np.isclose(potential.breakpoints, position, 1e-12, 1e-12)):
            raise ValueError(
                "`drive` must be smooth where the potential is. Received: a W with a breakpoint "
                f"at x={position:g}. Give potential.with_breakpoints([{position:g}]) as the well."
            )


@dataclass(frozen=True)
class SpaceTime:
    r"""The equation i hbar psi_t = H psi on [a, b] x [0, T].

    .. math:: H(t) = -\frac{1}{\rho} \frac{d^2}{dx^2} + V(x) + f(t) W(x)

    Args:
        potential: V and rho, with walls, and hbar: 1, or that of its `time_unit`.
        duration: T, in one over the unit of energy, or in that `time_unit`.
        drive: W and f. Defaults to None: no drive.
    """

    potential: Potential
    duration: float
    drive: Drive | None = None

    @classmethod
    def of(cls, potential: object, duration: object, drive: object = None) -> SpaceTime:
        """With all of it checked.

        Raises:
            TypeError: If one is of another kind.
            ValueError: If the well is of the plane, its mass depends on the energy, T is not
                positive or the drive lives elsewhere.
            ArithmeticError: If V is found not to be smooth where there is no breakpoint.
        """
        kinds.line(kinds.well(potential), "TimePINN", "Give a well of one dimension.")
        well = kinds.potential(potential)
        if well.energy_dependent or well.boundary_conditions is not DIRICHLET:
            raise ValueError(
                "`potential` must have one H for all energies, between two walls, to evolve psi in "
                f"time. Received: {kinds.shown(well)}. Give its parabolic_limit."
            )
        length = check.positive("duration", duration, "time")
        refuse_hidden(well.normal_form, ground_energy(well.normal_form))
        return cls(well, length, Drive.of(drive, well, length))

    @property
    def over_hbar(self) -> float:
        """T / hbar: times an energy, the angle by which a phase turns."""
        return self.duration / self.potential.hbar

    @property
    def form(self) -> Potential:
        """The `normal_form` of the well."""
        return self.potential.normal_form

    def own(self, x: Array) -> Array:
        """Own positions of those of the normal form."""
        return x if self.form is self.potential else own_positions(self.potential, x)

    def values(self, x: Array, t: Array) -> Array:
        """V(x) + f(t) W(x) at positions of the normal form and times, of one shape."""
        found = values(self.form, x)
        return found if self.drive is None else found + self.drive(self.own(x), t)

    def in_space(self, points: int) -> Quadrature:
        """About so many nodes between the walls of the normal form, split at the breakpoints."""
        return _nodes(self.form, points)

    def in_time(self, points: int, ends: tuple[float, ...] = ()) -> Quadrature:
        """About so many nodes in [0, T], split where f jumps, and at further ends."""
        return _nodes(_Times(np.union1d(self._jumps(), ends)), points)

    def panels(self, in_x: int, in_t: int) -> tuple[tuple[Array, int], tuple[Array, int]]:
        """Edges of panels in x and in t, and nodes in each, for about so many nodes."""
        return _panels(self.form, in_x), _panels(_Times(self._jumps()), in_t)

    def _jumps(self) -> Array:
        strength = None if self.drive is None else self.drive.strength
        inner = strength.breakpoints if isinstance(strength, Potential) else ()
        return np.array([0.0, *inner, self.duration])


@dataclass(frozen=True)
class _Times:
    """Ends of stretches of time."""

    smooth_pieces: Array


def _panels(pieces: Any, points: int) -> tuple[Array, int]:
    """Edges of panels of about equal width, and how many nodes each has, for about so many."""
    order = min(ORDER, max(3, points // (pieces.smooth_pieces.size - 1)))
    return panels(pieces, max(1, round(points / order))), order


def _nodes(pieces: Any, points: int) -> Quadrature:
    """About so many nodes, on panels of about equal width."""
    return gauss_legendre(*_panels(pieces, points))
