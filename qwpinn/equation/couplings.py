"""Couplings: what ``drive=(W, f)`` is in a well, W of positions or by its name, and f of times."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation import kinds
from qwpinn.equation.potential import Potential, values
from qwpinn.inputs import formulas

Array = NDArray[np.float64]
InSpace = Callable[[Array], ArrayLike]
InTime = Callable[[float], object]


def coupled(drive: object, potential: Potential) -> tuple[InSpace, InTime]:
    """W and f of H + f(t) W(x), both as functions.

    Args:
        drive: The pair. W is a function of own positions, or the name of one: ``"x"``, the
            potential's own symbol, or one of its `couplings`, as ``"field"`` of a device. f is a
            function of one time.
        potential: The well.

    Raises:
        TypeError: If it is no such pair.
        ValueError: If W has no such name.

    Example:
        >>> from qwpinn.potentials import InfiniteWell
        >>> position, f = coupled(("x", lambda t: 0.1 * t), InfiniteWell())
        >>> position(np.array([0.5])), f(2.0)
        (array([0.5]), 0.2)
    """
    if not isinstance(drive, tuple | list) or len(drive) != 2:
        raise TypeError(
            "`drive` must be a pair (W, f) of functions, for H + f(t) W(x). Received: "
            f"{kinds.shown(drive)}. Give e.g. drive=('x', qwpinn.Pulse(0.1, frequency=2.0))."
        )
    given, strength = drive
    known = {"x": lambda x: x, potential.symbol: lambda x: x, **potential.couplings}
    if isinstance(given, str) and given not in known:
        raise ValueError(
            f"`drive` must begin with a function of {potential.symbol}, or with "
            f"{' or '.join(repr(name) for name in sorted(known))}. Received: {given!r:.40}. "
            "Give e.g. lambda x: x**2."
        )
    coupling = known[given] if isinstance(given, str) else given
    kinds.function("drive[0]", coupling, f"{potential.symbol}, W")
    kinds.function("drive[1]", strength, "a time, f")
    return coupling, strength


def at_positions(coupling: InSpace, x: Array) -> Array:
    """W at own positions, in their shape.

    Raises:
        TypeError: If it does not return real numbers.
        ValueError: If they are of another shape, or not finite.
    """
    found = formulas.evaluated("drive[0]", coupling, x)
    return formulas.finite("drive[0]", "W", found, x)


def at_time(name: str, function: InTime, t: float) -> float:
    """A function of time at a time.

    Args:
        name: Of the function, for the message.
        function: Takes and returns one number.
        t: The time.

    Raises:
        TypeError: If it returns no real number.
        ValueError: If that is not finite.
    """
    value = function(t)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(
            f"`{name}` must return one real number for one time. Received: {kinds.shown(value)} at "
            f"t={t:g}. Give a function such as lambda t: 0.1 * np.cos(2.0 * t)."
        )
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(
            f"`{name}` must be finite at all times asked for. Received: {number} at t={t:g}. End "
            "before, or cut the pole off."
        )
    return number


def at_times(name: str, function: InTime, t: Array) -> Array:
    """A function of one time at many, in their shape, one after the other as `at_time`.

    A `Potential` of times, which takes them all at once, is asked so.
    """
    if isinstance(function, Potential):
        return values(function, t)
    found = [at_time(name, function, one) for one in t.ravel().tolist()]
    return np.array(found, np.float64).reshape(t.shape)
