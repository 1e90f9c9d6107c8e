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


def tanh(z: Jet) -> Jet:
    """Tanh of a function that has this jet."""
    return Jet(*_in_pieces(_traced(tanh_along), z))


def tanh_and_derivative(z: Jet) -> tuple[Jet, Jet]:
    """Tanh of a function that has this jet, and the jet of its derivative by the value of z.

    A change of z by f(xi) changes tanh by f times that derivative; Leibniz's rule gives its jet.
    """
    found = _in_pieces(_traced(tanh_along_and_derivative), z)
    return Jet(*found[:3]), Jet(*found[3:])


def tanh_along(z: tf.Tensor) -> tf.Tensor:
    r"""The jet of :math:`\tanh(z + h z' + h^2 z''/2)` in h at 0, by nested tapes.

    Args:
        z: z, z' and z'', shape ``(3, n)``.

    Returns:
        Shape ``(3, n)``.
    """
    value, slope, curvature = tf.unstack(z)
    h = tf.zeros_like(value)
    with tf.GradientTape(watch_accessed_variables=False) as outer:
        outer.watch(h)
        with tf.GradientTape(watch_accessed_variables=False) as inner:
            inner.watch(h)
            phi = tf.tanh(value + h * (slope + 0.5 * h * curvature))
        first = inner.gradient(phi, h)
    return tf.stack([phi, first, outer.gradient(first, h)])


def tanh_along_and_derivative(z: tf.Tensor) -> tf.Tensor:
    """`tanh_along`, and its derivatives by z: shape ``(6, n)``."""
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        tape.watch(z)
        jet = tanh_along(z)
        each = tf.unstack(jet)
    return tf.concat([jet, tf.stack([tape.gradient(one, z)[0] for one in each])], axis=0)


Function = Callable[[tf.Tensor], tf.Tensor]


@cache
def _traced(function: Function) -> Function:
    """The function on vectors of the one length, as a graph."""
    spec = tf.TensorSpec([3, LENGTH], tf.float64)
    return tf.function(function, autograph=False).get_concrete_function(spec)


def _in_pieces(function: Function, z: Jet) -> Array:
    """The function of as many numbers as there are, shape ``(m, *shape of z)``."""
    shape, count = np.shape(z.value), np.size(z.value)
    pieces = -(-count // LENGTH)
    packed = np.zeros((pieces, 3, LENGTH))
    for row, column in enumerate(z):
        flat = np.ravel(column)
        whole = count - count % LENGTH
        packed[: whole // LENGTH, row] = flat[:whole].reshape(-1, LENGTH)
        if whole < count:
            packed[-1, row, : count - whole] = flat[whole:]
    found = [function(tf.constant(piece)).numpy() for piece in packed]
    return np.asarray(np.concatenate(found, axis=1)[:, :count].reshape(-1, *shape))
