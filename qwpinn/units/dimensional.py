"""Dimensional: what a potential knows of units, those of its fields and those of its equation."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, NoReturn, Self, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.units.quantities import ENERGIES, known_unit, quantity_in, split_quantity
from qwpinn.units.systems import Units

P = TypeVar("P", bound="Dimensional[Any]")
Dimension = tuple[float, float]
Numbers = float | Sequence["Numbers"]

ENERGY: Dimension = (1.0, 0.0)
LENGTH: Dimension = (0.0, 1.0)
# Arguments that no potential has: what who gives them means is `in_units`.
MEANT = (
    "mass", "masses", "hbar", "m", "unit", "units", "length_unit", "energy_unit", "energy_units",
    "length_units",
)  # fmt: skip


class Dimensional(abc.ABC, Generic[P]):
    """The units of a potential: those of its numbers, and hbar^2/2m in its equation."""

    # In which units figures and tables give positions and energies.
    length_unit: str = ""
    energy_unit: str = ""
    # hbar^2 / 2m in the equation of the potential's own coordinate.
    kinetic: float = 1.0
    # Of the fields: powers of energy and length, e.g. (1, -2); what has none is left out.
    dimensions: ClassVar[Mapping[str, Dimension]] = {}
    # Fields that may be strings with a unit.
    quantities: ClassVar[tuple[str, ...]] = ()

    interval: Any

    def __new__(cls, *args: object, **kwargs: object) -> Self:
        """Points to `in_units` who gives a mass, or a number with its unit."""
        names: list[str] = []
        if dataclasses.is_dataclass(cls):
            names = [field.name for field in dataclasses.fields(cls) if field.init]
        for name, value in [*zip(names, args, strict=False), *kwargs.items()]:
            if names and name not in names and name in MEANT:
                raise TypeError(
                    f"`{cls.__name__}` must be given by {', '.join(names)}. Received: {name}="
                    f"{value!r}. Give the mass and the units of its numbers to `in_units`: "
                    f"{cls.__name__}(...).in_units('nm', 'eV', mass=0.067)."
                )
            quantity = quantity_in(value)
            if quantity is not None and name not in cls.quantities:
                _refuse_quantity(cls.__name__, name, quantity)
        return super().__new__(cls)

    @abc.abstractmethod
    def __call__(self, x: ArrayLike) -> NDArray[np.float64]:
        """V."""

    @abc.abstractmethod
    def weight(self, x: ArrayLike) -> NDArray[np.float64]:
        """The weight rho."""

    @abc.abstractmethod
    def _in(self, units: Units) -> P:
        """The same numbers in these units."""

    @property
    def units(self) -> Units:
        """The units of lengths and energies; without any, those with hbar^2/2m = 1."""
        return Units("hbar^2/2m=1")

    @property
    def hbar(self) -> float:
        """Hbar in units of energy and `time_unit`: 1 in a potential without units."""
        return self.units.hbar

    @property
    def time_unit(self) -> str:
        """In which unit times go in and come out; empty without units."""
        return self.units.time_unit

    @property
    def apart(self) -> str:
        """Why it can be no part of another potential, and the cure; empty if it can."""
        return ""

    @property
    def equation(self) -> str:
        """The equation that is solved, one line with the value of hbar^2/2m."""
        return self.units.equation if self.has_unit_weight else "-psi'' + rho (V - E) psi = 0"

    @property
    def has_unit_weight(self) -> bool:
        """Whether rho is 1 on 64 points of the interval."""
        left, right = self.interval
        x = np.linspace(float(left), float(right), 65)[:-1]
        return bool(np.all(np.asarray(self.weight(x)) == 1.0))

    def in_units(
        self, length: str | None = None, energy: str | None = None, mass: float | str | None = None
    ) -> P:
        """The same numbers, said to be in these units: for a particle of a mass in V.

        It solves -(hbar^2/2m) psi'' + V psi = E psi. What goes in and comes out is in these units:
        energies, widths, positions and dipoles; psi is in 1/sqrt(length), with integral psi^2 dx =
        1, "p^2" in (hbar/length)^2, and "T" the kinetic energy. V(x) has the values that it had.
        Walls that were left to a default are those that fit hbar^2/2m.

        Args:
            length: Of all positions and widths: nm, A, um, pm, fm, mm, m or bohr. Or a system by
                name: ``"hartree"`` (lengths in bohr, energies in hartree), ``"hbar=m=1"``, or
                ``"hbar^2/2m=1"``, which changes nothing. Defaults to None: nm.
            energy: Of all energies: eV, meV, ueV, keV, MeV, J, hartree, rydberg, cm^-1, K, kJ/mol,
                kcal/mol, THz or GHz. Defaults to None: eV.
            mass: In electron masses, or a string with a unit, e.g. ``"7.0015 u"``. Defaults to
                None: 1.0.

        Raises:
            TypeError: If an argument is of the wrong type.
            ValueError: If a unit is unknown, the mass is not positive, or the potential has other
                units already.

        Example:
            >>> from qwpinn.potentials import FiniteWell
            >>> well = FiniteWell(depth=5.0, width=1.0, box=3.0).in_units("nm", "eV")
            >>> well.levels(1).round(6), well.unit("depth")
            (array([0.271804]), 'eV')
            >>> print(well.equation)
            -(hbar^2/2m) psi'' + V psi = E psi, hbar^2/2m = 0.0380998 eV nm^2 (mass 1)

        Reference:
            P. J. Mohr, D. B. Newell, B. N. Taylor, E. Tiesinga, Rev. Mod. Phys. 97 (2025) 025002,
            doi:10.1103/RevModPhys.97.025002
        """
        number = 1.0 if mass is None else mass
        return self._in(Units("nm" if length is None else length, energy, number))

    def walled(self, kinetic: float) -> P:
        """The same V, its default walls put where they fit another hbar^2/2m than 1."""
        return cast("P", self)

    def in_length(self, unit: float) -> P:
        """V(unit y) as a potential of y = x / unit, of the same class.

        Args:
            unit: A length.

        Raises:
            LookupError: If the class does not say which `dimensions` its fields have, or fields
                without any, e.g. the a of a (a + 1) / cosh(x)^2, go along with the length.
        """
        if not self.dimensions:
            raise LookupError(
                f"`{type(self).__name__}` must say the `dimensions` of its fields. Received: a "
                "class without. Add e.g. dimensions = {'depth': (1, 0), 'width': (0, 1)}."
            )
        found = self._rescaled(unit)
        left, right = self.interval
        # Neither in the middle nor at the ends, where V may be even or a wall.
        x = left + (right - left) * np.array([0.23, 0.41, 0.62, 0.87])
        v, same = self(x), found(x / unit)
        if not np.allclose(v, same, rtol=1e-9, atol=1e-9 * np.max(np.abs(v))):
            raise LookupError(
                f"`{type(self).__name__}` must define `in_length`, for dividing its lengths does "
                f"not give V(unit y). Received: V={same[0]:g} in place of {v[0]:g}. Return the "
                "potential of another class that is it, e.g. a Scaled or Moved one."
            )
        return cast("P", found)

    def _rescaled(self, unit: float, **others: object) -> Self:
        """The same with its lengths in another unit, and with other fields."""
        fields = {name: getattr(self, name) for name in self.dimensions}
        lengths: dict[str, Any] = {
            name: _divided(fields[name], unit**power)
            for name, (_, power) in self.dimensions.items()
            if power and fields[name] is not None
        }
        return dataclasses.replace(self, **lengths, **others)  # type: ignore[type-var]


def _refuse_quantity(kind: str, name: str, value: str) -> NoReturn:
    """Says how a number with a unit is given."""
    number, unit = split_quantity(value)
    place = f"energy='{unit}'" if known_unit(unit, ENERGIES) else f"length='{unit or 'nm'}'"
    raise TypeError(
        f"`{name}` must be a real number. Received: {name}={value!r}. Give the number alone, and "
        f"the units of all numbers by in_units: {kind}({name}={number}, ...).in_units({place})."
    )


def _divided(value: Numbers, unit: float) -> Numbers:
    """A number over a unit, or each number of a sequence."""
    if isinstance(value, Sequence):
        return tuple(_divided(item, unit) for item in value)
    return value / unit
