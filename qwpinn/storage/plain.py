"""Plain values: what JSON can hold, in a form that comes back with its order and its types.

JSON knows one kind of sequence, which comes back as a tuple; lists and NumPy's arrays and numbers
are stored with a word on what they are. What has a `to_config` is stored by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

# What a JSON file holds, of which `json` says no more: who reads it checks what it is.
Json: TypeAlias = Any
KINDS_OF_NUMBERS = "biuf"


@contextmanager
def flat(where: str) -> Iterator[None]:
    """What is read in the block, refused if tables and lists in it are nested too deeply.

    Args:
        where: It came from, for the message.

    Raises:
        ValueError: If Python's own limit of nesting is reached.
    """
    try:
        yield
    except RecursionError:
        raise ValueError(
            f"{where} must nest its tables and lists less deeply. Received: hundreds in each "
            "other. Write them one after another."
        ) from None


def as_json(name: str, value: object) -> Json:
    """A value as JSON has it, from which `from_json` makes an equal one of the same type.

    Args:
        name: The value's name, for the message.
        value: None, a string, a number, an array or a potential, or a sequence of them.

    Raises:
        TypeError: If it is something else, such as a function.

    Example:
        >>> as_json("edges", (0.0, np.int64(1), [True, None]))
        [0.0, {'dtype': 'int64', 'value': 1}, {'list': [True, None]}]
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, float | str):
        # Also np.float64 and np.str_, which are as good as Python's own.
        return float(value) if isinstance(value, float) else str(value)
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in KINDS_OF_NUMBERS:
        return {"dtype": value.dtype.name, "value": value.tolist()}
    if isinstance(value, tuple):
        return [as_json(name, item) for item in value]
    if isinstance(value, list):
        return {"list": [as_json(name, item) for item in value]}
    to_config = getattr(value, "to_config", None)
    if isinstance(value, type) or not callable(to_config):
        raise TypeError(
            f"`{name}` must hold numbers, strings, potentials, or sequences of them, to be stored. "
            f"Received: {value!r:.60} of type {type(value).__name__}. Give its numbers instead."
        )
    return to_config()


def from_json(value: Json, described: Callable[[Mapping[str, Json]], object]) -> object:
    """What `as_json` was given.

    Args:
        value: JSON.
        described: Restores what a `to_config` returned.

    Example:
        >>> from_json([0.0, {"dtype": "int64", "value": 1}, {"list": [True, None]}], dict)
        (0.0, np.int64(1), [True, None])
    """
    if isinstance(value, list):
        return tuple(from_json(item, described) for item in value)
    if not isinstance(value, Mapping):
        return value
    if set(value) == {"list"}:
        return [from_json(item, described) for item in value["list"]]
    if set(value) == {"dtype", "value"}:
        return np.array(value["value"], value["dtype"])[()]
    return described(value)


def snake_case(name: str) -> str:
    """A class's name as files and folders have it.

    Example:
        >>> snake_case("FiniteWell"), snake_case("Box2D")
        ('finite_well', 'box2d')
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[A-Z][a-z])", "_", name).lower()


def as_csv(columns: Mapping[str, NDArray[np.generic]]) -> str:
    """Columns of numbers as CSV, with all their digits.

    Example:
        >>> print(as_csv({"x": np.array([0.0, 0.5]), "psi": np.array([1.0, -0.25])}), end="")
        x,psi
        0.0,1.0
        0.5,-0.25
    """
    rows = zip(*(values.tolist() for values in columns.values()), strict=True)
    return "\n".join([",".join(columns), *(",".join(map(repr, row)) for row in rows), ""])
