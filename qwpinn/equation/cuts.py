"""Cuts: what the ends of a box do to the levels of a potential that goes on beyond them.

A wall at x = b, in place of V = V(b) beyond, lifts a level below V(b) by

    psi'(b)^2 / (2 kappa),   kappa = sqrt(rho (V(b) - E)),   integral rho psi^2 dx = 1,

to leading order in exp(-2 kappa b): moved outwards by db, it lowers E by psi'(b)^2 db. Where V
changes beyond, this is so up to the usual error of WKB. A level above V(b) is one of the box.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.layers import subdivided
from qwpinn.equation.potential import Potential

Array = NDArray[np.float64]

# Layers in which psi is followed from the wall inwards, in all and at least between breakpoints.
STEPS = 2000
FEWEST = 16


class State(NamedTuple):
    """A state in the coordinate of the normal form.

    Attributes:
        potential: The normal form.
        energy: E.
        x: Positions that resolve psi, increasing, shape ``(n,)``.
        psi: There, integral rho psi^2 dx = 1, shape ``(n,)``.
    """

    potential: Potential
    energy: float
    x: Array
    psi: Array


@dataclass(frozen=True)
class Cuts:
    """What the cut ends of a box do to K states.

    Args:
        potential: The potential, with its own ends.
        states: Of it; none are needed if both ends are walls.
        allowed: By how much the ends may lift each, rtol (E - min V), shape ``(K,)``.
    """

    potential: Potential
    states: tuple[State, ...]
    allowed: Array

    @cached_property
    def shifts(self) -> Array:
        """By how much the left and the right end lift each level, shape ``(K, 2)``."""
        ends = self.potential.cut_ends
        if not any(ends):
            return np.zeros((self.allowed.size, 2))
        return np.array([wall_shifts(state, ends) for state in self.states])

    @property
    def wall_shift(self) -> Array:
        """By how much both ends lift each level, shape ``(K,)``."""
        return np.asarray(np.sum(self.shifts, axis=1))

    @property
    def bound(self) -> NDArray[np.bool_]:
        """Which states the ends lift by no more than is allowed, shape ``(K,)``."""
        return np.asarray(self.wall_shift <= self.allowed)

    def notes(
        self, box_states: NDArray[np.bool_], numbers: NDArray[np.intp] | None = None
    ) -> tuple[str, ...]:
        """Sentences on the states that the ends make or move.

        Args:
            box_states: Those above V at an end that are to be named, shape ``(K,)``.
            numbers: What states are called, ``(K,)``. Defaults to None: 0 to K - 1.
        """
        called = np.arange(box_states.size) if numbers is None else numbers
        above = np.flatnonzero(np.isinf(self.wall_shift) & box_states)
        lifted = np.flatnonzero(np.isfinite(self.wall_shift) & ~self.bound)
        found = []
        if above.size:
            which, it = _named(called[above])
            found.append(
                f"{which} to the box: not below V {self._places(above)}, where it ends. Ends "
                f"further out move {it}, and show whether V binds {it}."
            )
        if lifted.size:
            which, it = _named(called[lifted], "is", "are")
            most = self._with_unit(f"{np.max(self.wall_shift[lifted]):.1e}", "energy")
            out = self._with_unit(f"{self._further_out(lifted):.2g}", "length")
            found.append(
                f"{which} marked box, though below V at its ends: {self._places(lifted)} they lift "
                f"{it} by {most}, more than rtol (E - min V). Ends {out} further out suffice."
            )
        if found:
            found.append("Enclosed is what they are in the box.")
        return tuple(found)

    def _places(self, states: NDArray[np.intp]) -> str:
        """Which ends these states feel, e.g. ``"at x = -3 and 3"``."""
        felt = np.max(self.shifts[states], axis=0)
        felt = np.isinf(felt) if np.isinf(felt).any() else felt > 1e-3 * np.max(felt)
        ends = [f"{self.potential.interval[end]:g}" for end in np.flatnonzero(felt)]
        return self._with_unit(f"at {self.potential.symbol} = {' and '.join(ends)}", "length")

    def _further_out(self, states: NDArray[np.intp]) -> float:
        """How much suffices, in own units, rounded up to two digits."""
        (a, b), most = self.potential.interval, 0.0
        for k in states.tolist():
            form, part = self.potential.at(self.states[k].energy), 1e-6 * (b - a)
            steps = np.diff(form.to_normal(np.array([a, a + part, b - part, b])))
            further = outwards(self.states[k], self.shifts[k].tolist(), float(self.allowed[k]))
            most = max(most, *(np.array(further) * part / steps[[0, 2]]).tolist())
        digit = float(10.0 ** (math.floor(math.log10(most)) - 1))
        return math.ceil(most / digit) * digit

    def _with_unit(self, text: str, kind: str) -> str:
        """The text and the potential's unit of length or of energy, if it has one."""
        return f"{text} {getattr(self.potential, f'{kind}_unit')}".rstrip()


