"""Animation: an evolution as a film, and which of its times are drawn."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwpinn.plotting import films
from qwpinn.plotting.frames import CYCLE, Film
from qwpinn.progress.bars import Verbose, counting
from qwpinn.storage import places

if TYPE_CHECKING:
    from qwpinn.dynamics.evolution import Evolution

# Times of a map: more than it has rows of pixels.
ROWS = 800


def write(evolution: Evolution, path: str | Path, frames: int = 200, verbose: Verbose = 0) -> Path:
    """Write a film of an evolution: its density, filled by the colour of its phase, V and a clock.

    Args:
        evolution: What moves.
        path: Ends in .gif, .html or .mp4.
        frames: How many, evenly in time. Of a well that is driven or absorbs, each is of the stored
            time that is next.
        verbose: As in Keras.

    Returns:
        The path.

    Raises:
        TypeError: If the number of frames is no integer.
        ValueError: If the path has another ending, there is no ffmpeg, there are too few or too
            many frames, or the evolution has a single time.
        OSError: If it cannot be written; then nothing is.
    """
    given = places.as_path("path", path)
    suffix = films.ending("path", given)
    count = films.check_frames(frames)
    shown, rows = chosen(evolution, count)
    with places.held(given) as place:
        places.check_file(place)
        with counting(verbose, "film", count, "frames") as done:
            film = Film(shown)

            def drawn() -> Iterator[films.Pixels]:
                for number, row in enumerate(rows.tolist()):
                    yield film.pixels(row)
                    done(number + 1)

            few = np.unique(rows[:: max(1, count // films.SAMPLES)])
            content = films.film(drawn(), map(film.pixels, few.tolist()), suffix, CYCLE)
        places.write_held(place, content)
    return given


def chosen(evolution: Evolution, frames: int) -> tuple[Evolution, NDArray[np.intp]]:
    """An evolution at times that are drawn, and which of them each frame shows.

    Raises:
        ValueError: If it has a single time.
    """
    times = evolution.times
    if times.size < 2:
        raise ValueError(
            "`times` must be at least two for anything to move. Received: one, "
            f"t = {times[0]:g}. Ask for a later one too in qwpinn.evolve."
        )
    wanted = np.linspace(times[0], times[-1], frames)
    if evolution.driven is None and evolution.absorbed is None:
        return evolution.at(wanted), np.arange(frames)
    middles = 0.5 * (times[1:] + times[:-1])
    rows, back = np.unique(np.searchsorted(middles, wanted), return_inverse=True)
    return _at_rows(evolution, rows), back


def thinned(evolution: Evolution, most: int = ROWS) -> Evolution:
    """The same evolution at no more than so many of its times, among them the first and last."""
    last = evolution.times.size - 1
    if last < most:
        return evolution
    return _at_rows(evolution, np.linspace(0.0, last, most).round().astype(int))


def _at_rows(evolution: Evolution, rows: NDArray[np.intp]) -> Evolution:
    """An evolution at some of its times."""
    driven, absorbed = evolution.driven, evolution.absorbed
    return dataclasses.replace(
        evolution,
        times=evolution.times[rows],
        coefficients=evolution.coefficients[rows],
        errors=evolution.errors[rows],
        driven=driven and driven._replace(strengths=driven.strengths[rows]),
        absorbed=absorbed and absorbed._replace(taken=absorbed.taken[rows]),
    )
