r"""The resolvent (H - sigma)^-1, sigma below all levels, for sharper bounds of psi.

What a network's psi lacks of an eigenfunction is small in psi and large in psi'', whose residual
all bounds begin with. With E the energy of psi, inverse iteration,

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
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import scipy
from numpy.polynomial import legendre
from numpy.typing import NDArray

from qwpinn.equation.layers import panel_of
from qwpinn.equation.potential import Potential, values
from qwpinn.quadrature import Quadrature, gauss_legendre

Array = NDArray[np.float64]

# How far sigma is below min V, in units of the highest energy: no part of a lower energy, such as
# rounding leaves, grows by more than 1 + 1 / SHIFT a step of inverse iteration.
SHIFT = 1.0 / 64.0
# Nodes a panel; steps of inverse iteration.
ORDER, STEPS = 16, 2


@dataclass(frozen=True, eq=False)
class Pieces:
    """Functions with a continuous slope that vanish at the walls, a polynomial a panel.

    Attributes:
        potential: V and rho, a normal form.
        edges: Of the panels, ``(panels + 1,)``.
        psi: Legendre coefficients of the functions, ``(panels, n + 2, m)``.
        bend: Those of their second derivatives, ``(panels, n, m)``.
    """

    potential: Potential
    edges: Array
    psi: Array
    bend: Array

    def __call__(self, x: Array) -> tuple[Array, Array]:
        """The functions, and H times them, at positions, each ``(n, m)``."""
        panel = panel_of(x, self.edges)
        left, right = self.edges[panel], self.edges[panel + 1]
        powers = legendre.legvander((2.0 * x - left - right) / (right - left), self.degree)
        found = np.empty((x.size, self.psi.shape[2]))
        bend = np.empty_like(found)
        order = np.argsort(panel, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(panel[order])) + 1):
            at = panel[rows[0]]
            found[rows] = powers[rows] @ self.psi[at]
            bend[rows] = powers[rows, :-2] @ self.bend[at]
        v, rho = values(self.potential, x)[:, None], self.potential.weight(x)[:, None]
        return found, v * found - bend / rho

    @property
    def degree(self) -> int:
        """Of the polynomials."""
        return int(self.psi.shape[1]) - 1

    def at_nodes(self) -> Array:
        """The functions at the Gauss nodes of the panels, ``(panels * n, m)``."""
        powers = legendre.legvander(_reference(self.degree - 1).nodes, self.degree)
        return np.asarray((powers @ self.psi).reshape(-1, self.psi.shape[2]))

    def first(self, count: int) -> Pieces:
        """Those of the first functions."""
        return Pieces(self.potential, self.edges, self.psi[..., :count], self.bend[..., :count])

    def less(self, others: Pieces, matrix: Array) -> Pieces:
        """These less sums of others on the same panels, with coefficients ``(l, m)``."""
        psi, bend = self.psi - others.psi @ matrix, self.bend - others.bend @ matrix
        return Pieces(self.potential, self.edges, psi, bend)


class Resolvent:
    """(H - sigma)^-1 on panels: phi'' satisfies the equation at the Gauss nodes of each.

    Args:
        potential: V and rho, a normal form.
        edges: Of panels between the walls, no breakpoint inside one, ``(panels + 1,)``.
        highest: The highest energy of what it will be used for.
        order: Nodes a panel.

    Attributes:
        sigma: Below min V by `SHIFT` of the highest energy above it.
        rule: The nodes.

    Reference:
        L. Greengard, SIAM J. Numer. Anal. 28 (1991) 1071, doi:10.1137/0728057
    """

    def __init__(
        self, potential: Potential, edges: Array, highest: float, order: int = ORDER
    ) -> None:
        self.potential, self.edges = potential, edges
        self.rule: Quadrature = gauss_legendre(edges, order)
        self.sigma = potential.minimum - SHIFT * (highest - potential.minimum)
        shape = edges.size - 1, order
        self._rho = potential.weight(self.rule.nodes).reshape(shape)
        above = values(potential, self.rule.nodes).reshape(shape) - self.sigma
        at = self._at = _reference(order)
        half = self._half = 0.5 * np.diff(edges)[:, None]
        q = self._rho * above
        inside = legendre.legvander(at.nodes, order + 1) @ at.risen @ at.coefficients
        self._inverse = np.linalg.inv(np.eye(order) - (half**2 * q)[:, :, None] * inside)
        # Phi'' of the straight lines that are 1 at one end and 0 at the other.
        lines = 0.5 * np.stack([1.0 - at.nodes, 1.0 + at.nodes], axis=1)
        self._homogeneous = self._inverse @ (q[:, :, None] * lines)

    def __call__(self, source: Array) -> Pieces:
        """Phi with (H - sigma) phi = source, phi = 0 at the walls.

        Args:
            source: At the nodes of `rule`, ``(panels * n, m)``.
        """
        at, half = self._at, self._half[:, :, None]
        given = source.reshape(*self._rho.shape, -1)
        own = -self._inverse @ (self._rho[:, :, None] * given)
        straight = np.array([[-0.5, 0.5], [-0.5, 0.5]]) / half
        turned = straight + half * (at.slopes @ self._homogeneous)
        ends = _joined(turned, half * (at.slopes @ own))
        both = np.stack([ends[:-1], ends[1:]], axis=1)
        bend = at.coefficients @ (own + self._homogeneous @ both)
        psi = half**2 * (at.risen @ bend)
        psi[:, 0] += 0.5 * (both[:, 0] + both[:, 1])
        psi[:, 1] += 0.5 * (both[:, 1] - both[:, 0])
        return Pieces(self.potential, self.edges, psi, bend)

    def iterated(self, functions: Callable[[Array], Array], energies: Array) -> Pieces:
        """Inverse iterates of functions.

        Args:
            functions: Psi at positions ``(n,)``, shape ``(n, m)``.
            energies: E of each, ``(m,)``.

        Reference:
            G. H. Golub, C. F. Van Loan, Matrix Computations, section 7.6,
            ISBN 978-1-4214-0794-4
        """
        found = functions(self.rule.nodes)
        for _ in range(STEPS):
            made = self((energies - self.sigma) * found)
            found = made.at_nodes()
        return made


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
