"""Measured planes: potentials of the plane in units, e.g. nm and eV, for a particle of a mass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.plane import PlanePotential
from qwpinn.equation.potential import Potential
from qwpinn.equation.regions import Region
from qwpinn.inputs.frozen import set_fields
from qwpinn.potentials.measured import Declared, InUnits
from qwpinn.potentials.plane_algebra import check_plane
from qwpinn.potentials.plane_wrapper import PlaneWrapper
from qwpinn.units.systems import Units

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class PlaneInUnits(Declared[PlanePotential], PlaneWrapper):  # type: ignore[override]
    r"""A potential whose numbers are in units: what `PlanePotential.in_units` returns.

    .. math:: -\frac{\hbar^2}{2m} (\psi_{xx} + \psi_{yy}) + (V - E) \psi = 0,
              \quad \int \psi^2 dx dy = 1

    It is added to potentials in the same units, lifted and scaled by numbers in them, and moved, as
    any other.

    Args:
        potential: V, without units.
        length: Of positions; see `PlanePotential.in_units`. Defaults to ``"nm"``.
        energy: Of energies. Defaults to None: eV, or that of a system.
        mass: In electron masses, or with a unit. Defaults to 1.0.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If a unit is unknown, or the mass is not positive.

    Example:
        >>> from qwpinn.potentials import Box2D
        >>> Box2D(10.0, 10.0).in_units("nm", "meV", mass=0.067).levels(2).round(3).tolist()
        [112.248, 280.62]
    """

    potential: PlanePotential
    length: str = "nm"
    energy: str | None = None
    mass: float | str = 1.0

    def __post_init__(self) -> None:
        check_plane("potential", self.potential)
        units = Units(self.length, self.energy, self.mass)
        set_fields(self, length=units.length, energy=units.energy, mass=units.mass)

    @cached_property
    def inner(self) -> PlanePotential:
        """V without units, its walls where they fit hbar^2/2m."""
        return self.potential.walled(self.kinetic)

    @property
    def regions(self) -> tuple[Region, ...]:  # type: ignore[override]
        return self.inner.regions

    @property
    def rho(self) -> float:
        return self.inner.rho / self.kinetic

    @property
    def summands(self) -> tuple[Potential, ...]:
        """Those of V, in the same units."""
        return tuple(part._in(self.units) for part in self.potential.summands)

    def of_summands(self, parts: Sequence[Potential]) -> PlaneInUnits:
        """The sum of others in the same units."""
        inner: Any = self.potential
        return self._with(inner.of_summands([cast("InUnits", part).potential for part in parts]))

    @property
    def counted_from_samples(self) -> bool:
        return self.inner.counted_from_samples

    @property
    def notes(self) -> tuple[str, ...]:  # type: ignore[override]
        return self.inner.notes

    @property
    def minimum(self) -> float:
        """Min V."""
        return self.inner.minimum

    def outside(self, x: Array, y: Array) -> Array:
        return self.inner.outside(x, y)

    def levels(self, n: int) -> Array:
        """The `n` lowest exact energies, shape (n,).

        Raises:
            LookupError: If no closed form is known.
        """
        # With lengths in units of (hbar^2/2m)^(1/2), V is the same and the constant is 1.
        return self.inner.in_length(math.sqrt(self.kinetic)).levels(n)

    def _plus(self, other: PlanePotential) -> PlanePotential:
        self.check_units(other)
        return self._with(self.inner + other.inner)  # type: ignore[attr-defined]

    def _scaled(self, factor: float, offset: float) -> PlanePotential:
        return self._with(self.inner._scaled(factor, offset))

    def shifted(self, distance: tuple[float, float]) -> PlanePotential:
        return self._with(self.inner.shifted(distance))

    def stretched(self, factor: float) -> PlanePotential:
        return self._with(self.inner.stretched(factor))


def dressed(potential: PlanePotential, units: Units) -> PlanePotential:
    """The potential in units; itself where they are those that it has without any."""
    if units.plain:
        return potential
    return PlaneInUnits(potential, units.length, units.energy, units.mass)


PlanePotential.made_by(dressed=dressed)
