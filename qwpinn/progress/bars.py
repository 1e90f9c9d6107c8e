"""Progress: bars in a terminal, and lines in a file, a pipe or a notebook."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import keras
import numpy as np
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from qwpinn.enclosures.enclosure import Enclosure
from qwpinn.networks.well_model import WellModel
from qwpinn.progress.heartbeat import EVERY, Display, print_text
from qwpinn.progress.trace import Logs, Trace

# As Keras has it.
Verbose = int | Literal["auto"]
Say = Callable[[str], None]

BAR = 24
# What is full, and not yet finished.
ALMOST = 0.99


def console_for(verbose: Verbose) -> tuple[Console, float] | None:
    """Where to show progress, and the pause between lines; None for nowhere.

    Args:
        verbose: As in Keras: 0 for silence; 1 for a bar, which in a pipe or a notebook is a line
            every ten seconds; 2 for a line each time there is something new; ``"auto"`` for 1 in a
            terminal and 2 elsewhere.

    Raises:
        ValueError: If it is none of these.
    """
    if not any(verbose == known for known in (0, 1, 2, "auto")):
        raise ValueError(
            f"`verbose` must be 0, 1, 2 or 'auto'. Received: verbose={verbose!r:.40}. "
            "Give 1 for a bar, 2 for lines, 0 for silence."
        )
    # Notebooks take lines too: a widget would need a package of its own to be seen.
    console = Console(force_jupyter=False)
    if verbose == 2 or (verbose == "auto" and not console.is_terminal):
        return Console(force_jupyter=False, force_terminal=False), 0.0
    return (console, EVERY) if verbose else None


def enclosure_display(console: Console, every: float = EVERY) -> Display:
    """A display for one `EnclosureBar`."""
    return Display(
        BarColumn(bar_width=BAR), TaskProgressColumn(), TextColumn("{task.description}"),
        TimeElapsedColumn(), console=console, line=lambda task: task.description, every=every,
    )  # fmt: skip


def sweep_display(console: Console, every: float = EVERY, noun: str = "values") -> Display:
    """A display for the values of a sweep, or others that are counted."""
    return Display(
        TextColumn("{task.description}"), BarColumn(bar_width=BAR), MofNCompleteColumn(),
        TimeElapsedColumn(), console=console, every=every,
        line=lambda task: f"{task.description}: {task.completed:g} of {task.total:g} {noun}",
    )  # fmt: skip


def epochs_display(console: Console, every: float = EVERY) -> Display:
    """A display for `EpochBar`."""
    return Display(
        TextColumn("{task.description:15}"), BarColumn(bar_width=BAR), MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]}{task.fields[left]}"), TimeElapsedColumn(),
        console=console, line=_epochs_line, every=every,
    )  # fmt: skip


def _epochs_line(task: Task) -> str:
    """An `EpochBar` in words."""
    loss = f", loss {task.fields['loss']}" if task.fields["loss"] else ""
    done = f"{task.completed:g} of {task.total:g} epochs"
    return f"{task.description}: {done}{loss}{task.fields['left']}"


class EnclosureBar(keras.callbacks.Callback):
    """A bar that fills as the largest enclosure shrinks, by its magnitude, from 1 to rtol.

    Of a recipe that encloses nothing before the end, it fills with the epochs.

    Args:
        progress: The display.
        rtol: The width that fills the bar.

    Attributes:
        only_watches: True: no epoch is trained for its sake.
        trace: What it shows.
    """

    only_watches = True

    def __init__(self, progress: Progress, rtol: float) -> None:
        super().__init__()
        self.progress = progress
        self.rtol = rtol
        self.trace = Trace()
        self.task = progress.add_task("building the network", total=1.0)

    def report(self, model: WellModel, enclosure: Enclosure) -> None:
        """A callback for `qwpinn.solve`, called whenever there is a new enclosure."""
        self.trace.report(model, enclosure)
        self._show()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self.trace.on_epoch_begin(epoch)
        self._show()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if not self.trace.steps:
            done = min((epoch + 1) / self.params["epochs"], ALMOST)
            text = f"epoch {epoch + 1} of {self.params['epochs']}, loss {loss_of(logs)}"
            self.progress.update(self.task, completed=done, description=text)

    def finish(self, model: WellModel, enclosure: Enclosure) -> None:
        """Show the enclosure of the result."""
        width = enclosure.relative_width(model.potential.minimum)
        done = way(width, self.rtol) if self.trace.steps else 1.0
        text = self._said(model.units, width)
        self.progress.update(self.task, completed=done, description=text)
        self.progress.stop_task(self.task)

    def _show(self) -> None:
        for step in self.trace.steps[-1:]:
            # A task that is complete would stop its clock before the training.
            done = min(way(step.width, self.rtol), ALMOST)
            text = self._said(step.units, step.width)
            self.progress.update(self.task, completed=done, description=text)

    def _said(self, size: int, width: float) -> str:
        epoch = "" if self.trace.epoch is None else f"epoch {self.trace.epoch}, "
        proven = f"enclosure {width:.1e}" if math.isfinite(width) else "level unproven"
        return f"{size} units, {epoch}{proven}"


def way(width: float, rtol: float) -> float:
    """How much of the way from 1 to rtol a width has gone by its magnitude, from 0 to 1.

    Example:
        >>> way(1e-3, rtol=1e-6), way(2.0, rtol=1e-6), way(1e-7, rtol=1e-6)
        (0.5, 0.0, 1.0)
    """
    if width <= rtol:
        return 1.0
    if width >= 1.0 or rtol >= 1.0:
        return 0.0
    return math.log10(width) / math.log10(rtol)


class EpochBar(keras.callbacks.Callback):
    """A bar that every epoch moves.

    Args:
        progress: The display.
        description: In front of it.
        epochs: That fill it.
    """

    def __init__(self, progress: Progress, description: str, epochs: int | None) -> None:
        super().__init__()
        self.progress = progress
        self.task = progress.add_task(description, total=epochs, loss="", left="")

    def on_train_begin(self, logs: Logs = None) -> None:
        self.progress.update(self.task, completed=0, total=self.params["epochs"])

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self.progress.update(self.task, completed=epoch + 1, loss=loss_of(logs))


def loss_of(logs: Logs) -> str:
    """The loss of an epoch: of a `tf.distribute` strategy, it has the shape (1,)."""
    return f"{np.ravel((logs or {}).get('loss', np.nan))[0]:.1e}"


@contextmanager
def enclosing(verbose: Verbose, rtol: float) -> Iterator[EnclosureBar | None]:
    """The bar of one solution, or none."""
    shown = console_for(verbose)
    if shown is None:
        yield None
        return
    with enclosure_display(*shown) as display:
        yield EnclosureBar(display, rtol)


@contextmanager
def counting(
    verbose: Verbose, description: str, total: int, noun: str = "values"
) -> Iterator[Callable[[int], None]]:
    """A function that moves a bar to a count, and a silent one for none."""
    shown = console_for(verbose)
    if shown is None:
        yield lambda count: None
        return
    with sweep_display(*shown, noun) as display:
        task = display.add_task(description, total=total)
        yield lambda count: display.update(task, completed=count)


@contextmanager
def training(verbose: Verbose, epochs: int, say: Say) -> Iterator[tuple[list[EpochBar], Say]]:
    """Callbacks that move a bar of epochs, and `say` which prints above it too."""
    shown = console_for(verbose)
    if shown is None:
        yield [], say
        return
    console, pause = shown

    def told(text: str) -> None:
        print_text(console, text)
        say(text)

    with epochs_display(console, pause) as display:
        yield [EpochBar(display, "residual", epochs)] if epochs else [], told
