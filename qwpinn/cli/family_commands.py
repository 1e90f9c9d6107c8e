"""The commands of families: what ``qwpinn train-family`` and ``qwpinn design`` do."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path

import keras
import tensorflow as tf
from rich.console import Console

from qwpinn import plotting
from qwpinn.cli.backup import backed_up, discard, has_backup
from qwpinn.cli.family_jobs import Training, Wanted, check_divisible
from qwpinn.cli.kept import Backup
from qwpinn.families.files import SETTINGS
from qwpinn.families.model import FamilyPINN
from qwpinn.families.train import train_family
from qwpinn.loading import load
from qwpinn.networks import saved_model
from qwpinn.progress.bars import epochs_display
from qwpinn.progress.families import FamilyBar
from qwpinn.progress.heartbeat import Estimate, print_text
from qwpinn.progress.trace import Logs
from qwpinn.status import Status
from qwpinn.storage import runs
from qwpinn.storage.contents import is_model_folder
from qwpinn.storage.places import held, place_of, replaced_folder
from qwpinn.training import distributed


class Restored(Backup):
    """Restores a backup and writes none: for the workers that are not the first."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        pass


def run_train_family(options: argparse.Namespace, job: Training, console: Console) -> int:
    """``qwpinn train-family``; returns the exit code."""
    alone = options.workers is None or options.workers == 1
    wait = distributed.WAIT if options.wait is None else options.wait
    # A strategy must be there before anything is computed.
    strategy = distributed.cluster(wait=wait, say=_note) if alone else None
    check_divisible(job.settings["members"], distributed.part_of(strategy)[1])
    place, described = job.place, job.described
    first = distributed.is_chief(strategy)
    console = console if first else Console(quiet=True)
    # Whoever has a part in it comes to the same answer.
    if options.resume and runs.finished(place, described) is not None:
        return _finished(place, first, console)
    if not alone:
        return _launched(options)
    with (
        distributed.ending_with_others(strategy),
        _opened(options, described, first),
        _backup(options, described, first, console) as backup,
    ):
        began = time.perf_counter()
        model = _trained(job, backup, strategy, console)
        if not first:
            return 0
        seconds = time.perf_counter() - began
        with replaced_folder(place, is_model_folder) as folder:
            saved_model.write(model, folder)
            (folder / "surfaces.png").write_bytes(plotting.png(model.plot()))
            runs.sign(folder, described, _good(model))
        console.print(model.table())
        print_text(console, f"Trained in {seconds:.1f} s.")
        print_text(console, f"Model and figure: {options.output}")
    return _code(console, model)


def _finished(place: Path, first: bool, console: Console) -> int:
    """Show the model of a run that had come to its end; returns the exit code."""
    if first:
        # Whoever holds a place clears away what a process that was killed has left beside it.
        with held(place):
            discard(place)
    model = load(place)
    print_text(console, runs.NOTHING_LEFT)
    console.print(model.table())
    print_text(console, f"Model and figure: {place}")
    return _code(console, model)


def _good(model: FamilyPINN) -> bool:
    return not model.status.failed and model.status is not Status.UNEVEN


def _code(console: Console, model: FamilyPINN) -> int:
    """The exit code, and what is wrong if it is not 0."""
    if _good(model):
        return 0
    console.print(f"[bold red]training:[/] {model.status}", highlight=False)
    return 1


def _opened(
    options: argparse.Namespace, described: runs.Problem, first: bool
) -> AbstractContextManager[Path | None]:
    """The folder of the results, for the worker that writes them."""
    if not first:
        return nullcontext()
    return runs.opened(options.output, described, is_model_folder, options.force)


def _launched(options: argparse.Namespace) -> int:
    """The same command in several processes; the first shows and writes everything."""
    command = [sys.executable, "-m", "qwpinn", "train-family", options.file]
    flags = [f"--{name}" for name in ("resume", "force") if getattr(options, name)]
    command += [f"--output={options.output}", *flags]
    command += [] if options.wait is None else [f"--wait={options.wait}"]
    command += [
        f"--{name}={getattr(options, name)}"
        for name in SETTINGS
        if getattr(options, name) is not None
    ]
    try:
        code = distributed.run_workers(command, options.workers, _complain)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            "interrupted; the same command with --resume goes on from the last checkpoint."
        ) from None
    return min(code, 1) if code > 2 else code


def _note(text: str) -> None:
    sys.stderr.write(f"qwpinn: {text}\n")


def _complain(text: str) -> None:
    sys.stderr.write(f"qwpinn: error: {text}\n")


@contextmanager
def _backup(
    options: argparse.Namespace, described: runs.Problem, first: bool, console: Console
) -> Iterator[Backup | None]:
    """Backups beside the output; the workers that are not the first only read them."""
    if not first:
        folder = runs.backup_of(place_of(options.output))
        yield Restored(folder) if options.resume else None
        return
    say = partial(print_text, console)
    with backed_up(options.output, described, options.resume, say) as folder:
        yield Backup(folder, say)


def _trained(
    job: Training,
    backup: Backup | None,
    strategy: tf.distribute.Strategy | None,
    console: Console,
) -> FamilyPINN:
    """The model, under a bar of the epochs."""
    family, settings = job.problem.family, job.settings
    print_text(console, str(family))
    print_text(console, family.centre.equation)
    callbacks: list[keras.callbacks.Callback] = [] if backup is None else [backup]
    if strategy is not None:
        callbacks.append(distributed.Watchdog())
    # Which epoch it is, the backup says; here only whether there is one.
    resumed = backup is not None and has_backup(backup.folder)
    estimate = Estimate(settings["epochs"], resumed)
    with epochs_display(console) as progress:
        bar = FamilyBar(progress, settings["epochs"], estimate)
        model = train_family(
            family,
            **settings,
            callbacks=[*callbacks, bar],
            say=partial(print_text, console),
            strategy=strategy,
            initial_epoch=int(resumed),
        )
        bar.finish()
        return model


def run_design(options: argparse.Namespace, job: Wanted, console: Console) -> int:
    """``qwpinn design``; returns the exit code."""
    model = load(options.model)
    if not isinstance(model, FamilyPINN):
        raise ValueError(
            f"`MODEL` must be a folder with the model of a family. Received: '{options.model}', "
            f"a {type(model).__name__}. Train one by qwpinn train-family."
        )
    with console.status("Looking for members, and solving each."):
        found = model.design(*job, starts=options.starts, verify=options.verify, seed=options.seed)
    console.print(found)
    return 0 if not options.verify or found.converged else 1
