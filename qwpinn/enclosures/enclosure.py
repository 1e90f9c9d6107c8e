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
in the plane bounded from above by `qwpinn.equation.plane_counting`, where as many Ritz values below
mu bound it from below; neither knows the trial functions. How far psi is from the exact state
follows from the residuals and the enclosures (`qwpinn.enclosures.angles`).

What is proven, and what not: the inequalities are theorems, but they are evaluated in floating
point. All integrals come from two quadratures with unrelated panels (`integrals`); the
difference of their bounds, 1e-12 of E - min V for rounding, and what rounding of psi itself may do
(`qwpinn.enclosures.integrals.noise`), are added to either side, and of a state for which the two
do not agree to rounding nothing is claimed. No interval arithmetic is done. V and rho are known
from values alone: jumps and kinks are searched for and refused (`qwpinn.equation.smoothness`), but
what happens between two neighbours of 4096 points, in the plane of 1025 x 1025, and leaves no trace
in them is seen by neither quadrature nor count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn.enclosures import angles
from qwpinn.enclosures.angles import Levels
from qwpinn.enclosures.integrals import Functions, Integrals, integrals, rounding
from qwpinn.enclosures.theorems import kato_temple, lehmann, separations, weinstein
from qwpinn.equation.geometry import AnyMesh, AnyWell, mesh_of
from qwpinn.inputs import check
from qwpinn.inputs.frozen import set_fields
from qwpinn.sheets.screen import Grid, Line, Row, Sheet, Shown

Array = NDArray[np.float64]

