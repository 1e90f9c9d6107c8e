"""The command line: ``qwpinn reproduce | solve | evaluate | compare``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import keras
import numpy as np
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from qwpinn import references
from qwpinn.potentials import FiniteBarrier, FiniteWell, InfiniteWell, Potential
from qwpinn.recipes import Paper, Precise, Recipe
from qwpinn.reproduction import Reproduction, reproduce, wells
from qwpinn.saving import load, replaced_folder, write_file
from qwpinn.solution import Solution, solve

POTENTIALS: dict[str, type[Potential]] = {
    "infinite_well": InfiniteWell,
    "finite_well": FiniteWell,
    "finite_barrier": FiniteBarrier,
}
SIZES = ("width", "depth", "height", "box")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0, or 2 for invalid input, said in one line."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options, Console())
    except (ValueError, TypeError, OSError) as error:
        sys.stderr.write(f"qwpinn: error: {str(error).splitlines()[0]}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("qwpinn: interrupted; nothing half-written was left in place.\n")
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
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

    command = _command(commands, "solve", _solve, "solve one well")
    _add_potential(command)
    command.add_argument("--output", help="a folder for the model, made when it is whole")

    command = _command(commands, "evaluate", _evaluate, "wavefunctions of a saved model as CSV")
    command.add_argument("model", help="a folder that reproduce or solve wrote")
    command.add_argument("--grid", required=True, metavar="FROM:TO:POINTS", help="--grid=-3:3:601")
    command.add_argument("--output", help="a CSV file; default: standard output")

    command = _command(commands, "compare", _compare, "a network beside the classical solvers")
    _add_potential(command)
    return parser


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace, Console], None], text: str
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    command.set_defaults(command=run)
    return command


def _add_potential(command: argparse.ArgumentParser) -> None:
    command.add_argument("potential", choices=tuple(POTENTIALS))
    for size in SIZES:
        command.add_argument(f"--{size}", type=float)
    command.add_argument("--states", type=int, default=3)
    command.add_argument("--seed", type=int, default=0)


def _potential(options: argparse.Namespace) -> Potential:
    sizes = {size: getattr(options, size) for size in SIZES if getattr(options, size) is not None}
    kind = POTENTIALS[options.potential]
    known = kind.__dataclass_fields__  # type: ignore[attr-defined]
    for size in sizes:
        if size not in known:
            raise ValueError(
                f"`{options.potential}` is given by {', '.join(known)}. Received: --{size}. "
                "Leave it out."
            )
    return kind(**sizes)


def _reproduce(options: argparse.Namespace, console: Console) -> None:
    if options.naive and options.recipe != "paper":
        raise ValueError(
            "`--naive` must come with --recipe paper. Received: --recipe precise. Add it."
        )
    recipe: Recipe = Precise(epochs=15)
    name = "naive" if options.naive else options.recipe
    if options.recipe == "paper":
        recipe = Paper.naive() if options.naive else Paper()
    output = Path(options.output or {"precise": "."}.get(name, f"runs/{name}"))
    states = (5 if name == "precise" else 1) if options.states is None else options.states
    results = []
    with _progress(console) as progress:
        for well, potential in wells().items():
            bar = [ProgressBar(progress, well, recipe.epochs)]
            results.append(reproduce(well, potential, recipe, output, states, options.seed, bar))
    console.print(reproduction_table(results))
    _explain(console, [(result.name, result.solution) for result in results])
    console.print(f"Models, traces and figures: {output}/savedmodels, logs, figures")
    console.print(f"Look at the traces: tensorboard --logdir {output}/logs")


def reproduction_table(results: Sequence[Reproduction]) -> Table:
    """Energies and wavefunctions against the exact ones, a row a state."""
    table = _table("Energies of the trained networks")
    table.add_column("well")
    for heading in ("state", "energy", "exact", "relative\nerror", "residual", "L2 error\nof psi"):
        table.add_column(heading, justify="right")
    table.add_column("seconds", justify="right")
    for result in results:
        solution, exact = result.solution, result.reference.energies
        held = solution.model.held_energies is not None
        errors = np.abs(solution.energies / exact - 1.0)
        rows = zip(
            solution.energies, exact, errors, solution.residuals, solution.error(result.reference),
            strict=True,
        )  # fmt: skip
        for k, (energy, reference, error, residual, distance) in enumerate(rows):
            table.add_row(
                result.name if k == 0 else "",
                str(k),
                f"{energy:.6f}",
                f"{reference:.6f}",
                "held" if held else f"{error:.1e}",
                f"{residual:.1e}",
                f"{distance:.1e}",
                f"{solution.seconds:.1f}" if k == 0 else "",
                end_section=k == len(exact) - 1,
            )
    return table


def _solve(options: argparse.Namespace, console: Console) -> None:
    potential = _potential(options)
    recipe = Precise()
    # The folder is claimed before the training, so that no result is lost to a wrong path.
    place = replaced_folder(options.output) if options.output else nullcontext()
    with place as folder, _progress(console) as progress:
        bar = ProgressBar(progress, potential.name, recipe.epochs)
        solution = solve(
            potential, options.states, seed=options.seed, recipe=recipe, callbacks=[bar]
        )
        if folder is not None:
            solution.save(folder)
    table = _table(str(potential))
    for heading in ("state", "energy", "residual"):
        table.add_column(heading, justify="right")
    for k, (energy, residual) in enumerate(zip(solution.energies, solution.residuals, strict=True)):
        table.add_row(str(k), f"{energy:.10f}", f"{residual:.1e}")
    console.print(table)
    _explain(console, [(potential.name, solution)])
    if options.output:
        console.print(f"Model: {options.output}")


def _evaluate(options: argparse.Namespace, console: Console) -> None:
    x = _grid(options.grid)
    model = load(options.model)
    psi = model.predict(x, verbose=0)
    heading = ",".join(["x", *(f"psi_{k}" for k in range(psi.shape[1]))])
    lines = [",".join(repr(float(value)) for value in row) for row in np.column_stack([x, psi])]
    content = "\n".join([heading, *lines, ""])
    if options.output is None:
        sys.stdout.write(content)
        return
    write_file(options.output, content.encode())
    for k, energy in enumerate(model.energies.numpy()):
        console.print(f"E_{k} = {energy:.12g}", highlight=False)
    console.print(f"Wavefunctions at {len(x)} points: {options.output}", highlight=False)


def _grid(text: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    parts = text.split(":")
    try:
        start, stop, points = float(parts[0]), float(parts[1]), int(parts[2])
        good = len(parts) == 3 and points > 0 and np.isfinite([start, stop]).all()
    except (ValueError, IndexError):
        good = False
    if not good:
        raise ValueError(
            "`--grid` must be FROM:TO:POINTS with two numbers and a positive integer. "
            f"Received: --grid={text}. For example --grid=-3:3:601."
        )
    return np.linspace(start, stop, points)


def _compare(options: argparse.Namespace, console: Console) -> None:
    potential = _potential(options)
    states = options.states
    roads: dict[str, Callable[[], Any]] = {
        "network": lambda: solve(potential, states, seed=options.seed),
        "finite differences": lambda: references.finite_differences(potential, states),
        "Legendre-Galerkin": lambda: references.legendre_galerkin(potential, states),
    }
    exact = references.exact(potential, states).energies
    table = _table(f"{potential}: relative differences from the exact energies")
    table.add_column("method")
    for k in range(states):
        table.add_column(f"E_{k} = {exact[k]:.6f}", justify="right")
    table.add_column("seconds", justify="right")
    for name, road in roads.items():
        start = time.perf_counter()
        energies = road().energies
        seconds = time.perf_counter() - start
        errors = [f"{error:.1e}" for error in np.abs(energies / exact - 1.0)]
        table.add_row(name, *errors, f"{seconds:.2f}")
    console.print(table)


def _table(title: str) -> Table:
    """Narrow enough for 80 columns."""
    return Table(title=title, box=box.SIMPLE_HEAD, padding=0, show_edge=False, title_justify="left")


def _explain(console: Console, solutions: Sequence[tuple[str, Solution]]) -> None:
    for name, solution in solutions:
        for failure in solution.failures:
            console.print(f"[bold red]{name}[/]: {failure}")


@contextmanager
def _progress(console: Console) -> Iterator[Progress]:
    with Progress(
        TextColumn("{task.description:15}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]}"),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        yield progress


class ProgressBar(keras.callbacks.Callback):
    """One line of a rich progress display, moved by every epoch."""

    def __init__(self, progress: Progress, description: str, epochs: int) -> None:
        super().__init__()
        self.progress = progress
        self.task = progress.add_task(description, total=epochs, loss="")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        loss = f"{(logs or {}).get('loss', float('nan')):.1e}"
        self.progress.update(self.task, completed=epoch + 1, loss=loss)
