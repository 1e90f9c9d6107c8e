"""Answers: what a model says at a few places, kept with it when it is saved.

A model that is loaded and does not say the same is not the one that was saved: its weights or its
config were changed, or something in it was computed anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.geometry import AnyScaling, AnyWell, geometry_of
from qwpinn.equation.potential import Potential
from qwpinn.equation.scaling import Scaling
from qwpinn.equation.semiclassics import density, profile
from qwpinn.storage.plain import Json

Array = NDArray[np.float64]

# Positions in a well; half of them evenly, half as dense as the states need units.
POSITIONS = 48
# Members of a family, and positions in each.
MEMBERS, PLACES = 8, 16
# Multiples of it and of its square are spread evenly over a square: 1 over the plastic number.
PLASTIC = 0.7548776662466927
# Largest differences, of energies in E - min V and of psi in its norm.
STATES = 1e-9
# Of the equation, V in the depth of the well and rho in its largest value: editions of the physical
# constants differ by 1e-9.
EQUATION = 1e-8


class Answers(NamedTuple):
    """What a model says of one well, or of n members of a family, at q positions in each.

    The equation is that of the potential as it is stored, e.g. of the table of a function.

    Attributes:
        energies: Shape ``(n, K)``.
        psi: ``(n, q, K)``.
        potential: V, ``(n, q)``.
        weight: rho, ``(n, q)``.
        edges: Walls and breakpoints, ``(n, edges)``.
        energy_origin: V0, from which the network's energies are measured.
    """

    energies: Array
    psi: Array
    potential: Array
    weight: Array
    edges: Array
    energy_origin: Array

    @classmethod
    def of(
        cls,
        members: list[AnyWell],
        x: Array,
        energies: ArrayLike,
        psi: ArrayLike,
        energy_origin: float,
    ) -> Answers:
        """With the equations of the members at positions ``(n, q)``."""
        pairs = list(zip(members, x, strict=True))
        return cls(
            energies=np.reshape(energies, (len(x), -1)),
            psi=np.reshape(psi, (*x.shape[:2], -1)),
            potential=np.array([member(at) for member, at in pairs]),
            weight=np.array([_weight(*pair) for pair in pairs]),
            edges=np.array([geometry_of(member).landmarks(member) for member in members]),
            energy_origin=np.array(energy_origin),
        )

    def to_config(self) -> dict[str, Json]:
        """A dict of plain JSON values."""
        return {name: value.tolist() for name, value in self._asdict().items()}

    @classmethod
    def from_config(cls, config: Mapping[str, Json]) -> Answers:
        """Restores what `to_config` returned."""
        return cls(**{name: np.array(config[name], np.float64) for name in cls._fields})


def asked_at(well: AnyWell, scaling: AnyScaling, states: int) -> Array:
    """Where a model is asked: ``(1, q)``, in the plane ``(1, q, 2)``."""
    if geometry_of(well).dimension == 1:
        return well_positions(well, scaling, states)
    low, high = geometry_of(well).walls(well).T
    steps = np.array([PLASTIC, PLASTIC**2])
    shares = (np.arange(1.0, POSITIONS + 1.0)[:, None] * steps) % 1.0
    return np.asarray(low + (high - low) * shares)[None]


def well_positions(potential: Potential, scaling: Scaling, states: int) -> Array:
    """Where a well's model is asked, in own units, shape ``(1, q)``."""
    form, (left, right) = potential.normal_form, potential.interval
    cells = profile(form, scaling)
    share = np.concatenate([[0.0], np.cumsum(density(cells, states) * cells.widths)])
    dense = np.interp(_spread(POSITIONS // 2) * share[-1], share, cells.edges)
    z = np.linspace(left, right, 4097)
    inside = np.interp(scaling.centre + scaling.half_width * dense, potential.to_normal(z), z)
    even = left + (right - left) * _spread(POSITIONS - POSITIONS // 2)
    return np.concatenate([even, inside])[None]


def member_positions(members: list[Potential]) -> Array:
    """Where a family's model is asked in each of n members, shape ``(n, q)``."""
    walls = np.array([member.interval for member in members])
    return np.asarray(walls[:, :1] + (walls[:, 1:] - walls[:, :1]) * _spread(PLACES))


def difference(kept: Answers, found: Answers) -> str:
    """What differs most between kept and present answers, as a phrase; empty if all agree."""
    above = np.abs(kept.energies - kept.energy_origin)
    depth = max(np.max(np.abs(kept.potential - kept.energy_origin)), np.max(above))
    measured = {
        "energies": ("of E - min V", STATES, above),
        "psi": ("of its norm", STATES, np.sqrt(np.mean(kept.psi**2, axis=(0, 1)))),
        "potential": ("of its depth", EQUATION, depth),
        "weight": ("of its largest value", EQUATION, np.max(kept.weight)),
        "edges": ("of the interval", EQUATION, np.ptp(kept.edges)),
        "energy_origin": ("of E - min V", STATES, np.min(above)),
    }
    worst, phrase = 1.0, ""
    for name, (unit, allowed, size) in measured.items():
        largest = _largest(getattr(kept, name), getattr(found, name), size)
        # What is not a number is not below anything.
        if not largest / allowed <= worst:
            worst = np.inf if np.isnan(largest) else largest / allowed
            phrase = f"{name} by {largest:.2g} {unit} (allowed: {allowed:g})"
    return phrase


def _largest(before: Array, now: Array, size: float | Array) -> float:
    """The largest difference beyond a few units of rounding, in units of a size."""
    if before.shape != now.shape:
        return np.inf
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.abs(now - before)
        rounding = apart <= 4.0 * np.finfo(np.float64).eps * np.abs(before)
        return float(np.max(np.where(rounding, 0.0, apart / size)))


def _spread(count: int) -> Array:
    """Points between 0 and 1 without symmetry, evenly spread (multiples of the golden ratio)."""
    golden = (np.sqrt(5.0) - 1.0) / 2.0
    return np.asarray((golden * (1.0 + np.arange(count))) % 1.0)


def _weight(member: AnyWell, x: Array) -> Array:
    """Rho at own positions; 0 where it depends on the energy, and so is another for each level."""
    if member.energy_dependent:
        return np.zeros_like(x)
    return np.asarray(member.normal_form.weight(member.to_normal(x)))
