"""The Stark shift: by how much a field moves the levels of a structure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation import kinds
from qwpinn.solving.solution import Solution
from qwpinn.solving.solved import Solved
from qwpinn.solving.solver import solve

Array = NDArray[np.float64]

CURE = "Solve a qwpinn.Heterostructure."


def stark_shift(solution: Solved) -> Array:
    """E_k(F) - E_k(0) in meV, NaN for a state that is not localised, shape ``(K,)``.

    Both energies are measured from the middle of the active layers, where the field adds nothing
    then, wherever the middle of the whole structure is. The levels without the field are solved
    here, started from the solution. States of the box come between those of the layers as the field
    grows, and mix with them where they meet; so a state is compared with the one that has as much
    of localised states below it, the sum of their probabilities, rounded.

    Args:
        solution: Of a `Heterostructure` in a field, `qwpinn.Subbands`.

    Raises:
        TypeError: If it is a solution of another potential.

    Example:
        >>> import qwpinn
        >>> barrier, well = qwpinn.Layer(15.0, "Al0.2Ga0.8As"), qwpinn.Layer(6.0, "GaAs")
        >>> device = qwpinn.Heterostructure([barrier, well, barrier], field=40.0)
        >>> stark_shift(qwpinn.solve(device, states=1)).round(3)
        array([-0.479])

    Reference:
        G. Bastard, E. E. Mendez, L. L. Chang, L. Esaki, Phys. Rev. B 28 (1983) 3241,
        doi:10.1103/PhysRevB.28.3241
    """
    solution = kinds.one_of("solution", solution, Solution, "qwpinn.Subbands", CURE)
    ranks = _ranks(solution)
    device = solution.potential
    flat = device.varied("field", 0.0)
    unbiased = solve(flat, solution.energies.size, rtol=solution.rtol, start=solution)
    middle = np.array([0.5 * sum(solution.region)])
    origin = float((device(middle) - flat(middle))[0])
    partners = dict(zip(_ranks(unbiased), unbiased.energies, strict=True))
    return np.array(
        [
            energy - origin - partners.get(rank, np.nan) if rank >= 0 else np.nan
            for rank, energy in zip(ranks, solution.energies, strict=True)
        ]
    )


def _ranks(solution: Solution) -> list[int]:
    """How many localised states lie below each localised one; negative for the others."""
    if solution.localisation is None:
        raise TypeError(
            "`solution` must be qwpinn.Subbands. Received: that of "
            f"{solution.potential!r:.60}. {CURE}"
        )
    below = np.concatenate([[0.0], np.cumsum(solution.localisation)[:-1]])
    # The others get numbers of their own, which none of another solution has.
    return [
        round(float(share)) if own else -1 - k
        for k, (share, own) in enumerate(zip(below, solution.localised, strict=True))
    ]
