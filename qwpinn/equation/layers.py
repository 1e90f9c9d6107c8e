"""Constant layers: the potentials for which psi is known in closed form in every layer.

Where V and rho are constant, psi is a sum of cos and sin, or of two exponentials; a symmetric
potential of three layers has its levels at the roots of one equation of phases.
"""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from qwpinn.inputs import check

Array = NDArray[np.float64]
Phase = Callable[[float, float, float], float]


class Layers(NamedTuple):
    """A piecewise constant potential, layer by layer from left to right.

    Attributes:
        edges: The layers' ends, both walls included, shape (layers + 1,).
        values: V in each layer, shape (layers,).
        weights: rho in each layer, shape (layers,).
    """

    edges: Array
    values: Array
    weights: Array


class HalfLayer(NamedTuple):
    """One of the two layers of the right half of a symmetric potential."""

    value: float
    length: float


def layers_from(
    edges: Sequence[float], values: Sequence[float], weights: Sequence[float] | None = None
) -> Layers:
    """Arrays from tuples; rho = 1 where no weights are given."""
    heights = np.array(values, dtype=np.float64)
    rho = np.ones_like(heights) if weights is None else np.array(weights, dtype=np.float64)
    return Layers(np.array(edges, dtype=np.float64), heights, rho)


def outer_barriers(values: Array) -> tuple[bool, bool]:
    """Whether V of the first and of the last layer is above that of the next that differs.

    Example:
        >>> outer_barriers(np.array([5.0, 5.0, 0.0, 1.0, 0.0]))
        (True, False)
    """
    left, right = values[values != values[0]], values[values != values[-1]]
    if not left.size:
        return False, False
    return bool(values[0] > left[0]), bool(values[-1] > right[-1])


def mirrored(edges: Array, *columns: Array) -> bool:
    """Whether layers are the same from either end, to the last digit.

    Sums of edges that agree in floating point would not do: a layer that is wider by a last digit
    detunes two wells by more than they split behind a thick barrier.

    Args:
        edges: Their ends, shape ``(layers + 1,)``.
        columns: What each layer has, a row a layer.
    """
    if not all(np.array_equal(column, column[::-1]) for column in columns):
        return False
    ends = [Fraction(edge) for edge in edges.tolist()]
    return all(
        left + right == ends[0] + ends[-1] for left, right in zip(ends, ends[::-1], strict=True)
    )


def panel_of(x: ArrayLike, edges: Array) -> NDArray[np.intp]:
    """The panel of each position; an edge belongs to its right, the right wall to the last."""
    inside = edges[1:-1]
    return np.asarray(np.searchsorted(inside, np.asarray(x, dtype=np.float64), side="right"))


def subdivided(edges: Array, parts: int) -> Array:
    """Each panel cut into equal parts."""
    cuts = edges[:-1, None] + np.diff(edges)[:, None] * (np.arange(parts) / parts)
    return np.append(cuts.reshape(-1), edges[-1])


def stretched_angle(theta: float, ratio: float) -> float:
    """arctan(ratio tan(theta)) on the branch of theta, which it equals at multiples of pi / 2."""
    s, c = math.sin(theta), math.cos(theta)
    return theta + math.atan2((ratio - 1.0) * s * c, c * c + ratio * s * s)


def symmetric_levels(n: int, inner: HalfLayer, outer: HalfLayer) -> Array:
    """The n lowest energies of a symmetric potential of three layers, one of which has V = 0.

    On the half from the plane of symmetry (inner layer, even or odd) to the wall (outer layer),
    the phases theta, tan(theta) = k psi / |psi'| with k = sqrt(E), of the solutions from either
    side meet when theta_inner + theta_outer = (j + 1) pi, j = 0, 1, ...; the sign of the
    difference changes only there, whatever the scale k.
    """
    energies = np.empty(n)
    for index in range(n):
        node, odd = divmod(index, 2)
        inner_phase = _phase_from_wall if odd else _phase_from_plane

        def mismatch(energy: float, node: int = node, inner_phase: Phase = inner_phase) -> float:
            k = math.sqrt(energy)
            theta = inner_phase(energy - inner.value, inner.length, k)
            theta += _phase_from_wall(energy - outer.value, outer.length, k)
            return theta - (node + 1) * math.pi

        lower, upper = _level_bounds(index, inner, outer)
        energies[index] = scipy.optimize.brentq(mismatch, lower, upper, xtol=1e-300, rtol=1e-15)
    # The roots of a pair closer than round-off may come in either order.
    return np.sort(energies)


def _level_bounds(index: int, inner: HalfLayer, outer: HalfLayer) -> tuple[float, float]:
    """Bounds by the min-max principle: the empty box, the box lifted, the free layer walled off."""
    empty = (0.5 * (index + 1) * math.pi / (inner.length + outer.length)) ** 2
    if inner.value <= outer.value:
        walled_off = (0.5 * (index + 1) * math.pi / inner.length) ** 2
    else:
        walled_off = ((index // 2 + 1) * math.pi / outer.length) ** 2
    lifted = max(inner.value, outer.value) + empty
    # Without a step both bounds are the level itself: leave room for round-off.
    return empty * (1.0 - 1e-9), min(lifted, walled_off) * (1.0 + 1e-9)


def _phase_from_wall(kinetic: float, length: float, k: float) -> float:
    """arctan(k psi / psi') at `length` from a wall, continued: psi = sin or sinh(q x) / q."""
    q = math.sqrt(abs(kinetic))
    if kinetic > 0.0:
        return stretched_angle(q * length, k / q)
    return math.atan(k * length if q == 0.0 else k * math.tanh(q * length) / q)


def _phase_from_plane(kinetic: float, length: float, k: float) -> float:
    """The same phase at `length` from a plane of even symmetry: psi = cos or cosh(q x)."""
    q = math.sqrt(abs(kinetic))
    if kinetic > 0.0:
        return 0.5 * math.pi + stretched_angle(q * length, q / k)
    return 0.5 * math.pi - math.atan(q * math.tanh(q * length) / k)


def finite_row(name: str, values: Sequence[float], size: int) -> tuple[float, ...]:
    """A tuple of `size` finite floats."""
    row = check.real_array(name, values)
    if row.shape != (size,):
        raise ValueError(
            f"`{name}` must be {size} numbers. Received: shape={row.shape}. "
            "Give one number a layer, one less than edges (or one a sample)."
        )
    return tuple(row.tolist())
