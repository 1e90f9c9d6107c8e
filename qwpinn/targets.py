"""Targets: what ``qwpinn solve`` and ``qwpinn compare`` are pointed at, a name or a file."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from qwpinn import numerals, potentials
from qwpinn.files import read_problem
from qwpinn.plain import snake_case
from qwpinn.potentials import Potential
from qwpinn.results import Settings

# The potentials that need numbers only, all of which have defaults.
READY: Mapping[str, type[Potential]] = {
    snake_case(kind.__name__): kind
    for kind in (
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
    )
}
FILES = (".csv", ".toml")

Number = TypeVar("Number", int, float)


def real(text: str) -> float:
    """A number, as the type of an option."""
    return _read(numerals.real, text)


def whole(text: str) -> int:
    """A whole number, as the type of an option."""
    return _read(numerals.whole, text)


def _read(read: Callable[[str], Number], text: str) -> Number:
    try:
        return read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None


class Target(NamedTuple):
    """What is to be solved, and how.

    Attributes:
        title: For people.
        potential: The well.
        settings: How.
    """

    title: str
    potential: Potential
    settings: Settings


def numbers(kind: type[Potential]) -> dict[str, type]:
    """The fields of a potential that are numbers, each with its type.

    Example:
        >>> numbers(potentials.Harmonic)
        {'omega': <class 'float'>, 'box': <class 'float'>}
    """
    types: dict[Any, type] = {float: float, float | None: float, int: int}
    fields = dataclasses.fields(kind)  # type: ignore[arg-type]  # all potentials are dataclasses
    return {field.name: types[field.type] for field in fields if field.type in types}


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Give a command the target, how to solve it, and every field of a ready potential."""
    command.usage = "%(prog)s TARGET [options]"
    command.add_argument(
        "target",
        metavar="TARGET",
        help=f"{', '.join(READY)}; or a file that ends in .csv or .toml, e.g. of a heterostructure",
    )
    usual = Settings()
    group = command.add_argument_group("how to solve it", "These win over the [solve] of a .toml.")
    group.add_argument("--states", type=whole, metavar="K", help=f"default: {usual.states}")
    group.add_argument(
        "--rtol", type=real, metavar="R",
        help=f"the widest enclosure, in units of E - min V; default: {usual.rtol:g}",
    )  # fmt: skip
    group.add_argument("--seed", type=whole, metavar="S", help=f"default: {usual.seed}")
    group.add_argument("--units", type=whole, metavar="N", help="default: as many as rtol needs")
    group.add_argument("--epochs", type=whole, metavar="N", help="default: as many as rtol needs")
    group = command.add_argument_group("fields of the potentials")
    for field, (number, names) in _fields().items():
        kind = whole if number is int else real
        group.add_argument(_option(field), type=kind, metavar="X", help=", ".join(names))


def target_of(options: argparse.Namespace) -> Target:
    """What the parsed arguments of `add_arguments` mean.

    Raises:
        OSError: If a file cannot be read.
        ValueError: If the target is unknown, a field is not one of its, or a number is invalid.
    """
    name = options.target
    given = {f: getattr(options, f) for f in _fields() if getattr(options, f) is not None}
    names = [field.name for field in dataclasses.fields(Settings)]
    chosen = {s: getattr(options, s) for s in names if getattr(options, s) is not None}
    if name in READY:
        potential = _ready(name, given)
        return Target(str(potential), potential, Settings(**chosen))
    if Path(name).suffix.lower() not in FILES:
        raise ValueError(
            f"`TARGET` must be one of {', '.join(READY)}, or a file that ends in .csv or .toml. "
            f"Received: {name}. Correct its name."
        )
    if given:
        raise ValueError(
            f"`{name}` must give the fields of its potential itself. Received: "
            f"{_option(next(iter(given)))}. Leave it out."
        )
    problem = read_problem(name)
    settings = Settings(**{**problem.settings, **chosen})
    return Target(f"{name} ({problem.potential.name})", problem.potential, settings)


def _ready(name: str, given: Mapping[str, float]) -> Potential:
    known = numbers(READY[name])
    for field in given:
        if field not in known:
            raise ValueError(
                f"`{name}` must be given by {', '.join(map(_option, known))}. "
                f"Received: {_option(field)}. Leave it out."
            )
    return READY[name](**given)


def _fields() -> dict[str, tuple[type, list[str]]]:
    """The numeric fields of all ready potentials: their types, and whose they are."""
    fields: dict[str, tuple[type, list[str]]] = {}
    for name, kind in READY.items():
        for field, number in numbers(kind).items():
            fields.setdefault(field, (number, []))[1].append(name)
    return fields


def _option(field: str) -> str:
    return "--" + field.replace("_", "-")
