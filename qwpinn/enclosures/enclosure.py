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
which knows nothing of the trial functions. How far psi is from the exact state follows from the
residuals and the enclosures (`qwpinn.enclosures.angles`).

What is proven, and what not: the inequalities are theorems, but they are evaluated in floating
point. All integrals come from two quadratures with unrelated panels (`integrals`); the
difference of their bounds, and 1e-12 of E - min V for rounding, are added to either side, and of a
state for which the two do not agree to rounding nothing is claimed. No interval arithmetic is done.
V and rho are known from values alone: jumps and kinks are searched for and refused
(`qwpinn.equation.smoothness`), but what happens between two neighbours of 4096 points and leaves
no trace in them is seen by neither quadrature nor count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigvalsh

from qwpinn.enclosures import angles
from qwpinn.enclosures.angles import Levels
from qwpinn.enclosures.integrals import Functions, Integrals, NodeValues, integrals, rounding
from qwpinn.equation.counting import count_below
from qwpinn.equation.mesh import Mesh
from qwpinn.equation.potential import Potential
from qwpinn.inputs import check
from qwpinn.inputs.frozen import set_fields
from qwpinn.sheets.screen import Sheet, Shown
from qwpinn.sheets.states import enclosure_sheet

Array = NDArray[np.float64]

UNPROVEN = -1
# Sines of angles from which on parity, which takes another evaluation, may tell more.
PARITY_MATTERS = 1e-3


@dataclass(frozen=True)
class Enclosure(Shown):
    """What is known of K states, in the potential's unit of energy; all of shape ``(K,)``.

    Of the members of a family, a row a member.

    Attributes:
        lower: Lower bounds of the exact levels.
        upper: Upper bounds.
        quantum_numbers: Which level each interval holds, 0 the ground state; -1 where that is not
            proven, and then the interval holds some level.
        residuals: eta.
        separation: A number that the level after the last of them is proven not to lie below;
            minus infinity where nothing is.
        state_errors: Bounds of ||psi_k - u_k|| for the exact state u_k, in the norm with weight
            rho, signs matched. Defaults to None: nothing is known, 2^(1/2).
        kinetic: <p^2> of the states, an energy. Defaults to None: not a number.
    """

    lower: Array
    upper: Array
    quantum_numbers: NDArray[np.intp]
    residuals: Array
    separation: float | Array = -np.inf
    state_errors: Array = None  # type: ignore[assignment]  # never None in the end
    kinetic: Array = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        for name, unknown in (("state_errors", np.sqrt(2.0)), ("kinetic", np.nan)):
            if getattr(self, name) is None:
                set_fields(self, **{name: np.full_like(self.lower, unknown)})

    def __setstate__(self, state: dict[str, Array]) -> None:
        # One that was pickled by an earlier version lacks what has come since.
        self.__init__(**state)  # type: ignore[misc]

    def sheet(self) -> Sheet:
        """A row a level with its bounds."""
        return enclosure_sheet(self)

    @property
    def widths(self) -> Array:
        """Upper - lower."""
        return np.asarray(self.upper - self.lower)

    def measure(self, floor: float) -> Array:
        """What widths are relative to: E - min V, at the lower end of what is allowed for E.

        Where that is no positive number, the kinetic energy; not a number if that is none either.

        Args:
            floor: min V.
        """
        above = self.lower - floor
        kinetic = np.where(self.kinetic > 0.0, self.kinetic, np.nan)
        return np.where(np.isfinite(above) & (above > 0.0), above, kinetic)

    def shares(self, floor: float) -> Array:
        """The widths in units of `measure`, of whatever level; not a number without a measure."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.widths / self.measure(floor))

    def relative_widths(self, floor: float) -> Array:
        """The `shares`, infinite of a state that is not the k-th level.

        Args:
            floor: min V.

        Example:
            >>> one = Enclosure(np.array([1.0]), np.array([1.5]), np.array([0]), np.array([0.1]))
            >>> one.relative_widths(floor=-1.0)
            array([0.25])
        """
        proven = self.quantum_numbers == np.arange(self.lower.size)
        return np.where(proven, np.nan_to_num(self.shares(floor), nan=np.inf), np.inf)

    def relative_width(self, floor: float) -> float:
        """The largest of `relative_widths`."""
        return float(np.max(self.relative_widths(floor)))


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
    lowest of as many eigenvalues next below mu. Between Ritz vectors of values lambda, A is the
    diagonal of d = lambda - mu, and B that of d^2 plus the products of the residuals, which are
    orthogonal to the vectors: divided by d on either side, the bounds are as good as these
    products, where B itself would cost half of all digits.

    Args:
        sampled: The functions.
        separation: mu.

    Returns:
        As many as there are Ritz values below mu; empty if the functions are dependent.

    Reference:
        N. J. Lehmann, Z. Angew. Math. Mech. 29, 341 (1949), doi:10.1002/zamm.19490291105
    """
    ritz = sampled.ritz_values()
    apart = ritz - separation
    if not (ritz.size and apart.all()):
        return np.zeros(0)
    gram = sampled.ritz_defects / np.outer(apart, apart)
    tau = eigvalsh(np.diag(1.0 / apart), np.eye(ritz.size) + gram)
    bounds = np.sort(separation + 1.0 / tau[tau < 0.0])
    return np.asarray(np.minimum(bounds, ritz[: bounds.size]))


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
    states = check.integer("states", states, minimum=1)
    mesh = Mesh(potential, states) if mesh is None else mesh
    found = integrals(potential, functions, mesh, states)
    enclosure = _lowest_states(potential, functions, found, states)
    if enclosure is None:
        enclosure = _one_by_one(potential, found, states, individually)
    settled, energies = found.settled, found.first.rayleigh_quotients[:states]
    # Nothing is claimed that rests on integrals that have not settled.
    return replace(
        enclosure,
        kinetic=energies - found.first.means(potential(found.nodes))[:states],
        lower=np.where(settled, enclosure.lower, -np.inf),
        upper=np.where(settled, enclosure.upper, np.inf),
        quantum_numbers=np.where(settled, enclosure.quantum_numbers, UNPROVEN),
        state_errors=np.where(settled, enclosure.state_errors, np.sqrt(2.0)),
    )


