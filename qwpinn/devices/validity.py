"""Validity: whether layers fit each other, and hold a state of their own in a field."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwpinn.devices.bands import Bands
from qwpinn.equation.counting import count_below

if TYPE_CHECKING:
    from qwpinn.devices.heterostructure import Heterostructure

Array = NDArray[np.float64]


def check_lineup(structure: Heterostructure) -> None:
    """Refuses layers that do not fit each other, and warns of those that may not be meant.

    Args:
        structure: A `qwpinn.Heterostructure`.

    Raises:
        ValueError: If materials of different families are combined, or materials with the offsets
            of other layers, or no gap is known where one is needed.

    Warns:
        UserWarning: If the gap is broken, or the offsets seem to be in eV.
    """
    families = {m.family: m.name for m in structure.materials if m is not None}
    if len(families) > 1:
        raise ValueError(
            "`layers` must be of materials that grow on each other without strain. Received: "
            f"{' and '.join(families.values())}. Give offset and mass of strained layers."
        )
    unplaced = [
        layer.material for layer in structure.layers if layer.material and layer.offset is None
    ]
    if unplaced and None in structure.materials:
        raise ValueError(
            "`layers` must all name a material, or all give their offset. Received: an offset "
            f"beside {unplaced[0]}, which has none to be compared with. Give both in meV."
        )
    if structure.nonparabolic and not np.isfinite(structure.gaps).any():
        raise ValueError(
            "`nonparabolic` must come with the gap of at least one layer. Received: no gap and "
            "no material. Give e.g. qwpinn.Layer(..., gap=1519.0), in meV."
        )
    deepest = np.argmax(structure.offsets - structure.gaps)
    if structure.offsets[deepest] - structure.gaps[deepest] > np.min(structure.offsets):
        warnings.warn(
            f"`layers` have a broken gap: the valence band of layer {deepest} (from 0) lies "
            "above another conduction band, where a single band is no model.",
            stacklevel=5,
        )
    given = [abs(layer.offset) for layer in structure.layers if layer.offset is not None]
    if 0.0 < max(given, default=0.0) < 2.0:
        warnings.warn(
            "`offset` is in meV, and the largest here is "
            f"{max(given):g} meV. If that was eV, give {1e3 * max(given):g}.",
            stacklevel=5,
        )


def refuse_unbound(structure: Heterostructure) -> None:
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


def is_bound(structure: Heterostructure, field: float | None = None) -> bool:
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


def barriers(structure: Heterostructure) -> Array:
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
