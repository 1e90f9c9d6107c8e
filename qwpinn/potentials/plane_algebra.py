"""Algebra of planes: sums of potentials, and potentials lifted, scaled, shifted and stretched.

Made by the operators and methods of `PlanePotential`. The regions are those of the parts, each with
the value that is made of theirs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.plane import PlanePotential, ordered
from qwpinn.equation.regions import Region
from qwpinn.equation.values import Box, Function, pair
from qwpinn.inputs import check
from qwpinn.inputs.frozen import set_fields
from qwpinn.potentials.of_two import OfTwo
from qwpinn.potentials.plane_functions import Elsewhere, Line, total
from qwpinn.potentials.plane_wrapper import PlaneWrapper
from qwpinn.units.dimensional import ENERGY, LENGTH, Dimension

Array = NDArray[np.float64]

# Of the box: walls that differ by less are the same.
SAME = 1e-12


@dataclass(frozen=True)
class PlaneSum(OfTwo):
    """V1(x, y) + V2(x, y), with the weight that both have: what ``V1 + V2`` returns.

    Args:
        first: A potential.
        second: A potential with the same walls and the same weight.

    Raises:
        TypeError: If a part is no potential of the plane.
        ValueError: If walls or weights differ, or boundaries of regions come too near.

    Example:
        >>> from qwpinn.potentials import CircularDot, Plane
        >>> tilted = CircularDot() + Plane(lambda x, y: 2.0 * x, CircularDot().box)
        >>> tilted([0.5, 2.0], [0.0, 0.0])
        array([ 1., 54.])
    """

    first: PlanePotential
    second: PlanePotential

    def __post_init__(self) -> None:
        check_plane("first", self.first)
        check_plane("second", self.second)
        one, other = np.array(self.first.box), np.array(self.second.box)
        if np.max(np.abs(one - other)) > SAME * np.max(np.abs(one)):
            raise ValueError(
                f"`second` must have the walls of `first`, {self.first.box}. Received: "
                f"{self.second.box}. Give both the same box, or move one by `shifted`."
            )
        if self.first.rho != self.second.rho:
            raise ValueError(
                f"`second` must have the weight rho of `first`, {self.first.rho:g}. Received: "
                f"{self.second.rho:g}. Give the same weight to both."
            )
        self._refuse_crossed()

    @property
    def box(self) -> Box:  # type: ignore[override]
        return self.first.box

    @property
    def rho(self) -> float:
        return self.first.rho

    @cached_property
    def regions(self) -> tuple[Region, ...]:  # type: ignore[override]
        # Of two with one boundary, one.
        alike = {region.kink: region for region in (*self.first.regions, *self.second.regions)}
        return tuple(
            region.valued(total(_within(self.first, region), _within(self.second, region)))
            for region in ordered(list(alike.values()), self.box)
        )

    @property
    def lines(self) -> tuple[tuple[float, ...], tuple[float, ...]]:  # type: ignore[override]
        both = zip(self.first.lines, self.second.lines, strict=True)
        x, y = (tuple(sorted({*one, *other})) for one, other in both)
        return x, y

    def _refuse_crossed(self) -> None:
        """Refuses regions that cross each other, and round ones that a line along x crosses."""
        for region in self.regions:
            _, _, low, high = region.extent
            for y in self.lines[1]:
                if region.round and low < y < high:
                    raise ValueError(
                        "`second` must have no line along x, where V jumps or has a kink, through "
                        f"a disc of the other. Received: y={y:.9g}, and a disc from {low:.9g} to "
                        f"{high:.9g}. Move one, or round the jump off."
                    )

    @property
    def cut_sides(self) -> tuple[bool, bool, bool, bool]:
        a, b, c, d = (
            one or other
            for one, other in zip(self.first.cut_sides, self.second.cut_sides, strict=True)
        )
        return a, b, c, d

    @property
    def constant_outside(self) -> bool:
        return self.first.constant_outside and self.second.constant_outside

    def outside(self, x: Array, y: Array) -> Array:
        return self.first.outside(x, y) + self.second.outside(x, y)


@dataclass(frozen=True)
class PlaneScaled(PlaneWrapper):
    """factor V(x, y) + offset, with the walls and the weight of V: what ``2.0 * V - 3.0`` returns.

    Args:
        potential: V; one that is scaled itself is taken apart, and its numbers are combined.
        factor: A number. Defaults to 1.0.
        offset: An energy. Defaults to 0.0.

    Raises:
        TypeError: If an argument is no potential of the plane, or no real number.
        ValueError: If a number is not finite.

    Example:
        >>> from qwpinn.potentials import CircularDot
        >>> (2.0 * CircularDot() - 3.0)([0.0, 2.0], [0.0, 0.0])
        array([-3., 97.])
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "offset": ENERGY,
    }

    potential: PlanePotential
    factor: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        check_plane("potential", self.potential)
        factor, offset = check.finite("factor", self.factor), check.finite("offset", self.offset)
        if type(self.potential) is type(self):
            offset += factor * self.potential.offset
            factor *= self.potential.factor
            set_fields(self, potential=self.potential.potential)
        set_fields(self, factor=factor, offset=offset)

    @cached_property
    def regions(self) -> tuple[Region, ...]:  # type: ignore[override]
        return tuple(
            region.valued(self._scaled_value(region.value)) for region in self.potential.regions
        )

    def _scaled_value(self, value: float | Function) -> float | Function:
        if callable(value):
            return Line(value, self.factor, self.offset)
        return self.factor * value + self.offset

    def outside(self, x: Array, y: Array) -> Array:
        return self.factor * self.potential.outside(x, y) + self.offset

    def in_length(self, unit: float) -> PlanePotential:
        return dataclasses.replace(self, potential=self.potential.in_length(unit))

    def levels(self, n: int) -> Array:
        """The `n` lowest exact energies of V, lifted; only for factor = 1."""
        return self.potential.levels(n) + self.offset if self.factor == 1.0 else super().levels(n)


