"""Segments: a potential with breakpoints that it does not declare itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.potential import Potential
from qwpinn.inputs import check
from qwpinn.inputs.frozen import set_fields
from qwpinn.potentials.derived import Derived, Wrapper, check_part
from qwpinn.potentials.polynomial import tabulate
from qwpinn.units.dimensional import LENGTH, Dimension


@dataclass(frozen=True)
class Segmented(Wrapper, Derived):
    """V, known not to be smooth at further points: what `Potential.with_breakpoints` returns.

    Args:
        potential: V; of one that is `Segmented` itself the points are added.
        points: Inside the interval, increasing.

    Raises:
        TypeError: If an argument is no potential, or no real number.
        ValueError: If the points do not increase, or one is not inside the interval.

    Example:
        >>> from qwpinn.potentials import CustomPotential
        >>> kink = CustomPotential(lambda x: abs(x - 0.5), interval=(0, 2))
        >>> kink.with_breakpoints([0.5]).breakpoints
        (0.5,)
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "points": LENGTH,
    }

    potential: Potential
    points: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        check_part("potential", self.potential)
        points = check.interior("points", self.points, self.potential.interval)
        if type(self.potential) is type(self):
            points = np.union1d(points, self.potential.points)
            set_fields(self, potential=self.potential.potential)
        set_fields(self, points=tuple(points.tolist()))

    @property
    def name(self) -> str:
        """That of V."""
        return self.potential.name

    @property
    def notes(self) -> tuple[str, ...]:
        """What was said of V, and where it is not smooth."""
        where = ", ".join(f"{x:.9g}" for x in self.points[:4])
        more = f" and {len(self.points) - 4} more points" if len(self.points) > 4 else ""
        note = f"V is not smooth at x = {where}{more}, or is said not to be: breakpoints."
        return (*super().notes, *((note,) if self.points else ()))

    def levels(self, n: int) -> NDArray[np.float64]:
        """The `n` lowest exact energies, those of V."""
        return self.potential.levels(n)

    def walled(self, kinetic: float) -> Potential:
        """The same between the walls of a walled V."""
        walled = self.potential.walled(kinetic)
        left, right = walled.interval
        return Segmented(walled, tuple(x for x in self.points if left < x < right))

    def to_config(self) -> dict[str, object]:
        """A dict of plain JSON values; the table of all if V itself is stored as one."""
        own = self.potential.to_config()["class"] == type(self.potential).__name__
        return super().to_config() if own else tabulate(self).to_config()

    @cached_property
    def _seams(self) -> tuple[float, ...]:
        return tuple(np.union1d(self.potential.breakpoints, self.points).tolist())


Potential.made_by(segmented=Segmented)
