"""Cuts: what the ends of a box do to the levels of a potential that goes on beyond them.

A wall at x = b, in place of V = V(b) beyond, lifts a level below V(b) by

    psi'(b)^2 / (2 kappa),   kappa = sqrt(rho (V(b) - E)),   integral rho psi^2 dx = 1,

up to the square of exp(-2 kappa b): moved outwards by db, it lowers E by psi'(b)^2 db. Where V
rises further beyond, the wall lifts E by less. A level above V(b) is one of the box.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn.layers import subdivided
from qwpinn.potential import Potential

Array = NDArray[np.float64]

# Layers in which psi is followed from the wall inwards, in all and at least between breakpoints.
STEPS = 2000
FEWEST = 16


class State(NamedTuple):
    """A state in the coordinate of the normal form.

    Attributes:
        potential: The normal form.
        energy: E.
        x: Positions that resolve psi, increasing, shape ``(n,)``.
        psi: There, integral rho psi^2 dx = 1, shape ``(n,)``.
    """

    potential: Potential
    energy: float
    x: Array
    psi: Array


def wall_shifts(state: State, cut_ends: Sequence[bool]) -> tuple[float, float]:
    """By how much the left and the right end lift a level.

    Zero at a real wall, infinite at a cut above which the level lies. What counts is psi where it
    is large: from there to the end it is that of the equation, for its tail is small, and not what
    a network is trained for.

    Args:
        state: The state.
        cut_ends: Those of `Potential.cut_ends`.

    Example:
        >>> from qwpinn.potentials import FiniteWell
        >>> from qwpinn.references import exact
        >>> well, x = FiniteWell(depth=20.0, width=2.0, box=6.0), np.linspace(-3.0, 3.0, 601)
        >>> found = exact(well, 1)
        >>> ground = State(well, found.energies[0], x, found.wavefunctions(x)[:, 0])
        >>> print(f"{sum(wall_shifts(ground, well.cut_ends)):.6e}")  # 4.10127063e-08 on the line
        4.101271e-08
    """
    left, right = (
        _shift(state, end) if cut else 0.0 for end, cut in zip((0, -1), cut_ends, strict=True)
    )
    return left, right


def decay(state: State, end: int) -> float:
    """The rate kappa at an end, 0 or -1, imaginary ones as zero."""
    b = np.array([state.potential.interval[end]])
    square = state.potential.weight(b) * (state.potential(b) - state.energy)
    return math.sqrt(max(float(square[0]), 0.0))


def _shift(state: State, end: int) -> float:
    """psi'(b)^2 / (2 kappa), psi' by the ratio of psi inside to the solution that vanishes at b."""
    kappa = decay(state, end)
    if kappa == 0.0:
        return math.inf
    large = np.flatnonzero(np.abs(state.psi) >= 0.5 * np.max(np.abs(state.psi)))
    inside = large[end]
    logarithm = math.log(abs(float(state.psi[inside]))) - _growth(state, end, state.x[inside])
    return math.exp(2.0 * logarithm) / (2.0 * kappa)


def _growth(state: State, end: int, inside: float) -> float:
    """log |u| inside, of u'' = rho (V - E) u with u = 0 and abs(u') = 1 at an end.

    Magnus's step of fourth order, exact where V and rho are constant.
    """
    wall, breakpoints = state.potential.interval[end], np.array(state.potential.breakpoints)
    low, high = min(wall, inside), max(wall, inside)
    ends = np.array([low, *breakpoints[(breakpoints > low) & (breakpoints < high)], high])
    parts = np.maximum(FEWEST, np.ceil(STEPS * np.diff(ends) / (high - low))).astype(int)
    edges = np.concatenate(
        [subdivided(ends[i : i + 2], part)[:-1] for i, part in enumerate(parts)] + [ends[-1:]]
    )
    middles, widths = 0.5 * (edges[:-1] + edges[1:]), np.diff(edges)
    nodes = (middles - widths / math.sqrt(12.0), middles + widths / math.sqrt(12.0))
    near, far = (state.potential.weight(x) * (state.potential(x) - state.energy) for x in nodes)
    if end == -1:  # from the right: all in the other order
        widths, near, far = widths[::-1], far[::-1], near[::-1]
    skew, mean = widths**2 / math.sqrt(12.0) * (near - far) / 2.0, 0.5 * widths * (near + far)
    # exp([[c, h], [q, -c]]) = cosh(d) + sinh(d) / d [[c, h], [q, -c]], d^2 = c^2 + h q.
    root = np.sqrt((skew**2 + widths * mean).astype(np.complex128) + 1e-300)
    grown = root.real
    cosh = 0.5 * (np.exp(root - grown) + np.exp(-root - grown)).real
    sinh = (0.5 * (np.exp(root - grown) - np.exp(-root - grown)) / root).real
    u, slope, logarithm = 0.0, 1.0, float(np.sum(grown))
    for c, h, q, even, odd in zip(skew, widths, mean, cosh, sinh, strict=True):
        u, slope = (even + odd * c) * u + odd * h * slope, odd * q * u + (even - odd * c) * slope
        size = abs(u) + abs(slope)
        u, slope, logarithm = u / size, slope / size, logarithm + math.log(size)
    return logarithm + math.log(max(abs(u), 1e-300))
