"""Sums: a plane V(x, y) = V1(x) + V2(y), whose levels are sums of those of one dimension.

With one constant rho, -psi_xx - psi_yy + rho (V - E) psi = 0 has the solutions
psi_i(x) psi_j(y) with E_i + F_j, and no others that these do not span.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.layers import subdivided
from qwpinn.equation.plane import PlanePotential
from qwpinn.equation.potential import Potential
from qwpinn.equation.values import Box, pair
from qwpinn.inputs import check, limits
from qwpinn.potentials.config import storable
from qwpinn.potentials.derived import check_part
from qwpinn.potentials.of_two import OfTwo
from qwpinn.storage.plain import Json

Array = NDArray[np.float64]

# Of an axis: the most lines at which quadratures are cut. Of a table, most breakpoints are none.
MOST_LINES = 40
# By how much constant weights may differ by rounding.
ALIKE = 1e-12


@dataclass(frozen=True, repr=False)
class SeparablePlane(OfTwo):
    """V(x, y) = V1(x) + V2(y) with the weight that both have: what `Plane.sum` returns.

    It is solved by its parts: the K lowest levels are sums of levels of V1 and V2, and so are their
    bounds.

    Args:
        first: V1, of x.
        second: V2, of y, with the same constant weight rho.

    Raises:
        TypeError: If a part is no potential of one dimension in the coordinate of the equation.
        ValueError: If a weight varies, or both differ.

    Example:
        >>> from qwpinn.potentials import Harmonic, InfiniteWell
        >>> wire = SeparablePlane(Harmonic(omega=2.0), InfiniteWell(width=1.0))
        >>> wire([0.0, 1.0], [0.5, 0.5]).tolist()
        [0.0, 4.0]
        >>> wire.levels(2).round(6).tolist()  # pi^2 + 2, pi^2 + 6
        [11.869604, 15.869604]
    """

    first: Potential
    second: Potential

    def __post_init__(self) -> None:
        weights = []
        for name, part in (("first", self.first), ("second", self.second)):
            check_part(name, part)
            if part.energy_dependent or part.normal_form is not part:
                raise TypeError(
                    f"`{name}` must be a potential whose own x and mass are those of the equation. "
                    f"Received: {type(part).__name__}. Give its values as a CustomPotential."
                )
            weights.append(_constant_weight(name, part))
        if abs(weights[0] - weights[1]) > ALIKE * weights[0]:
            raise ValueError(
                f"`second` must have the weight rho of `first`, {weights[0]:.9g}. Received: "
                f"{weights[1]:.9g}. Give the same weights to both."
            )

    def __repr__(self) -> str:
        return f"Plane.sum({self.first!r}, {self.second!r})"

    @cached_property
    def box(self) -> Box:  # type: ignore[override]
        """The walls of V1, and then those of V2."""
        x0, x1, y0, y1 = map(float, (*self.first.interval, *self.second.interval))
        return x0, x1, y0, y1

    @property
    def summands(self) -> tuple[Potential, ...]:
        """V1 and V2."""
        return self.first, self.second

    def of_summands(self, parts: Sequence[Potential]) -> SeparablePlane:
        """The sum of others."""
        return dataclasses.replace(self, first=parts[0], second=parts[1])

    @cached_property
    def rho(self) -> float:
        """The weight of both."""
        return _constant_weight("first", self.first)

    @property
    def cut_sides(self) -> tuple[bool, bool, bool, bool]:
        """Those of V1, and then those of V2."""
        return *self.first.cut_ends, *self.second.cut_ends

    @cached_property
    def minimum(self) -> float:
        """Min V1 + min V2."""
        return self.first.minimum + self.second.minimum

    @cached_property
    def lines(self) -> tuple[tuple[float, ...], tuple[float, ...]]:  # type: ignore[override]
        """Breakpoints of V1 and of V2; of many, those with the largest jumps."""
        return _jumps(self.first), _jumps(self.second)

    @property
    def counted_from_samples(self) -> bool:
        """No: levels of either part are counted by its Pruefer angle."""
        return False

    @property
    def notes(self) -> tuple[str, ...]:  # type: ignore[override]
        """Those of the parts."""
        return tuple(dict.fromkeys((*self.first.notes, *self.second.notes)))

    def outside(self, x: Array, y: Array) -> Array:
        return self.first(x) + self.second(y)

    def levels(self, n: int) -> Array:
        """The ``n`` lowest sums of exact levels, shape ``(n,)``.

        Raises:
            LookupError: If a part has no closed form for as many.
        """
        count = check.integer("n", n, maximum=limits.STATES)
        first, second = self.first.levels(count), self.second.levels(count)
        return np.sort((first[:, None] + second).ravel())[:count]

    def shifted(self, distance: tuple[float, float]) -> SeparablePlane:
        both = zip(self.summands, pair("distance", distance), strict=True)
        return self.of_summands([part.shifted(along) for part, along in both])

    def stretched(self, factor: float) -> SeparablePlane:
        return self.of_summands([part.stretched(factor) for part in self.summands])

    def walled(self, kinetic: float) -> SeparablePlane:
        """The same of walled parts."""
        return self.of_summands([part.walled(kinetic) for part in self.summands])

    def in_length(self, unit: float) -> SeparablePlane:
        """V1(unit x) + V2(unit y)."""
        return self.of_summands([part.in_length(unit) for part in self.summands])

    def _scaled(self, factor: float, offset: float) -> SeparablePlane:
        second = self.second if factor == 1.0 else self.second * factor
        return self.of_summands([self.first * factor + offset, second])

    def _plus(self, other: PlanePotential) -> PlanePotential:
        """By their parts, if both have some."""
        pairs = zip(self.summands, other.summands, strict=False)
        parts = [one + another for one, another in pairs]
        return self.of_summands(parts) if parts else super()._plus(other)

    def to_config(self) -> dict[str, Json]:
        """A dict of plain JSON values, with the configs of the parts inside.

        A part whose class is not qwpinn's is stored as its table.
        """
        parts = {"first": self.first, "second": self.second}
        stored = {name: storable(part).to_config() for name, part in parts.items()}
        return {"class": type(self).__name__, **stored}


def _constant_weight(name: str, part: Potential) -> float:
    """Rho, refused where it is not the same between all breakpoints."""
    if part.layers is not None:
        weights = np.asarray(part.layers.weights, np.float64)
    else:
        edges = subdivided(part.smooth_pieces, 16)
        weights = np.asarray(part.weight((edges[:-1] + edges[1:]) / 2), np.float64)
    if np.ptp(weights) > ALIKE * np.max(np.abs(weights)):
        raise ValueError(
            f"`{name}` must have a constant weight rho: else states of the plane are no products. "
            f"Received: {type(part).__name__} with rho from {weights.min():.6g} to "
            f"{weights.max():.6g}. Give one of constant mass."
        )
    return float(weights[0])


def _jumps(part: Potential) -> tuple[float, ...]:
    """The breakpoints; of many, those at which V jumps most."""
    points = np.asarray(part.breakpoints, np.float64)
    if points.size > MOST_LINES:
        beside = 1e-9 * np.ptp(part.interval)
        largest = np.argsort(-np.abs(part(points + beside) - part(points - beside)), kind="stable")
        points = np.sort(points[largest[:MOST_LINES]])
    return tuple(points.tolist())
