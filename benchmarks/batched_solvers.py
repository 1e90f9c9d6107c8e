"""Classical solvers for whole stacks of potentials: what a trained family is compared with.

-psi'' + V psi = E psi between two walls, by three roads:

- `galerkin`: piecewise Legendre polynomials and stacked `eigvalsh`; general, for any few constant
  layers by `galerkin_layers`;
- `plain_bisection_newton`: the roots of the parity equations, as one writes it in an afternoon; for
  the finite well only;
- `bisection_newton`: the same from a closed first guess, in single and then double precision, and
  tuned by hand; for the finite well only.

`exact_levels` bisects to rounding. All are NumPy, in chunks that fit the cache.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Single = NDArray[np.float32]
Floats = NDArray[Any]  # either of them

CHUNK = 16_384  # potentials at a time


def galerkin(
    p: ArrayLike, box: float = 6.0, states: int = 3, degree: int = 10, chunk: int = 128
) -> Array:
    """The lowest levels of finite wells from the weak form, as three layers.

    Args:
        p: Depths and widths, shape (n, 2).
        box: The distance of the walls.
        states: How many levels.
        degree: Of the polynomials.
        chunk: How many potentials at a time.

    Returns:
        Levels in ascending order, shape (n, states).
    """
    depth, width = np.asarray(p, dtype=np.float64).T
    wall, half = np.full_like(depth, 0.5 * box), 0.5 * width
    edges = np.column_stack([-wall, -half, half, wall])
    values = np.column_stack([depth, np.zeros_like(depth), depth])
    return galerkin_layers(edges, values, states, degree, chunk)


def galerkin_layers(
    edges: ArrayLike, values: ArrayLike, states: int = 3, degree: int = 10, chunk: int = 128
) -> Array:
    """The lowest levels of constant layers from the weak form, one element for each layer.

    The bubbles of every layer are turned into the modes of its mass matrix, made once on [-1, 1]:
    stiffness, mass and potential are then diagonal in them. Less their projection on the modes,
    the hats couple to them by the stiffness alone, and a Cholesky factor of the hats' tridiagonal
    mass leaves an ordinary eigenproblem, a diagonal with one full row for each inner edge.

    Args:
        edges: Edges of the layers, ascending, shape (n, layers + 1); psi = 0 at the outer ones.
        values: V in the layers, shape (n, layers).
        states: How many levels, of which the result has shape (n, states).
        degree: Of the polynomials, at least 2.
        chunk: How many potentials at a time.
    """
    widths = np.diff(np.asarray(edges, dtype=np.float64), axis=1)
    heights = np.asarray(values, dtype=np.float64)
    mu, coupling, mass, stiffness = _reference(degree)
    count, layers = widths.shape
    modes, hats = layers * mu.size, layers - 1
    diagonal, inner = np.arange(modes), np.arange(hats)
    levels = np.empty((count, states))
    for start in range(0, count, chunk):
        h, v = widths[start : start + chunk], heights[start : start + chunk]
        inverse = 1.0 / h
        matrices = np.zeros((len(h), modes + hats, modes + hats))
        own = 4.0 * mu * (inverse * inverse)[:, :, None] + v[:, :, None]
        matrices[:, diagonal, diagonal] = own.reshape(len(h), modes)
        scale = (np.sqrt(8.0 * inverse) * inverse)[:, :, None]
        border = np.zeros((len(h), hats, layers, mu.size))
        border[:, inner, inner] = scale[:, :-1] * coupling[:, 1]
        border[:, inner, inner + 1] = scale[:, 1:] * coupling[:, 0]
        core = _of_hats(mass, h * v) + _of_hats(stiffness, inverse)
        factor = np.linalg.inv(np.linalg.cholesky(_of_hats(mass, h)))
        matrices[:, modes:, :modes] = factor @ border.reshape(len(h), hats, modes)
        matrices[:, modes:, modes:] = factor @ core @ factor.transpose(0, 2, 1)
        levels[start : start + chunk] = np.linalg.eigvalsh(matrices)[:, :states]
    return levels


def _of_hats(one: Array, factors: Array) -> Array:
    """The hats' tridiagonal matrices, of one of (2, 2) in a layer and its factors (n, layers)."""
    count, hats = len(factors), factors.shape[1] - 1
    found, i = np.zeros((count, hats, hats)), np.arange(hats)
    found[:, i, i] = one[1, 1] * factors[:, :-1] + one[0, 0] * factors[:, 1:]
    found[:, i[1:], i[:-1]] = found[:, i[:-1], i[1:]] = one[0, 1] * factors[:, 1:-1]
    return found


