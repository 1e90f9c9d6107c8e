"""Scaling of a plane's own units to a box of half-width one and energies of order one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.plane import PlanePotential
from qwpinn.equation.values import Box
from qwpinn.storage.plain import Json

Array = NDArray[np.float64]
# Tensors alike.
Number = TypeVar("Number", float, Array)


@dataclass(frozen=True)
class PlaneScaling:
    r"""The maps between a plane's own units and the solver's.

    With the half h of the longer side, the middle m and reference values V0 and rho0,

    .. math:: \xi = (x - m) / h, \quad \epsilon = h^2 \rho_0 (E - V_0), \quad
              \psi = \chi(\xi) / (h \sqrt{\rho_0})

    Args:
        box: The walls.
        energy_origin: V0, in the potential's unit of energy.
        weight_unit: rho0, in 1 / (energy * length^2).
    """

    box: Box
    energy_origin: float = 0.0
    weight_unit: float = 1.0

    @classmethod
    def for_potential(cls, potential: PlanePotential) -> PlaneScaling:
        """That with V0 = min V and the potential's rho."""
        return cls(potential.box, potential.minimum, potential.rho)

    @cached_property
    def centre(self) -> Array:
        """The middle of the box, ``(2,)``."""
        x0, x1, y0, y1 = self.box
        return np.array([(x0 + x1) / 2, (y0 + y1) / 2])

    @property
    def half_width(self) -> float:
        """H, half of the longer side."""
        x0, x1, y0, y1 = self.box
        return max(x1 - x0, y1 - y0) / 2

    @property
    def halves(self) -> tuple[float, float]:
        """Half of each side in scaled units; the longer one is 1."""
        x0, x1, y0, y1 = self.box
        return (x1 - x0) / 2 / self.half_width, (y1 - y0) / 2 / self.half_width

    @property
    def walls(self) -> tuple[float, ...]:
        """Both walls of each dimension, one after the other."""
        return self.box

    @property
    def volume(self) -> float:
        """Of a scaled unit, an area."""
        return self.half_width**2

    @property
    def energy_unit(self) -> float:
        """1 / (h^2 rho0), the energy of one scaled unit."""
        return 1.0 / (self.half_width**2 * self.weight_unit)

    @property
    def amplitude(self) -> float:
        """Psi over chi."""
        return float(1.0 / (self.half_width * self.weight_unit**0.5))

    def position(self, x: Array) -> Array:
        """Scaled positions of points ``(..., 2)``; tensors alike."""
        return (x - self.centre) / self.half_width

    def energy(self, value: Number) -> Number:
        """Scaled energy of an energy in own units; arrays and tensors alike."""
        return (value - self.energy_origin) / self.energy_unit

    def own_energy(self, value: Number) -> Number:
        """Energy in own units of a scaled energy; arrays and tensors alike."""
        return value * self.energy_unit + self.energy_origin

    def equation(self, own: Mapping[str, Number]) -> dict[str, Number]:
        """The equation at points, carried to scaled units.

        Args:
            own: ``x``, ``y``, ``potential``, ``weight`` and ``quadrature``, weights of an integral
                over the box, in own units; arrays and tensors alike.
        """
        return {
            "x": (own["x"] - float(self.centre[0])) / self.half_width,
            "y": (own["y"] - float(self.centre[1])) / self.half_width,
            "potential": self.energy(own["potential"]),
            "weight": own["weight"] / self.weight_unit,
            "quadrature": own["quadrature"] / self.half_width**2,
        }

    def to_config(self) -> dict[str, Json]:
        """A dict of plain JSON values."""
        return {
            "box": list(self.box),
            "energy_origin": self.energy_origin,
            "weight_unit": self.weight_unit,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Json]) -> PlaneScaling:
        """Restores what `to_config` returned."""
        return cls(**{**config, "box": tuple(config["box"])})
