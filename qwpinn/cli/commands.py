"""The commands: what ``qwpinn reproduce | solve | sweep | evaluate | compare`` do."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from rich.console import Console

import qwpinn
from qwpinn import plotting
from qwpinn.cli import targets
from qwpinn.cli.backup import Backup, Made, Say, Values, backed_up, discard
from qwpinn.cli.tables import columns_sheet, comparison_sheet, reproduction_table, stark_sheet
from qwpinn.cli.targets import Target
from qwpinn.inputs import check, limits, numerals
from qwpinn.loading import load
from qwpinn.networks.certificate import certify
from qwpinn.networks.saved_model import is_log_folder, is_model_folder
from qwpinn.potentials.config import potential_config
from qwpinn.progress.bars import (
    EnclosureBar,
    EpochBar,
    enclosure_display,
    epochs_display,
    print_text,
    sweep_display,
)
from qwpinn.solving import results
from qwpinn.solving.comparison import compared
from qwpinn.solving.outlook import outlook
from qwpinn.solving.recipes import Paper, Precise
from qwpinn.solving.reproduction import learner, reproduce, wells
from qwpinn.solving.solution import Solution
from qwpinn.solving.solver import solve
from qwpinn.solving.subbands import kind_of
from qwpinn.solving.sweeps import TABLE, Sweep, is_sweep_folder, read_table, sweep
from qwpinn.storage import runs
from qwpinn.storage.places import check_replaceable, replaced_folder, write_file
from qwpinn.storage.runs import opened

Array = NDArray[np.float64]


def run_reproduce(options: argparse.Namespace, console: Console) -> int:
    """``qwpinn reproduce``; returns the exit code."""
    if options.naive and options.recipe != "paper":
        raise ValueError(
            "`--naive` must come with --recipe paper. Received: --recipe precise. Add it."
        )
    recipe: Precise | Paper = Precise(epochs=15)
    name = "naive" if options.naive else options.recipe
    if options.recipe == "paper":
        recipe = Paper.naive() if options.naive else Paper()
    default = {"precise": "."}.get(name, f"runs/{name}")
    output = Path(default if options.output is None else runs.folder(options.output))
    states = (5 if name == "precise" else 1) if options.states is None else options.states
    # The paper's network learns all that it knows.
    shown = learner(check.integer("states", states)) if name == "precise" else None
    found = []
    with _opened_wells(output, options.force), epochs_display(console) as progress:
        for well, potential in wells().items():
            bar = [EpochBar(progress, well, recipe.epochs)]
            found.append(
                reproduce(well, potential, recipe, output, states, options.seed, bar, shown)
            )
    console.print(reproduction_table(found))
    for result in found:
        console.print(result.solution.failure_sheet(result.name))
    print_text(console, f"Models, traces and figures: {output}/savedmodels, logs, figures")
    print_text(console, f"Look at the traces: tensorboard --logdir {output}/logs")
    # The paper's recipe is asked for no tolerance.
    good = options.recipe == "paper" or all(result.solution.converged for result in found)
    return 0 if good else 1


@contextmanager
def _opened_wells(output: Path, force: bool) -> Iterator[None]:
    """The folders of the three wells, found to be writable before the work is done."""
    with ExitStack() as stack:
        for well, potential in wells().items():
            problem = {"potential": potential_config(potential)}
            stack.enter_context(
                opened(output / "savedmodels" / well, problem, is_model_folder, force)
            )
            check_replaceable(output / "logs" / well, is_log_folder)
        yield


def run_solve(options: argparse.Namespace, console: Console) -> int:
    """``qwpinn solve``; returns the exit code."""
    _check_resume(options)
    target = targets.target_of(options)
    if options.resume and target.potential.energy_dependent:
        raise ValueError(
            "`--resume` must come with bands that are parabolic. Received: non-parabolic ones, of "
            "which each level is trained in seconds. Leave it out."
        )
    problem = _problem(target)
    with _opened(options, problem, is_model_folder) as place:
        if place and options.resume and runs.finished(place, problem) is not None:
            return _finished(place, target, console)
        # Where every level has its network, each is trained in seconds.
        alone = target.potential.energy_dependent
        kept = _kept(options, problem, console, Backup, is_model_folder)
        with nullcontext() if alone else kept as backup:
            solution, bar = _solved(target, console, [] if backup is None else [backup])
            _print_solution(console, solution)
            if place:
                resumed = 0 if backup is None else backup.resumed_from
                results.write(place, solution, target.settings, bar.trace.steps, resumed, problem)
                print_text(console, f"Model, result.json and figures: {options.output}")
    return 0 if solution.converged else 1


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


def _opened(
    options: argparse.Namespace, problem: runs.Problem, ours: Callable[[Path], bool]
) -> AbstractContextManager[Path | None]:
    """The folder that is asked for, or none."""
    if options.output is None:
        return nullcontext()
    return opened(runs.folder(options.output), problem, ours, options.force)


def _kept(
    options: argparse.Namespace,
    problem: runs.Problem,
    console: Console,
    make: Callable[[Path, Say], Made],
    ours: Callable[[Path], bool],
) -> AbstractContextManager[Made | None]:
    """Backups beside the output, or nothing without one."""
    if options.output is None:
        return nullcontext()
    say = partial(print_text, console)
    return backed_up(options.output, problem, options.resume, say, make, ours)


def _finished(place: Path, target: Target, console: Console) -> int:
    """Show the result of a run that had come to its end; returns the exit code."""
    discard(place)
    model = load(place)
    seconds = float(runs.read_json(place / results.RESULT).get("seconds") or 0.0)
    rtol = target.settings.rtol
    potential = model.potential
    solution = kind_of(potential)(potential, model, certify(model), rtol, {}, seconds)
    _print_target(console, target)
    print_text(console, runs.NOTHING_LEFT)
    _print_solution(console, solution)
    print_text(console, f"Model, result.json and figures: {place}")
    return 0 if solution.converged else 1


def _print_solution(console: Console, solution: Solution) -> None:
    console.print(solution.table())
    console.print(stark_sheet(solution))


def _solved(
    target: Target, console: Console, callbacks: Sequence[keras.callbacks.Callback] = ()
) -> tuple[Solution, EnclosureBar]:
    """The solution, found under a bar that shows the enclosure shrink."""
    _print_target(console, target)
    settings = target.settings
    for sentence in outlook(target.potential, settings.states, settings.recipe):
        print_text(console, sentence)
    with enclosure_display(console) as progress:
        bar = EnclosureBar(progress, settings.rtol)
        solution = solve(
            target.potential,
            settings.states,
            rtol=settings.rtol,
            seed=settings.seed,
            recipe=settings.recipe,
            callbacks=[bar, *callbacks],
            report=bar.report,
        )
        bar.finish(solution.model, solution.enclosure)
    return solution, bar


def _print_target(console: Console, target: Target) -> None:
    """What is solved, and its equation; of a device, the layers with all numbers that are used."""
    if target.file:
        print_text(console, f"{target.file} ({target.potential.name})")
    console.print(target.potential.heading())


def run_sweep(options: argparse.Namespace, console: Console) -> int:
    """``qwpinn sweep``; returns the exit code."""
    _check_resume(options)
    target = targets.target_of(options)
    values = _grid("--values", options.values, "0:70:8", limits.VALUES)
    first = target.potential.varied(options.parameter, float(values[0]))
    varied = {"parameter": options.parameter, "values": values.tolist()}
    problem = {**_problem(target), **varied}
    with _opened(options, problem, is_sweep_folder) as place:
        _print_target(console, target._replace(potential=first))
        print_text(console, f"Varied: {options.parameter}, from {values[0]:g} on.")
        if place and options.resume and (ended := runs.finished(place, problem)) is not None:
            discard(place)
            print_text(console, runs.NOTHING_LEFT)
            console.print(columns_sheet(*read_table(place / TABLE)))
            print_text(console, f"Table and figure: {options.output}")
            return 0 if ended else 1
        with _kept(options, problem, console, Values, is_sweep_folder) as kept:
            found = _swept(options, values, target, console, kept)
            console.print(found.table())
            if place:
                with replaced_folder(place, is_sweep_folder) as folder:
                    found.write(folder)
                    runs.sign(folder, problem, found.converged)
                print_text(console, f"Table and figure: {options.output}")
    return 0 if found.converged else 1


def _swept(
    options: argparse.Namespace,
    values: Array,
    target: Target,
    console: Console,
    kept: Values | None,
) -> Sweep:
    """The sweep, under a bar of its values; each is kept as soon as it is solved."""
    settings = target.settings
    done = [] if kept is None else kept.restored(values.size)
    with sweep_display(console) as progress:
        task = progress.add_task(options.parameter, total=values.size, completed=len(done))

        def report(index: int, solution: Solution) -> None:
            if kept is not None:
                kept.keep(index, solution)
            progress.update(task, completed=index + 1)

        return sweep(
            target.potential,
            options.parameter,
            values,
            settings.states,
            rtol=settings.rtol,
            seed=settings.seed,
            recipe=settings.recipe,
            report=report,
            done=done,
            workers=options.workers,
        )


def run_evaluate(options: argparse.Namespace, console: Console) -> int:
    """``qwpinn evaluate``; returns the exit code."""
    x = _grid("--grid", options.grid, "-3:3:601", limits.GRID)
    model = load(options.model)
    psi = model.predict(x, verbose=0)
    content = results.as_csv(plotting.columns(model.potential, x, None, psi))
    if options.output in (None, "-"):
        sys.stdout.write(content)
        return 0
    write_file(options.output, content.encode())
    for k, energy in enumerate(model.energies.numpy()):
        unit = model.potential.energy_unit
        print_text(console, f"E_{k} = {energy:.12g} {unit}".rstrip())
    print_text(console, f"Wavefunctions at {len(x)} points: {options.output}")
    return 0


def _grid(option: str, text: str, example: str, most: int) -> Array:
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


def run_compare(options: argparse.Namespace, console: Console) -> int:
    """``qwpinn compare``; returns the exit code."""
    target = targets.target_of(options)
    solution, _ = _solved(target, console)
    comparison = compared(solution)
    text = f"Distances from the reference, {comparison.source}, in units of E - min V:"
    print_text(console, text)
    console.print(comparison_sheet(solution, comparison))
    console.print(solution.failure_sheet())
    return 0 if solution.converged else 1
