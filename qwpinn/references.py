"""Classical solvers to compare with; `qwpinn.solve` never uses them.

- `exact`: roots of the Pruefer angle and closed eigenfunctions, for constant layers;
- `finite_differences`: second order, extrapolated after Richardson;
- `legendre_galerkin`: piecewise Legendre polynomials, to about 12 digits for any potential;
- `count_below`, `pruefer_angle`: how many levels lie below an energy, by the oscillation theorem.

The first three take very different roads to the same `Spectrum`, so that their agreement means
something.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline
from scipy.linalg import eigh, eigh_tridiagonal
from scipy.optimize import brentq

from qwpinn import _check
from qwpinn.potentials import Layers, Potential, stretched_angle
from qwpinn.quadrature import Quadrature, first_lobe_signs, gauss_legendre, panels

Array = NDArray[np.float64]
Wavefunctions = Callable[[ArrayLike], Array]


@dataclass(frozen=True)
class Spectrum:
    """The lowest levels of a potential.

    Attributes:
        energies: Increasing, shape (K,).
        wavefunctions: Takes positions of shape (n,) or (n, 1), returns psi of shape (n, K), with
            integral rho psi_i psi_j dx = delta_ij and the first lobe from the left positive. A lobe
            counts from 1e-6 of the largest on.
    """

    energies: Array
    wavefunctions: Wavefunctions


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
    count = _check.integer("states", states)
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
        positions = _check.points(x, potential.interval)
        return _layer_sums(layers, energies, amplitudes, positions)

    rule = gauss_legendre(_resolving_edges(layers, energies), order=32)
    psi = unscaled(rule.nodes)
    mass = rule.weights * potential.weight(rule.nodes)
    # Close levels mix by round-off / splitting: the symmetric root of the Gram matrix undoes it.
    gram_values, gram_vectors = np.linalg.eigh(psi.T @ (mass[:, None] * psi))
    mixing = (gram_vectors / np.sqrt(gram_values)) @ gram_vectors.T
    mixing = mixing * first_lobe_signs(psi @ mixing)
    return Spectrum(energies, lambda x: unscaled(x) @ mixing)


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
    count = _check.integer("states", states)
    halvings = _check.integer("refinements", refinements, minimum=0)
    edges = panels(potential, _check.integer("points", points, minimum=3) - 1)
    _check_room(count, edges.size - 2, "points", "inner nodes")
    table = []
    for level in range(halvings + 1):
        nodes = _subdivided(edges, 2**level)
        energies, psi = _three_point_levels(potential, nodes, count)
        table.append(energies)
    for step in range(1, halvings + 1):
        table = [
            fine + (fine - coarse) / (4.0**step - 1.0) for coarse, fine in itertools.pairwise(table)
        ]
    spline = CubicSpline(nodes, psi * first_lobe_signs(psi))
    return Spectrum(table[0], lambda x: spline(_check.points(x, potential.interval)))


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
    count = _check.integer("states", states)
    p = _check.integer("degree", degree, minimum=2)
    if panels is not None:
        edges = _graded_edges(potential, _check.integer("panels", panels))
        _check_room(count, (edges.size - 1) * p - 1, "panels", "basis functions")
        return _galerkin_spectrum(potential, count, p, edges)
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


def count_below(potential: Potential, energy: float) -> int:
    """The number of levels strictly below `energy`, by the oscillation theorem.

    The solution with psi(a) = 0 has as many zeros inside (a, b) as there are levels below E. Within
    round-off of a level (some 1e-11 of it where V varies between breakpoints), the answer is that
    of one side or the other.

    Args:
        potential: Any potential.
        energy: In the potential's units.

    Raises:
        TypeError: If `energy` is no real number.
        ValueError: If `energy` is not finite.
        ArithmeticError: If V or rho is not smooth between the breakpoints.

    Example:
        >>> from qwpinn.potentials import InfiniteWell
        >>> count_below(InfiniteWell(width=1.0), energy=50.0)
        2

    Reference:
        J. D. Pryce, Numerical Solution of Sturm-Liouville Problems, chapter 2,
        ISBN 978-0-19-853415-0
    """
    return max(0, math.ceil(pruefer_angle(potential, energy) / math.pi) - 1)


def pruefer_angle(potential: Potential, energy: float) -> float:
    """The Pruefer angle theta(b; E) of the solution with psi(a) = 0, which has theta(a) = 0.

    tan(theta) = psi / (L psi') with L = b - a, continued through the multiples of pi, where psi is
    zero; theta(b; E) increases with E, and is n pi at level n. On constant layers the angle is
    known in closed form. Else V and rho are replaced by their values at the middle of ever more
    layers, panel by panel, and the turn in each panel is extrapolated until it changes by less than
    1e-12.

    Args:
        potential: Any potential.
        energy: In the potential's units.

    Raises:
        TypeError: If `energy` is no real number.
        ValueError: If `energy` is not finite.
        ArithmeticError: If the angle does not converge within 1024 layers a panel, as V or rho has
            a jump, a kink or a singularity that is no breakpoint. A very narrow one may be missed.

    Example:
        >>> from qwpinn.potentials import InfiniteWell
        >>> print(round(pruefer_angle(InfiniteWell(width=1.0), energy=np.pi**2), 12))
        3.14159265359

    Reference:
        S. Pruess, SIAM J. Numer. Anal. 10 (1973) 55, doi:10.1137/0710008
    """
    level = _check.finite("energy", energy)
    length = potential.interval[1] - potential.interval[0]
    if potential.layers is not None:
        return _angle_after(potential.layers, level, theta=0.0, scale=1.0 / length)
    zeros, theta, scale = 0, 0.0, 1.0 / length
    for left, right in itertools.pairwise(_slow_panels(potential, level).tolist()):
        local = 1.0 / (right - left)
        theta = stretched_angle(theta, local / scale)
        theta, scale = _angle_after_panel(potential, level, theta, (left, right)), local
        # Counted apart, the full half-turns cost the angle none of its digits.
        half_turns = math.floor(theta / math.pi)
        zeros, theta = zeros + half_turns, theta - half_turns * math.pi
    return stretched_angle(theta, 1.0 / (length * scale)) + zeros * math.pi


def _slow_panels(potential: Potential, energy: float) -> Array:
    """At least 64 panels, on each of which psi turns or decays by about two radians at the most."""
    edges = panels(potential, 64)
    layers = _midpoint_layers(potential, _subdivided(edges, 8))
    squares = np.abs(layers.weights * (energy - layers.values)).reshape(-1, 8)
    parts = np.ceil(0.5 * np.diff(edges) * np.sqrt(np.max(squares, axis=1))).astype(np.intp)
    inner = [
        np.linspace(left, right, max(part, 1), endpoint=False)
        for (left, right), part in zip(itertools.pairwise(edges), parts, strict=True)
    ]
    return np.concatenate([*inner, edges[-1:]])


def _angle_after_panel(
    potential: Potential, energy: float, theta: float, panel: tuple[float, float]
) -> float:
    """The angle at the end of a smooth panel, in the scale 1 / width, from that at its start.

    Each panel has to converge by itself. The angle at the far wall would not do: below a barrier it
    settles to the same value for a coarse mesh that has put a level on the wrong side.
    """
    ends = np.array(panel)
    scale = 1.0 / (panel[1] - panel[0])
    row: list[float] = []
    for halvings in range(11):
        layers = _midpoint_layers(potential, _subdivided(ends, 2**halvings))
        previous, row = row, [_angle_after(layers, energy, theta, scale)]
        for step, coarse in enumerate(previous, start=1):
            row.append(row[-1] + (row[-1] - coarse) / (4.0**step - 1.0))
        # From 8 layers on: fewer may agree because all of them miss a jump.
        if halvings >= 3 and abs(row[-1] - previous[-1]) <= 1e-12:
            return row[-1]
    raise ArithmeticError(
        "`potential` must be smooth between its breakpoints. Received: "
        f"{type(potential).__name__} with an angle that does not converge between x={panel[0]} "
        f"and {panel[1]}. Add the jump or kink there to `breakpoints`."
    )


def _angle_after(layers: Layers, energy: float, theta: float, scale: float) -> float:
    """The angle at the end of constant layers from that at their start, both in `scale`.

    A layer is crossed in the scale S, tan(theta) = S psi / psi', in which psi turns evenly:
    sqrt(|q|), q = rho (V - E), or the given `scale` where this is larger: without the floor, q = 0
    would need an infinite stretching. `scale` times the layers' total width is at most 1.
    """
    widths = np.diff(layers.edges)
    squares = layers.weights * (energy - layers.values)
    current = scale
    for width, square in zip(widths.tolist(), squares.tolist(), strict=True):
        local = max(math.sqrt(abs(square)), scale)
        if local != current:
            theta, current = stretched_angle(theta, local / current), local
        if local == scale:
            theta += _gentle_turn(theta, square / scale**2, scale * width)
        elif square > 0.0:
            theta += local * width
        else:
            theta += _forbidden_turn(theta, local * width)
    return stretched_angle(theta, scale / current)


def _gentle_turn(theta: float, square: float, width: float) -> float:
    """How far theta turns where psi'' = -square psi, |square| <= 1, in a width of at most 1."""
    root = math.sqrt(abs(square)) or 1e-300
    trigonometric = square > 0.0
    cosine = math.cos(root * width) if trigonometric else math.cosh(root * width)
    sine = (math.sin(root * width) if trigonometric else math.sinh(root * width)) / root
    psi, slope = math.sin(theta), math.cos(theta)
    psi_end, slope_end = cosine * psi + sine * slope, cosine * slope - square * sine * psi
    return math.atan2(psi_end * slope - slope_end * psi, psi_end * psi + slope_end * slope)


def _forbidden_turn(theta: float, phase: float) -> float:
    """How far theta turns where psi is a sum of exp(phase t) and exp(-phase t), 0 <= t <= 1.

    It never leaves its interval between the fixed points pi / 4 (growth) and 3 pi / 4 (decay).
    """
    decay = math.exp(-2.0 * phase)
    growing = math.cos(theta) + math.sin(theta)
    decaying = math.cos(theta) - math.sin(theta)
    return math.atan2(
        (1.0 - decay) * growing * decaying, growing * growing + decay * decaying * decaying
    )


def _level(layers: Layers, n: int) -> float:
    """Level n = 1, 2, ...: the root of theta(b; E) = n pi between the min-max bounds."""
    length = float(layers.edges[-1] - layers.edges[0])
    kinetic = (n * math.pi / length) ** 2 / layers.weights
    lower = float(np.min(layers.values) + np.min(kinetic))
    upper = float(np.max(layers.values) + np.max(kinetic))
    # For one layer the bounds are the level itself: leave room for round-off.
    margin = 1e-9 * float(np.max(kinetic)) + 1e-12 * (abs(lower) + abs(upper))

    def mismatch(energy: float) -> float:
        return _angle_after(layers, energy, theta=0.0, scale=1.0 / length) - n * math.pi

    xtol = 1e-16 * float(np.min(kinetic))
    return float(brentq(mismatch, lower - margin, upper + margin, xtol=xtol, rtol=1e-15))


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
    panel = np.searchsorted(layers.edges[1:-1], x, side="right")
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


def _three_point_levels(potential: Potential, nodes: Array, states: int) -> tuple[Array, Array]:
    """Levels of the three-point scheme, and psi at all nodes, walls included, shape (n, K)."""
    steps = np.diff(nodes)
    # One ulp inside the cell: the one-sided limits at a breakpoint, whichever side it belongs to.
    left, right = np.nextafter(nodes[:-1], math.inf), np.nextafter(nodes[1:], -math.inf)
    rho_left, rho_right = potential.weight(left), potential.weight(right)
    mass = 0.5 * (steps[:-1] * rho_right[:-1] + steps[1:] * rho_left[1:])
    stiffness = 1.0 / steps[:-1] + 1.0 / steps[1:]
    heights = steps[:-1] * rho_right[:-1] * potential(right)[:-1]
    heights = 0.5 * (heights + steps[1:] * rho_left[1:] * potential(left)[1:])
    root = np.sqrt(mass)
    energies, vectors = eigh_tridiagonal(
        (stiffness + heights) / mass,
        -1.0 / (steps[1:-1] * root[:-1] * root[1:]),
        select="i",
        select_range=(0, states - 1),
    )
    return energies, np.pad(vectors / root[:, None], ((1, 1), (0, 0)))


def _galerkin_spectrum(potential: Potential, states: int, degree: int, edges: Array) -> Spectrum:
    """The lowest levels in the piecewise polynomials of `degree` on `edges`."""
    stiffness, mass = _element_matrices(potential, degree, edges)
    unknowns = _numbering(edges.size - 1, degree)
    shift = 1.0 / float(edges[-1] - edges[0]) ** 2 - _lowest_value(potential, edges)
    a, b = _assembled(stiffness + shift * mass, unknowns), _assembled(mass, unknowns)
    # The inverse pencil: its largest eigenvalues are right to round-off, while the smallest of
    # (A, B) would carry the round-off of the largest, which grow like degree^4.
    size = a.shape[0]
    inverses, vectors = eigh(b, a, subset_by_index=(size - states, size - 1))
    inverses, vectors = inverses[::-1], vectors[:, ::-1] / np.sqrt(inverses[::-1])
    coefficients = np.concatenate([vectors, np.zeros((1, states))])[unknowns]

    def wavefunctions(x: ArrayLike) -> Array:
        positions = _check.points(x, (float(edges[0]), float(edges[-1])))
        panel = np.searchsorted(edges[1:-1], positions, side="right")
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


def _midpoint_layers(potential: Potential, edges: Array) -> Layers:
    """Constant layers with the values at their middle."""
    middles = 0.5 * (edges[:-1] + edges[1:])
    return Layers(edges, potential(middles), potential.weight(middles))


def _subdivided(edges: Array, parts: int) -> Array:
    """Each panel cut into equal parts."""
    cuts = edges[:-1, None] + np.diff(edges)[:, None] * (np.arange(parts) / parts)
    return np.append(cuts.reshape(-1), edges[-1])


def _check_room(states: int, room: int, argument: str, what: str) -> None:
    """Refuses more states than the discretisation has unknowns."""
    if states > room:
        raise ValueError(
            f"`states` must not exceed the {room} {what}. Received: states={states}. "
            f"Give more `{argument}`, or ask for fewer states."
        )
