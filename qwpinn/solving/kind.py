"""Kinds: which class of solutions fits a well."""

from __future__ import annotations

from qwpinn.devices.heterostructure import Heterostructure
from qwpinn.equation.geometry import AnyWell, geometry_of
from qwpinn.solving.plane import PlaneSolution
from qwpinn.solving.solution import Solution
from qwpinn.solving.solved import Solved
from qwpinn.solving.subbands import Subbands


def kind_of(potential: AnyWell) -> type[Solved]:
    """The class of solutions: of a plane `PlaneSolution`, of a `Heterostructure` `Subbands`."""
    if geometry_of(potential).dimension > 1:
        return PlaneSolution
    return Subbands if isinstance(potential, Heterostructure) else Solution
