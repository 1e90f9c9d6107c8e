"""Regions: parts of the plane where V has a value of its own, and jumps at their boundary.

Another kind of region is another class here. Who places quadrature nodes, counts levels or makes
inputs of a network asks it.
"""

from __future__ import annotations

import abc
import dataclasses
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.values import Box, Function, box_of, energy_or_function, evaluated, pair
from qwpinn.inputs import check
from qwpinn.inputs.frozen import set_fields
from qwpinn.storage.plain import Json, as_json
from qwpinn.units.dimensional import ENERGY, LENGTH, Dimension

Array = NDArray[np.float64]
# Of lengths: what rounding may do to them.
ROUNDING = 1e-12
# Points of a boundary at which its distance from others is asked for.
BOUNDARY = 2000


class Region(abc.ABC):
    """A part of the plane with a boundary that is smooth but at corners.

    Attributes:
        value: V inside: an energy, or a function of x and y.
    """

    value: float | Function
    # Of the fields: powers of energy and length.
    dimensions: ClassVar[Mapping[str, Dimension]] = {}
    # Whether the boundary is upright where it turns, a root of the distance in x.
    round: ClassVar[bool] = False

    @property
    @abc.abstractmethod
    def extent(self) -> Box:
        """The smallest box that holds it."""

    @property
    def turns(self) -> tuple[float, ...]:
        """Positions x between which vertical lines cross the boundary equally often, increasing."""
        return self.extent[:2]

    @property
    def lines(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Positions x, and y, of straight parts of the boundary along an axis."""
        return (), ()

    @abc.abstractmethod
    def crossings(self, x: Array) -> Array:
        """Where the boundary is crossed at x ``(n,)`` between two `turns`: y ``(m, n)``, rising."""

    @abc.abstractmethod
    def distance(self, x: Array, y: Array) -> Array:
        """How far points are from the boundary, negative inside."""

    @abc.abstractmethod
    def boundary(self, count: int) -> Array:
        """About so many points of the boundary, ``(n, 2)``."""

    @abc.abstractmethod
    def meets(self, x: Array, y: Array, half_x: Array, half_y: Array) -> NDArray[np.bool_]:
        """Whether the boundary may pass through the interior of cells: never no where it does.

        Args:
            x: Middles of the cells; all of shapes that broadcast.
            y: The same.
            half_x: Half of their widths.
            half_y: Half of their heights.
        """

    @property
    @abc.abstractmethod
    def where(self) -> str:
        """Its kind and place, for people."""

    @property
    @abc.abstractmethod
    def kink(self) -> tuple[str, tuple[float, ...]]:
        """What a network sees of it: a name of `qwpinn.networks.region_features`, and numbers."""

    @abc.abstractmethod
    def scaled(self, centre: tuple[float, float], unit: float) -> Region:
        """The same in the coordinates (x - centre) / unit."""

    @property
    @abc.abstractmethod
    def exchanged(self) -> Region:
        """The same with x and y exchanged, but for its value."""

    @property
    def corners(self) -> list[tuple[float, float]]:
        """Where its boundary has corners; often none."""
        return []

    def to_config(self) -> dict[str, Json]:
        """A dict of plain JSON values.

        Raises:
            TypeError: If its value is a function.
        """
        stored = {f.name: as_json(f.name, getattr(self, f.name)) for f in dataclasses.fields(self)}  # type: ignore[arg-type]
        return {"class": type(self).__name__, **stored}

    def valued(self, value: float | Function) -> Self:
        """The same with another value."""
        return dataclasses.replace(self, value=value)  # type: ignore[type-var]

    def contains(self, x: Array, y: Array) -> NDArray[np.bool_]:
        """Whether points are inside."""
        return np.asarray(self.distance(x, y) < 0.0)

    def inside(self, x: Array, y: Array) -> Array:
        """V inside at points, of their shape."""
        return evaluated("value", self.value, x, y)

    def gap(self, other: Region) -> float:
        """How far two boundaries are from each other; negative if they cross."""
        between = []
        for one, two in ((self, other), (other, self)):
            points = one.boundary(BOUNDARY)
            found = two.distance(points[:, 0], points[:, 1])
            if found.min() < 0.0 < found.max():
                return float(-min(-found.min(), found.max()))
            between.append(np.abs(found).min())
        return float(min(between))

    def holds(self, other: Region) -> bool:
        """Whether it holds all of another that it does not cross."""
        points = other.boundary(8)
        return bool(self.contains(points[:, 0], points[:, 1]).all())


@dataclass(frozen=True)
class Disc(Region):
    """The points nearer to a centre than a radius.

    Args:
        centre: (x, y).
        radius: Above 0.
        value: V inside: a number, or a function of x and y.

    Example:
        >>> Disc((0.0, 0.0), 1.0, -5.0).extent
        (-1.0, 1.0, -1.0, 1.0)
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "centre": LENGTH,
        "radius": LENGTH,
        "value": ENERGY,
    }
    round = True

    centre: tuple[float, float]
    radius: float
    value: float | Function

    def __post_init__(self) -> None:
        set_fields(
            self,
            centre=pair("centre", self.centre),
            radius=check.positive("radius", self.radius),
            value=energy_or_function("value", self.value),
        )

    @property
    def extent(self) -> Box:
        (x, y), r = self.centre, self.radius
        return x - r, x + r, y - r, y + r

    def crossings(self, x: Array) -> Array:
        half = np.sqrt(np.maximum(self.radius**2 - (x - self.centre[0]) ** 2, 0.0))
        return np.stack([self.centre[1] - half, self.centre[1] + half])

    def distance(self, x: Array, y: Array) -> Array:
        return np.asarray(np.hypot(x - self.centre[0], y - self.centre[1]) - self.radius)

    def boundary(self, count: int) -> Array:
        angle = 2.0 * np.pi * np.arange(count) / count
        return self.centre + self.radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)

    def meets(self, x: Array, y: Array, half_x: Array, half_y: Array) -> NDArray[np.bool_]:
        right, up = np.abs(x - self.centre[0]), np.abs(y - self.centre[1])
        near = np.hypot(np.maximum(right - half_x, 0.0), np.maximum(up - half_y, 0.0))
        far = np.hypot(right + half_x, up + half_y)
        slack = ROUNDING * (self.radius + np.hypot(*self.centre))
        return np.asarray((near <= self.radius + slack) & (far >= self.radius - slack))

    @property
    def where(self) -> str:
        return f"disc about ({self.centre[0]:.6g}, {self.centre[1]:.6g}), radius {self.radius:.6g}"

    @property
    def kink(self) -> tuple[str, tuple[float, ...]]:
        return "disc", (*self.centre, self.radius)

    def scaled(self, centre: tuple[float, float], unit: float) -> Disc:
        x, y = ((own - middle) / unit for own, middle in zip(self.centre, centre, strict=True))
        return Disc((x, y), self.radius / unit, self.value)

    @property
    def exchanged(self) -> Disc:
        return Disc(self.centre[::-1], self.radius, self.value)


