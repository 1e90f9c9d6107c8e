"""Files of a user: regular ones, of a limited size, in UTF-8, or one line on what is wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from qwpinn.inputs import limits


@contextmanager
def opened(path: Path, most: int = limits.BYTES) -> Iterator[IO[str]]:
    """A user's file, open for reading text in UTF-8: a regular one, of at most so many bytes.

    Args:
        path: The file.
        most: Bytes.

    Raises:
        OSError: If it cannot be read; of the kind that the system raised.
        ValueError: If it is a device, a pipe or the like, or too large.
        UnicodeDecodeError: If it is in another encoding.
    """
    try:
        # A pipe without a writer would wait for ever, and a device may never end.
        if path.exists() and not path.is_file() and not path.is_dir():
            raise ValueError(
                f"`{path}` must be a regular file. Received: a device, a pipe or a socket. "
                "Write its content to a file first."
            )
        stream = path.open(encoding="utf-8-sig")
    except OSError as error:
        raise type(error)(
            f"`{path}` must be a file that can be read. Received: {error.strerror}. "
            "Check its name and permissions."
        ) from error
    with stream:
        size = path.stat().st_size
        limits.at_most(str(path), size, most, "bytes", "Give a smaller file, e.g. fewer samples.")
        yield stream


def text_file(path: Path, most: int = limits.BYTES) -> str:
    """Returns the text of a file in UTF-8; arguments and errors are those of `opened`."""
    with opened(path, most) as stream:
        return stream.read(most)
