"""Units: their sizes, spellings, and quantities such as ``"20 nm"``.

Sizes are CODATA's, from `scipy.constants`; that is all that is needed of a library for units. A
table of some thirty names loads in no time, knows "A" as Angstrom and "K" as an energy, as users of
this equation write them, and names what it does not know.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from scipy import constants

from qwpinn.inputs import check

_MEV = constants.e * 1e-3
# hbar^2 / (2 m0) in meV nm^2.
KINETIC = constants.hbar**2 / (2.0 * constants.m_e) / constants.e * 1e21
# hbar in meV fs.
HBAR = constants.hbar / constants.e * 1e18
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
        "\u03bceV": "ueV", "joule": "J", "electronvolt": "eV", "ha": "hartree", "eh": "hartree",
        "e_h": "hartree",
        "ry": "rydberg", "cm-1": "cm^-1", "1/cm": "cm^-1", "cm**-1": "cm^-1", "/cm": "cm^-1",
        "kelvin": "K", "m_e": "m0", "me": "m0", "m_0": "m0", "da": "u", "dalton": "u", "amu": "u",
    }
)  # fmt: skip

NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)


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
        return check.finite(name, size)
    return check.finite(name, size * units[unit] / units[usual])


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


def quantity_in(value: object) -> str | None:
    """A value, or the first in a list, that is a number with something after it; None without.

    Example:
        >>> quantity_in("5 eV"), quantity_in([0.0, "1 nm"]), quantity_in("linear")
        ('5 eV', '1 nm', None)
    """
    values = value if isinstance(value, list | tuple) else [value]
    strings = (item for item in values if isinstance(item, str))
    return next((text for text in strings if all(split_quantity(text))), None)


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


def unit_named(
    kind: str, name: object, units: Mapping[str, float], others: Sequence[str] = ()
) -> str:
    """The unit that a name stands for; refuses what is none.

    Args:
        kind: What it measures, for the message.
        name: In any spelling.
        units: The table.
        others: Names that would have been right too, for the message.
    """
    if not isinstance(name, str):
        raise TypeError(
            f"`{kind}` must be the name of a unit. Received: {kind}={name!r} of type "
            f"{type(name).__name__}. Give e.g. {kind}='{next(iter(units))}'."
        )
    unit = known_unit(name, units)
    if unit is None:
        systems = f", or the system {', '.join(others)}" if others else ""
        raise ValueError(
            f"`{kind}` must be a unit of {', '.join(units)}{systems}. Received: {kind}={name!r}."
            f"{_meant(name, [*units, *others])} Correct it."
        )
    return unit


def mass_of(mass: object) -> float:
    """A mass in electron masses, given so or with a unit.

    Example:
        >>> mass_of(0.067), round(mass_of("1 u"), 3)
        (0.067, 1822.888)
    """
    number = quantity("mass", mass, MASSES) if isinstance(mass, str) else mass
    return check.positive("mass", number, "mass in units of the electron's")


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
    match = re.fullmatch(r"\s*(.*?)\s*[(\[]([^()\[\]]*)[)\]]\s*", heading)
    return (match[1], match[2].strip()) if match else (heading.strip(), "")


def _powered(name: str, power: float) -> str:
    base = f"({name})" if "^" in name and power != 1.0 else name
    return base if power == 1.0 else f"{base}^{power:g}"


def _meant(name: str, known: Iterable[str]) -> str:
    """A sentence on the unit that may have been meant, or nothing."""
    found = list(_close(name, known))
    return f" Did you mean {' or '.join(found)}?" if found else ""


def _close(name: str, known: Iterable[str]) -> Iterator[str]:
    if not name:
        return
    known = list(known)
    spelled = {unit.casefold(): unit for unit in known}
    spelled |= {alias.casefold(): unit for alias, unit in ALIASES.items() if unit in known}
    alike = [unit for unit in known if unit.casefold() == name.casefold()]
    near = difflib.get_close_matches(name.casefold(), spelled, n=1, cutoff=0.6)
    yield from alike or [spelled[text] for text in near]
