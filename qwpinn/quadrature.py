"""Composite Gauss-Legendre quadrature on panels that meet at the potential's breakpoints.

Between breakpoints psi is smooth, so that a rule which never straddles one converges as fast as
the smooth parts allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from qwpinn.inputs import check

Array = NDArray[np.float64]


class Pieces(Protocol):
    """What is smooth piece by piece, as a `qwpinn.Potential` is."""

    @property
    def smooth_pieces(self) -> Array:
        """The ends of the pieces, increasing."""


@dataclass(frozen=True)
class Quadrature:
    """Nodes and weights: integral of f = sum_i weights[i] f(nodes[i]).

    Attributes:
        nodes: Positions, increasing, shape (n,).
        weights: Positive lengths, shape (n,).
    """

    nodes: Array
    weights: Array


def gauss_legendre(edges: Sequence[float] | Array, order: int) -> Quadrature:
    """The rule with `order` Gauss-Legendre nodes in each panel, exact for degree 2 order - 1.

    Args:
        edges: The panels' ends, increasing, shape (panels + 1,).
        order: Nodes in each panel, at least 1.

    Returns:
        A rule of panels * order nodes, none of them at an edge.

    Raises:
        TypeError: If `order` is no integer.
        ValueError: If `edges` does not increase, or `order` is below 1.

    Example:
        >>> rule = gauss_legendre([0.0, 1.0, 3.0], order=2)
        >>> print(round(float(rule.weights @ rule.nodes**3), 12))
        20.25

    Reference:
        L. N. Trefethen, Approximation Theory and Approximation Practice, chapter 19,
        doi:10.1137/1.9781611975949
    """
    ends = check.increasing("edges", edges, 2)
    t, w = _reference_rule(check.integer("order", order))
    half = 0.5 * np.diff(ends)[:, None]
    nodes = 0.5 * (ends[:-1] + ends[1:])[:, None] + half * t
    return Quadrature(nodes.reshape(-1), (half * w).reshape(-1))


@lru_cache(maxsize=32)
def _reference_rule(order: int) -> tuple[Array, Array]:
    """Nodes and weights on [-1, 1].

    NumPy's nodes are right to the last digit, but its weights only to 1e-13 at 24 nodes; the
    Christoffel function 1 / w = sum_j (j + 1/2) P_j(t)^2 is a sum of positive terms, and gives
    them to 1e-14.
    """
    t = legendre.leggauss(order)[0]
    degrees = np.arange(order)
    return t, 1.0 / (np.square(legendre.legvander(t, order - 1)) @ (degrees + 0.5))


def panels(potential: Pieces, count: int) -> Array:
    """Edges of about `count` panels of about equal width, split at every breakpoint.

    Each stretch between breakpoints starts with one panel; the rest go, one by one, to the stretch
    whose panels are the widest. With fewer panels asked for than there are stretches, there is
    one a stretch.

    Args:
        potential: Where to take the interval and the breakpoints from.
        count: The number of panels, at least 1.

    Returns:
        The panels' ends, shape (max(count, stretches) + 1,).

    Raises:
        TypeError: If `count` is no integer.
        ValueError: If `count` is below 1.

    Example:
        >>> from qwpinn.potentials import FiniteBarrier
        >>> print(panels(FiniteBarrier(height=50.0, width=0.2, box=1.0), count=5))
        [0.  0.2 0.4 0.6 0.8 1. ]
    """
    ends = potential.smooth_pieces
    counts = apportioned(np.diff(ends), check.integer("count", count))
    return evenly(ends, counts)


def apportioned(shares: Array, count: int) -> NDArray[np.intp]:
    """Panels a stretch: one each, the others one by one to the stretch with the fullest panels."""
    # None ends with fewer than this, whatever the order.
    most = max(0, count - shares.size)
    counts = np.maximum(1, (shares / np.sum(shares) * most).astype(np.intp))
    for _ in range(count - int(np.sum(counts))):
        counts[np.argmax(shares / counts)] += 1
    return counts


def evenly(ends: Array, counts: NDArray[np.intp]) -> Array:
    """Each stretch between two ends cut into its own number of equal panels: all edges."""
    of, number = numbered(counts)
    return np.append(number * (np.diff(ends) / counts)[of] + ends[of], ends[-1])


def numbered(counts: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Things of several stretches in one row: in which stretch each is, and its number there.

    Args:
        counts: How many each stretch has.

    Example:
        >>> of, number = numbered(np.array([2, 3]))
        >>> of.tolist(), number.tolist()
        ([0, 0, 1, 1, 1], [0, 1, 0, 1, 2])
    """
    of = np.repeat(np.arange(counts.size), counts)
    return of, np.arange(of.size) - (np.cumsum(counts) - counts)[of]


def joined(edges: Array, more: Array) -> Array:
    """Edges of panels with more of them, but for those that differ by rounding from one there.

    Args:
        edges: Increasing, ends included.
        more: Between the ends.
    """
    nearest = np.clip(np.searchsorted(edges, more), 1, edges.size - 1)
    apart = np.minimum(more - edges[nearest - 1], edges[nearest] - more)
    return np.union1d(edges, more[apart > 1e-11 * (edges[-1] - edges[0])])


def first_lobe_signs(psi: Array) -> Array:
    """The signs that make each column's first lobe from the left positive, shape (K,).

    A lobe counts from 1e-3 of the largest on: a tunnelling tail may have any sign in a rough psi.

    Args:
        psi: Wavefunctions on increasing positions, shape (n, K).
    """
    visible = np.abs(psi) > 1e-3 * np.max(np.abs(psi), axis=0)
    return np.where(psi[np.argmax(visible, axis=0), np.arange(psi.shape[1])] < 0.0, -1.0, 1.0)
