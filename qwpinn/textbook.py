"""Textbook potentials: those whose levels are known in closed form, but for roots.

The levels of `Harmonic`, `Morse` and `PoeschlTeller` are those of the infinite line; `levels` gives
them as long as the walls of the box leave them alone. Those of `Triangular` are exact in the box.
"""

import abc
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import airy

from qwpinn import _check
from qwpinn.potential import Interval, Potential
from qwpinn.shapes import Centred, set_positive

Array = NDArray[np.float64]


class _OnTheLine(Potential):
    """A potential with a closed form for the levels between walls at -infinity and infinity."""

    @property
    @abc.abstractmethod
    def bound_states(self) -> float:
        """How many levels there are without walls: an integer, or infinity."""

    @abc.abstractmethod
    def _level(self, quantum_numbers: Array) -> Array:
        """The levels n = 0, 1, ... without walls."""

    def levels(self, n: int) -> Array:
        """The `n` lowest exact energies, shape (n,).

        Raises:
            LookupError: If fewer states are bound, or the walls shift a level by more than 1e-12 of
                its energy, as estimated from the tunnelling towards them.
        """
        count = _check.integer("n", n)
        if count > self.bound_states:
            raise LookupError(
                f"`n` must not exceed the {self.bound_states} bound states of {self!r}. "
                f"Received: n={count}. For the levels of the box, "
                "use qwpinn.references.legendre_galerkin."
            )
        energies = self._level(np.arange(count, dtype=np.float64))
        # The highest level reaches furthest towards the walls.
        shift = self._wall_shift(energies) / abs(float(energies[-1]))
        if shift > 1e-12:
            raise LookupError(
                f"`n` must leave out levels that the walls shift. Received: n={count}, and walls "
                f"that shift the last level by about {shift:.0e} of its energy. Give a wider box, "
                "or use qwpinn.references.legendre_galerkin."
            )
        return energies

    def _wall_shift(self, energies: Array) -> float:
        """About how much the walls lift the last level: spacing / pi * sum of exp(-2 action).

        The action is the integral of sqrt(V - E) from the turning point to a wall. By WKB, a wall
        turns the phase at the turning point by exp(-2 action), and a turn by pi is a whole spacing.
        """
        x = np.linspace(*self.interval, 4001)
        v = self(x)
        bottom = int(np.argmin(v))
        spacing = energies[-1] - (energies[-2] if energies.size > 1 else v[bottom])
        kappa = np.sqrt(np.maximum(v - energies[-1], 0.0))
        left = np.trapezoid(kappa[: bottom + 1], x[: bottom + 1])
        right = np.trapezoid(kappa[bottom:], x[bottom:])
        return float(spacing / math.pi * (np.exp(-2.0 * left) + np.exp(-2.0 * right)))


