"""Jobs: what a command is asked to do, read and checked before TensorFlow is loaded.

Each is a context named after its command. What it is given is checked when it begins; the places
of the results are kept from other processes until it ends, and backups beside them.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
from collections.abc import Callable, Iterator
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
from qwpinn.inputs import check, limits, numerals
from qwpinn.loading import config_of
from qwpinn.potentials.config import potential_config
from qwpinn.potentials.square_wells import wells
from qwpinn.progress.heartbeat import print_text
from qwpinn.storage import runs
from qwpinn.storage.contents import is_log_folder, is_model_folder, is_sweep_folder
from qwpinn.storage.places import check_replaceable
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
    """The positions: a column for each coordinate."""
    axes = [grid("--grid", options.grid, "-3:3:601", limits.GRID)]
    if options.grid_y is not None:
        axes.append(grid("--grid-y", options.grid_y, "-2:2:401", limits.GRID))
    limits.at_most("--grid", math.prod(axis.size for axis in axes), limits.GRID, "points")
    config_of(options.model)
    yield np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))


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
