"""The comparison: a network's energies beside those of the classical solvers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn import references
from qwpinn.equation.potential import Potential
from qwpinn.references.spectrum import Spectrum
from qwpinn.solving.solution import Solution

Array = NDArray[np.float64]

GALERKIN = "Legendre-Galerkin"


class Comparison(NamedTuple):
    """Energies of several methods.

    Attributes:
        source: Where the reference comes from.
        reference: Its energies, shape ``(K,)``.
        roads: Energies and seconds of each method, by its name.
    """

    source: str
    reference: Array
    roads: dict[str, tuple[Array, float]]


def compared(solution: Solution) -> Comparison:
    """Solve the potential of a solution by the classical solvers too."""
    potential, states = solution.potential, solution.energies.size
    source, reference = _reference(potential, states)
    roads = {"network": (solution.energies, solution.seconds)}
    rivals: dict[str, Callable[[Potential, int], Spectrum]] = {
        "finite differences": references.finite_differences
    }
    if source != GALERKIN:
        rivals[GALERKIN] = references.legendre_galerkin
    for name, solver in rivals.items():
        start = time.perf_counter()
        energies = solver(potential, states).energies
        roads[name] = (energies, time.perf_counter() - start)
    return Comparison(source, reference, roads)


def _reference(potential: Potential, states: int) -> tuple[str, Array]:
    """The most trustworthy energies that there are, and where they come from."""
    try:
        return "roots of the exact matching", references.exact(potential, states).energies
    except ValueError:  # of V that varies within a layer
        pass
    try:
        return "levels in closed form", potential.levels(states)
    except LookupError:
        return GALERKIN, references.legendre_galerkin(potential, states).energies
