"""The trace: how the enclosures shrink while `qwpinn.solve` looks for its network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.enclosures.enclosure import Enclosure
from qwpinn.networks.well_model import WellModel

Array = NDArray[np.float64]
# What Keras hands to callbacks: numbers by their names.
Logs = Mapping[str, ArrayLike] | None


@dataclass(frozen=True)
class Step:
    """A point on the way to the solution.

    Attributes:
        units: Of the network.
        epoch: How many epochs it was trained; None for a network that has not been.
        widths: Of the enclosures, as `Enclosure.relative_widths` has them, shape ``(K,)``.
    """

    units: int
    epoch: int | None
    widths: Array

    @property
    def width(self) -> float:
        """The largest, infinite while a quantum number is unproven."""
        return float(np.max(self.widths))


class Trace(keras.callbacks.Callback):
    """Records the enclosures: a callback for ``fit`` whose ``report`` is one for `qwpinn.solve`.

    Attributes:
        only_watches: True: no epoch is trained for its sake.
        steps: One for each network tried, and for each epoch after which there was an enclosure.
    """

    only_watches = True

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[Step] = []
        self.epoch: int | None = None

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self.epoch = epoch + 1

    def report(self, model: WellModel, enclosure: Enclosure) -> None:
        """Called by `qwpinn.solve` whenever there is a new enclosure."""
        widths = enclosure.relative_widths(model.potential.minimum)
        self.steps.append(Step(model.units, self.epoch, widths))
