"""Targets: what ``qwpinn solve`` and ``qwpinn compare`` are pointed at, a name or a file."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from qwpinn import potentials
from qwpinn.cli.typed import or_text, real, whole
from qwpinn.equation.geometry import AnyWell
from qwpinn.inputs import numerals
from qwpinn.inputs.names import asked
from qwpinn.potentials.files import read_problem
from qwpinn.solving.settings import Settings
from qwpinn.storage.plain import snake_case
from qwpinn.units.quantities import ENERGIES, LENGTHS, known_unit, split_quantity
from qwpinn.units.systems import Units


def _named(*kinds: type[AnyWell]) -> dict[str, type[AnyWell]]:
    return {snake_case(kind.__name__): kind for kind in kinds}


# The potentials whose fields all have defaults.
READY: Mapping[str, type[AnyWell]] = {
    **_named(
        potentials.InfiniteWell,
        potentials.FiniteWell,
        potentials.FiniteBarrier,
        potentials.KronigPenney,
        potentials.Harmonic,
        potentials.Morse,
        potentials.PoeschlTeller,
        potentials.Triangular,
        potentials.Quartic,
        potentials.DoubleWell,
        potentials.WoodsSaxon,
        potentials.Gaussian,
    ),
    **_named(
        potentials.Box2D,
        potentials.Harmonic2D,
        potentials.HenonHeiles,
        potentials.CircularDot,
        potentials.RectangularDot,
        potentials.CoupledDots,
        potentials.Gaussians2D,
    ),
}
FILES = (".csv", ".toml")
UNITS: Mapping[str, float] = {**LENGTHS, **ENERGIES}


class Target(NamedTuple):
    """What is to be solved, and how.

    Attributes:
        file: That describes it; empty for one of the ready potentials.
        potential: The well.
        settings: How.
    """

    file: str
    potential: AnyWell
    settings: Settings


def numbers(kind: type[AnyWell]) -> dict[str, type]:
    """The fields of a potential that are numbers, each with its type.

    Example:
        >>> numbers(potentials.Harmonic)
        {'omega': <class 'float'>, 'box': <class 'float'>}
    """
    types: dict[object, type] = {float: float, float | None: float, int: int}
    fields = dataclasses.fields(kind)
    return {field.name: types[field.type] for field in fields if field.type in types}


def add_arguments(command: argparse.ArgumentParser, trained: bool = True) -> None:
    """Give a command the target, how to solve it, and every field of a ready potential.

    Args:
        command: The command.
        trained: Whether the network is what is asked for, so that its size, training and tolerance
            can be; else they follow from what is.
    """
    command.usage = "%(prog)s TARGET [options]"
    command.add_argument(
        "target",
        metavar="TARGET",
        help=f"{', '.join(READY)}; or a file that ends in .csv or .toml, e.g. of a heterostructure "
        "or of regions of the plane",
    )
    usual = Settings
    said = "These win over the [solve] of a .toml." if trained else None
    group = command.add_argument_group("how to solve it", said)
    states = usual.states if trained else "as many as it takes"
    group.add_argument("--states", type=whole, metavar="K", help=f"default: {states}")
    group.add_argument("--seed", type=whole, metavar="S", help=f"default: {usual.seed}")
    units = "of all numbers, e.g. nm,eV, or hartree; default: hbar^2/2m = 1"
    if trained:
        _add_training(group)
        units += ". Or a number N, of units of the network; default: as many as rtol needs"
    group.add_argument(
        "--units", type=or_text(numerals.whole) if trained else str, metavar="LENGTH,ENERGY",
        help=units,
    )  # fmt: skip
    group.add_argument(
        "--mass", type=or_text(numerals.real), metavar="M",
        help="with units: in electron masses, or e.g. '7.0015 u'; default: 1",
    )  # fmt: skip
    group = command.add_argument_group("fields of the potentials")
    for field, (number, names) in _fields().items():
        kind = whole if number is int else _number
        group.add_argument(_option(field), type=kind, metavar="X", help=", ".join(names))


def _add_training(group: argparse._ActionsContainer) -> None:
    """How good the network must be, and how long it is trained."""
    group.add_argument(
        "--rtol", type=real, metavar="R",
        help=f"the widest enclosure, in units of E - min V; default: {Settings.rtol:g}",
    )  # fmt: skip
    group.add_argument("--epochs", type=whole, metavar="N", help="default: as many as rtol needs")


def check_names(options: argparse.Namespace) -> dict[str, float | str]:
    """Refuses names that the parsed arguments of `add_arguments` cannot mean.

    Returns:
        The fields that are given.

    Raises:
        ValueError: If the target is unknown, or a field is not one of its.
    """
    name = options.target
    given = {f: getattr(options, f) for f in _fields() if getattr(options, f) is not None}
    if name in READY:
        known = numbers(READY[name])
        for field in given:
            if field not in known:
                raise ValueError(
                    f"`{name}` must be given by {', '.join(map(_option, known))}. "
                    f"Received: {_option(field)}. "
                    f"{asked(_option(field), map(_option, known), 'Leave it out.')}"
                )
    elif Path(name).suffix.lower() not in FILES:
        raise ValueError(
            f"`TARGET` must be one of {', '.join(READY)}, or a file that ends in .csv or .toml. "
            f"Received: {name}. {asked(name, READY, 'Correct its name.')}"
        )
    elif given:
        raise ValueError(
            f"`{name}` must give the fields of its potential itself. Received: "
            f"{_option(next(iter(given)))}. Leave it out."
        )
    return given


def target_of(options: argparse.Namespace) -> Target:
    """What the parsed arguments of `add_arguments` mean.

    Raises:
        OSError: If a file cannot be read.
        ValueError: If the target is unknown, a field is not one of its, or a number is invalid.
    """
    name, given = options.target, check_names(options)
    names = [field.name for field in dataclasses.fields(Settings)]
    typed = {name: getattr(options, name, None) for name in names}
    chosen = {name: value for name, value in typed.items() if value is not None}
    units = chosen.pop("units") if isinstance(options.units, str) else None
    if name in READY:
        potential = _in_units(
            READY[name](**_as_numbers(READY[name], given, units)), units, options.mass
        )
        return Target("", potential, Settings(**chosen))
    problem = read_problem(name)
    settings = Settings(**{**problem.settings, **chosen})
    potential = _in_units(problem.potential, units, options.mass)
    return Target(name, potential, settings)


def _in_units(potential: AnyWell, units: str | None, mass: float | str | None) -> AnyWell:
    """The potential in the units and with the mass of the command line, if it gives any."""
    if units is not None:
        length, energy = _split(units)
        return potential.in_units(length, energy, mass)
    if mass is None:
        return potential
    if potential.units.plain:
        raise ValueError(
            f"`--mass` must come with --units, for a potential without any. Received: --mass {mass}"
            " alone. Add e.g. --units nm,eV."
        )
    return potential.in_units(mass=mass)


def _split(units: str) -> tuple[str, str | None]:
    """The unit of length, or a system, and the unit of energy, if it is given."""
    parts = units.split(",")
    if len(parts) > 2:
        raise ValueError(
            f"`--units` must be a unit of length and one of energy, or a system. Received: {units}."
            " For example --units nm,eV, or --units hartree."
        )
    return parts[0], parts[1] if len(parts) == 2 else None


def _number(text: str) -> float | str:
    """A number, or a string of a number and a unit."""
    number, unit = split_quantity(text)
    # ``0x10`` and the like are slips; a unit is a known one, or stands apart.
    given = number and unit and (" " in text.strip() or known_unit(unit, UNITS))
    return text if given else real(text)


def _as_numbers(
    kind: type[AnyWell], given: Mapping[str, float | str], units: str | None
) -> dict[str, object]:
    """The fields, strings with a unit as numbers of the units that were given."""
    named = next((field for field, value in given.items() if isinstance(value, str)), None)
    if named is None:
        return dict(given)
    if units is None:
        raise ValueError(
            f"`{_option(named)}` must be a number where no units are given. Received: "
            f"{given[named]}. Add e.g. --units nm,eV."
        )
    declared = Units(*_split(units))
    dimensions = {field: kind.dimensions.get(field, (0.0, 0.0)) for field in given}
    return {f: declared.number(_option(f), v, dimensions[f]) for f, v in given.items()}


def _fields() -> dict[str, tuple[type, list[str]]]:
    """The numeric fields of all ready potentials: their types, and whose they are."""
    fields: dict[str, tuple[type, list[str]]] = {}
    for name, kind in READY.items():
        for field, number in numbers(kind).items():
            fields.setdefault(field, (number, []))[1].append(name)
    return fields


def _option(field: str) -> str:
    return "--" + field.replace("_", "-")
