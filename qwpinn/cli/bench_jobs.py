"""The job of ``qwpinn bench``: what is run, checked before anything is."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

import qwpinn
from qwpinn.bench.contest import Contest, cores
from qwpinn.bench.environment import python_of
from qwpinn.bench.names import PEERS, TECHNIQUES, check_techniques
from qwpinn.bench.problems import WELLS, Problem
from qwpinn.cli.targets import FILES, READY
from qwpinn.equation.geometry import geometry_of
from qwpinn.inputs import check, limits, numerals
from qwpinn.inputs.names import asked
from qwpinn.potentials.config import potential_config
from qwpinn.potentials.files import read_problem
from qwpinn.progress.heartbeat import print_text
from qwpinn.storage import runs
from qwpinn.storage.contents import BENCH_APART, BENCH_RUNS, is_bench_folder
from qwpinn.storage.places import check_replaceable


class Bench(NamedTuple):
    """Of ``qwpinn bench``.

    Attributes:
        contest: What is run.
        place: Of the results.
        problem: The same in JSON values.
        cores: That runs are kept to.
    """

    contest: Contest
    place: Path
    problem: runs.Problem
    cores: Sequence[int]


@contextmanager
def bench(options: argparse.Namespace, console: Console) -> Iterator[Bench]:
    """The wells, techniques and seeds, and the folder."""
    wells = _wells(_listed("--wells", options.wells, list(WELLS)))
    techniques = _listed("--techniques", options.techniques, list(TECHNIQUES))
    if options.peers:
        techniques += [name for name in PEERS if name not in techniques]
    check_techniques(techniques)
    budget = _seconds(options.budget)
    seeds = _seeds(options.seeds)
    count = len(wells) * len(techniques) * len(seeds)
    limits.at_most("runs", count, limits.VALUES, "wells times techniques times seeds")
    able = cores()
    given = len(able) if options.workers is None else options.workers
    workers = check.integer("--workers", given, 1, len(able))
    problem = {
        "qwpinn": qwpinn.__version__,
        "potential": {name: potential_config(well.potential) for name, well in wells.items()},
        "techniques": techniques, "seeds": seeds, "budget": budget,
    }  # fmt: skip
    with runs.opened(runs.folder(options.output), problem, is_bench_folder, True) as place:
        check_replaceable(place, is_bench_folder)
        _refuse_earlier(options, place)
        deepxde = None
        if any(name in PEERS and PEERS[name].apart for name in techniques):
            say = partial(print_text, console)
            deepxde = python_of(options.deepxde, place / BENCH_APART, say)
        contest = Contest(wells, techniques, seeds, budget, deepxde)
        yield Bench(contest, place, problem, able[:workers])


def _refuse_earlier(options: argparse.Namespace, place: Path) -> None:
    """Refuses results that are there, unless it is said what becomes of them."""
    if any(place.glob(f"{BENCH_RUNS}/*.json")) and not (options.resume or options.force):
        raise ValueError(
            f"`--output` must be new or empty. Received: '{place}', where runs are. Give --resume "
            "to keep those that are as asked for now, or --force to run all anew."
        )


def _listed(option: str, given: list[str] | None, default: list[str]) -> list[str]:
    """Names with commas or blanks, each once."""
    if given is None:
        return default
    names = [name.strip() for part in given for name in part.split(",")]
    if not all(names) or len(set(names)) < len(names):
        raise ValueError(
            f"`{option}` must be names with commas, each once. Received: {' '.join(given)}. "
            f"For example {option} {','.join(default[:2])}."
        )
    return names


def _wells(names: Sequence[str]) -> dict[str, Problem]:
    """Wells by what they are called."""
    found = [_well(name) for name in names]
    wells = {well.name: well for well in found}
    if len(wells) < len(found):
        raise ValueError(
            "`--wells` must be wells that are called otherwise, files without their folders and "
            f"endings. Received: {','.join(names)}. Rename a file."
        )
    return wells


def _well(name: str) -> Problem:
    """A well of the bench, a ready one, or that of a file."""
    if name in WELLS:
        potential = WELLS[name]
    elif name in READY:
        potential = READY[name]()
    elif Path(name).suffix.lower() in FILES:
        potential = read_problem(name).potential
    else:
        known = [*WELLS, *(ready for ready in READY if ready not in WELLS)]
        raise ValueError(
            f"`--wells` must be of {', '.join(known)}, or files that end in .csv or .toml. "
            f"Received: {name}. {asked(name, known, 'Correct its name.')}"
        )
    if geometry_of(potential).dimension > 1:
        raise ValueError(
            "`--wells` must be of one dimension, as the techniques are. Received: "
            f"{name}, of the plane. Take qwpinn compare {name}."
        )
    if potential.normal_form is not potential:
        raise ValueError(
            "`--wells` must be in plain numbers, hbar^2/2m = 1, so that all solvers can take them. "
            f"Received: {name}, which has units, or a mass that varies. Take qwpinn compare."
        )
    return Problem(Path(name).stem, potential)


def _seconds(text: str) -> float:
    """Seconds, with their unit or without."""
    try:
        found = numerals.real(text.removesuffix("s").strip())
    except ValueError:
        found = float("nan")
    if not 0.0 < found <= limits.BENCH_SECONDS:
        raise ValueError(
            f"`--budget` must be seconds, above 0 and at most {limits.BENCH_SECONDS}. Received: "
            f"--budget {text}. For example --budget 15s."
        )
    return found


def _seeds(text: str) -> list[int]:
    """A count, FROM:TO, or seeds with commas."""
    try:
        if ":" in text:
            start, stop = (numerals.whole(part) for part in text.split(":"))
            found = list(range(start, stop))[: limits.VALUES + 1]
        elif "," in text:
            found = [numerals.whole(part) for part in text.split(",")]
        else:
            found = list(range(min(numerals.whole(text), limits.VALUES + 1)))
    except ValueError:
        found = []
    good = found and min(found) >= 0 and max(found) <= limits.SEED
    if not good or len(set(found)) < len(found):
        raise ValueError(
            "`--seeds` must be how many, FROM:TO, or different ones with commas. Received: "
            f"--seeds {text}. For example --seeds 3, or --seeds 100:110."
        )
    return found
