"""Confinement: whether layers hold a state of their own, in a field that lets it tunnel out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwpinn.bands import Bands
from qwpinn.pruefer import count_below

Array = NDArray[np.float64]


def refuse_unbound(structure: Any) -> None:
    """Refuses a field that leaves no state in active layers that would bind one without.

    Args:
        structure: A `qwpinn.Heterostructure`.

    Raises:
        ValueError: With about the strongest field that leaves one.
    """
    if is_bound(structure) or not is_bound(structure, field=0.0):
        return
    sign = math.copysign(1.0, structure.field)
    low, high = 0.0, abs(structure.field)
    while high - low > 0.01 * high:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if is_bound(structure, sign * middle) else (low, middle)
    raise ValueError(
        "`field` must leave a state bound in the active layers. Received: "
        f"field={structure.field:g} kV/cm. Give at most about {sign * low:.3g}, or mark the layers "
        "where it would be as active."
    )


def is_bound(structure: Any, field: float | None = None) -> bool:
    """Whether the active layers would bind a state if V never fell again outside of them.

    In a field, V falls without end on one side, and what was bound tunnels out. It is called bound
    as long as it is behind a barrier: with V outside replaced by the highest V on the way there, a
    level lies below the lower one of both barriers. A wall beside the active layers is a barrier
    without top.

    Args:
        structure: A `qwpinn.Heterostructure`.
        field: In kV/cm. Defaults to None: that of the structure.

    Reference:
        A. Messiah, Quantum Mechanics, section III.6, ISBN 978-0-486-40924-5
    """
    first, last = structure.span
    values = structure.ends if field is None else structure.ends_in(field)
    masses = structure.masses
    left, top_left = _never_falling(values[:first][::-1, ::-1])
    right, top_right = _never_falling(values[last + 1 :])
    top = min(top_left, top_right)
    if np.isinf(top):
        return True
    closed = np.concatenate([left[::-1, ::-1], values[first : last + 1], right])
    return count_below(Bands(structure.edges, closed, np.stack([masses, masses], axis=1)), top) > 0


def barriers(structure: Any) -> Array:
    """The lower one of the highest V on either way out of each layer, meV, ``(layers,)``.

    An end that is a wall has no top.

    Args:
        structure: A `qwpinn.Heterostructure`.
    """
    highest = np.max(structure.ends, axis=1)
    left, right = structure.cut_ends
    ways = [
        np.maximum.accumulate(np.append(-np.inf, row[:-1])) if cut else np.full(row.size, np.inf)
        for row, cut in ((highest, left), (highest[::-1], right))
    ]
    return np.minimum(ways[0], ways[1][::-1])


def _never_falling(values: Array) -> tuple[Array, float]:
    """V of the layers from the region outwards with its falls filled up, and the highest.

    Args:
        values: V at both ends of each layer, the nearer end first, shape ``(layers, 2)``.
    """
    highest, filled = -np.inf, []
    for near, far in values:
        highest = max(highest, near)
        rising = far > near >= highest
        filled.append((near, far) if rising else (max(highest, far), max(highest, far)))
        highest = max(highest, far)
    return np.array(filled).reshape(-1, 2), float(highest) if filled else np.inf
