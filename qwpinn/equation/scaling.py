"""Scaling of a potential's own units to the interval [-1, 1] and energies of order one."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.potential import Potential, values
from qwpinn.storage.plain import Json

Array = NDArray[np.float64]
# Tensors alike, which are Any to a type checker.
Number = TypeVar("Number", float, Array)


# Magnitudes of lengths and rho, and of energies, whose products with each other are numbers yet.
LARGEST, LARGEST_ENERGY = 1e60, 1e120
# Of the length: how far from 0 it may lie, and over a layer's width.
FARTHEST, THINNEST = 1e10, 1e-12
# How much rho may vary, and V in scaled units, where states do not reach its heights, and how high
# all of V may lie in them: beyond, rounding leaves nothing of the levels.
RATIO, STEEPEST, HIGHEST = 1e12, 1e30, 1e15


@dataclass(frozen=True)
class Scaling:
    r"""The affine maps between a potential's own units and the solver's.

    With the half-width h of the interval, its centre m and reference values V0 and rho0,

    .. math:: \xi = (x - m)/h, \quad \epsilon = h^2 \rho_0 (E - V_0), \quad
              \psi = \chi(\xi) / \sqrt{h \rho_0}

    turn -psi'' + rho (V - E) psi = 0 on [a, b] into the same equation on [-1, 1]
    with weight rho / rho0, and keep integral rho psi^2 dx = 1.

    Args:
        interval: The walls a < b, in the potential's unit of length; of several wells with one V0
            and rho0 two arrays or tensors, as all else is then.
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

        Raises:
            ValueError: If the problem is out of the reach of floating point in any units.
        """
        edges = potential.smooth_pieces
        inside = (np.arange(1001) + 0.5) / 1001
        x = np.concatenate([a + (b - a) * inside for a, b in itertools.pairwise(edges)])
        interval = (float(potential.interval[0]), float(potential.interval[1]))
        _refuse_far(edges)
        v, rho = values(potential, x), potential.weight(x)
        with np.errstate(all="ignore"):
            _refuse_extreme(v, rho, interval[1] - interval[0])
        return cls(interval, float(np.min(v)), float(np.max(rho)))

    def to_config(self) -> dict[str, Json]:
        """A dict of plain JSON values: a model's scaled energies mean nothing without it."""
        return {**vars(self), "interval": list(self.interval)}

    @classmethod
    def from_config(cls, config: Mapping[str, Json]) -> Scaling:
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
    def walls(self) -> tuple[float, ...]:
        """Both walls of each dimension, one after the other."""
        return self.interval

    @property
    def volume(self) -> float:
        """Of a scaled unit, a length."""
        return self.half_width

    @property
    def energy_unit(self) -> float:
        """1 / (h^2 rho0): one unit of the scaled energy in the potential's own units."""
        return 1.0 / (self.half_width**2 * self.weight_unit)

    @property
    def amplitude(self) -> float:
        """1 / sqrt(h rho0): psi in own units of a scaled, normalised wavefunction."""
        amplitude: float = (self.half_width * self.weight_unit) ** -0.5
        return amplitude

    def position(self, x: Number) -> Number:
        """Scaled xi of positions x; arrays and tensors alike."""
        return (x - self.centre) / self.half_width

    def energy(self, value: Number) -> Number:
        """Scaled energy of an energy (or potential) in own units; arrays and tensors alike."""
        return (value - self.energy_origin) / self.energy_unit

    def own_energy(self, value: Number) -> Number:
        """Energy in own units of a scaled energy; arrays and tensors alike."""
        return value * self.energy_unit + self.energy_origin

    def equation(self, own: Mapping[str, Number]) -> dict[str, Number]:
        """The equation at points, carried to [-1, 1] and energies of order one.

        Args:
            own: ``x``, ``potential`` V(x), ``weight`` rho(x) and ``quadrature``, weights of an
                integral over x, in own units; arrays and tensors alike.
        """
        return {
            "x": self.position(own["x"]),
            "potential": self.energy(own["potential"]),
            "weight": own["weight"] / self.weight_unit,
            "quadrature": own["quadrature"] / self.half_width,
        }


def _refuse_far(edges: Array) -> None:
    """Refuses an interval that floating point does not resolve."""
    with np.errstate(all="ignore"):
        length, far = float(edges[-1] - edges[0]), float(np.max(np.abs(edges)))
        thinnest = float(np.min(np.diff(edges)))
    if not 1.0 / LARGEST <= length <= LARGEST:
        _refuse("an interval", f"between {1 / LARGEST:g} and {LARGEST:g} long", f"{length:g}")
    if far > FARTHEST * length:
        cure = "Shift it near to x = 0, which changes no level."
        _refuse("an interval", f"within {FARTHEST:g} of its length", f"x={far:g}", cure)
    if thinnest < THINNEST * length:
        cure = "Leave the layer out."
        _refuse("layers", f"of {THINNEST:g} of its length or more", f"{thinnest / length:g}", cure)


def _refuse_extreme(v: Array, rho: Array, length: float) -> None:
    """Refuses values of V and rho that lose each other by rounding."""
    least, most = float(np.min(rho)), float(np.max(rho))
    if not 1.0 / LARGEST <= most <= LARGEST or not least > 0.0:
        _refuse(
            "a weight rho", f"between {1 / LARGEST:g} and {LARGEST:g}", f"{least:g} to {most:g}"
        )
    if most > RATIO * least:
        cure = "Give masses nearer to each other."
        _refuse("a weight rho", f"that varies at most {RATIO:g} fold", f"{most / least:g}", cure)
    unit = 4.0 / (length**2 * most)
    low, high = float(np.min(v)), float(np.max(v))
    if not max(unit, 1.0 / unit, abs(low), abs(high)) <= LARGEST_ENERGY:
        _refuse("energies", f"of {LARGEST_ENERGY:g} at most", f"V from {low:g} to {high:g}")
    if high - low > STEEPEST * unit:
        cure = "Model a wall by the end of the interval."
        found = f"{(high - low) / unit:g} times"
        _refuse("a V", f"that varies by at most {STEEPEST:g} times 1/(h^2 rho)", found, cure)
    if abs(low) > HIGHEST * unit:
        cure = "Shift V near to 0, which shifts the levels."
        found = f"{abs(low) / unit:g} times"
        _refuse("a V", f"within {HIGHEST:g} times 1/(h^2 rho) of 0", found, cure)


def _refuse(what: str, must: str, found: str, cure: str = "Choose other units.") -> NoReturn:
    raise ValueError(
        f"`potential` must have {what} {must}, for floating point to hold its levels. Received: "
        f"{found}. {cure}"
    )
