"""Bands: the equation of BenDaniel and Duke on layers, and the coordinate that makes it normal.

With c = hbar^2 / 2 m0 and the mass mu(z) in free-electron masses,

    -c d/dz (1/mu dpsi/dz) + (V - E) psi = 0,

psi and (1/mu) dpsi/dz are continuous at an interface. The coordinate x = integral of mu dz makes
the second dpsi/dx, so that psi(x) is C1 and solves -psi'' + rho (V - E) psi = 0, rho = 1/(c mu).
"""

from __future__ import annotations

import abc
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.layers import Layers, panel_of
from qwpinn.equation.potential import Interval, Potential
from qwpinn.equation.smoothness import Irregularity
from qwpinn.inputs import check
from qwpinn.inputs.frozen import set_fields
from qwpinn.units.quantities import HBAR, KINETIC
from qwpinn.units.systems import Units

if TYPE_CHECKING:
    from qwpinn.devices.heterostructure import Heterostructure

Array = NDArray[np.float64]

__all__ = ["KINETIC", "AtEnergy", "Bands", "Device"]


class Bands(Potential):
    """V and mu on layers, each linear in z, as a potential of the coordinate x = integral of mu dz.

    Args:
        edges: The layers' ends z, nm, shape ``(layers + 1,)``. Every inner one is a breakpoint.
        values: V at both ends of each layer, meV, shape ``(layers, 2)``.
        masses: mu there, positive, shape ``(layers, 2)``.
        cut_ends: See `Potential.cut_ends`. Defaults to neither.

    Reference:
        D. J. BenDaniel, C. B. Duke, Phys. Rev. 152 (1966) 683, doi:10.1103/PhysRev.152.683
    """

    cut_ends: tuple[bool, bool] = (False, False)

    def __init__(
        self,
        edges: Array,
        values: Array,
        masses: Array,
        cut_ends: tuple[bool, bool] = (False, False),
    ) -> None:
        self.edges, self.values, self.masses = edges, values, masses
        self.cut_ends = cut_ends
        self.widths = np.diff(edges)
        self.value_slopes = np.diff(values, axis=1)[:, 0] / self.widths
        self.mass_slopes = np.diff(masses, axis=1)[:, 0] / self.widths

    @cached_property
    def normal_edges(self) -> Array:
        """The layers' ends x, shape ``(layers + 1,)``."""
        return np.concatenate([[0.0], np.cumsum(self.widths * np.mean(self.masses, axis=1))])

    @cached_property
    def interval(self) -> Interval:
        """The walls, in the coordinate x."""
        return 0.0, float(self.normal_edges[-1])

    @cached_property
    def breakpoints(self) -> tuple[float, ...]:
        """The interfaces, in the coordinate x."""
        return tuple(self.normal_edges[1:-1].tolist())

    @cached_property
    def layers(self) -> Layers | None:
        """The constant layers, or None where V or mu varies within one."""
        if np.any(self.value_slopes != 0.0) or np.any(self.mass_slopes != 0.0):
            return None
        return Layers(self.normal_edges, self.values[:, 0], 1.0 / (KINETIC * self.masses[:, 0]))

    @property
    def irregularities(self) -> tuple[tuple[Irregularity, ...], ...]:
        """None: V and mu are linear in each layer, whose ends are breakpoints."""
        return (), ()

    def __call__(self, x: ArrayLike) -> Array:
        """V at x; exactly at an interface, the value to the right."""
        layer, depth = self._in_layer(x)
        return np.asarray(self.values[layer, 0] + self.value_slopes[layer] * depth)

    def weight(self, x: ArrayLike) -> Array:
        """Rho = 1/(c mu) at x; exactly at an interface, the value to the right."""
        layer, depth = self._in_layer(x)
        mass = self.masses[layer, 0] + self.mass_slopes[layer] * depth
        return np.asarray(1.0 / (KINETIC * mass))

    def to_x(self, z: Array) -> Array:
        """x(z), arrays and tensors alike: a parabola a layer, C0 at the interfaces."""
        start, mass, slope = self.edges[:-1], self.masses[:, 0], self.mass_slopes
        x: Array = (mass[0] + 0.5 * slope[0] * (z - start[0])) * (z - start[0])
        before = self.masses[:-1, 1]
        for edge, jump, bend in zip(start[1:], mass[1:] - before, np.diff(slope), strict=True):
            beyond = 0.5 * (z - edge + abs(z - edge))
            x = x + (jump + 0.5 * bend * beyond) * beyond
        return x

    def to_z(self, x: Array) -> Array:
        """z(x), the inverse of `to_x`."""
        layer, depth = self._in_layer(x)
        return np.asarray(self.edges[layer] + depth)

    def _in_layer(self, x: ArrayLike) -> tuple[NDArray[np.intp], Array]:
        """The layer of each position, and how far z is from its left end."""
        positions = np.asarray(x, dtype=np.float64)
        layer = panel_of(positions, self.normal_edges)
        inside = positions - self.normal_edges[layer]
        mass, slope = self.masses[layer, 0], self.mass_slopes[layer]
        # The root of slope / 2 s^2 + mass s = inside, in the form that holds for slope = 0 too.
        root = np.sqrt(np.maximum(mass**2 + 2.0 * slope * inside, 0.0))
        return layer, 2.0 * inside / (mass + root)


