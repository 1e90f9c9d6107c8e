r"""Barriers: stretches where psi can only grow or decay, which an angle crosses in one step.

Where q = rho (V - E) > 0 all along, psi'' = q psi has at most one zero. With u = psi' / psi, which
obeys u' = q - u^2, psi has one if and only if u enters below the root that decays from there to the
far end, and whatever enters (but for a part of e^{-2 Phi} about this root, Phi = \int sqrt(q) dx)
leaves on the growing root. Both roots attract, the growing one forwards, the decaying one
backwards, and forget where they began as e^{-2 Phi}: after 40 e-foldings, by e^{-80}.
"""

import itertools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.potential import Potential, values
from qwpinn.quadrature import joined, numbered, panels

Array = NDArray[np.float64]

# E-foldings from either end of a barrier within which its roots are followed.
ATTRACTED = 40.0
# Cells to begin with; values of V and rho in each, while there are few cells.
CELLS, SAMPLES = 64, 64
# The most cells for a closer look at barriers, and the most panels of all.
CLOSER, MOST = 4096, 2**18
# How often a cell is cut: a singularity at a wall would be cut for ever.
DEPTH = 16


class Leg(NamedTuple):
    """A part of the way from wall to wall: perhaps a barrier to be leapt, then panels.

    Attributes:
        inward: Edges of panels from the entrance of the barrier inwards, on which the decaying
            root is followed backwards; empty without a barrier.
        edges: Edges of panels on which psi turns or decays by about two radians at the most, the
            first of them in the barrier, 40 e-foldings before its exit; at least one edge.
    """

    inward: Array
    edges: Array


class _Cells(NamedTuple):
    """Cells from left to right that meet at their ends, each of shape ``(n,)``.

    Attributes:
        left: Their left ends.
        right: Their right ends.
        parts: Into how many panels each is to be cut.
        slowest: The least sqrt(q) seen where the cell belongs to a barrier, 0 elsewhere.
    """

    left: Array
    right: Array
    parts: NDArray[np.intp]
    slowest: Array


def legs(potential: Potential, energy: float) -> list[Leg]:
    """The way from the left wall to the right one, without the insides of deep barriers.

    Whether q is positive all along is judged from samples: 64 in each of 64 cells, which are cut
    further until psi turns by at most two radians in each, V and rho bend little from sample to
    sample (in units of 1 / width^2), or q is positive at every sample of the cell, within a factor
    of four, and changes by at most half of itself from one to the next. Such cells are cut on, in
    up to 4096, until their samples are as dense as on panels of two radians: 8 a panel, which see a
    dip below E that is wide enough to hold a state. Where a barrier has more than some 60 000
    e-foldings, dips narrower than its samples and invisible from them would be missed.

    Raises:
        ValueError: If V is not finite, or psi turns in more than 2^18 panels.
    """
    cells = _cells(potential, energy)
    found: list[Leg] = []
    inward, edges = np.zeros(0), [cells.left[:1]]
    barrier = cells.slowest > 0.0
    for run in np.split(np.arange(barrier.size), np.flatnonzero(np.diff(barrier)) + 1):
        ends = _ends(cells, run) if barrier[run[0]] else None
        if ends is None:
            edges.append(_cut(cells.left[run], cells.right[run], cells.parts[run])[1])
            continue
        found.append(Leg(inward, np.concatenate(edges)))
        inward, edges = ends[0], [ends[1]]
    return [*found, Leg(inward, np.concatenate(edges))]


def _ends(cells: _Cells, run: NDArray[np.intp]) -> tuple[Array, Array] | None:
    """Panels at the entrance of a barrier, going inwards, and at its exit; None if they meet."""
    entrance = _attracting(cells, run, inwards=True)
    leaving = _attracting(cells, run[::-1], inwards=False)
    if entrance is None or leaving is None or entrance[-1] >= leaving[-1]:
        return None
    return entrance, leaving[::-1]


