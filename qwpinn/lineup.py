"""The lineup: whether the bands of layers can stand beside each other."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np


def check_lineup(structure: Any) -> None:
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
