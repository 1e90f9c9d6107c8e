"""Events: points of space and time as a user asks for them, checked."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from qwpinn.inputs import check, limits

Array = NDArray[np.float64]


def checked_events(given: ArrayLike | tf.Tensor, walls: tuple[float, float], end: float) -> Array:
    """Rows of a position and a time, ``(n, 2)``, float64.

    Args:
        given: The rows.
        walls: Between which positions are.
        end: T, up to which times are.

    Raises:
        TypeError: If they are of single precision, or no real numbers.
        ValueError: If they have another shape, or one is outside.
    """
    name = getattr(getattr(given, "dtype", None), "name", "float64")
    if name.startswith(("float", "bfloat")) and name != "float64":
        raise TypeError(
            "`points` must be float64, as the model is. Received: "
            f"{name}. Give points.astype('float64')."
        )
    found = check.real_array("points", np.asarray(given))
    if found.ndim != 2 or found.shape[1] != 2 or not found.size:
        raise ValueError(
            "`points` must have shape (n, 2), a row x and t of each. Received: shape="
            f"{found.shape}. Give np.stack([x, t], axis=-1), or take `wavefunction`."
        )
    x = check.points(found[:, 0], walls)
    return np.stack([x, checked_times(found[:, 1], end)], axis=-1)


def checked_times(given: ArrayLike, end: float) -> Array:
    """Times in one row, refused outside [0, T].

    Raises:
        TypeError: If they are no real numbers.
        ValueError: If they are no row, or one is outside.
    """
    t = np.atleast_1d(check.real_array("t", given))
    slack = 1e-12 * end
    outside = t[(t < -slack) | (t > end + slack)]
    if outside.size or t.ndim != 1:
        raise ValueError(
            f"`t` must be times (n,) in [0, {end:g}], which the model was trained for. Received: "
            f"{outside[0] if outside.size else t.shape}. Give others, or a model of a longer "
            "duration."
        )
    return np.clip(t, 0.0, end)


def every_event(x: Array, t: Array) -> Array:
    """Every position at every time, those of a time together, ``(times positions, 2)``.

    Raises:
        ValueError: If there are too many.
    """
    limits.at_most("x", x.size * t.size, limits.POINTS, "positions times times")
    return np.stack([np.tile(x, t.size), np.repeat(t, x.size)], axis=-1)
