"""Places: folders and files that are written whole or not at all, by one process at a time.

While a place ``NAME`` is written, there lie hidden beside it

- ``.NAME.qwpinn-lock``, which says who writes. The system lets go of the lock when that process
  ends, however it does: a lock file that is left is no obstacle;
- ``.NAME.qwpinn-draft``, what is being written;
- ``.NAME.qwpinn-previous``, for the moment of the exchange, what was there before.

What a process that was killed has left of these is cleared away by the next one that writes there.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

LOCK, DRAFT, PREVIOUS = "lock", "draft", "previous"

# Why nothing more can be written, by the system's number and by its words: TensorFlow and HDF5 pass
# on the words alone.
FULL = {
    errno.ENOSPC: ("No space left on device", "the disk is full"),
    errno.EDQUOT: ("Disk quota exceeded", "the disk quota is used up"),
    errno.EFBIG: ("File too large", "a file is larger than the disk or the process may hold"),
}
# File systems that know no locks; there, nothing keeps two processes apart.
# How often a lock is tried whose file comes and goes, and the seconds between.
TRIES, PAUSE = 100, 0.01
NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK}


class DiskFullError(OSError):
    """Nothing more can be written: what was there is as it was, and nothing is half-written."""


def as_path(name: str, value: object) -> Path:
    """Returns the name of a file or folder as a path.

    Args:
        name: The argument's name, for the message.
        value: A string or a path.

    Raises:
        TypeError: If it is neither.
        ValueError: If it is empty, or holds a null byte.

    Example:
        >>> as_path("path", "runs/well").name
        'well'
    """
    if not isinstance(value, str | os.PathLike):
        raise TypeError(
            f"`{name}` must be the name of a file or folder. Received: {name}={value!r:.60} of "
            f"type {type(value).__name__}. Give a string, or a pathlib.Path."
        )
    text = os.fspath(value)
    if not isinstance(text, str) or not text or "\0" in text:
        raise ValueError(
            f"`{name}` must be the name of a file or folder. Received: {name}={text!r:.60}. "
            "Give its name in letters, e.g. 'runs/well'."
        )
    return Path(text)


def place_of(path: str | Path) -> Path:
    """The place itself, which links are followed to.

    Raises:
        TypeError: If ``path`` is no name of a place.
        ValueError: If it leads through a link to nothing.
    """
    given = as_path("path", path).absolute()
    for part in (given, *given.parents):
        with writing(part):
            dangling = part.is_symlink() and not part.exists()
        if dangling:
            raise ValueError(
                f"`path` must be a place that is there, or can be made. Received: '{path}', where "
                f"'{part}' is a link to '{os.readlink(part)}', which is not there. Make that "
                "first, or remove the link."
            )
    return Path(os.path.realpath(given))


@contextlib.contextmanager
def held(path: str | Path) -> Iterator[Path]:
    """The place itself, kept from other processes while the block runs.

    The folders above it are made; they go again if nothing came to lie in them. The process that
    holds a place may hold it again.

    Raises:
        ValueError: If it is a link to nothing.
        BlockingIOError: If another process holds it: which one, and since when.
        OSError: If nothing can be written there.
    """
    place = place_of(path)
    missing = [folder for folder in place.parents if not folder.exists()]
    try:
        with writing(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            lock = _acquired(place)
        try:
            if lock is None or lock.lock_counter == 1:
                with writing(place):
                    _clear(place)
            yield place
        finally:
            if lock is not None:
                _release(lock)
    finally:
        for folder in missing:
            with contextlib.suppress(OSError):
                folder.rmdir()


def _acquired(place: Path) -> FileLock | None:
    """The lock of a place, or None where the file system knows no locks."""
    lock = FileLock(beside(place, LOCK), timeout=0, is_singleton=True, on_acquired=_sign)
    for _ in range(TRIES):
        try:
            lock.acquire()
            return lock
        except Timeout:
            # Whoever lets go of it removes the file: it may have gone in this moment.
            if os.path.lexists(lock.lock_file):
                raise _busy(place, Path(lock.lock_file)) from None
            time.sleep(PAUSE)
        except OSError as error:
            if error.errno in NO_LOCKS:
                return None
            raise
    raise ValueError(
        f"`path` must be a place beside which a file can be made. Received: '{place}', where none "
        "appears. Choose another place."
    )


def _release(lock: FileLock) -> None:
    """Let go of a lock, and remove its file while nobody else can hold it."""
    if lock.lock_counter == 1:
        with contextlib.suppress(OSError):
            os.unlink(lock.lock_file)
    lock.release()


def _sign(descriptor: int) -> None:
    """Say in a lock file who holds it."""
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    signed = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
    os.ftruncate(descriptor, 0)
    os.write(descriptor, json.dumps(signed).encode())


def _busy(place: Path, lock: Path) -> BlockingIOError:
    """Says who holds a place."""
    try:
        signed = json.loads(lock.read_text())
        holder = f"process {signed['pid']} on {signed['host']} since {signed['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        holder = "another process"
    return BlockingIOError(
        f"`path` must not be written by two processes at a time. Received: '{place}', held by "
        f"{holder}. Wait until that one has ended, or choose another place."
    )


def _clear(place: Path) -> None:
    """Remove what a process that was killed has left beside a place."""
    draft, previous = beside(place, DRAFT), beside(place, PREVIOUS)
    # It was killed between the two halves of the exchange: the first is taken back.
    if os.path.lexists(previous) and not os.path.lexists(place):
        os.rename(previous, place)
    for left in (draft, previous):
        _remove(left)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def beside(place: Path, what: str) -> Path:
    """The hidden file or folder of a kind beside a place."""
    return place.with_name(f".{place.name}.qwpinn-{what}")


@contextlib.contextmanager
def replaced_folder(path: str | Path, ours: Callable[[Path], bool]) -> Iterator[Path]:
    """A temporary folder beside ``path`` that takes its place once the block has ended well.

    If the block raises, or the process dies, what was at ``path`` is as it was. A link is followed:
    the folder that it leads to is replaced.

    Args:
        path: The folder to make or replace.
        ours: Says of a folder that is there, and not empty, whether it may be replaced.

    Raises:
        ValueError: If ``path`` holds something else, or is a link to nothing.
        DiskFullError: If there is no room.
        OSError: If the folder cannot be written, or another process writes there.
    """
    check_replaceable(path, ours)
    with held(path) as place, writing(place, full_only=True):
        check_replaceable(place, ours)
        draft = beside(place, DRAFT)
        with writing(place):
            draft.mkdir()
        try:
            yield draft
            with writing(place):
                _exchange(draft, place)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def _exchange(draft: Path, place: Path) -> None:
    previous = beside(place, PREVIOUS)
    if place.exists():
        os.rename(place, previous)
    os.rename(draft, place)
    shutil.rmtree(previous, ignore_errors=True)


def check_replaceable(path: str | Path, ours: Callable[[Path], bool]) -> None:
    """Refuse a place that `replaced_folder` would refuse, before the work is done.

    Raises:
        ValueError: If ``path`` holds something else than what ``ours`` knows, or is a link to
            nothing.
    """
    place = place_of(path)
    with writing(place):
        folder = place.is_dir()
        if not place.exists() or (folder and (not any(place.iterdir()) or ours(place))):
            return
    found = "a folder with other files" if folder else "a file"
    raise ValueError(
        f"`path` must be new, empty or an earlier result to replace. Received: '{path}', {found}. "
        "Choose another path; nothing was overwritten."
    )


def write_file(path: str | Path, content: bytes) -> None:
    """Write a file beside its place and move it there when it is whole.

    Raises:
        ValueError: If ``path`` is a link to nothing.
        DiskFullError: If there is no room; what was at ``path`` is as it was.
        OSError: If it cannot be written, or another process writes there.
    """
    with held(path) as place:
        write_held(place, content)


def check_file(place: Path) -> None:
    """Refuse a place that `write_held` would refuse, before the work is done.

    Raises:
        OSError: If it is no file.
    """
    if place.exists() and not place.is_file():
        raise OSError(
            f"`path` must be new, or a file to replace. Received: '{place}', which is a folder, a "
            "device or a pipe. Choose another place; nothing was written."
        )


def write_held(place: Path, content: bytes) -> None:
    """As `write_file`, of a place that nobody else writes."""
    check_file(place)
    draft = beside(place, DRAFT)
    with writing(place):
        try:
            draft.write_bytes(content)
            os.replace(draft, place)
        finally:
            draft.unlink(missing_ok=True)


@contextlib.contextmanager
def writing(path: str | Path, full_only: bool = False) -> Iterator[None]:
    """Errors of the block as one line that names the place.

    Args:
        path: The place.
        full_only: Whether to leave all errors as they are but that of a full disk: where more is
            done than writing.

    Raises:
        DiskFullError: If there is no room, whoever found that: the system, HDF5 or TensorFlow.
        OSError: If the place cannot be written.
    """
    try:
        yield
    except (DiskFullError, BlockingIOError):
        raise
    except Exception as error:
        if reason := full(error):
            raise DiskFullError(
                f"`path` must be where there is room. Received: '{path}', but {reason}. Make room, "
                "or choose another place; nothing half-written was left, and what was there is as "
                "it was."
            ) from error
        if full_only or not isinstance(error, OSError):
            raise
        raise type(error)(
            f"`path` must be a place that can be written. Received: '{path}' "
            f"({error.strerror or str(error).splitlines()[0]}). Choose another place, or change "
            "its permissions."
        ) from error


def full(error: BaseException | None) -> str:
    """Why nothing more can be written, if that is what an error says; else nothing.

    Example:
        >>> full(OSError(28, "No space left on device"))
        'the disk is full'
    """
    while error is not None:
        for number, (words, reason) in FULL.items():
            if getattr(error, "errno", None) == number or re.search(words, str(error), re.I):
                return reason
        error = error.__cause__
    return ""
