"""Materials: the conduction band of semiconductors, its edge, mass and gap, each with its source.

Two presets:

- ``"vurgaftman"``: GaAs, Al(x)Ga(1-x)As up to x = 0.45, In(0.53)Ga(0.47)As, In(0.52)Al(0.48)As,
  InAs, GaSb, AlSb, GaN, Al(x)Ga(1-x)N; the Gamma valley, unstrained, at low temperature;
- ``"harrison"``: GaAs and Al(x)Ga(1-x)As up to x = 0.45, as a textbook has them.

Not in the tables, and so not in any result: strain, the polarisation of nitrides (give it as a
field), temperature, the X and L valleys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from qwpinn.inputs import check
from qwpinn.inputs.names import asked


class Material(NamedTuple):
    """The conduction band of one material.

    Attributes:
        name: With its composition, e.g. ``"Al0.2Ga0.8As"``.
        edge: Of the conduction band, meV, on a scale that the materials of a family share.
        mass: At the edge, in free-electron masses.
        gap: To the valence band, meV.
        family: Materials that grow on each other with little strain; others are not combined.
        source: Of the numbers.
    """

    name: str
    edge: float
    mass: float
    gap: float
    family: str
    source: str


class Band(NamedTuple):
    """What the tables list of a compound, or the bowing of an alloy, in eV and electron masses."""

    gap: float
    valence: float
    mass: float


class Alloy(NamedTuple):
    """P(x) = x P(first) + (1 - x) P(second) - x (1 - x) (bowing + x slope).

    Attributes:
        first: The compound of x = 1.
        second: That of x = 0.
        bowing: C of gap, valence band and mass.
        slope: dC/dx of the gap.
        least: The least x allowed.
        most: The largest x allowed.
        family: See `Material`.
        source: Of the bowing.
    """

    first: str
    second: str
    bowing: Band
    slope: float
    least: float
    most: float
    family: str
    source: str


REVIEW = (
    "I. Vurgaftman, J. R. Meyer, L. R. Ram-Mohan, J. Appl. Phys. 89 (2001) 5815, "
    "doi:10.1063/1.1368156"
)
TEXTBOOK = (
    "P. Harrison, Quantum Wells, Wires and Dots, ISBN 978-0-470-77098-6: V = 0.67 * 1247 x meV, "
    "m = 0.067 + 0.083 x, Eg = 1426 + 1247 x meV"
)

# Eg(Gamma) at 0 K, valence band offset on the scale of the review, m*(Gamma).
_COMPOUNDS: Mapping[str, Band] = {
    "GaAs": Band(gap=1.519, valence=-0.80, mass=0.067),
    "AlAs": Band(gap=3.099, valence=-1.33, mass=0.15),
    "InAs": Band(gap=0.417, valence=-0.59, mass=0.026),
    "GaSb": Band(gap=0.812, valence=-0.03, mass=0.039),
    "AlSb": Band(gap=2.386, valence=-0.41, mass=0.14),
    # Wurtzite, along c; of the offset only the 0.8 eV between the two matters.
    "GaN": Band(gap=3.507, valence=-2.64, mass=0.20),
    "AlN": Band(gap=6.23, valence=-3.44, mass=0.28),
}
_FAMILIES: Mapping[str, str] = {
    "GaAs": "GaAs", "InAs": "6.1 angstrom", "GaSb": "6.1 angstrom", "AlSb": "6.1 angstrom",
    "GaN": "nitride",
}  # fmt: skip
_ALLOYS: Mapping[str, Alloy] = {
    "AlGaAs": Alloy("AlAs", "GaAs", Band(-0.127, 0.0, 0.0), 1.310, 0.0, 0.45, "GaAs", "AlGaAs"),
    "InGaAs": Alloy("InAs", "GaAs", Band(0.477, -0.38, 0.0091), 0.0, 0.53, 0.53, "InP", "GaInAs"),
    "InAlAs": Alloy("InAs", "AlAs", Band(0.70, -0.64, 0.049), 0.0, 0.52, 0.52, "InP", "AlInAs"),
    "AlGaN": Alloy("AlN", "GaN", Band(1.0, 0.0, 0.0), 0.0, 0.0, 1.0, "nitride", "AlGaN, wurtzite"),
}
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "vurgaftman": (*_FAMILIES, *_ALLOYS),
    "harrison": ("GaAs", "AlGaAs"),
}
PRESETS = tuple(_KNOWN)


def material(name: str, composition: float | None = None, preset: str = "vurgaftman") -> Material:
    """Looks a material up.

    Args:
        name: A compound, an alloy with its fractions such as ``"Al0.2Ga0.8As"``, in any order of
            the elements, or without, such as ``"AlGaAs"``, and then `composition` says it.
        composition: x, the fraction of the first element of AlGaAs, InGaAs, InAlAs or AlGaN.
        preset: ``"vurgaftman"`` or ``"harrison"``.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If the preset or the material is unknown, or the composition is missing, out of
            range, or of a compound that has none.

    Example:
        >>> barrier, well = material("Al0.2Ga0.8As"), material("GaAs")
        >>> round(barrier.edge - well.edge, 1), round(barrier.mass, 4), round(barrier.gap, 1)
        (188.4, 0.0836, 1813.4)

    Reference:
        doi:10.1063/1.1368156, and for the preset "harrison" ISBN 978-0-470-77098-6
    """
    if preset not in _KNOWN:
        raise ValueError(
            f"`preset` must be one of {', '.join(_KNOWN)}. Received: preset={preset!r}. "
            f"{asked(preset, _KNOWN, 'Leave it out for the first.')}"
        )
    kind, written = formula(name)
    if kind not in _KNOWN[preset]:
        raise ValueError(
            f"`material` must be one of {', '.join(_KNOWN[preset])} in the preset '{preset}', "
            f"alloys with fractions, e.g. Al0.2Ga0.8As. Received: material={name!r}. "
            f"{asked(kind, _KNOWN[preset], 'Correct its name, or give offset and mass.')}"
        )
    if kind in _ALLOYS:
        x = _composition(name, kind, written if composition is None else composition)
        if written is not None and abs(written - x) > 1e-9:
            raise ValueError(
                f"`composition` must be that of the name. Received: composition={x} of {name}. "
                f"Leave one of the two out, e.g. material='{kind}'."
            )
        return _textbook(x) if preset == "harrison" else _alloy(kind, x)
    if composition is not None:
        raise ValueError(
            f"`composition` must be left out for a compound. Received: composition={composition} "
            f"of {name}. Name an alloy, e.g. AlGaAs."
        )
    if preset == "harrison":
        return _textbook(0.0)._replace(name=kind)
    return _material(kind, _COMPOUNDS[kind], _FAMILIES[kind], f"{REVIEW}, table of {kind}")


def formula(name: str) -> tuple[str, float | None]:
    """The compound or alloy that a name means, and the fraction of its first element if written.

    Example:
        >>> formula("Ga0.8Al0.2As"), formula("GaAs")
        (('AlGaAs', 0.2), ('GaAs', None))
    """
    if not isinstance(name, str):
        raise TypeError(
            f"`material` must be a name. Received: material={name!r}. Write it as in 'GaAs'."
        )
    parts = re.findall(r"([A-Z][a-z]?)(\d*\.?\d+)?", name.strip())
    if "".join(element + number for element, number in parts) != name.strip():
        return name, None
    numbers = dict(parts)
    for kind, alloy in _ALLOYS.items():
        first, second, anion = re.findall("[A-Z][a-z]?", kind)
        if set(numbers) == {first, second, anion} and not numbers[anion] and len(parts) == 3:
            x, rest = numbers[first], numbers[second]
            if not x and not rest:
                return kind, None
            fractions = float(x or 1.0 - float(rest)), float(rest or 1.0 - float(x))
            if abs(sum(fractions) - 1.0) > 1e-9:
                raise ValueError(
                    f"`material` must have fractions that add up to 1. Received: {name}. "
                    f"Write e.g. {first}{fractions[0]:g}{second}{1 - fractions[0]:g}{anion}, or "
                    f"'{kind}' with a composition of {alloy.least:g} to {alloy.most:g}."
                )
            return kind, fractions[0]
    return name.strip(), None


def _composition(name: str, kind: str, x: float | None) -> float:
    """The fraction x, refused where it is missing or out of range."""
    alloy = _ALLOYS[kind]
    one = alloy.least == alloy.most
    if x is None and one:
        return alloy.most
    allowed = f"{alloy.most:g}" if one else f"from {alloy.least:g} to {alloy.most:g}"
    why = ", the only one without strain" if one else ""
    if x is None:
        raise ValueError(
            f"`composition` must be given for an alloy. Received: material={name!r} without. "
            f"Give x {allowed}, or write it into the name."
        )
    fraction = check.finite("composition", x)
    if not alloy.least - 1e-12 <= fraction <= alloy.most + 1e-12:
        raise ValueError(
            f"`composition` of {kind} must be {allowed}{why}. Received: composition={fraction!r}. "
            "Change it, or give offset and mass."
        )
    return fraction


def _alloy(kind: str, x: float) -> Material:
    """Vegard's law with bowing."""
    alloy = _ALLOYS[kind]
    first, second = _COMPOUNDS[alloy.first], _COMPOUNDS[alloy.second]
    bowing = alloy.bowing._replace(gap=alloy.bowing.gap + alloy.slope * x)
    band = Band(
        *(
            x * a + (1.0 - x) * b - x * (1.0 - x) * c
            for a, b, c in zip(first, second, bowing, strict=True)
        )
    )
    source = f"{REVIEW}, tables of {alloy.first}, {alloy.second} and {alloy.source}"
    return _material(_formula(kind, x), band, alloy.family, source)


def _material(name: str, band: Band, family: str, source: str) -> Material:
    """A table's eV as meV."""
    return Material(
        name, 1e3 * (band.valence + band.gap), band.mass, 1e3 * band.gap, family, source
    )


def _textbook(x: float) -> Material:
    """Al(x)Ga(1-x)As of the textbook."""
    return Material(
        name=_formula("AlGaAs", x),
        edge=0.67 * 1247.0 * x,
        mass=0.067 + 0.083 * x,
        gap=1426.0 + 1247.0 * x,
        family="GaAs",
        source=TEXTBOOK,
    )


def _formula(kind: str, x: float) -> str:
    """A name with its fractions, e.g. ``"Al0.2Ga0.8As"``."""
    first, second, anion = re.findall("[A-Z][a-z]?", kind)
    return f"{first}{x:.6g}{second}{1.0 - x:.6g}{anion}"