@dataclass(frozen=True)
class Harmonic(_OnTheLine, Centred):
    """The oscillator V = omega^2 x^2 between walls at +- box / 2: E_n = omega (2 n + 1).

    Args:
        omega: The frequency, an inverse length squared. Defaults to 1.0.
        box: The distance of the walls. Defaults to None: 17 / sqrt(omega), where the walls shift
            the lowest ten levels by less than round-off.

    Raises:
        ValueError: If an argument is not positive and finite.

    Example:
        >>> Harmonic(omega=2.0).levels(3)
        array([ 2.,  6., 10.])

    Reference:
        D. J. Griffiths, Introduction to Quantum Mechanics, section 2.3,
        doi:10.1017/9781316995433
    """

    omega: float = 1.0
    box: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        set_positive(self, omega="frequency")

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`."""
        return np.asarray(np.square(self.omega * np.asarray(x, dtype=np.float64)))

    @property
    def bound_states(self) -> float:
        """Infinitely many."""
        return math.inf

    def _level(self, quantum_numbers: Array) -> Array:
        return self.omega * (2.0 * quantum_numbers + 1.0)

    @property
    def _default_box(self) -> float:
        return 17.0 / math.sqrt(self.omega)


@dataclass(frozen=True)
class Morse(_OnTheLine):
    """The molecule V = depth (1 - exp(-alpha (x - minimum)))^2.

    E_n = 2 alpha sqrt(depth) (n + 1/2) - alpha^2 (n + 1/2)^2 while n + 1/2 < sqrt(depth) / alpha.

    Args:
        depth: The energy of dissociation, from the minimum on. Defaults to 36.0.
        alpha: The inverse width. Defaults to 1.0.
        minimum: The position of the minimum. Defaults to 0.0.
        interval: The walls (a, b). Defaults to None: so far away that they leave the lower half of
            the bound states alone.

    Raises:
        TypeError: If an argument does not hold real numbers.
        ValueError: If `depth` or `alpha` is not positive, or `interval` does not increase.

    Example:
        >>> Morse(depth=36.0, alpha=1.0).levels(3)
        array([ 5.75, 15.75, 23.75])

    Reference:
        P. M. Morse, Phys. Rev. 34 (1929) 57, doi:10.1103/PhysRev.34.57
    """

    depth: float = 36.0
    alpha: float = 1.0
    minimum: float = 0.0
    interval: Interval = None  # type: ignore[assignment]  # never None after __post_init__

    def __post_init__(self) -> None:
        set_positive(self, depth="energy", alpha="inverse length")
        object.__setattr__(self, "minimum", _check.finite("minimum", self.minimum))
        walls = self._wide_walls() if self.interval is None else self.interval
        object.__setattr__(self, "interval", _check.interval("interval", walls))

    @property
    def cut_ends(self) -> tuple[bool, bool]:
        """Both: V is on the line."""
        return True, True

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`."""
        distances = np.asarray(x, dtype=np.float64) - self.minimum
        return np.asarray(self.depth * np.square(np.expm1(-self.alpha * distances)))

    @property
    def bound_states(self) -> int:
        """The number of n = 0, 1, ... with n + 1/2 < sqrt(depth) / alpha."""
        return max(0, math.ceil(math.sqrt(self.depth) / self.alpha - 0.5))

    def _level(self, quantum_numbers: Array) -> Array:
        halves = quantum_numbers + 0.5
        return self.alpha * halves * (2.0 * math.sqrt(self.depth) - self.alpha * halves)

    def _wide_walls(self) -> Interval:
        """Where the action is 16 or more for the uppermost level of the lower half.

        With lengths in 1 / alpha and size = sqrt(depth) / alpha, V = E where exp(-x) = 1 +- root;
        to the right kappa is constant in the end, to the left it grows like size exp(-x).
        """
        size = math.sqrt(self.depth) / self.alpha
        kappa = max(size - 0.5 * max(1, self.bound_states + self.bound_states % 2) + 0.5, 0.1)
        root = math.sqrt(max(0.0, 1.0 - (kappa / size) ** 2))
        left = math.log1p(root + 18.0 / size + (30.0 / size) ** (2.0 / 3.0))
        right = 0.5 + 18.0 / kappa - math.log1p(-root)
        return self.minimum - left / self.alpha, self.minimum + right / self.alpha


@dataclass(frozen=True)
class PoeschlTeller(_OnTheLine, Centred):
    """The dip V = -strength (strength + 1) alpha^2 / cosh(alpha x)^2.

    E_n = -alpha^2 (strength - n)^2 for n = 0, 1, ... below `strength`.

    Args:
        strength: A number, lambda; an integer makes V free of reflections. Defaults to 3.0.
        alpha: The inverse width. Defaults to 1.0.
        box: The distance of the walls. Defaults to None: 36 / alpha, where they leave those states
            alone that decay like exp(-alpha abs(x)) or faster.

    Raises:
        ValueError: If an argument is not positive and finite.

    Example:
        >>> PoeschlTeller(strength=3.0, alpha=1.0).levels(3)
        array([-9., -4., -1.])

    Reference:
        G. Poeschl, E. Teller, Z. Phys. 83 (1933) 143, doi:10.1007/BF01331132
    """

    strength: float = 3.0
    alpha: float = 1.0
    box: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        set_positive(self, strength="number", alpha="inverse length")

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`."""
        # exp(-2 abs) never overflows, as cosh would far outside.
        decay = np.exp(-2.0 * np.abs(self.alpha * np.asarray(x, dtype=np.float64)))
        height = 4.0 * self.strength * (self.strength + 1.0) * self.alpha**2
        return np.asarray(-height * decay / np.square(1.0 + decay))

    @property
    def bound_states(self) -> int:
        """The number of n = 0, 1, ... below `strength`."""
        return math.ceil(self.strength)

    def _level(self, quantum_numbers: Array) -> Array:
        return np.asarray(-np.square(self.alpha * (self.strength - quantum_numbers)))

    @property
    def _default_box(self) -> float:
        return 36.0 / self.alpha


