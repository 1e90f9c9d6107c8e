r"""Jets: a function of xi with its first two derivatives, and those of tanh by tapes.

What a network is made of is joined by the rules of Leibniz and of the chain in closed form; only
tanh itself needs tapes. For arrays they are traced once in a process, on vectors of any length, so
that another well, width or dimension traces nothing anew.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple, Self

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

# Tensors alike, where no more is said.
Array = NDArray[np.float64]

# Numbers that go through the tapes at once: at the most, and always whole vectors of the processor,
# so that no digit depends on how many go with it.
LENGTH, VECTOR = 65536, 64


class Jet(NamedTuple):
    """Values, slopes and curvatures along xi, arrays of one shape.

    In the plane, gradients ``(2, ...)`` stand in the place of slopes, and what Laplace's operator
    gives in that of curvatures: a `PlaneJet`.
    """

    value: Array
    slope: Array
    curvature: Array

    @staticmethod
    def dot(left: Array, right: Array) -> Array:
        """The product of two slopes."""
        return left * right

    def each(self, function: Callable[[Array], Array]) -> Self:
        """A function of values, slopes and curvatures that is linear and pointwise.

        Example:
            >>> Jet(1.0, 2.0, 3.0).each(lambda part: 2.0 * part)
            Jet(value=2.0, slope=4.0, curvature=6.0)
        """
        return type(self)(*map(function, self))

    def times(self, other: Jet) -> Self:
        """The product, by Leibniz's rule; shapes broadcast.

        Example:
            >>> x = Jet(*np.array([[3.0], [1.0], [0.0]]))
            >>> x.times(x)
            Jet(value=array([9.]), slope=array([6.]), curvature=array([2.]))
        """
        return type(self)(
            self.value * other.value,
            self.slope * other.value + self.value * other.slope,
            self.curvature * other.value
            + 2.0 * self.dot(self.slope, other.slope)
            + self.value * other.curvature,
        )

    def through(self, value: Array, first: Array, second: Array) -> Self:
        """A function of this one, from its value and derivatives there, by the chain rule.

        Example:
            >>> x = Jet(*np.array([[3.0], [1.0], [0.0]]))
            >>> x.through(x.value**2, 2.0 * x.value, 2.0)
            Jet(value=array([9.]), slope=array([6.]), curvature=array([2.]))
        """
        curvature = first * self.curvature + second * self.dot(self.slope, self.slope)
        return type(self)(value, first * self.slope, curvature)


class PlaneJet(Jet):
    """Values ``(...)``, gradients ``(2, ...)`` and Laplacians ``(...)`` of functions of x and y.

    Example:
        >>> x = PlaneJet(*map(np.array, ([3.0], [[1.0], [0.0]], [0.0])))
        >>> square = x.through(x.value**2, 2.0 * x.value, 2.0)
        >>> square.slope.ravel(), square.curvature
        (array([6., 0.]), array([2.]))
    """

    __slots__ = ()

    @staticmethod
    def dot(left: Array, right: Array) -> Array:
        found: Array = left[0] * right[0] + left[1] * right[1]
        return found


def tanh(z: Jet) -> Jet:
    """Tanh of a function that has this jet, of tensors."""
    return z.through(*tanh_derivatives(z.value, 2))


def tanh_with_derivative(z: Jet) -> tuple[Jet, Jet]:
    """Tanh of a function that has this jet, of arrays, and the jet of its derivative by z's value.

    A change of z by f(xi) changes tanh by f times that derivative; Leibniz's rule gives its jet.
    """
    found = _in_pieces(_traced(), z.value)
    return z.through(*found[:3]), z.through(*found[1:])


def tanh_derivatives(z: tf.Tensor, order: int) -> list[tf.Tensor]:
    """Tanh at z and its derivatives up to this order, each in the shape of z."""
    if order == 0:
        return [tf.tanh(z)]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(z)
        found = tanh_derivatives(z, order - 1)
    return [*found, tape.gradient(found[-1], z)]


@cache
def _traced() -> Callable[[tf.Tensor], tf.Tensor]:
    """The tapes on vectors of any length, as a graph."""
    packed = tf.function(lambda z: tf.stack(tanh_derivatives(z, 3)), autograph=False)
    spec = tf.TensorSpec([None], tf.float64)
    concrete: Callable[[tf.Tensor], tf.Tensor] = packed.get_concrete_function(spec)
    return concrete


def _in_pieces(function: Callable[[tf.Tensor], tf.Tensor], z: Array) -> Array:
    """The function of as many numbers as there are, shape ``(4, *shape of z)``."""
    flat = np.ravel(z)
    found = np.empty((4, flat.size))
    for at in range(0, flat.size, LENGTH):
        piece = flat[at : at + LENGTH]
        whole = np.pad(piece, (0, -piece.size % VECTOR))
        found[:, at : at + piece.size] = function(tf.constant(whole)).numpy()[:, : piece.size]
    return found.reshape(-1, *np.shape(z))
