"""Periods: when states are in phase again, from their energies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qwpinn.observables import splitting

Array = NDArray[np.float64]

# In units of the levels' distance: a second difference below this is rounding, as of an oscillator.
EVEN = 1e-9


def beat(energies: Array, i: int, j: int, hbar: float) -> float:
    """2 pi hbar / abs(E_j - E_i).

    Args:
        energies: Shape ``(K,)``.
        i: The number of a state.
        j: Of another one.
        hbar: In units of energy and time.

    Raises:
        ValueError: If there is no state of such a number, or both are the same.

    Example:
        >>> print(round(beat(np.array([1.0, 1.5]), 0, 1, hbar=1.0), 6))
        12.566371
    """
    apart = abs(splitting(energies, i, j))
    if i == j:
        raise ValueError(
            f"`j` must be another state than `i`. Received: i={i}, j={j}. Give e.g. j={i + 1}."
        )
    return 2.0 * np.pi * hbar / apart if apart else np.inf


def classical(energies: Array, number: float, hbar: float) -> float:
    """2 pi hbar / E'(n), with the central difference of the levels next to n.

    Args:
        energies: Shape ``(K,)``, K > 2.
        number: n.
        hbar: In units of energy and time.

    Example:
        >>> print(round(classical(np.arange(5) + 0.5, 2.0, hbar=1.0), 6))
        6.283185
    """
    before, _, after = _around(energies, number)
    return float(4.0 * np.pi * hbar / (after - before))


def revival(energies: Array, number: float, hbar: float) -> float:
    """4 pi hbar / abs(E''(n)), with the second difference of the levels next to n.

    Args:
        energies: Shape ``(K,)``, K > 2.
        number: n.
        hbar: In units of energy and time.

    Example:
        >>> print(round(revival(np.arange(1.0, 6.0) ** 2, 2.0, hbar=1.0), 6))  # 2 pi / E_1
        6.283185

    Reference:
        R. W. Robinett, Phys. Rep. 392 (2004) 1, doi:10.1016/j.physrep.2003.11.002
    """
    before, here, after = _around(energies, number)
    bent = abs(after - 2.0 * here + before)
    return float(4.0 * np.pi * hbar / bent) if bent > EVEN * (after - before) else np.inf


def _around(energies: Array, number: float) -> tuple[float, float, float]:
    """Three levels, of which the middle one is next to n."""
    if energies.size < 3:
        raise ValueError(
            f"`states` must be at least 3 for the periods of a packet. Received: {energies.size}. "
            "Ask qwpinn.evolve for more."
        )
    middle = min(max(round(number), 1), energies.size - 2)
    before, here, after = energies[middle - 1 : middle + 2].tolist()
    return before, here, after
