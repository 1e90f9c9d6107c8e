"""Configs: potentials to JSON and back."""

import dataclasses
from collections.abc import Mapping

from qwpinn.devices.layer import Layer
from qwpinn.equation.geometry import AnyWell, geometry_of
from qwpinn.equation.plane import PlanePotential
from qwpinn.equation.potential import Potential
from qwpinn.equation.regions import REGIONS, Region
from qwpinn.potentials.plane_series import PlaneSeries
from qwpinn.potentials.polynomial import tabulate
from qwpinn.storage.plain import Json, flat, from_json


def potential_from_config(config: Mapping[str, Json] | AnyWell) -> AnyWell:
    """Restores a potential from what `to_config` returned.

    Args:
        config: A mapping with the class's name under `"class"`, and its fields. A class of your
            own is found if it was defined (imported) before. A potential stands for itself.

    Raises:
        ValueError: If the class is unknown, or the fields do not fit it.

    Example:
        >>> potential_from_config({"class": "InfiniteWell", "width": 2.0})
        InfiniteWell(width=2.0)
    """
    if isinstance(config, Potential | PlanePotential):
        return config
    with flat("`config`"):
        return _from_config(config)


def _from_config(config: Mapping[str, Json]) -> AnyWell:
    known = known_classes()
    name = config.get("class")
    if name not in known:
        raise ValueError(
            f"`config` must name one of the classes {', '.join(sorted(known))}. "
            f"Received: class={name!r}. Import your own class before you load its config."
        )
    arguments = {key: value_from_json(value) for key, value in config.items() if key != "class"}
    _check_fields(known[name], arguments)
    return known[name](**arguments)


def value_from_json(value: Json) -> object:
    """A number, sequence, array, layer or potential as `qwpinn.storage.plain.as_json` stored it."""
    return from_json(value, _described)


def _described(config: Mapping[str, Json]) -> AnyWell | Layer | Region | PlaneSeries:
    kind = {**REGIONS, "PlaneSeries": PlaneSeries}.get(config.get("class", ""))
    if kind is not None:
        return kind(
            **{key: value_from_json(value) for key, value in config.items() if key != "class"}
        )
    return Layer(**config) if "thickness" in config else _from_config(config)


def known_classes() -> dict[str, type[AnyWell]]:
    """All potentials that are dataclasses, by name: those here, and those defined so far.

    A name of the package's stands for its class; of two others, for the one defined last, e.g. when
    the cell of a notebook has run again.

    Example:
        >>> known_classes()["InfiniteWell"](width=2.0)
        InfiniteWell(width=2.0)
    """
    found = [*_subclasses(Potential), *_subclasses(PlanePotential)]
    ours = [cls for cls in found if cls.__module__.startswith("qwpinn.")]
    return {cls.__name__: cls for cls in [*found, *reversed(ours)]}


def _check_fields(cls: type, arguments: Mapping[str, object]) -> None:
    """Refuses a config with fields that the class does not have, or without those it needs."""
    fields, needed = fields_of(cls)
    if not set(arguments) <= fields:
        raise ValueError(
            f"`config` of {cls.__name__} must hold only the fields {', '.join(sorted(fields))}. "
            f"Received: {', '.join(sorted(set(arguments) - fields))}. Remove the others."
        )
    if not needed <= set(arguments):
        raise ValueError(
            f"`config` of {cls.__name__} must hold all fields without a default. Received: none "
            f"for {', '.join(sorted(needed - set(arguments)))}. Use what `to_config` returned."
        )


def fields_of(cls: type) -> tuple[set[str], set[str]]:
    """The fields that a dataclass takes, and those of them without a default.

    Example:
        >>> known, needed = fields_of(Layer)
        >>> "mass" in known, needed
        (True, {'thickness'})
    """
    unset = dataclasses.MISSING
    taken = [f for f in dataclasses.fields(cls) if f.init]
    needed = {f.name for f in taken if f.default is unset and f.default_factory is unset}
    return {f.name for f in taken}, needed


def storable(potential: AnyWell) -> AnyWell:
    """The potential; of a class that is not qwpinn's its table, which can be read without it."""
    ours = type(potential).__module__.startswith("qwpinn.")
    return potential if ours or geometry_of(potential).dimension > 1 else tabulate(potential)


def potential_config(potential: AnyWell) -> dict[str, object]:
    """The potential as JSON: its own fields, or its table."""
    found: dict[str, object] = storable(potential).to_config()
    return found


def _subclasses(cls: type[AnyWell]) -> list[type[AnyWell]]:
    """All subclasses that are dataclasses, in the order of definition."""
    direct = cls.__subclasses__()
    below = [found for child in direct for found in _subclasses(child)]
    return [child for child in direct if dataclasses.is_dataclass(child)] + below