@functools.cache
def _reference(degree: int) -> tuple[Array, Array, Array, Array]:
    """Modes of the bubbles on a layer of width h, as factors of powers of h.

    Returns:
        mu of the modes' energy 4 mu / h^2, shape (m,); their coupling to both hats by (8 / h^3)^0.5
        (m, 2); the hats' mass by h and stiffness by 1 / h, less their projection, (2, 2) each.
    """
    t, weights = legendre.leggauss(degree + 1)
    p = legendre.legvander(t, degree)
    j = np.arange(2, degree + 1)
    bubbles = (p[:, 2:] - p[:, :-2]) / np.sqrt(2.0 * (2.0 * j - 1.0))
    hats = np.column_stack([0.5 * (1.0 - t), 0.5 * (1.0 + t)])
    masses, vectors = np.linalg.eigh(bubbles.T @ (weights[:, None] * bubbles))
    mu = 1.0 / masses[::-1]
    shared = (vectors[:, ::-1].T @ (bubbles.T @ (weights[:, None] * hats))) * np.sqrt(mu)[:, None]
    coupling = -mu[:, None] * shared
    mass = 0.5 * (hats.T @ (weights[:, None] * hats) - shared.T @ shared)
    stiffness = np.array([[1.0, -1.0], [-1.0, 1.0]]) - 2.0 * shared.T @ coupling
    return mu, coupling, mass, stiffness


def plain_bisection_newton(
    p: ArrayLike, box: float = 6.0, states: int = 3, halvings: int = 10, newton: int = 3
) -> Array:
    """The lowest levels of finite wells: roots bracketed by bisection, then Newton's method.

    With a half the width, s = a E^0.5, c = box / (2 a) - 1 and P^2 = depth a^2, level m = 0, 1, ...
    is the only root of the rising function

        s - m pi / 2 - arctan(r coth(c r) / s),   r^2 = P^2 - s^2,   below the barrier,
        s + arg(cos(c q) / s + i sin(c q) / q) - (m + 1) pi / 2,   q^2 = s^2 - P^2,   above.

    The sign of the first at s = P tells which.

    Args:
        p: Depths and widths, shape (n, 2), with 0 < depth and 0 < width < box.
        box: The distance of the walls.
        states: How many levels.
        halvings: Steps of bisection.
        newton: Steps of Newton's method.

    Returns:
        Levels in ascending order, shape (n, states).
    """
    p = np.asarray(p, dtype=np.float64)
    levels = np.empty((len(p), states))
    for start in range(0, len(p), CHUNK):
        square, ratio, scale = _scaled(*p[start : start + CHUNK].T, box)
        room = np.sqrt(square) - np.arctan(1.0 / (ratio * np.sqrt(square)))
        for m in range(states):
            bound = room > 0.5 * np.pi * m
            for below in (True, False):
                i = np.flatnonzero(bound == below)
                if i.size:
                    s = _root(square[i], ratio[i], m, below, halvings, newton)
                    levels[start + i, m] = s * s * scale[i]
    return levels


def exact_levels(p: ArrayLike, box: float = 6.0, states: int = 3) -> Array:
    """The lowest levels of finite wells, bisected to rounding; see `plain_bisection_newton`."""
    return plain_bisection_newton(p, box, states, halvings=56, newton=0)


