"""Carrying: an initial state in a basis, from time to time, and by how much it may be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn.dynamics.absorber import Absorber
from qwpinn.dynamics.basis import Basis, size
from qwpinn.dynamics.doubts import Doubts
from qwpinn.dynamics.drive import Drive
from qwpinn.dynamics.evolution import Absorbed, Driven, Evolution
from qwpinn.dynamics.initial import Initial
from qwpinn.dynamics.leakage import Leakage
from qwpinn.dynamics.magnus import Propagator, Step
from qwpinn.training.squares import one_thread

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

    @property
    def still(self) -> bool:
        """Whether the states do not mix on the way."""
        return self.drive is None and self.absorbing is None

    def begun(self, basis: Basis) -> tuple[Complex, float, float]:
        """c(0) of norm 1, the norm of psi0, and the share of it that is in no state."""
        count = basis.energies.size
        if not isinstance(self.initial, Initial):
            given = np.zeros(count, np.complex128)
            given[: self.initial.size] = self.initial
            with np.errstate(over="ignore"):
                norm = _held(float(np.linalg.norm(given)))
            return given / norm, norm, 0.0
        initial, here = self.initial, self.initial.normal(basis.first.positions)
        with np.errstate(over="ignore"):
            norm = _held(float(basis.first.norm(here)))
        coefficients = basis.projected(here / norm)
        left = basis.left_over(lambda z: initial.normal(z) / norm, coefficients)
        return coefficients, norm, left

    @one_thread()
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
        if self.still:
            moved = doubts.moved(coefficients, self.times)
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
    drive: Drive | None
    leakage: Leakage | None
    absorber: Absorber | None

    @classmethod
    def of(cls, journey: Journey, basis: Basis, coefficients: Complex) -> _Way:
        hbar, count = basis.solution.potential.hbar, basis.energies.size
        drive, leakage, absorber = journey.drive, None, None
        longest, coupling = np.inf, np.zeros((count, count))
        looked = np.zeros(0), np.zeros(0)
        if journey.absorbing is not None:
            absorber = Absorber.of(basis, journey.absorbing, coefficients)
            longest = absorber.longest
        if drive is not None:
            leakage = Leakage.of(basis, drive)
            coupling = leakage.coupling
            looked = drive.looked(float(journey.times[-1]))
        absorption = None if absorber is None else np.sum(absorber.matrices, axis=0)
        strength = (lambda t: 0.0) if drive is None else drive.strength
        propagator = Propagator(
            basis.energies, coupling, strength, hbar, absorption, longest, looked
        )
        return cls(propagator, drive, leakage, absorber)

    def followed(self, start: Complex, times: Array, doubts: Doubts, tol: float) -> Followed:
        """C at the times, and what bounds its error."""
        ends = np.union1d(times, [0.0])
        rate = OWN * tol / max(float(ends[-1]), 1e-300)
        state, sums, taken = start, np.zeros(4), np.zeros(2)
        waves, peak = np.zeros(1, np.complex128), abs(self.propagator.strength(0.0))
        rows = {0.0: (state, sums, taken, peak)}
        for step in self.propagator.steps(start, ends, rate):
            state = step.states[2]
            sums = sums + self._added(step, doubts)
            if self.absorber is not None:
                taken = taken + self.absorber.taken(step)
                waves = waves + self.absorber.seen(step)
            peak = max(peak, float(np.max(np.abs(step.strengths))))
            rows[step.end] = (state, sums, taken, peak)
        chosen = [rows[t] for t in times.tolist()]
        moved, added, lost, peaks = (np.array(column) for column in zip(*chosen, strict=True))
        leaked, driven = self._leaked(start, moved, times, added[:, 2:], peaks)
        errors = (
            doubts.tail + doubts.of_states(start, moved) + added[:, 0] + added[:, 1] + leaked
            + doubts.rounding(np.abs(start), times)
        )  # fmt: skip
        errors, absorbed = np.maximum.accumulate(errors), None
        if self.absorber is not None:
            absorbed = Absorbed(lost, self.absorber.returned(waves))
            errors = np.full_like(errors, np.inf)
        return Followed(moved, errors, float(np.max(leaked)), driven, absorbed)

    def _added(self, step: Step, doubts: Doubts) -> Array:
        """What a step adds to the bound, ``(4,)``: the states, the integrator, either leakage.

        Of norms that hardly change in a step, the largest of three.
        """
        of_states = step.length * float(np.max(size(doubts.defects, np.array(step.states))))
        leaked = np.zeros(2)
        if self.leakage is not None:
            leaked = self.leakage.added(step)
        return np.array([of_states, step.error, *leaked])

    def _leaked(
        self, start: Complex, moved: Complex, times: Array, sums: Array, peaks: Array
    ) -> tuple[Array, Driven | None]:
        """What the drive has taken out of the states, at most, ``(T,)``; and what it was.

        With the largest f up to each time, for the bound to hold between two times as well.
        """
        if self.drive is None or self.leakage is None:
            return np.zeros(times.size), None
        strengths = np.array([self.drive.strength(t) for t in times.tolist()])
        before = self.leakage.at_end(self.drive.strength(0.0), start)
        second = before + self.leakage.at_end(peaks, moved) + sums[:, 1]
        return np.minimum(sums[:, 0], second), Driven(self.leakage.coupling, strengths)


def _held(norm: float) -> float:
    """The norm of psi0, refused where floating point does not hold its square."""
    if not 1e-100 < norm < 1e100:
        raise ValueError(
            "`psi0` must have a norm from 1e-100 to 1e100, for its square to be a number. "
            f"Received: {norm:.1e}. Divide it by its size."
        )
    return norm


def skew(basis: Basis) -> float:
    """How far <psi_j, psi_k> are from the identity at most."""
    return float(np.max(np.abs(basis.overlaps - np.eye(basis.energies.size))))


def _refuse_skew(basis: Basis) -> None:
    """Refuses states that are not orthonormal: their phases alone would not keep the norm."""
    if (found := skew(basis)) > ORTHONORMAL:
        raise ValueError(
            "`well` must have states that are orthonormal as they are solved. Received: overlaps "
            f"up to {found:.1e} from the identity. Call `solution.model.diagonalise()` and certify "
            "it anew, if it is a solution; of a potential ask for fewer states."
        )
