"""Normal equations of a smooth map in closed form, held against tapes over its residuals."""

import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose

import qwpinn
from qwpinn.networks import map_squares
from qwpinn.networks.regression import SmoothMap
from qwpinn.training import squares


def samples(rng, outputs, slopes, count=6):
    data = {"u": rng.standard_normal((count, 2)), "values": rng.standard_normal((count, outputs))}
    if slopes:
        data["slopes"] = rng.standard_normal((count, outputs, 2))
    return {key: tf.constant(value) for key, value in data.items()}


def network_of(rng, outputs, widths=(5, 4)):
    """One whose biases matter too."""
    network = SmoothMap(2, outputs, widths)
    for weight in network.trainable_variables:
        weight.assign(weight + 0.3 * rng.standard_normal(weight.shape))
    return network


def taped(network, data):
    """The residuals and their Jacobian by a tape."""
    variables = [v.value for v in network.trainable_variables]
    with tf.GradientTape(persistent=True) as tape:
        residual = tf.reshape(network.residuals(data), [-1])
    each = tape.jacobian(residual, variables, experimental_use_pfor=False)
    return residual.numpy(), np.hstack([part.numpy().reshape(len(residual), -1) for part in each])


@pytest.mark.parametrize("slopes", [False, True])
@pytest.mark.parametrize(("outputs", "widths"), [(3, (5, 4)), (6, (5, 4)), (2, (3,))])
def test_the_normal_equations_are_those_of_tapes(rng, monkeypatch, slopes, outputs, widths):
    """With more outputs than units beneath and with fewer, in one piece and sample by sample."""
    network, data = network_of(rng, outputs, widths), samples(rng, outputs, slopes)
    residual, jacobian = taped(network, data)
    loss, weights = network.squares(data), network.weights_taken()
    assert_allclose(loss.residuals(weights), residual, atol=1e-14)
    y = rng.standard_normal(residual.size)
    for held in (map_squares.HELD, 1):
        monkeypatch.setattr(map_squares, "HELD", held)
        found = loss.linearised(weights)
        normal = jacobian.T @ jacobian
        assert_allclose(found.normal, normal, rtol=0, atol=1e-13 * normal.max())
        assert_allclose(found.gradient, residual @ jacobian, atol=1e-12)
        assert_allclose(found.pull_back(y), y @ jacobian, atol=1e-12)
        assert_allclose(loss.gradient(weights), residual @ jacobian, atol=1e-12)


def test_no_digit_depends_on_how_many_threads_there_are(rng, monkeypatch):
    network, data = network_of(rng, 3), samples(rng, 3, True, count=40)
    weights, found = network.weights_taken(), []
    monkeypatch.setattr(map_squares, "HELD", 1)
    for threads in (1, 3):
        monkeypatch.setattr(squares, "_pools", lambda count=threads: (None, count))
        one = network.squares(data).linearised(weights)
        found.append([one.normal, one.gradient, one.pull_back(one.residual)])
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


def test_they_are_those_of_finite_differences(rng):
    network, data = network_of(rng, 3), samples(rng, 3, True)
    loss, weights = network.squares(data), network.weights_taken()
    y, h = rng.standard_normal(loss.residuals(weights).size), 1e-5
    ahead = [
        [y @ loss.residuals(weights + sign * h * one) for one in np.eye(len(weights))]
        for sign in (1, -1)
    ]
    change = np.subtract(*ahead) / (2 * h)
    found = loss.linearised(weights).pull_back(y)
    assert_allclose(found, change, atol=1e-7 * np.abs(change).max())


def test_what_is_held_stays(rng):
    network, data = network_of(rng, 3), samples(rng, 3, True)
    network.hidden.layers[0].trainable = False
    residual, jacobian = taped(network, data)
    loss, weights = network.squares(data), network.weights_taken()
    assert weights.size == jacobian.shape[1] == 5 * 4 + 4 + 4 * 3 + 3
    assert_allclose(loss.residuals(weights), residual, atol=1e-14)
    assert_allclose(loss.linearised(weights).normal, jacobian.T @ jacobian, atol=1e-12)
    before = network.hidden.layers[0].get_weights()
    arrays = [data[name].numpy() for name in ("u", "values", "slopes")]
    network.learn(*arrays, epochs=2)
    np.testing.assert_array_equal(network.hidden.layers[0].get_weights()[0], before[0])


def test_it_reports_the_loss_and_its_part_without_slopes(rng):
    network, data = network_of(rng, 3), samples(rng, 3, True)
    network.compile(qwpinn.LevenbergMarquardt())
    loss = network.squares(data)
    residual = loss.residuals(network.weights_taken())
    found = loss.logs(residual)
    assert found["loss"] == pytest.approx(residual @ residual / 6, rel=1e-13)
    values = network(data["u"]) - data["values"]
    assert found["values"] == pytest.approx(float(tf.reduce_sum(values**2)) / 6, rel=1e-12)
