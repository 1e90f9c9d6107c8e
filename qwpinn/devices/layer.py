"""Epitaxial layers: what is grown, one after the other, in nm, meV and electron masses."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from qwpinn.inputs import check
from qwpinn.inputs.frozen import set_fields, set_positive
from qwpinn.inputs.names import asked
from qwpinn.materials import formula, material
from qwpinn.units import quantities

# Thinner than an atom: a length in metres was meant.
THINNEST = 0.01
NUMBERS = ("thickness", "composition", "offset", "mass", "gap")
# The fields that may be strings with a unit.
QUANTITIES = {
    "thickness": quantities.LENGTHS,
    "offset": quantities.ENERGIES,
    "gap": quantities.ENERGIES,
}


@dataclass(frozen=True, repr=False)
class Layer:
    """One layer, of a material or with numbers of its own.

    Args:
        thickness: In nm, or with a unit, e.g. ``"60 A"``.
        material: A name that `qwpinn.materials.material` knows, e.g. ``"Al0.2Ga0.8As"``.
        composition: x of an alloy whose name does not say it.
        offset: The conduction band edge in meV, or with a unit, e.g. ``"0.167 eV"``. Defaults to
            the material's, above the lowest of all materials in the structure.
        mass: The effective mass at the band edge, in free-electron masses. Defaults to the
            material's.
        gap: Eg in meV or with a unit, for the mass of a non-parabolic band. Defaults to the
            material's, or where no material is given to a parabolic band.
        name: For people, and for sweeps, which change all layers of one name together.
        active: Whether a state in this layer is one of the device; see `Heterostructure.region`.
        contact: Whether the layer, an outermost one, goes on beyond the end of the structure, as a
            contact does; False for a real wall there. Defaults to None: see
            `Heterostructure.cut_ends`.

    Raises:
        TypeError: If a number, name or mark is of the wrong type.
        ValueError: If a number is out of range, the material is unknown, neither a material nor
            both offset and mass are given, or a contact is marked as active.
    """

    thickness: float
    material: str | None = None
    composition: float | None = None
    offset: float | None = None
    mass: float | None = None
    gap: float | None = None
    name: str = ""
    active: bool = False
    contact: bool | None = None

    def __post_init__(self) -> None:
        for name, table in QUANTITIES.items():
            number = quantities.number_or_quantity(name, getattr(self, name), table)
            set_fields(self, **{name: number})
        thickness = check.positive("thickness", self.thickness)
        if thickness < THINNEST:
            raise ValueError(
                f"`thickness` must be in nm. Received: thickness={thickness}, thinner than an "
                "atom. Give 20.0 for 20 nm."
            )
        set_fields(self, thickness=thickness)
        for name, kind in (("mass", "mass in units of the electron's"), ("gap", "energy in meV")):
            if getattr(self, name) is not None:
                set_positive(self, **{name: kind})
        if self.mass is not None and self.mass < 1e-4:
            raise ValueError(
                f"`mass` must be in units of the free electron's. Received: mass={self.mass}, less "
                "than in any semiconductor. Give 0.067 for GaAs."
            )
        if self.offset is not None:
            set_fields(self, offset=check.finite("offset", self.offset))
        _check_marks(self)
        if self.material is not None:
            material(self.material, self.composition)
            set_fields(self, composition=_plain(self.composition))
        elif self.composition is not None or self.offset is None or self.mass is None:
            raise ValueError(
                "`material` must be given, or both offset (meV) and mass. Received: "
                f"offset={self.offset}, mass={self.mass}, composition={self.composition} without a "
                "material. Give e.g. material='GaAs', or offset=0.0, mass=0.067."
            )

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.to_config().items())
        return f"Layer({given})"

    def number(self, name: str) -> float | None:
        """One of `NUMBERS` as it was given, the composition also by its material's name."""
        if name == "composition" and self.composition is None and self.material is not None:
            return formula(self.material)[1]
        value: float | None = getattr(self, name, None)
        return value

    def varied(self, name: str, value: float) -> Layer:
        """The layer with another of its `NUMBERS`."""
        changed: dict[str, Any] = {name: value}
        if name == "composition" and self.material is not None:
            changed["material"] = formula(self.material)[0]
        return dataclasses.replace(self, **changed)

    def to_config(self) -> dict[str, object]:
        """The fields that are not at their defaults, as plain JSON values."""
        fields = dataclasses.fields(self)
        return {f.name: v for f in fields if (v := getattr(self, f.name)) != f.default}


class Used(NamedTuple):
    """What is used of a layer: nm, meV and electron masses; the gap is infinite where unknown."""

    thickness: float
    material: str | None
    offset: float
    mass: float
    gap: float
    active: bool
    contact: bool


def _check_marks(layer: Layer) -> None:
    """Refuses marks of the wrong type, and a contact that is active."""
    allowed = {"active": (bool,), "name": (str,), "contact": (bool, type(None))}
    for field, types in allowed.items():
        value: object = getattr(layer, field)
        if not isinstance(value, types):
            raise TypeError(
                f"`{field}` must be a {types[0].__name__}. Received: {field}={value!r}. "
                "Leave it out for the default."
            )
    if layer.contact and layer.active:
        raise ValueError(
            "`contact` must be of a layer that is not active. Received: contact=True, "
            "active=True. Mark the layers in between as active."
        )


def _plain(number: float | None) -> float | None:
    """A number of Python's, which can be stored as JSON, for one of NumPy's."""
    return None if number is None else float(number)


def as_layer(layer: object) -> Layer:
    """A layer, also from the mapping of its fields that a config or a file has."""
    if isinstance(layer, Mapping):
        return Layer(**layer)
    if not isinstance(layer, Layer):
        raise TypeError(
            "`layers` must hold qwpinn.Layer objects. Received: one of type "
            f"{type(layer).__name__}. Give e.g. qwpinn.Layer(10.0, 'GaAs')."
        )
    return layer


def chosen_layers(
    layers: Sequence[Layer], which: str, number: str, active: Sequence[int]
) -> list[int]:
    """The layers of which a sweep varies a number.

    Args:
        layers: All of them.
        which: The index of one, the name of some, or empty: then for a thickness the only active
            one, else all that give such a number.
        number: One of `NUMBERS`.
        active: The indices of the active ones.
    """
    everywhere = list(enumerate(layers))
    if which.isdigit() and int(which) < len(layers):
        return [int(which)]
    if which:
        return [i for i, layer in everywhere if layer.name == which]
    if number == "thickness":
        return list(active) if len(active) == 1 else []
    return [i for i, layer in everywhere if layer.number(number) is not None]


def refuse_number(layers: Sequence[Layer], parameter: str) -> NoReturn:
    """Says which numbers of a structure can be varied.

    Raises:
        ValueError: Always.
    """
    names = sorted({layer.name for layer in layers if layer.name})
    of_layers = [f"{name}.{number}" for name in [*names, "0"] for number in NUMBERS]
    raise ValueError(
        f"`parameter` must be field, or LAYER.NUMBER with a layer of "
        f"{', '.join([*names, f'0 to {len(layers) - 1}'])} and a number of {', '.join(NUMBERS)}. "
        f"Received: {parameter}. {asked(parameter, ['field', *NUMBERS, *of_layers], 'Correct it.')}"
    )
