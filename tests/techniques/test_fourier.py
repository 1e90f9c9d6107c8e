"""Fourier features: their formula, and a highly excited state that tanh units do not find."""

import layered
import numpy as np
import pytest

from qwpinn.networks.features import mlp
from qwpinn.techniques import FourierFeatures


def test_features_are_cosines_and_sines_of_normal_frequencies(rng):
    layer, x = FourierFeatures(500, scale=3.0, seed=1), rng.normal(size=(4, 2))
    seen = layer(x).numpy()
    frequencies = layer.frequencies.numpy()
    phase = 2.0 * np.pi * x @ frequencies
    np.testing.assert_allclose(seen, np.hstack([np.cos(phase), np.sin(phase)]), atol=1e-12)
    # 1000 numbers: the deviation of their own is known to 2 percent.
    np.testing.assert_allclose(frequencies.std(), 3.0, rtol=0.1)
    assert not layer.trainable_variables
    assert np.any(FourierFeatures(500, scale=3.0, seed=2)(x).numpy() != seen)


def test_a_network_of_them_is_trained_by_second_order_and_loaded(tmp_path):
    features = FourierFeatures(6, scale=0.5, seed=4)
    layered.lives(tmp_path / "model", hidden=mlp([8], 0), features=features)


def test_a_highly_excited_state_is_found_where_tanh_units_collapse():
    """Median of three seeds; of ten, nine showed it, and one had no frequency near the state's."""
    waves = [
        layered.excited(layered.identity(), FourierFeatures(32, scale=4.0, seed=seed), seed)
        for seed in range(3)
    ]
    norm, overlap = np.median(layered.found(waves, 2e-2), axis=0)
    assert norm > 0.7
    assert overlap > 0.9
    tanh = [layered.excited(mlp([64], 0), layered.identity(), 0)]
    with pytest.warns(UserWarning, match="psi has become zero almost"):
        norm, overlap = layered.found(tanh, 2e-2)[0]
    assert norm < 1e-3
    assert overlap < 0.1


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"count": 0}, ValueError, "`count` must be"),
        ({"count": 4, "scale": -1.0}, ValueError, "`scale` must be a positive, finite frequency"),
        ({"count": 4, "scale": "high"}, TypeError, "`scale` must be a real number"),
        ({"count": 4, "seed": -1}, ValueError, "`seed` must be"),
    ],
)
def test_what_they_cannot_be_made_of_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        FourierFeatures(**arguments)
