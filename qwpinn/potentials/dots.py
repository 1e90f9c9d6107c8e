"""Dots: V is 0 in a disc, a rectangle or two discs, and a number outside."""

import abc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.plane import PlanePotential, ordered
from qwpinn.equation.regions import Disc, Rectangle, Region
from qwpinn.equation.values import Box, box_of
from qwpinn.inputs import check
from qwpinn.inputs.frozen import set_fields
from qwpinn.units.dimensional import ENERGY, LENGTH, Dimension

Array = NDArray[np.float64]


class _Dug(PlanePotential):
    """V is ``depth`` outside regions where it is 0.

    Attributes:
        depth: An energy.
    """

    depth: float

    @property
    def cut_sides(self) -> tuple[bool, bool, bool, bool]:
        return True, True, True, True

    @property
    def constant_outside(self) -> bool:
        return True

    def outside(self, x: Array, y: Array) -> Array:
        return np.full_like(x, self.depth)

    def _checked(self, *lengths: str) -> None:
        """Stores the depth and these lengths as floats, refusing what is not positive."""
        for name in lengths:
            set_fields(self, **{name: check.positive(name, getattr(self, name))})
        set_fields(self, depth=check.positive("depth", self.depth, "energy"))


class _Boxed(_Dug):
    """One in a box that is as large as the regions ask for, where none is given.

    Attributes:
        box: The walls.
    """

    @property
    @abc.abstractmethod
    def _usual_box(self) -> Box:
        """Where none is given."""

    def _boxed(self) -> None:
        """Stores the walls, refusing regions that do not fit in."""
        box = self._usual_box if self.box is None else box_of("box", self.box)
        set_fields(self, box=box)
        ordered(self.regions, self.box)

    def varied(self, parameter: str, value: float) -> Self:
        """The same with another value of one of its numbers; default walls go along."""
        fields = self._fields_with(parameter, value)
        usual = self.box == self._usual_box
        return type(self)(**{**fields, "box": None if usual else self.box})


@dataclass(frozen=True)
class CircularDot(_Dug):
    """V = 0 in a disc about the middle of a square box, and ``depth`` outside.

    Args:
        radius: Of the disc. Defaults to 1.
        depth: V outside. Defaults to 50.
        half: Walls stand at +-half. Defaults to three radii.
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "radius": LENGTH,
        "depth": ENERGY,
        "half": LENGTH,
    }

    radius: float = 1.0
    depth: float = 50.0
    half: float | None = None

    def __post_init__(self) -> None:
        self._checked("radius", *(["half"] if self.half is not None else []))
        ordered(self.regions, self.box)

    @property
    def box(self) -> Box:  # type: ignore[override]
        half = 3.0 * self.radius if self.half is None else self.half
        return -half, half, -half, half

    @property
    def regions(self) -> tuple[Region, ...]:  # type: ignore[override]
        return (Disc((0.0, 0.0), self.radius, 0.0),)


@dataclass(frozen=True)
class RectangularDot(_Boxed):
    """V = 0 in a rectangle about the middle of a box, and ``depth`` outside.

    Args:
        width: Along x. Defaults to 2.
        height: Along y. Defaults to 1.4.
        depth: V outside. Defaults to 50.
        box: The walls. Defaults to None: three times the width, and 25/7 of half the height to
            either side.
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "width": LENGTH,
        "height": LENGTH,
        "depth": ENERGY,
        "box": LENGTH,
    }

    width: float = 2.0
    height: float = 1.4
    depth: float = 50.0
    box: Box = None  # type: ignore[assignment]  # never None in the end

    def __post_init__(self) -> None:
        self._checked("width", "height")
        self._boxed()

    @property
    def _usual_box(self) -> Box:
        across, up = 1.5 * self.width, 25.0 * self.height / 14.0
        return -across, across, -up, up

    @property
    def regions(self) -> tuple[Region, ...]:  # type: ignore[override]
        a, b = self.width / 2, self.height / 2
        return (Rectangle((-a, a, -b, b), 0.0),)


@dataclass(frozen=True)
class CoupledDots(_Boxed):
    """V = 0 in two equal discs at x = -+distance / 2, and ``depth`` outside.

    Args:
        radius: Of both. Defaults to 0.8.
        distance: Between their centres. Defaults to 2.2.
        depth: V outside. Defaults to 50.
        box: The walls. Defaults to None: three radii from the centres along x, and 3.125 along y.
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "radius": LENGTH,
        "distance": LENGTH,
        "depth": ENERGY,
        "box": LENGTH,
    }

    radius: float = 0.8
    distance: float = 2.2
    depth: float = 50.0
    box: Box = None  # type: ignore[assignment]  # never None in the end

    def __post_init__(self) -> None:
        self._checked("radius", "distance")
        self._boxed()

    @property
    def _usual_box(self) -> Box:
        across, up = (5.0 * self.distance + 30.0 * self.radius) / 10.0, 3.125 * self.radius
        return -across, across, -up, up

    @property
    def regions(self) -> tuple[Region, ...]:  # type: ignore[override]
        half = self.distance / 2
        return tuple(Disc((x, 0.0), self.radius, 0.0) for x in (-half, half))
