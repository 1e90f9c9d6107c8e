"""The Stark shift: by how much a field moves the levels of a structure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qwpinn.solver import solve
from qwpinn.subbands import Subbands

Array = NDArray[np.float64]


def stark_shift(solution: Subbands) -> Array:
    """E_k(F) - E_k(0) in meV, NaN for a state that is not localised, shape ``(K,)``.

    States of the box come between those of the layers as the field grows. So the n-th localised
    level in the field is compared with the n-th localised one without, which is solved here,
    started from the solution.

    Args:
        solution: Of a `Heterostructure` in a field.

    Example:
        >>> import qwpinn
        >>> barrier, well = qwpinn.Layer(15.0, "Al0.2Ga0.8As"), qwpinn.Layer(6.0, "GaAs")
        >>> device = qwpinn.Heterostructure([barrier, well, barrier], field=40.0)
        >>> stark_shift(qwpinn.solve(device)).round(3)
        array([-0.479])

    Reference:
        G. Bastard, E. E. Mendez, L. L. Chang, L. Esaki, Phys. Rev. B 28 (1983) 3241,
        doi:10.1103/PhysRevB.28.3241
    """
    unbiased = solve(
        solution.potential.varied("field", 0.0),
        solution.energies.size,
        rtol=solution.rtol,
        start=solution,
    )
    shifts = np.full(solution.energies.size, np.nan)
    here, there = (
        np.flatnonzero(s.localised) for s in (solution, unbiased) if isinstance(s, Subbands)
    )
    for k, other in zip(here, there, strict=False):
        shifts[k] = solution.energies[k] - unbiased.energies[other]
    return shifts
