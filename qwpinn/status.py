"""Outcomes of a computation, each a sentence."""

from __future__ import annotations

import enum


class Status(enum.Enum):
    """How training ended; ``str(status)`` is a sentence for people."""

    UNTRAINED = "The model has not been trained since it was made or loaded."
    TRAINED = "Training ran through its fixed number of epochs."
    NOT_FINITE = (
        "The loss became NaN or infinite and training stopped; the weights are the last ones "
        "that gave a finite loss. Try a smaller learning rate, or check the potential."
    )

    def __str__(self) -> str:
        return self.value