@dataclass(frozen=True)
class Rectangle(Region):
    """The points between two x and two y.

    Args:
        box: (x0, x1, y0, y1).
        value: V inside: a number, or a function of x and y.

    Example:
        >>> Rectangle((-1.0, 1.0, 0.0, 2.0), 3.0).distance(0.0, 3.0)
        array(1.)
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "box": LENGTH,
        "value": ENERGY,
    }

    box: Box
    value: float | Function

    def __post_init__(self) -> None:
        set_fields(self, box=box_of("box", self.box), value=energy_or_function("value", self.value))

    @property
    def extent(self) -> Box:
        return self.box

    @property
    def lines(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        return self.box[:2], self.box[2:]

    def crossings(self, x: Array) -> Array:
        return np.stack([np.full_like(x, self.box[2]), np.full_like(x, self.box[3])])

    def distance(self, x: Array, y: Array) -> Array:
        a, b, c, d = self.box
        right, up = (np.abs(x - (a + b) / 2) - (b - a) / 2, np.abs(y - (c + d) / 2) - (d - c) / 2)
        beyond = np.hypot(np.maximum(right, 0.0), np.maximum(up, 0.0))
        return np.asarray(beyond + np.minimum(np.maximum(right, up), 0.0))

    def boundary(self, count: int) -> Array:
        a, b, c, d = self.box
        t = np.linspace(0.0, 1.0, max(2, count // 4 + 1))[:-1, None]
        corners = np.array([[a, c], [b, c], [b, d], [a, d], [a, c]])
        return np.concatenate([one + t * (two - one) for one, two in itertools.pairwise(corners)])

    def meets(self, x: Array, y: Array, half_x: Array, half_y: Array) -> NDArray[np.bool_]:
        a, b, c, d = self.box
        # Edges of a cell on a line of the boundary differ from it by rounding.
        slack = ROUNDING * max(map(abs, self.box))
        left, right, low, high = x - half_x + slack, x + half_x - slack, y - half_y, y + half_y
        low, high = low + slack, high - slack
        apart = (right <= a) | (left >= b) | (high <= c) | (low >= d)
        within = (left >= a) & (right <= b) & (low >= c) & (high <= d)
        return np.logical_not(np.logical_or(apart, within))

    @property
    def where(self) -> str:
        a, b, c, d = self.box
        return f"rectangle, x from {a:.6g} to {b:.6g}, y from {c:.6g} to {d:.6g}"

    @property
    def kink(self) -> tuple[str, tuple[float, ...]]:
        return "rectangle", self.box

    def scaled(self, centre: tuple[float, float], unit: float) -> Rectangle:
        middle = np.repeat(centre, 2)
        a, b, c, d = ((np.array(self.box) - middle) / unit).tolist()
        return Rectangle((a, b, c, d), self.value)

    @property
    def exchanged(self) -> Rectangle:
        return Rectangle((*self.box[2:], *self.box[:2]), self.value)

    @property
    def corners(self) -> list[tuple[float, float]]:
        return [(x, y) for x in self.box[:2] for y in self.box[2:]]


# Those that a description may name.
REGIONS: dict[str, type[Region]] = {kind.__name__: kind for kind in (Disc, Rectangle)}
