"""Self-consistency: the energy of a state whose mass is that of this energy."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeVar

import scipy

from qwpinn.equation.potential import Potential

Solved = TypeVar("Solved")


def self_consistent(
    solve: Callable[[Potential], tuple[float, Solved]],
    potential: Potential,
    guess: float,
    rtol: float = 1e-13,
) -> Solved:
    r"""What solves lambda(E) = E, where lambda(E) is a level with the mass at the energy E.

    As the mass grows with E, lambda decreases: there is one root, and it lies between any E and
    lambda(E). The search (Brent) ends at once where both agree, as they do of parabolic bands,
    whose mass is that of any energy.

    Args:
        solve: Of the potential `Potential.at` an energy, the level lambda and what it is one of.
        potential: With a mass that may depend on the energy.
        guess: Where to begin; at `Potential.least_energy`, if that is higher.
        rtol: How far lambda(E) may be from E, in units of its distance from the least energy.
            Defaults to 1e-13.

    Returns:
        What `solve` found at the root.
    """

    @cache
    def at(energy: float) -> tuple[float, Solved]:
        return solve(potential.at(energy))

    def excess(energy: float) -> float:
        return at(energy)[0] - energy

    least = potential.least_energy
    first = max(guess, least)
    other = at(first)[0]
    xtol = rtol * (max(first, other) - least)
    for energy in (first, other):
        if abs(excess(energy)) <= xtol:
            return at(energy)[1]
    # Of one sign, rounding has taken the place of a slope.
    if excess(first) * excess(other) > 0.0:
        return at(other)[1]
    return at(float(scipy.optimize.brentq(excess, first, other, xtol=xtol, rtol=1e-15)))[1]
