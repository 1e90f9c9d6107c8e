"""Shapes: smooth potentials given by a formula, without a closed form for their levels."""

import abc
import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.potential import Interval, Potential
from qwpinn.inputs.frozen import set_positive
from qwpinn.units.dimensional import ENERGY, LENGTH, Dimension

Array = NDArray[np.float64]


class Centred(Potential):
    """A potential symmetric about 0, between walls at +- box / 2."""

    even: ClassVar[bool] = True

    box: float | None

    def __post_init__(self) -> None:
        if self.box is not None:
            set_positive(self, box="length")

    @property
    @abc.abstractmethod
    def _default_box(self) -> float:
        """The distance of the walls where `box` is None."""

    @cached_property
    def interval(self) -> Interval:
        """The walls (-box / 2, box / 2), where psi is zero."""
        half = 0.5 * (self._default_box if self.box is None else self.box)
        return -half, half

    @property
    def cut_ends(self) -> tuple[bool, bool]:
        """Both: V is on the line."""
        return True, True

    def walled(self, kinetic: float) -> Potential:
        """The same V, walls that are the default ones put where they fit hbar^2/2m."""
        if self.box is not None:
            return self
        left, right = self.in_length(math.sqrt(kinetic)).interval
        box = math.sqrt(kinetic) * (right - left)
        if math.isclose(box, self._default_box, rel_tol=1e-14):
            return self
        return dataclasses.replace(self, box=box)  # type: ignore[type-var]


@dataclass(frozen=True)
class Quartic(Centred):
    """V = coefficient x^4.

    Args:
        coefficient: An energy over a length to the fourth. Defaults to 1.0.
        box: The distance of the walls. Defaults to None: 10 / coefficient^(1/6), where the walls
            shift the lowest ten levels by less than round-off.

    Raises:
        ValueError: If an argument is not positive and finite.

    Example:
        >>> Quartic(coefficient=2.0)([0.0, 1.0])
        array([0., 2.])

    Reference:
        C. M. Bender, T. T. Wu, Phys. Rev. 184 (1969) 1231, doi:10.1103/PhysRev.184.1231
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "coefficient": (1.0, -4.0),
        "box": LENGTH,
    }

    coefficient: float = 1.0
    box: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        set_positive(self, coefficient="coefficient")

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`."""
        return np.asarray(self.coefficient * np.square(np.square(np.asarray(x, dtype=np.float64))))

    @property
    def _default_box(self) -> float:
        return float(10.0 / self.coefficient ** (1.0 / 6.0))


@dataclass(frozen=True)
class DoubleWell(Centred):
    """V = quartic x^4 - quadratic x^2, with minima at x = +- sqrt(quadratic / (2 quartic)).

    The barrier at 0 is quadratic^2 / (4 quartic) above the minima. The higher and wider it is, the
    closer are the levels of a pair, even and odd.

    Args:
        quartic: An energy over a length to the fourth. Defaults to 1.0.
        quadratic: An energy over a length squared. Defaults to 5.0.
        box: The distance of the walls. Defaults to None: 2 sqrt(quadratic / quartic), between the
            outer zeros of V, and 6 / quartic^(1/6) more.

    Raises:
        ValueError: If an argument is not positive and finite.

    Example:
        >>> DoubleWell(quartic=1.0, quadratic=2.0)([1.0, 2.0])
        array([-1.,  8.])

    Reference:
        S. Coleman, Aspects of Symmetry, chapter 7, doi:10.1017/CBO9780511565045
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "quartic": (1.0, -4.0),
        "quadratic": (1.0, -2.0),
        "box": LENGTH,
    }

    quartic: float = 1.0
    quadratic: float = 5.0
    box: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        set_positive(self, quartic="coefficient", quadratic="coefficient")

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`."""
        squares = np.square(np.asarray(x, dtype=np.float64))
        return np.asarray((self.quartic * squares - self.quadratic) * squares)

    @property
    def _default_box(self) -> float:
        tail = 6.0 / self.quartic ** (1.0 / 6.0)
        return float(2.0 * math.sqrt(self.quadratic / self.quartic) + tail)


@dataclass(frozen=True)
class WoodsSaxon(Centred):
    """The nucleus V = -depth / (1 + exp((abs(x) - radius) / diffuseness)).

    V has a kink at 0, a breakpoint unless exp(-radius / diffuseness) is below round-off.

    Args:
        depth: Far inside, an energy. Defaults to 20.0.
        radius: Where V is half as deep. Defaults to 2.0.
        diffuseness: The length over which V rises there. Defaults to 0.3.
        box: The distance of the walls. Defaults to None: 4 radius + 10 diffuseness.

    Raises:
        ValueError: If an argument is not positive and finite.

    Example:
        >>> WoodsSaxon(depth=20.0, radius=2.0)([-2.0, 2.0])
        array([-10., -10.])

    Reference:
        R. D. Woods, D. S. Saxon, Phys. Rev. 95 (1954) 577, doi:10.1103/PhysRev.95.577
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "depth": ENERGY,
        "radius": LENGTH,
        "diffuseness": LENGTH,
        "box": LENGTH,
    }

    depth: float = 20.0
    radius: float = 2.0
    diffuseness: float = 0.3
    box: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        set_positive(self, depth="energy", radius="length", diffuseness="length")

    @cached_property
    def breakpoints(self) -> tuple[float, ...]:
        """The kink at 0, if it is above round-off."""
        slope = math.exp(-self.radius / self.diffuseness)
        return (0.0,) if slope > np.finfo(np.float64).eps else ()

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`."""
        distances = self.radius - np.abs(np.asarray(x, dtype=np.float64))
        return np.asarray(-self.depth * scipy.special.expit(distances / self.diffuseness))

    @property
    def _default_box(self) -> float:
        return 4.0 * self.radius + 10.0 * self.diffuseness


@dataclass(frozen=True)
class Gaussian(Centred):
    """The dip V = -depth exp(-x^2 / (2 width^2)).

    Args:
        depth: At 0, an energy. Defaults to 20.0.
        width: The standard deviation, a length. Defaults to 1.0.
        box: The distance of the walls. Defaults to None: 12 width.

    Raises:
        ValueError: If an argument is not positive and finite.

    Example:
        >>> Gaussian(depth=20.0)([0.0])
        array([-20.])

    Reference:
        S. M. Blinder, Energies for Particle in a Gaussian Potential Well, Wolfram Demonstrations
        Project (2012), demonstrations.wolfram.com/EnergiesForParticleInAGaussianPotentialWell
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "depth": ENERGY,
        "width": LENGTH,
        "box": LENGTH,
    }

    depth: float = 20.0
    width: float = 1.0
    box: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        set_positive(self, depth="energy", width="length")

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`."""
        distances = np.asarray(x, dtype=np.float64) / self.width
        return np.asarray(-self.depth * np.exp(-0.5 * np.square(distances)))

    @property
    def _default_box(self) -> float:
        return 12.0 * self.width
