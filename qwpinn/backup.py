"""Backups: what lets a solution that was interrupted, or killed, go on from its last epoch.

They lie in a hidden folder beside the result, ``.NAME-backup``, from the first moment until the
result is in place. Nothing before the training needs one: it follows from the seed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import keras

from qwpinn import saving

PROBLEM = "problem.json"
# The names that keras.callbacks.BackupAndRestore gives its files, and those of the epoch before.
WEIGHTS, EPOCH = "latest.weights.h5", "training_metadata.json"
PREVIOUS = ".bkp"
CONTENT = {PROBLEM, WEIGHTS, EPOCH, WEIGHTS + PREVIOUS, EPOCH + PREVIOUS}


class Backup(keras.callbacks.BackupAndRestore):
    """Keras's callback, with damage said in one sentence.

    Args:
        folder: For its files, made and removed by `backed_up`.

    Attributes:
        resumed_from: How many epochs it restored.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, double_checkpoint=True, delete_checkpoint=False)
        self.folder = folder
        self.resumed_from = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        try:
            super().on_train_begin(logs)
        except Exception:  # h5py's are of many kinds
            self._restore_previous(logs)
        self.resumed_from = _epochs(self.folder)

    def _restore_previous(self, logs: dict[str, Any] | None) -> None:
        """The process was killed while it wrote the last epoch: take the one before."""
        try:
            for name in (WEIGHTS, EPOCH):
                shutil.copy(self.folder / (name + PREVIOUS), self.folder / name)
            super().on_train_begin(logs)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            raise _damaged(self.folder, reason) from error


@contextmanager
def backed_up(
    output: str | Path,
    problem: Mapping[str, Any],
    resume: bool,
    say: Callable[[str], None],
) -> Iterator[Backup]:
    """A callback that backs training up for as long as the block runs, and restores it first.

    The backup is removed when the block ends well, or when there is no epoch in it. Ctrl-C leaves
    as a `KeyboardInterrupt` that says how to go on.

    Args:
        output: The place of the result, checked before any work.
        problem: What is solved, in JSON values: a backup of another problem is refused.
        resume: Whether to go on from an earlier backup, or to discard it.
        say: Takes a sentence for people, about what was found.

    Raises:
        ValueError: If ``output`` holds something else than a result, or the backup is damaged or of
            another problem.
        OSError: If the folder cannot be written.
    """
    output = Path(output).absolute()
    saving.check_replaceable(output)
    folder = output.with_name(f".{output.name}-backup")
    _check_ours(folder)
    if resume:
        _prepare(folder, problem, say)
    elif folder.exists():
        epochs = _epochs(folder)
        shutil.rmtree(folder)
        if epochs:
            say(f"The backup of an earlier run, {epochs} epochs, is discarded without --resume.")
    saving.write_file(folder / PROBLEM, json.dumps(problem).encode())
    try:
        yield Backup(folder)
    except BaseException as error:
        epochs = _epochs(folder)
        if not epochs:
            shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, KeyboardInterrupt):
            raise KeyboardInterrupt(_how_to_go_on(epochs)) from None
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _prepare(folder: Path, problem: Mapping[str, Any], say: Callable[[str], None]) -> None:
    """Check an earlier backup, and say what it holds."""
    if not (folder / PROBLEM).is_file():
        shutil.rmtree(folder, ignore_errors=True)
        say("There is no backup to resume: starting from the beginning.")
        return
    try:
        earlier = json.loads((folder / PROBLEM).read_text(encoding="utf-8"))
        differing = _differences(earlier, json.loads(json.dumps(problem)))
    except (ValueError, TypeError, AttributeError) as error:
        raise _damaged(folder, f"'{PROBLEM}' is unreadable") from error
    if differing:
        raise ValueError(
            "`--resume` must be given with the problem of the backup. Received: another "
            f"{'; another '.join(differing)}. Give the same, or leave --resume out to start anew."
        )
    epochs = _epochs(folder)
    say(
        f"Going on after epoch {epochs} of the backup."
        if epochs
        else "The backup holds no epoch yet: starting from the beginning."
    )


def _epochs(folder: Path) -> int:
    """How many epochs a backup holds."""
    for name in (EPOCH, EPOCH + PREVIOUS):
        with suppress(OSError, ValueError, KeyError, TypeError):
            return int(json.loads((folder / name).read_text(encoding="utf-8"))["epoch"])
    return 0


def _differences(there: Mapping[str, Any], here: Mapping[str, Any], prefix: str = "") -> list[str]:
    """What differs between two nested mappings, key by key."""
    found = []
    for key in sorted({*there, *here}):
        old, new = there.get(key), here.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += _differences(old, new, f"{prefix}{key}.")
        elif old != new:
            shown = f" ({_short(old)} there, {_short(new)} here)"
            found.append(f"{prefix}{key}{shown if len(shown) < 60 else ''}")
    return found


def _short(value: Any) -> str:
    return "none" if value is None else str(value)


def _check_ours(folder: Path) -> None:
    """Refuse a folder that is not a backup's, for it will be removed."""
    if not folder.exists():
        return
    # A draft of the first file may be left by a process that was killed.
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else {folder.name}
    if any(name not in CONTENT and not name.startswith(f".{PROBLEM}.") for name in names):
        raise ValueError(
            f"`--output` must have room for a backup beside it. Received: '{folder}' with other "
            "files. Move them, or choose another output; nothing was removed."
        )


def _damaged(folder: Path, reason: str) -> ValueError:
    return ValueError(
        f"`--resume` must find a whole backup. Received: '{folder}', damaged ({reason}). "
        "Leave --resume out to start anew."
    )


def _how_to_go_on(epochs: int) -> str:
    if not epochs:
        return "interrupted before the first epoch was backed up; run it again."
    return f"interrupted; the same command with --resume goes on after epoch {epochs}."
