"""The command line: ``qwpinn reproduce | solve | sweep | evaluate | compare``."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, NoReturn

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from rich.console import Console

import qwpinn
from qwpinn import _check, results, targets
from qwpinn.backup import Backup, backed_up
from qwpinn.comparison import compared
from qwpinn.console import (
    EnclosureBar,
    EpochBar,
    enclosure_display,
    epochs_display,
    print_comparison,
    print_failures,
    print_solution,
    reproduction_table,
    sweep_display,
)
from qwpinn.datasheet import print_device, print_sweep, print_transitions
from qwpinn.potentials import Heterostructure
from qwpinn.recipes import Paper, Precise
from qwpinn.reproduction import reproduce, wells
from qwpinn.saving import check_replaceable, load, potential_config, write_file
from qwpinn.solution import Solution
from qwpinn.solver import solve
from qwpinn.subbands import Subbands
from qwpinn.sweeps import is_sweep_folder, sweep
from qwpinn.targets import Target

Array = NDArray[np.float64]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        The exit code: 0; 1 if a state is not as it was asked for; 2 for bad input, said in one
        line; 130 if interrupted.
    """
    try:
        with _warnings_in_one_line():
            options = _parser().parse_args(arguments)
            code: int = options.command(options, Console())
            return code
    except (ZeroDivisionError, OverflowError) as error:
        return _refused(
            f"the problem's numbers must be within reach of floating point. Received: {error}. "
            "Choose units in which they are nearer to 1."
        )
    except (ValueError, TypeError, ArithmeticError, OSError) as error:
        return _refused(str(error) or type(error).__name__)
    except (MemoryError, tf.errors.ResourceExhaustedError):
        return _refused("the memory is full. Ask for fewer states or units, or a larger rtol.")
    except KeyboardInterrupt as interrupt:
        message = str(interrupt) or "interrupted; nothing half-written was left in place."
        sys.stderr.write(f"qwpinn: {message}\n")
        return 130


def _refused(message: str) -> int:
    sys.stderr.write(f"qwpinn: error: {message.splitlines()[0]}\n")
    return 2


@contextmanager
def _warnings_in_one_line() -> Iterator[None]:
    """Without those of arithmetic: what it leads to is judged by the enclosures."""

    def show(message: Warning | str, category: type[Warning], *_: object) -> None:
        if not issubclass(category, RuntimeWarning):
            sys.stderr.write(f"qwpinn: warning: {str(message).splitlines()[0]}\n")

    with warnings.catch_warnings():
        warnings.showwarning = show  # type: ignore[assignment]
        yield


