"""Argument checks: one line that says what was invalid, what is expected, what came, and the cure.

Every constructor and function of the package that takes numbers from a user passes them through
this file first, so that a wrong argument is refused where it was given and not ten calls later.
A wrong type raises `TypeError`, a wrong value `ValueError`. Libraries of validators check fields of
classes and say what they expected, not what helps, and know no arrays.
"""

import math
import numbers
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.inputs import limits

Array = NDArray[np.float64]

# The narrowest enclosure, in units of E - min V, that can be asked for: the allowance for rounding
# on either side is a fifth of it.
LEAST_TOLERANCE = 1e-11


def finite(name: str, value: object) -> float:
    """Returns `value` as a float, refusing what is no finite real number.

    Args:
        name: The argument's name, for the message.
        value: A Python or NumPy real number; booleans are refused.

    Raises:
        TypeError: If `value` is not a real number.
        ValueError: If `value` is infinite or NaN.

    Example:
        >>> finite("height", 3)
        3.0
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(
            f"`{name}` must be a real number. Received: {name}={value!r} of type "
            f"{type(value).__name__}. Give an int or a float, e.g. {name}=1.0."
        )
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(
            f"`{name}` must be finite. Received: {name}={number}. "
            f"Give a finite number, e.g. {name}=1.0."
        )
    return number


def positive(name: str, value: object, kind: str = "length") -> float:
    """Returns `value` as a float, refusing what is not positive and finite.

    Args:
        name: The argument's name, for the message.
        value: A Python or NumPy real number.
        kind: What the number measures, for the message. Defaults to `"length"`.

    Raises:
        TypeError: If `value` is not a real number.
        ValueError: If `value` is zero, negative, infinite or NaN.

    Example:
        >>> positive("width", 2)
        2.0
    """
    number = _as_real(name, value)
    if not (math.isfinite(number) and number > 0.0):
        raise ValueError(
            f"`{name}` must be a positive, finite {kind}. Received: {name}={number}. "
            f"Give a number above 0, e.g. {name}=1.0."
        )
    return number


def not_negative(name: str, value: object, kind: str = "energy") -> float:
    """Returns `value` as a float, refusing what is negative or not finite.

    Args:
        name: The argument's name, for the message.
        value: A Python or NumPy real number.
        kind: What the number measures, for the message. Defaults to `"energy"`.

    Raises:
        TypeError: If `value` is not a real number.
        ValueError: If `value` is negative, infinite or NaN.

    Example:
        >>> not_negative("depth", 0)
        0.0
    """
    number = _as_real(name, value)
    if not (math.isfinite(number) and number >= 0.0):
        raise ValueError(
            f"`{name}` must be a finite {kind} that is not negative. Received: {name}={number}. "
            f"Give 0 or a number above it, e.g. {name}=1.0."
        )
    return number


def tolerance(name: str, value: object, kind: str = "tolerance") -> float:
    """Returns `value` as a float, refusing relative tolerances that rounding puts out of reach.

    Args:
        name: The argument's name, for the message.
        value: A real number of at least `LEAST_TOLERANCE`.
        kind: What the number measures, for the message. Defaults to `"tolerance"`.

    Raises:
        TypeError: If `value` is not a real number.
        ValueError: If `value` is not finite, or smaller.

    Example:
        >>> tolerance("rtol", 1e-9)
        1e-09
    """
    number = positive(name, value, kind)
    if number < LEAST_TOLERANCE:
        raise ValueError(
            f"`{name}` must be at least {LEAST_TOLERANCE:g}: rounding in float64 lets nothing "
            f"narrower be proven. Received: {name}={number}. Give {LEAST_TOLERANCE:g} or more."
        )
    return number


def integer(name: str, value: object, minimum: int = 1, maximum: int = limits.POINTS) -> int:
    """Returns `value` as an int, refusing booleans, floats and numbers out of range.

    Args:
        name: The argument's name, for the message.
        value: A Python or NumPy integer; 3.0 is refused, as a float is no count.
        minimum: The smallest number allowed. Defaults to 1.
        maximum: The largest: what memory or time allow. Defaults to a million.

    Raises:
        TypeError: If `value` is not an integer.
        ValueError: If `value` is below `minimum` or above `maximum`.

    Example:
        >>> integer("states", np.int64(3))
        3
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Integral):
        raise TypeError(
            f"`{name}` must be an integer. Received: {name}={value!r} of type "
            f"{type(value).__name__}. Give a whole number, e.g. {name}={minimum}."
        )
    number = int(value)
    if number < minimum:
        raise ValueError(
            f"`{name}` must be an integer of at least {minimum}. Received: {name}={number}. "
            f"Give {minimum} or more."
        )
    return limits.at_most(name, number, maximum)


