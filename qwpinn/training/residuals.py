"""The residuals that training drives to zero, as vectors; the only tapes over x."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Functions = Callable[[tf.Tensor], tf.Tensor]


class Collocation(NamedTuple):
    """Collocation points with what the equation needs there, each of shape ``(n, 1)``.

    Attributes:
        x: Positions.
        potential: V(x).
        weight: rho(x).
        quadrature: Weights w of an integral over x.
    """

    x: tf.Tensor
    potential: tf.Tensor
    weight: tf.Tensor
    quadrature: tf.Tensor


def select(values: tf.Tensor, state: tf.Tensor) -> tf.Tensor:
    """The column of ``values`` (n, K) that each row's one-hot ``state`` (n, K) names: (n, 1)."""
    return tf.reduce_sum(values * state, axis=-1, keepdims=True)


def second_derivative(
    functions: Functions, x: tf.Tensor, state: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Psi and psi'' of one state a row, by two nested tapes.

    Every row has its own state, so one reverse pass gives all of them at any K.

    Args:
        functions: Maps (n, 1) to (n, K).
        x: Positions (n, 1).
        state: One-hot rows (n, K).

    Returns:
        psi and psi'', each (n, 1).
    """
    with tf.GradientTape(watch_accessed_variables=False) as outer:
        outer.watch(x)
        with tf.GradientTape(watch_accessed_variables=False) as inner:
            inner.watch(x)
            psi = select(functions(x), state)
        slope = inner.gradient(psi, x)
    return psi, outer.gradient(slope, x)


def derivative(functions: Functions) -> Functions:
    """The derivative of functions that map (n, 1) to (n, m), each row by itself: the same shapes.

    Two reverse sweeps: the pull-back of one vector u is linear in u, and its derivative by u is the
    slope of every function at once. A ForwardAccumulator does the same, and traces every operation
    for seconds when it is nested.
    """

    def slopes(x: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape(watch_accessed_variables=False) as dual:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(x)
                values = functions(x)
            u = tf.ones_like(values)
            dual.watch(u)
            pulled_back = tape.gradient(values, x, output_gradients=u)
        return dual.gradient(pulled_back, u)

    return slopes


def in_batches(
    functions: Callable[[tf.Tensor], Sequence[tf.Tensor]], x: NDArray[np.float64], width: int
) -> list[NDArray[np.float64]]:
    """Functions of rows that do not know of each other, in batches that keep memory bounded.

    Args:
        functions: Map (n, 1) to several tensors of n rows.
        x: Shape (n, 1).
        width: Of the widest layer: a batch has at most 2^19 of its numbers.
    """
    rows = max(64, 2**19 // width)
    found: list[NDArray[np.float64]] = []
    for at in range(0, len(x), rows):
        parts = functions(tf.constant(x[at : at + rows]))
        found = found or [np.empty((len(x), int(part.shape[1]))) for part in parts]
        for column, part in zip(found, parts, strict=True):
            column[at : at + rows] = part.numpy()
    return found


def schroedinger(
    functions: Functions, energies: tf.Tensor, at: Collocation, state: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Psi and the residual -psi'' + rho (V - E) psi of one state a row, each (n, 1)."""
    psi, curvature = second_derivative(functions, at.x, state)
    return psi, -curvature + at.weight * (at.potential - select(energies, state)) * psi


def per_state(at: Collocation, states: int, dtype: tf.DType) -> tuple[Collocation, tf.Tensor]:
    """Every point once for each state, and the one-hot rows that say which."""
    copies = Collocation(*(tf.repeat(column, states, axis=0) for column in at))
    return copies, tf.tile(tf.eye(states, dtype=dtype), [tf.shape(at.x)[0], 1])


def gram(psi: tf.Tensor, at: Collocation) -> tf.Tensor:
    r"""Upper triangle of \int rho psi_i psi_j dx - delta_ij, shape ``(K (K + 1) / 2,)``.

    Off-diagonal entries are multiplied by sqrt(2), so that the squared norm of the vector is the
    squared Frobenius norm of the whole matrix.
    """
    states = psi.shape[-1]
    overlap = tf.matmul(psi, at.weight * at.quadrature * psi, transpose_a=True)
    upper = [(i, j) for i in range(states) for j in range(i, states)]
    scale = tf.constant([1.0 if i == j else 2.0**0.5 for i, j in upper], psi.dtype)
    return scale * tf.gather_nd(overlap - tf.eye(states, dtype=psi.dtype), upper)


def residual_vector(
    functions: Functions, energies: tf.Tensor, at: Collocation, normalisation: float
) -> tf.Tensor:
    r"""The vector whose squared norm is the loss, shape ``(n K + K (K + 1) / 2,)``.

    First, point by point, sqrt(w / rho) (-psi_k'' + rho (V - E_k) psi_k): its squared norm is the
    sum of ||H psi_k - E_k psi_k||^2 with H = -(1/rho) d^2/dx^2 + V in the norm with weight rho.
    Then sqrt(normalisation) times `gram`.
    """
    copies, state = per_state(at, energies.shape[0], at.x.dtype)
    psi, residual = schroedinger(functions, energies, copies, state)
    overlap = gram(tf.reshape(psi, [-1, energies.shape[0]]), at)
    weighted = tf.sqrt(copies.quadrature / copies.weight) * residual
    return tf.concat([tf.reshape(weighted, [-1]), normalisation**0.5 * overlap], axis=0)


def jacobian(
    functions: Functions,
    energies: tf.Tensor,
    variables: Sequence[tf.Variable],
    at: Collocation,
    normalisation: float,
) -> tf.Tensor:
    """Derivatives of the `residual_vector` by all variables, shape ``(R, P)``."""
    copies, state = per_state(at, energies.shape[0], at.x.dtype)

    def row(sample: tuple[tf.Tensor, ...]) -> list[tf.Tensor]:
        *columns, one_state = (tf.expand_dims(value, 0) for value in sample)
        point = Collocation(*columns)
        with tf.GradientTape() as tape:
            _, residual = schroedinger(functions, energies, point, one_state)
            residual = tf.sqrt(point.quadrature / point.weight) * residual
        return list(tape.gradient(residual, variables, unconnected_gradients="zero"))

    with tf.GradientTape() as tape:
        overlap = normalisation**0.5 * gram(functions(at.x), at)
    overlaps = tape.jacobian(overlap, variables, unconnected_gradients="zero")
    rows = tf.vectorized_map(row, (*copies, state))
    return tf.concat([_columns(rows), _columns(overlaps)], axis=0)


def _columns(derivatives: Sequence[tf.Tensor]) -> tf.Tensor:
    return tf.concat([tf.reshape(d, [tf.shape(d)[0], -1]) for d in derivatives], axis=1)
