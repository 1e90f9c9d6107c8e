"""Units: quantities as files write them, e.g. ``"20 nm"``, in nm, meV and kV/cm."""

from __future__ import annotations

import re
from collections.abc import Mapping

from qwpinn import _check

LENGTHS: Mapping[str, float] = {"nm": 1.0, "A": 0.1, "Å": 0.1, "angstrom": 0.1, "um": 1e3}
ENERGIES: Mapping[str, float] = {"meV": 1.0, "eV": 1e3}
FIELDS: Mapping[str, float] = {"kV/cm": 1.0, "V/cm": 1e-3, "MV/cm": 1e3, "V/m": 1e-5, "MV/m": 10.0}

NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)


def quantity(name: str, value: object, units: Mapping[str, float]) -> float:
    """A number in the first of the units.

    Args:
        name: Of the quantity, for the message.
        value: A string of a number and a unit.
        units: The size of each unit that is allowed, in the first.

    Raises:
        ValueError: If the unit is missing or not one of those, or the number is none.

    Example:
        >>> quantity("thickness", "60 A", LENGTHS), quantity("offset", "0.167 eV", ENERGIES)
        (6.0, 167.0)
    """
    usual = next(iter(units))
    match = NUMBER.match(str(value))
    if match is None:
        raise ValueError(
            f"`{name}` must be a number with a unit of {', '.join(units)}. Received: "
            f"{name}={value!r}. Write it as in '20 {usual}'."
        )
    size, unit = float(match[0]), str(value)[match.end() :].strip()
    if unit not in units:
        found = f"the unit {unit}" if unit else "no unit"
        raise ValueError(
            f"`{name}` must have a unit of {', '.join(units)}. Received: {name}={value!r}, "
            f"{found}. Write it as in '20 {usual}'."
        )
    return _check.finite(name, size * units[unit])
