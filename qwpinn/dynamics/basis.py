"""The basis: the states of a solution on nodes, and by how much each may be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from qwpinn.enclosures.enclosure import enclose
from qwpinn.enclosures.integrals import BEGUN
from qwpinn.enclosures.resolvent import Pieces, Resolvent
from qwpinn.networks.certificate import guarded
from qwpinn.quadrature import Quadrature
from qwpinn.solving.solution import Solution
from qwpinn.training.squares import one_thread

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Nodes for a state, and at least; nodes a panel.
A_STATE, LEAST, ORDER = 24, 1800, 15
# Even positions on which psi0 is looked at too.
EVEN = 4097


class Sampled(NamedTuple):
    """The states on the nodes of one rule, normalised with weight rho in the normal form.

    Attributes:
        nodes: Positions in the normal form, ``(n,)``.
        positions: Own ones z, ``(n,)``.
        measure: Weights of the rule times rho, ``(n,)``.
        psi: The network's, ``(n, K)``.
        phi: Their inverse iterates (`qwpinn.enclosures.resolvent`), ``(n, K)``.
        defect: (H - E_k) phi_k, ``(n, K)``.
    """

    nodes: Array
    positions: Array
    measure: Array
    psi: Array
    phi: Array
    defect: Array

    def norm(self, values: Array | Complex) -> Array:
        """The norms of functions with these values, ``(n,)`` or a column each."""
        return np.asarray(np.sqrt(self.measure @ np.abs(values) ** 2))

    def factor(self, values: Array) -> Array:
        """R with ||R c|| = ||values c|| for every c, without cancellation: ``(K, K)``."""
        return np.asarray(np.linalg.qr(np.sqrt(self.measure)[:, None] * values, mode="r"))

    def elements(self, values: Array) -> Array:
        """<psi_j, f psi_k> of a function with these values, symmetric ``(K, K)``."""
        found = self.psi.T @ ((self.measure * values)[:, None] * self.psi)
        return np.asarray(0.5 * (found + found.T))


# The last basis of each solution, and the weights that it was made of.
_KNOWN: WeakKeyDictionary[Solution, tuple[list[Array], Basis]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Basis:
    """The K states of a solution, ready to carry any other.

    Attributes:
        solution: Where they are from.
        energies: E_k, ``(K,)``.
        first: On the nodes of one rule.
        second: On those of another, with unrelated panels: what the first rule misses, it does
            not.
        resolvent: (H - sigma)^-1.
        iterates: phi_k.
        angles: Bounds of ||phi_k - u_k|| for the exact states u_k, ``(K,)``.
        grid: psi_k in the normal form at `EVEN` even positions, walls included, ``(EVEN, K)``.
        levels: Bounds of abs(E_k - lambda_k) for the exact levels, ``(K,)``; infinite where it is
            not proven which level this is.
    """

    solution: Solution
    energies: Array
    first: Sampled
    second: Sampled
    resolvent: Resolvent
    iterates: Pieces
    angles: Array
    grid: Array
    levels: Array

    @classmethod
    def of(cls, solution: Solution) -> Basis:
        """That of a solution of the lowest states, remembered until a weight of it changes."""
        weights = [variable.numpy() for variable in solution.model.weights]
        known, basis = _KNOWN.get(solution, ([], None))
        if basis is None or not all(map(np.array_equal, known, weights)):
            basis = cls._made(solution)
            _KNOWN[solution] = weights, basis
        return basis

    @classmethod
    @one_thread()
    def _made(cls, solution: Solution) -> Basis:
        """Its bounds are computed here."""
        network = solution.model.network(-1)
        mesh, scaling = network.mesh, network.scaling
        coefficients, quotients = guarded(network)
        count = solution.energies.size

        def functions(x: Array) -> Array:
            basis = network.trial.derivatives(scaling.position(x), (0,))[0]
            return np.asarray(scaling.amplitude * (basis @ coefficients))

        edges = mesh.panels(max(100, 2 * count))
        resolvent = Resolvent(mesh.potential, edges, float(np.max(quotients)))
        iterates = resolvent.iterated(functions, quotients)
        enclosure = enclose(mesh.potential, iterates, count, mesh, individually=False)
        own = iterates.first(count)
        points = max(LEAST, A_STATE * count)
        rules = [mesh.quadrature(points, ORDER, begun) for begun in (0.0, BEGUN)]
        first, second = (_sampled(solution, functions, own, rule) for rule in rules)
        energies = solution.energies
        lower = np.maximum(enclosure.lower, solution.lower)
        upper = np.minimum(enclosure.upper, solution.upper)
        numbers = np.arange(count)
        proven = (enclosure.quantum_numbers == numbers) & (solution.quantum_numbers == numbers)
        doubt = np.maximum(np.maximum(upper - energies, energies - lower), 0.0)
        levels = np.where(proven, doubt, np.inf)
        angles, (a, b) = enclosure.state_errors, mesh.potential.interval
        grid = functions(np.linspace(a, b, EVEN))[:, :count]
        return cls(solution, energies, first, second, resolvent, own, angles, grid, levels)

    @cached_property
    def overlaps(self) -> Array:
        """<psi_j, psi_k>, the identity but for rounding, ``(K, K)``."""
        return self.first.elements(np.ones_like(self.first.measure))

    def projected(self, values: Complex) -> Complex:
        """Coefficients of the function nearest to one with these values on the first nodes."""
        products = self.first.psi.T @ (self.first.measure * values)
        return np.asarray(np.linalg.solve(self.overlaps, products))

    def left_over(self, function: Callable[[Array], Complex], coefficients: Complex) -> float:
        """The norm of what is not in the states, and how far two rules differ about it.

        The nodes of both are where the states need them: a function is looked at on an even grid
        too, by the trapezium rule, for what is narrow where they are smooth.

        Args:
            function: Of own positions, in the normal form.
            coefficients: Those of the states, ``(K,)``.
        """
        norms = [
            float(rule.norm(function(rule.positions) - rule.psi @ coefficients))
            for rule in (self.first, self.second)
        ]
        well, form = self.solution.potential, self.resolvent.potential
        a, b = form.interval
        x = np.linspace(a, b, EVEN)
        left = function(well.from_normal(x)) - self.grid @ coefficients
        even = float(np.sqrt(np.trapezoid(form.weight(x) * np.abs(left) ** 2, x)))
        return max(*norms, even) + abs(norms[0] - norms[1])

    def within(self, functions: Pieces) -> Array:
        """<phi_j, f> of functions on the panels of the resolvent, ``(K, m)``."""
        rule = self.resolvent.rule
        measure = rule.weights * self.resolvent.potential.weight(rule.nodes)
        return np.asarray(self.iterates.at_nodes().T @ (measure[:, None] * functions.at_nodes()))

    def factors(self, values: Callable[[Sampled], Array]) -> Array:
        """`Sampled.factor` of K functions by either rule, ``(2, K, K)``: see `size`.

        Args:
            values: Theirs on the nodes of a rule, ``(n, K)``.
        """
        return np.stack([rule.factor(values(rule)) for rule in (self.first, self.second)])


def size(factors: Array, coefficients: Array | Complex) -> Array:
    """The norm of sums of functions: the larger of both rules', and by how much they differ.

    Args:
        factors: Of the functions, ``(2, K, K)``.
        coefficients: A row a sum, ``(..., K)``.
    """
    here, there = (np.linalg.norm(coefficients @ factor.T, axis=-1) for factor in factors)
    return np.asarray(np.maximum(here, there) + np.abs(here - there))


def _sampled(
    solution: Solution,
    functions: Callable[[Array], Array],
    iterates: Pieces,
    rule: Quadrature,
) -> Sampled:
    form, count = solution.potential.normal_form, solution.energies.size
    phi, h_phi = iterates(rule.nodes)
    return Sampled(
        rule.nodes,
        solution.potential.from_normal(rule.nodes),
        rule.weights * form.weight(rule.nodes),
        functions(rule.nodes)[:, :count],
        phi,
        h_phi - solution.energies * phi,
    )
