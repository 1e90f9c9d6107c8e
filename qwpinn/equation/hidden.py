"""Hidden points: where V or rho is not smooth, and no breakpoint says so."""

from __future__ import annotations

from typing import NoReturn

import numpy as np

from qwpinn.equation.potential import Potential
from qwpinn.equation.smoothness import Irregularity
from qwpinn.inputs import formulas

# What a point where V is not smooth may change in an integral, in units of the energies.
NEGLIGIBLE = 1e-9


def hidden(potential: Potential, energy: float) -> tuple[Irregularity, ...]:
    """The points between the breakpoints where V or rho is not smooth, by position.

    Those are left out that move levels of this size by less than rounding does: a quadrature of a
    thousand nodes errs by about a thousandth of the interval at each.

    Args:
        potential: In the coordinate of the equation.
        energy: E - min V of the levels that matter.

    Raises:
        ValueError: If V or a derivative grows without bound towards an end: no breakpoint helps.
    """
    if not any(potential.irregularities):
        return ()
    fine = (potential.interval[1] - potential.interval[0]) / 1000
    weight = float(np.max(potential.weight(np.linspace(*potential.interval, 1001))))
    counted = zip(potential.irregularities, (energy, weight), strict=True)
    points = [
        point
        for found, scale in counted
        for point in found
        if point.size * fine**point.order > NEGLIGIBLE * scale
    ]
    if points:
        formulas.refuse_singular(potential, potential.interval)
        formulas.refuse_root([point.position for point in points], potential.interval)
    return tuple(sorted(points))


def refuse_hidden(potential: Potential, energy: float) -> None:
    """Refuses a V or rho that is not smooth between its breakpoints; arguments as of `hidden`.

    Raises:
        ArithmeticError: With the first point.
    """
    found = hidden(potential, energy)
    if found:
        refuse_rough(potential, f"{found[0]} at x={found[0].position:.9g}")


def refuse_rough(potential: Potential, found: str) -> NoReturn:
    """Says that a potential is not smooth between its breakpoints, and what was found."""
    raise ArithmeticError(
        "`potential` must be smooth between its breakpoints. Received: "
        f"{type(potential).__name__} with {found}. Give potential.with_breakpoints([x]) of it."
    )