def _root(square: Array, ratio: Array, m: int, below: bool, halvings: int, newton: int) -> Array:
    """The roots s of level m, all of them below the barrier or all above."""
    target, top = 0.5 * np.pi * (m + 1), np.sqrt(square)
    # Between the levels of the empty box, without and with the barrier's height added.
    low = target / (1.0 + ratio)
    high = np.minimum(target, np.sqrt(square + low * low))
    if below:
        low, high = np.maximum(low, 0.5 * np.pi * m), np.minimum(high, top)
    else:
        low = np.maximum(low, top)
    for _ in range(halvings):
        middle = 0.5 * (low + high)
        over = _phase(middle, square, ratio, m, below)[0] > 0.0
        high = np.where(over, middle, high)
        low = np.where(over, low, middle)
    s = 0.5 * (low + high)
    for _ in range(newton):
        f, slope, w = _phase(s, square, ratio, m, below)
        r2 = slope * slope
        change = (slope - ratio * (r2 - w)) / w
        s = np.clip(s - f / (1.0 + (slope + s * s * change) / (s * s + r2)), low, high)
    return s


def _phase(s: Array, square: Array, ratio: Array, m: int, below: bool) -> tuple[Array, ...]:
    """The rising function, -psi' a / psi at the barrier's edge, and P^2 - s^2."""
    w = square - s * s
    size = np.sqrt(np.maximum(np.abs(w), 1e-11))
    if below:
        slope = size / np.tanh(ratio * size)
        return s - 0.5 * np.pi * m - np.arctan(slope / s), slope, size * size
    t, rho = np.tan(ratio * size), s / size
    turn = np.arctan((rho - 1.0) * t / (1.0 + rho * t * t))
    return s + ratio * size + turn - 0.5 * np.pi * (m + 1), size / t, -size * size


def bisection_newton(p: ArrayLike, box: float = 6.0, states: int = 3) -> Array:
    """The lowest levels of finite wells from their parity equations.

    As `plain_bisection_newton`, but Newton's method starts from a closed approximation, runs in
    single precision and ends in double. Levels whose last step was not small take a few more, and
    bisection if that does not help.

    Args:
        p: Depths and widths, shape (n, 2), with 0 < depth and 0 < width < box.
        box: The distance of the walls.
        states: How many levels.

    Returns:
        Levels in ascending order, shape (n, states).
    """
    depth, width = np.asarray(p, dtype=np.float64).T
    levels = np.empty((states, depth.size))
    for start in range(0, depth.size, CHUNK):
        part = slice(start, start + CHUNK)
        square, ratio, scale = _scaled(depth[part], width[part], box)
        strength = np.sqrt(square)
        room = strength - np.arctan(1.0 / (ratio * strength))
        shallow = float(np.min(room))
        single = [value.astype(np.float32) for value in (square, ratio, strength)]
        for m in range(states):
            if shallow > 0.5 * np.pi * m:
                s = _below(square, ratio, *single, m)
                s *= s
                np.multiply(s, scale, out=levels[m, part])
                continue
            bound = room > 0.5 * np.pi * m
            i, above = np.flatnonzero(bound), np.flatnonzero(~bound)
            if i.size:
                s = _below(square[i], ratio[i], *(value[i] for value in single), m)
                levels[m, start + i] = s * s * scale[i]
            if above.size:
                s = _above(square[above], ratio[above], m)
                levels[m, start + above] = s * s * scale[above]
    return levels.T


def _scaled(depth: Array, width: Array, box: float) -> tuple[Array, Array, Array]:
    """P^2, c and E / s^2."""
    scale = 2.0 / width
    ratio = (0.5 * box) * scale - 1.0
    scale *= scale
    return depth / scale, ratio, scale


