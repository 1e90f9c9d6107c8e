"""Jobs of the commands for families: what they are asked to do, as `qwpinn.cli.jobs` has it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

import qwpinn
from qwpinn.families.files import SETTINGS, FamilyProblem, read_family
from qwpinn.inputs import check, numerals
from qwpinn.loading import config_of
from qwpinn.solving.settings import FAMILY
from qwpinn.storage import runs
from qwpinn.storage.contents import is_model_folder
from qwpinn.storage.places import place_of
from qwpinn.storage.runs import opened


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
