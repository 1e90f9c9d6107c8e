"""Jobs: what a command is asked to do, read and checked before TensorFlow is loaded.

Each is a context named after its command. What it is given is checked when it begins; the places
of the results are kept from other processes until it ends, and backups beside them.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

import qwpinn
from qwpinn.cli import targets
from qwpinn.cli.backup import backed_up, discard
from qwpinn.cli.targets import Target
from qwpinn.families.files import SETTINGS, FamilyProblem, read_family
from qwpinn.inputs import check, limits, numerals
from qwpinn.loading import config_of
from qwpinn.potentials.config import potential_config
from qwpinn.potentials.square_wells import wells
from qwpinn.progress.heartbeat import print_text
from qwpinn.solving.settings import FAMILY
from qwpinn.storage import runs
from qwpinn.storage.contents import is_log_folder, is_model_folder, is_sweep_folder
from qwpinn.storage.places import check_replaceable, place_of
from qwpinn.storage.runs import opened

Array = NDArray[np.float64]


class Reproduction(NamedTuple):
    """Of ``qwpinn reproduce``.

    Attributes:
        recipe: Its name: "precise", "paper" or "naive".
        output: The folder.
        states: How many.
        seed: Of every random number.
    """

    recipe: str
    output: Path
    states: int
    seed: int


class Job(NamedTuple):
    """Of ``qwpinn solve``, ``sweep`` and ``compare``.

    Attributes:
        target: What is solved, and how.
        problem: The same in JSON values.
        place: Of the results, or None.
        backup: Its folder, or None where nothing is backed up.
        ended: If the run is resumed at its end, whether all came out as asked for; else None.
        parameter: Of a sweep: what is varied.
        values: Its values.
        workers: How many processes, or None for this one.
    """

    target: Target
    problem: runs.Problem
    place: Path | None = None
    backup: Path | None = None
    ended: bool | None = None
    parameter: str = ""
    values: Array = np.empty(0)
    workers: int | None = None


class Training(NamedTuple):
    """Of ``qwpinn train-family``.

    Attributes:
        problem: The family, and the settings of its file.
        settings: All of them.
        described: The problem in JSON values.
        place: Of the results.
    """

    problem: FamilyProblem
    settings: Mapping[str, int]
    described: runs.Problem
    place: Path


class Wanted(NamedTuple):
    """Of ``qwpinn design``.

    Attributes:
        targets: Energies of levels, or of their differences.
        bounds: Of parameters.
    """

    targets: dict[str, float]
    bounds: dict[str, tuple[float, float]]


@contextmanager
def reproduce(options: argparse.Namespace, console: Console) -> Iterator[Reproduction]:
    """The folders of the three wells, found to be writable before the work is done."""
    if options.naive and options.recipe != "paper":
        raise ValueError(
            "`--naive` must come with --recipe paper. Received: --recipe precise. Add it."
        )
    name = "naive" if options.naive else options.recipe
    default = {"precise": "."}.get(name, f"runs/{name}")
    output = Path(default if options.output is None else runs.folder(options.output))
    states = (5 if name == "precise" else 1) if options.states is None else options.states
    check.integer("states", states, maximum=limits.STATES)
    with ExitStack() as stack:
        for well, potential in wells().items():
            problem = {"potential": potential_config(potential)}
            stack.enter_context(
                opened(output / "savedmodels" / well, problem, is_model_folder, options.force)
            )
            check_replaceable(output / "logs" / well, is_log_folder)
        yield Reproduction(name, output, states, options.seed)


@contextmanager
def solve(options: argparse.Namespace, console: Console) -> Iterator[Job]:
    """The well, its folder, and the backup beside it."""
    _check_resume(options)
    target = targets.target_of(options)
    # Where every level has its network, each is trained in seconds.
    alone = target.potential.energy_dependent
    if options.resume and alone:
        raise ValueError(
            "`--resume` must come with bands that are parabolic. Received: non-parabolic ones, of "
            "which each level is trained in seconds. Leave it out."
        )
    problem = _problem(target)
    with _opened(options, problem, is_model_folder) as place:
        ended = _ended(options, place, problem)
        done = alone or place is None or ended is not None
        with nullcontext() if done else _kept(options, problem, console) as backup:
            _print_target(console, target)
            yield Job(target, problem, place, backup, ended)


@contextmanager
def sweep(options: argparse.Namespace, console: Console) -> Iterator[Job]:
    """The first well, the values, the folder, and the backup beside it."""
    _check_resume(options)
    target = targets.target_of(options)
    values = grid("--values", options.values, "0:70:8", limits.VALUES)
    if options.workers is not None:
        check.integer("--workers", options.workers, 1, limits.WORKERS)
    parameter = options.parameter
    first = target.potential.varied(parameter, float(values[0]))
    problem = {**_problem(target), "parameter": parameter, "values": values.tolist()}
    with _opened(options, problem, is_sweep_folder) as place:
        _print_target(console, target._replace(potential=first))
        print_text(console, f"Varied: {parameter}, from {values[0]:g} on.")
        ended = _ended(options, place, problem)
        kept = _kept(options, problem, console, is_sweep_folder, "value")
        done = place is None or ended is not None
        with nullcontext() if done else kept as backup:
            yield Job(target, problem, place, backup, ended, parameter, values, options.workers)


@contextmanager
def compare(options: argparse.Namespace, console: Console) -> Iterator[Job]:
    """The well."""
    target = targets.target_of(options)
    _print_target(console, target)
    yield Job(target, _problem(target))


@contextmanager
def evaluate(options: argparse.Namespace, console: Console) -> Iterator[Array]:
    """The positions."""
    x = grid("--grid", options.grid, "-3:3:601", limits.GRID)
    config_of(options.model)
    yield x


@contextmanager
def train_family(options: argparse.Namespace, console: Console) -> Iterator[Training]:
    """The family, how it is trained, and where: there, the first worker of a cluster writes."""
    _check_workers(options.workers)
    if options.wait is not None:
        check.positive("--wait", options.wait, kind="time")
    problem = read_family(options.file)
    given = {name: getattr(options, name) for name in SETTINGS}
    chosen = {n: SETTINGS[n](n, value) for n, value in given.items() if value is not None}
    settings = {**FAMILY, **problem.settings, **chosen}
    check_divisible(settings["members"], options.workers or 1)
    described = {"qwpinn": qwpinn.__version__, "family": problem.family.to_config(), **settings}
    place = place_of(runs.folder(options.output))
    if not os.environ.get("TF_CONFIG"):
        with opened(place, described, is_model_folder, options.force):
            pass
    yield Training(problem, settings, described, place)


@contextmanager
def design(options: argparse.Namespace, console: Console) -> Iterator[Wanted]:
    """What the levels shall be."""
    wanted = Wanted(
        dict(_number("--target", text) for text in options.target),
        dict(_bound(text) for text in options.bounds),
    )
    config_of(options.model)
    yield wanted


def _check_resume(options: argparse.Namespace) -> None:
    if options.resume and options.output is None:
        raise ValueError(
            "`--resume` must come with the --output of the run that was interrupted. "
            "Received: no --output. Add it."
        )


def _problem(target: Target) -> dict[str, object]:
    """What is solved, in JSON values."""
    return {
        "qwpinn": qwpinn.__version__,
        "potential": potential_config(target.potential),
        **dataclasses.asdict(target.settings),
    }


def _print_target(console: Console, target: Target) -> None:
    """What is solved, and its equation; of a device, the layers with all numbers that are used."""
    if target.file:
        print_text(console, f"{target.file} ({target.potential.name})")
    console.print(target.potential.heading())


def _opened(
    options: argparse.Namespace, problem: runs.Problem, ours: Callable[[Path], bool]
) -> AbstractContextManager[Path | None]:
    """The folder that is asked for, or none."""
    if options.output is None:
        return nullcontext()
    return opened(runs.folder(options.output), problem, ours, options.force)


def _ended(options: argparse.Namespace, place: Path | None, problem: runs.Problem) -> bool | None:
    """How a run ended that is resumed at its end; its backup goes."""
    if place is None or not options.resume:
        return None
    ended = runs.finished(place, problem)
    if ended is not None:
        discard(place)
    return ended


def _kept(
    options: argparse.Namespace,
    problem: runs.Problem,
    console: Console,
    ours: Callable[[Path], bool] = is_model_folder,
    noun: str = "epoch",
) -> AbstractContextManager[Path]:
    """Backups beside the output."""
    say = partial(print_text, console)
    return backed_up(options.output, problem, options.resume, say, ours, noun)


def grid(option: str, text: str, example: str, most: int) -> Array:
    """Evenly spaced numbers from FROM:TO:POINTS, or those of a list with commas."""
    parts = text.split(":")
    try:
        if len(parts) == 1:
            return check.real_array(option, [numerals.real(part) for part in text.split(",")])
        start, stop = map(numerals.real, parts[:2])
        points = numerals.whole(parts[2])
        good = len(parts) == 3 and points > 0 and np.isfinite([start, stop]).all()
    except (ValueError, IndexError):
        good = False
    if not good:
        raise ValueError(
            f"`{option}` must be FROM:TO:POINTS with two numbers and a positive integer, or "
            f"numbers with commas. Received: {option}={text}. For example {option}={example}."
        )
    limits.at_most(option, points, most, "points")
    return np.linspace(start, stop, points)


def _check_workers(count: int | None) -> None:
    if count is not None and count < 1:
        raise ValueError(
            f"`--workers` must be a positive integer. Received: {count}. Give e.g. 2, or leave it "
            "out."
        )
    if count is not None and count > 1 and os.environ.get("TF_CONFIG"):
        raise ValueError(
            "`--workers` must be left out where TF_CONFIG describes a cluster. Received: "
            f"--workers {count}. Start the command once on each of its machines."
        )


def check_divisible(members: int, count: int) -> None:
    """Refuses members that workers cannot share evenly."""
    if members % count:
        raise ValueError(
            f"`members` must be divisible by the {count} workers. Received: {members}. "
            f"Give e.g. --members {members + count - members % count}."
        )


def _number(option: str, text: str) -> tuple[str, float]:
    """NAME=NUMBER."""
    name, _, number = text.rpartition("=")
    try:
        if name:
            return name, numerals.real(number)
    except ValueError:
        pass
    raise ValueError(
        f"`{option}` must be LEVEL=ENERGY, or a difference of levels. Received: {text}. "
        f"For example {option} E1-E0=4.8."
    )


def _bound(text: str) -> tuple[str, tuple[float, float]]:
    """NAME=FROM:TO."""
    name, _, numbers = text.rpartition("=")
    try:
        low, high = map(numerals.real, numbers.split(":"))
    except ValueError:
        name = ""
    if not name:
        raise ValueError(
            f"`--bounds` must be NAME=FROM:TO. Received: {text}. For example --bounds depth=10:30."
        )
    return name, (low, high)
