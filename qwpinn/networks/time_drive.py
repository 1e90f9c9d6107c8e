"""Drives f(t) W(x) as they are stored: both are tables, as a potential that is a function is."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from qwpinn.equation.hidden import refuse_hidden
from qwpinn.equation.potential import Potential
from qwpinn.equation.semiclassics import ground_energy
from qwpinn.potentials.config import potential_config, potential_from_config
from qwpinn.potentials.custom import CustomPotential
from qwpinn.storage.plain import Json
from qwpinn.training.time_points import Drive, Evolution


def stored_drive(evolution: Evolution) -> Evolution:
    """The same, with f and W as potentials, on [0, T] and between the walls.

    Raises:
        ArithmeticError: If one is found not to be smooth where there is no breakpoint.
    """
    if evolution.drive is None:
        return evolution
    signal, profile = evolution.drive.signal, evolution.drive.profile
    well = evolution.potential
    if not isinstance(signal, Potential):
        signal = CustomPotential(signal, (0.0, evolution.duration))
    if not isinstance(profile, Potential):
        profile = CustomPotential(profile, well.interval, well.breakpoints)
    largest = float(np.max(np.abs(signal(np.linspace(0.0, evolution.duration, 1001)))))
    refuse_hidden(signal, largest)
    refuse_hidden(profile, ground_energy(evolution.form) / max(largest, 1.0))
    return dataclasses.replace(evolution, drive=Drive(signal, profile))


def drive_config(drive: Drive | None) -> list[Json] | None:
    """A drive of potentials as JSON."""
    if drive is None:
        return None
    parts = (drive.signal, drive.profile)
    return [potential_config(part) for part in parts if isinstance(part, Potential)]


def drive_from_config(config: Sequence[Json] | None) -> tuple[Potential, Potential] | None:
    """Restores what `drive_config` returned."""
    if config is None:
        return None
    signal, profile = map(potential_from_config, config)
    return signal, profile