@dataclass(frozen=True)
class Triangular(Potential):
    """The ramp V = slope x between walls at 0 and length.

    With z = slope^(1/3) (x - E / slope), psi is a sum of Ai(z) and Bi(z), and vanishes at both
    walls where

        Ai(z(0)) Bi(z(length)) = Ai(z(length)) Bi(z(0)).

    `levels` solves this as an equation of phases, arctan(Ai / Bi), whose difference increases with
    E, so that each root is bracketed. While V(length) is far above E_n, E_n = slope^(2/3) abs(a_n)
    with the zeros a_n of Ai.

    Args:
        slope: An energy over a length; for a falling ramp use `mirrored`. Defaults to 1.0.
        length: The distance of the walls. Defaults to 12.0.

    Raises:
        ValueError: If an argument is not positive and finite.

    Example:
        >>> Triangular(slope=1.0, length=12.0).levels(2)
        array([2.33810741, 4.08794944])

    Reference:
        NIST Digital Library of Mathematical Functions, section 9.8, dlmf.nist.gov/9.8
    """

    slope: float = 1.0
    length: float = 12.0

    def __post_init__(self) -> None:
        set_positive(self, slope="slope", length="length")

    @cached_property
    def interval(self) -> Interval:
        """The walls (0, length), where psi is zero."""
        return 0.0, self.length

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`."""
        return np.asarray(self.slope * np.asarray(x, dtype=np.float64))

    def levels(self, n: int) -> Array:
        """The `n` lowest exact energies in the box, shape (n,).

        Raises:
            LookupError: If the slope is so small that phases cancel to less than 12 digits.
        """
        unit = self.slope ** (2.0 / 3.0)
        levels = [self._level(j, unit) for j in range(1, _check.integer("n", n) + 1)]
        return np.array(levels)

    def _level(self, j: int, unit: float) -> float:
        """Level j = 1, 2, ...: between that of the empty box, and that lifted by V(length)."""
        height = self.slope * self.length / unit
        empty = (j * math.pi / self.length) ** 2 / unit

        def mismatch(energy: float) -> float:
            return _airy_phase(-energy) - _airy_phase(height - energy) - j * math.pi

        # Without a slope both bounds are the level itself: leave room for round-off.
        lower, upper = empty * (1.0 - 1e-9), (empty + height) * (1.0 + 1e-9)
        phase = _airy_phase(-lower)
        if np.finfo(np.float64).eps * phase > 1e-12 * j:
            raise LookupError(
                "`slope` must not be so small that the Airy functions lose their digits. Received: "
                f"slope={self.slope}, length={self.length}, with a phase of {phase:.0e}. Use "
                "qwpinn.references.legendre_galerkin instead."
            )
        return unit * float(brentq(mismatch, lower, upper, xtol=1e-300, rtol=1e-15))


def _airy_phase(z: float) -> float:
    """arctan(Ai / Bi), continued: 0 at infinity, about pi / 4 + 2/3 (-z)^(3/2) far to the left."""
    if z > 100.0:
        return 0.0  # Bi overflows
    ai, _, bi, _ = airy(z)
    principal = math.atan2(float(ai), float(bi))
    if z > -1.0:
        return principal
    estimate = 0.25 * math.pi + 2.0 / 3.0 * math.pow(-z, 1.5)
    return principal + 2.0 * math.pi * round((estimate - principal) / (2.0 * math.pi))
