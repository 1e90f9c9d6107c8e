"""Algebra: sums of potentials, and potentials lifted, scaled, shifted, stretched and mirrored.

Made by the operators and methods of `Potential`. What is made of constant layers has constant
layers itself, and a breakpoint where an edge is left with a jump; else the breakpoints are those of
the parts.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.layers import Layers, outer_barriers, panel_of, subdivided
from qwpinn.equation.potential import Interval, Potential
from qwpinn.inputs import check
from qwpinn.inputs.frozen import set_fields
from qwpinn.potentials.derived import Derived, Wrapper, check_part
from qwpinn.units.dimensional import ENERGY, LENGTH, Dimension

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sum(Derived):
    """V1(x) + V2(x), with the weight that both have: what ``V1 + V2`` returns.

    Args:
        first: A potential.
        second: A potential with the same walls and the same weight, up to round-off.

    Raises:
        TypeError: If a part is no potential.
        ValueError: If the intervals or the weights differ.

    Example:
        >>> from qwpinn.potentials import CustomPotential, InfiniteWell
        >>> tilted = InfiniteWell(width=2.0) + CustomPotential(lambda x: 3.0 * x, (0, 2))
        >>> tilted([0.0, 1.0])
        array([0., 3.])
    """

    first: Potential
    second: Potential

    def __post_init__(self) -> None:
        check_part("first", self.first)
        check_part("second", self.second)
        a, b = self.first.interval, self.second.interval
        if max(abs(a[0] - b[0]), abs(a[1] - b[1])) > self._slack:
            raise ValueError(
                f"`second` must have the interval of `first`, {a}. Received: {b}. Give both the "
                "same walls, or move one by `shifted`."
            )
        if not self._is_weight_shared():
            raise ValueError(
                "`second` must have the weight rho of `first`. Received: "
                f"{type(self.first).__name__} and {type(self.second).__name__} of different rho. "
                "Give the same weights to both."
            )

    @cached_property
    def interval(self) -> Interval:
        """The walls (a, b), where psi is zero."""
        return self.first.interval

    @cached_property
    def layers(self) -> Layers | None:
        """The layers between the edges of both, or None where V or rho varies."""
        first, second = self.first.layers, self.second.layers
        if first is None or second is None:
            return None
        inner = self._merged(first.edges[1:-1], second.edges[1:-1])
        edges = np.array([self.interval[0], *inner, self.interval[1]])
        middles = 0.5 * (edges[:-1] + edges[1:])
        heights = first.values[panel_of(middles, first.edges)]
        heights = heights + second.values[panel_of(middles, second.edges)]
        return Layers(edges, heights, first.weights[panel_of(middles, first.edges)])

    @property
    def cut_ends(self) -> tuple[bool, bool]:
        """Those where a part is cut; of constant layers, the outer barriers of the sum."""
        if self.layers is not None:
            return outer_barriers(self.layers.values)
        first, second = self.first.cut_ends, self.second.cut_ends
        return first[0] or second[0], first[1] or second[1]

    def __call__(self, x: ArrayLike) -> Array:
        """V1 + V2 at the positions `x`; exactly at a jump, the value to the right."""
        inside = _beside(x, self._seams, self._slack)
        walls = self.second.interval
        return self.first(inside) + self.second(np.clip(inside, *walls))

    def weight(self, x: ArrayLike) -> Array:
        """The common weight at the positions `x`."""
        return self.first.weight(_beside(x, self._seams, self._slack))

    def walled(self, kinetic: float) -> Potential:
        """Itself: the walls are those that both had when they were added."""
        return self

    @cached_property
    def _seams(self) -> tuple[float, ...]:
        return self._merged(np.array(self.first.breakpoints), np.array(self.second.breakpoints))

    @property
    def _slack(self) -> float:
        return _round_off(*self.first.interval)

    def _merged(self, first: Array, second: Array) -> tuple[float, ...]:
        """All points of both inside the walls; of points closer than round-off only one."""
        points = np.union1d(first, second)
        distances = np.diff(points, prepend=self.interval[0])
        kept = (distances > self._slack) & (self.interval[1] - points > self._slack)
        return tuple(points[kept].tolist())

    def _is_weight_shared(self) -> bool:
        """Whether both weights agree to 12 digits on 16 points between any two breakpoints."""
        ends = subdivided(np.array([self.interval[0], *self._seams, self.interval[1]]), 16)
        middles = 0.5 * (ends[:-1] + ends[1:])
        weights = self.first.weight(middles), self.second.weight(middles)
        return bool(np.allclose(*weights, rtol=1e-12, atol=0.0))


@dataclass(frozen=True)
class Scaled(Wrapper, Derived):
    """factor V(x) + offset, with the walls and the weight of V: what ``2.0 * V - 3.0`` returns.

    With factor = 1, the exact levels are those of V plus `offset`.

    Args:
        potential: V; one that is `Scaled` itself is taken apart, and its numbers are combined.
        factor: A number. Defaults to 1.0.
        offset: An energy. Defaults to 0.0.

    Raises:
        TypeError: If an argument is no potential, or no real number.
        ValueError: If a number is not finite.

    Example:
        >>> from qwpinn.potentials import FiniteWell
        >>> (-FiniteWell(depth=20.0) + 20.0)([0.0, 2.0])
        array([20.,  0.])
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "offset": ENERGY,
    }

    potential: Potential
    factor: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        check_part("potential", self.potential)
        factor, offset = check.finite("factor", self.factor), check.finite("offset", self.offset)
        if type(self.potential) is type(self):
            offset += factor * self.potential.offset
            factor *= self.potential.factor
            set_fields(self, potential=self.potential.potential)
        set_fields(self, factor=factor, offset=offset)

    @cached_property
    def layers(self) -> Layers | None:
        """The layers of V, scaled and lifted, or None where V or rho varies."""
        layers = self.potential.layers
        return layers and layers._replace(values=self.factor * layers.values + self.offset)

    @property
    def cut_ends(self) -> tuple[bool, bool]:
        """Those of V; of constant layers upside down, the barriers that are the outer ones then."""
        if self.factor < 0.0 and self.layers is not None:
            return outer_barriers(self.layers.values)
        return self.potential.cut_ends

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`, scaled and lifted."""
        return self.factor * self.potential(x) + self.offset

    def levels(self, n: int) -> Array:
        """The `n` lowest exact energies of V, lifted; only for factor = 1."""
        return self.potential.levels(n) + self.offset if self.factor == 1.0 else super().levels(n)


@dataclass(frozen=True)
class Moved(Derived):
    """V((x - distance) / stretch): what `shifted`, `stretched` and `mirrored` return.

    Walls, breakpoints, layers and weight move along; a negative stretch mirrors. With
    abs(stretch) = 1, the exact levels are those of V.

    Args:
        potential: V; one that is `Moved` itself is taken apart, and its numbers are combined.
        stretch: A number that is not 0. Defaults to 1.0.
        distance: Where x = 0 goes, a length. Defaults to 0.0.

    Raises:
        TypeError: If an argument is no potential, or no real number.
        ValueError: If a number is not finite, `stretch` is 0, or edges fall together by round-off.

    Example:
        >>> from qwpinn.potentials import FiniteBarrier
        >>> barrier = FiniteBarrier(height=50.0, width=0.5, box=1.0)
        >>> barrier.stretched(2.0).shifted(-1.0).breakpoints
        (-0.5, 0.5)
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "distance": LENGTH,
    }

    potential: Potential
    stretch: float = 1.0
    distance: float = 0.0

    def __post_init__(self) -> None:
        check_part("potential", self.potential)
        stretch = check.finite("stretch", self.stretch)
        distance = check.finite("distance", self.distance)
        if type(self.potential) is type(self):
            distance += stretch * self.potential.distance
            stretch *= self.potential.stretch
            set_fields(self, potential=self.potential.potential)
        check.positive("abs(stretch)", abs(stretch), kind="number")
        set_fields(self, stretch=stretch, distance=distance)
        check.increasing("moved edges", [self.interval[0], *self._seams, self.interval[1]])

    @cached_property
    def even(self) -> bool:
        """Whether V is, about x = 0: elsewhere, positions that mirror each other are rounded."""
        a, b = self.potential.interval
        centred = self.distance == 0.0 and a == -b and self.potential.even
        return centred if self.layers is None else super().even

    @cached_property
    def interval(self) -> Interval:
        """The walls (a, b), where psi is zero."""
        left, right = self._image(np.array(self.potential.interval)).tolist()
        return left, right

    @cached_property
    def layers(self) -> Layers | None:
        """The layers of V, moved, or None where V or rho varies."""
        layers = self.potential.layers
        if layers is None:
            return None
        order = slice(None, None, -1 if self.stretch < 0.0 else 1)
        return Layers(self._image(layers.edges), layers.values[order], layers.weights[order])

    @property
    def cut_ends(self) -> tuple[bool, bool]:
        """Those of V, exchanged where it is mirrored."""
        left, right = self.potential.cut_ends
        return (right, left) if self.stretch < 0.0 else (left, right)

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions from which `x` come; exactly at a jump, the value to the right."""
        return self.potential(self._origin(x))

    def weight(self, x: ArrayLike) -> Array:
        """The weight at the positions from which `x` come."""
        return self.potential.weight(self._origin(x))

    def levels(self, n: int) -> Array:
        """The `n` lowest exact energies, those of V; only for abs(stretch) = 1."""
        return self.potential.levels(n) if abs(self.stretch) == 1.0 else super().levels(n)

    @cached_property
    def _seams(self) -> tuple[float, ...]:
        return tuple(self._image(np.array(self.potential.breakpoints)).tolist())

    def _image(self, points: Array) -> Array:
        """Where increasing points go, increasing again."""
        moved = self.stretch * points + self.distance
        return moved[::-1] if self.stretch < 0.0 else moved

    def _origin(self, x: ArrayLike) -> Array:
        """From where the positions come: never from beyond a breakpoint or a wall by round-off."""
        slack = _round_off(*self.interval, self.distance)
        inside = _beside(x, self._seams, slack)
        return np.clip((inside - self.distance) / self.stretch, *self.potential.interval)


Potential.made_by(plus=Sum, scaled=Scaled, moved=Moved)


def _round_off(*positions: float) -> float:
    """How far apart two positions may be that would be equal in exact arithmetic."""
    return 16.0 * float(np.finfo(np.float64).eps) * max(map(abs, positions))


def _beside(x: ArrayLike, seams: tuple[float, ...], slack: float) -> Array:
    """Positions moved off the seams, by at most `slack`, to the side on which they are."""
    positions = np.asarray(x, dtype=np.float64)
    edges = np.array([-math.inf, *seams, math.inf])
    panel = panel_of(positions, edges)
    return np.clip(positions, edges[panel] + slack, edges[panel + 1] - slack)
