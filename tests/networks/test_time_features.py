"""Inputs in space and time: kinks of the position, in units of the local wavelength."""

import keras
import numpy as np
import tensorflow as tf

from qwpinn.networks.features import KinkFeatures
from qwpinn.networks.time_features import TimeFeatures

POINTS = np.array([[-0.5, 0.25], [0.3, -1.0]])


def test_positions_and_times_are_in_their_units():
    kinks = KinkFeatures([0.1], [4.0])
    found = TimeFeatures(kinks, 3.0, 2.0)(tf.constant(POINTS)).numpy()
    t = 4.0 * (POINTS[:, 0] - 0.1)
    kink = t * np.abs(t) / (1.0 + t**2)
    expected = np.stack([3.0 * POINTS[:, 0], 3.0 * kink, 2.0 * POINTS[:, 1]], axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_a_config_restores_the_layer():
    layer = TimeFeatures(KinkFeatures([0.1], [4.0]), 3.0, 2.0)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    np.testing.assert_array_equal(again(tf.constant(POINTS)), layer(tf.constant(POINTS)))
    assert (again.wavenumber, again.frequency, again.compute_dtype) == (3.0, 2.0, "float64")
