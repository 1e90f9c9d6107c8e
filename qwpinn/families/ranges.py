"""Ranges: what the parameters of a family may be called, and from where to where they go."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import TypeGuard

import numpy as np

from qwpinn.equation import kinds
from qwpinn.inputs import check
from qwpinn.inputs.names import asked


def check_names(template: object, names: Iterable[str]) -> None:
    """Refuses parameters that a class or a function does not take, where its signature tells."""
    if kinds.is_potential(template) or not callable(template):
        return
    try:
        taken = inspect.signature(template).parameters
    except ValueError:
        return
    if any(one.kind is one.VAR_KEYWORD for one in taken.values()):
        return
    for name in names:
        if name not in taken:
            raise ValueError(
                f"`parameters` must be of {', '.join(taken)}, which "
                f"{getattr(template, '__name__', 'the template')} takes. Received: {name}. "
                f"{asked(name, taken, 'Correct its name.')}"
            )


def is_pair(value: object) -> TypeGuard[Iterable[object]]:
    """Whether a value is a range: two numbers."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        return False
    return all(np.isscalar(v) and not isinstance(v, str | bool) for v in value)


def ends_of(name: str, pair: Iterable[object]) -> tuple[float, float]:
    """The lowest and the highest value of a parameter.

    Raises:
        ValueError: If they are the same, or the wrong way round.
    """
    low, high = (check.finite(name, value) for value in pair)
    if not low < high:
        raise ValueError(
            f"`{name}` must be a range (lowest, highest) with lowest < highest. Received: "
            f"({low:g}, {high:g}). Give one number to hold it fixed."
        )
    return low, high