class Device(Potential):
    """A potential in z whose mass has layers, seen by the solver through its `Bands`."""

    symbol: ClassVar[str] = "z"
    length_unit: str = "nm"
    energy_unit: str = "meV"
    time_unit: str = "fs"
    hbar: float = HBAR

    normal_form: Bands

    @property
    def equation(self) -> str:
        """The equation that is solved, one line with its units."""
        return (
            f"-(hbar^2/2) d/dz (1/m) dpsi/dz + V psi = E psi, hbar^2/2m0 = {KINETIC:.6g} meV nm^2"
        )

    @property
    def apart(self) -> str:
        """Its mass has a coordinate of its own."""
        return (
            "with units and a mass of its own, whose coordinate is not the x of the equation. Make "
            "another one of other layers"
        )

    def _in(self, units: Units) -> Potential:
        raise ValueError(
            f"`in_units` must be asked of a potential without units. Received: {units} for a "
            f"{type(self).__name__}, which is in nm, meV and electron masses. Leave it out."
        )

    @property
    @abc.abstractmethod
    def ends(self) -> Array:
        """V at both ends of each layer, meV, shape ``(layers, 2)``."""

    @cached_property
    def minimum(self) -> float:
        """Of V, meV, which is linear in each layer."""
        return float(np.min(self.ends))

    @property
    def even(self) -> bool:
        """Whether the layers are the same from either end."""
        return self.normal_form.even

    @property
    def irregularities(self) -> tuple[tuple[Irregularity, ...], ...]:
        """None, for layers are linear."""
        return (), ()

    def to_normal(self, x: Array) -> Array:
        return self.normal_form.to_x(x)

    def from_normal(self, x: Array) -> Array:
        return self.normal_form.to_z(x)

    @property
    def amplitude(self) -> float:
        """Integral of psi^2 dz = 1, where the normal form has integral of rho psi^2 dx = 1."""
        return float(KINETIC**-0.5)


@dataclass(frozen=True)
class AtEnergy(Device):
    """A structure whose mass is that of a state of one energy: a linear problem.

    Its level k is level k of the structure where it equals `energy`.

    Args:
        structure: A `qwpinn.Heterostructure` of non-parabolic bands.
        energy: In meV.

    Raises:
        ValueError: If a mass would not be positive.
    """

    structure: Heterostructure
    energy: float

    def __post_init__(self) -> None:
        set_fields(self, energy=check.finite("energy", self.energy))
        if np.min(self.normal_form.masses) <= 0.0:
            self._refuse_deep_in_a_gap()

    def _refuse_deep_in_a_gap(self) -> None:
        structure = self.structure
        below = np.max(structure.ends, axis=1) - self.energy
        worst = int(np.argmax(below / structure.gaps))
        raise ValueError(
            "`nonparabolic` bands must have their levels less than a gap below every layer's edge. "
            f"Received: a level near {self.energy:.6g} meV, {below[worst]:.6g} below layer {worst} "
            f"(from 0), whose gap is {structure.gaps[worst]:.6g} meV. Lower the field or the "
            "number of layers, correct the gap, or take nonparabolic=False."
        )

    @cached_property
    def interval(self) -> Interval:
        """The walls, nm."""
        return self.structure.interval

    @cached_property
    def breakpoints(self) -> tuple[float, ...]:
        """The interfaces, nm."""
        return self.structure.breakpoints

    @property
    def cut_ends(self) -> tuple[bool, bool]:
        """Those of the structure."""
        return self.structure.cut_ends

    @cached_property
    def normal_form(self) -> Bands:  # type: ignore[override]
        """The equation in the coordinate x = integral of mu dz."""
        return self.structure.bands(self.energy)

    @property
    def ends(self) -> Array:
        """V at both ends of each layer, meV, shape ``(layers, 2)``."""
        return self.structure.ends

    def __call__(self, x: ArrayLike) -> Array:
        """V in meV at z = x."""
        return self.structure(x)

    def to_config(self) -> dict[str, object]:
        """A dict of plain JSON values."""
        structure = self.structure.to_config()
        return {"class": type(self).__name__, "structure": structure, "energy": self.energy}
