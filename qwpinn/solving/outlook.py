"""The outlook: what can be said of a solve before it begins."""

from __future__ import annotations

import numpy as np

from qwpinn.equation.counting import count_below
from qwpinn.equation.geometry import AnyWell, geometry_of
from qwpinn.equation.mesh import Grading
from qwpinn.equation.potential import Potential
from qwpinn.solving.recipes import Precise, cost

# Of the unit of `qwpinn.solving.recipes.cost`, and what is not worth a word.
SECONDS, SHORT = 0.2, 10.0


def outlook(potential: AnyWell, states: int, recipe: Precise) -> tuple[str, ...]:
    """Sentences on the states that are asked for, and on how long they may take.

    Args:
        potential: The well.
        states: K.
        recipe: Whose widths are counted.

    Raises:
        ValueError: If so many states need wider networks than are made unasked.
        ArithmeticError: If V or rho is found not to be smooth between the breakpoints.

    Example:
        >>> from qwpinn.potentials import FiniteWell
        >>> outlook(FiniteWell(depth=20.0), states=5, recipe=Precise())
        ('3 of the 5 states lie below V at the walls; the box holds the others.',)
    """
    found = []
    widths = recipe.widths(states, geometry_of(potential).mesh)
    known = geometry_of(potential).dimension == 1 and not potential.energy_dependent
    below = _below_walls(potential, states) if known else states
    if 0 < below < states:
        lie = "lies" if below == 1 else "lie"
        found.append(
            f"{below} of the {states} states {lie} below V at the walls; the box holds the others."
        )
    seconds = SECONDS * sum(cost(units) for units in widths)
    if cost(widths[0]) * SECONDS > 1.0 and seconds > SHORT:
        found.append(
            f"{states} states need networks of {widths[0]} units or more; up to {widths[-1]} are "
            f"tried, which takes a minute or so ({seconds:.0f} s of one core, training apart)."
        )
    return tuple(found)


def _below_walls(potential: Potential, states: int) -> int:
    """How many levels lie below V at the lower one of both ends; K stands for K or more."""
    ends = np.asarray(potential(np.array(potential.interval)), np.float64)
    if not np.isfinite(ends).all():
        return states
    energy = float(np.min(ends))
    grading = Grading(potential, states)
    at, top = grading.profile, grading.scaling.energy(energy)
    action = at.widths @ np.sqrt(at.weight * np.maximum(top - at.potential, 0.0))
    # Semiclassics is right within a level or so; only near K the count is worth its time.
    if action / np.pi > states + 2:
        return states
    return min(count_below(potential, energy), states)
