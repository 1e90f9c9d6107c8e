"""The spectrum: the lowest levels and their wavefunctions, as every classical solver returns."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Wavefunctions = Callable[[ArrayLike], Array]


@dataclass(frozen=True)
class Spectrum:
    """The lowest levels of a potential.

    Attributes:
        energies: Increasing, shape (K,).
        wavefunctions: Takes positions of shape (n,) or (n, 1), returns psi of shape (n, K), with
            integral rho psi_i psi_j dx = delta_ij and the first lobe from the left positive. A lobe
            counts from 1e-3 of the largest on.
    """

    energies: Array
    wavefunctions: Wavefunctions


def check_room(states: int, room: int, argument: str, what: str) -> None:
    """Refuses more states than the discretisation has unknowns."""
    if states > room:
        raise ValueError(
            f"`states` must not exceed the {room} {what}. Received: states={states}. "
            f"Give more `{argument}`, or ask for fewer states."
        )
