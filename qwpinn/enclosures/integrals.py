"""Integrals of trial functions, each by two quadratures that know nothing of each other.

The change from a rule to its refinement says little: both can miss the same thing. Here the panels
of the second rule begin and end inside those of the first, but at breakpoints, so that what one
rule gets wrong the other gets wrong in another way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh, eigvalsh

from qwpinn.equation.geometry import AnyMesh, AnyWell, geometry_of
from qwpinn.quadrature import Quadrature

Array = NDArray[np.float64]
Functions = Callable[[Array], tuple[Array, Array]]

# In units of E - min V: what rounding may do to integrals over sums of large, cancelling terms.
ROUNDING = 1e-12
# The least eigenvalue of the overlaps of normalised functions that are told apart.
DEPENDENT = 1e-6
# Where in a panel the first panel of the second rule begins.
BEGUN = 0.382
# Nodes where rounding is looked at, and steps between them and their neighbours, of the walls.
NOISE_NODES, NOISE_STEP = 90, 2.0**-40


@dataclass(frozen=True)
class NodeValues:
    """Trial functions and H times them on quadrature nodes.

    Attributes:
        psi: Shape ``(n, m)``.
        h_psi: H psi, shape ``(n, m)``.
        measure: Quadrature weights times rho, shape ``(n,)``.
    """

    psi: Array
    h_psi: Array
    measure: Array

    def inner(self, left: Array, right: Array) -> Array:
        """The matrix of inner products with weight rho."""
        product = left.T @ (self.measure[:, None] * right)
        return np.asarray((product + product.T) / 2 if left.shape == right.shape else product)

    @cached_property
    def norms(self) -> Array:
        """||psi||, shape ``(m,)``."""
        return np.asarray(np.sqrt(self.measure @ self.psi**2))

    @cached_property
    def rayleigh_quotients(self) -> Array:
        """R = <psi, H psi> / <psi, psi>, shape ``(m,)``."""
        return np.asarray(self.measure @ (self.psi * self.h_psi) / self.norms**2)

    @cached_property
    def residuals(self) -> Array:
        """Eta = ||H psi - R psi|| / ||psi||, shape ``(m,)``."""
        defect = self.h_psi - self.rayleigh_quotients * self.psi
        return np.asarray(np.sqrt(self.measure @ defect**2) / self.norms)

    def means(self, values: Array) -> Array:
        """Of a function of x with these values on the nodes, ``(m,)``."""
        return np.asarray((self.measure * values) @ self.psi**2 / self.norms**2)

    @cached_property
    def ritz(self) -> tuple[Array, Array]:
        """The eigenvalues of H in the span, increasing, and coefficients of orthonormal vectors.

        Shapes ``(m,)`` and ``(m, m)``; both empty if the functions are dependent.
        """
        return pencil(self.inner(self.psi, self.h_psi), self.inner(self.psi, self.psi))

    def ritz_values(self) -> Array:
        """The eigenvalues of H in the span alone."""
        return self.ritz[0]

    @cached_property
    def ritz_defects(self) -> Array:
        """Products of the residuals (H - lambda) y of the Ritz vectors y, ``(m, m)``."""
        values, vectors = self.ritz
        states = self.combined(vectors)
        defect = states.h_psi - values * states.psi
        return self.inner(defect, defect)

    def combined(self, coefficients: Array) -> NodeValues:
        """Sums of the functions, with coefficients ``(m, l)``."""
        return NodeValues(self.psi @ coefficients, self.h_psi @ coefficients, self.measure)

    def sines_to(self, others: NodeValues) -> Array:
        """The sines of the angles to as many others of norm 1, ``(m,)``, without cancellation."""
        psi = self.psi / self.norms
        signs = np.sign(self.measure @ (psi * others.psi))
        chord = np.sqrt(self.measure @ (psi - signs * others.psi) ** 2)
        return np.asarray(chord * np.sqrt(np.maximum(1.0 - chord**2 / 4.0, 0.0)))


class Integrals(NamedTuple):
    """The functions on two rules, and what their integrals are worth.

    Attributes:
        nodes: Of the first rule, ``(n,)``.
        first: On this rule.
        second: On the other.
        slack: By how much the energies of the first K functions may be wrong, ``(K,)``: their
            change from rule to rule, and rounding.
        noise: What their own rounding may do to the energies of all, ``(m,)``; see `noise`.
        settled: Whether this change is no larger than rounding, and that of the residuals no
            larger than a hundredth of them, ``(K,)``.
    """

    nodes: Array
    first: NodeValues
    second: NodeValues
    slack: Array
    noise: Array
    settled: NDArray[np.bool_]


def integrals(potential: AnyWell, functions: Functions, mesh: AnyMesh, states: int) -> Integrals:
    """The functions on the first pair of rules that agree about K of them, else on the last.

    Args:
        potential: V and rho.
        functions: Maps positions ``(n,)`` to psi and H psi, each ``(n, m)``, m >= K.
        mesh: Of the potential.
        states: K.

    Raises:
        ValueError: If there are fewer functions than states.
    """
    points = mesh.fewest
    while True:
        rules = [mesh.quadrature(points, mesh.order, begun) for begun in (0.0, BEGUN)]
        first, second = (_sampled(potential, functions, rule) for rule in rules)
        if first.psi.shape[1] < states:
            raise ValueError(
                f"`functions` must give at least {states} columns, one a state. "
                f"Received: {first.psi.shape[1]}. Ask for fewer states."
            )
        quotients = first.rayleigh_quotients
        if points == mesh.fewest:
            own = noise(potential, functions, mesh, quotients)
        floor = (rounding(quotients, potential.minimum) + own)[:states]
        near = mesh.agreement * np.abs(quotients[:states] - potential.minimum)
        slack, settled = _compared(first, second, floor, np.maximum(floor, near))
        if settled.all() or points >= mesh.most:
            return Integrals(rules[0].nodes, first, second, slack, own, settled)
        points = 2 * points


def noise(potential: AnyWell, functions: Functions, mesh: AnyMesh, energies: Array) -> Array:
    r"""What rounding in the functions themselves may do to their energies, ``(m,)``.

    A function with coefficients of 10^8 that cancel each other has eight digits less than float64,
    and both rules see it so. Over steps that are much longer than the last digit of x, and much
    shorter than anything psi does, second differences of (H - E) psi consist of that alone:

    .. math:: |\delta E| \le \frac{1}{\|\psi\|}
              \left(\frac{1}{6} \int \rho |\Delta^2 (H \psi - E \psi)|^2 dx\right)^{1/2},

    as if the errors at all nodes went one way.

    Args:
        potential: V and rho.
        functions: See `integrals`.
        mesh: Of the potential.
        energies: E, ``(m,)``.
    """
    rule = mesh.quadrature(NOISE_NODES, mesh.order)
    low, high = geometry_of(potential).walls(potential).T
    far = 16.0 * np.spacing(np.maximum(np.abs(low), np.abs(high)))
    step = np.maximum(NOISE_STEP * (high - low), far)
    measure = rule.weights * potential.weight(rule.nodes)
    parts = [functions(rule.nodes + side * step) for side in (-1.0, 0.0, 1.0)]
    below, here, above = (h_psi - energies * psi for psi, h_psi in parts)
    size = measure @ parts[1][0] ** 2
    difference = (below - here) + (above - here)
    return np.asarray(np.sqrt(measure @ difference**2 / (6.0 * size)))


def rounding(energies: Array, minimum: float) -> Array:
    """How far energies may be from exact for no other reason than floating point.

    Args:
        energies: Any shape.
        minimum: min V.
    """
    return np.asarray(ROUNDING * np.abs(energies - minimum) + 1e-15 * np.abs(energies))


def _sampled(potential: AnyWell, functions: Functions, rule: Quadrature) -> NodeValues:
    psi, h_psi = functions(rule.nodes)
    return NodeValues(psi, h_psi, rule.weights * potential.weight(rule.nodes))


def _compared(
    first: NodeValues, second: NodeValues, floor: Array, near: Array
) -> tuple[Array, NDArray[np.bool_]]:
    """Slack and whether it is settled, as `Integrals` has them, of the first K functions.

    Args:
        first: On one rule.
        second: On the other.
        floor: What rounding may do to their energies, ``(K,)``.
        near: How much they may change from rule to rule, ``(K,)``.
    """
    states = floor.size
    energies, others = (rule.rayleigh_quotients[:states] for rule in (first, second))
    residuals, theirs = (rule.residuals[:states] for rule in (first, second))
    change = np.abs(energies - others)
    alike = np.abs(residuals - theirs) <= np.maximum(0.01 * residuals, floor)
    return change + floor, (change <= near) & alike


def pencil(left: Array, right: Array) -> tuple[Array, Array]:
    """Eigenvalues of left x = tau right x, increasing, and vectors; empty if dependent.

    Functions nearer to dependence than this would give eigenvalues of rounding errors, and with
    them proofs of nothing.
    """
    length = np.sqrt(np.diag(right))
    nothing = np.zeros(0), np.zeros((0, 0))
    if not np.all(length > 0.0):
        return nothing
    scale = np.outer(length, length)
    if eigvalsh(right / scale)[0] < DEPENDENT:
        return nothing
    values, vectors = eigh(left / scale, right / scale)
    return values, vectors / length[:, None]