def _attracting(cells: _Cells, run: NDArray[np.intp], inwards: bool) -> Array | None:
    """The edges of panels with 40 e-foldings, from one end of a barrier; None if it has fewer."""
    if np.sum((cells.slowest * (cells.right - cells.left))[run]) < ATTRACTED:
        return None
    found: list[Array] = []
    depth = 0.0
    for cell in run.tolist():
        start, stop = (cells.left, cells.right) if inwards else (cells.right, cells.left)
        step = (stop[cell] - start[cell]) / cells.parts[cell]
        each = cells.slowest[cell] * abs(step)
        count = min(math.ceil((ATTRACTED - depth) / each), int(cells.parts[cell]))
        edges = start[cell] + step * np.arange(count + 1)
        if count == cells.parts[cell]:
            edges[-1] = stop[cell]
        found.append(edges[1:] if found else edges)
        depth += count * each
        if depth >= ATTRACTED:
            return np.concatenate(found)
    return None


def _cells(potential: Potential, energy: float) -> _Cells:
    """Cells in which psi turns little, or which belong to a barrier."""
    edges = joined(panels(potential, CELLS), potential.narrow[0])
    pending, done, total = (edges[:-1], edges[1:]), [], edges.size - 1
    for depth in itertools.count():
        seen, resolved = _seen(potential, energy, *pending)
        barrier = seen.slowest > 0.0
        cut = np.where(barrier, False, (seen.parts > 1) | ~resolved)
        closer = barrier & (seen.parts > SAMPLES // 8)
        if total + 7 * np.sum(cut | closer) <= CLOSER:
            cut |= closer
        if depth == DEPTH:
            cut[:] = False
        done.append([column[~cut] for column in seen])
        if not cut.any():
            break
        pending = _cut(seen.left[cut], seen.right[cut], np.clip(seen.parts[cut], 2, 8))
        total = sum(each[0].size for each in done) + pending[0].size
        if total > MOST:
            raise ValueError(
                f"`energy` must let psi turn in at most {MOST} panels between the walls. "
                f"Received: energy={energy:g}, which is above so many levels. Ask for fewer."
            )
    columns = [np.concatenate(column) for column in zip(*done, strict=True)]
    order = np.argsort(columns[0])
    return _Cells(*(column[order] for column in columns))


def _seen(
    potential: Potential, energy: float, left: Array, right: Array
) -> tuple[_Cells, NDArray[np.bool_]]:
    """What samples tell of cells, and whether they resolve V and rho."""
    count = int(np.clip(MOST // left.size, 8, SAMPLES))
    width = right - left
    x = (left[:, None] + width[:, None] * ((np.arange(count) + 0.5) / count)).reshape(-1)
    q = (potential.weight(x) * (values(potential, x) - energy)).reshape(-1, count)
    parts = np.maximum(np.ceil(0.5 * width * np.sqrt(np.max(np.abs(q), axis=1))), 1.0)
    thin = width / parts < 1e-12 * np.abs(right + left)
    if thin.any():
        raise ValueError(
            "`potential` must let psi vary over more than the rounding of x. Received: "
            f"rho (V - E) = {q[thin][0, 0]:.1e} at x={left[thin][0]:.1e}. Narrow the interval."
        )
    bend = np.max(np.abs(np.diff(q, 2, axis=1)), axis=1)
    steps = np.abs(np.diff(q, axis=1))
    least, most = np.min(q, axis=1), np.max(q, axis=1)
    barrier = (least > 0.0) & (most <= 4.0 * least)
    barrier &= np.all(steps <= 0.5 * np.minimum(q[:, 1:], q[:, :-1]), axis=1)
    slowest = np.where(barrier, np.sqrt(np.maximum(least, 0.0)), 0.0)
    seen = _Cells(left, right, parts.astype(np.intp), slowest)
    return seen, width**2 * bend <= 0.5


def _cut(left: Array, right: Array, parts: NDArray[np.intp]) -> tuple[Array, Array]:
    """Each cell in equal parts: all left ends and right ends."""
    of, number = numbered(parts)
    start, step = left[of], ((right - left) / parts)[of]
    ends = start + step * (number + 1)
    ends[np.cumsum(parts) - 1] = right
    return start + step * number, ends
