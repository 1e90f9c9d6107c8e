"""What ``qwpinn evolve`` does."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from qwpinn import plotting
from qwpinn.cli.evolve_jobs import MAP, Motion
from qwpinn.dynamics.evolution import Evolution
from qwpinn.dynamics.evolving import evolve
from qwpinn.progress.heartbeat import print_text
from qwpinn.storage.places import write_file


def run_evolve(options: argparse.Namespace, job: Motion, console: Console) -> int:
    """``qwpinn evolve``; returns the exit code."""
    evolution = evolve(
        job.target.potential,
        job.packet,
        job.times,
        job.states,
        job.tol,
        job.drive,
        absorbing=job.absorbing,
        seed=job.target.settings.seed,
        verbose=1,
    )
    console.print(evolution)
    if job.output is not None:
        print_text(console, f"{_written(evolution, job.output, job.times.size)}: {options.output}")
    # Of ends that absorb no error is claimed.
    return 0 if evolution.converged or job.absorbing is not None else 1


def _written(evolution: Evolution, output: Path, frames: int) -> str:
    """What was written."""
    suffix = output.suffix.lower()
    if not suffix:
        evolution.save(output)
        return "Evolution"
    if suffix == MAP:
        write_file(output, plotting.png(evolution.plot()))
        return "Map over position and time"
    evolution.animate(output, frames, verbose=1)
    return f"Film of {frames} frames"
