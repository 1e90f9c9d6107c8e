"""Contacts, outer barriers and active layers: what each layer of a structure is there for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qwpinn.devices.layer import Layer
from qwpinn.equation.layers import outer_barriers

Array = NDArray[np.float64]


def contacts(layers: Sequence[Layer], offsets: Array) -> NDArray[np.bool_]:
    """Which layers are contacts, shape ``(layers,)``.

    Those marked, which are the outermost ones; and the first and the last that differ from what is
    inside, if both are below it and neither is marked, be it as something else.

    Args:
        layers: All of them.
        offsets: Their band edges without a field, shape ``(layers,)``.

    Raises:
        ValueError: If a contact has layers on both sides that are none, or nothing else is there.
    """
    found = np.array([layer.contact is True for layer in layers])
    if outer_barriers(-offsets) == (True, True):
        ends = [layer for layer in (layers[0], layers[-1]) if not layer.active]
        if len(ends) == 2 and all(layer.contact is not False for layer in ends):
            found |= _first_of_a_kind(offsets) | _first_of_a_kind(offsets[::-1])[::-1]
    between = np.flatnonzero(~found)
    if not between.size or found[between[0] : between[-1]].any():
        raise ValueError(
            "`contact` must mark the outermost layers, with others between them. Received: "
            f"contacts {np.flatnonzero(found).tolist()} of layers 0 to {len(layers) - 1}. "
            "Leave out the mark of the inner ones."
        )
    return found


def cut_ends(layers: Sequence[Layer], offsets: Array) -> tuple[bool, bool]:
    """Whether the first and the last layer go on; see `Heterostructure.cut_ends`.

    Args:
        layers: All of them.
        offsets: Their band edges without a field, shape ``(layers,)``.
    """
    found = contacts(layers, offsets)
    left, right = (
        bool(found[end]) or (barrier and not layers[end].active and layers[end].contact is None)
        for end, barrier in zip((0, -1), outer_barriers(offsets), strict=True)
    )
    return left, right


def active_layers(layers: Sequence[Layer], offsets: Array) -> NDArray[np.bool_]:
    """Which layers are the device's, shape ``(layers,)``; see `Heterostructure.active`.

    Args:
        layers: All of them.
        offsets: Their band edges without a field, shape ``(layers,)``.
    """
    marked = np.array([layer.active for layer in layers])
    if marked.any():
        return marked
    found = ~contacts(layers, offsets)
    left, right = outer_barriers(offsets[found])
    inside = found.copy()
    if left:
        inside[found] &= ~_first_of_a_kind(offsets[found])
    if right:
        inside[found] &= ~_first_of_a_kind(offsets[found][::-1])[::-1]
    return inside


def _first_of_a_kind(offsets: Array) -> NDArray[np.bool_]:
    """The first layer, and those after it up to another offset."""
    return np.asarray(np.logical_and.accumulate(offsets == offsets[0]))
