"""Five-point differences in the plane, and what its classical solvers share.

They give numbers without bounds, to compare with: differences are what one would write, spectral
elements are faster than a network of the same accuracy where a mesh fits the boundaries.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from qwpinn.equation.plane import PlanePotential, finite
from qwpinn.inputs import check, limits

Array = NDArray[np.float64]

# How far a seed of the iteration lies below min V, in units of the lowest level of the box.
BELOW = 0.1


@dataclass(frozen=True)
class PlaneSpectrum:
    """Energies of the lowest states, without bounds.

    Attributes:
        energies: Ascending, ``(K,)``.
        psi: Values at the `points`, normalised, ``(n, K)``.
        points: Nodes of the method, ``(n, 2)``.
    """

    energies: Array
    psi: Array
    points: Array


def plane_differences(potential: PlanePotential, states: int, points: int = 200) -> PlaneSpectrum:
    """The five-point formula on a grid, of second order where V is smooth.

    Args:
        potential: The well.
        states: K.
        points: Inner points along the longer side. Defaults to 200.

    Raises:
        TypeError: If a number is no integer.
        ValueError: If one is out of range, or V is not finite.

    Example:
        >>> from qwpinn.potentials import Box2D
        >>> round(float(plane_differences(Box2D(), 1, points=50).energies[0]), 1)
        19.7
    """
    states = check.integer("states", states, maximum=limits.STATES)
    points = check.integer("points", points, 4, 1000)
    x0, x1, y0, y1 = potential.box
    step = max(x1 - x0, y1 - y0) / (points + 1)
    axes = [
        np.linspace(low, high, max(4, round((high - low) / step)) + 1)
        for low, high in ((x0, x1), (y0, y1))
    ]
    second = []
    for axis in axes:
        h, size = axis[1] - axis[0], axis.size - 2
        sides = np.full(size - 1, -1.0 / h**2)
        second.append(
            scipy.sparse.diags_array([sides, np.full(size, 2.0 / h**2), sides], offsets=[-1, 0, 1])
        )
    inner = [axis[1:-1] for axis in axes]
    x, y = (grid.ravel() for grid in np.meshgrid(*inner, indexing="ij"))
    one, other = (scipy.sparse.eye_array(axis.size) for axis in inner)
    v = finite(potential, x, y)
    matrix = scipy.sparse.kron(second[0], other) + scipy.sparse.kron(one, second[1])
    matrix = (matrix / potential.rho + scipy.sparse.diags_array(v)).tocsc()
    energies, psi = lowest(matrix, None, states, seed_of(potential))
    area = (axes[0][1] - axes[0][0]) * (axes[1][1] - axes[1][0])
    return PlaneSpectrum(energies, psi / np.sqrt(area * potential.rho), np.stack([x, y], axis=-1))


def seed_of(potential: PlanePotential) -> float:
    """Below all levels, not far."""
    x0, x1, y0, y1 = potential.box
    lowest = np.pi**2 * (1.0 / (x1 - x0) ** 2 + 1.0 / (y1 - y0) ** 2) / potential.rho
    return potential.minimum - BELOW * lowest


def lowest(
    matrix: scipy.sparse.csc_array, mass: scipy.sparse.csc_array | None, states: int, seed: float
) -> tuple[Array, Array]:
    """The states nearest above a seed; more are asked for, as one may be missed."""
    size = matrix.shape[0]
    if states > size - 2:
        raise ValueError(
            f"`states` must be at most {max(size - 2, 0)}, two less than there are unknowns. "
            f"Received: {states}. Ask for more points, or a higher degree."
        )
    begun = np.random.default_rng(0).standard_normal(size)
    asked = min(states + 6, size - 2)
    energies, psi = scipy.sparse.linalg.eigsh(matrix, asked, mass, seed, v0=begun, tol=1e-14)
    order = np.argsort(energies)[:states]
    return energies[order], psi[:, order]
