"""Scaling of a potential's own units to the interval [-1, 1] and energies of order one."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qwpinn.potential import Potential, values


@dataclass(frozen=True)
class Scaling:
    r"""The affine maps between a potential's own units and the solver's.

    With the half-width h of the interval, its centre m and reference values V0 and rho0,

    .. math:: \xi = (x - m)/h, \quad \epsilon = h^2 \rho_0 (E - V_0), \quad
              \psi = \chi(\xi) / \sqrt{h \rho_0}

    turn -psi'' + rho (V - E) psi = 0 on [a, b] into the same equation on [-1, 1]
    with weight rho / rho0, and keep integral rho psi^2 dx = 1.

    Args:
        interval: The walls a < b, in the potential's unit of length.
        energy_origin: V0, in the potential's unit of energy.
        weight_unit: rho0, in 1 / (energy * length^2).
    """

    interval: tuple[float, float]
    energy_origin: float = 0.0
    weight_unit: float = 1.0

    @classmethod
    def for_potential(cls, potential: Potential) -> Scaling:
        """The scaling with V0 the lowest and rho0 the largest value on 1001 points a layer.

        Models of the first format were saved without theirs: the rule must stay as it is, to the
        last digit, for them to be restored.
        """
        edges = (potential.interval[0], *potential.breakpoints, potential.interval[1])
        inside = (np.arange(1001) + 0.5) / 1001
        x = np.concatenate([a + (b - a) * inside for a, b in itertools.pairwise(edges)])
        interval = (float(potential.interval[0]), float(potential.interval[1]))
        return cls(
            interval, float(np.min(values(potential, x))), float(np.max(potential.weight(x)))
        )

    def to_config(self) -> dict[str, Any]:
        """A dict of plain JSON values: a model's scaled energies mean nothing without it."""
        return {**vars(self), "interval": list(self.interval)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Scaling:
        """Restores what `to_config` returned."""
        return cls(**{**config, "interval": tuple(config["interval"])})

    @property
    def centre(self) -> float:
        """m, the middle of the interval."""
        return (self.interval[0] + self.interval[1]) / 2

    @property
    def half_width(self) -> float:
        """h, half the length of the interval."""
        return (self.interval[1] - self.interval[0]) / 2

    @property
    def energy_unit(self) -> float:
        """1 / (h^2 rho0): one unit of the scaled energy in the potential's own units."""
        return 1.0 / (self.half_width**2 * self.weight_unit)

    @property
    def amplitude(self) -> float:
        """1 / sqrt(h rho0): psi in own units of a scaled, normalised wavefunction."""
        return float(1.0 / np.sqrt(self.half_width * self.weight_unit))

    def position(self, x: Any) -> Any:
        """Scaled xi of positions x; arrays and tensors alike."""
        return (x - self.centre) / self.half_width

    def energy(self, value: Any) -> Any:
        """Scaled energy of an energy (or potential) in own units; arrays and tensors alike."""
        return (value - self.energy_origin) / self.energy_unit

    def own_energy(self, value: Any) -> Any:
        """Energy in own units of a scaled energy; arrays and tensors alike."""
        return value * self.energy_unit + self.energy_origin
