"""Galerkin's method: levels from the weak form in piecewise Legendre polynomials."""

import math

import numpy as np
import scipy
from numpy.polynomial import legendre
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.layers import panel_of
from qwpinn.equation.potential import Potential
from qwpinn.inputs import check
from qwpinn.quadrature import Quadrature, first_lobe_signs, gauss_legendre, panels
from qwpinn.references.spectrum import Spectrum, check_room, for_any_form

Array = NDArray[np.float64]


@for_any_form
def legendre_galerkin(
    potential: Potential, states: int, degree: int = 24, panels: int | None = None
) -> Spectrum:
    """Levels from the weak form in continuous, piecewise polynomials (spectral elements).

    With hats and the integrated Legendre polynomials (P_j - P_{j-2}) / sqrt(2 (2 j - 1)) as a
    basis u_i, the levels are those of the pencil

        A_ij = integral u_i' u_j' + rho V u_i u_j dx,      B_ij = integral rho u_i u_j dx

    with Gauss quadrature split at the breakpoints. Up to the quadrature's error they lie above the
    exact ones. The matrices are dense: up to some 1500 unknowns, panels times degree, take seconds.

    Args:
        potential: Any potential.
        states: How many levels, K.
        degree: The polynomials' degree, at least 2. Defaults to 24.
        panels: How many panels, about; towards high steps more are added. Defaults to None: doubled
            until the levels agree to 12 digits of the kinetic energy, or 1500 unknowns are reached.

    Raises:
        TypeError: If a number is no integer.
        ValueError: If the basis holds fewer functions than `states`.

    Example:
        >>> from qwpinn.potentials import CustomPotential
        >>> harmonic = CustomPotential(lambda x: x**2, interval=(-8, 8))
        >>> print(legendre_galerkin(harmonic, states=3).energies.round(10))
        [1. 3. 5.]

    Reference:
        C. Schwab, p- and hp-Finite Element Methods, chapter 3, ISBN 978-0-19-850390-3
    """
    count = check.integer("states", states)
    p = check.integer("degree", degree, minimum=2)
    if panels is not None:
        edges = _graded_edges(potential, check.integer("panels", panels))
        check_room(count, (edges.size - 1) * p - 1, "panels", "basis functions")
        return _galerkin_spectrum(potential, count, p, edges)
    # Of a table, every stretch between two samples is a panel: a low degree will do.
    p = max(2, min(p, 1500 // (len(potential.breakpoints) + 1)))
    size = max(8, 2 * math.ceil((count + 1) / p))
    edges = _graded_edges(potential, size)
    spectrum = _galerkin_spectrum(potential, count, p, edges)
    while True:
        size = 2 * max(size, edges.size - 1)
        edges = _graded_edges(potential, size)
        if (edges.size - 1) * p > 1500:
            return spectrum
        coarse, spectrum = spectrum, _galerkin_spectrum(potential, count, p, edges)
        kinetic = spectrum.energies - _lowest_value(potential, edges)
        if np.all(np.abs(spectrum.energies - coarse.energies) <= 1e-12 * kinetic):
            return spectrum


def _galerkin_spectrum(potential: Potential, states: int, degree: int, edges: Array) -> Spectrum:
    """The lowest levels in the piecewise polynomials of `degree` on `edges`."""
    stiffness, mass = _element_matrices(potential, degree, edges)
    unknowns = _numbering(edges.size - 1, degree)
    # The kinetic energy of a state as long as the box, whatever the unit of energy.
    rule = gauss_legendre(edges, 4)
    length, weight = float(edges[-1] - edges[0]), float(rule.weights @ potential.weight(rule.nodes))
    shift = 1.0 / (length * weight) - _lowest_value(potential, edges)
    a, b = _assembled(stiffness + shift * mass, unknowns), _assembled(mass, unknowns)
    # The inverse pencil: its largest eigenvalues are right to round-off, while the smallest of
    # (A, B) would carry the round-off of the largest, which grow like degree^4.
    size = a.shape[0]
    inverses, vectors = scipy.linalg.eigh(b, a, subset_by_index=(size - states, size - 1))
    inverses, vectors = inverses[::-1], vectors[:, ::-1] / np.sqrt(inverses[::-1])
    coefficients = np.concatenate([vectors, np.zeros((1, states))])[unknowns]

    def wavefunctions(x: ArrayLike) -> Array:
        positions = check.points(x, (float(edges[0]), float(edges[-1])))
        panel = panel_of(positions, edges)
        t = 2.0 * (positions - edges[panel]) / (edges[panel + 1] - edges[panel]) - 1.0
        return np.asarray(np.einsum("nj,njk->nk", _shapes(t, degree), coefficients[panel]))

    rule = _element_rule(edges, degree)
    signs = first_lobe_signs(wavefunctions(rule.nodes))
    coefficients = coefficients * signs
    return Spectrum(1.0 / inverses - shift, wavefunctions)


def _shapes(t: Array, degree: int) -> Array:
    """Both hats, then (P_j - P_{j-2}) / sqrt(2 (2 j - 1)), j = 2 ... degree, shape (n, degree + 1).

    The slopes of the latter are sqrt((2 j - 1) / 2) P_{j-1}, an orthonormal set.
    """
    p = legendre.legvander(t, degree)
    j = np.arange(2, degree + 1)
    bubbles = (p[:, 2:] - p[:, :-2]) / np.sqrt(2.0 * (2.0 * j - 1.0))
    return np.column_stack([0.5 * (1.0 - t), 0.5 * (1.0 + t), bubbles])


def _element_rule(edges: Array, degree: int) -> Quadrature:
    """The quadrature of the element matrices: exact for a V of degree 23."""
    return gauss_legendre(edges, degree + 12)


def _element_matrices(potential: Potential, degree: int, edges: Array) -> tuple[Array, Array]:
    """The integrals of u_i' u_j' + rho V u_i u_j and of rho u_i u_j over each panel."""
    widths = np.diff(edges)
    rule = _element_rule(edges, degree)
    t = _element_rule(np.array([-1.0, 1.0]), degree).nodes
    u = _shapes(t, degree)
    rho = (rule.weights * potential.weight(rule.nodes)).reshape(widths.size, -1)
    heights = potential(rule.nodes).reshape(widths.size, -1)
    products = u[:, :, None] * u[:, None, :]
    slopes = np.eye(degree + 1)
    slopes[:2, :2] = [[0.5, -0.5], [-0.5, 0.5]]
    stiffness = np.tensordot(rho * heights, products, axes=1)
    stiffness += 2.0 / widths[:, None, None] * slopes
    return stiffness, np.tensordot(rho, products, axes=1)


def _numbering(count: int, degree: int) -> NDArray[np.intp]:
    """The unknown of each panel's shapes, shape (panels, degree + 1); -1 for the walls' hats."""
    first = degree * np.arange(count)[:, None] - 1
    bubbles = first + np.arange(1, degree)
    unknowns = np.hstack([first, first + degree, bubbles])
    unknowns[-1, 1] = -1
    return unknowns


def _assembled(elements: Array, unknowns: NDArray[np.intp]) -> Array:
    """The sum of the panels' matrices; the last row and column collect the walls, and go."""
    size = int(np.max(unknowns)) + 2
    matrix = np.zeros((size, size))
    np.add.at(matrix, (unknowns[:, :, None], unknowns[:, None, :]), elements)
    return matrix[:-1, :-1]


def _graded_edges(potential: Potential, count: int) -> Array:
    """About `count` panels, refined by factors of 4 towards steps too high for one panel."""
    edges = panels(potential, count)
    extra: list[float] = []
    for point in potential.breakpoints:
        sides = np.array([np.nextafter(point, -math.inf), point, np.nextafter(point, math.inf)])
        q = potential.weight(sides) * potential(sides)
        kappa = math.sqrt(float(np.max(q) - np.min(q)))
        here = int(np.searchsorted(edges, point))
        for width in (edges[here - 1] - point, edges[here + 1] - point):
            levels = max(0, math.ceil(math.log(max(abs(width) * kappa / 16.0, 1e-9), 4.0)))
            extra += [point + width / 4.0**level for level in range(1, levels + 1)]
    return np.union1d(edges, extra)


def _lowest_value(potential: Potential, edges: Array) -> float:
    """The least V on 16 points of each panel."""
    return float(np.min(potential(gauss_legendre(edges, 16).nodes)))