class _Parser(argparse.ArgumentParser):
    """Complains in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(f"{message}. See {self.prog} --help.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="qwpinn", description="Quantum wells solved by physics-informed neural networks."
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    command = _command(commands, "reproduce", _reproduce, "train the three wells of the paper")
    command.add_argument("--recipe", choices=("precise", "paper"), default="precise")
    command.add_argument(
        "--naive", action="store_true", help="with --recipe paper: equal weights, no kink features"
    )
    command.add_argument("--states", type=int, help="default: 5, and 1 for the paper's recipe")
    command.add_argument("--seed", type=int, default=0)
    command.add_argument(
        "--output", help="default: here, and runs/paper or runs/naive for the paper's recipe"
    )

    command = _command(
        commands, "solve", _solve, "find the lowest states of a potential, with error bars"
    )
    targets.add_arguments(command)
    group = command.add_argument_group("what to leave behind")
    group.add_argument(
        "--output", metavar="DIR", help="a folder for the model, result.json, figures and a CSV"
    )
    group.add_argument(
        "--resume", action="store_true", help="go on where an interrupted run with --output ended"
    )

    _add_sweep(commands)

    command = _command(commands, "evaluate", _evaluate, "write a model's wavefunctions as CSV")
    command.add_argument("model", help="a folder that reproduce or solve wrote")
    command.add_argument("--grid", required=True, metavar="FROM:TO:POINTS", help="--grid=-3:3:601")
    command.add_argument("--output", help="a CSV file; default: standard output")

    command = _command(commands, "compare", _compare, "set a network beside the classical solvers")
    targets.add_arguments(command)
    return parser


def _add_sweep(commands: Any) -> None:
    """The parser of ``qwpinn sweep``."""
    command = _command(
        commands,
        "sweep",
        _sweep,
        "vary one number of a potential, each solve starts from the last",
    )
    targets.add_arguments(command)
    group = command.add_argument_group("what to vary")
    group.add_argument(
        "--parameter", required=True, metavar="NAME",
        help="a field of the potential; of a heterostructure field, thickness, composition, or "
        "LAYER.thickness with the layer's name or number",
    )  # fmt: skip
    group.add_argument(
        "--values", required=True, metavar="FROM:TO:POINTS", help="--values=0:70:8, or 0,10,40,70"
    )
    group.add_argument("--output", metavar="DIR", help="a folder for sweep.csv and sweep.png")


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace, Console], int], text: str
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=text, description=f"{text[0].upper()}{text[1:]}.", allow_abbrev=False
    )
    command.set_defaults(command=run)
    return command


def _reproduce(options: argparse.Namespace, console: Console) -> int:
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
    found = []
    with epochs_display(console) as progress:
        for well, potential in wells().items():
            bar = [EpochBar(progress, well, recipe.epochs)]
            found.append(reproduce(well, potential, recipe, output, states, options.seed, bar))
    console.print(reproduction_table(found))
    for result in found:
        print_failures(console, result.solution, result.name)
    console.print(f"Models, traces and figures: {output}/savedmodels, logs, figures", markup=False)
    console.print(f"Look at the traces: tensorboard --logdir {output}/logs", markup=False)
    # The paper's recipe is asked for no tolerance.
    good = options.recipe == "paper" or all(result.solution.converged for result in found)
    return 0 if good else 1


def _solve(options: argparse.Namespace, console: Console) -> int:
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
        print_solution(console, solution)
        if isinstance(solution, Subbands):
            print_transitions(console, solution)
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
    """What is solved; of a device, the layers with all numbers that are used."""
    console.print(target.title, markup=False, highlight=False)
    if isinstance(target.potential, Heterostructure):
        print_device(console, target.potential)


def _sweep(options: argparse.Namespace, console: Console) -> int:
    target, values = targets.target_of(options), _grid("--values", options.values)
    settings = target.settings
    if options.output:
        check_replaceable(options.output, is_sweep_folder)
    target.potential.varied(options.parameter, float(values[0]))
    _print_target(console, target)
    with sweep_display(console) as progress:
        task = progress.add_task(options.parameter, total=values.size)
        found = sweep(
            target.potential,
            options.parameter,
            values,
            settings.states,
            rtol=settings.rtol,
            seed=settings.seed,
            recipe=settings.recipe,
            report=lambda index, solution: progress.update(task, completed=index + 1),
        )
    print_sweep(console, found)
    if options.output:
        found.save(options.output)
        console.print(f"Table and figure: {options.output}", markup=False)
    return 0 if found.converged else 1


def _evaluate(options: argparse.Namespace, console: Console) -> int:
    x = _grid("--grid", options.grid)
    model = load(options.model)
    psi = model.predict(x, verbose=0)
    content = results.as_csv({"x": x, **{f"psi_{k}": psi[:, k] for k in range(psi.shape[1])}})
    if options.output is None:
        sys.stdout.write(content)
        return 0
    write_file(options.output, content.encode())
    for k, energy in enumerate(model.energies.numpy()):
        unit = model.potential.energy_unit
        console.print(f"E_{k} = {energy:.12g} {unit}".rstrip(), highlight=False)
    console.print(f"Wavefunctions at {len(x)} points: {options.output}", markup=False)
    return 0


def _grid(option: str, text: str) -> Array:
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
            f"numbers with commas. Received: {option}={text}. For example {option}=-3:3:601."
        )
    return np.linspace(start, stop, points)


def _compare(options: argparse.Namespace, console: Console) -> int:
    target = targets.target_of(options)
    solution, _ = _solved(target, console)
    comparison = compared(solution)
    console.print(f"Distances from the reference, {comparison.source}, in units of E - min V:")
    floor = solution.model.scaling.energy_origin
    print_comparison(console, comparison.reference, floor, comparison.roads, solution.enclosure)
    print_failures(console, solution)
    return 0 if solution.converged else 1