def real_array(name: str, values: ArrayLike) -> Array:
    """Returns `values` as a float64 array of finite numbers, whatever its shape.

    Args:
        name: The argument's name, for the message.
        values: Real numbers of any dtype.

    Raises:
        TypeError: If `values` does not hold real numbers.
        ValueError: If `values` is ragged, or a number is infinite or NaN.
    """
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(
            f"`{name}` must have rows of one length. Received: {values!r:.60}. Fill them up."
        ) from None
    if array.dtype.kind not in "fiu":
        raise TypeError(
            f"`{name}` must hold real numbers. Received: dtype={array.dtype}. "
            f"Give ints or floats, e.g. np.asarray({name}, dtype=float)."
        )
    real = np.asarray(array, dtype=np.float64)
    bad = np.flatnonzero(~np.isfinite(real))
    if bad.size:
        raise ValueError(
            f"`{name}` must hold finite numbers. Received: {real.flat[bad[0]]} at index {bad[0]}. "
            "Remove the infinite and NaN entries."
        )
    return real


def increasing(name: str, values: ArrayLike, minimum_size: int = 2) -> Array:
    """Returns `values` as a float64 array, refusing what does not strictly increase.

    Args:
        name: The argument's name, for the message.
        values: Real numbers, shape (n,).
        minimum_size: The least n allowed. Defaults to 2.

    Raises:
        TypeError: If `values` does not hold real numbers.
        ValueError: If the shape is not (n,), n is below `minimum_size`, a number is not finite,
            or one is not above its predecessor.

    Example:
        >>> increasing("edges", [0, 1, 3])
        array([0., 1., 3.])
    """
    array = real_array(name, values)
    if array.ndim != 1 or array.size < minimum_size:
        raise ValueError(
            f"`{name}` must be a sequence of at least {minimum_size} numbers. "
            f"Received: shape={array.shape}. Give numbers in one row, from left to right."
        )
    bad = np.flatnonzero(np.diff(array) <= 0.0)
    if bad.size:
        first = int(bad[0])
        raise ValueError(
            f"`{name}` must increase strictly. Received: {array[first]} followed by "
            f"{array[first + 1]} at index {first + 1}. Sort the numbers and remove repetitions."
        )
    return array


def interval(name: str, values: ArrayLike) -> tuple[float, float]:
    """Returns `values` as the pair (a, b), refusing what is no interval with a < b.

    Args:
        name: The argument's name, for the message.
        values: Two finite numbers, shape (2,).

    Raises:
        TypeError: If `values` does not hold real numbers.
        ValueError: If there are not two finite, increasing numbers.

    Example:
        >>> interval("interval", [0, 2])
        (0.0, 2.0)
    """
    pair = increasing(name, values, 2)
    if pair.size != 2:
        raise ValueError(
            f"`{name}` must be two numbers, its left and right end. Received: {pair.size} numbers. "
            f"Give a pair, e.g. {name}=(0.0, 1.0)."
        )
    return float(pair[0]), float(pair[1])


def interior(name: str, values: Sequence[float], interval: tuple[float, float]) -> Array:
    """Returns `values` as increasing numbers strictly inside `interval`; none at all is allowed.

    Args:
        name: The argument's name, for the message.
        values: Positions, shape (n,), n >= 0.
        interval: The ends (a, b).

    Raises:
        TypeError: If `values` does not hold real numbers.
        ValueError: If a position does not increase, or is not inside (a, b).
    """
    if np.size(values) == 0:
        return np.zeros(0)
    array = increasing(name, values, 1)
    left, right = interval
    outside = array[(array <= left) | (array >= right)]
    if outside.size:
        raise ValueError(
            f"`{name}` must lie strictly inside the interval ({left}, {right}). "
            f"Received: {outside[0]}. Leave the walls out, and give interior points only."
        )
    return array


def points(x: ArrayLike, interval: tuple[float, float]) -> Array:
    """Returns positions as a float64 array of shape (n,) within the closed interval.

    Points outside by no more than 1e-12 of the length are moved to the wall: they come from
    round-off, e.g. of `a + (b - a) * t`.

    Args:
        x: Positions, shape (n,) or (n, 1), of any real dtype.
        interval: The ends (a, b).

    Raises:
        TypeError: If `x` does not hold real numbers.
        ValueError: If the shape differs, or a point is not finite or outside [a, b].

    Example:
        >>> points([[0.0], [0.5]], (0.0, 1.0))
        array([0. , 0.5])
    """
    array = np.asarray(x)
    if array.ndim != 1 and (array.ndim != 2 or array.shape[1] != 1):
        raise ValueError(
            f"`x` must have shape (n,) or (n, 1). Received: shape={array.shape}. "
            "Reshape it, e.g. np.reshape(x, (-1,))."
        )
    column = real_array("x", array.reshape(-1))
    left, right = interval
    slack = 1e-12 * (right - left)
    outside = column[(column < left - slack) | (column > right + slack)]
    if outside.size:
        raise ValueError(
            f"`x` must lie in the closed interval [{left}, {right}]. Received: {outside[0]}. "
            "Leave out the points beyond the walls, where psi is zero."
        )
    return np.clip(column, left, right)


def _as_real(name: str, value: object) -> float:
    """The value as a float; only its type is checked, the caller's message covers the rest."""
    if isinstance(value, numbers.Real) and not math.isfinite(value):
        return float(value)
    return finite(name, value)
