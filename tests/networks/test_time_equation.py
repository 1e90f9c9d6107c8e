"""The equation in space and time: closed forms leave nothing of it, causal weights are as said."""

import keras
import numpy as np
import packets
import pytest
import tensorflow as tf
from packets import Beats, Packet

import qwpinn
from qwpinn.networks.time_equation import SLABS, evolved


def data(problem, points=(36, 12)):
    return qwpinn.time_collocation(problem.well, problem.duration, points, problem.drive)


def batch(problem, points=(36, 12)):
    return next(iter(data(problem, points)))


def test_derivatives_are_those_of_differences(rng):
    """Re f = sin(3 x) e^t and Im f = x^4 t^2; the other part's slope by t."""

    def functions(points):
        x, t = points[:, :1], points[:, 1:]
        return tf.concat([tf.sin(3.0 * x) * tf.exp(t), x**4 * t**2], axis=1)

    x, t = rng.uniform(-1.0, 1.0, (2, 20))
    points = tf.constant(np.stack([x, t], axis=1))
    for part, values in enumerate(
        [
            (np.sin(3 * x) * np.exp(t), -9.0 * np.sin(3 * x) * np.exp(t), 2.0 * x**4 * t),
            (x**4 * t**2, 12.0 * x**2 * t**2, np.sin(3 * x) * np.exp(t)),
        ]
    ):
        rows = tf.constant(np.tile(np.eye(2)[part], (20, 1)))
        for found, expected in zip(evolved(functions, points, rows), values, strict=True):
            np.testing.assert_allclose(found[:, 0], expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("problem", [Packet(strength=0.7), Beats()], ids=str)
def test_a_closed_form_leaves_no_residual(problem):
    model = packets.exact_network(problem)
    at = model.members(batch(problem))
    assert float(tf.reduce_max(tf.abs(model.residuals(at)))) < 1e-9
    # The initial state alone, at rest in its frame, leaves much.
    assert float(tf.norm(tf.reshape(at["left"], [-1]))) > 1.0
    model.exact = None
    assert float(tf.norm(model.residuals(at))) > 0.1


def test_the_residual_is_that_of_the_equation_by_differences():
    """i psi_t - H psi of a network's psi in own units, and its integral in the loss."""
    problem = Packet(strength=0.7)
    model = packets.network(problem, seed=2)
    columns = {name: column.numpy()[:, 0] for name, column in batch(problem).items()}
    x, t = columns["x"], columns["t"]
    h, k = 1e-3, 1e-4
    # Differences stay between the walls and in [0, T].
    inside = (np.abs(x) < 8.4) & (t > 0.01) & (t < 1.49)

    def psi(x, t):
        parts = model.call(tf.constant(np.stack([x, t], axis=1))).numpy()
        return parts[:, 0] + 1j * parts[:, 1]

    bend = (
        16.0 * (psi(x + h, t) + psi(x - h, t)) - psi(x + 2 * h, t) - psi(x - 2 * h, t)
        - 30.0 * psi(x, t)
    ) / (12.0 * h**2)  # fmt: skip
    slope = (psi(x, t + k) - psi(x, t - k)) / (2.0 * k)
    v = x**2 / 2.0 + 0.7 * np.sin(2.0 * t) * x
    expected = 1j * slope + bend / 2.0 - v * psi(x, t)
    measure = problem.duration * columns["quadrature"] * 2.0 / model.initial.norm**2
    found = model.residuals(model.members(batch(problem))).numpy().reshape(-1, 2)
    np.testing.assert_allclose(
        np.sum(found[inside] ** 2, axis=1),
        (measure * np.abs(expected) ** 2)[inside],
        rtol=1e-5,
        atol=1e-9,
    )


def test_causal_weights_are_those_of_the_paper():
    """exp(-epsilon times the loss of all earlier slabs), of the weights before the step."""
    problem, epsilon = Packet(), 0.3
    plain, causal = (packets.network(problem, seed=1, causality=e) for e in (0.0, epsilon))
    given = batch(problem, (12, 36))
    at = plain.members(given)
    squares = np.sum(plain.residuals(at).numpy().reshape(-1, 2) ** 2, axis=1)
    slab = np.floor(at["time"].numpy()[0] * SLABS).astype(int)
    losses = np.array([squares[slab == k].sum() for k in range(SLABS)])
    weights = np.exp(-epsilon * np.concatenate([[0.0], np.cumsum(losses)[:-1]]))
    assert weights[0] == 1.0 and weights[-1] < 0.6
    weighed = causal.members(given)
    np.testing.assert_allclose(weighed["causality"].numpy()[0], weights[slab], rtol=1e-12)
    logs = causal.logs(weighed, causal.residuals(weighed))
    np.testing.assert_allclose(logs["loss"], weights[slab] @ squares, rtol=1e-12)
    np.testing.assert_allclose(logs["error_bound"], squares.sum() ** 0.5, rtol=1e-12)
    np.testing.assert_allclose(logs["causality"], weights[slab.max()], rtol=1e-12)


@pytest.fixture(scope="module")
def weighed():
    """A model with causal weights, and how it begins."""
    model = packets.network(Beats(), causality=0.1)
    return model, model.weights_taken()


def test_a_step_holds_the_causal_weights(weighed):
    """Its direction is the slope at the weights of before, without their own."""
    model, before = weighed
    model.take_weights(before)
    at = model.members(batch(Beats(), (12, 12)))
    assert 0.01 < float(tf.reduce_min(at["causality"])) < 0.9
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model.residuals(at) ** 2)
    parts = tape.gradient(loss, [v.value for v in model.trainable_variables])
    slope = np.concatenate([np.ravel(part) for part in parts])
    # Keras holds rates in single precision.
    model.compile(keras.optimizers.SGD(2.0**-10), run_eagerly=True)
    model.train_step(batch(Beats(), (12, 12)))
    np.testing.assert_allclose(
        model.weights_taken(), before - 2.0**-10 * slope, rtol=1e-9, atol=1e-12
    )


def test_an_optimizer_of_keras_lowers_the_loss(weighed):
    model, before = weighed
    model.take_weights(before)
    model.compile(keras.optimizers.Adam(0.01), run_eagerly=True)
    given = batch(Beats(), (12, 12))
    losses = [float(model.train_step(given)["loss"]) for _ in range(3)]
    assert losses[-1] < 0.9 * losses[0]
