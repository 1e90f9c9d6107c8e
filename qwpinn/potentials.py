"""Potentials: what stands for V and rho in -psi'' + rho (V - E) psi = 0, psi(a) = psi(b) = 0.

A potential is a frozen dataclass that knows its interval, the points where it is not smooth, and
its values. Lengths and energies are in any units in which the equation reads as above: with
rho = 1, an energy is one over a length squared, and the infinite well of width 1 has levels
n^2 pi^2. `Potential.in_units` makes them nm and eV, or others, for a particle of a mass.

- `InfiniteWell`, `FiniteWell`, `FiniteBarrier`, `KronigPenney`, `PiecewiseConstant`: constant
  layers;
- `Harmonic`, `Morse`, `PoeschlTeller`, `Triangular`: levels from textbooks;
- `Quartic`, `DoubleWell`, `WoodsSaxon`, `Gaussian`: a formula, and levels from a solver only;
- `CustomPotential`, `Sampled`: a function, with a weight rho if it has one, or samples;
- `Heterostructure`: semiconductor layers in nm, meV and kV/cm, each with its mass;
- `PiecewisePolynomial`: Legendre series on panels; `tabulate` turns any potential into one.

Write your own as a subclass of `Potential`, or wrap a function in `CustomPotential`. Potentials are
added, scaled and moved by the operators and methods of `Potential`.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from qwpinn.algebra import Moved, Scaled, Sum
from qwpinn.bands import AtEnergy
from qwpinn.epilayers import Layer
from qwpinn.functions import CustomPotential, Sampled
from qwpinn.heterostructure import Heterostructure
from qwpinn.layers import Layers
from qwpinn.measured import InUnits
from qwpinn.plain import flat, from_json
from qwpinn.potential import Potential
from qwpinn.segmented import Segmented
from qwpinn.shapes import DoubleWell, Gaussian, Quartic, WoodsSaxon
from qwpinn.tables import PiecewisePolynomial, tabulate
from qwpinn.textbook import Harmonic, Morse, PoeschlTeller
from qwpinn.triangular import Triangular
from qwpinn.wells import FiniteBarrier, FiniteWell, InfiniteWell, KronigPenney, PiecewiseConstant

__all__ = [
    "AtEnergy",
    "CustomPotential",
    "DoubleWell",
    "FiniteBarrier",
    "FiniteWell",
    "Gaussian",
    "Harmonic",
    "Heterostructure",
    "InUnits",
    "InfiniteWell",
    "KronigPenney",
    "Layer",
    "Layers",
    "Morse",
    "Moved",
    "PiecewiseConstant",
    "PiecewisePolynomial",
    "PoeschlTeller",
    "Potential",
    "Quartic",
    "Sampled",
    "Scaled",
    "Segmented",
    "Sum",
    "Triangular",
    "WoodsSaxon",
    "known_classes",
    "potential_from_config",
    "tabulate",
]


def potential_from_config(config: Mapping[str, Any]) -> Potential:
    """Restores a potential from what `to_config` returned.

    Args:
        config: A mapping with the class's name under `"class"`, and its fields. A class of your
            own is found if it was defined (imported) before.

    Raises:
        ValueError: If the class is unknown, or the fields do not fit it.

    Example:
        >>> potential_from_config({"class": "InfiniteWell", "width": 2.0})
        InfiniteWell(width=2.0)
    """
    with flat("`config`"):
        return _from_config(config)


def _from_config(config: Mapping[str, Any]) -> Potential:
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


def value_from_json(value: Any) -> Any:
    """A number, sequence, array, layer or potential as `qwpinn.plain.as_json` stored it."""
    return from_json(value, _described)


def _described(config: Mapping[str, Any]) -> Potential | Layer:
    return Layer(**config) if "thickness" in config else _from_config(config)


def known_classes() -> dict[str, type[Potential]]:
    """All potentials that are dataclasses, by name: those here, and those defined so far.

    A name of the package's stands for its class; of two others, for the one defined last, e.g. when
    the cell of a notebook has run again.

    Example:
        >>> known_classes()["InfiniteWell"](width=2.0)
        InfiniteWell(width=2.0)
    """
    found = _subclasses(Potential)
    ours = [cls for cls in found if cls.__module__.startswith("qwpinn.")]
    return {cls.__name__: cls for cls in [*found, *reversed(ours)]}


def _check_fields(cls: type[Any], arguments: Mapping[str, object]) -> None:
    """Refuses a config with fields that the class does not have, or without those it needs."""
    fields = {f.name: f for f in dataclasses.fields(cls) if f.init}
    if not set(arguments) <= set(fields):
        raise ValueError(
            f"`config` of {cls.__name__} must hold only the fields {', '.join(sorted(fields))}. "
            f"Received: {', '.join(sorted(set(arguments) - set(fields)))}. Remove the others."
        )
    unset = dataclasses.MISSING
    needed = {f.name for f in fields.values() if f.default is unset and f.default_factory is unset}
    if not needed <= set(arguments):
        raise ValueError(
            f"`config` of {cls.__name__} must hold all fields without a default. Received: none "
            f"for {', '.join(sorted(needed - set(arguments)))}. Use what `to_config` returned."
        )


def _subclasses(cls: type[Any]) -> list[type[Any]]:
    """All subclasses that are dataclasses, in the order of definition."""
    direct = cls.__subclasses__()
    below = [found for child in direct for found in _subclasses(child)]
    return [child for child in direct if dataclasses.is_dataclass(child)] + below
