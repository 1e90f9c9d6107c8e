"""Ready planes: the box, oscillators, and wells of Gaussians."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.plane import PlanePotential
from qwpinn.equation.values import Box, box_of
from qwpinn.inputs import check, limits
from qwpinn.inputs.frozen import set_fields
from qwpinn.potentials.solvable import Harmonic
from qwpinn.units.dimensional import ENERGY, LENGTH, Dimension

Array = NDArray[np.float64]

# Walls of an oscillator, in units of the length of its ground state.
REACH = 6.5


@dataclass(frozen=True)
class Box2D(PlanePotential):
    """V = 0 between walls: E = pi^2 (m^2 / a^2 + n^2 / b^2), m, n >= 1.

    Args:
        width: Along x, a. Defaults to 1.
        height: Along y, b. Defaults to 1.

    Example:
        >>> (Box2D().levels(3) / np.pi**2).round(9).tolist()
        [2.0, 5.0, 5.0]
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "width": LENGTH,
        "height": LENGTH,
    }

    width: float = 1.0
    height: float = 1.0

    def __post_init__(self) -> None:
        for name in ("width", "height"):
            set_fields(self, **{name: check.positive(name, getattr(self, name))})

    @property
    def box(self) -> Box:  # type: ignore[override]
        return 0.0, self.width, 0.0, self.height

    @property
    def constant_outside(self) -> bool:
        return True

    def outside(self, x: Array, y: Array) -> Array:
        return np.zeros_like(x)

    def in_length(self, unit: float) -> PlanePotential:
        return self._rescaled(unit)

    def levels(self, n: int) -> Array:
        """The `n` lowest exact energies, shape (n,)."""
        n = check.integer("n", n, maximum=limits.STATES)
        squares = (np.pi * np.arange(1, n + 1)) ** 2
        return np.sort((squares[:, None] / self.width**2 + squares / self.height**2).ravel())[:n]


@dataclass(frozen=True)
class Harmonic2D(PlanePotential):
    """V = a^2 x^2 + b^2 y^2: E = a (2 m + 1) + b (2 n + 1), m, n >= 0.

    Args:
        a: The frequency along x, an inverse length squared where hbar^2/2m = 1. Defaults to 1.
        b: That along y. Defaults to 1.
        reach: Walls stand at x = +-reach / a^(1/2), and y alike. Defaults to None: 6.5, times
            (hbar^2/2m)^(1/4).

    Example:
        >>> Harmonic2D(1.0, 2.0).levels(4).tolist()
        [3.0, 5.0, 7.0, 7.0]
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "a": (0.5, -1.0),
        "b": (0.5, -1.0),
        "reach": (0.25, 0.5),
    }

    a: float = 1.0
    b: float = 1.0
    reach: float | None = None

    def __post_init__(self) -> None:
        for name in ("a", "b"):
            set_fields(self, **{name: check.positive(name, getattr(self, name), "frequency")})
        if self.reach is not None:
            set_fields(self, reach=check.positive("reach", self.reach, "number"))

    @property
    def box(self) -> Box:  # type: ignore[override]
        reach = REACH if self.reach is None else self.reach
        across, up = reach / self.a**0.5, reach / self.b**0.5
        return -across, across, -up, up

    def walled(self, kinetic: float) -> PlanePotential:
        """The same V, walls that are the default ones put where they fit hbar^2/2m."""
        return self if self.reach is not None else replace(self, reach=REACH * kinetic**0.25)

    @property
    def cut_sides(self) -> tuple[bool, bool, bool, bool]:
        return True, True, True, True

    def outside(self, x: Array, y: Array) -> Array:
        return (self.a * x) ** 2 + (self.b * y) ** 2

    def in_length(self, unit: float) -> PlanePotential:
        return self._rescaled(unit)

    def levels(self, n: int) -> Array:
        """The `n` lowest exact energies without walls, shape (n,).

        Raises:
            LookupError: If the walls shift one.
        """
        n = check.integer("n", n, maximum=limits.STATES)
        odd = 2.0 * np.arange(n) + 1.0
        sums = self.a * odd[:, None] + self.b * odd
        lowest = np.argsort(sums, axis=None, kind="stable")[:n]
        both = zip(
            (self.a, self.b), self.box[1::2], np.unravel_index(lowest, sums.shape), strict=True
        )
        for omega, wall, quanta in both:
            # It refuses levels that walls shift.
            Harmonic(omega, 2.0 * wall).levels(int(quanta.max()) + 1)
        return np.asarray(sums.ravel()[lowest])


@dataclass(frozen=True)
class HenonHeiles(PlanePotential):
    """V = x^2 + y^2 + 2 l (x^2 y - y^3 / 3): an oscillator with three saddles at r = 1 / l.

    Args:
        strength: The l of V. Defaults to 0.0125^(1/2).
        half: Walls stand at +-half; inside the saddles. Defaults to 7.
    """

    strength: float = 0.0125**0.5
    half: float = 7.0

    def __post_init__(self) -> None:
        set_fields(self, strength=check.not_negative("strength", self.strength, "number"))
        set_fields(self, half=check.positive("half", self.half))

    @property
    def box(self) -> Box:  # type: ignore[override]
        return -self.half, self.half, -self.half, self.half

    @property
    def cut_sides(self) -> tuple[bool, bool, bool, bool]:
        return True, True, True, True

    def outside(self, x: Array, y: Array) -> Array:
        return x**2 + y**2 + 2.0 * self.strength * (x**2 * y - y**3 / 3.0)


@dataclass(frozen=True)
class Gaussians2D(PlanePotential):
    """V = -sum_i depth_i exp(-|r - r_i|^2 / (2 width_i^2)).

    Args:
        centres: Points (x, y).
        depths: Energies; negative ones are hills.
        widths: Lengths.
        box: The walls.
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "centres": LENGTH,
        "depths": ENERGY,
        "widths": LENGTH,
        "box": LENGTH,
    }

    centres: tuple[tuple[float, float], ...] = ((-1.0, 0.0), (1.0, 0.0))
    depths: tuple[float, ...] = (20.0, 20.0)
    widths: tuple[float, ...] = (0.5, 0.5)
    box: Box = (-4.0, 4.0, -3.0, 3.0)

    def __post_init__(self) -> None:
        centres = check.real_array("centres", self.centres)
        depths, widths = (check.real_array(n, getattr(self, n)) for n in ("depths", "widths"))
        count = len(centres) if centres.ndim == 2 and centres.shape[1] == 2 else 0
        if not count or not depths.shape == widths.shape == (count,):
            raise ValueError(
                "`centres` must be points (x, y), with one depth and one width each. Received: "
                f"shapes {centres.shape}, {depths.shape} and {widths.shape}. Give as many of each."
            )
        limits.at_most("centres", count, limits.BREAKPOINTS)
        for width in widths.tolist():
            check.positive("widths", width)
        set_fields(
            self,
            centres=tuple(map(tuple, centres.tolist())),
            depths=tuple(depths.tolist()),
            widths=tuple(widths.tolist()),
            box=box_of("box", self.box),
        )

    @property
    def cut_sides(self) -> tuple[bool, bool, bool, bool]:
        return True, True, True, True

    def outside(self, x: Array, y: Array) -> Array:
        v = np.zeros_like(x)
        for (a, b), depth, width in zip(self.centres, self.depths, self.widths, strict=True):
            v -= depth * np.exp(-((x - a) ** 2 + (y - b) ** 2) / (2.0 * width**2))
        return v
