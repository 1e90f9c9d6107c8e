r"""Enclosures: intervals that hold the exact levels, from approximate wavefunctions.

A trial function psi vanishes at the walls and has a square-integrable second derivative, so it is
in the domain of H = -(1/rho) d^2/dx^2 + V. Then, with R its Rayleigh quotient and
eta = ||H psi - R psi|| / ||psi|| in the norm with weight rho,

- an eigenvalue lies in [R - eta, R + eta] (`weinstein`);
- if (nu, mu) holds just one eigenvalue, R - eta^2 / (mu - R) <= E <= R + eta^2 / (R - nu)
  (`kato_temple`);
- the k-th Ritz value of m functions is at least E_k, and if just s eigenvalues lie below a number
  mu, the m functions give lower bounds of all s at once (`lehmann`). For one function this is
  Kato and Temple's; for a nearly degenerate pair it is far better, for it asks for a gap above the
  pair and not inside it.

How many eigenvalues lie below mu is counted by the Pruefer angle (`qwpinn.references.count_below`),
which knows nothing of the trial functions.

What is proven, and what not: the inequalities are theorems, but they are evaluated in floating
point. The integrals come from a quadrature that is refined until the Ritz values agree to 1e-12 of
E - min V; that last change, and 1e-12 of E - min V for rounding, are added to either side. No
interval arithmetic is done. The breakpoints are believed: a jump of V that is not declared may be
missed by quadrature and count alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh, eigvalsh

from qwpinn import _check
from qwpinn.mesh import Mesh
from qwpinn.potential import Potential
from qwpinn.quadrature import Quadrature
from qwpinn.references import count_below

Array = NDArray[np.float64]
Functions = Callable[[Array], tuple[Array, Array]]

# In units of E - min V: what rounding may do to integrals over sums of large, cancelling terms.
ROUNDING = 1e-12
UNPROVEN = -1
# The least eigenvalue of the overlaps of normalised functions that are told apart.
DEPENDENT = 1e-6


@dataclass(frozen=True)
class Enclosure:
    """What is known of K states, in the potential's unit of energy; all of shape ``(K,)``.

    Attributes:
        lower: Lower bounds of the exact levels.
        upper: Upper bounds.
        quantum_numbers: Which level each interval holds, 0 the ground state; -1 where that is not
            proven, and then the interval holds some level.
        residuals: eta.
    """

    lower: Array
    upper: Array
    quantum_numbers: NDArray[np.intp]
    residuals: Array

    @property
    def widths(self) -> Array:
        """Upper - lower."""
        return np.asarray(self.upper - self.lower)

    def relative_width(self, floor: float) -> float:
        """The largest width in units of E - floor, infinite if a state is not the k-th level.

        Args:
            floor: min V.
        """
        # Of all energies that an interval allows, E - floor is the least at its lower end.
        above = self.lower - floor
        if not np.array_equal(self.quantum_numbers, np.arange(above.size)):
            return float("inf")
        if np.any(above <= 0.0):
            return float("inf")
        return float(np.max(self.widths / above))


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

    @property
    def rayleigh_quotients(self) -> Array:
        """R = <psi, H psi> / <psi, psi>, shape ``(m,)``."""
        square = self.measure @ self.psi**2
        return np.asarray(self.measure @ (self.psi * self.h_psi) / square)

    @property
    def residuals(self) -> Array:
        """Eta = ||H psi - R psi|| / ||psi||, shape ``(m,)``."""
        defect = self.h_psi - self.rayleigh_quotients * self.psi
        square = self.measure @ self.psi**2
        return np.asarray(np.sqrt(self.measure @ defect**2 / square))

    def ritz_values(self) -> Array:
        """The eigenvalues of H in the span, increasing, shape ``(m,)``; empty if dependent."""
        return _pencil(self.inner(self.psi, self.h_psi), self.inner(self.psi, self.psi))


def weinstein(energy: float, residual: float) -> tuple[float, float]:
    """An interval that holds an eigenvalue: energy -+ residual.

    Args:
        energy: R.
        residual: eta.

    Example:
        >>> weinstein(2.0, 0.5)
        (1.5, 2.5)

    Reference:
        D. H. Weinstein, Proc. Natl. Acad. Sci. 20, 529 (1934), doi:10.1073/pnas.20.9.529
    """
    return energy - residual, energy + residual


def kato_temple(energy: float, residual: float, below: float, above: float) -> tuple[float, float]:
    """An interval that holds the only eigenvalue between ``below`` and ``above``.

    Args:
        energy: R.
        residual: eta; its square must be smaller than (energy - below) (above - energy).
        below: nu.
        above: mu.

    Raises:
        ValueError: If the residual is too large for the isolating interval.

    Example:
        >>> kato_temple(2.0, 0.1, below=1.0, above=3.0)
        (1.99, 2.01)

    Reference:
        T. Kato, J. Phys. Soc. Jpn. 4, 334 (1949), doi:10.1143/JPSJ.4.334
    """
    if not (below < energy < above and residual**2 < (energy - below) * (above - energy)):
        raise ValueError(
            "`residual` must satisfy residual^2 < (energy - below) (above - energy). Received: "
            f"residual={residual}, energy={energy}, below={below}, above={above}. "
            "Isolate the level in a wider interval, or improve psi."
        )
    square = residual**2
    return energy - square / (above - energy), energy + square / (energy - below)


def lehmann(sampled: NodeValues, separation: float) -> Array:
    """Lower bounds of the eigenvalues below a number, increasing.

    With A = <psi_i, (H - mu) psi_j> and B = <(H - mu) psi_i, (H - mu) psi_j>, the negative
    eigenvalues tau of A x = tau B x give the bounds mu + 1 / tau, the first of which belongs to the
    lowest of as many eigenvalues next below mu.

    Args:
        sampled: The functions.
        separation: mu.

    Returns:
        As many as there are Ritz values below mu; empty if the functions are dependent.

    Reference:
        N. J. Lehmann, Z. Angew. Math. Mech. 29, 341 (1949), doi:10.1002/zamm.19490291105
    """
    shifted = sampled.h_psi - separation * sampled.psi
    tau = _pencil(sampled.inner(sampled.psi, shifted), sampled.inner(shifted, shifted))
    return np.asarray(np.sort(separation + 1.0 / tau[tau < 0.0]))


def enclose(
    potential: Potential,
    functions: Functions,
    states: int,
    mesh: Mesh | None = None,
    individually: bool = True,
) -> Enclosure:
    """Encloses the levels that K approximate wavefunctions stand for.

    Args:
        potential: The well.
        functions: Maps positions ``(n,)`` to psi and H psi, each ``(n, m)``, m >= K. The first K
            are the states. The others, orthogonal to them and about as good, are guards: a state
            that is nearly degenerate with the last one is enclosed with it.
        states: K.
        mesh: Of the potential. Defaults to None: one is made.
        individually: If they are not the K lowest states, whether to find out by more counts which
            ones they are; else Weinstein's intervals are all.

    Raises:
        ValueError: If there are fewer functions than states.
        ArithmeticError: If V or rho is found not to be smooth between the breakpoints.
    """
    states = _check.integer("states", states, minimum=1)
    mesh = Mesh(potential, states) if mesh is None else mesh
    sampled, change = _refined(potential, functions, mesh, states)
    if sampled.psi.shape[1] < states:
        raise ValueError(
            f"`functions` must give at least {states} columns, one a state. "
            f"Received: {sampled.psi.shape[1]}. Ask for fewer states."
        )
    slack = change + _rounding(sampled.rayleigh_quotients[:states], mesh)
    lowest = _lowest_states(potential, sampled, states, slack)
    if lowest is not None:
        return lowest
    return _one_by_one(potential, sampled, states, slack, individually)


def _rounding(energies: Array, mesh: Mesh) -> Array:
    floor = mesh.scaling.energy_origin
    return np.asarray(ROUNDING * np.abs(energies - floor) + 1e-15 * np.abs(energies))


def _refined(
    potential: Potential, functions: Functions, mesh: Mesh, states: int
) -> tuple[NodeValues, Array]:
    """The functions on a quadrature that no longer matters, and how much it last did, ``(K,)``."""
    points, order = 600, 15
    coarse = _sample(potential, functions, mesh.quadrature(points, order))
    while True:
        points = 2 * points
        fine = _sample(potential, functions, mesh.quadrature(points, order))
        energies, before = (s.rayleigh_quotients[:states] for s in (fine, coarse))
        change = np.abs(energies - before)
        settled = np.abs(fine.residuals - coarse.residuals) <= 0.05 * fine.residuals
        if np.all(change <= _rounding(energies, mesh)) and settled[:states].all():
            return fine, change
        if points > 20_000:
            return fine, change
        coarse = fine


def _sample(potential: Potential, functions: Functions, rule: Quadrature) -> NodeValues:
    psi, h_psi = functions(rule.nodes)
    return NodeValues(psi, h_psi, rule.weights * potential.weight(rule.nodes))


def _lowest_states(
    potential: Potential, sampled: NodeValues, states: int, slack: Array
) -> Enclosure | None:
    """Ritz's upper and Lehmann's lower bounds of levels 0 to K - 1, if the count agrees."""
    ritz = sampled.ritz_values()
    for separation, below, lower in _separations(sampled, ritz, states):
        if count_below(potential, separation) == below:
            return Enclosure(
                lower=lower[:states] - slack,
                upper=ritz[:states] + slack,
                quantum_numbers=np.arange(states),
                residuals=sampled.residuals[:states],
            )
    return None


def _separations(
    sampled: NodeValues, ritz: Array, states: int
) -> Iterator[tuple[float, int, Array]]:
    """Numbers above at least K Ritz values with their lower bounds, the tightest first."""
    found = []
    for below in range(states, ritz.size):
        for share in (0.9, 0.5, 0.1):
            separation = float(ritz[below - 1] + share * (ritz[below] - ritz[below - 1]))
            lower = lehmann(sampled, separation)
            if lower.size == below:
                found.append(
                    (float(np.max(ritz[:states] - lower[:states])), separation, below, lower)
                )
    for _, separation, below, lower in sorted(found, key=lambda entry: entry[0])[:4]:
        yield separation, below, lower


def _one_by_one(
    potential: Potential, sampled: NodeValues, states: int, slack: Array, counted: bool
) -> Enclosure:
    """Weinstein's interval of each state, or Kato and Temple's where it holds just one level."""
    energies, residuals = sampled.rayleigh_quotients[:states], sampled.residuals[:states]
    bounds = [
        _isolated(potential, float(energy), float(residual), float(margin))
        if counted
        else (*weinstein(float(energy), float(residual)), UNPROVEN)
        for energy, residual, margin in zip(energies, residuals, slack, strict=True)
    ]
    lower, upper, numbers = zip(*bounds, strict=True)
    return Enclosure(
        lower=np.array(lower) - slack,
        upper=np.array(upper) + slack,
        quantum_numbers=np.array(numbers, np.intp),
        residuals=residuals,
    )


def _isolated(
    potential: Potential, energy: float, residual: float, margin: float
) -> tuple[float, float, int]:
    """The interval of one state, and its quantum number."""

    def only_level(radius: float) -> int:
        number = count_below(potential, energy - radius)
        return number if count_below(potential, energy + radius) - number == 1 else UNPROVEN

    number = only_level(residual + margin)
    if number == UNPROVEN:
        return *weinstein(energy, residual), UNPROVEN
    for radius in (residual * 10.0**n for n in (4, 3, 2, 1)):
        if only_level(radius) == number:
            bounds = kato_temple(energy, residual, energy - radius, energy + radius)
            return *bounds, number
    return *weinstein(energy, residual), number


def _pencil(left: Array, right: Array) -> Array:
    """Eigenvalues of left x = tau right x, increasing; empty if the functions are dependent.

    Functions nearer to dependence than this would give eigenvalues of rounding errors, and with
    them proofs of nothing.
    """
    length = np.sqrt(np.diag(right))
    if not np.all(length > 0.0):
        return np.zeros(0)
    scale = np.outer(length, length)
    if eigvalsh(right / scale)[0] < DEPENDENT:
        return np.zeros(0)
    return np.asarray(eigh(left / scale, right / scale, eigvals_only=True))
