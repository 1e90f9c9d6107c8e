"""Backups: what lets a run that was interrupted, or killed, go on where it was.

They lie in a hidden folder beside the result, ``.NAME-backup``, from the first moment until the
result is in place: of a solution or a family the weights after the last two epochs, of a sweep the
solutions of its first values. Each file is moved into place when it is whole, and its name says how
far the run was: no moment at which a process can be killed leaves a backup that means something
else. Nothing before the training needs one: it follows from the seed. Keras's `BackupAndRestore`
keeps the last epoch of a single ``fit``: neither a sweep nor what was proven, and no second copy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qwpinn.storage import places, runs
from qwpinn.storage.contents import is_model_folder
from qwpinn.storage.runs import backup_of, forget

PROBLEM = "problem.json"
EPOCH, VALUE = "epoch_{:06d}.weights.h5", "value_{:06d}"
# A value is done when its second file is there, see `qwpinn.solving.stored`.
DONE = re.compile(r"epoch_(\d+)\.weights\.h5|value_(\d+)\.json")
FILE = r"(epoch|value)_\d+\.(weights\.h5|json)|problem\.json"
OURS = re.compile(rf"{FILE}|\.({FILE})\.qwpinn-{places.DRAFT}")

Say = Callable[[str], None]


@contextmanager
def backed_up(
    output: str | Path,
    problem: runs.Problem,
    resume: bool,
    say: Say,
    ours: Callable[[Path], bool] = is_model_folder,
    noun: str = "epoch",
) -> Iterator[Path]:
    """The folder of backups for as long as the block runs, with what an earlier one has left.

    The backup is removed when the block ends well, or when nothing came to lie in it. Ctrl-C leaves
    as a `KeyboardInterrupt` that says how to go on. Other processes are kept from the output.

    Args:
        output: The place of the result, checked before any work.
        problem: What is solved, in JSON values: a backup of another problem is refused.
        resume: Whether to go on from an earlier backup, or to discard it.
        say: Takes a sentence for people, about what was found.
        ours: As for `qwpinn.storage.places.replaced_folder`.
        noun: What is backed up, one by one: "epoch" or "value".

    Raises:
        ValueError: If ``output`` holds something else than a result, or the backup is damaged or of
            another problem; nothing is removed then.
        OSError: If the folder cannot be written, or another process writes there.
    """
    places.check_replaceable(output, ours)
    with places.held(output) as place:
        folder = backup_of(place)
        _check_ours(folder)
        if resume:
            _check_problem(folder, problem, say)
        elif folder.exists():
            done = done_in(folder)
            forget(folder)
            if done:
                said = f"{done[0]} {noun}{'s' if done[0] > 1 else ''}"
                say(f"The backup of an earlier run, {said}, is discarded without --resume.")
        with places.writing(folder):
            folder.mkdir(exist_ok=True)
            for left in folder.glob(".*"):
                left.unlink()
        try:
            places.write_held(folder / PROBLEM, json.dumps(problem).encode())
            yield folder
        except BaseException as error:
            done = done_in(folder)
            if not done:
                forget(folder)
            how = _how_to_go_on(noun, done)
            if isinstance(error, KeyboardInterrupt):
                raise KeyboardInterrupt(f"interrupted{how}") from None
            if isinstance(error, places.DiskFullError) and done:
                raise places.DiskFullError(f"{error} Then{how[1:]}") from error
            raise
        forget(folder)


def _check_problem(folder: Path, problem: runs.Problem, say: Say) -> None:
    """Refuse an earlier backup of another problem, or one that does not say of which it is."""
    done = has_backup(folder)
    if not (folder / PROBLEM).is_file():
        if done:
            raise damaged(folder, f"there is no '{PROBLEM}'")
        say("There is no backup to resume: starting from the beginning.")
        return
    try:
        earlier = runs.read_json(folder / PROBLEM)
    except ValueError as error:
        raise damaged(folder, str(error)) from error
    differing = runs.differences(earlier, json.loads(json.dumps(problem)))
    if differing:
        raise ValueError(
            "`--resume` must be given with the problem of the backup. Received: another "
            f"{'; another '.join(differing)}. Give the same, or leave --resume out to start anew."
        )
    if not done:
        say("There is nothing in the backup yet: starting from the beginning.")


def discard(place: Path) -> None:
    """Remove the backup of a run whose result is in place.

    Raises:
        ValueError: If other files are in it.
    """
    _check_ours(backup_of(place))
    forget(backup_of(place))


def has_backup(folder: Path) -> bool:
    """Whether an epoch or a value is in a backup."""
    return bool(done_in(folder))


def done_in(folder: Path) -> list[int]:
    """The numbers of the epochs or values that are in a backup, the last one first."""
    files = folder.iterdir() if folder.is_dir() else ()
    found = [match for match in (DONE.fullmatch(path.name) for path in files) if match]
    return sorted((int(match[1] or match[2]) for match in found), reverse=True)


def _check_ours(folder: Path) -> None:
    """Refuse a folder that is not a backup's, for it will be removed."""
    if not folder.exists():
        return
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else {folder.name}
    if not all(OURS.fullmatch(name) for name in names):
        raise ValueError(
            f"`--output` must have room for a backup beside it. Received: '{folder}' with other "
            "files. Move them, or choose another output; nothing was removed."
        )


def damaged(folder: Path, reason: str) -> ValueError:
    """The refusal of a backup, and why."""
    return ValueError(
        f"`--resume` must find a whole backup. Received: '{folder}', damaged ({reason}). Leave "
        "--resume out to start anew; until then, nothing in it is removed."
    )


def first_line(error: Exception) -> str:
    """What an error of a library is and says, in one line."""
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"


def _how_to_go_on(noun: str, done: list[int]) -> str:
    if not done:
        return f" before the first {noun} was backed up; run it again."
    return f"; the same command with --resume goes on after {noun} {done[0]}."
