"""Waves: psi at several times, what it starts from, and what drives it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation import couplings, kinds
from qwpinn.equation.potential import Potential
from qwpinn.inputs import check, formulas, limits

Array = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]
Start = Callable[[Array], ArrayLike]
# W of positions, or its name, and f of a time, in H + f(t) W(x).
Drive = tuple[str | Callable[[Array], ArrayLike], Callable[[float], float]]
# From psi at a time, by as many steps of one length.
Advance = Callable[[ComplexArray, float, float, int], ComplexArray]


@dataclass(frozen=True)
class Propagated:
    """A wave at several times.

    Attributes:
        times: Shape (times,).
        x: Nodes from wall to wall, in the potential's own coordinate, shape (points,).
        psi: Complex, shape (times, points); 0 at the walls.
        weights: Of the nodes in integral rho f dx = sum of weights f, shape (points,); rho is 1
            unless the potential has a weight of its own.
        between: Takes positions of shape (n,) between the walls, returns psi, shape (times, n).
    """

    times: Array
    x: Array
    psi: ComplexArray
    weights: Array = field(repr=False)
    between: Callable[[Array], ComplexArray] = field(repr=False)

    @property
    def norm(self) -> Array:
        """Integral rho |psi|^2 dx at each time, shape (times,): what the steps conserve."""
        return np.asarray(np.square(np.abs(self.psi)) @ self.weights)

    def __call__(self, x: ArrayLike) -> ComplexArray:
        """Psi between the nodes, at all times.

        Args:
            x: Positions between the walls, shape (n,) or (n, 1).

        Returns:
            Complex, shape (times, n).

        Raises:
            TypeError: If `x` does not hold real numbers.
            ValueError: If its shape differs, or a position is beyond the walls.
        """
        return self.between(check.points(x, (float(self.x[0]), float(self.x[-1]))))


def linear(potential: Potential) -> Potential:
    """Returns a potential, refused where H itself depends on the energy."""
    if kinds.potential(potential).energy_dependent:
        raise ValueError(
            "`potential` must have masses that do not depend on the energy, for psi of many "
            f"energies moves in it. Received: {kinds.shown(potential)}. Take its parabolic_limit, "
            "or at(energy), the masses of one energy."
        )
    return potential


def moments(times: ArrayLike, points: int) -> Array:
    """Times at which psi is asked, increasing, from 0 on."""
    found = check.increasing("times", times, 1)
    if found[0] < 0.0:
        raise ValueError(
            f"`times` must not be negative: psi is psi0 at t = 0. Received: {found[0]:g}. "
            "Give times from 0 on; psi(-t) is the conjugate of what follows from conj(psi0)."
        )
    cure = "Give fewer times or points."
    limits.at_most("times", found.size * points, limits.EVOLVED, "numbers, times x points", cure)
    return found


def start(psi0: Start, x: Array) -> ComplexArray:
    """Psi at t = 0 on inner nodes.

    Raises:
        TypeError: If psi0 is no function, or returns no numbers.
        ValueError: If it returns another shape, or a number is not finite.
    """
    kinds.function("psi0", psi0, "positions")
    return formulas.wave(psi0, x, called="psi0(x)")


class Driving(NamedTuple):
    """What is added to H, f(t) W(x); of no drive it is 0.

    Attributes:
        coupling: W.
        strength: f.
    """

    coupling: couplings.InSpace
    strength: couplings.InTime

    @classmethod
    def of(cls, drive: Drive | None, potential: Potential) -> Driving:
        """The drive of a pair (W, f), as `qwpinn.equation.couplings.coupled` has it.

        Raises:
            TypeError: If it is no such pair.
            ValueError: If W has no such name.
        """
        if drive is None:
            return cls(np.zeros_like, lambda t: 0.0)
        return cls(*couplings.coupled(drive, potential))

    def shape(self, x: Array) -> Array:
        """W at positions.

        Raises:
            TypeError: If it returns no real numbers.
            ValueError: If it returns another shape, or a number is not finite.
        """
        return couplings.at_positions(self.coupling, x)

    def strengths(self, times: Array) -> Array:
        """F at times, each asked for itself, so that f may have an `if`.

        Raises:
            TypeError: If it returns no real number.
            ValueError: If it is not finite.
        """
        return couplings.at_times("drive[1]", self.strength, times)


def recorded(psi: ComplexArray, times: Array, steps: int, advance: Advance) -> ComplexArray:
    """Psi at each time on inner nodes, with 0 for the walls, shape (times, points).

    Every stretch between two times is divided into equal steps, the shorter ones rounded up.

    Args:
        psi: At t = 0.
        times: From 0 on.
        steps: From 0 to the last time, at least.
        advance: The scheme.
    """
    found = np.zeros((times.size, psi.size + 2), np.complex128)
    now = 0.0
    for row, time in zip(found, times.tolist(), strict=True):
        if time > now:
            # What rounding adds to a whole number of steps is not one more.
            count = math.ceil(steps * (time - now) / times[-1] - 1e-9)
            psi = advance(psi, now, (time - now) / max(1, count), max(1, count))
        row[1:-1], now = psi, time
    return found
