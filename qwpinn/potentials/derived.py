"""What potentials that are made of others take from these."""

from __future__ import annotations

import abc
import dataclasses
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation import kinds
from qwpinn.equation.ends import Ends
from qwpinn.equation.layers import Layers, mirrored
from qwpinn.equation.potential import Interval, Potential
from qwpinn.potentials.config import storable
from qwpinn.potentials.square_wells import jumps
from qwpinn.storage.plain import as_json

Array = NDArray[np.float64]


class Derived(Potential):
    """A potential made of others, which are its fields."""

    @property
    @abc.abstractmethod
    def _seams(self) -> tuple[float, ...]:
        """The breakpoints of the parts, where they are now."""

    @cached_property
    def breakpoints(self) -> tuple[float, ...]:
        """The edges of layers where V or rho jumps, or the breakpoints of the parts."""
        return self._seams if self.layers is None else jumps(self.layers)

    @property
    def _parts(self) -> dict[str, Potential]:
        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}  # type: ignore[arg-type]
        return {name: part for name, part in fields.items() if kinds.is_potential(part)}

    @property
    def coarser(self) -> Potential | None:
        """The same of coarser parts; None if no part is a table."""
        parts = {name: part.coarser for name, part in self._parts.items()}
        tables = {name: part for name, part in parts.items() if part is not None}
        return dataclasses.replace(self, **tables) if tables else None  # type: ignore[type-var]

    @cached_property
    def even(self) -> bool:
        """Whether all parts are, about one middle; layers to the last digit."""
        if self.layers is not None:
            return mirrored(*self.layers)
        parts = self._parts.values()
        return all(part.even and part.interval == self.interval for part in parts)

    def walled(self, kinetic: float) -> Potential:
        """The same of walled parts."""
        walled = {name: part.walled(kinetic) for name, part in self._parts.items()}
        return dataclasses.replace(self, **walled)  # type: ignore[type-var]

    def in_length(self, unit: float) -> Potential:
        """V(unit y) of the parts in y."""
        parts = {name: part.in_length(unit) for name, part in self._parts.items()}
        whole: Potential = self._rescaled(unit, **parts)
        return whole

    @property
    def notes(self) -> tuple[str, ...]:
        """Those of the parts."""
        return tuple(note for part in self._parts.values() for note in part.notes)

    def to_config(self) -> dict[str, object]:
        """A dict of plain JSON values, with the parts' configs inside.

        A part whose class is not qwpinn's is stored as its table, so that the config can be
        restored where that class is unknown.
        """
        names = [f.name for f in dataclasses.fields(self)]  # type: ignore[arg-type]
        stored = {name: _stored(name, getattr(self, name)) for name in names}
        return {"class": type(self).__name__, **stored}


class Wrapper(Potential):
    """One potential that stands for another, its `inner` one, but for what a subclass says."""

    potential: Potential

    @property
    def inner(self) -> Potential:
        """The other one."""
        return self.potential

    @property
    def boundary_conditions(self) -> Ends:
        """That of V."""
        return self.inner.boundary_conditions

    @property
    def interval(self) -> Interval:
        """The walls (a, b), where psi is zero."""
        return self.inner.interval

    @cached_property
    def layers(self) -> Layers | None:
        """Those of V, or None where V or rho varies."""
        return self.inner.layers

    @property
    def cut_ends(self) -> tuple[bool, bool]:
        """Those of V."""
        return self.inner.cut_ends

    @property
    def even(self) -> bool:
        """Whether V is."""
        return self.inner.even

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`."""
        return self.inner(x)

    def weight(self, x: ArrayLike) -> Array:
        """The weight of V at the positions `x`."""
        return self.inner.weight(x)

    @property
    def _seams(self) -> tuple[float, ...]:
        return tuple(self.inner.breakpoints)


def check_part(name: str, part: object) -> None:
    """Refuses what is no potential."""
    if not kinds.is_potential(part):
        raise TypeError(
            f"`{name}` must be a potential. Received: {name} of type {type(part).__name__}. "
            "Give an instance of a subclass of Potential."
        )
    if part.apart:
        raise TypeError(
            f"`{name}` must be in the coordinate x of the equation, with hbar^2/2m = 1, to be a "
            f"part of another. Received: {type(part).__name__}, {part.apart}."
        )


def _stored(name: str, value: object) -> object:
    """A field as JSON; a part whose class is not qwpinn's as its table."""
    return as_json(name, storable(value) if kinds.is_potential(value) else value)
