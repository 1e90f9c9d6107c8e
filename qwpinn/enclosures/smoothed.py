r"""Smoothed: inverse iterates of trial functions, for sharper bounds of psi.

What a network's psi lacks of an eigenfunction is small in psi and large in psi'', whose residual
all bounds begin with. With E the energy of psi, and sigma below all levels, inverse iteration,

.. math:: (H - \sigma) \varphi = (E - \sigma) \psi, \quad \varphi(a) = \varphi(b) = 0,

leaves a part of energy E_j with (E - sigma) / (E_j - sigma) of its size, and a residual
(H - E) phi = (E - sigma)(psi - phi) that is a thousand times smaller, as a rule. So ||psi - phi||,
an integral of two known functions, is nearly all that psi is wrong by; and the angle between phi,
which is in the domain of H, and the exact state is bounded as that of any trial function
(`qwpinn.enclosures.enclosure`). Whatever the iterate is, its bounds hold: it is no state of any
solution, whose energies and wavefunctions are the network's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import scipy
from numpy.polynomial import legendre
from numpy.typing import NDArray

from qwpinn.equation.layers import panel_of
from qwpinn.equation.potential import Potential, values
from qwpinn.quadrature import gauss_legendre

Array = NDArray[np.float64]

# How far sigma is below min V, in units of the highest energy: no part of a lower energy, such as
# rounding leaves, grows by more than 1 + 1 / SHIFT a step.
SHIFT = 1.0 / 64.0


class Smoothed:
    """Inverse iterates phi, and H phi, piecewise polynomials with a continuous slope.

    On each panel phi'' is the polynomial that satisfies the equation at the Gauss nodes, and phi
    its integral; values at the panels' ends join the slopes.

    Args:
        potential: V and rho, a normal form.
        functions: Psi at positions ``(n,)``, shape ``(n, m)``.
        energies: E of each, ``(m,)``.
        edges: Of panels between the walls, no breakpoint inside one, ``(panels + 1,)``.
        order: Nodes a panel.
        steps: Of the iteration.

    Reference:
        G. H. Golub, C. F. Van Loan, Matrix Computations, section 7.6, ISBN 978-1-4214-0794-4;
        L. Greengard, SIAM J. Numer. Anal. 28 (1991) 1071, doi:10.1137/0728057 (integrated panels)
    """

    def __init__(
        self,
        potential: Potential,
        functions: Callable[[Array], Array],
        energies: Array,
        edges: Array,
        order: int = 16,
        steps: int = 2,
    ) -> None:
        self.potential, self.edges = potential, edges
        rule = gauss_legendre(edges, order)
        shape = edges.size - 1, order
        rho = potential.weight(rule.nodes).reshape(shape)
        height = np.max(energies) - potential.minimum
        sigma = potential.minimum - SHIFT * height
        above = values(potential, rule.nodes).reshape(shape) - sigma
        panels = _Panels(edges, rho * above)
        source = (energies - sigma) * rho[:, :, None]
        psi = functions(rule.nodes).reshape(*shape, -1)
        for _ in range(steps):
            self._psi, self._bend = panels.solved(source * psi)
            psi = legendre.legvander(_reference(order).nodes, order + 1) @ self._psi

    def __call__(self, x: Array) -> tuple[Array, Array]:
        """Phi and H phi at positions, each ``(n, m)``."""
        panel = panel_of(x, self.edges)
        left, right = self.edges[panel], self.edges[panel + 1]
        degree = self._psi.shape[1] - 1
        powers = legendre.legvander((2.0 * x - left - right) / (right - left), degree)
        phi = np.empty((x.size, self._psi.shape[2]))
        bend = np.empty_like(phi)
        order = np.argsort(panel, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(panel[order])) + 1):
            at = panel[rows[0]]
            phi[rows] = powers[rows] @ self._psi[at]
            bend[rows] = powers[rows, :-2] @ self._bend[at]
        v, rho = values(self.potential, x)[:, None], self.potential.weight(x)[:, None]
        return phi, v * phi - bend / rho


class _Reference(NamedTuple):
    """What panels of one order share, t from -1 to 1.

    Attributes:
        nodes: Of Gauss, ``(n,)``.
        coefficients: Takes values there to Legendre coefficients, ``(n, n)``.
        risen: Takes them to those of the twofold integral that is 0 at both ends, ``(n + 2, n)``.
        slopes: Takes values to the slopes of this integral at both ends, ``(2, n)``.
    """

    nodes: Array
    coefficients: Array
    risen: Array
    slopes: Array


@lru_cache(maxsize=8)
def _reference(order: int) -> _Reference:
    rule = gauss_legendre(np.array([-1.0, 1.0]), order)
    degrees = np.arange(order)
    powers = legendre.legvander(rule.nodes, order - 1).T
    coefficients = (degrees + 0.5)[:, None] * powers * rule.weights
    once = np.asarray(legendre.legint(np.eye(order), lbnd=-1), np.float64)
    risen = np.asarray(legendre.legint(once, lbnd=-1), np.float64)
    # Every polynomial of Legendre's is 1 at the right end.
    total = np.sum(risen, axis=0)
    risen[:2] -= 0.5 * total
    slopes = np.stack([-0.5 * total, np.sum(once, axis=0) - 0.5 * total])
    return _Reference(rule.nodes, coefficients, risen, np.asarray(slopes @ coefficients))


class _Panels:
    """-phi'' + q phi = source, phi = 0 at the walls, on panels.

    Args:
        edges: Shape ``(panels + 1,)``.
        q: Not negative, at the nodes ``(panels, n)``.
    """

    def __init__(self, edges: Array, q: Array) -> None:
        at = self._at = _reference(q.shape[1])
        half = self._half = 0.5 * np.diff(edges)[:, None]
        inside = legendre.legvander(at.nodes, q.shape[1] + 1) @ at.risen @ at.coefficients
        self._inverse = np.linalg.inv(np.eye(q.shape[1]) - (half**2 * q)[:, :, None] * inside)
        # Phi'' of the straight lines that are 1 at one end and 0 at the other.
        self._lines = 0.5 * np.stack([1.0 - at.nodes, 1.0 + at.nodes], axis=1)
        self._homogeneous = self._inverse @ (q[:, :, None] * self._lines)

    def solved(self, source: Array) -> tuple[Array, Array]:
        """Legendre coefficients of phi and of phi'', ``(panels, n + 2 or n, m)``.

        Args:
            source: At the nodes, ``(panels, n, m)``.
        """
        at, half = self._at, self._half[:, :, None]
        own = -self._inverse @ source
        straight = np.array([[-0.5, 0.5], [-0.5, 0.5]]) / half
        turned = straight + half * (at.slopes @ self._homogeneous)
        pushed = half * (at.slopes @ own)
        ends = _joined(turned, pushed)
        both = np.stack([ends[:-1], ends[1:]], axis=1)
        bend = at.coefficients @ (own + self._homogeneous @ both)
        psi = half**2 * (at.risen @ bend)
        psi[:, 0] += 0.5 * (both[:, 0] + both[:, 1])
        psi[:, 1] += 0.5 * (both[:, 1] - both[:, 0])
        return psi, bend


def _joined(turned: Array, pushed: Array) -> Array:
    """Phi at the panels' ends for which slopes are continuous, ``(panels + 1, m)``.

    Args:
        turned: Slopes at both ends of each panel by the values at both, ``(panels, 2, 2)``.
        pushed: Slopes with both values 0, ``(panels, 2, m)``.
    """
    found = np.zeros((len(turned) + 1, pushed.shape[2]))
    if len(turned) > 1:
        before, after = turned[:-1], turned[1:]
        band = np.zeros((3, len(turned) - 1))
        band[1] = before[:, 1, 1] - after[:, 0, 0]
        band[0, 1:] = -after[:-1, 0, 1]
        band[2, :-1] = before[1:, 1, 0]
        right = pushed[1:, 0] - pushed[:-1, 1]
        found[1:-1] = scipy.linalg.solve_banded((1, 1), band, right)
    return found
