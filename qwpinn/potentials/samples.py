"""Samples: a table of positions and values, read from a text file line by line.

`csv` and `numpy.loadtxt` want to know the separator, and set no limit to a line or a file.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qwpinn.inputs import files, limits, numerals
from qwpinn.units.quantities import split_heading
from qwpinn.units.systems import Units

Array = NDArray[np.float64]
Headings = tuple[str, ...]


def table_of(path: Path) -> tuple[Array, Headings]:
    """The samples of a table, a row (x, V) each; see `qwpinn.Sampled.from_csv`.

    Args:
        path: The file.

    Returns:
        Samples, shape ``(n, 2)``, and the headings of the columns, none if there is no such line.

    Raises:
        OSError: If the file cannot be read.
        ValueError: With the file, and the line that is wrong.
    """
    try:
        with files.opened(path, limits.TABLE_BYTES) as stream:
            # A limit for every line: a file may be one line, or hold no text at all.
            lines = iter(lambda: stream.readline(limits.LINE + 1), "")
            headings: list[str] = []
            found = list(_samples(path, lines, headings))
    except UnicodeDecodeError as error:
        raise ValueError(
            f"`{path}` must be a text file in UTF-8. Received: other bytes at {error.start}. "
            "Export the table as CSV."
        ) from None
    return np.array(found, np.float64).reshape(-1, 2), tuple(headings)


def units_of(path: Path, headings: Headings, mass: float | str | None = None) -> Units | None:
    """The units that headings such as ``x (nm)`` and ``V (eV)`` give; None if they give none.

    Args:
        path: The file, for messages.
        headings: Of the columns.
        mass: Of the particle. Defaults to None: 1.0.

    Raises:
        ValueError: If only one of both has a unit, one is unknown, or there is a mass without.
    """
    units = [unit for _, unit in map(split_heading, headings)]
    if not any(units):
        if mass is not None:
            raise ValueError(
                f"`mass` must come with units. Received: mass={mass!r}, and no units in the "
                f"headings of `{path}`. Write its first line as in 'x (nm),V (eV)'."
            )
        return None
    if len(units) != 2 or not all(units):
        raise ValueError(
            f"`{path}` must have units in the headings of both columns, or of none. Received: "
            f"{', '.join(headings)}. Write the first line as in 'x (nm),V (eV)'."
        )
    try:
        return Units(units[0], units[1], 1.0 if mass is None else mass)
    except ValueError as error:
        raise ValueError(f"`{path}`, headings: {error}") from None


def _samples(
    path: Path, lines: Iterable[str], headings: list[str]
) -> Iterator[tuple[float, float]]:
    """The pairs (x, V); the first lines may be comments and headings, which are handed out."""
    previous, may_be_headings, count = -math.inf, True, 0
    for number, line in enumerate(lines, start=1):
        if len(line) > limits.LINE:
            raise ValueError(
                f"`{path}`, line {number}, must hold at most {limits.LINE} characters. Received: "
                "more. Write one sample a line, x and V."
            )
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = re.split(r"\s*[,;\t]\s*|\s+", line.strip())
        if not (may_be_headings and _are_headings(f"`{path}`, line {number},", cells)):
            sample = _sample(f"`{path}`, line {number},", cells, previous)
            previous, count = sample[0], count + 1
            limits.at_most(str(path), count, limits.SAMPLES, "samples", "Take every n-th line.")
            yield sample
        else:
            headings += _headings(line)
        may_be_headings = False


def _sample(where: str, cells: Sequence[str], previous: float) -> tuple[float, float]:
    """One pair, checked; `where` begins the message."""
    if len(cells) != 2:
        raise ValueError(
            f"{where} must hold two columns, x and V. Received: {len(cells)} columns. Separate "
            "them by a comma, a semicolon, a tab or blanks, and write decimals with a point."
        )
    for cell in cells:
        if not (numerals.is_real(cell) and math.isfinite(float(cell))):
            raise ValueError(
                f"{where} must hold two finite numbers. Received: {cell!r}. "
                "Remove the line, or start it with # if it is a comment."
            )
    x, v = map(float, cells)
    if x <= previous:
        cure = "for a jump, put the second 1e-5 of the interval further right"
        raise ValueError(
            f"{where} must lie to the right of the line before. Received: x={x} after "
            f"x={previous}. Sort the lines and remove repetitions; {cure}."
        )
    return x, v


def _headings(line: str) -> list[str]:
    """The headings of a line: between commas and the like, or between blanks, units apart."""
    if re.search(r"[,;\t]", line):
        return [cell.strip().strip("\"'") for cell in re.split(r"[,;\t]", line.strip())]
    return re.findall(r"[^\s(\[]+(?:\s*[(\[][^)\]]*[)\]])?", line)


def _are_headings(where: str, cells: Sequence[str]) -> bool:
    """Whether the first line names the columns; else it holds numbers, or is refused."""
    if all(map(numerals.is_real, cells)):
        return False
    words = not any(map(numerals.is_meant_as_number, cells))
    if words and len(cells) > 1 and any(map(str.isalpha, "".join(cells))):
        return True
    raise ValueError(
        f"{where} must be the headings of two columns, such as x,V, or hold two finite numbers. "
        f"Received: {' '.join(cells)!r:.60}. Write decimals with a point and without separators, "
        "or start the line with # if it is a comment."
    )