UNPROVEN = -1
# Sines of angles from which on parity, which takes another evaluation, may tell more.
PARITY_MATTERS = 1e-3
# What there is of every state.
COLUMNS = ("lower", "upper", "quantum_numbers", "residuals", "state_errors", "kinetic")
# Members of a family of which the enclosures are listed.
LISTED = 20


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
        lowest: Which level the first state is asked to be, the others those above. Defaults to 0.
    """

    lower: Array
    upper: Array
    quantum_numbers: NDArray[np.intp]
    residuals: Array
    separation: float | Array = -np.inf
    state_errors: Array = None  # type: ignore[assignment]  # never None in the end
    kinetic: Array = None  # type: ignore[assignment]
    lowest: int = 0

    def __post_init__(self) -> None:
        for name, unknown in (("state_errors", np.sqrt(2.0)), ("kinetic", np.nan)):
            if getattr(self, name) is None:
                set_fields(self, **{name: np.full_like(self.lower, unknown)})

    def __setstate__(self, state: dict[str, Array]) -> None:
        # One that was pickled by an earlier version lacks what has come since.
        self.__init__(**state)  # type: ignore[misc]

    def sheet(self) -> Sheet:
        """A row a level with its bounds; of a family, those of its first members."""
        family = self.lower.ndim > 1
        columns = ("lower", "upper", "width", "level", "residual", "error\nof psi")
        rows = []
        for index in np.ndindex(*self.lower.shape):
            if family and index[0] >= LISTED:
                break
            number = int(self.quantum_numbers[index])
            cells = (
                *map(str, index if family else self.numbers[list(index)]),
                *(f"{bounds[index]:.12g}" for bounds in (self.lower, self.upper)),
                f"{self.widths[index]:.1e}",
                level_name(number),
                *(f"{x[index]:.1e}" for x in (self.residuals, self.state_errors)),
            )
            rows.append(Row(cells))
        left = len(self.lower) - LISTED if family else 0
        more = [Line(f"and those of {left} more members", "dim")] if left > 0 else []
        legend = (
            "The exact level lies between lower and upper; level: which one is proven to.",
            "residual: ||H psi - E psi||. All energies are in the unit of the potential.",
        )
        table = Grid(
            (*(["member"] if family else []), "state", *columns), rows, padding=0 if family else 1
        )
        return Sheet((table, *more, *(Line(text, "dim") for text in legend)))

    @property
    def numbers(self) -> NDArray[np.intp]:
        """Which level each state is asked to be, ``(K,)``."""
        return self.lowest + np.arange(self.lower.shape[-1])

    @classmethod
    def of_members(cls, each: Sequence[Enclosure]) -> Enclosure:
        """Those of the members of a family as one, a row a member."""
        names = (*COLUMNS, "separation")
        found = {name: np.stack([getattr(one, name) for one in each]) for name in names}
        return replace(each[0], **found)  # type: ignore[arg-type]

    def above(self, lowest: int) -> Enclosure:
        """That of the states from this one on, which are asked to be these levels."""
        kept = {name: getattr(self, name)[lowest:] for name in COLUMNS}
        return replace(self, lowest=self.lowest + lowest, **kept)

    def reordered(self, order: NDArray[np.intp]) -> Enclosure:
        """The same of states in another order, which are asked to be the levels 0, 1, ... then."""
        if np.array_equal(order, np.arange(order.size)):
            return self
        return replace(self, **{name: getattr(self, name)[order] for name in COLUMNS})

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
        """The `shares`, infinite of a state that is not the level of its number.

        Args:
            floor: min V.

        Example:
            >>> one = Enclosure(np.array([1.0]), np.array([1.5]), np.array([0]), np.array([0.1]))
            >>> one.relative_widths(floor=-1.0)
            array([0.25])
        """
        proven = self.quantum_numbers == self.numbers
        return np.where(proven, np.nan_to_num(self.shares(floor), nan=np.inf), np.inf)

    def relative_width(self, floor: float) -> float:
        """The largest of `relative_widths`."""
        return float(np.max(self.relative_widths(floor)))


def level_name(number: int) -> str:
    """A quantum number as tables have it: unproven ones are negative."""
    return "?" if number < 0 else str(number)


def enclose(
    potential: AnyWell,
    functions: Functions,
    states: int,
    mesh: AnyMesh | None = None,
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
    mesh = mesh_of(potential, states) if mesh is None else mesh
    found = integrals(potential, functions, mesh, states)
    enclosure = _lowest_states(functions, found, mesh, states)
    if enclosure is None:
        enclosure = _one_by_one(found, mesh, states, individually and mesh.exact)
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
    functions: Functions, found: Integrals, mesh: AnyMesh, states: int
) -> Enclosure | None:
    """Ritz's upper and Lehmann's lower bounds of levels 0 to K - 1, if the count agrees."""
    potential, (ritz, vectors), (others, _) = mesh.potential, found.first.ritz, found.second.ritz
    if ritz.size != others.size:
        return None
    least = mesh.resolution, potential.minimum
    for separation, below, lower in separations(found.first, ritz, states, *least):
        bounds = lower, lehmann(found.second, separation)
        if bounds[1].size != below or mesh.count_below(separation, below) != below:
            continue
        slack = rounding(ritz[:below], potential.minimum) + np.abs(ritz - others)[:below]
        slack += found.noise[:below]
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


def _one_by_one(found: Integrals, mesh: AnyMesh, states: int, counted: bool) -> Enclosure:
    """Weinstein's interval of each state, or Kato and Temple's where it holds just one level."""
    energies, residuals = (
        values[:states] for values in (found.first.rayleigh_quotients, found.first.residuals)
    )
    each = [
        _isolated(mesh, float(energy), float(residual), float(margin))
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


def _isolated(mesh: AnyMesh, energy: float, residual: float, margin: float) -> Isolated:
    """What counts of levels say of one state."""

    def only_level(radius: float) -> int:
        number = mesh.count_below(energy - radius)
        return number if mesh.count_below(energy + radius) - number == 1 else UNPROVEN

    number = only_level(residual + margin)
    if number == UNPROVEN:
        return Isolated(*weinstein(energy, residual), UNPROVEN, 0.0)
    for radius in ((residual + margin) * 10.0**n for n in (4, 3, 2, 1)):
        if only_level(radius) == number:
            bounds = kato_temple(energy, residual, energy - radius, energy + radius)
            return Isolated(*bounds, number, radius)
    return Isolated(*weinstein(energy, residual), number, residual)