@dataclass(frozen=True)
class PlaneMoved(PlaneWrapper):
    """V((x - dx) / stretch, (y - dy) / stretch): what `shifted` and `stretched` return.

    Walls and regions move along. With stretch = 1, the exact levels are those of V.

    Args:
        potential: V; one that is moved itself is taken apart, and its numbers are combined.
        stretch: Above 0. Defaults to 1.0.
        distance: Where (0, 0) goes. Defaults to (0.0, 0.0).

    Raises:
        TypeError: If an argument is no potential of the plane, or no real number.
        ValueError: If a number is not finite, or `stretch` is not positive.

    Example:
        >>> from qwpinn.potentials import CircularDot
        >>> CircularDot().stretched(2.0).shifted((1.0, 0.0)).box
        (-5.0, 7.0, -6.0, 6.0)
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "distance": LENGTH,
    }

    potential: PlanePotential
    stretch: float = 1.0
    distance: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        check_plane("potential", self.potential)
        stretch = check.positive("stretch", self.stretch, kind="number")
        dx, dy = pair("distance", self.distance)
        if type(self.potential) is type(self):
            before = self.potential.distance
            dx, dy = dx + stretch * before[0], dy + stretch * before[1]
            stretch *= self.potential.stretch
            set_fields(self, potential=self.potential.potential)
        set_fields(self, stretch=stretch, distance=(dx, dy))

    @property
    def box(self) -> Box:  # type: ignore[override]
        (dx, dy), (x0, x1, y0, y1) = self.distance, self.potential.box
        return (
            self.stretch * x0 + dx,
            self.stretch * x1 + dx,
            self.stretch * y0 + dy,
            self.stretch * y1 + dy,
        )

    @cached_property
    def regions(self) -> tuple[Region, ...]:  # type: ignore[override]
        centre = (-self.distance[0] / self.stretch, -self.distance[1] / self.stretch)
        moved = [region.scaled(centre, 1.0 / self.stretch) for region in self.potential.regions]
        return tuple(
            region.valued(Elsewhere(region.value, self.stretch, self.distance))
            if callable(region.value)
            else region
            for region in moved
        )

    @property
    def lines(self) -> tuple[tuple[float, ...], tuple[float, ...]]:  # type: ignore[override]
        each = zip(self.potential.lines, self.distance, strict=True)
        x, y = (tuple(self.stretch * at + along for at in axis) for axis, along in each)
        return x, y

    def outside(self, x: Array, y: Array) -> Array:
        return Elsewhere(self.potential.outside, self.stretch, self.distance)(x, y)

    def in_length(self, unit: float) -> PlanePotential:
        dx, dy = self.distance
        inner = self.potential.in_length(unit)
        return dataclasses.replace(self, potential=inner, distance=(dx / unit, dy / unit))

    def levels(self, n: int) -> Array:
        """The `n` lowest exact energies, those of V; only for stretch = 1."""
        return self.potential.levels(n) if self.stretch == 1.0 else super().levels(n)


PlanePotential.made_by(plus=PlaneSum, scaled=PlaneScaled, moved=PlaneMoved)


def check_plane(name: str, part: object) -> None:
    """Refuses what can be no part of another potential of the plane.

    Raises:
        TypeError: If it is none, or in units.
    """
    if not isinstance(part, PlanePotential):
        raise TypeError(
            f"`{name}` must be a potential of the plane. Received: {name} of type "
            f"{type(part).__name__}. Give e.g. qwpinn.Plane(function, box)."
        )
    if part.apart:
        raise TypeError(
            f"`{name}` must have numbers without units to be a part of another. Received: "
            f"{type(part).__name__}, {part.apart}."
        )


def _within(potential: PlanePotential, region: Region) -> float | Function:
    """V within a region that crosses none of the potential's own, but for what lies in it."""
    holding = [own for own in potential.regions if own.kink == region.kink or own.holds(region)]
    return holding[-1].value if holding else potential.between
