"""Quasi-energies: what a drive of one period makes of the levels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from qwpinn.dynamics.basis import Basis, size
from qwpinn.dynamics.drive import LOOKED, Drive
from qwpinn.dynamics.evolving import checked_well
from qwpinn.dynamics.leakage import Leakage
from qwpinn.dynamics.magnus import Propagator
from qwpinn.equation.potential import Potential
from qwpinn.inputs import check, limits
from qwpinn.sheets.screen import Grid, Line, Row, Sheet, Shown, with_unit
from qwpinn.solving.solution import Solution
from qwpinn.solving.solver import solve
from qwpinn.training.squares import one_thread

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Of a period, at most: what may differ of f one period later, in units of its size.
PERIODIC = 1e-6
RTOL = 1e-9


@dataclass(frozen=True, repr=False, eq=False)
class Floquet(Shown):
    r"""The modes of a drive of period T, from `qwpinn.floquet`.

    psi_a(t) = exp(-i eps_a t / hbar) u_a(t), u_a(t + T) = u_a(t). eps is known up to multiples of
    2 pi hbar / T; here it is in (-pi hbar / T, pi hbar / T]. Each mode is named after the state of
    the well that it is most alike, no two after the same.

    Attributes:
        solution: The states of the well at rest.
        drive: What drives it.
        period: T.
        quasienergies: eps of the mode named after each state, ``(K,)``.
        modes: Column a: the coefficients of u_a at t = 0 in the states, orthonormal ``(K, K)``.
        tol: The error of the integrator that was asked for.
    """

    solution: Solution
    drive: Drive
    period: float
    quasienergies: Array
    modes: Complex
    tol: float

    def __repr__(self) -> str:
        well = f"{self.solution.potential!r:.80}"
        return f"Floquet({well}, period={self.period:g}, states={self.quasienergies.size})"

    @property
    def zone(self) -> float:
        """2 pi hbar / T, the energy of a photon: the width of the zone."""
        return float(2.0 * np.pi * self.solution.potential.hbar / self.period)

    @property
    def overlaps(self) -> Array:
        """|<psi_k, u_k>|^2 of each mode and the state it is named after, ``(K,)``."""
        return np.asarray(np.abs(np.diagonal(self.modes)) ** 2)

    @cached_property
    def errors(self) -> Array:
        """Upper bounds of ||psi_a(T) - exact|| for mode a after one period, ``(K,)``.

        As `qwpinn.dynamics.doubts` has it; as long to compute as the modes. Large for those of the
        highest states, which the drive takes out of the K. Over 2 pi, and in units of the zone,
        this is about what eps may be wrong by.
        """
        with one_thread():
            return self._errors()

    def _errors(self) -> Array:
        basis = Basis.of(self.solution)
        propagator, leakage = _propagator(self.solution, self.drive, self.period)
        defects = basis.factors(lambda rule: rule.defect) / propagator.hbar
        lost, leaked = np.zeros(self.quasienergies.size), np.zeros((2, self.quasienergies.size))
        times, rate = np.array([0.0, self.period]), self.tol / self.period
        for step in propagator.steps(self.modes, times, rate):
            rows = np.moveaxis(np.array(step.states), 1, -1)
            lost = lost + step.length * np.max(size(defects, rows), axis=0) + step.error
            leaked = leaked + leakage.added(step)
        apart = basis.factors(lambda rule: rule.psi - rule.phi)
        at_end = leakage.at_end(self.drive.strength(0.0), self.modes.T)
        least = np.minimum(leaked[0], leaked[1] + 2.0 * at_end)
        return np.asarray(2.0 * size(apart, self.modes.T) + lost + least)

    def gap(self, i: int = 0, j: int = 1) -> float:
        """eps_j - eps_i, folded to the zone about 0, as of a doublet that a drive may close."""
        count = self.quasienergies.size
        for name, state in (("i", i), ("j", j)):
            limits.at_most(name, check.integer(name, state, minimum=0), count - 1)
        apart = float(self.quasienergies[j] - self.quasienergies[i])
        return _folded(apart, self.zone)

    def wavefunctions(self, x: ArrayLike) -> Complex:
        """u_a(x) at t = 0, complex, ``(n, K)``."""
        return np.asarray(self.solution.wavefunctions(np.ravel(x)) @ self.modes)

    def sheet(self) -> Sheet:
        """A row a mode."""
        well = self.solution.potential
        columns = ("state", with_unit("quasi-energy", well.energy_unit), "overlap", "error")
        rows = [
            Row((str(k), f"{energy:.10g}", f"{overlap:.4f}", f"{error:.1e}"))
            for k, (energy, overlap, error) in enumerate(
                zip(self.quasienergies, self.overlaps, self.errors, strict=True)
            )
        ]
        time = f" {well.time_unit}".rstrip()
        text = (
            f"Modulo {self.zone:.10g}, the drive's period is {self.period:.10g}{time}.",
            "overlap: of the mode at t = 0 with the state. error: of psi after one period.",
        )
        return Sheet((Grid(columns, rows), *(Line(line, "dim") for line in text)))


@one_thread()
def floquet(
    well: Potential | Solution,
    drive: tuple[object, object],
    period: float | None = None,
    states: int = 24,
    tol: float = 1e-8,
    seed: int = 0,
) -> Floquet:
    r"""Quasi-energies and modes of H + f(t) W with f(t + T) = f(t), in K states of H.

    The eigenvalues of the propagator over one period are exp(-i eps T / hbar).

    Args:
        well: The well; or its `Solution`, whose states are used: of many drives, solve once.
        drive: As for `qwpinn.evolve`.
        period: T. Defaults to None: that of a `qwpinn.Pulse` without envelope.
        states: K; of a `Solution` all of its. Defaults to 24.
        tol: The error of the integrator over the period. Defaults to 1e-8.
        seed: Of every random number.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If there is no period, or f has another one.
        ArithmeticError: If the drive needs too many steps.

    Example:
        >>> import qwpinn
        >>> driven = floquet(qwpinn.Harmonic(), ("x", qwpinn.Pulse(0.5, 1.5)), states=12)
        >>> print(round(driven.gap(0, 1), 6), round(driven.zone, 6))  # the level spacing 2, folded
        0.5 1.5

    Reference:
        M. Grifoni, P. Haenggi, Phys. Rep. 304 (1998) 229, doi:10.1016/S0370-1573(98)00022-2
    """
    solution = well if isinstance(well, Solution) else None
    potential = checked_well(well if solution is None else solution.potential)
    driving = Drive.of(drive, potential)
    length = _period(drive[1], driving, period)
    tolerance = check.positive("tol", tol, "tolerance")
    if solution is None:
        solution = solve(potential, states, rtol=RTOL, seed=seed)
    propagator, _ = _propagator(solution, driving, length)
    moved = np.eye(solution.energies.size, dtype=np.complex128)
    for step in propagator.steps(moved, np.array([0.0, length]), tolerance / length):
        moved = step.states[2]
    energies, modes = _eigenmodes(moved, length, potential.hbar)
    return Floquet(solution, driving, length, energies, modes, tolerance)


def _propagator(solution: Solution, drive: Drive, period: float) -> tuple[Propagator, Leakage]:
    """That of a driven well, and what the drive takes out of the states."""
    basis, hbar = Basis.of(solution), solution.potential.hbar
    leakage, looked = Leakage.of(basis, drive), drive.looked(period)
    made = Propagator(basis.energies, leakage.coupling, drive.strength, hbar, looked=looked)
    return made, leakage


def _eigenmodes(propagator: Complex, period: float, hbar: float) -> tuple[Array, Complex]:
    """Quasi-energies and orthonormal modes, in the order of the states that they are most alike."""
    # Of a unitary matrix the triangle is diagonal, and its vectors are orthonormal.
    triangle, vectors = scipy.linalg.schur(propagator, output="complex")
    overlaps = np.abs(vectors) ** 2
    _, chosen = scipy.optimize.linear_sum_assignment(-overlaps)
    vectors = vectors[:, chosen]
    energies = -np.angle(np.diagonal(triangle)[chosen]) * hbar / period
    phases = np.exp(-1j * np.angle(np.diagonal(vectors)))
    return np.asarray(energies), np.asarray(vectors * phases)


def _period(strength: object, drive: Drive, period: float | None) -> float:
    """T, refused if f has another one.

    Raises:
        TypeError: If it is no real number.
        ValueError: If it is not positive, none is given, or f has another one.
    """
    if period is None:
        alone = getattr(strength, "envelope", strength) is None
        known = getattr(strength, "period", np.inf) if alone else np.inf
        if not np.isfinite(known):
            raise ValueError(
                "`period` must be given for a drive that does not say its own. Received: "
                f"{strength!r:.60}. Give period=2 * np.pi / frequency."
            )
        return float(known)
    length = check.positive("period", period, "time")
    at = np.linspace(0.0, length, LOOKED // 16, endpoint=False)
    f = np.array([[drive.strength(t), drive.strength(t + length)] for t in at.tolist()])
    size = float(np.max(np.abs(f)))
    if float(np.max(np.abs(f[:, 0] - f[:, 1]))) > PERIODIC * size:
        worst = int(np.argmax(np.abs(f[:, 0] - f[:, 1])))
        now, then = f[worst].tolist()
        raise ValueError(
            "`period` must be one of the drive, f(t + T) = f(t). Received: "
            f"period={length:g}, with f({at[worst]:g}) = {now:g} and f({at[worst] + length:g}) = "
            f"{then:g}. Give 2 pi over its frequency."
        )
    return length


def _folded(energy: float, zone: float) -> float:
    """An energy in the zone about 0."""
    return float((energy + 0.5 * zone) % zone - 0.5 * zone)
