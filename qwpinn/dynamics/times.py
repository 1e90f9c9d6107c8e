"""Times: those at which psi is asked for."""

from __future__ import annotations

import numbers

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.inputs import check, limits

Array = NDArray[np.float64]


def check_times(times: ArrayLike, states: int = 1) -> Array:
    """Times as float64, refused if they do not increase from 0 on.

    Args:
        times: Shape ``(T,)``, or one number.
        states: For each of which there will be a coefficient.

    Raises:
        TypeError: If they are no real numbers.
        ValueError: If they do not increase, one is negative, or there are too many.
    """
    given = [times] if isinstance(times, numbers.Real) else times
    found = check.increasing("times", given, 1)
    if found[0] < 0.0:
        raise ValueError(
            f"`times` must be from 0 on, when psi is psi0. Received: {found[0]:g}. "
            "Count them from there."
        )
    cure = "Ask for fewer times or states."
    limits.at_most("times", found.size * states, limits.EVOLVED, "coefficients in all", cure)
    return found
