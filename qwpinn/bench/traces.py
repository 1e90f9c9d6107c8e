"""Traces: what runs found on the way, for TensorBoard."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from qwpinn.bench.results import Result


def write(results: Iterable[Result], folder: Path) -> None:
    """A run each of TensorBoard's, whose relative time is the CPU time.

    Args:
        results: What is written.
        folder: For ``well/technique/seed``.
    """
    for found in results:
        trace, run = found.trace, found.run
        writer = EventFileWriter(str(folder / run.well / run.technique / f"{run.seed}"))
        for seconds, energy, psi, step in zip(
            trace.seconds, trace.energy_errors, trace.psi_errors, trace.steps, strict=True
        ):
            values = {"error of E": energy, "error of psi": psi}
            each = [Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()]
            event = Event(wall_time=seconds, step=step, summary=Summary(value=each))
            writer.add_event(event)
        writer.close()
