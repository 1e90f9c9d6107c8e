"""Matching: levels and eigenfunctions of constant layers, psi and psi' continuous at every edge."""

import itertools
import math

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.counting import angle_after
from qwpinn.equation.layers import Layers, panel_of
from qwpinn.equation.potential import Potential
from qwpinn.inputs import check
from qwpinn.quadrature import first_lobe_signs, gauss_legendre
from qwpinn.references.spectrum import Spectrum, for_any_form

Array = NDArray[np.float64]


@for_any_form
def exact(potential: Potential, states: int) -> Spectrum:
    """Levels and eigenfunctions of constant layers, in closed form up to the roots.

    Level n is the root of theta(b; E) = n pi, theta the Pruefer angle. Within a layer, psi is a sum
    of cos and sin, or of two exponentials that decay from either end, so that nothing overflows;
    the sums are matched in psi and psi' at every edge. Levels that agree to 12 digits share the
    plane spanned by their eigenfunctions: any orthonormal pair in it is as right as another.

    Args:
        potential: A potential with `layers`: `InfiniteWell`, `FiniteWell`, `FiniteBarrier`,
            `PiecewiseConstant`, or your own.
        states: How many levels, K.

    Raises:
        TypeError: If `states` is no integer.
        ValueError: If V or rho is not constant between breakpoints, or `states` is below 1.

    Example:
        >>> from qwpinn.potentials import PiecewiseConstant
        >>> exact(PiecewiseConstant([0.0, 0.5, 1.0], [0.0, 10.0]), states=2).energies
        array([14.24769163, 44.94099293])

    Reference:
        J. D. Pryce, Numerical Solution of Sturm-Liouville Problems, chapter 5,
        ISBN 978-0-19-853415-0
    """
    count = check.integer("states", states)
    layers = potential.layers
    if layers is None:
        raise ValueError(
            "`potential` must be constant between its breakpoints. "
            f"Received: {type(potential).__name__}. Use qwpinn.references.legendre_galerkin."
        )
    # Sorted, as the roots of a pair closer than round-off may come in either order.
    energies = np.sort([_level(layers, n) for n in range(1, count + 1)])
    amplitudes = _layer_amplitudes(layers, energies)

    def unscaled(x: ArrayLike) -> Array:
        positions = check.points(x, potential.interval)
        return _layer_sums(layers, energies, amplitudes, positions)

    rule = gauss_legendre(_resolving_edges(layers, energies), order=32)
    psi = unscaled(rule.nodes)
    mass = rule.weights * potential.weight(rule.nodes)
    # Close levels mix by round-off / splitting: the symmetric root of the Gram matrix undoes it.
    gram_values, gram_vectors = np.linalg.eigh(psi.T @ (mass[:, None] * psi))
    mixing = (gram_vectors / np.sqrt(gram_values)) @ gram_vectors.T
    mixing = mixing * first_lobe_signs(psi @ mixing)
    return Spectrum(energies, lambda x: unscaled(x) @ mixing)


def _level(layers: Layers, n: int) -> float:
    """Level n = 1, 2, ...: the root of theta(b; E) = n pi between the min-max bounds."""
    length = float(layers.edges[-1] - layers.edges[0])
    kinetic = (n * math.pi / length) ** 2 / layers.weights
    lower = float(np.min(layers.values) + np.min(kinetic))
    upper = float(np.max(layers.values) + np.max(kinetic))
    # For one layer the bounds are the level itself: leave room for round-off.
    margin = 1e-9 * float(np.max(kinetic)) + 1e-12 * (abs(lower) + abs(upper))

    def mismatch(energy: float) -> float:
        return angle_after(layers, energy, theta=0.0, scale=1.0 / length) - n * math.pi

    xtol = 1e-16 * float(np.min(kinetic))
    return float(
        scipy.optimize.brentq(mismatch, lower - margin, upper + margin, xtol=xtol, rtol=1e-15)
    )


