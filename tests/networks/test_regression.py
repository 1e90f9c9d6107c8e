"""Small networks that learn functions of a few numbers."""

import numpy as np
import pytest
import tensorflow as tf

from qwpinn.networks.regression import SmoothMap, layer_units


def test_values_and_slopes_are_learnt():
    u = np.linspace(-1.0, 1.0, 9)[:, None]
    values, slopes = np.hstack([u**2, 3.0 + u]), np.stack([2.0 * u, 1.0 + 0.0 * u], axis=1)
    network = SmoothMap(1, 2, (8,), seed=1)
    network.begin(values)
    network.learn(u, values, slopes, epochs=80)
    between = np.linspace(-0.9, 0.9, 8)[:, None]
    expected = np.hstack([between**2, 3.0 + between])
    np.testing.assert_allclose(network(tf.constant(between)), expected, atol=2e-4)


def test_it_begins_with_the_mean_and_the_spread():
    values = np.array([[1.0, 10.0], [3.0, 10.0], [5.0, 40.0]])
    network, fresh = (SmoothMap(2, 2, (4,), seed=3) for _ in range(2))
    network.begin(values)
    np.testing.assert_allclose(network.output_layer.bias, [3.0, 20.0])
    ratio = network.output_layer.kernel / fresh.output_layer.kernel
    np.testing.assert_allclose(ratio, np.tile(values.std(axis=0), (4, 1)))


def test_it_is_made_again_from_its_config():
    network = SmoothMap(2, 3, (4, 5), seed=7, name="branch")
    again = SmoothMap.from_config(network.get_config())
    u = tf.constant([[0.1, -0.3]], tf.float64)
    np.testing.assert_array_equal(again(u), network(u))
    assert again.name == "branch"


def test_units_of_layers_are_counts():
    assert layer_units("branch", (8, np.int64(9))) == [8, 9]
    with pytest.raises(TypeError, match=r"`branch` must be the units of each.*e\.g\. \(16, 16\)"):
        layer_units("branch", 8)
    with pytest.raises(ValueError, match=r"`branch` must be .*branch=0"):
        layer_units("branch", (8, 0))
