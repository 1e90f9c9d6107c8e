"""Wells in the plane: a formula or a number in a box, and regions with values of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.plane import PlanePotential, ordered
from qwpinn.equation.potential import Potential
from qwpinn.equation.regions import Region
from qwpinn.equation.values import Box, Function, box_of, energy_or_function, evaluated
from qwpinn.inputs import check, limits
from qwpinn.inputs.frozen import set_fields
from qwpinn.potentials.plane_series import series_of
from qwpinn.potentials.separable import SeparablePlane
from qwpinn.storage.plain import as_json
from qwpinn.units.dimensional import ENERGY, LENGTH, Dimension

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Plane(PlanePotential):
    """Any V(x, y) in a box with walls: smooth, but for regions with values of their own.

    Args:
        function: V outside all regions: an energy, or a function of x and y, arrays of one shape.
        box: The walls (x0, x1, y0, y1), where psi is zero.
        regions: `Disc` and `Rectangle`, disjoint or nested, 1e-3 of the box or more from each other
            and from the walls. In a region V is the region's value; of nested ones the innermost's.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If walls do not increase, or boundaries meet or come too near.

    Example:
        >>> from qwpinn.equation.regions import Disc
        >>> dot = Plane(50.0, box=(-3, 3, -3, 3), regions=[Disc((0, 0), 1.0, 0.0)])
        >>> dot([0.0, 2.0], [0.0, 0.0])
        array([ 0., 50.])
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "function": ENERGY,
        "box": LENGTH,
    }

    function: float | Function
    box: Box
    regions: tuple[Region, ...] = ()

    def __post_init__(self) -> None:
        set_fields(self, function=energy_or_function("function", self.function))
        set_fields(self, box=box_of("box", self.box), regions=_regions(self.regions))
        set_fields(self, regions=ordered(self.regions, self.box))

    @property
    def constant_outside(self) -> bool:
        return not callable(self.function)

    def outside(self, x: Array, y: Array) -> Array:
        return evaluated("function", self.function, x, y)

    @staticmethod
    def sum(first: Potential, second: Potential) -> SeparablePlane:
        """V(x, y) = V1(x) + V2(y), solved by its parts: `qwpinn.potentials.SeparablePlane`.

        Args:
            first: V1, of x.
            second: V2, of y, with the same constant weight rho.

        Raises:
            TypeError: If a part is no potential of one dimension in the coordinate of the equation.
            ValueError: If a weight varies, or both differ.

        Example:
            >>> from qwpinn.potentials import InfiniteWell
            >>> (Plane.sum(InfiniteWell(), InfiniteWell()).levels(3) / np.pi**2).round(9).tolist()
            [2.0, 5.0, 5.0]
        """
        return SeparablePlane(first, second)

    def to_config(self) -> dict[str, object]:
        """A dict of plain JSON values; of functions their `PlaneSeries`.

        Raises:
            ValueError: If one is not smooth enough for that.
        """
        regions = [
            region.valued(series_of(region.value, region.extent, f"regions[{index}].value"))
            for index, region in enumerate(self.regions)
        ]
        return {
            "class": "Plane",
            "function": as_json("function", series_of(self.function, self.box, "function")),
            "box": list(self.box),
            "regions": [region.to_config() for region in regions],
        }


@dataclass(frozen=True)
class UniformField(PlanePotential):
    """V = slope_x x + slope_y y: what a uniform field adds to another potential of the same box.

    Args:
        box: The walls (x0, x1, y0, y1).
        slope_x: Along x, an energy over a length; of an electron, charge times field. Defaults to
            0.
        slope_y: Along y. Defaults to 0.

    Example:
        >>> from qwpinn.potentials import CircularDot
        >>> tilted = CircularDot() + UniformField(CircularDot().box, slope_x=2.0)
        >>> tilted([0.5, 2.0], [0.0, 0.0])
        array([ 1., 54.])
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "box": LENGTH,
        "slope_x": (1.0, -1.0),
        "slope_y": (1.0, -1.0),
    }

    box: Box
    slope_x: float = 0.0
    slope_y: float = 0.0

    def __post_init__(self) -> None:
        set_fields(self, box=box_of("box", self.box))
        for name in ("slope_x", "slope_y"):
            set_fields(self, **{name: check.finite(name, getattr(self, name))})

    def outside(self, x: Array, y: Array) -> Array:
        return self.slope_x * x + self.slope_y * y


def _regions(given: object) -> tuple[Region, ...]:
    """Regions, refused if one is something else."""
    found = tuple(given) if isinstance(given, list | tuple) else (given,)
    limits.at_most("regions", len(found), limits.REGIONS)
    for index, region in enumerate(found):
        if not isinstance(region, Region):
            raise TypeError(
                "`regions` must hold qwpinn.Disc and qwpinn.Rectangle. Received: "
                f"regions[{index}]={region!r:.40}. Give e.g. [qwpinn.Disc((0, 0), 1.0, -5.0)]."
            )
    return found
