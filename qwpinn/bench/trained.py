"""A network on the bench: what `clock.py` runs for the techniques of this package and of others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from qwpinn.bench.clock import Clock
from qwpinn.bench.names import loaded
from qwpinn.bench.technique import Task, train
from qwpinn.potentials.config import potential_from_config


def solve(job: Mapping[str, Any], clock: Clock) -> None:
    """Train the network of a job."""
    # Layers of others may have no seeds of their own.
    keras.utils.set_random_seed(job["seed"])
    task = Task(potential_from_config(job["well"]), job["seed"], job["budget"])
    parts = loaded(job["technique"])
    if len(parts) == 1:
        parts[0].solve(task, clock)
    else:
        train(parts, task, clock)
