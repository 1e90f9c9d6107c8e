"""The job of ``qwpinn evolve``: what moves and where to, checked before TensorFlow is loaded."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from qwpinn.cli import targets
from qwpinn.cli.targets import Target
from qwpinn.dynamics.drive import Pulse
from qwpinn.dynamics.initial import Initial
from qwpinn.dynamics.packet import Packet
from qwpinn.equation import kinds
from qwpinn.inputs import check, numerals
from qwpinn.progress.heartbeat import print_text
from qwpinn.storage import places, runs
from qwpinn.storage.contents import is_evolution_folder

Array = NDArray[np.float64]

MAP = ".png"


class Motion(NamedTuple):
    """Of ``qwpinn evolve``.

    Attributes:
        target: The well; of its settings, the seed.
        packet: What moves.
        times: Of the frames.
        states: How many, or None for as many as it takes.
        tol: The error that is asked for.
        drive: As `qwpinn.evolve` takes it.
        absorbing: As well.
        output: A film, a map or a folder, or None.
    """

    target: Target
    packet: Packet
    times: Array
    states: int | None
    tol: float
    drive: tuple[str, Pulse] | None
    absorbing: tuple[float, float] | None
    output: Path | None


@contextmanager
def evolve(options: argparse.Namespace, console: Console) -> Iterator[Motion]:
    """The well, the packet, what drives it, and the place of what is left behind."""
    from qwpinn.plotting import films

    target = targets.target_of(options)
    kinds.line(target.potential, "evolve", "Solve it by qwpinn solve.")
    potential = kinds.potential(target.potential)
    tol = check.positive("--tol", options.tol, "tolerance")
    packet = Packet(*_numbers("--packet", options.packet, "CENTRE,MOMENTUM,WIDTH", "-1.5,0,0.4"))
    Initial(potential, packet, tol)
    until = check.positive("--until", options.until, "time")
    times = np.linspace(0.0, until, films.check_frames(options.frames))
    drive = None
    if options.drive is not None:
        # Of a device, what the voltage makes.
        coupling = "field" if "field" in potential.couplings else "x"
        amplitude, frequency = _numbers("--drive", options.drive, "AMPLITUDE,FREQUENCY", "0.1,2")
        drive = coupling, Pulse(amplitude, frequency)
    absorbing = None if options.absorbing is None else _widths(options.absorbing)
    output = None if options.output is None else _place(options.output)
    with nullcontext() if output is None else places.held(output):
        if target.file:
            print_text(console, f"{target.file} ({potential.name})")
        yield Motion(target, packet, times, options.states, tol, drive, absorbing, output)


def _place(output: str) -> Path:
    """A place where what its ending says can be written."""
    from qwpinn.plotting import films

    path = Path(runs.folder(output))
    if not path.suffix:
        places.check_replaceable(path, is_evolution_folder)
        return path
    if path.suffix.lower() != MAP:
        films.ending("--output", path, " for a film, in .png for a map, or be a folder")
    places.check_file(places.place_of(path))
    return path


def _numbers(option: str, text: str, form: str, example: str) -> list[float]:
    """Numbers with commas, as many as the form has names."""
    parts = text.split(",")
    if len(parts) != len(form.split(",")) or not all(map(numerals.is_real, parts)):
        raise ValueError(
            f"`{option}` must be {form}, {len(form.split(','))} numbers. Received: "
            f"{option}={text:.60}. For example {option}={example}."
        )
    return [numerals.real(part) for part in parts]


def _widths(text: str) -> tuple[float, float]:
    """Those of the left and the right end."""
    form, example = ("LEFT,RIGHT", "0,2.0") if "," in text else ("WIDTH", "2.0")
    found = _numbers("--absorbing", text, form, example)
    widths = [check.not_negative("--absorbing", width, "length") for width in found]
    return widths[0], widths[-1]
