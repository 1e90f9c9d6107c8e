"""The comparison: a network's energies beside those of the classical solvers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from qwpinn import references
from qwpinn.equation.geometry import AnyWell, geometry_of
from qwpinn.solving.solved import Solved

Array = NDArray[np.float64]


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


class Spectral(Protocol):
    """What a classical solver finds."""

    @property
    def energies(self) -> Array: ...


Solver = Callable[[AnyWell, int], Spectral]
# Of one dimension and of the plane: the one that others are measured by, and others.
FINEST: dict[int, tuple[str, Solver]] = {
    1: ("Legendre-Galerkin", references.legendre_galerkin),
    2: ("spectral elements", references.spectral_elements),
}
ROUGHER: dict[int, tuple[str, Solver]] = {
    1: ("finite differences", references.finite_differences),
    2: ("finite differences", references.plane_differences),
}


def compared(solution: Solved) -> Comparison:
    """Solve the potential of a solution by the classical solvers too.

    Raises:
        LookupError: If no reference is known, as in the plane of regions that no line tells apart.
    """
    potential, states = solution.potential, solution.energies.size
    dimension = geometry_of(potential).dimension
    source, reference = _reference(potential, states)
    roads = {"network": (solution.energies, solution.seconds)}
    name, finest = FINEST[dimension]
    rivals = dict([ROUGHER[dimension]])
    if source != name:
        rivals[name] = finest
    for name, solver in rivals.items():
        start = time.perf_counter()
        energies = solver(potential, states).energies
        roads[name] = (energies, time.perf_counter() - start)
    return Comparison(source, reference, roads)


def _reference(potential: AnyWell, states: int) -> tuple[str, Array]:
    """The most trustworthy energies that there are, and where they come from."""
    dimension = geometry_of(potential).dimension
    if dimension == 1:
        try:
            return "roots of the exact matching", references.exact(potential, states).energies
        except ValueError:  # of V that varies within a layer
            pass
    try:
        return "levels in closed form", potential.levels(states)
    except LookupError:
        name, finest = FINEST[dimension]
        return name, finest(potential, states).energies
