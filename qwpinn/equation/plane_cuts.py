"""Cut sides of a plane: walls beyond which V goes on, and what they do to a level."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.plane import PlanePotential
from qwpinn.quadrature import gauss_legendre

Array = NDArray[np.float64]

# Panels of a side, and nodes in each.
PANELS, ORDER = 12, 8


class Side(NamedTuple):
    """Nodes of a side that cuts V off.

    Attributes:
        nodes: ``(n, 2)``.
        weights: Of integrals along it, ``(n,)``.
        axis: Of the normal: 0 for x.
    """

    nodes: Array
    weights: Array
    axis: int


def cut_sides(potential: PlanePotential) -> list[Side]:
    """Those of the left, right, lower and upper side that are no real walls."""
    x0, x1, y0, y1 = potential.box
    found = []
    for which, (cut, at) in enumerate(zip(potential.cut_sides, potential.box, strict=True)):
        axis = which // 2
        ends = (x0, x1) if axis else (y0, y1)
        rule = gauss_legendre(np.linspace(*ends, PANELS + 1), ORDER)
        fixed = np.full_like(rule.nodes, at)
        columns = (rule.nodes, fixed) if axis else (fixed, rule.nodes)
        if cut:
            found.append(Side(np.stack(columns, axis=-1), rule.weights, axis))
    return found


def shift_of(potential: PlanePotential, energies: Array, side: Side, slopes: Array) -> Array:
    r"""By how much a side lifts levels, to leading order of tunnelling, an energy, ``(K,)``.

    .. math:: \int \frac{(\partial_n \psi)^2}{2 \kappa} ds, \quad \kappa^2 = \rho (V - E),

    infinite where E is not below V all along it.

    Args:
        potential: The well.
        energies: E, ``(K,)``.
        side: One that is cut.
        slopes: Of psi along the normal at its nodes, with integral rho psi^2 = 1, ``(n, K)``.
    """
    v = potential(side.nodes)[:, None]
    square = potential.rho * (v - energies)
    within = (square > 0.0).all(axis=0)
    kappa = np.sqrt(np.where(square > 0.0, square, 1.0))
    return np.where(within, side.weights @ (slopes**2 / (2.0 * kappa)), np.inf)
