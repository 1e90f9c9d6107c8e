"""Heterostructures: layers of semiconductors in nm, meV and kV/cm, with the mass of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.devices.bands import AtEnergy, Bands, Device
from qwpinn.devices.contacts import active_layers, contacts, cut_ends
from qwpinn.devices.growth import Grown
from qwpinn.devices.layer import NUMBERS, Layer, Used, as_layer, chosen_layers, refuse_number
from qwpinn.devices.validity import check_lineup, refuse_unbound
from qwpinn.equation.layers import panel_of
from qwpinn.equation.potential import Interval
from qwpinn.inputs import check, limits
from qwpinn.inputs.frozen import set_fields
from qwpinn.materials import Material, material
from qwpinn.units.quantities import FIELDS, number_or_quantity

Array = NDArray[np.float64]

# e times 1 kV/cm in meV/nm.
FIELD_UNIT = 0.1
UNITS = {"field": "kV/cm", "thickness": "nm", "offset": "meV", "gap": "meV", "mass": "m0"}


@dataclass(frozen=True)
class Heterostructure(Grown, Device):
    r"""Layers between infinite walls, in an electric field.

    .. math:: -\frac{\hbar^2}{2 m_0} \frac{d}{dz} \frac{1}{\mu(z)} \frac{d\psi}{dz}
              + V(z) \psi = E \psi, \quad
              V(z) = \mathrm{offset}(z) - e F (z - z_c), \quad \int \psi^2 dz = 1

    z runs from 0 at the left wall to the sum of all thicknesses, in nm; z_c is the middle. Energies
    are in meV. psi and (1/mu) dpsi/dz are continuous (BenDaniel and Duke).

    Args:
        layers: From left to right, at most 10,000.
        field: F in kV/cm, or with a unit; a positive one lowers V to the right. Defaults to 0.
        nonparabolic: Whether the mass is mu (1 + (E - V) / Eg) in every layer that has a gap (two
            bands). Defaults to False: mu.
        preset: Of `qwpinn.materials`. Defaults to ``"vurgaftman"``.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If there is no layer, materials of different families are combined, or some with
            offsets of other layers, no gap is known where one is needed, a contact is inside, or
            the field leaves no state bound.

    Warns:
        UserWarning: If all offsets are so small that they seem to be in eV.

    Example:
        >>> barrier = Layer(thickness=20.0, material="Al0.2Ga0.8As")
        >>> device = Heterostructure([barrier, Layer(6.0, "GaAs"), barrier], preset="harrison")
        >>> device.interval, device.offsets.round(3), device.masses.round(4)
        ((0.0, 46.0), array([167.098,   0.   , 167.098]), array([0.0836, 0.067 , 0.0836]))

    Reference:
        G. Bastard, Wave Mechanics Applied to Semiconductor Heterostructures, ISBN 978-0-470-21708-5
    """

    quantities: ClassVar[tuple[str, ...]] = ("field",)

    layers: Sequence[Layer] = dataclasses.field()  # type: ignore[assignment]
    field: float = 0.0
    nonparabolic: bool = False
    preset: str = "vurgaftman"

    def __post_init__(self) -> None:
        if isinstance(self.layers, Layer) or not isinstance(self.layers, Sequence):
            raise TypeError(
                "`layers` must be a list of qwpinn.Layer. Received: layers of type "
                f"{type(self.layers).__name__}. Put it into brackets."
            )
        limits.at_most("layers", len(self.layers), limits.BREAKPOINTS, "layers")
        set_fields(self, layers=tuple(as_layer(layer) for layer in self.layers))
        if not self.layers:
            raise ValueError(
                "`layers` must hold at least one layer. Received: none. "
                "Give e.g. [qwpinn.Layer(10.0, 'GaAs')]."
            )
        field = check.finite("field", number_or_quantity("field", self.field, FIELDS))
        set_fields(self, field=field)
        if not isinstance(self.nonparabolic, bool):
            raise TypeError(
                "`nonparabolic` must be True or False. Received: "
                f"nonparabolic={self.nonparabolic!r}. Leave it out for parabolic bands."
            )
        check_lineup(self)
        _ = self.contacts
        if self.field:
            refuse_unbound(self)

    @cached_property
    def materials(self) -> tuple[Material | None, ...]:
        """The material of each layer, None for a layer with numbers of its own."""
        return tuple(
            material(layer.material, layer.composition, self.preset) if layer.material else None
            for layer in self.layers
        )

    @cached_property
    def offsets(self) -> Array:
        """The band edge of each layer without the field, meV, shape ``(layers,)``."""
        lowest = min((m.edge for m in self.materials if m is not None), default=0.0)
        return self._each("offset", [m and m.edge - lowest for m in self.materials])

    @cached_property
    def masses(self) -> Array:
        """The mass of each layer at its band edge, in free-electron masses, ``(layers,)``."""
        return self._each("mass", [m and m.mass for m in self.materials])

    @cached_property
    def gaps(self) -> Array:
        """Eg of each layer, meV, infinite where none is known, shape ``(layers,)``."""
        return self._each("gap", [m.gap if m else np.inf for m in self.materials])

    @cached_property
    def edges(self) -> Array:
        """The layers' ends, walls included, nm, shape ``(layers + 1,)``."""
        return np.concatenate([[0.0], np.cumsum([layer.thickness for layer in self.layers])])

    @cached_property
    def ends(self) -> Array:
        """V at both ends of each layer, meV, shape ``(layers, 2)``."""
        return self.ends_in(self.field)

    def ends_in(self, field: float) -> Array:
        """`ends` in another field."""
        tilt = self._tilt(self.edges, field)
        return self.offsets[:, None] + np.stack([tilt[:-1], tilt[1:]], axis=1)

    @cached_property
    def interval(self) -> Interval:
        """The walls, nm."""
        return 0.0, float(self.edges[-1])

    @cached_property
    def breakpoints(self) -> tuple[float, ...]:
        """The interfaces where V or the mass jumps, nm."""
        return tuple(self.edges[1:-1][~self._same_as_next].tolist())

    def __call__(self, x: ArrayLike) -> Array:
        """V in meV at z = x; exactly at an interface, the value to the right."""
        z = np.asarray(x, dtype=np.float64)
        return np.asarray(self.offsets[panel_of(z, self.edges)] + self._tilt(z, self.field))

    def mass(self, z: ArrayLike, energy: float | None = None) -> Array:
        """The mass at z in free-electron masses, at the band edge or as a state of `energy` has it.

        Args:
            z: Positions in nm, any shape.
            energy: In meV. Defaults to the band edge; without effect on parabolic bands.
        """
        edge = self.masses[panel_of(z, self.edges)]
        return np.asarray(self._seen(edge, self(z), self.gap(z), energy))

    def gap(self, z: ArrayLike) -> Array:
        """Eg at z in meV, in the shape of z; infinite in a layer without."""
        return np.asarray(self.gaps[panel_of(z, self.edges)])

    @cached_property
    def active(self) -> NDArray[np.bool_]:
        """Which layers are the device's, shape ``(layers,)``.

        Those marked `Layer.active`; without any mark all but contacts and outer barriers, which
        lie above what is beside them.
        """
        return active_layers(self.layers, self.offsets)

    @cached_property
    def contacts(self) -> NDArray[np.bool_]:
        """Which layers are contacts, shape ``(layers,)``; those not marked are in `cut_ends`."""
        return contacts(self.layers, self.offsets)

    @cached_property
    def cut_ends(self) -> tuple[bool, bool]:
        """Whether the first and the last layer go on beyond the structure; else a wall is there.

        Contacts do: layers marked so, or a first and a last one that both lie below what is beside
        them. So do outer barriers, if not marked as active. ``contact=False`` makes either a wall.
        """
        return cut_ends(self.layers, self.offsets)

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last active layer."""
        found = np.flatnonzero(self.active)
        return int(found[0]), int(found[-1])

    @property
    def region(self) -> tuple[float, float]:
        """From the first to the last active layer, nm: where a state of the device is found."""
        first, last = self.span
        return float(self.edges[first]), float(self.edges[last + 1])

    @cached_property
    def used(self) -> tuple[Used, ...]:
        """What is used of each layer."""
        rows = self.offsets, self.masses, self.gaps, self.active, self.contacts
        return tuple(
            Used(layer.thickness, material and material.name, *numbers)
            for layer, material, *numbers in zip(
                self.layers, self.materials, *(row.tolist() for row in rows), strict=True
            )
        )

    @property
    def couplings(self) -> Mapping[str, Callable[[Array], Array]]:
        """``"field"``: the energy in a field of 1 kV/cm, as `field` has it."""
        return {"field": lambda z: self._tilt(z, 1.0)}

    @property
    def energy_dependent(self) -> bool:
        """Whether the mass depends on the energy."""
        return self.nonparabolic

    @cached_property
    def least_energy(self) -> float:
        """The lowest V, or the energy at which a mass would vanish, if that is higher: meV."""
        ends = self.ends
        vanishing = np.max(ends - self.gaps[:, None], initial=-np.inf)
        lowest = float(np.min(ends))
        if not self.nonparabolic or vanishing < lowest:
            return lowest
        return float(vanishing + 1e-6 * np.min(self.gaps))

    @property
    def parabolic_limit(self) -> Heterostructure:
        """The structure with the masses of the band edges."""
        return dataclasses.replace(self, nonparabolic=False)

    def at(self, energy: float) -> Device:
        """The structure with the mass that a state of this energy has: itself, if parabolic.

        Raises:
            ValueError: If the energy lies so deep in a gap that a mass would not be positive.
        """
        return AtEnergy(self, energy) if self.nonparabolic else self

    @cached_property
    def normal_form(self) -> Bands:  # type: ignore[override]
        """The equation in the coordinate x = integral of mu dz.

        Raises:
            ValueError: If the mass depends on the energy.
        """
        if self.nonparabolic:
            raise ValueError(
                "`nonparabolic` structures must be asked at an energy, for their mass depends on "
                "it. Received: none. Take qwpinn.solve, or structure.at(energy)."
            )
        return self.bands()

    def bands(self, energy: float | None = None) -> Bands:
        """V and mass of the joined layers, the mass as a state of this energy has it."""
        values = self.ends
        edge = np.repeat(self.masses[:, None], 2, axis=1)
        masses = self._seen(edge, values, self.gaps[:, None], energy)
        first = np.flatnonzero(np.concatenate([[True], ~self._same_as_next]))
        last = np.append(first[1:], len(self.layers)) - 1
        return Bands(
            np.append(self.edges[first], self.edges[-1]),
            np.stack([values[first, 0], values[last, 1]], axis=1),
            np.stack([masses[first, 0], masses[last, 1]], axis=1),
            self.cut_ends,
        )

    def varied(self, parameter: str, value: float) -> Heterostructure:
        """The structure with another field, or another number of some layers.

        Args:
            parameter: ``"field"``; ``"NAME.thickness"``, for all layers of that name, or
                ``"2.thickness"``, counted from 0, where thickness may be composition, offset, mass
                or gap too; or the number's name alone, for the only active layer's thickness, and
                else for all layers that give one.
            value: In nm, meV, kV/cm or electron masses.

        Raises:
            ValueError: If there is no such number, or the value is not allowed.
        """
        if parameter == "field":
            return dataclasses.replace(self, field=value)
        which, _, number = parameter.rpartition(".")
        chosen = chosen_layers(self.layers, which, number, np.flatnonzero(self.active).tolist())
        if number not in NUMBERS or not chosen:
            refuse_number(self.layers, parameter)
        changed = [
            layer.varied(number, value) if index in chosen else layer
            for index, layer in enumerate(self.layers)
        ]
        return dataclasses.replace(self, layers=changed)

    def unit(self, parameter: str) -> str:
        """The unit of a number that `varied` takes."""
        return UNITS.get(parameter.rpartition(".")[2], "")

    def mirrored(self) -> Heterostructure:
        """Left and right exchanged, layers and field; the levels stay."""
        return dataclasses.replace(self, layers=self.layers[::-1], field=-self.field)

    def to_config(self) -> dict[str, object]:
        """A dict of plain JSON values; of a layer, those that are not its defaults."""
        layers = [layer.to_config() for layer in self.layers]
        numbers = {n: getattr(self, n) for n in ("field", "nonparabolic", "preset")}
        return {"class": type(self).__name__, "layers": layers, **numbers}

    def _each(self, name: str, otherwise: Sequence[float | None]) -> Array:
        """A number of each layer: its own, or else its material's."""
        own = [getattr(layer, name) for layer in self.layers]
        pairs = zip(own, otherwise, strict=True)
        return np.array([other if number is None else number for number, other in pairs])

    def _tilt(self, z: Array, field: float) -> Array:
        """-e F (z - z_c), meV."""
        return np.asarray(-FIELD_UNIT * field * (z - 0.5 * self.edges[-1]))

    def _seen(self, edge: Array, v: Array, gap: Array, energy: float | None) -> Array:
        """The mass that a state of this energy sees, from that of the band edge."""
        if energy is None or not self.nonparabolic:
            return edge
        return np.asarray(edge * (1.0 + (energy - v) / gap))

    @cached_property
    def _same_as_next(self) -> NDArray[np.bool_]:
        """Which interfaces are none, shape ``(layers - 1,)``."""
        numbers = [self.offsets, self.masses, *([self.gaps] if self.nonparabolic else [])]
        return np.asarray(np.all([row[1:] == row[:-1] for row in numbers], axis=0))
