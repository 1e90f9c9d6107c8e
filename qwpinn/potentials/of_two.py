"""Potentials of the plane that are made of two others, `first` and `second`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Self

from qwpinn.equation.plane import PlanePotential
from qwpinn.inputs.names import asked
from qwpinn.units.dimensional import Dimension


class OfTwo(PlanePotential):
    """A potential of two parts, whose numbers are called by theirs, e.g. ``"first.depth"``."""

    first: Any
    second: Any

    @property
    def dimensions(self) -> Mapping[str, Dimension]:  # type: ignore[override]
        """Those of the numbers of both parts, as `varied` calls them."""
        parts = {"first": self.first, "second": self.second}
        return {
            f"{name}.{own}": powers
            for name, part in parts.items()
            for own, powers in part.dimensions.items()
        }

    def varied(self, parameter: str, value: float) -> Self:
        """The same sum with another value of a number of one part.

        Args:
            parameter: ``"first."`` or ``"second."``, and what `varied` of that part takes.
            value: Its new value.

        Raises:
            ValueError: If there is no such number, or the value is not allowed.

        Example:
            >>> from qwpinn.potentials import InfiniteWell, Plane
            >>> Plane.sum(InfiniteWell(), InfiniteWell()).varied("second.width", 2.0)
            Plane.sum(InfiniteWell(width=1.0), InfiniteWell(width=2.0))
        """
        name, own = self._named(parameter)
        part = getattr(self, name).varied(own, value)
        return dataclasses.replace(self, **{name: part})  # type: ignore[type-var]

    def unit(self, parameter: str) -> str:
        """The unit of a number that `varied` takes."""
        name, own = self._named(parameter)
        found: str = getattr(self, name).unit(own)
        return found

    def _named(self, parameter: str) -> tuple[str, str]:
        """Which part a number is of, and how it is called there."""
        name, _, own = parameter.partition(".")
        if name not in ("first", "second") or not own:
            raise ValueError(
                "`parameter` must be 'first.' or 'second.' and the name of a number. Received: "
                f"{parameter}. {asked(name, ['first', 'second'], 'Give e.g. first.width.')}"
            )
        return name, own