def _layer_basis(square: Array, t: Array) -> tuple[Array, Array]:
    """Two solutions u'' = -square u on 0 <= t <= 1, of size one, and their slopes.

    Args:
        square: rho (E - V) width^2, shape (K,).
        t: Positions in the layer, shape (m,).

    Returns:
        u and u', each of shape (2, m, K): cos and sin, or where square < -1, the exponentials that
        decay from t = 0 and from t = 1.
    """
    root = np.sqrt(square.astype(np.complex128) + 1e-300)
    size = np.maximum(np.abs(root), 1.0)
    angle = t[:, None] * np.where(square < -1.0, 0.0, root)
    cosine, sine = np.cos(angle), np.sin(angle)
    kappa = np.where(square < -1.0, np.abs(root), 0.0)
    down, up = np.exp(-kappa * t[:, None]), np.exp(-kappa * (1.0 - t[:, None]))
    forbidden = np.broadcast_to(square < -1.0, down.shape)
    u = np.where(forbidden, [down, up], [cosine.real, (sine / root).real * size])
    slope = np.where(
        forbidden, [-kappa * down, kappa * up], [(-root * sine).real, cosine.real * size]
    )
    return u, slope


def _layer_amplitudes(layers: Layers, energies: Array) -> Array:
    """The factors of both solutions in every layer, shape (layers, 2, K)."""
    depths = energies - np.min(layers.values)
    amplitudes = np.empty((layers.values.size, 2, energies.size))
    start = 0
    while start < energies.size:
        same = np.abs(energies - energies[start]) <= 1e-12 * depths[start]
        stop = max(start + 1, int(np.flatnonzero(same)[-1]) + 1)
        matrix = _matching_matrix(layers, float(np.mean(energies[start:stop])))
        null_space = np.linalg.svd(matrix)[2][start - stop :]
        amplitudes[:, :, start:stop] = null_space.T.reshape(-1, 2, stop - start)
        start = stop
    return amplitudes


def _matching_matrix(layers: Layers, energy: float) -> Array:
    """The matrix whose null vectors are eigenfunctions: zeros at the walls, C1 at the edges."""
    widths = np.diff(layers.edges)
    squares = layers.weights * (energy - layers.values) * widths**2
    sizes = np.maximum(np.sqrt(np.abs(squares)), 1.0) / widths
    count = widths.size
    matrix = np.zeros((2 * count, 2 * count))
    for layer in range(count):
        u, slope = _layer_basis(squares[layer : layer + 1], np.array([0.0, 1.0]))
        columns = slice(2 * layer, 2 * layer + 2)
        if layer == 0:
            matrix[0, columns] = u[:, 0, 0]
        else:
            unit = widths[layer] * max(sizes[layer - 1], sizes[layer])
            matrix[2 * layer - 1 : 2 * layer + 1, columns] = u[:, 0, 0], slope[:, 0, 0] / unit
        if layer == count - 1:
            matrix[-1, columns] = u[:, 1, 0]
        else:
            unit = widths[layer] * max(sizes[layer], sizes[layer + 1])
            matrix[2 * layer + 1 : 2 * layer + 3, columns] = -u[:, 1, 0], -slope[:, 1, 0] / unit
    return matrix


def _layer_sums(layers: Layers, energies: Array, amplitudes: Array, x: Array) -> Array:
    """The matched solutions at the positions `x`, not normalised, shape (n, K)."""
    panel = panel_of(x, layers.edges)
    psi = np.empty((x.size, energies.size))
    for layer, (left, right) in enumerate(itertools.pairwise(layers.edges)):
        inside = panel == layer
        width = right - left
        squares = layers.weights[layer] * (energies - layers.values[layer]) * width**2
        u, _ = _layer_basis(squares, (x[inside] - left) / width)
        psi[inside] = np.einsum("bmk,bk->mk", u, amplitudes[layer])
    return psi


def _resolving_edges(layers: Layers, energies: Array) -> Array:
    """Panels on which no eigenfunction turns or decays by more than a few radians.

    Where all states decay, the panels double in width from either end: what the wide ones in the
    middle do not resolve is below round-off.
    """
    edges = [layers.edges[:1]]
    for layer, (left, right) in enumerate(itertools.pairwise(layers.edges)):
        squares = layers.weights[layer] * (energies - layers.values[layer])
        count = math.ceil((right - left) * math.sqrt(np.max(np.abs(squares))) / 8.0)
        if count > 12 and np.max(squares) < 0.0:
            steps = 2.0 ** np.arange(math.ceil(math.log2(count / 2.0))) / count
            inner = np.concatenate([steps[steps < 0.5], [0.5], 1.0 - steps[steps < 0.5][::-1]])
            ends = left + (right - left) * np.append(inner, 1.0)
        else:
            ends = np.linspace(left, right, max(count, 1) + 1)[1:]
        edges.append(ends)
    return np.concatenate(edges)
