"""Kinds: refuses what is no potential, no path or no function in one line, where it was given.

`qwpinn.inputs.check` does the same of numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeGuard, TypeVar

from qwpinn.equation.plane import PlanePotential
from qwpinn.equation.potential import Potential

Kind = TypeVar("Kind")
# For `each`: potentials of one and of two dimensions.
WELLS: Any = (Potential, PlanePotential)


def shown(value: object) -> str:
    """How a value is quoted in a message: in one line, and not a long one."""
    return f"{' '.join(repr(value).split()):.60}"


def one_of(name: str, value: object, kind: type[Kind], expected: str, cure: str) -> Kind:
    """Returns `value`, refusing what is not of a class; classes themselves too.

    Args:
        name: The argument's name, for the message.
        value: What was given.
        kind: The class.
        expected: What it must be, for the message.
        cure: What to do about it.

    Raises:
        TypeError: If it is of another class.

    Example:
        >>> one_of("width", 3, str, "a string", "Quote it.")
        Traceback (most recent call last):
        ...
        TypeError: `width` must be a string. Received: 3. Quote it.
    """
    if not isinstance(value, kind):
        raise TypeError(f"`{name}` must be {expected}. Received: {shown(value)}. {cure}")
    return value


def is_potential(value: object) -> TypeGuard[Potential]:
    """Whether it is one: `Family` takes a class or a function too, JSON holds other things."""
    return isinstance(value, Potential)


def potential(value: object, name: str = "potential") -> Potential:
    """Returns `value`, refusing what is no `Potential`.

    Raises:
        TypeError: If it is something else, such as a function or a class of potentials.
    """
    cure = "Wrap a function as CustomPotential(function, interval)."
    return one_of(name, value, Potential, "a qwpinn.Potential", cure)  # type: ignore[type-abstract]


def well(value: object, name: str = "potential") -> Potential | PlanePotential:
    """Returns `value`, refusing what is no potential of one or two dimensions.

    Raises:
        TypeError: If it is something else.
    """
    return value if isinstance(value, PlanePotential) else potential(value, name)


def line(
    value: Potential | PlanePotential, name: str, cure: str, argument: str = "potential"
) -> None:
    """Refuses a well of the plane where only those of one dimension can be solved.

    Args:
        value: The well.
        name: Of what cannot, for the message.
        cure: What to do about it.
        argument: That of the well. Defaults to "potential".

    Raises:
        ValueError: If it is of the plane.
    """
    if isinstance(value, PlanePotential):
        raise ValueError(
            f"`{argument}` must be of one dimension for qwpinn.{name}. Received: {shown(value)}, "
            f"of the plane. {cure}"
        )


def function(name: str, value: object, of: str) -> Callable[..., object]:
    """Returns `value`, refusing what cannot be called.

    Args:
        name: The argument's name, for the message.
        value: What was given.
        of: What it is called with, for the message.

    Raises:
        TypeError: If it is no function.
    """
    if not callable(value):
        raise TypeError(
            f"`{name}` must be a function of {of}. Received: {shown(value)}. Leave it out, or give "
            "one by its name, without brackets."
        )
    return value


def each(name: str, values: object, kind: type[Kind], expected: str, cure: str) -> list[Kind]:
    """Returns `values` as a list, refusing what is not several things of a class.

    Args:
        name: The argument's name, for the message.
        values: What was given.
        kind: The class of each.
        expected: What they must be, for the message.
        cure: What to do about it.

    Raises:
        TypeError: If it is no list, or holds something else.
    """
    if not isinstance(values, Iterable) or isinstance(values, str):
        raise TypeError(f"`{name}` must be {expected}. Received: {shown(values)}. {cure}")
    return [one_of(name, value, kind, expected, cure) for value in values]
