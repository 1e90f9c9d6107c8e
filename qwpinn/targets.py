"""Targets: what ``qwpinn solve`` and ``qwpinn compare`` are pointed at, a name or a file."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from qwpinn import potentials
from qwpinn.files import read_problem
from qwpinn.names import asked
from qwpinn.plain import snake_case
from qwpinn.potentials import Potential
from qwpinn.settings import Settings

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
    command.set_defaults(check=check_names)
    command.add_argument(
        "target",
        metavar="TARGET",
        help=f"{', '.join(READY)}; or a file that ends in .csv or .toml, e.g. of a heterostructure",
    )
    usual = Settings
    group = command.add_argument_group("how to solve it", "These win over the [solve] of a .toml.")
    group.add_argument("--states", type=int, metavar="K", help=f"default: {usual.states}")
    group.add_argument(
        "--rtol", type=float, metavar="R",
        help=f"the widest enclosure, in units of E - min V; default: {usual.rtol:g}",
    )  # fmt: skip
    group.add_argument("--seed", type=int, metavar="S", help=f"default: {usual.seed}")
    group.add_argument("--units", type=int, metavar="N", help="default: as many as rtol needs")
    group.add_argument("--epochs", type=int, metavar="N", help="default: as many as rtol needs")
    group = command.add_argument_group("fields of the potentials")
    for field, (number, names) in _fields().items():
        group.add_argument(_option(field), type=number, metavar="X", help=", ".join(names))


def check_names(options: argparse.Namespace) -> dict[str, float]:
    """Refuses names that the parsed arguments of `add_arguments` cannot mean, before any loading.

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
    chosen = {s: getattr(options, s) for s in names if getattr(options, s) is not None}
    if name in READY:
        potential = READY[name](**given)
        return Target(str(potential), potential, Settings(**chosen))
    problem = read_problem(name)
    settings = Settings(**{**problem.settings, **chosen})
    return Target(f"{name} ({problem.potential.name})", problem.potential, settings)


def _fields() -> dict[str, tuple[type, list[str]]]:
    """The numeric fields of all ready potentials: their types, and whose they are."""
    fields: dict[str, tuple[type, list[str]]] = {}
    for name, kind in READY.items():
        for field, number in numbers(kind).items():
            fields.setdefault(field, (number, []))[1].append(name)
    return fields


def _option(field: str) -> str:
    return "--" + field.replace("_", "-")
