"""Wrapped planes: one potential of the plane that stands for another."""

from __future__ import annotations

from qwpinn.equation.plane import PlanePotential
from qwpinn.equation.values import Box


class PlaneWrapper(PlanePotential):
    """What a potential has of another, its `inner` one, but for what a subclass says."""

    potential: PlanePotential

    @property
    def inner(self) -> PlanePotential:
        """The other one."""
        return self.potential

    @property
    def box(self) -> Box:  # type: ignore[override]
        return self.inner.box

    @property
    def rho(self) -> float:
        return self.inner.rho

    @property
    def lines(self) -> tuple[tuple[float, ...], tuple[float, ...]]:  # type: ignore[override]
        return self.inner.lines

    @property
    def cut_sides(self) -> tuple[bool, bool, bool, bool]:
        return self.inner.cut_sides

    @property
    def constant_outside(self) -> bool:
        return self.inner.constant_outside
