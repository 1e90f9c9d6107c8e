"""Differences: levels from the three-point scheme, extrapolated after Richardson."""

import itertools
import math
from collections.abc import Callable

import numpy as np
import scipy
from numpy.typing import NDArray

from qwpinn.equation.layers import subdivided
from qwpinn.equation.potential import Potential
from qwpinn.inputs import check
from qwpinn.quadrature import first_lobe_signs, panels
from qwpinn.references.spectrum import Spectrum, check_room, for_any_form

Array = NDArray[np.float64]


@for_any_form
def finite_differences(
    potential: Potential, states: int, points: int = 1001, refinements: int = 1
) -> Spectrum:
    """Levels from three-point differences, extrapolated to a vanishing step.

    The grid is uniform between breakpoints, which are nodes. Integrated over the cell of node i,
    half a step to either side, the equation reads

        -(psi_{i+1} - psi_i) / h_right + (psi_i - psi_{i-1}) / h_left
            + (h_left q_left + h_right q_right) / 2 psi_i = 0,      q = rho (V - E)

    with the one-sided values of q at a jump. The error of E then is a series in h^2, jumps or not;
    r halvings and Romberg's scheme leave order 2 r + 2.

    Args:
        potential: Any potential.
        states: How many levels, K.
        points: Nodes of the coarsest grid, about, walls included. Defaults to 1001.
        refinements: How many times the grid is halved, r. Defaults to 1: order 4; 0 is order 2.

    Returns:
        The extrapolated energies; the eigenfunctions are those of the finest grid, of order 2,
        interpolated by cubic splines.

    Raises:
        TypeError: If a number is no integer.
        ValueError: If the coarsest grid has fewer inner nodes than `states`.

    Example:
        >>> from qwpinn.potentials import InfiniteWell
        >>> float(round(finite_differences(InfiniteWell(), states=1).energies[0], 7))
        9.8696044

    Reference:
        J. D. Pryce, Numerical Solution of Sturm-Liouville Problems, chapter 3,
        ISBN 978-0-19-853415-0
    """
    count = check.integer("states", states)
    halvings = check.integer("refinements", refinements, minimum=0)
    edges = panels(potential, check.integer("points", points, minimum=3) - 1)
    check_room(count, edges.size - 2, "points", "inner nodes")
    table = []
    for level in range(halvings + 1):
        nodes = subdivided(edges, 2**level)
        energies, psi = _three_point_levels(potential, nodes, count)
        table.append(energies)
    for step in range(1, halvings + 1):
        table = [
            fine + (fine - coarse) / (4.0**step - 1.0) for coarse, fine in itertools.pairwise(table)
        ]
    spline = scipy.interpolate.CubicSpline(nodes, psi * first_lobe_signs(psi))
    return Spectrum(table[0], lambda x: spline(check.points(x, potential.interval)))


def _three_point_levels(potential: Potential, nodes: Array, states: int) -> tuple[Array, Array]:
    """Levels of the three-point scheme, and psi at all nodes, walls included, shape (n, K)."""
    steps = np.diff(nodes)
    rho, v = one_sided(potential.weight, nodes), one_sided(potential, nodes)
    mass, heights = gathered(steps, rho), gathered(steps, rho * v)
    stiffness = 1.0 / steps[:-1] + 1.0 / steps[1:]
    root = np.sqrt(mass)
    energies, vectors = scipy.linalg.eigh_tridiagonal(
        (stiffness + heights) / mass,
        -1.0 / (steps[1:-1] * root[:-1] * root[1:]),
        select="i",
        select_range=(0, states - 1),
    )
    return energies, np.pad(vectors / root[:, None], ((1, 1), (0, 0)))


def one_sided(function: Callable[[Array], Array], nodes: Array) -> Array:
    """A function at the left and at the right end of each cell between nodes, ``(2, cells)``.

    One ulp inside the cell: the one-sided limits at a breakpoint, whichever side it belongs to.
    """
    ends = np.nextafter(nodes[:-1], math.inf), np.nextafter(nodes[1:], -math.inf)
    return np.array([function(end) for end in ends])


def gathered(steps: Array, sides: Array) -> Array:
    """The integral over half a step to either side of each inner node, of one-sided values there.

    Args:
        steps: Of the cells, shape (cells,).
        sides: As `one_sided` has them, shape (2, cells).
    """
    left, right = sides
    return np.asarray(0.5 * (steps[:-1] * right[:-1] + steps[1:] * left[1:]))
