"""A plain PINN in Keras, as one writes it from the equation alone; `clock.py` runs it.

Three layers of fifty tanh units in float32, zero at the walls, a thousand random points, E a
variable that starts at 1, and equal weights of the residual and of the normalisation; Adam.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from qwpinn.bench.clock import Clock

Array = NDArray[np.float64]

POINTS, RATE = 1000, 1e-3


def solve(job: Mapping[str, Any], clock: Clock) -> None:
    """Train until the time is over."""
    import keras
    import tensorflow as tf

    clock.start()
    keras.utils.set_random_seed(job["seed"])
    left, right = job["interval"]
    layers = [keras.layers.Dense(50, "tanh") for _ in range(3)]
    network = keras.Sequential([keras.Input((1,)), *layers, keras.layers.Dense(1)])
    energy = tf.Variable(1.0)
    x = tf.random.uniform((POINTS, 1), left, right)
    values = np.array(job["values"])
    layer = np.searchsorted(job["edges"], x.numpy()[:, 0], side="right") - 1
    # Rounded, a point may lie on a wall or beyond.
    layer = np.clip(layer, 0, len(values) - 1)
    potential = tf.constant(values[layer][:, None], tf.float32)
    optimizer = keras.optimizers.Adam(RATE)
    variables = [*network.trainable_variables, energy]

    def psi(x: tf.Tensor) -> tf.Tensor:
        return (x - left) * (right - x) * network(x)

    def step() -> None:
        with tf.GradientTape() as tape:
            with tf.GradientTape() as outer:
                outer.watch(x)
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    value = psi(x)
                slope = inner.gradient(value, x)
            curvature = outer.gradient(slope, x)
            residual = -curvature + (potential - energy) * value
            norm = (right - left) * tf.reduce_mean(value**2)
            loss = tf.reduce_mean(residual**2) + (norm - 1.0) ** 2
        gradients = tape.gradient(loss, variables)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))

    # Traced once.
    compiled = tf.function(step)

    def answer(x: Array) -> tuple[float, Array]:
        return float(energy), psi(tf.constant(x[:, None], tf.float32)).numpy()[:, 0]

    steps = 0
    while not clock.look(steps, answer):
        compiled()
        steps += 1
    clock.end(steps, answer)
