"""Measured: a potential whose numbers are in units, e.g. nm and eV, for a particle of a mass."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.layers import Layers
from qwpinn.equation.potential import Potential
from qwpinn.equation.smoothness import Irregularity
from qwpinn.inputs.frozen import set_fields
from qwpinn.potentials.derived import Derived, Wrapper, check_part
from qwpinn.units.systems import Units

Array = NDArray[np.float64]
P = TypeVar("P", bound=Any)


class Weighted(Wrapper):
    """A potential with the weight rho over hbar^2/2m: the normal form of one in units.

    Args:
        potential: V and rho.
        kinetic: hbar^2/2m.
    """

    def __init__(self, potential: Potential, kinetic: float) -> None:
        self.potential, self.constant = potential, kinetic

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Those of V."""
        return self.potential.breakpoints

    @cached_property
    def layers(self) -> Layers | None:
        """Those of V, or None where V or rho varies."""
        layers = self.potential.layers
        return layers and layers._replace(weights=layers.weights / self.constant)

    @property
    def minimum(self) -> float:
        """Min V."""
        return self.potential.minimum

    @cached_property
    def irregularities(self) -> tuple[tuple[Irregularity, ...], ...]:
        """Those of V, and of rho in its own size."""
        values, weights = self.potential.irregularities
        return values, tuple(w._replace(size=w.size / self.constant) for w in weights)

    @property
    def narrow(self) -> tuple[Array, Array]:
        """Those of V and rho."""
        return self.potential.narrow

    @property
    def name(self) -> str:
        """That of V."""
        return str(self.potential.name)

    def weight(self, x: ArrayLike) -> Array:
        """Rho over hbar^2/2m at the positions `x`."""
        return np.asarray(self.potential.weight(x) / self.constant)


class Declared(Generic[P]):
    """What potentials in units have, of one dimension and of the plane.

    Attributes:
        potential: V, without units.
        length: The unit of positions.
        energy: That of energies, or None where a system has its own.
        mass: In electron masses, or with a unit.
    """

    quantities: ClassVar[tuple[str, ...]] = ("mass",)

    potential: P
    length: str
    energy: str | None
    mass: float | str

    def __repr__(self) -> str:
        named = [] if self.energy is None else [repr(self.energy)]
        mass = [] if self.mass == 1.0 else [f"mass={self.mass!r}"]
        return f"{self.potential!r}.in_units({', '.join([repr(self.length), *named, *mass])})"

    @cached_property
    def units(self) -> Units:
        """The units of lengths and energies, and the mass."""
        return Units(self.length, self.energy, self.mass)

    @property
    def length_unit(self) -> str:
        """As figures and tables give it."""
        return self.units.length_unit

    @property
    def energy_unit(self) -> str:
        """As figures and tables give it."""
        return self.units.energy_unit

    @cached_property
    def kinetic(self) -> float:
        """hbar^2/2m in these units."""
        return self.units.kinetic

    @property
    def amplitude(self) -> float:
        """Integral psi^2 dx = 1, where the normal form has the weight in it."""
        return float(self.kinetic**-0.5)

    @property
    def apart(self) -> str:
        """Other numbers mean something else."""
        return f"in {self.units}. Give the others the same by in_units, or first add and then give"

    @property
    def name(self) -> str:
        """That of V."""
        return str(self.potential.name)

    def varied(self, parameter: str, value: float | str) -> Self:
        """The same potential with another value of one of its numbers, or another ``"mass"``.

        Args:
            parameter: A field's name, or ``"mass"``.
            value: In these units, electron masses for the mass; or a string with its unit.

        Raises:
            ValueError: If there is no such number, or the value is not allowed.
        """
        if parameter == "mass":
            return dataclasses.replace(self, mass=value)  # type: ignore[type-var]
        dimension = self.potential.dimensions.get(parameter, (0.0, 0.0))
        number: float = self.units.number(parameter, value, dimension)  # type: ignore[assignment]
        return self._with(self.potential.varied(parameter, number))

    def unit(self, parameter: str) -> str:
        """The unit of a number that `varied` takes."""
        if parameter == "mass":
            return "m0"
        return self.units.unit(*self.potential.dimensions.get(parameter, (0.0, 0.0)))

    def in_units(
        self,
        length: str | None = None,
        energy: str | None = None,
        mass: float | str | None = None,
    ) -> Self:
        """The same with another mass; its lengths and energies have their units already.

        Args:
            length: The unit that it has. Defaults to None: this one.
            energy: The unit that it has. Defaults to None: this one.
            mass: In electron masses, or with a unit. Defaults to None: the one it has.

        Raises:
            ValueError: If a unit is another one.
        """
        own = self.units
        given = Units(
            own.length if length is None else length,
            own.energy if energy is None and length is None else energy or own.energy,
            own.mass if mass is None else mass,
        )
        if (given.length, given.energy) != (own.length, own.energy):
            raise ValueError(
                "`in_units` must be asked of numbers without units, or for the units that they "
                f"have, {own}. Received: {given}. Give the mass only, or ask potential.potential."
            )
        return dataclasses.replace(self, mass=given.mass)  # type: ignore[type-var]

    def _in(self, units: Units) -> Self:
        return self.in_units(units.length, units.energy, units.mass)

    def check_units(self, other: Any) -> None:
        """Refuses a potential in other units.

        Raises:
            ValueError: If its units are others.
        """
        if other.units != self.units:
            raise ValueError(
                "Potentials that are added must have the same units. Received: "
                f"{self.units} and {other.units}. Write the numbers of both in one system first."
            )

    def _with(self, potential: object) -> Self:
        """Another potential in these units."""
        return dataclasses.replace(self, potential=potential)  # type: ignore[type-var]


