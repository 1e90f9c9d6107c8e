r"""Sums: enclosures of a plane V1(x) + V2(y) from those of its parts.

Let E_0 < E_1 < ... and F_0 < F_1 < ... be all levels of the parts. The products of their states
are a complete orthonormal system, so the levels of the plane are all sums E_i + F_j, each as often
as there are pairs; S_0 <= S_1 <= ... are these in order.

*Levels far up do not matter.* S_k, k < n, is the k-th smallest of the finitely many sums with
(i + 1) (j + 1) <= n. For E_i + F_j is larger than (i + 1) (j + 1) - 1 other sums, those of all
(i', j') with i' <= i and j' <= j. Of a pair that is left out these are n or more, so its sum is
larger than S_{n-1}, and none of S_0, ..., S_{n-1}.

*Bounds in order are bounds of what is in order.* If l_p <= s_p for every pair p of a finite set,
the k-th smallest l is at most the k-th smallest s: k + 1 of the l, those of the k + 1 smallest s,
are not above it. So with l_i <= E_i <= u_i and m_j <= F_j <= v_j the k-th smallest l_i + m_j and
the k-th smallest u_i + v_j of the same pairs enclose S_k. Of a level of a part that was not found
it is known that it lies above those before it and below those after it; after the last, above the
`separation`. That is what stands for it: minus or plus infinity where nothing is known.

*Which product is which level.* If the interval l_i + m_j to u_i + v_j meets that of no other pair
of the set with n = K + 1, and k of them lie below it, E_i + F_j is S_k, and a simple level: an
equal sum that was left out would lie above K + 1 others, as above. Then psi_i psi_j is near its
state, ||psi_i psi_j - u_i u_j|| <= d_i + d_j + d_i d_j. Where intervals meet, the levels are
enclosed and the states undetermined, as in every `qwpinn.enclosures.Enclosure`.

*Residuals.* (H - R) psi = r_i psi_j + psi_i r_j with <r_i, psi_i> = 0 = <r_j, psi_j>, so that
eta^2 = eta_i^2 + eta_j^2.

Bounds are added in floating point and moved outwards by one digit, which is more than rounding
does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qwpinn.enclosures.enclosure import UNPROVEN, Enclosure

Array = NDArray[np.float64]
Integers = NDArray[np.intp]


def enclosed_sums(
    first: Enclosure, second: Enclosure, pairs: Integers, lowest: int = 0
) -> Enclosure:
    """Encloses levels of V1(x) + V2(y) for which products of states of the parts stand.

    Args:
        first: Of the lowest states of V1.
        second: Of those of V2.
        pairs: Which state of each a product is of, in the order of their sums, ``(K, 2)``.
        lowest: Which level the first of them is asked to be. Defaults to 0.

    Returns:
        Of K states. One of which the level is not known has the sum of the intervals of its two
        states, which holds some level.

    Example:
        >>> def part(*levels):
        ...     e = np.array(levels)
        ...     return Enclosure(e - 0.1, e + 0.1, np.arange(e.size), 0.1 * e, 100.0, 0.01 * e)
        >>> found = enclosed_sums(part(1.0, 4.0), part(2.0, 4.5), np.array([[0, 0], [0, 1]]))
        >>> found.lower.round(6).tolist(), found.upper.round(6).tolist()
        ([2.8, 5.3], [3.2, 5.7])
        >>> found.quantum_numbers.tolist(), found.state_errors.round(6).tolist()
        ([0, 1], [0.0302, 0.05545])
        >>> round(found.separation, 6)  # 4 + 2 - 0.2
        5.8
    """
    i, j = pairs.T
    number = lowest + np.arange(len(pairs))
    known = [_levels(part, lowest + len(pairs) + 1) for part in (first, second)]
    a, b = _candidates(lowest + len(pairs) + 1)
    below = np.sort(_down(known[0][0][a] + known[1][0][b]))
    above = np.sort(_up(known[0][1][a] + known[1][1][b]))
    lower, upper = below[number], above[number]
    proven = np.isfinite(lower) & np.isfinite(upper)
    own = _down(first.lower[i] + second.lower[j]), _up(first.upper[i] + second.upper[j])
    levels = first.quantum_numbers[i], second.quantum_numbers[j]
    alone = proven & (_place(known, levels, below, above) == number)
    d, e = first.state_errors[i], second.state_errors[j]
    return Enclosure(
        lower=np.where(proven, lower, own[0]),
        upper=np.where(proven, upper, own[1]),
        quantum_numbers=np.where(proven, number, UNPROVEN),
        residuals=np.hypot(first.residuals[i], second.residuals[j]),
        separation=float(below[lowest + len(pairs)]),
        state_errors=np.where(alone, np.minimum(d + e + d * e, np.sqrt(2.0)), np.sqrt(2.0)),
        kinetic=first.kinetic[i] + second.kinetic[j],
        lowest=lowest,
    )


def _levels(part: Enclosure, count: int) -> tuple[Array, Array]:
    """Bounds of levels 0, 1, ... of a part, those of which it says nothing by their neighbours."""
    lower, upper = np.full(count, -np.inf), np.full(count, np.inf)
    numbers = part.quantum_numbers
    told = (numbers != UNPROVEN) & (numbers < count)
    np.maximum.at(lower, numbers[told], part.lower[told])
    np.minimum.at(upper, numbers[told], part.upper[told])
    after = int(part.numbers[-1]) + 1
    if after < count and np.all(numbers != UNPROVEN):
        lower[after] = max(lower[after], float(part.separation))
    return np.maximum.accumulate(lower), np.minimum.accumulate(upper[::-1])[::-1]


def _candidates(count: int) -> tuple[Integers, Integers]:
    """All pairs with (i + 1) (j + 1) <= count."""
    first = np.repeat(np.arange(count), count // np.arange(1, count + 1))
    second = np.concatenate([np.arange(count // i) for i in range(1, count + 1)])
    return first, second


def _place(
    known: list[tuple[Array, Array]], levels: tuple[Integers, Integers], below: Array, above: Array
) -> Integers:
    """How many sums lie below one of two levels; `UNPROVEN` where its interval meets another's.

    Args:
        known: Bounds of the levels of both parts, ``(n,)``.
        levels: Which ones, each ``(K,)``.
        below: The lower bounds of all candidates, increasing.
        above: Their upper bounds, increasing.
    """
    i, j = levels
    count = known[0][0].size
    among = (i >= 0) & (j >= 0) & ((i + 1) * (j + 1) <= count)
    i, j = np.where(among, i, 0), np.where(among, j, 0)
    lower, upper = _down(known[0][0][i] + known[1][0][j]), _up(known[0][1][i] + known[1][1][j])
    before = np.searchsorted(above, lower, side="left")
    after = below.size - np.searchsorted(below, upper, side="right")
    return np.where(among & (before + after == below.size - 1), before, UNPROVEN)


def _down(values: Array) -> Array:
    """The next numbers below."""
    return np.asarray(np.nextafter(values, -np.inf))


def _up(values: Array) -> Array:
    """The next numbers above."""
    return np.asarray(np.nextafter(values, np.inf))
