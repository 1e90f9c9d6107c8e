"""Drives f(t) W(x) as they are stored: both are tables, as a potential that is a function is."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from qwpinn.equation.couplings import at_times
from qwpinn.equation.hidden import hidden
from qwpinn.equation.potential import Potential
from qwpinn.equation.semiclassics import ground_energy
from qwpinn.potentials.config import potential_config, potential_from_config
from qwpinn.potentials.custom import CustomPotential
from qwpinn.storage.plain import Json
from qwpinn.training.space_time import Drive, SpaceTime


def stored_drive(motion: SpaceTime) -> SpaceTime:
    """The same, with W and f as potentials, between the walls and on [0, T].

    Raises:
        ArithmeticError: If one is found not to be smooth where there is no breakpoint.
    """
    if motion.drive is None:
        return motion
    coupling, strength = motion.drive.coupling, motion.drive.strength
    well, end = motion.potential, motion.duration
    if not isinstance(coupling, Potential):
        coupling = CustomPotential(coupling, well.interval, well.breakpoints)
    if not isinstance(strength, Potential):
        of_one = strength
        strength = CustomPotential(lambda t: at_times("drive[1]", of_one, t), (0.0, end))
    largest = float(np.max(np.abs(strength(np.linspace(0.0, end, 1001)))))
    _refuse_rough("f", strength, largest, "t", f"f as a CustomPotential on (0, {end:g})")
    scale = ground_energy(motion.form) / max(largest, 1.0)
    _refuse_rough("W", coupling, scale, well.symbol, "the well")
    return dataclasses.replace(motion, drive=Drive(coupling, strength))


def _refuse_rough(symbol: str, part: Potential, scale: float, of: str, cure: str) -> None:
    """Refuses a W or f that is not smooth between its breakpoints, where it matters."""
    found = hidden(part, scale)
    if found:
        raise ArithmeticError(
            f"`drive` must be smooth between the breakpoints. Received: {symbol} with {found[0]} "
            f"at {of}={found[0].position:.9g}. Give {cure} with this breakpoint."
        )


def drive_config(drive: Drive | None) -> list[Json] | None:
    """A drive of potentials as JSON."""
    if drive is None:
        return None
    parts = (drive.coupling, drive.strength)
    return [potential_config(part) for part in parts if isinstance(part, Potential)]


def drive_from_config(config: Sequence[Json] | None) -> tuple[Potential, Potential] | None:
    """Restores what `drive_config` returned."""
    if config is None:
        return None
    coupling, strength = map(potential_from_config, config)
    return coupling, strength
