"""What is said of a family's networks: sentences on their errors and on anticrossings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwpinn.anticrossings import Anticrossings
from qwpinn.family import Family

if TYPE_CHECKING:
    from qwpinn.family_errors import FamilyErrors

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Anticrossing:
    """A member in which the gap of two neighbouring levels is least.

    Attributes:
        levels: Their numbers (k, k + 1).
        parameters: Of the member, shape ``(m,)``.
        gap: E_{k+1} - E_k there, in the family's unit of energy.
    """

    levels: tuple[int, int]
    parameters: Array
    gap: float


def reported(family: Family, found: Anticrossings) -> tuple[Anticrossing, ...]:
    """Anticrossings in the family's own parameters."""
    rows = family.unscaled(found.places)
    return tuple(
        Anticrossing((int(pair), int(pair) + 1), row, float(gap))
        for pair, row, gap in zip(found.pairs, rows, found.gaps, strict=True)
    )


def sentences(family: Family, errors: FamilyErrors | None) -> tuple[str, ...]:
    """What was measured, or that nothing was."""
    if errors is None:
        return ("How far the networks are off is unknown; `measure` finds out.",)
    states = errors.states
    parts = [
        f"{name} {np.max(errors.medians[columns]):.1e}, largest "
        f"{np.max(errors.largest[columns]):.1e}{unit}"
        for name, unit, columns in (
            ("energies", " of E - V0", slice(states)),
            ("psi", " in L2", slice(states, None)),
        )
    ]
    found = [f"Measured at {len(errors.places)} members, median errors: {'; '.join(parts)}."]
    if not np.isfinite(errors.widths).all():
        found.append(
            "Not all refined levels could be proven: no error is stated of E_"
            f"{', E_'.join(str(k) for k in np.flatnonzero(np.isinf(errors.widths)))}."
        )
    return (*found, *_of_anticrossings(family, errors))


def _of_anticrossings(family: Family, errors: FamilyErrors) -> list[str]:
    """A sentence for each pair of levels that comes close, on the smallest gap that was found."""
    unit = family.centre.energy_unit
    narrowest: dict[tuple[int, int], Anticrossing] = {}
    for one in reported(family, errors.crossings):
        narrowest.setdefault(one.levels, one)
    found = []
    for (k, _), one in narrowest.items():
        where = ", ".join(
            f"{name}={value:.6g}" for name, value in zip(family.names, one.parameters, strict=True)
        )
        energies, psi = (part.max() for part in np.split(errors.profile[k], 2, axis=1))
        cure = " Ask there with refine=True." if errors.felt[k] else ""
        found.append(
            f"Anticrossing of E_{k} and E_{k + 1}: gap {one.gap:.3g}{f' {unit}' if unit else ''} "
            f"at {where}; near it energies err by up to {energies:.1e}, psi by {psi:.1e}.{cure}"
        )
    return found
