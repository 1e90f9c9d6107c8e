r"""Angles between approximate wavefunctions and the exact ones: how wrong psi can be.

With r = (H - R) psi and u_j, E_j exact, (E_j - R) <u_j, psi> = <u_j, r> for every j. So

- psi_i of norm 1 has in all levels that are at least delta from R a part of at most eta_i / delta
  (Davis and Kahan);
- within a cluster c of levels, apart from all others by delta, Ritz vectors have r orthogonal to
  their span, which the exact states leave by an angle of at most eta_c / delta, with
  eta_c^2 = sum_c eta_i^2. So |<u_j, psi_i>| <= (eta_i eta_c / delta + s_i + s_j) / |E_j - R_i|,
  with s_i, s_j what quadrature and rounding may do to <psi_i, H psi_j>;
- where V and rho are even, exact states are even or odd in turn: of the levels of the other parity
  psi_i holds no more than its own part of that parity.

Levels that are nearer than rounding have enclosed energies and undetermined states.

Reference:
    C. Davis and W. M. Kahan, SIAM J. Numer. Anal. 7, 1 (1970), doi:10.1137/0707001
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn.enclosures.integrals import NodeValues

Array = NDArray[np.float64]

# The most levels of a cluster beside the one that is asked about.
NEIGHBOURS = 8


class Levels(NamedTuple):
    """Levels 0 to n - 1, enclosed, with one normalised function each; of shape ``(n,)``.

    Attributes:
        lower: Lower bounds.
        upper: Upper bounds.
        quotients: R of the functions.
        residuals: eta.
        slack: How much quadrature and rounding may change R.
        separation: A lower bound of level n.
    """

    lower: Array
    upper: Array
    quotients: Array
    residuals: Array
    slack: Array
    separation: float

    def every_other(self, first: int) -> Levels:
        """Levels ``first``, ``first`` + 2, ..."""
        lower, upper, quotients, residuals, slack = (column[first::2] for column in self[:5])
        return Levels(lower, upper, quotients, residuals, slack, self.separation)


def sines(functions: NodeValues, ritz: NodeValues, levels: Levels) -> Array:
    """Bounds of the sines of the angles between K functions and the exact states, ``(K,)``.

    Args:
        functions: One a level, from the lowest on.
        ritz: As many of the Ritz vectors of the span that `levels` are about.
        levels: At least K.
    """
    turned = np.arcsin(np.minimum(functions.sines_to(ritz), 1.0))
    total = turned + np.arcsin([_within_clusters(levels, k) for k in range(turned.size)])
    return np.asarray(np.sin(np.minimum(total, np.pi / 2)))


def sines_by_parity(functions: NodeValues, mirrored: Array, levels: Levels) -> Array:
    """The same where V and rho are even.

    Args:
        functions: One a level, from the lowest on.
        mirrored: The functions at the mirrored nodes, ``(n, K)``.
        levels: At least K.
    """
    parity = (-1.0) ** np.arange(mirrored.shape[1])
    other = functions.measure @ (0.5 * (functions.psi - parity * mirrored)) ** 2
    apart = np.empty_like(other)
    for first in (0, 1):
        apart[first::2] = _distances(functions, levels, first)
    alike = sine(functions.residuals, apart)
    return np.asarray(np.minimum(np.hypot(np.sqrt(other) / functions.norms, alike), 1.0))


def sine(residuals: Array, apart: Array) -> Array:
    """Davis and Kahan's eta / delta, at most 1, and 1 where delta is not positive.

    Args:
        residuals: eta, any shape.
        apart: delta.
    """
    large = apart > residuals
    return np.where(large, residuals / np.where(large, apart, 1.0), 1.0)


def distance(sine: Array, norm: Array) -> Array:
    """||psi - u|| for a psi of given norm at an angle to a u of norm 1, signs matched.

    Args:
        sine: Of the angle, at most 1.
        norm: Of psi.
    """
    cosine = np.sqrt(1.0 - np.minimum(sine, 1.0) ** 2)
    # 1 - cos without cancellation.
    turned = sine**2 / (1.0 + cosine)
    return np.asarray(np.sqrt((norm - 1.0) ** 2 + 2.0 * norm * turned))


def _distances(functions: NodeValues, levels: Levels, first: int) -> Array:
    """How far R of every other function is from the levels of its parity but its own."""
    alike = levels.every_other(first)
    quotients = functions.rayleigh_quotients[first::2]
    below = np.concatenate([[-np.inf], alike.upper[:-1]])[: quotients.size]
    above = np.concatenate([alike.lower[1:], [alike.separation]])[: quotients.size]
    return np.asarray(np.minimum(quotients - below, above - quotients))


def _within_clusters(levels: Levels, k: int) -> float:
    """The best bound of the clusters that grow around a level, neighbour by neighbour."""
    first = last = k
    best = 1.0
    for _ in range(min(NEIGHBOURS + 1, levels.lower.size)):
        best = min(best, _in_cluster(levels, k, first, last))
        gap_below = levels.lower[first] - levels.upper[first - 1] if first else np.inf
        after = levels.lower[last + 1] if last + 1 < levels.lower.size else np.inf
        if not np.isfinite(min(gap_below, after)):
            break
        if gap_below <= after - levels.upper[last]:
            first -= 1
        else:
            last += 1
    return best


def _in_cluster(levels: Levels, k: int, first: int, last: int) -> float:
    """The bound with levels ``first`` to ``last`` as the cluster of level k."""
    here = slice(first, last + 1)
    ahead = levels.lower[last + 1] if last + 1 < levels.lower.size else levels.separation
    apart = ahead - np.max(levels.quotients[here])
    if first:
        apart = min(apart, np.min(levels.quotients[here]) - levels.upper[first - 1])
    if apart <= 0.0:
        return 1.0
    outside = levels.residuals[k] / apart
    others = np.delete(np.arange(first, last + 1), k - first)
    if not others.size:
        return float(min(outside, 1.0))
    cluster = float(np.linalg.norm(levels.residuals[here]))
    beside = np.maximum(
        levels.lower[others] - levels.quotients[k], levels.quotients[k] - levels.upper[others]
    )
    if np.any(beside <= 0.0):
        return 1.0
    turned = levels.residuals[k] * cluster / apart + levels.slack[k] + levels.slack[others]
    return float(min(outside + np.linalg.norm(turned / beside), 1.0))
