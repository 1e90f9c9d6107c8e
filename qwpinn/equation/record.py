"""Record: a potential as a dataclass of numbers, which is named, shown, varied and stored."""

from __future__ import annotations

import abc
import dataclasses
from typing import Any, Self

from qwpinn.equation.operators import is_number
from qwpinn.inputs.names import asked
from qwpinn.sheets.screen import Line, Pictured, Sheet, short_repr
from qwpinn.storage.plain import as_json, snake_case


class Record(Pictured):
    """What a potential of any dimension knows of its own fields."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # A dataclass would write all the thousand numbers of a table into a `__repr__` of its own.
        cls.__repr__ = cls.__repr__  # type: ignore[method-assign]

    def __repr__(self) -> str:
        return short_repr(self) if dataclasses.is_dataclass(self) else super().__repr__()

    @property
    @abc.abstractmethod
    def equation(self) -> str:
        """The equation that is solved, in one line, with what its constants are."""

    @property
    def title(self) -> str:
        """The potential with its numbers, in one line."""
        return repr(self)

    def heading(self) -> Sheet:
        """The potential and its equation, as they stand above its levels."""
        return Sheet((Line(self.title), Line(self.equation, "dim")))

    @property
    def name(self) -> str:
        """The class's name in snake case, e.g. `"finite_well"`: a name for folders."""
        return snake_case(type(self).__name__)

    def varied(self, parameter: str, value: float) -> Self:
        """The same potential with another value of one of its numbers.

        Args:
            parameter: A field's name.
            value: Its new value.

        Raises:
            ValueError: If there is no such number, or the value is not allowed.

        Example:
            >>> from qwpinn.potentials import FiniteWell
            >>> FiniteWell(depth=20.0).varied("depth", 30.0)
            FiniteWell(depth=30.0, width=2.0, box=6.0)
        """
        return type(self)(**self._fields_with(parameter, value))

    def _fields_with(self, parameter: str, value: float) -> dict[str, Any]:
        """All fields, one of which has another value."""
        fields: dict[str, Any] = fields_of(self) if dataclasses.is_dataclass(self) else {}
        known = [name for name, number in fields.items() if is_number(number)]
        if parameter not in known:
            raise ValueError(
                f"`parameter` must be one of {', '.join(known) or '(none)'}, the numbers of "
                f"{type(self).__name__}. Received: {parameter}. "
                f"{asked(parameter, known, 'Correct its name.')}"
            )
        counted = isinstance(fields[parameter], int) and float(value).is_integer()
        return {**fields, parameter: int(value) if counted else value}

    def unit(self, parameter: str) -> str:
        """The unit of a number that `varied` takes, empty where lengths and energies have none."""
        return ""

    def to_config(self) -> dict[str, object]:
        """A dict of plain JSON values from which `potential_from_config` restores the potential.

        Raises:
            TypeError: If the potential is no dataclass, or a field holds e.g. a function.
        """
        if not dataclasses.is_dataclass(self):
            raise TypeError(
                f"`{type(self).__name__}` must be a dataclass to be stored. Received: a plain "
                "class. Decorate it with @dataclass(frozen=True), or store tabulate(potential)."
            )
        stored = {name: as_json(name, value) for name, value in fields_of(self).items()}
        return {"class": type(self).__name__, **stored}


def fields_of(potential: Record) -> dict[str, object]:
    """The fields of a dataclass and their values."""
    return {f.name: getattr(potential, f.name) for f in dataclasses.fields(potential)}  # type: ignore[arg-type]
