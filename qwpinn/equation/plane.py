"""The plane: what every V of -psi_xx - psi_yy + rho (V - E) psi = 0 on a rectangle has."""

from __future__ import annotations

import abc
import itertools
from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.operators import Algebra, Makers
from qwpinn.equation.plane_description import PlaneDescribed
from qwpinn.equation.potential import Potential
from qwpinn.equation.regions import Region
from qwpinn.equation.values import Box, Function, pair
from qwpinn.inputs import check
from qwpinn.units.dimensional import Dimensional
from qwpinn.units.systems import Units

Array = NDArray[np.float64]

# Of the box: how near boundaries may come to each other and to the walls.
APART = 1e-3
# Of what V varies: how much lower a very fine grid may find it than the one before.
FALLEN = 1e-2


class PlanePotential(Dimensional["PlanePotential"], Algebra["PlanePotential"], PlaneDescribed):
    """A potential V(x, y) in a box with walls, and a constant weight rho.

    V is smooth but at the boundaries of its regions, and inside a region it is the region's value;
    of nested ones, the innermost's. A subclass is a frozen dataclass that defines `box` and
    `outside`, and `regions` if there are any; `dimensions` of its fields, for units.

    Potentials between the same walls are added and subtracted, numbers lift and scale them: ``V1 +
    V2``, ``V - 3.0``, ``2.0 * V``; `shifted` and `stretched` move them.

    Attributes:
        box: The walls (x0, x1, y0, y1), where psi is zero.
        regions: Where V has values of its own, those that hold others first.
    """

    _makers: ClassVar[Makers] = {}

    box: Box
    regions: tuple[Region, ...] = ()
    # Positions x, and y, of lines from wall to wall along which V is not smooth; they cross no
    # boundary of a region.
    lines: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())

    breakpoints: ClassVar[tuple[float, ...]] = ()
    energy_dependent: ClassVar[bool] = False
    even: ClassVar[bool] = False
    levels_held: ClassVar[bool] = False
    notes: ClassVar[tuple[str, ...]] = ()

    @property
    def rho(self) -> float:
        """The weight, 2 m / hbar^2."""
        return 1.0

    @property
    def cut_sides(self) -> tuple[bool, bool, bool, bool]:
        """Whether V goes on beyond the left, right, lower and upper side; else it is a wall."""
        return False, False, False, False

    @property
    def constant_outside(self) -> bool:
        """Whether V is a number outside all regions."""
        return False

    @property
    def summands(self) -> tuple[Potential, ...]:
        """V1 and V2 where V(x, y) = V1(x) + V2(y), and it is solved by them; else none."""
        return ()

    @property
    def counted_from_samples(self) -> bool:
        """Whether the count of levels rests on V at points; else V is a number everywhere."""
        return not self.constant_everywhere

    @property
    def has_unit_weight(self) -> bool:
        """Whether rho is 1."""
        return self.rho == 1.0

    @property
    def amplitude(self) -> float:
        """Psi as users see it over the psi whose integral of rho psi^2 is 1."""
        return 1.0

    def weight(self, points: ArrayLike) -> Array:
        """The weight rho at points ``(..., 2)``."""
        return np.full(np.shape(points)[:-1], self.rho)

    @abc.abstractmethod
    def outside(self, x: Array, y: Array) -> Array:
        """V outside all regions, at points of one shape."""

    def __call__(self, x: ArrayLike, y: ArrayLike | None = None) -> Array:
        """V at x and y, of one shape; or at points ``(..., 2)``."""
        if y is None:
            points = check.real_array("x", x)
            if points.ndim == 0 or points.shape[-1] != 2:
                raise ValueError(
                    "`x` must be points of shape (..., 2), or come with y. Received: shape="
                    f"{points.shape}. Give e.g. np.stack([x, y], axis=-1)."
                )
            return self.among(self.regions, points[..., 0], points[..., 1])
        x, y = (np.asarray(at, np.float64) for at in (x, y))
        return self.among(self.regions, x, y)

    def among(self, regions: Sequence[Region], x: Array, y: Array) -> Array:
        """V with these regions alone, the first ones of `regions`."""
        x, y = np.broadcast_arrays(x, y)
        v = np.array(np.broadcast_to(self.outside(x, y), x.shape), np.float64)
        for region in regions:
            where = region.contains(x, y)
            if where.any():
                v[where] = region.inside(x[where], y[where])
        return v

    @property
    def normal_form(self) -> PlanePotential:
        """Itself, as potentials of one dimension have one."""
        return self

    def to_normal(self, x: Array) -> Array:
        """The points themselves."""
        return x

    @property
    def constant_everywhere(self) -> bool:
        """Whether V is a number in each region and outside all."""
        return self.constant_outside and not any(callable(r.value) for r in self.regions)

    @property
    def between(self) -> float | Function:
        """V outside all regions: a number, or a function of x and y."""
        if not self.constant_outside:
            return self.outside
        return float(self.outside(np.zeros(1), np.zeros(1))[0])

    @property
    def equation(self) -> str:
        """The equation that is solved, in one line with the value of hbar^2/2m."""
        if not self.has_unit_weight and self.units.plain:
            return "-(psi_xx + psi_yy) + rho (V - E) psi = 0"
        return self.units.equation.replace("psi''", "(psi_xx + psi_yy)")

    def levels(self, n: int) -> Array:
        """The `n` lowest exact energies, shape (n,).

        Raises:
            LookupError: If no closed form is known.
        """
        raise LookupError(
            f"`{type(self).__name__}` must have a closed form for exact levels. Received: "
            f"levels({n}) with none known. Use qwpinn.references.spectral_elements instead."
        )

    def shifted(self, distance: tuple[float, float]) -> PlanePotential:
        """V(x - dx, y - dy) in the box moved by (dx, dy); the levels stay.

        Args:
            distance: (dx, dy).

        Raises:
            TypeError: If they are no real numbers.
            ValueError: If there are not two, or one is not finite.
        """
        return self._made("moved", 1.0, pair("distance", distance))

    def stretched(self, factor: float) -> PlanePotential:
        """V(x / factor, y / factor) in factor * box: wider about (0, 0), as high as before.

        Args:
            factor: Above 0; below 1 it shrinks.

        Raises:
            TypeError: If `factor` is no real number.
            ValueError: If it is not positive and finite.
        """
        return self._made("moved", check.positive("factor", factor, kind="number"), (0.0, 0.0))

    def in_length(self, unit: float) -> PlanePotential:
        """V(unit x, unit y); of the same class where that knows its levels.

        Args:
            unit: A length.
        """
        return self.stretched(1.0 / unit)

    def in_units(
        self, length: str | None = None, energy: str | None = None, mass: float | str | None = None
    ) -> PlanePotential:
        """The same numbers, said to be in these units: for a particle of a mass in V.

        It solves -(hbar^2/2m) (psi_xx + psi_yy) + V psi = E psi. What goes in and comes out is in
        these units: energies, lengths, positions and dipoles; psi is in 1/length, with integral
        psi^2 dx dy = 1. V(x, y) has the values that it had. Walls that were left to a default are
        those that fit hbar^2/2m.

        Args:
            length: Of all positions and sizes, e.g. nm, or a system by name, as
                `Potential.in_units` takes them. Defaults to None: nm.
            energy: Of all energies, e.g. meV. Defaults to None: eV.
            mass: In electron masses, or a string with a unit. Defaults to None: 1.0.

        Raises:
            TypeError: If an argument is of the wrong type.
            ValueError: If a unit is unknown, the mass is not positive, or the potential has other
                units already.
        """
        return super().in_units(length, energy, mass)

    def _in(self, units: Units) -> PlanePotential:
        return self._made("dressed", units)

    @cached_property
    def minimum(self) -> float:
        """Min V: the least value on grids of the box and of each region, and on finer ones."""
        if self.constant_everywhere:
            values: list[Any] = [self.between, *(region.value for region in self.regions)]
            return float(min(values))
        return min(_least(self, box) for box in (self.box, *(r.extent for r in self.regions)))


