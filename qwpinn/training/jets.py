r"""Jets: a function of xi with its first two derivatives, and those of tanh by tapes.

What a network is made of is joined by Leibniz's rule in closed form; only tanh itself needs tapes.
They are traced once in a process, on vectors of one length that hold anything, so that another
well, width or dimension traces nothing anew.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Numbers that go through the tapes at once.
LENGTH = 8192


class Jet(NamedTuple):
    """Values, slopes and curvatures along xi, arrays of one shape."""

    value: Array
    slope: Array
    curvature: Array

    def times(self, other: Jet) -> Jet:
        """The product, by Leibniz's rule; shapes broadcast.

        Example:
            >>> x = Jet(*map(np.array, (3.0, 1.0, 0.0)))
            >>> x.times(x)
            Jet(value=9.0, slope=6.0, curvature=2.0)
        """
        return Jet(
            self.value * other.value,
            self.slope * other.value + self.value * other.slope,
            self.curvature * other.value
            + 2.0 * self.slope * other.slope
            + self.value * other.curvature,
        )

    def rows(self, part: slice) -> Jet:
        """Some of the rows."""
        return Jet(*(column[part] for column in self))


def tanh(z: Jet) -> tuple[Jet, Jet]:
    """Tanh of a function that has this jet, and the jet of its derivative by the value of z.

    A change of z by f(xi) changes tanh by f times that derivative; Leibniz's rule gives its jet.
    """
    found = _in_pieces(_traced(), z)
    return Jet(*found[:3]), Jet(*found[3:])


def tanh_along(z: tf.Tensor) -> list[tf.Tensor]:
    r"""The jet of :math:`\tanh(z + h z' + h^2 z''/2)` in h at 0, and its derivatives by z.

    Args:
        z: z, z' and z'', shape ``(3, n)``.

    Returns:
        Six tensors ``(n,)``: the function, its slope, its curvature, and the derivatives of each.
    """
    value, slope, curvature = tf.unstack(z)
    h = tf.zeros_like(value)
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as along_z:
        along_z.watch(value)
        with tf.GradientTape(watch_accessed_variables=False) as outer:
            outer.watch(h)
            with tf.GradientTape(watch_accessed_variables=False) as inner:
                inner.watch(h)
                phi = tf.tanh(value + h * (slope + 0.5 * h * curvature))
            first = inner.gradient(phi, h)
        jet = [phi, first, outer.gradient(first, h)]
    return jet + [along_z.gradient(one, value) for one in jet]


@cache
def _traced() -> Callable[[tf.Tensor], tf.Tensor]:
    """The tapes on vectors of the one length, as a graph."""
    spec = tf.TensorSpec([3, LENGTH], tf.float64)
    packed = tf.function(lambda z: tf.stack(tanh_along(z)), autograph=False)
    concrete: Callable[[tf.Tensor], tf.Tensor] = packed.get_concrete_function(spec)
    return concrete


def _in_pieces(function: Callable[[tf.Tensor], tf.Tensor], z: Jet) -> Array:
    """The function of as many numbers as there are, shape ``(m, *shape of z)``."""
    shape, count = np.shape(z.value), np.size(z.value)
    flat = np.stack([np.ravel(column) for column in z])
    found = np.empty((6, count))
    for at in range(0, count, LENGTH):
        piece = flat[:, at : at + LENGTH]
        if piece.shape[1] < LENGTH:
            piece = np.pad(piece, ((0, 0), (0, LENGTH - piece.shape[1])))
        found[:, at : at + LENGTH] = function(tf.constant(piece)).numpy()[:, : count - at]
    return found.reshape(-1, *shape)
