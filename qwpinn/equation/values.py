"""Values: V as a number or a function of x and y, and the boxes that it lives in."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwpinn.inputs import check, formulas

Array = NDArray[np.float64]
# Of positions x and y, arrays of one shape.
Function = Callable[[Any, Any], Any]
# Walls: x from the first to the second, y from the third to the fourth.
Box = tuple[float, float, float, float]


def energy_or_function(name: str, value: float | Function) -> float | Function:
    """Returns `value`, refusing what is neither a finite number nor a function.

    Raises:
        TypeError: If it is something else.
        ValueError: If it is not finite.
    """
    if not callable(value):
        return check.finite(name, value)
    try:
        inspect.signature(value).bind(0.0, 0.0)
    except TypeError:
        raise TypeError(
            f"`{name}` must be a function of x and y. Received: one of other arguments. Give e.g. "
            "lambda x, y: x**2 + y**2."
        ) from None
    except ValueError:  # A function of C says nothing of its arguments.
        pass
    return value


def evaluated(name: str, value: float | Function, x: Array, y: Array) -> Array:
    """A number or a function of x and y at points, in their shape, as float64.

    Args:
        name: Of the value, for the message.
        value: What is asked.
        x: Positions, which broadcast with y.
        y: The same.

    Raises:
        TypeError: If a function returns no real numbers.
        ValueError: If it returns another shape.
    """
    x, y = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
    if not callable(value):
        return np.full(x.shape, value, np.float64)
    return formulas.evaluated(name, value, x, y)


def pair(name: str, value: object) -> tuple[float, float]:
    """Returns `value` as two finite numbers.

    Raises:
        TypeError: If it holds other things.
        ValueError: If there are not two, or one is not finite.
    """
    found = check.real_array(name, value)  # type: ignore[arg-type]
    if found.shape != (2,):
        raise ValueError(
            f"`{name}` must be two numbers, x and y. Received: shape={found.shape}. "
            f"Give e.g. {name}=(0.0, 0.0)."
        )
    return float(found[0]), float(found[1])


def box_of(name: str, value: object) -> Box:
    """Returns `value` as walls (x0, x1, y0, y1) with x0 < x1 and y0 < y1.

    Raises:
        TypeError: If it holds other things than numbers.
        ValueError: If there are not four, or they do not increase.
    """
    found = check.real_array(name, value)  # type: ignore[arg-type]
    if found.shape != (4,) or not (found[0] < found[1] and found[2] < found[3]):
        raise ValueError(
            f"`{name}` must be four numbers (x0, x1, y0, y1) with x0 < x1 and y0 < y1. Received: "
            f"{value!r:.60}. Give e.g. {name}=(-1.0, 1.0, -1.0, 1.0)."
        )
    x0, x1, y0, y1 = found.tolist()
    return x0, x1, y0, y1