def _named(
    states: NDArray[np.intp], verb: str = "belongs", verbs: str = "belong"
) -> tuple[str, str]:
    """E.g. ``"States 3, 4 belong"`` and ``"them"``."""
    names = ", ".join(map(str, states))
    one = states.size == 1
    return (f"State {names} {verb}", "it") if one else (f"States {names} {verbs}", "them")


def wall_shifts(state: State, cut_ends: Sequence[bool]) -> tuple[float, float]:
    """By how much the left and the right end lift a level.

    Zero at a real wall, infinite at a cut above which the level lies. What counts is psi where it
    is large: from there to the end it is that of the equation, for its tail is small, and not what
    a network is trained for.

    Args:
        state: The state.
        cut_ends: Those of `Potential.cut_ends`.

    Example:
        >>> from qwpinn.potentials import FiniteWell
        >>> from qwpinn.references import exact
        >>> well, x = FiniteWell(depth=20.0, width=2.0, box=6.0), np.linspace(-3.0, 3.0, 601)
        >>> found = exact(well, 1)
        >>> ground = State(well, found.energies[0], x, found.wavefunctions(x)[:, 0])
        >>> print(f"{sum(wall_shifts(ground, well.cut_ends)):.6e}")  # 4.10127063e-08 on the line
        4.101271e-08
    """
    left, right = (
        _shift(state, end) if cut else 0.0 for end, cut in zip((0, -1), cut_ends, strict=True)
    )
    return left, right


def outwards(state: State, shifts: Sequence[float], allowed: float) -> tuple[float, float]:
    """How much further out both ends must be to lift a level by half of `allowed` at the most.

    Args:
        state: The state.
        shifts: Those of `wall_shifts`, finite.
        allowed: An energy.
    """
    left, right = (
        0.5 * math.log(max(1.0, 4.0 * shift / allowed)) / _decay(state, end) if shift else 0.0
        for end, shift in zip((0, -1), shifts, strict=True)
    )
    return left, right


def _decay(state: State, end: int) -> float:
    """The rate kappa at an end, 0 or -1, imaginary ones as zero."""
    b = np.array([state.potential.interval[end]])
    square = state.potential.weight(b) * (state.potential(b) - state.energy)
    return math.sqrt(max(0.0, float(square[0])))


def _shift(state: State, end: int) -> float:
    """psi'(b)^2 / (2 kappa), psi' by the ratio of psi inside to the solution that vanishes at b."""
    kappa = _decay(state, end)
    largest = float(np.max(np.abs(state.psi)))
    if not (kappa > 0.0 and largest > 0.0):  # above V, or no state at all
        return math.inf
    inside = np.flatnonzero(np.abs(state.psi) >= 0.5 * largest)[end]
    logarithm = math.log(abs(float(state.psi[inside]))) - _growth(state, end, state.x[inside])
    return math.exp(2.0 * logarithm) / (2.0 * kappa)


def _growth(state: State, end: int, inside: float) -> float:
    """Log |u| inside, of u'' = rho (V - E) u with u = 0 and abs(u') = 1 at an end.

    Magnus's step of fourth order, exact where V and rho are constant.
    """
    wall, breakpoints = state.potential.interval[end], np.array(state.potential.breakpoints)
    low, high = min(wall, inside), max(wall, inside)
    ends = np.array([low, *breakpoints[(breakpoints > low) & (breakpoints < high)], high])
    parts = np.maximum(FEWEST, np.ceil(STEPS * np.diff(ends) / (high - low))).astype(int)
    edges = np.concatenate(
        [subdivided(ends[i : i + 2], part)[:-1] for i, part in enumerate(parts)] + [ends[-1:]]
    )
    middles, widths = 0.5 * (edges[:-1] + edges[1:]), np.diff(edges)
    nodes = (middles - widths / math.sqrt(12.0), middles + widths / math.sqrt(12.0))
    near, far = (state.potential.weight(x) * (state.potential(x) - state.energy) for x in nodes)
    if end == -1:  # from the right: all in the other order
        widths, near, far = widths[::-1], far[::-1], near[::-1]
    skew, mean = widths**2 / math.sqrt(12.0) * (near - far) / 2.0, 0.5 * widths * (near + far)
    # exp([[c, h], [q, -c]]) = cosh(d) + sinh(d) / d [[c, h], [q, -c]], d^2 = c^2 + h q.
    root = np.sqrt((skew**2 + widths * mean).astype(np.complex128) + 1e-300)
    grown = root.real
    cosh = 0.5 * (np.exp(root - grown) + np.exp(-root - grown)).real
    sinh = (0.5 * (np.exp(root - grown) - np.exp(-root - grown)) / root).real
    u, slope, logarithm = 0.0, 1.0, float(np.sum(grown))
    for c, h, q, even, odd in zip(skew, widths, mean, cosh, sinh, strict=True):
        u, slope = (even + odd * c) * u + odd * h * slope, odd * q * u + (even - odd * c) * slope
        size = abs(u) + abs(slope)
        u, slope, logarithm = u / size, slope / size, logarithm + math.log(size)
    return logarithm + math.log(max(abs(u), 1e-300))
