"""Carrying: an initial state in a basis, from time to time, and by how much it may be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn.dynamics.absorber import Absorber
from qwpinn.dynamics.basis import Basis, Sampled, size
from qwpinn.dynamics.doubts import Doubts
from qwpinn.dynamics.drive import Drive
from qwpinn.dynamics.evolution import Absorbed, Driven, Evolution
from qwpinn.dynamics.initial import Initial
from qwpinn.dynamics.magnus import Propagator, Step

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Of the tolerance: what the integrator may take.
OWN = 0.1
# The most that <psi_j, psi_k> may be from the identity.
ORTHONORMAL = 1e-6


@dataclass(frozen=True)
class Journey:
    """What is to be carried, and how far.

    Attributes:
        initial: psi0: a function, or coefficients of the lowest states.
        times: Increasing, from 0 on, ``(T,)``.
        tol: The error that is asked for.
        drive: f(t) W(x). Defaults to None.
        absorbing: Widths of the ends that absorb. Defaults to None.
    """

    initial: Initial | Complex
    times: Array
    tol: float
    drive: Drive | None = None
    absorbing: tuple[float, float] | None = None

    def begun(self, basis: Basis) -> tuple[Complex, float, float]:
        """c(0) of norm 1, the norm of psi0, and the share of it that is in no state."""
        count = basis.energies.size
        if not isinstance(self.initial, Initial):
            given = np.zeros(count, np.complex128)
            given[: self.initial.size] = self.initial
            norm = float(np.linalg.norm(given))
            return given / norm, norm, 0.0
        here, there = (self.initial.normal(r.positions) for r in (basis.first, basis.second))
        norm = float(basis.first.norm(here))
        here, there = here / norm, there / norm
        coefficients = basis.projected(here)
        return coefficients, norm, basis.left_over((here, there), coefficients)

    def carried(self, basis: Basis, seconds: float = 0.0) -> tuple[Evolution, float]:
        """The evolution, and how much of its error is for want of states.

        Raises:
            ValueError: If the states are not orthonormal.
        """
        _refuse_skew(basis)
        coefficients, norm, tail = self.begun(basis)
        hbar = basis.solution.potential.hbar
        doubts = Doubts.of(basis, tail, hbar)
        driven = absorbed = None
        if self.drive is None and self.absorbing is None:
            moved = coefficients * np.exp(-1j * self.times[:, None] / hbar * basis.energies)
            errors, lacking = doubts.at_rest(coefficients, self.times), tail
        else:
            way = _Way.of(self, basis, coefficients)
            followed = way.followed(coefficients, self.times, doubts, self.tol)
            moved, absorbed, driven = followed.coefficients, followed.absorbed, followed.driven
            errors, lacking = followed.errors, tail + followed.leaked
        found = Evolution(
            basis.solution, self.times, coefficients, moved, norm, errors, self.tol, doubts,
            driven, absorbed, seconds,
        )  # fmt: skip
        return found, lacking


class Followed(NamedTuple):
    """What became of c where states mix."""

    coefficients: Complex
    errors: Array
    leaked: float
    driven: Driven | None
    absorbed: Absorbed | None


class _Way(NamedTuple):
    """What mixes the states: a drive, an absorber, or both."""

    propagator: Propagator
    leak: Array
    drive: Drive | None
    absorber: Absorber | None

    @classmethod
    def of(cls, journey: Journey, basis: Basis, coefficients: Complex) -> _Way:
        hbar, count = basis.solution.potential.hbar, basis.energies.size
        drive, absorber = journey.drive, None
        longest, coupling = np.inf, np.zeros((count, count))
        leak = np.zeros((2, count, count))
        if journey.absorbing is not None:
            absorber = Absorber.of(basis, journey.absorbing, coefficients)
            longest = absorber.longest
        if drive is not None:
            coupling, leak = coupled(basis, drive)
            longest = min(longest, drive.longest_step(float(journey.times[-1])))
        absorption = None if absorber is None else np.sum(absorber.matrices, axis=0)
        strength = (lambda t: 0.0) if drive is None else drive.strength
        propagator = Propagator(basis.energies, coupling, strength, hbar, absorption, longest)
        return cls(propagator, leak, drive, absorber)

    def followed(self, start: Complex, times: Array, doubts: Doubts, tol: float) -> Followed:
        """C at the times, and what bounds its error."""
        ends = np.union1d(times, [0.0])
        rate = OWN * tol / max(float(ends[-1]), 1e-300)
        state, sums = start, np.zeros(3)
        taken = np.zeros((2, 2))
        rows = {0.0: (state, sums, taken)}
        for step in self.propagator.steps(start, ends, rate):
            state = step.states[2]
            sums = sums + self._added(step, doubts)
            if self.absorber is not None:
                taken = taken + self.absorber.passed(step)
            rows[step.end] = (state, sums, taken)
        chosen = [rows[t] for t in times.tolist()]
        moved, added, lost = (np.array(column) for column in zip(*chosen, strict=True))
        sizes = np.abs(start)
        errors = (
            doubts.tail + doubts.of_states(start, moved) + np.sum(added, axis=1)
            + doubts.rounding(sizes, times)
        )  # fmt: skip
        absorbed = driven = None
        if self.absorber is not None:
            absorbed, errors = Absorbed(lost[:, 0], lost[:, 1]), np.full_like(errors, np.inf)
        if self.drive is not None:
            strengths = np.array([self.drive.strength(t) for t in times.tolist()])
            driven = Driven(self.propagator.coupling, strengths)
        return Followed(moved, errors, float(added[-1, 1]), driven, absorbed)

    def _added(self, step: Step, doubts: Doubts) -> Array:
        """What a step adds to the bound: of the states, of the drive, of the integrator: ``(3,)``.

        Of norms that hardly change in a step, the largest of three.
        """
        states, strongest = np.array(step.states), 0.0
        if self.drive is not None:
            ends = [self.drive.strength(t) for t in (step.start, step.end)]
            strongest = float(np.max(np.abs([*step.strengths, *ends])))
        of_states = float(np.max(size(doubts.defects, states)))
        leaked = strongest * float(np.max(size(self.leak, states)))
        return np.array([of_states * step.length, leaked * step.length, step.error])


def coupled(basis: Basis, drive: Drive) -> tuple[Array, Array]:
    """W between the states, ``(K, K)``, and what it takes out of them, over hbar.

    The second is of the functions W phi_k - sum_j phi_j W_jk, as `Basis.factors`.
    """
    matrix = basis.first.elements(drive.coupling(basis.first.positions))

    def lost(rule: Sampled) -> Array:
        return drive.coupling(rule.positions)[:, None] * rule.phi - rule.phi @ matrix

    return matrix, basis.factors(lost) / basis.solution.potential.hbar


def _refuse_skew(basis: Basis) -> None:
    """Refuses states that are not orthonormal: their phases alone would not keep the norm."""
    skew = float(np.max(np.abs(basis.overlaps - np.eye(basis.energies.size))))
    if skew > ORTHONORMAL:
        raise ValueError(
            "`well` must have orthonormal states, where it is a solution. Received: overlaps up to "
            f"{skew:.1e} from the identity. Call `solution.model.diagonalise()` and certify it "
            "anew, or give the potential."
        )
