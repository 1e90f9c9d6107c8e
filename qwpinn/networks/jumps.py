"""Jumps: functions of a network that no quadrature, and so no bound, can be trusted with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.geometry import AnyMesh
from qwpinn.networks.trial import TrialFunctions

Array = NDArray[np.float64]

# Where a jump at a breakpoint is looked for, and how large one is seen, of a function's size.
STEP, JUMP = 1e-7, 1e-9
# How much of its size a function may change between the nodes next to a breakpoint.
STEEP = 0.5


def refuse_jumps(trial: TrialFunctions, mesh: AnyMesh) -> None:
    """Refuse functions that jump, or their slopes, at breakpoints, where no quadrature sees it.

    Of such the forms of Ritz and of every bound say nothing of the levels. What is steep between
    the nodes next to a breakpoint is as good as a jump.

    Raises:
        ValueError: With the first breakpoint where one does.
    """
    x = np.array(mesh.potential.breakpoints, np.float64)
    if not x.size:
        return
    xi = mesh.scaling.position(x)
    nodes = mesh.scaling.position(mesh.quadrature(mesh.fewest, mesh.order).nodes)
    nearest = np.min(np.abs(xi[:, None] - nodes), axis=1)
    # Slopes take as long again, and of the usual network are not asked for.
    orders = (0, 1) if trial.known is None else (0,)
    everywhere = trial.derivatives(np.linspace(-1.0, 1.0, 257), orders)
    # Of each function in units of its own size, for a psi may be made of it alone.
    sizes = [np.max(np.abs(values), axis=0) for values in everywhere]
    (below,), (above,) = (trial.derivatives(xi + side * nearest, (0,)) for side in (-1, 1))
    jumps = np.any(np.abs(above - below) > STEEP * sizes[0], axis=1)
    if trial.known is None:
        step = np.full_like(nearest, STEP)
        wide, close = _jumps(trial, xi, step), _jumps(trial, xi, step / 4.0)
        for size, far, near in zip(sizes, wide, close, strict=True):
            # A jump of the curvature, which V has, leaves a sixteenth at a quarter of the distance.
            jumps |= np.any((far > JUMP * size) & (near > far / 8.0), axis=1)
    if jumps.any():
        raise ValueError(
            "`hidden` must be continuous, and so must its slope, for Ritz states and bounds of "
            f"levels. Received: a jump at x={x[jumps][0]:.6g}, or a unit as steep as one. Ask such "
            "a model for `energies` alone."
        )


def _jumps(trial: TrialFunctions, xi: Array, step: Array) -> list[Array]:
    """What is left of differences across positions when their linear part is taken out.

    Of the functions and of their slopes, each ``(positions, units)``.
    """
    sides = [trial.derivatives(xi + side * step, (0, 1)) for side in (-2, -1, 1, 2)]
    return [
        np.abs(2.0 * (above - below) - (far_above - far_below))
        for far_below, below, above, far_above in zip(*sides, strict=True)
    ]