def _least(potential: PlanePotential, box: Box) -> float:
    """The least value of V on a grid of a box, and on finer and finer ones about it."""
    x0, x1, y0, y1 = box
    x, y, half = np.linspace(x0, x1, 401), np.linspace(y0, y1, 401), 1.0 / 400
    least, fallen, spread = np.inf, 0.0, 0.0
    for finer in range(7):
        points = np.meshgrid(x, y, indexing="ij")
        v = finite(potential, *points)
        at, spread = int(np.argmin(v)), spread or float(np.ptp(v))
        if finer > 3:
            fallen = max(fallen, least - float(v.flat[at]))
        least = min(least, float(v.flat[at]))
        x, y = (
            np.clip(axis.flat[at] + half * (high - low) * np.linspace(-1.0, 1.0, 41), low, high)
            for axis, low, high in zip(points, (x0, y0), (x1, y1), strict=True)
        )
        half /= 15.0
    # About a minimum each grid finds a 225th of what the last one did, at a pole as much or more.
    if fallen > FALLEN * spread:
        raise ValueError(
            f"`potential` must have a lower bound. Received: V={least:.6g} near "
            f"x={float(points[0].flat[at]):.9g}, y={float(points[1].flat[at]):.9g}, and less and "
            "less towards it. Round it off there, e.g. r as np.hypot(r, 1e-3)."
        )
    return least


def finite(potential: PlanePotential, x: Array, y: Array) -> Array:
    """V at points of one shape, refused where it is not finite.

    Raises:
        ValueError: With the first point where V is infinite or NaN.
    """
    with np.errstate(all="ignore"):
        v = potential(x, y)
    bad = ~np.isfinite(v)
    if bad.any():
        at = np.argmax(bad)
        raise ValueError(
            f"`potential` must be finite in its box. Received: V={v.flat[at]} at x="
            f"{np.ravel(x)[at]:.9g}, y={np.ravel(y)[at]:.9g}. Round it off, or move the walls."
        )
    return v


def ordered(regions: Sequence[Region], box: Box) -> tuple[Region, ...]:
    """Regions with those that hold others first.

    Raises:
        ValueError: If boundaries meet, or come too near to each other or to the walls.
    """
    x0, x1, y0, y1 = box
    least = APART * max(x1 - x0, y1 - y0)
    for index, region in enumerate(regions):
        a, b, c, d = region.extent
        if min(a - x0, x1 - b, c - y0, y1 - d) < least:
            raise ValueError(
                f"`regions` must be inside the box, {APART:g} of it or more from the walls. "
                f"Received: regions[{index}] from ({a:g}, {c:g}) to ({b:g}, {d:g}) in the box "
                f"{box}. Move the walls, or make it smaller."
            )
    for (i, one), (j, two) in itertools.combinations(enumerate(regions), 2):
        if one.gap(two) < least:
            raise ValueError(
                f"`regions` must be disjoint or nested, their boundaries {least:.3g} or more from "
                f"each other. Received: regions[{i}] and regions[{j}], {one.gap(two):.3g} apart. "
                "Move one, or put one inside the other."
            )
    # What is held by more regions comes later; others stay as they are given.
    depth = [sum(other.holds(one) for other in regions if other is not one) for one in regions]
    return tuple(regions[i] for i in sorted(range(len(regions)), key=lambda i: depth[i]))
