"""The commands: what ``qwpinn reproduce | solve | sweep | evaluate | compare`` do."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from qwpinn import plotting
from qwpinn.cli.jobs import Job, Reproduction
from qwpinn.cli.kept import Backup, Values
from qwpinn.cli.tables import columns_sheet, comparison_sheet, reproduction_table, stark_sheet
from qwpinn.cli.targets import Target
from qwpinn.equation.geometry import geometry_of
from qwpinn.loading import load_model
from qwpinn.networks.certificate import certify
from qwpinn.plotting import plane
from qwpinn.potentials.square_wells import wells
from qwpinn.progress.bars import (
    EnclosureBar,
    EpochBar,
    enclosure_display,
    epochs_display,
    sweep_display,
)
from qwpinn.progress.heartbeat import print_text
from qwpinn.solving import results
from qwpinn.solving.comparison import compared
from qwpinn.solving.kind import kind_of
from qwpinn.solving.outlook import outlook
from qwpinn.solving.paper import Paper
from qwpinn.solving.recipes import Precise
from qwpinn.solving.reproduction import learner, reproduce
from qwpinn.solving.settings import Settings
from qwpinn.solving.solved import Solved
from qwpinn.solving.solver import solve
from qwpinn.solving.sweep_tables import read_table
from qwpinn.solving.sweeps import Sweep, sweep
from qwpinn.storage import runs
from qwpinn.storage.contents import TABLE, is_sweep_folder
from qwpinn.storage.places import replaced_folder, write_file
from qwpinn.storage.plain import as_csv

Array = NDArray[np.float64]


def run_reproduce(options: argparse.Namespace, job: Reproduction, console: Console) -> int:
    """``qwpinn reproduce``; returns the exit code."""
    recipe: Precise | Paper = Precise(epochs=15)
    if job.recipe != "precise":
        recipe = Paper.naive() if job.recipe == "naive" else Paper()
    # The paper's network learns all that it knows.
    shown = learner(job.states) if job.recipe == "precise" else None
    found = []
    with epochs_display(console) as progress:
        for well, potential in wells().items():
            bar = [EpochBar(progress, well, recipe.epochs)]
            found.append(
                reproduce(well, potential, recipe, job.output, job.states, job.seed, bar, shown)
            )
    console.print(reproduction_table(found))
    for result in found:
        console.print(result.solution.failure_sheet(result.name))
    print_text(console, f"Models, traces and figures: {job.output}/savedmodels, logs, figures")
    print_text(console, f"Look at the traces: tensorboard --logdir {job.output}/logs")
    # The paper's recipe is asked for no tolerance.
    good = job.recipe != "precise" or all(result.solution.converged for result in found)
    return 0 if good else 1


def run_solve(options: argparse.Namespace, job: Job, console: Console) -> int:
    """``qwpinn solve``; returns the exit code."""
    if job.place and job.ended is not None:
        return _finished(job.place, job.target, console)
    kept = [] if job.backup is None else [Backup(job.backup, partial(print_text, console))]
    solution, bar = _solved(job.target, console, kept)
    _print_solution(console, solution)
    if job.place:
        resumed = sum(backup.resumed_from for backup in kept)
        steps = bar.trace.steps
        results.write(job.place, solution, job.target.settings, steps, resumed, job.problem)
        print_text(console, f"Model, result.json and figures: {options.output}")
    return 0 if solution.converged else 1


def _finished(place: Path, target: Target, console: Console) -> int:
    """Show the result of a run that had come to its end; returns the exit code."""
    model = load_model(place)
    result = runs.read_json(place / results.RESULT)
    seconds, epochs = float(result.get("seconds") or 0.0), int(result.get("epochs") or 0)
    # Not what was logged is kept, but of how many epochs.
    history = {"loss": [float("nan")] * epochs} if epochs else {}
    potential, rtol = model.potential, target.settings.rtol
    solution = kind_of(potential)(potential, model, certify(model), rtol, history, seconds)
    print_text(console, runs.NOTHING_LEFT)
    _print_solution(console, solution)
    print_text(console, f"Model, result.json and figures: {place}")
    return 0 if solution.converged else 1


def _print_solution(console: Console, solution: Solved) -> None:
    console.print(solution.table())
    console.print(stark_sheet(solution))


def _solved(
    target: Target, console: Console, callbacks: Sequence[keras.callbacks.Callback] = ()
) -> tuple[Solved, EnclosureBar]:
    """The solution, found under a bar that shows the enclosure shrink."""
    settings = target.settings
    recipe = _recipe(settings)
    for sentence in outlook(target.potential, settings.states, recipe):
        print_text(console, sentence)
    with enclosure_display(console) as progress:
        bar = EnclosureBar(progress, settings.rtol)
        solution = solve(
            target.potential,
            settings.states,
            rtol=settings.rtol,
            seed=settings.seed,
            recipe=recipe,
            callbacks=[bar, *callbacks],
            report=bar.report,
        )
        bar.finish(solution.model, solution.enclosure)
    return solution, bar


def _recipe(settings: Settings) -> Precise:
    return Precise(units=settings.units, epochs=settings.epochs)


def run_sweep(options: argparse.Namespace, job: Job, console: Console) -> int:
    """``qwpinn sweep``; returns the exit code."""
    if job.place and job.ended is not None:
        print_text(console, runs.NOTHING_LEFT)
        console.print(columns_sheet(*read_table(job.place / TABLE)))
        print_text(console, f"Table and figure: {options.output}")
        return 0 if job.ended else 1
    found = _swept(job, console)
    console.print(found.table())
    if job.place:
        with replaced_folder(job.place, is_sweep_folder) as folder:
            found.write(folder)
            runs.sign(folder, job.problem, found.converged)
        print_text(console, f"Table and figure: {options.output}")
    return 0 if found.converged else 1


def _swept(job: Job, console: Console) -> Sweep:
    """The sweep, under a bar of its values; each is kept as soon as it is solved."""
    settings = job.target.settings
    kept = None if job.backup is None else Values(job.backup, partial(print_text, console))
    done = [] if kept is None else kept.restored(job.values.size)
    with sweep_display(console) as progress:
        task = progress.add_task(job.parameter, total=job.values.size, completed=len(done))

        def report(index: int, solution: Solved) -> None:
            if kept is not None:
                kept.keep(index, solution)
            progress.update(task, completed=index + 1)

        return sweep(
            job.target.potential,
            job.parameter,
            job.values,
            settings.states,
            rtol=settings.rtol,
            seed=settings.seed,
            recipe=_recipe(settings),
            report=report,
            done=done,
            workers=job.workers,
        )


def run_evaluate(options: argparse.Namespace, x: Array, console: Console) -> int:
    """``qwpinn evaluate``; returns the exit code."""
    model = load_model(options.model)
    dimension = geometry_of(model.potential).dimension
    if x.shape[1] != dimension:
        cure = "Add e.g. --grid-y=-2:2:41" if dimension > 1 else "Leave --grid-y out"
        raise ValueError(
            f"`--grid` must come {'with' if dimension > 1 else 'without'} --grid-y for a model of "
            f"{'the plane' if dimension > 1 else 'one dimension'}. Received: {options.model}. "
            f"{cure}."
        )
    psi = model.predict(x, verbose=0)
    well = model.potential
    flat = dimension == 1
    found = plotting.columns(well, x[:, 0], None, psi) if flat else plane.columns(well, x, psi)
    content = as_csv(found)
    if options.output in (None, "-"):
        sys.stdout.write(content)
        return 0
    write_file(options.output, content.encode())
    for k, energy in enumerate(model.energies.numpy()):
        unit = model.potential.energy_unit
        print_text(console, f"E_{k} = {energy:.12g} {unit}".rstrip())
    print_text(console, f"Wavefunctions at {len(x)} points: {options.output}")
    return 0


def run_compare(options: argparse.Namespace, job: Job, console: Console) -> int:
    """``qwpinn compare``; returns the exit code."""
    solution, _ = _solved(job.target, console)
    comparison = compared(solution)
    text = f"Distances from the reference, {comparison.source}, in units of E - min V:"
    print_text(console, text)
    console.print(comparison_sheet(solution, comparison))
    console.print(solution.failure_sheet())
    return 0 if solution.converged else 1
