"""Outcomes of a computation, each a sentence."""

from __future__ import annotations

import enum
from collections.abc import Sequence


class Status(enum.Enum):
    """How a state, or the training of a model, ended; ``str(status)`` is a sentence for people."""

    CONVERGED = "The enclosure is as narrow as asked, and which level it holds is proven."
    TOO_WIDE = (
        "The enclosure holds its level, but is wider than asked with all units and epochs that "
        "were allowed. Ask for a larger rtol or fewer states, or give more units or epochs."
    )
    OTHER_LEVEL = (
        "Training ended at another level than the one asked for; `quantum_numbers` says at which. "
        "Start from the Ritz states, as the recipe `Precise` does."
    )
    UNPROVEN = (
        "Which level this is could not be proven: the residual is too large, or the level too "
        "close to another. Give a wider network or more epochs."
    )
    MIXED = (
        "The energy is enclosed, but psi may be a mixture of this state and its neighbours: the "
        "levels are too close for its residual or for rounding. Trust no probability, dipole or "
        "node of it, only sums over all of these states. A smaller rtol helps where they are more "
        "than 1e-10 of E apart."
    )
    UNTRAINED = "The model has not been trained since it was made or loaded."
    TRAINED = "Training ran through its fixed number of epochs."
    UNEVEN = (
        "Networks are trained, but somewhere err far more than elsewhere: `error` and "
        "`anticrossings` say where. Ask there with refine=True."
    )
    NOT_FINITE = (
        "The loss became NaN or infinite and training stopped; the weights are those with the "
        "lowest loss before. Try a smaller learning rate, or check the potential."
    )
    DIVERGED = (
        "The loss rose to more than a million times the lowest seen and training stopped; the "
        "weights are those with the lowest loss. Try a smaller learning rate."
    )

    COLLAPSED = (
        "psi has become zero almost everywhere, which solves the equation at any energy: the "
        "overlaps weigh too little. Raise `normalisation`, or begin nearer to the energies."
    )

    @property
    def failed(self) -> bool:
        """Whether a training did harm."""
        return self in (Status.NOT_FINITE, Status.DIVERGED, Status.COLLAPSED)

    def __str__(self) -> str:
        return self.value


def states_named(numbers: Sequence[int]) -> str:
    """States as sentences have them.

    Example:
        >>> states_named([2]), states_named([0, 1])
        ('state 2', 'states 0, 1')
    """
    return f"state{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
