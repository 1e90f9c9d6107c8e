"""Units: their sizes, quantities such as ``"20 nm"``, and the units that an equation is in.

Sizes are CODATA's, from `scipy.constants`; that is all that is needed of a library for units. A
table of some thirty names loads in no time, knows "A" as Angstrom and "K" as an energy, as users of
this equation write them, and names what it does not know.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from scipy import constants

from qwpinn import _check

_MEV = constants.e * 1e-3
# hbar^2 / (2 m0) in meV nm^2.
KINETIC = constants.hbar**2 / (2.0 * constants.m_e) / constants.e * 1e21
_BOHR = constants.physical_constants["Bohr radius"][0] * 1e9
# hbar^2 / (m0 a0^2): so that hbar = m = 1 in these units to the last digit.
_HARTREE = 2.0 * KINETIC / _BOHR**2

LENGTHS: Mapping[str, float] = MappingProxyType(
    {"nm": 1.0, "A": 0.1, "um": 1e3, "pm": 1e-3, "fm": 1e-6, "mm": 1e6, "m": 1e9, "bohr": _BOHR}
)
ENERGIES: Mapping[str, float] = MappingProxyType(
    {
        "meV": 1.0,
        "eV": 1e3,
        "ueV": 1e-3,
        "keV": 1e6,
        "MeV": 1e9,
        "J": 1.0 / _MEV,
        "hartree": _HARTREE,
        "rydberg": 0.5 * _HARTREE,
        "cm^-1": constants.h * constants.c * 1e2 / _MEV,
        "K": constants.k / _MEV,
        "kJ/mol": 1e3 / constants.N_A / _MEV,
        "kcal/mol": 4184.0 / constants.N_A / _MEV,
        "THz": constants.h * 1e12 / _MEV,
        "GHz": constants.h * 1e9 / _MEV,
    }
)
FIELDS: Mapping[str, float] = MappingProxyType(
    {"kV/cm": 1.0, "V/cm": 1e-3, "MV/cm": 1e3, "V/m": 1e-5, "MV/m": 10.0}
)
MASSES: Mapping[str, float] = MappingProxyType(
    {"m0": 1.0, "u": constants.atomic_mass / constants.m_e, "kg": 1.0 / constants.m_e}
)
# Other spellings, those of Unicode after its compatibility decomposition (NFKC).
ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "\u00c5": "A", "angstrom": "A", "angstroms": "A", "\u00e5ngstr\u00f6m": "A", "ang": "A",
        "\u03bcm": "um", "micron": "um", "nanometer": "nm", "nanometre": "nm", "picometer": "pm",
        "picometre": "pm", "meter": "m", "metre": "m", "a0": "bohr", "a_0": "bohr",
        "\u03bceV": "ueV", "joule": "J", "electronvolt": "eV", "ha": "hartree", "eh": "hartree", "e_h": "hartree",
        "ry": "rydberg", "cm-1": "cm^-1", "1/cm": "cm^-1", "cm**-1": "cm^-1", "/cm": "cm^-1",
        "kelvin": "K", "m_e": "m0", "me": "m0", "m_0": "m0", "da": "u", "dalton": "u", "amu": "u",
    }
)  # fmt: skip

NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")

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
            object.__setattr__(self, "length", system)
            self._check_held(system)
            if SYSTEMS[system][2] is None:
                length, energy, _ = SYSTEMS[system]
                object.__setattr__(self, "length", length)
                object.__setattr__(self, "energy", energy)
        else:
            object.__setattr__(self, "length", unit_named("length", self.length, LENGTHS))
            energy = "eV" if self.energy is None else self.energy
            object.__setattr__(self, "energy", unit_named("energy", energy, ENERGIES))
        number = mass_of(self.mass)
        given = self.mass
        written = _tidy_mass(given) if isinstance(given, str) else number
        object.__setattr__(self, "mass", written)

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
        object.__setattr__(self, "energy", None)

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


def quantity(
    name: str, value: object, units: Mapping[str, float], result: str | None = None
) -> float:
    """A number in one of the units.

    Args:
        name: Of the quantity, for the message.
        value: A string of a number and a unit.
        units: The size of each unit that is allowed, in the first.
        result: The unit of what is returned. Defaults to None: the first.

    Raises:
        ValueError: If the unit is missing or not one of those, or the number is none.

    Example:
        >>> quantity("thickness", "60 A", LENGTHS), quantity("offset", "0.167 eV", ENERGIES)
        (6.0, 167.0)
    """
    usual = result or next(iter(units))
    match = NUMBER.match(str(value))
    if match is None:
        raise ValueError(
            f"`{name}` must be a number with a unit of {', '.join(units)}. Received: "
            f"{name}={value!r}. Write it as in '20 {usual}'."
        )
    size, written = float(match[0]), str(value)[match.end() :].strip()
    unit = known_unit(written, units)
    if unit is None:
        found = f"the unit {written}" if written else "no unit"
        raise ValueError(
            f"`{name}` must have a unit of {', '.join(units)}. Received: {name}={value!r}, "
            f"{found}.{_meant(written, units)} Write it as in '20 {usual}'."
        )
    if unit == result:
        return _check.finite(name, size)
    return _check.finite(name, size * units[unit] / units[usual])


def number_or_quantity(name: str, value: object, units: Mapping[str, float]) -> object:
    """A string with a unit as a number in the first of the units; anything else as it is.

    Example:
        >>> number_or_quantity("thickness", "60 A", LENGTHS)
        6.0
        >>> number_or_quantity("thickness", 6.0, LENGTHS)
        6.0
    """
    return quantity(name, value, units) if isinstance(value, str) else value


def number_in(name: str, value: object, unit: str) -> object:
    """A string with a unit as a number in another unit of its kind; anything else as it is.

    Example:
        >>> number_in("thickness", "60 A", "nm"), number_in("thickness", 6.0, "nm")
        (6.0, 6.0)
    """
    tables = [table for table in (LENGTHS, ENERGIES, FIELDS, MASSES) if unit in table]
    if not isinstance(value, str) or not tables:
        return value
    return quantity(name, value, tables[0], unit)


def is_quantity(value: object) -> bool:
    """Whether a value is a string that begins with a number, as ``"5 eV"`` does."""
    return isinstance(value, str) and NUMBER.match(value) is not None


def split_quantity(text: str) -> tuple[str, str]:
    """The number and the unit of a quantity as they are written.

    Example:
        >>> split_quantity("5 eV")
        ('5', 'eV')
    """
    match = NUMBER.match(text)
    number = match[0] if match else ""
    return number.strip(), text[len(number) :].strip()


def known_unit(name: str, units: Mapping[str, float]) -> str | None:
    """The unit of a table that a spelling stands for, or None.

    Example:
        >>> known_unit("EV", ENERGIES), known_unit("\u212b", LENGTHS), known_unit("mev", ENERGIES)
        ('eV', 'A', None)
    """
    text = unicodedata.normalize("NFKC", name).replace("\u2212", "-").strip()
    if text in units:
        return text
    aliases = {alias: unit for alias, unit in ALIASES.items() if unit in units}
    spelled = [*((unit, unit) for unit in units), *aliases.items()]
    found = {unit for alias, unit in spelled if alias.casefold() == text.casefold()}
    return found.pop() if len(found) == 1 else None


def unit_named(kind: str, name: object, units: Mapping[str, float]) -> str:
    """The unit that a name stands for; refuses what is none.

    Args:
        kind: What it measures, for the message.
        name: In any spelling.
        units: The table.
    """
    if not isinstance(name, str):
        raise TypeError(
            f"`{kind}` must be the name of a unit. Received: {kind}={name!r} of type "
            f"{type(name).__name__}. Give e.g. {kind}='{next(iter(units))}'."
        )
    unit = known_unit(name, units)
    if unit is None:
        systems = f", or the system {', '.join(SYSTEMS)}" if kind == "length" else ""
        names = [*units, *(SYSTEMS if kind == "length" else ())]
        raise ValueError(
            f"`{kind}` must be a unit of {', '.join(units)}{systems}. Received: {kind}={name!r}."
            f"{_meant(name, names)} Correct it."
        )
    return unit


def system_named(name: object) -> str | None:
    """The system of units that a name stands for, blanks and case apart, or None."""
    text = unicodedata.normalize("NFKC", str(name)).replace("\u0127", "hbar").casefold()
    text = "".join(text.split()).replace("h-bar", "hbar").replace("(2m)", "2m")
    text = text.replace("hbar2/", "hbar^2/").replace("**", "^")
    text = {"atomic": "hartree", "a.u.": "hartree", "au": "hartree"}.get(text, text)
    text = {"hbar=1,m=1": "hbar=m=1", "m=hbar=1": "hbar=m=1"}.get(text, text)
    return text if text in SYSTEMS else None


def mass_of(mass: object) -> float:
    """A mass in electron masses, given so or with a unit.

    Example:
        >>> mass_of(0.067), round(mass_of("1 u"), 3)
        (0.067, 1822.888)
    """
    number = quantity("mass", mass, MASSES) if isinstance(mass, str) else mass
    return _check.positive("mass", number, "mass in units of the electron's")


def power_of(energy: str, a: float, length: str, b: float) -> str:
    """The name of energy^a length^b.

    Example:
        >>> power_of("eV", 1.0, "nm", -2.0), power_of("eV", 0.5, "nm", -1.0)
        ('eV/nm^2', 'eV^0.5/nm')
        >>> power_of("cm^-1", 1.0, "A", 2.0), power_of("eV", 0.0, "nm", -1.0)
        ('cm^-1 A^2', '1/nm')
    """
    above = [_powered(name, p) for name, p in ((energy, a), (length, b)) if p > 0.0]
    below = [_powered(name, -p) for name, p in ((energy, a), (length, b)) if p < 0.0]
    return "/".join([" ".join(above) or "1", *below]) if above or below else ""


def split_heading(heading: str) -> tuple[str, str]:
    """The name and the unit of a column such as ``"x (nm)"``; without one, an empty unit.

    Example:
        >>> split_heading("V [cm^-1]"), split_heading("x")
        (('V', 'cm^-1'), ('x', ''))
    """
    match = re.fullmatch(r"\s*(.*?)\s*[(\[]\s*(.*?)\s*[)\]]\s*", heading)
    return (match[1], match[2]) if match else (heading.strip(), "")


def _powered(name: str, power: float) -> str:
    base = f"({name})" if "^" in name and power != 1.0 else name
    return base if power == 1.0 else f"{base}^{power:g}"


def _tidy_mass(mass: str) -> str:
    """The number as it was written, and its unit's own name."""
    number, unit = split_quantity(mass)
    return f"{number} {known_unit(unit, MASSES)}"


def _meant(name: str, known: Mapping[str, float] | list[str]) -> str:
    """A sentence on the unit that may have been meant, or nothing."""
    found = list(_close(name, known))
    return f" Did you mean {' or '.join(found)}?" if found else ""


def _close(name: str, known: Mapping[str, float] | list[str]) -> Iterator[str]:
    if not name:
        return
    spelled = {unit.casefold(): unit for unit in known}
    spelled |= {alias.casefold(): unit for alias, unit in ALIASES.items() if unit in known}
    alike = [unit for unit in known if unit.casefold() == name.casefold()]
    near = difflib.get_close_matches(name.casefold(), spelled, n=1, cutoff=0.6)
    yield from alike or [spelled[text] for text in near]
