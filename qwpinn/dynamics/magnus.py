r"""Magnus: the propagator of a driven well in its states, step by step.

.. math:: i \hbar \dot c = (\mathrm{diag}(E) + f(t) W - i A) c

A step h of the commutator-free integrator of order 4 is two exponentials,

.. math:: \exp\left(-\tfrac{i h}{\hbar} (a_1 H_1 + a_2 H_2)\right)
          \exp\left(-\tfrac{i h}{\hbar} (a_2 H_1 + a_1 H_2)\right), \quad
          a_{1,2} = \tfrac{3 \mp 2 \sqrt 3}{12},

with H_1, H_2 at the two Gauss nodes of the step: each is that of diag(E) / 2 + g W - i A / 2 for a
number g. However large the energies are, a well at rest takes any step. Every step is done as a
whole and as two halves; these go on, and their difference is the step's error.

Reference:
    S. Blanes, P. C. Moan, Appl. Numer. Math. 56 (2006) 1519, doi:10.1016/j.apnum.2005.11.004;
    M. Thalhammer, SIAM J. Numer. Anal. 44 (2006) 851, doi:10.1137/05063042
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

NODES = 0.5 - np.sqrt(3.0) / 6.0, 0.5 + np.sqrt(3.0) / 6.0
EARLY, LATE = (3.0 + 2.0 * np.sqrt(3.0)) / 12.0, (3.0 - 2.0 * np.sqrt(3.0)) / 12.0
# The nodes of both halves of a step, and where else f is looked at in it: its ends, and between.
HALVES = np.array([0.5 * (half + at) for half in (0.0, 1.0) for at in NODES])
BESIDE = np.array([0.0, 0.04, 0.25, 0.5, 0.75, 0.96, 1.0])
# Takes f at the four nodes to the polynomial of degree 3 through them.
CUBIC = np.linalg.inv(np.vander(HALVES, 4))
# Of the error that is allowed in all: what a single step may have, however short; and rounding.
LEAST, ROUNDING = 1e-5, 4e-16
# How much of the step is dared that would meet the tolerance, and how a step may change.
SAFETY, SHRINK, GROW = 0.9, 0.2, 3.0
# Steps, each of some tenth of a millisecond to a few: minutes.
MOST_STEPS = 200_000
# Exponentials that are kept: at rest, all steps of one length are the same.
KEPT = 8
# Up to this size of the exponent its series is summed: no term is larger than some fifty.
SERIES = 4.0


class Step(NamedTuple):
    """What a step has done.

    Attributes:
        start: When it began.
        end: When it ended.
        length: h.
        states: c at its start, its middle and its end, each ``(K,)`` or ``(K, m)``.
        strengths: f at its ends, its nodes and where else it was looked at, in their order.
        error: The difference of the whole step and both halves, in the norm, and what f differs
            from the polynomial of degree 3 through the nodes of both halves, times the step and
            the norm of W c.
    """

    start: float
    end: float
    length: float
    states: tuple[Complex, Complex, Complex]
    strengths: Array
    error: float


@dataclass
class Propagator:
    """Steps of c from one time to another.

    Attributes:
        energies: E, ``(K,)``.
        coupling: W in the states, real and symmetric, ``(K, K)``.
        strength: f.
        hbar: In units of E times t.
        absorption: A, symmetric and not negative, ``(K, K)``. Defaults to None: nothing is lost.
        longest: No step is longer.
        looked: Times at which f is known, and f there: steps are held against it.
    """

    energies: Array
    coupling: Array
    strength: Callable[[float], float]
    hbar: float
    absorption: Array | None = None
    longest: float = np.inf
    looked: tuple[Array, Array] = (np.zeros(0), np.zeros(0))
    _known: dict[tuple[float, float], tuple[Array, Complex] | Complex] = field(
        default_factory=dict, repr=False
    )

    def steps(self, state: Complex, times: Array, rate: float) -> Iterator[Step]:
        """Steps from the first to the last of some times, one ending at each.

        Args:
            state: c at the first time, ``(K,)``, or several as columns.
            times: Increasing.
            rate: The error that is allowed in a unit of time.

        Raises:
            ArithmeticError: If more than `MOST_STEPS` would be taken.
        """
        whole = float(times[-1] - times[0])
        wish, count, least = min(self.longest, whole), 0, max(LEAST * rate * whole, ROUNDING)
        for start, stop in zip(times[:-1].tolist(), times[1:].tolist(), strict=True):
            now = start
            while now < stop:
                left = stop - now
                # Equal parts, and none so short that rounding would see it.
                h = left / np.ceil(left / wish * (1.0 - 1e-12))
                step = self._step(state, now, stop if h == left else now + h, h)
                count += 1
                if count > MOST_STEPS:
                    raise ArithmeticError(
                        f"`drive` must be smooth enough for {MOST_STEPS} steps to follow it. "
                        f"Received: one that takes steps of {h:.1e} at t={now:g}. Ask for a larger "
                        "`tol`, an earlier end or fewer states."
                    )
                allowed = max(rate * h, least)
                factor = (allowed / max(step.error, 1e-300)) ** 0.25 * SAFETY
                if step.error > allowed and h > 1e-13 * max(abs(now), left):
                    wish = h * float(np.clip(factor, SHRINK, SAFETY))
                    continue
                yield step
                state, now = step.states[2], step.end
                wish = min(self.longest, max(wish, h * float(np.clip(factor, 1.0, GROW))))

    def _step(self, state: Complex, start: float, end: float, h: float) -> Step:
        f = [self.strength(start + h * at) for at in NODES]
        halves = [[self.strength(start + 0.5 * h * (half + at)) for at in NODES] for half in (0, 1)]
        whole = self._moved(state, f, h)
        middle = self._moved(state, halves[0], 0.5 * h)
        last = self._moved(middle, halves[1], 0.5 * h)
        error = float(np.max(np.linalg.norm(whole - last, axis=0)))
        strengths, apart = self._seen(start, end, np.ravel(halves))
        if apart:
            pushed = max(
                float(np.max(np.linalg.norm(self.coupling @ c, axis=0)))
                for c in (state, middle, last)
            )
            error += h / self.hbar * apart * pushed
        return Step(start, end, h, (state, middle, last), strengths, error)

    def _seen(self, start: float, end: float, nodes: Array) -> tuple[Array, float]:
        """F over a step, and how far it is at most from the cubic through its four nodes."""
        times, values = self.looked
        rows = slice(*np.searchsorted(times, [start, end], side="right"))
        own = start + (end - start) * BESIDE
        f = np.array([self.strength(t) for t in own.tolist()])
        at = start + (end - start) * HALVES
        t = np.concatenate([own, times[rows], at])
        shares = (t - start) / (end - start)
        expected = np.vander(shares, 4) @ (CUBIC @ nodes)
        seen = np.concatenate([f, values[rows], nodes])
        return seen[np.argsort(t, kind="stable")], float(np.max(np.abs(seen - expected)))

    def _moved(self, state: Complex, f: list[float], h: float) -> Complex:
        """A step of h with f at its two nodes."""
        first, second = f
        moved = self._exponential(EARLY * first + LATE * second, h, state)
        return self._exponential(LATE * first + EARLY * second, h, moved)

    def _exponential(self, g: float, h: float, state: Complex) -> Complex:
        """exp(-i h / hbar (diag(E) / 2 + g W - i A / 2)) times the state."""
        turn = h / self.hbar
        size = turn * (self._sizes[0] + abs(g) * self._sizes[1])
        if state.ndim == 1 and size <= SERIES:
            return self._summed(g, turn, size, state)
        key = g, h
        if key not in self._known:
            if len(self._known) >= KEPT:
                self._known.pop(next(iter(self._known)))
            self._known[key] = self._made(g, turn)
        made = self._known[key]
        if isinstance(made, tuple):
            vectors, phases = made
            return np.asarray(vectors @ (phases * (vectors.T @ state).T).T)
        return np.asarray(made @ state)

    @cached_property
    def _sizes(self) -> tuple[float, float]:
        """What bounds the exponent without W, about the middle of the levels, and what W does."""
        lost = 0.0 if self.absorption is None else 0.5 * np.linalg.norm(self.absorption, 2)
        span = 0.25 * float(np.ptp(self.energies))
        return span + float(lost), float(np.linalg.norm(self.coupling, 2))

    def _summed(self, g: float, turn: float, size: float, state: Complex) -> Complex:
        """The same by the exponential's series, quicker than a diagonalisation in short steps.

        Up to the term of which size^n / n!, which bounds it, is lost in rounding.
        """
        middle = 0.25 * float(self.energies[0] + self.energies[-1])
        exponent = (-1j * turn * g) * self.coupling
        if self.absorption is not None:
            exponent = exponent - 0.5 * turn * self.absorption
        diagonal = -1j * turn * (0.5 * self.energies - middle)
        term, found, n, bound = state, state, 0, 1.0
        while bound > 1e-17:
            n += 1
            term = (diagonal * term + exponent @ term) / n
            found = found + term
            bound *= size / n
        return np.asarray(np.exp(-1j * turn * middle) * found)

    def _made(self, g: float, turn: float) -> tuple[Array, Complex] | Complex:
        hamiltonian = 0.5 * np.diag(self.energies) + g * self.coupling
        if self.absorption is not None:
            exponent = (-1j * hamiltonian - 0.5 * self.absorption) * turn
            return np.asarray(scipy.linalg.expm(exponent))
        energies, vectors = np.linalg.eigh(hamiltonian)
        return vectors, np.exp(-1j * turn * energies)
