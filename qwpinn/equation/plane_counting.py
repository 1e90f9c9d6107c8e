r"""How many levels of a V in the plane lie below an energy: an upper bound, with its proof.

A rectangle is cut into cells T of sides a and b. On each, P = span{1, x, y, x^2, y^2}; a function
of V_h is in P on each cell, has one mean on an edge from both sides, and zero on the walls. For u
in H^1_0 let I u in V_h have u's means over edges and cells, and w = u - I u. With q = rho (V - E),

.. math:: \frac{1}{C_T^2} = \min\left(\pi^2 \left(\frac{1}{a^2} + \frac{1}{b^2}\right),
          \frac{4 \pi^2}{\max(a, b)^2}\right), \quad 1 + C_T^2 q > 0, \quad
          r = \frac{1}{1 + C_T^2 q}, \quad \tilde q = q r,

.. math:: S_T(p) = \int_T |\nabla p|^2 + \tilde q p^2
          + C_T^2 \left(\int_T \tilde q p\right)^2 / \int_T r .

Theorem. Fewer than or as many levels lie below E as S = sum_T S_T on V_h has negative eigenvalues.

Proof. (a) For p in P, Laplace p is constant, and p_x is on edges of constant x, p_y on the others;
w has zero means over T and its edges. So integration by parts gives int_T grad w . grad p = 0.

(b) |w| <= C_T |grad w| on T: let f be w's mean over y, g that over x, and h the rest. In the
integrals of w^2 and |grad w|^2 they are orthogonal to each other. f is zero at both ends and has
mean zero, so |f'|^2 >= (2 pi / a)^2 |f|^2, and g alike; h has mean zero on all lines parallel to an
axis, so |grad h|^2 >= pi^2 (1/a^2 + 1/b^2) |h|^2.

(c) Let J_T(u) = int_T |grad u|^2 + q u^2 and p = I u. By (a) and (b), J_T(u) >= |grad p|^2 + int_T
(q (p + w)^2 + w^2 / C_T^2). With W = q + 1/C_T^2 > 0 and int_T w = 0, for every constant c:
int_T W w^2 + 2 (q p - c) w >= -int_T (q p - c)^2 / W. The best c gives J_T(u) >= S_T(p).

(d) Let U be the span of the states below E. J = sum_T J_T is negative on U but at 0. Where I u = 0,
J(u) >= 0; so I is one to one on U, and S(I u) <= J(u) < 0: S is negative on I U, of U's dimension.

Larger C_T and smaller V make S smaller, and are allowed. Negative eigenvalues are counted by a
factorisation L D L^T whose rounding is bounded (`negative`); no iterative solver is asked, which
might miss one.

In cells that no boundary meets, integrals are those of 16 Gauss points; where V is a number there
they are exact. A cell that a boundary meets is cut into 64, each with the lowest value of what it
touches. So the count is proven where V and the regions' values are numbers, and rests on V's values
at these points where they are functions (`Counted.sampled`).

Sources: X. Liu, Appl. Math. Comput. 267, 341 (2015); C. Carstensen and J. Gedicke, Math. Comp. 83,
2605 (2014), of which it is a sibling with V inside; N. J. Higham, Accuracy and Stability of
Numerical Algorithms, section 9.3.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from qwpinn.equation.plane import PlanePotential

Array = NDArray[np.float64]
Integers = NDArray[np.intp]

# Cells along the longer side, to begin with and at the most.
CELLS, MOST_CELLS = 80, 160
# Cells of a cell that a boundary meets, along each side.
PARTS = 8
# The unit of rounding; numbers whose exactness is not discussed are widened by WIDER.
UNIT, WIDER = 2.0**-53, 1e-12
# How often the shift that covers rounding is raised, and where it begins: of the mass, over the
# square of the longer side.
TRIES, SHIFT = 8, 4e-6
# The basis 1, t, t^2 - 1/12, s, s^2 - 1/12 of P on [-1/2, 1/2]^2 in terms of the means over the
# left, right, lower and upper edge and the cell.
BASIS = np.array(
    [
        [0.0, 0.0, 0.0, 0.0, 1.0],
        [-1.0, 1.0, 0.0, 0.0, 0.0],
        [3.0, 3.0, 0.0, 0.0, -6.0],
        [0.0, 0.0, -1.0, 1.0, 0.0],
        [0.0, 0.0, 3.0, 3.0, -6.0],
    ]
)


class Points(NamedTuple):
    """Points of some cells, with V there.

    Attributes:
        cells: Which cells, ``(c,)``.
        values: rho V, or less, ``(c, n)``.
        basis: Of P at the points, ``(5, n)``.
        weights: Of integrals over a cell of area 1, ``(n,)``.
    """

    cells: Integers
    values: Array
    basis: Array
    weights: Array


class PlaneCount:
    """Upper bounds of how many levels of a potential lie below an energy.

    Args:
        potential: The V.
        cells: Along the longer side of the box.

    Attributes:
        sampled: Whether the bounds rest on V at points, and are proven but for what happens
            between them.
    """

    def __init__(self, potential: PlanePotential, cells: int = CELLS) -> None:
        self.potential = potential
        x0, x1, y0, y1 = potential.box
        step = max(x1 - x0, y1 - y0) / cells
        lines = [potential.lines, *(region.lines for region in potential.regions)]
        x = _edges((x0, x1, *(at for one, _ in lines for at in one)), step)
        y = _edges((y0, y1, *(at for _, one in lines for at in one)), step)
        columns, rows = x.size - 1, y.size - 1
        self.a, self.b = (
            side.ravel() for side in np.meshgrid(np.diff(x), np.diff(y), indexing="ij")
        )
        self.x, self.y = (
            middle.ravel()
            for middle in np.meshgrid((x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2, indexing="ij")
        )
        self.means, self.size = _numbered(columns, rows)
        self.sampled = not potential.constant_everywhere

    def below(self, energy: float) -> int | None:
        """At least as many as there are levels below an energy; None where cells are too large.

        Args:
            energy: In the potential's unit.
        """
        shifted = self.potential.rho * energy * (1.0 + np.sign(energy) * WIDER)
        elements = self._elements(shifted)
        return None if elements is None else self._negative(elements)

    @cached_property
    def points(self) -> list[Points]:
        """Of the cells that no boundary meets, and of the others."""
        meet = np.zeros(self.a.size, bool)
        for region in self.potential.regions:
            meet |= region.meets(self.x, self.y, self.a / 2, self.b / 2)
        found = [self._whole(np.flatnonzero(~meet))]
        return [*found, self._cut(np.flatnonzero(meet))] if meet.any() else found

    def _whole(self, cells: Integers) -> Points:
        t, weight = _gauss(1, 4)
        return self._sampled(cells, t, weight)

    def _sampled(self, cells: Integers, t: Array, weight: Array) -> Points:
        """V at tensor points of cells."""
        at, up = (grid.ravel() for grid in np.meshgrid(t, t, indexing="ij"))
        x = self.x[cells, None] + self.a[cells, None] * at
        y = self.y[cells, None] + self.b[cells, None] * up
        values = self.potential.rho * self.potential(x, y)
        basis = np.stack([np.ones_like(at), at, at**2 - 1 / 12, up, up**2 - 1 / 12])
        return Points(cells, values, basis, np.outer(weight, weight).ravel())

    def _cut(self, cells: Integers) -> Points:
        """The lowest value of what each part of a cell touches."""
        t, weight = _gauss(PARTS, 3)
        found, potential = self._sampled(cells, t, weight), self.potential
        middles = np.repeat((np.arange(PARTS) + 0.5) / PARTS - 0.5, 3)
        across, up = (grid.ravel() for grid in np.meshgrid(middles, middles, indexing="ij"))
        part_x = self.x[cells, None] + self.a[cells, None] * across
        part_y = self.y[cells, None] + self.b[cells, None] * up
        half = self.a[cells, None] / 2 / PARTS, self.b[cells, None] / 2 / PARTS
        at, height = (grid.ravel() for grid in np.meshgrid(t, t, indexing="ij"))
        x = self.x[cells, None] + self.a[cells, None] * at
        y = self.y[cells, None] + self.b[cells, None] * height
        lowest = found.values
        for index, region in enumerate(potential.regions):
            touched = region.meets(part_x, part_y, *half)
            sides = np.minimum(
                region.inside(x, y), potential.among(potential.regions[:index], x, y)
            )
            lowest = np.where(touched, np.minimum(lowest, potential.rho * sides), lowest)
        return found._replace(values=lowest)

    def _elements(self, shifted: float) -> Array | None:
        """S_T in terms of the means, ``(cells, 5, 5)``."""
        found = np.empty((self.a.size, 5, 5))
        for cells, values, basis, weights in self.points:
            a, b = self.a[cells], self.b[cells]
            constant = (1.0 + WIDER) / np.minimum(
                np.pi**2 * (1.0 / a**2 + 1.0 / b**2), 4.0 * np.pi**2 / np.maximum(a, b) ** 2
            )
            q = values - shifted
            lifted = 1.0 + constant[:, None] * q
            if not (lifted > 0.0).all():
                return None
            measure = (a * b)[:, None] * weights / lifted
            pulled = q * measure
            forms = (pulled @ (basis[:, None] * basis).reshape(25, -1).T).reshape(-1, 5, 5)
            first = pulled @ basis.T
            share = constant / measure.sum(axis=1)
            forms += share[:, None, None] * first[:, :, None] * first[:, None, :]
            bends = np.stack([0.0 * a, b / a, b / a / 3.0, a / b, a / b / 3.0], axis=1)
            forms[:, np.arange(5), np.arange(5)] += bends
            found[cells] = np.einsum("ki,ckl,lj->cij", BASIS, forms, BASIS, optimize=True)
        return found

    def _negative(self, elements: Array) -> int | None:
        """At least as many as S has negative eigenvalues."""
        matrix, sizes = self._assembled(elements), self._assembled(np.abs(elements))
        mass = np.zeros(self.size)
        own = self.means >= 0
        np.add.at(
            mass, self.means[own], np.broadcast_to((self.a * self.b)[:, None], own.shape)[own]
        )
        x0, x1, y0, y1 = self.potential.box
        shift = SHIFT / max(x1 - x0, y1 - y0) ** 2
        for _ in range(TRIES):
            found = negative(matrix, sizes, mass, shift)
            if found is None:
                return None
            count, error = found
            if error <= shift:
                return count
            shift = 2.0 * error
        return None

    def _assembled(self, elements: Array) -> scipy.sparse.csc_array:
        rows = np.repeat(self.means, 5, axis=1).ravel()
        columns = np.tile(self.means, (1, 5)).ravel()
        inner = (rows >= 0) & (columns >= 0)
        places = rows[inner], columns[inner]
        return scipy.sparse.coo_array(
            (elements.ravel()[inner], places), (self.size, self.size)
        ).tocsc()


def negative(
    matrix: scipy.sparse.csc_array, sizes: scipy.sparse.csc_array, mass: Array, shift: float
) -> tuple[int, float] | None:
    """The negative pivots of A - shift M, and what rounding may have done to it in units of M.

    L D L^T computed is exactly that of A - shift M + F, with |F| bounded by products of |L|, |D|
    and |L^T|: where the bound, in M's norm, is at most the shift, A has no more negative
    eigenvalues than there are negative pivots (Sylvester).

    Args:
        matrix: A, symmetric.
        sizes: Sums of the sizes of what was added up for its entries, for their own rounding.
        mass: M, positive, diagonal.
        shift: Above 0.

    Returns:
        None if the factorisation broke down.
    """
    shifted = (matrix - scipy.sparse.diags_array(shift * mass)).tocsc()
    try:
        factors = scipy.sparse.linalg.splu(
            shifted, "MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
        )
    except RuntimeError:  # Exactly singular.
        return None
    lower, upper = factors.L.tocsr(), factors.U.tocsr()
    pivots = upper.diagonal()
    # A pivot that is not a number is not below 0 either, and would make a count too small.
    if not (np.isfinite(pivots).all() and (pivots != 0.0).all()):
        return None
    if not np.array_equal(factors.perm_r, factors.perm_c):
        return None
    scale = np.empty(mass.size)
    scale[factors.perm_c] = 1.0 / np.sqrt(mass)
    terms = int(np.diff(lower.indptr).max()) + 1
    gamma = terms * UNIT / (1.0 - terms * UNIT)
    symmetric = scipy.sparse.diags_array(pivots) @ lower.T.tocsr()
    # What L (D L^T) is off by: of the elimination, of U not being D L^T, and of this difference.
    own = gamma * (abs(upper) + abs(symmetric)) + abs(symmetric - upper)
    outer = abs(lower)
    by_rows, by_columns = outer @ (own @ scale), own.T @ (outer.T @ scale)
    error = float(np.max(scale * np.maximum(by_rows, by_columns)))
    plain = 1.0 / np.sqrt(mass)
    error += float(np.max(plain * (64.0 * UNIT * (sizes @ plain))))
    return int(np.sum(pivots < 0.0)), (1.0 + 1e-9) * error


def _edges(fixed: tuple[float, ...], step: float) -> Array:
    """Even steps of about this length between positions that are edges themselves."""
    ends = np.unique(fixed)
    counts = np.maximum(1, np.rint(np.diff(ends) / step).astype(int))
    parts = [
        a + (b - a) * np.arange(count) / count
        for a, b, count in zip(ends[:-1], ends[1:], counts, strict=True)
    ]
    return np.append(np.concatenate(parts), ends[-1])


def _gauss(parts: int, order: int) -> tuple[Array, Array]:
    """Gauss's nodes on equal parts of [-1/2, 1/2], and weights of sum 1."""
    t, weight = np.polynomial.legendre.leggauss(order)
    middles = (np.arange(parts) + 0.5) / parts - 0.5
    return (middles[:, None] + t / 2.0 / parts).ravel(), np.tile(weight / 2.0 / parts, parts)


def _numbered(columns: int, rows: int) -> tuple[Integers, int]:
    """The number of each cell's five means, -1 on walls, ``(cells, 5)``, and how many there are."""
    cell = np.arange(columns * rows).reshape(columns, rows)
    upright = np.full((columns + 1, rows), -1)
    upright[1:-1] = cell.size + np.arange((columns - 1) * rows).reshape(columns - 1, rows)
    flat = np.full((columns, rows + 1), -1)
    first = cell.size + (columns - 1) * rows
    flat[:, 1:-1] = first + np.arange(columns * (rows - 1)).reshape(columns, rows - 1)
    means = np.stack([upright[:-1], upright[1:], flat[:, :-1], flat[:, 1:], cell], axis=-1)
    return means.reshape(-1, 5), first + columns * (rows - 1)
