"""Textbook potentials: those whose levels are known in closed form, but for roots.

The levels of `Harmonic`, `Morse` and `PoeschlTeller` are those of the infinite line; `levels` gives
them as long as the walls of the box leave them alone.
"""

import abc
import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.potential import Interval, Potential
from qwpinn.inputs import check
from qwpinn.inputs.frozen import set_fields, set_positive
from qwpinn.potentials.smooth import Centred
from qwpinn.units.dimensional import ENERGY, LENGTH, Dimension

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
        count = check.integer("n", n)
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

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "omega": (0.5, -1.0),
        "box": LENGTH,
    }

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

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "depth": ENERGY,
        "alpha": (0.0, -1.0),
        "minimum": LENGTH,
        "interval": LENGTH,
    }

    depth: float = 36.0
    alpha: float = 1.0
    minimum: float = 0.0
    interval: Interval = None  # type: ignore[assignment]  # never None after __post_init__

    def __post_init__(self) -> None:
        set_positive(self, depth="energy", alpha="inverse length")
        set_fields(self, minimum=check.finite("minimum", self.minimum))
        walls = self._wide_walls() if self.interval is None else self.interval
        set_fields(self, interval=check.interval("interval", walls))

    @property
    def cut_ends(self) -> tuple[bool, bool]:
        """Both: V is on the line."""
        return True, True

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`."""
        distances = np.asarray(x, dtype=np.float64) - self.minimum
        return np.asarray(self.depth * np.square(np.expm1(-self.alpha * distances)))

    def walled(self, kinetic: float) -> Potential:
        """The same V, walls that are the default ones put where they fit hbar^2/2m."""
        if self.interval != self._wide_walls():
            return self
        unit = math.sqrt(kinetic)
        left, right = self._rescaled(unit)._wide_walls()
        return dataclasses.replace(self, interval=(unit * left, unit * right))

    def varied(self, parameter: str, value: float) -> Self:
        """The same potential with another value of one of its numbers; default walls go along."""
        changed = super().varied(parameter, value)
        if self.interval != self._wide_walls():
            return changed
        return dataclasses.replace(changed, interval=None)  # type: ignore[arg-type]

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

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "alpha": (0.0, -1.0),
        "box": LENGTH,
    }

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

    def in_length(self, unit: float) -> Potential:
        """V(unit y): as deep, strength (strength + 1) alpha^2, with alpha in units of 1 / unit."""
        product = self.strength * (self.strength + 1.0) / unit**2
        strength = 2.0 * product / (1.0 + math.sqrt(1.0 + 4.0 * product))
        box = None if self.box is None else self.box / unit
        return PoeschlTeller(strength, self.alpha * unit, box)

    @property
    def bound_states(self) -> int:
        """The number of n = 0, 1, ... below `strength`."""
        return math.ceil(self.strength)

    def _level(self, quantum_numbers: Array) -> Array:
        return np.asarray(-np.square(self.alpha * (self.strength - quantum_numbers)))

    @property
    def _default_box(self) -> float:
        return 36.0 / self.alpha