def _lowest_states(
    potential: Potential, functions: Functions, found: Integrals, states: int
) -> Enclosure | None:
    """Ritz's upper and Lehmann's lower bounds of levels 0 to K - 1, if the count agrees."""
    (ritz, vectors), (others, _) = found.first.ritz, found.second.ritz
    if ritz.size != others.size:
        return None
    for separation, below in _separations(found.first, ritz, states):
        bounds = [lehmann(rule, separation) for rule in (found.first, found.second)]
        if bounds[1].size != below or count_below(potential, separation) != below:
            continue
        slack = rounding(ritz[:below], potential.minimum) + np.abs(ritz - others)[:below]
        slack[:states] = np.maximum(slack[:states], found.slack)
        levels = Levels(
            lower=np.minimum(*bounds) - np.abs(bounds[0] - bounds[1]) - slack,
            upper=ritz[:below] + slack,
            quotients=ritz[:below],
            residuals=found.first.combined(vectors[:, :below]).residuals,
            slack=slack,
            separation=separation,
        )
        own = found.first.combined(np.eye(ritz.size)[:, :states])
        sines = angles.sines(own, found.first.combined(vectors[:, :states]), levels)
        if potential.even and np.max(sines) > PARITY_MATTERS:
            a, b = potential.interval
            mirrored = functions(a + b - found.nodes)[0][:, :states]
            sines = np.minimum(sines, angles.sines_by_parity(own, mirrored, levels))
        return Enclosure(
            lower=levels.lower[:states],
            upper=levels.upper[:states],
            quantum_numbers=np.arange(states),
            residuals=own.residuals,
            separation=float(levels.lower[states]) if below > states else separation,
            state_errors=angles.distance(sines, own.norms),
        )
    return None


def _separations(sampled: NodeValues, ritz: Array, states: int) -> Iterator[tuple[float, int]]:
    """Numbers above at least K Ritz values, and how many; that of the tightest bounds first."""
    found = []
    for below in range(states, ritz.size):
        for share in (0.9, 0.5, 0.1):
            separation = float(ritz[below - 1] + share * (ritz[below] - ritz[below - 1]))
            lower = lehmann(sampled, separation)
            if lower.size == below:
                found.append((float(np.max(ritz[:states] - lower[:states])), separation, below))
    for _, separation, below in sorted(found)[:4]:
        yield separation, below


def _one_by_one(potential: Potential, found: Integrals, states: int, counted: bool) -> Enclosure:
    """Weinstein's interval of each state, or Kato and Temple's where it holds just one level."""
    energies, residuals = (
        values[:states] for values in (found.first.rayleigh_quotients, found.first.residuals)
    )
    each = [
        _isolated(potential, float(energy), float(residual), float(margin))
        if counted
        else Isolated(*weinstein(float(energy), float(residual)), UNPROVEN, 0.0)
        for energy, residual, margin in zip(energies, residuals, found.slack, strict=True)
    ]
    lower, upper, numbers, radii = (np.array(column) for column in zip(*each, strict=True))
    sines = angles.sine(residuals, radii)
    return Enclosure(
        lower=lower - found.slack,
        upper=upper + found.slack,
        quantum_numbers=numbers.astype(np.intp),
        residuals=residuals,
        state_errors=angles.distance(sines, found.first.norms[:states]),
    )


class Isolated(NamedTuple):
    """The interval of one state, its quantum number, and how far the next levels are at least."""

    lower: float
    upper: float
    number: int
    radius: float


def _isolated(potential: Potential, energy: float, residual: float, margin: float) -> Isolated:
    """What counts of levels say of one state."""

    def only_level(radius: float) -> int:
        number = count_below(potential, energy - radius)
        return number if count_below(potential, energy + radius) - number == 1 else UNPROVEN

    number = only_level(residual + margin)
    if number == UNPROVEN:
        return Isolated(*weinstein(energy, residual), UNPROVEN, 0.0)
    for radius in ((residual + margin) * 10.0**n for n in (4, 3, 2, 1)):
        if only_level(radius) == number:
            bounds = kato_temple(energy, residual, energy - radius, energy + radius)
            return Isolated(*bounds, number, radius)
    return Isolated(*weinstein(energy, residual), number, residual)
