"""Formulas: the values of a user's function, or one line that says why it gives none.

NumPy's warnings are held back meanwhile: what is wrong with the values is said with the position.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Interval = tuple[float, float]

# Distances from an end, in units of the interval, at which a V without bound is told from a steep
# one: of each the next is half. Over them, neither log nor any power grows less than this.
HALVINGS, GROWING = range(16, 30), 0.999
# Of the interval: nearer to an end than this, nothing is told from the end itself.
AT_END = 1e-6


def evaluated(name: str, function: Callable[..., object], x: Array, *others: Array) -> Array:
    """The values of a function at positions, float64, in the shape of ``x``; NaN is let through.

    A Python number stands for a constant.

    Args:
        name: Of the function, for the message.
        function: Takes an array; in the plane two.
        x: Positions.
        *others: In the plane y, of the same shape.

    Raises:
        TypeError: If it takes numbers only, or returns no real numbers.
        ValueError: If it takes numbers only, or returns another shape.

    Example:
        >>> evaluated("f", lambda x: x**2, np.array([1.0, 2.0]))
        array([1., 4.])
    """
    try:
        with np.errstate(all="ignore"):
            # Copies, for one that works in place would move the positions of everybody else.
            found = function(*(np.array(at) for at in (x, *others)))
    except (TypeError, ValueError) as error:
        _explain(name, function, (x, *others), error)
    if found is None:
        raise TypeError(
            f"`{name}` must return an array. Received: None. End it with `return` and the values."
        )
    values = np.full(x.shape, found) if type(found) in (int, float) else np.asarray(found)
    if values.dtype.kind == "c":
        raise TypeError(
            f"`{name}` must hold real numbers. Received: dtype={values.dtype}. Give the real part, "
            "e.g. np.real(values): levels of an absorbing V are not real."
        )
    if values.dtype.kind not in "fiu":
        raise TypeError(
            f"`{name}` must hold real numbers. Received: dtype={values.dtype}. "
            "Give ints or floats, e.g. np.asarray(values, dtype=float)."
        )
    if values.shape != x.shape:
        raise ValueError(
            f"`{name}` must have the shape of x, {x.shape}. "
            f"Received: shape={values.shape}. For a constant return np.full_like(x, constant)."
        )
    return np.asarray(values, np.float64)


def _explain(
    name: str, function: Callable[..., object], at: Sequence[Array], error: Exception
) -> NoReturn:
    """Says of a function that takes numbers only how to write it; else its error stands."""
    try:
        with np.errstate(all="ignore"):
            function(*(np.float64(x.flat[0]) for x in at))
    except Exception:
        raise error from None
    cure = (
        "write `a if x > 0 else b` as np.where(x > 0, a, b)"
        if isinstance(error, ValueError)
        else "take np.sin, np.exp, ... for math.sin, math.exp, ..."
    )
    message = str(error).splitlines()[0].rstrip(".")
    raise type(error)(
        f"`{name}` must take an array of positions at once. Received: a function of single numbers "
        f"({message}). In it, {cure}; or give np.vectorize(function)."
    ) from error


def finite(
    name: str, symbol: str, values: Array, x: Array, interval: Interval | None = None
) -> Array:
    """Values, refused where one is not finite.

    Args:
        name: Of the function, for the message.
        symbol: That of its values, e.g. ``"V"``.
        values: At ``x``.
        x: Positions.
        interval: Where they end. Defaults to None: not asked.

    Raises:
        ValueError: With the first such position.

    Example:
        >>> finite("potential", "V", np.array([0.0, 2.0]), np.array([0.0, 0.3]))
        array([0., 2.])
    """
    bad = ~np.isfinite(values)
    if not bad.any():
        return values
    position, value = float(x[bad][0]), float(values[bad][0])
    if interval is not None and position in interval:
        raise ValueError(_singular(f"{symbol}({position:g}) = {value}", position, interval))
    raise ValueError(
        f"`{name}` must be finite everywhere between the walls. Received: "
        f"{symbol}({position:g}) = {value}. Model an infinite wall by the end of the interval, and "
        "cut a pole off."
    )


def wave(
    function: Callable[[Array], ArrayLike], x: Array, called: str = "psi0", symbol: str = "psi0"
) -> NDArray[np.complex128]:
    """The values of a real or complex psi0 at positions, refused where one is not finite.

    Args:
        function: Takes an array.
        x: Positions.
        called: Its name, for messages of what it returns.
        symbol: That of its values.

    Raises:
        TypeError: If it takes numbers only, or returns no numbers.
        ValueError: If it returns another shape, or one that is not finite.

    Example:
        >>> wave(lambda x: 1j * x, np.array([0.0, 2.0]))
        array([0.+0.j, 0.+2.j])
    """
    parts = [
        finite("psi0", symbol, evaluated(called, lambda at, part=part: part(function(at)), x), x)
        for part in (np.real, np.imag)
    ]
    return np.asarray(parts[0] + 1j * parts[1])


def refuse_singular(function: Callable[[Array], Array], interval: Interval) -> None:
    """Refuses a function that grows without bound towards an end of its interval.

    From each distance to half of it, log grows by the same, and a negative power by more; what is
    bounded grows by less and less.

    Args:
        function: V.
        interval: Its ends.

    Raises:
        ValueError: With the end.
    """
    left, right = interval
    for end, inwards in ((left, right - left), (right, left - right)):
        x = end + inwards * np.array([2.0**-n for n in HALVINGS])
        with np.errstate(all="ignore"):
            values = function(x)
            steps = np.abs(np.diff(values))
        growing = steps[-1] >= GROWING * steps[0] and np.all(steps > 1e-9 * np.abs(values[1:]))
        if growing and np.all(np.sign(np.diff(values)) == np.sign(values[-1] - values[0])):
            raise ValueError(_singular(f"V({x[-1]:g}) = {values[-1]:g}, and beyond", end, interval))


def refuse_root(points: Sequence[float], interval: Interval) -> None:
    """Refuses points where V is not smooth that are an end: a derivative has no bound there.

    Args:
        points: Where.
        interval: Its ends.

    Raises:
        ValueError: With the end, e.g. of a square root.
    """
    left, right = interval
    for position in points:
        for end in interval:
            if abs(position - end) <= AT_END * (right - left):
                raise ValueError(
                    "`potential` must be smooth up to its ends, and is singular at the end "
                    f"x={end:g}. Received: a V or rho whose slope or curvature has no bound "
                    f"there, as of a root. {_cure(end, interval)}"
                )


def _singular(found: str, end: float, interval: Interval) -> str:
    return (
        f"`potential` must be bounded, and is singular at the end x={end:g}. Received: {found}. "
        f"{_cure(end, interval)}"
    )


def _cure(end: float, interval: Interval) -> str:
    left, right = interval
    near = end + 0.001 * (right - left) * (1.0 if end == left else -1.0)
    first, last = (near, right) if end == left else (left, near)
    return (
        f"Let the interval end near it, e.g. interval=({first:g}, {last:g}), the nearer the better "
        "the levels."
    )