def _below(
    square: Array, ratio: Array, square32: Single, ratio32: Single, strength32: Single, m: int
) -> Array:
    """The roots s of levels below the barrier."""
    # Without walls, s = P sin(t) and s + t = (m + 1) pi / 2; sin(t) is about 1.15 t - 0.327 t^2.
    phase, target = np.float32(0.5 * np.pi * m), np.float32(0.5 * np.pi * (m + 1))
    linear = strength32 * np.float32(1.15)
    linear += np.float32(1.0)
    root = linear * linear
    root -= strength32 * (np.float32(4.0 * 0.327) * target)
    np.maximum(root, np.float32(0.0), out=root)
    np.sqrt(root, out=root)
    root += linear
    start = np.divide(np.float32(-2.0) * target, root, out=root)
    start += target
    for _ in range(2):
        start -= _step_below(start, square32, ratio32, phase, np.float32(1e-4))
    s = start.astype(np.float64)
    step = _step_below(s, square, ratio, 0.5 * np.pi * m, 1e-11)
    s -= step
    return _repaired(s, step, square, ratio, m, True)


def _above(square: Array, ratio: Array, m: int) -> Array:
    """The roots s of levels above the barrier."""
    target = 0.5 * np.pi * (m + 1)
    # As if no wave were reflected at the step: s + c q = (m + 1) pi / 2.
    top = target * target + ratio * ratio * square
    root = np.sqrt(np.maximum(top - square, 0.0))
    s = np.maximum(top / (target + ratio * root), np.sqrt(square))
    start, square32, ratio32 = (x.astype(np.float32) for x in (s, square, ratio))
    floor = np.sqrt(square32)
    for _ in range(4):
        start -= _step_above(start, square32, ratio32, np.float32(target), np.float32(1e-4))
        np.maximum(start, floor, out=start)
    s = start.astype(np.float64)
    step = _step_above(s, square, ratio, target, 1e-11)
    s -= step
    return _repaired(s, step, square, ratio, m, False)


def _step_below(
    s: Floats, square: Floats, ratio: Floats, phase: float | np.float32, floor: float | np.float32
) -> Floats:
    """Newton's step, to be subtracted, of s - phase - arctan(R / s) with R = r coth(c r)."""
    s2 = s * s
    w = square - s2
    np.maximum(w, floor, out=w)
    slope = np.sqrt(w)
    x = ratio * slope
    np.tanh(x, out=x)
    slope /= x
    f = slope / s
    np.arctan(f, out=f)
    np.subtract(s, f, out=f)
    if phase:
        f -= phase
    # dR/ds = -s (R - c (R^2 - w)) / w
    r2 = np.multiply(slope, slope, out=x)
    change = r2 - w
    change *= ratio
    np.subtract(slope, change, out=change)
    change *= s2
    change /= w
    change += slope
    r2 += s2
    change /= r2
    change += 1.0
    return np.asarray(f / change)


def _step_above(
    s: Floats, square: Floats, ratio: Floats, target: float | np.float32, floor: float | np.float32
) -> Floats:
    """Newton's step, to be subtracted, of the phase above the barrier, with R = q cot(c q)."""
    s2 = s * s
    w = s2 - square
    np.maximum(w, floor, out=w)
    q = np.sqrt(w)
    x = ratio * q
    t = np.tan(x)
    rho = s / q
    f = s + x + np.arctan((rho - 1.0) * t / (1.0 + rho * t * t)) - target
    slope = q / t
    r2 = slope * slope
    change = (ratio * (r2 + w) - slope) / w
    return np.asarray(f / (1.0 + (slope + s2 * change) / (s2 + r2)))


def _repaired(s: Array, step: Array, square: Array, ratio: Array, m: int, below: bool) -> Array:
    """s, anew by bisection where the last step was above 3e-7 (relative) or not a number."""
    step /= s
    np.abs(step, out=step)
    if not np.max(step, initial=0.0) <= 3e-7:
        i = np.flatnonzero(~(step <= 3e-7))
        s[i] = _root(square[i], ratio[i], m, below, 10, 4)
    return s
