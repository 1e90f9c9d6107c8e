"""Functions with kinks at boundaries: jets are those of tapes, and Laplacians those of regions."""

import numpy as np
import pytest
import tensorflow as tf

from qwpinn.networks.region_features import RegionFeatures
from qwpinn.training.residuals import derivative, laplacian

KINKS = [("disc", (0.1, -0.2, 0.3)), ("rectangle", (-0.5, 0.3, -0.2, 0.4))]


@pytest.fixture(scope="module")
def points():
    rng = np.random.default_rng(0)
    return tf.constant(rng.uniform(-1.0, 1.0, (300, 2)))


@pytest.fixture(scope="module")
def features():
    return RegionFeatures(KINKS)


def test_jets_are_those_of_tapes(features, points):
    jet = features.jet(points)
    assert jet.value.shape == (300, 6)
    np.testing.assert_array_equal(jet.value, features(points))
    for axis in range(2):
        tape = derivative(features, axis)(points)
        np.testing.assert_allclose(jet.slope[axis], tape, atol=1e-12)
    np.testing.assert_allclose(jet.curvature, laplacian(features, 2)(points), atol=1e-11)


def test_slopes_are_those_of_differences(features, points):
    h = 1e-6
    for axis, step in enumerate(np.eye(2) * h):
        found = (features(points + step) - features(points - step)).numpy() / (2.0 * h)
        np.testing.assert_allclose(features.jet(points).slope[axis], found, atol=1e-5)


def test_laplacians_are_constant_or_the_coordinate_inside_and_zero_outside(features):
    inside = features.jet(tf.constant([[-0.1, 0.1], [0.2, 0.3]], tf.float64)).curvature.numpy()
    u, across, up = inside[:, 3:].T
    assert u[0] == pytest.approx(u[1], rel=1e-14)
    # Of the moments, that of (x + 0.1) / 0.4 and of (y - 0.1) / 0.3.
    assert across[0] == pytest.approx(0.0, abs=1e-12)
    assert up[0] == pytest.approx(0.0, abs=1e-12)
    assert across[1] / u[1] == pytest.approx(0.3 / 0.4, rel=1e-12)
    assert up[1] / u[1] == pytest.approx(0.2 / 0.3, rel=1e-12)
    outside = features.jet(tf.constant([[0.9, 0.9], [-0.7, 0.1]], tf.float64)).curvature.numpy()
    np.testing.assert_allclose(outside, 0.0, atol=1e-12)


def test_values_at_corners_and_centres_are_finite(features):
    corners = [[-0.5, -0.2], [-0.5, 0.4], [0.3, -0.2], [0.3, 0.4], [0.1, -0.2], [-0.5, 0.9]]
    for part in features.jet(tf.constant(corners, tf.float64)):
        assert np.isfinite(part).all()


def test_a_description_restores_them(features, points):
    again = RegionFeatures.from_config(features.get_config())
    np.testing.assert_array_equal(again(points), features(points))
    assert RegionFeatures()(points) is points
