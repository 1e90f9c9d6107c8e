"""The commands: what ``qwpinn reproduce | solve | sweep | evaluate | compare`` do."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from rich.console import Console

import qwpinn
from qwpinn import _check, limits, plotting, results, targets
from qwpinn.backup import Backup, backed_up
from qwpinn.comparison import compared
from qwpinn.console import (
    print_comparison,
    print_failures,
    print_stark_shift,
    reproduction_table,
)
from qwpinn.loading import load
from qwpinn.outlook import outlook
from qwpinn.progress import (
    EnclosureBar,
    EpochBar,
    enclosure_display,
    epochs_display,
    sweep_display,
)
from qwpinn.recipes import Paper, Precise
from qwpinn.reproduction import learner, reproduce, wells
from qwpinn.saving import (
    check_replaceable,
    potential_config,
    replaced_folder,
    write_file,
)
from qwpinn.solution import Solution
from qwpinn.solver import solve
from qwpinn.subbands import Subbands
from qwpinn.sweeps import Sweep, is_sweep_folder, sweep
from qwpinn.targets import Target

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
    output = Path(options.output or {"precise": "."}.get(name, f"runs/{name}"))
    states = (5 if name == "precise" else 1) if options.states is None else options.states
    # The paper's network learns all that it knows.
    shown = learner(_check.integer("states", states)) if name == "precise" else None
    found = []
    with epochs_display(console) as progress:
        for well, potential in wells().items():
            bar = [EpochBar(progress, well, recipe.epochs)]
            found.append(
                reproduce(well, potential, recipe, output, states, options.seed, bar, shown)
            )
    console.print(reproduction_table(found))
    for result in found:
        print_failures(console, result.solution, result.name)
    console.print(f"Models, traces and figures: {output}/savedmodels, logs, figures", markup=False)
    console.print(f"Look at the traces: tensorboard --logdir {output}/logs", markup=False)
    # The paper's recipe is asked for no tolerance.
    good = options.recipe == "paper" or all(result.solution.converged for result in found)
    return 0 if good else 1


def run_solve(options: argparse.Namespace, console: Console) -> int:
    """``qwpinn solve``; returns the exit code."""
    if options.resume and not options.output:
        raise ValueError(
            "`--resume` must come with the --output of the run that was interrupted. "
            "Received: no --output. Add it."
        )
    target = targets.target_of(options)
    if options.resume and target.potential.energy_dependent:
        raise ValueError(
            "`--resume` must come with bands that are parabolic. Received: non-parabolic ones, of "
            "which each level is trained in seconds. Leave it out."
        )
    with _backup(options, target, console) as backup:
        solution, bar = _solved(target, console, [] if backup is None else [backup])
        console.print(solution.table())
        if isinstance(solution, Subbands):
            print_stark_shift(console, solution)
        if options.output:
            resumed = 0 if backup is None else backup.resumed_from
            results.write(options.output, solution, target.settings, bar.steps, resumed)
            console.print(f"Model, result.json and figures: {options.output}", markup=False)
    return 0 if solution.converged else 1


def _backup(
    options: argparse.Namespace, target: Target, console: Console
) -> AbstractContextManager[Backup | None]:
    """Backups beside the output, or nothing without one, or where every level has its network."""
    if not options.output:
        return nullcontext()
    if target.potential.energy_dependent:
        check_replaceable(options.output)
        return nullcontext()
    problem = {
        "qwpinn": qwpinn.__version__,
        "potential": potential_config(target.potential),
        **dataclasses.asdict(target.settings),
    }
    return backed_up(
        options.output,
        problem,
        options.resume,
        lambda text: console.print(text, markup=False, highlight=False),
    )


def _solved(
    target: Target, console: Console, callbacks: Sequence[keras.callbacks.Callback] = ()
) -> tuple[Solution, EnclosureBar]:
    """The solution, found under a bar that shows the enclosure shrink."""
    _print_target(console, target)
    settings = target.settings
    for sentence in outlook(target.potential, settings.states, settings.recipe):
        console.print(sentence, markup=False, highlight=False)
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
        bar.finish(solution)
    return solution, bar


def _print_target(console: Console, target: Target) -> None:
    """What is solved, and its equation; of a device, the layers with all numbers that are used."""
    if target.file:
        console.print(f"{target.file} ({target.potential.name})", markup=False, highlight=False)
    console.print(target.potential.heading())


def run_sweep(options: argparse.Namespace, console: Console) -> int:
    """``qwpinn sweep``; returns the exit code."""
    target = targets.target_of(options)
    values = _grid("--values", options.values, "0:70:8", limits.VALUES)
    first = target.potential.varied(options.parameter, float(values[0]))
    _print_target(console, target._replace(potential=first))
    console.print(f"Varied: {options.parameter}, from {values[0]:g} on.", highlight=False)
    with _sweep_folder(options.output) as folder:
        found = _swept(options.parameter, values, target, console)
        console.print(found.table())
        if folder is not None:
            found.write(folder)
            console.print(f"Table and figure: {options.output}", markup=False)
    return 0 if found.converged else 1


def _sweep_folder(output: str | None) -> AbstractContextManager[Path | None]:
    """A folder that is found to be writable before the work is done, or none."""
    return replaced_folder(output, is_sweep_folder) if output else nullcontext()


def _swept(parameter: str, values: Array, target: Target, console: Console) -> Sweep:
    """The sweep, under a bar of its values."""
    settings = target.settings
    with sweep_display(console) as progress:
        task = progress.add_task(parameter, total=values.size)
        return sweep(
            target.potential,
            parameter,
            values,
            settings.states,
            rtol=settings.rtol,
            seed=settings.seed,
            recipe=settings.recipe,
            report=lambda index, solution: progress.update(task, completed=index + 1),
        )


def run_evaluate(options: argparse.Namespace, console: Console) -> int:
    """``qwpinn evaluate``; returns the exit code."""
    x = _grid("--grid", options.grid, "-3:3:601", limits.GRID)
    model = load(options.model)
    psi = model.predict(x, verbose=0)
    content = results.as_csv(plotting.columns(model.potential, x, None, psi))
    if options.output is None:
        sys.stdout.write(content)
        return 0
    write_file(options.output, content.encode())
    for k, energy in enumerate(model.energies.numpy()):
        unit = model.potential.energy_unit
        console.print(f"E_{k} = {energy:.12g} {unit}".rstrip(), highlight=False)
    console.print(f"Wavefunctions at {len(x)} points: {options.output}", markup=False)
    return 0


def _grid(option: str, text: str, example: str, most: int) -> Array:
    """Evenly spaced numbers from FROM:TO:POINTS, or those of a list with commas."""
    parts = text.split(":")
    try:
        if len(parts) == 1:
            return _check.real_array(option, [float(part) for part in text.split(",")])
        start, stop, points = float(parts[0]), float(parts[1]), int(parts[2])
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
    console.print(f"Distances from the reference, {comparison.source}, in units of E - min V:")
    floor = solution.potential.minimum
    print_comparison(console, comparison.reference, floor, comparison.roads, solution.enclosure)
    print_failures(console, solution)
    return 0 if solution.converged else 1
