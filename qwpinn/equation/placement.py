"""Placement: where the units of a network's first layer stand, and how steep they are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Placement(NamedTuple):
    """Units of a layer, of which each is zero at its centre.

    Attributes:
        centres: Scaled positions, ``(units, d)``.
        slopes: Gradients there, ``(units, d)``.
    """

    centres: Array
    slopes: Array
