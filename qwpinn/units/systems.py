"""Systems of units: what the numbers of an equation are in, and hbar^2/2m in them."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from qwpinn.inputs.frozen import set_fields
from qwpinn.units.quantities import (
    ENERGIES,
    HBAR,
    KINETIC,
    LENGTHS,
    MASSES,
    known_unit,
    mass_of,
    power_of,
    quantity,
    split_quantity,
    unit_named,
)

# By name: the names of lengths and energies, and hbar^2 / 2m where they have none.
SYSTEMS: Mapping[str, tuple[str, str, float | None]] = MappingProxyType(
    {
        "hbar^2/2m=1": ("", "", 1.0),
        "hbar=m=1": ("", "", 0.5),
        "hartree": ("bohr", "hartree", None),
    }
)


@dataclass(frozen=True)
class Units:
    """What the numbers of -(hbar^2/2m) psi'' + V psi = E psi are in.

    Args:
        length: A unit of `LENGTHS`, in any spelling, or the name of one of `SYSTEMS`.
        energy: A unit of `ENERGIES`. Defaults to that of the system, or eV.
        mass: In electron masses, or with a unit, e.g. ``"7.0015 u"``. Defaults to 1.0.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If a unit is unknown, or the mass is not positive or is held by the system.

    Example:
        >>> units = Units("nm", "eV", mass=0.067)
        >>> round(units.kinetic, 6), str(units)
        (0.568654, 'nm, eV, mass 0.067')
        >>> Units("hartree").kinetic
        0.5
    """

    length: str = "nm"
    energy: str | None = None
    mass: float | str = 1.0

    def __post_init__(self) -> None:
        system = system_named(self.length)
        if system is not None:
            self._check_held(system)
            length, energy, held = SYSTEMS[system]
            named = (length, energy) if held is None else (system, None)
            set_fields(self, length=named[0], energy=named[1])
        else:
            length = unit_named("length", self.length, LENGTHS, tuple(SYSTEMS))
            energy = "eV" if self.energy is None else self.energy
            set_fields(self, length=length, energy=unit_named("energy", energy, ENERGIES))
        number = mass_of(self.mass)
        set_fields(self, mass=_tidy_mass(self.mass) if isinstance(self.mass, str) else number)

    def _check_held(self, system: str) -> None:
        """Refuses what a system by name says itself."""
        named = SYSTEMS[system][2] is not None
        if self.energy not in (None, SYSTEMS[system][1]):
            raise ValueError(
                f"`energy` must be left out of the units {system}, which have their own. Received: "
                f"energy={self.energy!r}. Give both units by name, e.g. 'nm' and 'eV', instead."
            )
        if named and self.mass != 1.0:
            raise ValueError(
                f"`mass` must be left out of the units {system}, which hold it. Received: "
                f"mass={self.mass!r}. Give units by name for a mass of your own, e.g. 'hartree'."
            )

    @property
    def plain(self) -> bool:
        """Whether the equation is -psi'' + V psi = E psi."""
        return self.length == "hbar^2/2m=1"

    @property
    def length_unit(self) -> str:
        """As figures and tables give it; empty where it has no name."""
        return "" if self.length in SYSTEMS else self.length

    @property
    def energy_unit(self) -> str:
        """As figures and tables give it; empty where it has no name."""
        return self.energy or ""

    @property
    def kinetic(self) -> float:
        """hbar^2 / 2m in these units, to 15 digits."""
        held = SYSTEMS.get(self.length, ("", "", None))[2]
        if held is not None:
            return held
        area = LENGTHS[self.length] ** 2 * ENERGIES[self.energy_unit]
        return float(f"{KINETIC / mass_of(self.mass) / area:.14e}")

    @property
    def hbar(self) -> float:
        """hbar, an energy times a `time_unit`: 1 where a system holds it so."""
        return HBAR / ENERGIES[self.energy_unit] if self.time_unit == "fs" else 1.0

    @property
    def time_unit(self) -> str:
        """Of times: fs; hbar/hartree with bohr and hartree; empty where it has no name."""
        if self.length in SYSTEMS:
            return ""
        return "hbar/hartree" if (self.length, self.energy) == SYSTEMS["hartree"][:2] else "fs"

    @property
    def equation(self) -> str:
        """One line, with the value of hbar^2 / 2m."""
        equation = f"{self._before} psi'' + V psi = E psi".replace("- psi", "-psi")
        if self.length in SYSTEMS:
            return f"{equation}, {self.length.replace('=', ' = ')}"
        unit = power_of(self.energy_unit, 1.0, self.length_unit, 2.0)
        return f"{equation}, hbar^2/2m = {self.kinetic:.6g} {unit} (mass {self._mass_text})"

    @property
    def _before(self) -> str:
        """What stands before psi''."""
        return {"hbar^2/2m=1": "-", "hbar=m=1": "-1/2"}.get(self.length, "-(hbar^2/2m)")

    def unit(self, energy: float, length: float) -> str:
        """The name of energy^a length^b, e.g. ``"eV/nm^2"``; empty where units have no name."""
        if self.length in SYSTEMS:
            return ""
        return power_of(self.energy_unit, energy, self.length_unit, length)

    def number(self, name: str, value: object, dimension: tuple[float, float]) -> object:
        """A field as a number of these units, from one or from a string with a unit.

        Args:
            name: Of the field, for messages.
            value: A number, returned as it is; a string; or a sequence of them.
            dimension: Powers of energy and length of the field.

        Raises:
            ValueError: If a string has another unit.
        """
        if isinstance(value, list | tuple):
            return [self.number(name, item, dimension) for item in value]
        if not isinstance(value, str):
            return value
        kinds = {(0.0, 1.0): (LENGTHS, self.length), (1.0, 0.0): (ENERGIES, self.energy_unit)}
        if dimension not in kinds or self.length in SYSTEMS:
            unit = self.unit(*dimension)
            what = f"in {unit}, without writing it" if unit else "without a unit"
            raise ValueError(
                f"`{name}` must be a number {what}. Received: {name}={value!r}. "
                f"Give the number alone, e.g. {name} = 1.0."
            )
        table, own = kinds[dimension]
        return quantity(name, value, table, own)

    def __str__(self) -> str:
        if self.length in SYSTEMS:
            return self.length
        return f"{self.length}, {self.energy}, mass {self._mass_text}"

    @property
    def _mass_text(self) -> str:
        return self.mass if isinstance(self.mass, str) else f"{self.mass:.10g}"

    def with_mass(self, mass: float | str) -> Units:
        """The same with another mass."""
        return dataclasses.replace(self, mass=mass)


def system_named(name: object) -> str | None:
    """The system of units that a name stands for, blanks and case apart, or None."""
    text = unicodedata.normalize("NFKC", str(name)).replace("\u0127", "hbar").casefold()
    text = "".join(text.split()).replace("h-bar", "hbar").replace("(2m)", "2m")
    text = text.replace("hbar2/", "hbar^2/").replace("**", "^")
    text = {"atomic": "hartree", "a.u.": "hartree", "au": "hartree"}.get(text, text)
    text = {"hbar=1,m=1": "hbar=m=1", "m=hbar=1": "hbar=m=1"}.get(text, text)
    return text if text in SYSTEMS else None


def _tidy_mass(mass: str) -> str:
    """The number as it was written, and its unit's own name."""
    number, unit = split_quantity(mass)
    return f"{number} {known_unit(unit, MASSES)}"
