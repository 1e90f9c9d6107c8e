"""Trial functions: zero at the walls, and what they span."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import qwpinn
from qwpinn.networks.features import KinkFeatures, mlp
from qwpinn.networks.trial import TrialFunctions


def test_trial_functions_vanish_at_the_walls_exactly():
    trial = TrialFunctions(3, KinkFeatures([0.1], [2.0]), mlp((8,), 0))
    trial.build((None, 1))
    np.testing.assert_array_equal(trial(tf.constant([[-1.0], [1.0]], tf.float64)), np.zeros((2, 3)))


@pytest.mark.parametrize(
    "layer",
    [
        KinkFeatures([0.1, 0.4], [2.0, 3.0]),
        TrialFunctions(2, KinkFeatures([0.1], [2.0]), mlp((5,), 0), seed=4),
    ],
    ids=["KinkFeatures", "TrialFunctions"],
)
def test_layers_survive_their_config(layer):
    x = tf.constant(np.linspace(-0.9, 0.9, 7)[:, None])
    layer(x)
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    copy(x)
    copy.set_weights(layer.get_weights())
    np.testing.assert_array_equal(copy(x), layer(x))
    assert copy.get_config() == layer.get_config()


def test_trial_functions_span_what_the_paper_recipe_builds(finite_well):
    model = qwpinn.Paper(kinks=False).compiled(finite_well, 1, 0)
    assert model.trial.features.breakpoints == ()
    assert [layer.units for layer in model.trial.hidden.layers] == [32, 32]