@dataclass(frozen=True, repr=False)
class InUnits(Declared[Potential], Wrapper, Derived):  # type: ignore[override]
    r"""A potential whose numbers are in units: what `Potential.in_units` returns.

    .. math:: -\frac{\hbar^2}{2m} \psi'' + \rho (V - E) \psi = 0, \quad \int \rho \psi^2 dx = 1

    with rho = 1 unless the potential has a weight of its own. It is added to potentials in the same
    units, lifted and scaled by numbers in them, and moved, as any other.

    Args:
        potential: V, without units.
        length: Of positions; see `Potential.in_units`. Defaults to ``"nm"``.
        energy: Of energies. Defaults to None: eV, or that of a system.
        mass: In electron masses, or with a unit. Defaults to 1.0.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If a unit is unknown, or the mass is not positive.

    Example:
        >>> from qwpinn.potentials import Harmonic
        >>> spring = Harmonic(omega=2.0).in_units("hartree")
        >>> spring, spring.levels(2)  # (2 n + 1) omega (1/2)^(1/2)
        (Harmonic(omega=2.0, box=None).in_units('bohr', 'hartree'), array([1.41421356, 4.24264069]))
    """

    potential: Potential
    length: str = "nm"
    energy: str | None = None
    mass: float | str = 1.0

    def __post_init__(self) -> None:
        check_part("potential", self.potential)
        units = Units(self.length, self.energy, self.mass)
        set_fields(self, length=units.length, energy=units.energy, mass=units.mass)

    @property
    def equation(self) -> str:
        """The equation that is solved, one line with the value of hbar^2/2m."""
        text = self.units.equation
        one = self.inner.has_unit_weight
        return text if one else text.replace(" + V psi = E psi", " + rho (V - E) psi = 0")

    @cached_property
    def inner(self) -> Potential:
        """V without units, its walls where they fit hbar^2/2m."""
        return self.potential.walled(self.kinetic)

    @cached_property
    def normal_form(self) -> Weighted:
        """-psi'' + rho (V - E) psi = 0 with rho over hbar^2/2m, in the same coordinate."""
        return Weighted(self.inner, self.kinetic)

    @property
    def minimum(self) -> float:
        """Min V."""
        return self.inner.minimum

    @property
    def irregularities(self) -> tuple[tuple[Irregularity, ...], ...]:
        """Those of V and its weight."""
        return self.inner.irregularities

    @property
    def narrow(self) -> tuple[Array, Array]:
        """Those of V and its weight."""
        return self.inner.narrow

    def levels(self, n: int) -> Array:
        """The `n` lowest exact energies, shape (n,).

        Raises:
            LookupError: If no closed form is known.
        """
        # With lengths in units of (hbar^2/2m)^(1/2), V is the same and the constant is 1.
        return self.inner.in_length(math.sqrt(self.kinetic)).levels(n)

    def with_breakpoints(self, points: Sequence[float]) -> Potential:
        """The same V and rho, known not to be smooth at these points too."""
        return self._with(self.inner.with_breakpoints(points))

    def _plus(self, other: Potential) -> Potential:
        self.check_units(other)
        return self._with(self.inner + other.inner)  # type: ignore[attr-defined]

    def _scaled(self, factor: float, offset: float) -> Potential:
        return self._with(self.inner._scaled(factor, offset))

    def _moved(self, stretch: float, distance: float) -> Potential:
        return self._with(self.inner._moved(stretch, distance))


def dressed(potential: Potential, units: Units) -> Potential:
    """The potential in units; itself where they are those that it has without any."""
    if units.plain:
        return potential
    return InUnits(potential, units.length, units.energy, units.mass)


Potential.made_by(dressed=dressed)
