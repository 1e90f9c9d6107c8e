"""The basis of one layer of tanh units, held against the tapes that define its derivatives."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from qwpinn.networks.features import KinkFeatures, mlp
from qwpinn.networks.trial import TrialFunctions
from qwpinn.training.residuals import derivative


def trial_of(breakpoints, units, seed, hidden=None):
    """A trial function with random weights and biases of order one."""
    rng = np.random.default_rng(seed)
    features = KinkFeatures(breakpoints, rng.uniform(0.5, 20.0, len(breakpoints)))
    trial = TrialFunctions(2, features, mlp([units], seed) if hidden is None else hidden, seed)
    trial.build((None, 1))
    trial.set_weights([3.0 * rng.standard_normal(w.shape) for w in trial.get_weights()])
    return trial


@settings(deadline=None, max_examples=15)
@given(
    breakpoints=st.lists(st.floats(-0.95, 0.95), max_size=4, unique=True),
    units=st.integers(1, 30),
    seed=st.integers(0, 2**31),
)
def test_derivatives_are_those_of_tapes(breakpoints, units, seed):
    trial = trial_of(breakpoints, units, seed)
    xi = np.random.default_rng(seed).uniform(-1.0, 1.0, 23)
    first = derivative(trial.basis)
    assert trial.known is not None
    found = trial.derivatives(xi, (0, 1, 2))
    for values, function in zip(found, (trial.basis, first, derivative(first)), strict=True):
        expected = function(tf.constant(xi[:, None])).numpy()
        scale = max(1.0, np.max(np.abs(expected)))
        np.testing.assert_allclose(values, expected, rtol=0.0, atol=1e-12 * scale)


def test_orders_come_as_they_are_asked_for():
    trial, xi = trial_of([0.2], 5, 0), np.linspace(-1.0, 1.0, 7)
    value, slope, curvature = trial.derivatives(xi, (0, 1, 2))
    np.testing.assert_array_equal(trial.derivatives(xi, (2, 0)), [curvature, value])
    np.testing.assert_array_equal(trial.derivatives(xi, (1,)), [slope])


class Shifted(TrialFunctions):
    """A subclass whose basis is another."""

    def basis(self, xi):
        return 2.0 * super().basis(xi)


class Line(keras.layers.Layer):
    """Features that know no jet."""

    def __init__(self):
        super().__init__(dtype="float64")

    def call(self, xi):
        return 3.0 * xi


def dense(**changes):
    return keras.layers.Dense(6, **{"activation": "tanh", "dtype": "float64"} | changes)


OTHERS = {
    "two layers": TrialFunctions(2, KinkFeatures(), mlp([6, 6], 0)),
    "another activation": TrialFunctions(2, KinkFeatures(), dense(activation="swish")),
    "no bias": TrialFunctions(2, KinkFeatures(), dense(use_bias=False)),
    "a subclass": Shifted(2, KinkFeatures(), mlp([6], 0)),
    "other features": TrialFunctions(2, Line(), mlp([6], 0)),
    "another layer": TrialFunctions(
        2, KinkFeatures(), keras.layers.Activation("tanh", dtype="float64")
    ),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_networks_are_differentiated_by_tapes(kind):
    trial = OTHERS[kind]
    trial.build((None, 1))
    assert trial.known is None
    xi, h = np.linspace(-0.9, 0.8, 5), 1e-4
    value, slope, curvature = trial.derivatives(xi, (0, 1, 2))
    ahead, behind = (trial.derivatives(xi + step, (0,))[0] for step in (h, -h))
    np.testing.assert_allclose(value, trial.basis(tf.constant(xi[:, None])), rtol=1e-15)
    np.testing.assert_allclose(slope, (ahead - behind) / (2 * h), atol=1e-6)
    np.testing.assert_allclose(curvature, (ahead - 2 * value + behind) / h**2, atol=1e-5)


def test_a_single_dense_layer_is_as_good_as_a_sequential_of_it():
    trial = trial_of([0.1], 6, 3, dense())
    assert trial.known is not None
    expected = trial.basis(tf.constant([[0.3]], tf.float64))
    np.testing.assert_allclose(trial.derivatives(np.array([0.3]), (0,))[0], expected, rtol=1e-14)
