import numpy as np
import pytest
import tensorflow as tf

from qwpinn.networks.features import KinkFeatures, mlp
from qwpinn.training.residuals import derivative


def test_kink_feature_is_once_differentiable_and_its_curvature_jumps():
    layer = KinkFeatures([0.25], [3.0])
    step = 1e-4
    x = 0.25 + step * np.arange(-2, 3)
    value = layer(tf.constant(x[:, None])).numpy()[:, 1]
    slope = np.diff(value) / step
    # s(t) = t|t| + O(t^4): slope 2 q^2 |x - x_b|, curvature -2 q^2 to the left, 2 q^2 to the right
    np.testing.assert_allclose(
        slope, 9.0 * step * np.array([-3, -1, 1, 3]) * [-1, -1, 1, 1], rtol=1e-5
    )
    curvature = np.diff(slope)[[0, 2]] / step
    np.testing.assert_allclose(curvature, [-18.0, 18.0], rtol=1e-4)


def test_kink_feature_saturates_at_one():
    far = KinkFeatures([0.0], [1e6])(tf.constant([[-1.0], [1.0]], tf.float64)).numpy()[:, 1]
    np.testing.assert_allclose(far, [-1.0, 1.0], rtol=1e-11)


def test_without_breakpoints_the_feature_is_the_coordinate():
    x = tf.constant([[0.1], [0.2]], tf.float64)
    np.testing.assert_array_equal(KinkFeatures()(x), x)


def test_a_jet_is_what_tapes_find():
    layer = KinkFeatures([-0.3, 0.5], [4.0, 0.7])
    xi = tf.constant(np.linspace(-1.0, 1.0, 42)[:, None])
    first = derivative(layer)
    for found, function in zip(layer.jet(xi), (layer, first, derivative(first)), strict=True):
        np.testing.assert_allclose(found, function(xi), rtol=1e-12, atol=1e-12)


def test_the_jet_of_the_coordinate_is_that_of_a_line():
    jet = KinkFeatures().jet(tf.constant([[0.1], [0.2]], tf.float64))
    np.testing.assert_array_equal(jet, [[[0.1], [0.2]], [[1.0], [1.0]], [[0.0], [0.0]]])


def test_at_a_breakpoint_the_curvature_is_the_mean_of_both_sides():
    curvature = KinkFeatures([0.25], [3.0]).jet(tf.constant([[0.25]], tf.float64)).curvature
    np.testing.assert_array_equal(curvature, [[0.0, 0.0]])


def test_kink_features_refuse_unequal_lengths():
    with pytest.raises(ValueError, match=r"2 entries for 1 breakpoints"):
        KinkFeatures([0.0], [1.0, 2.0])


def test_networks_of_different_seeds_differ_and_of_the_same_seed_agree():
    x = tf.constant([[0.3]], tf.float64)
    one, same, other = (mlp((8, 8), seed)(x).numpy() for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert np.max(np.abs(one - other)) > 1e-3
    assert one.dtype == np.float64


def test_layers_of_a_network_start_from_different_weights():
    layers = mlp((4, 4, 4), seed=0)
    layers(tf.zeros((1, 4), tf.float64))
    kernels = [layer.kernel.numpy() for layer in layers.layers]
    assert np.max(np.abs(kernels[0] - kernels[1])) > 1e-3
    assert np.max(np.abs(kernels[1] - kernels[2])) > 1e-3
