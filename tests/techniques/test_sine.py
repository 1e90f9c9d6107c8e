"""Sine layers: formula, weights to begin with, and a highly excited state."""

import layered
import numpy as np
import pytest

from qwpinn.networks.features import mlp
from qwpinn.techniques import Sine, siren


def test_a_layer_is_the_sine_of_omega_times_a_line(rng):
    x, layer = rng.normal(size=(5, 3)), Sine(4, frequency=7.0, seed=2)
    seen = layer(x)
    line = x @ layer.kernel.numpy() + layer.bias.numpy()
    np.testing.assert_allclose(seen, np.sin(7.0 * line), rtol=1e-12)


def test_phases_of_later_layers_have_a_variance_of_one_at_any_depth(rng):
    network = siren(400, layers=4, frequency=30.0, seed=0)
    seen = np.linspace(-1.0, 1.0, 301)[:, None]
    assert np.max(np.abs(network.layers[0](seen).numpy())) <= 1.0
    for layer in network.layers:
        before, seen = seen, layer(seen).numpy()
        limit = 1.0 if layer.first else (6.0 / 400.0) ** 0.5 / 30.0
        assert 0.99 * limit < np.max(np.abs(layer.kernel)) < limit
        assert np.max(np.abs(layer.bias)) < before.shape[1] ** -0.5
        if not layer.first:
            phase = 30.0 * before @ layer.kernel.numpy()
            np.testing.assert_allclose(phase.var(), 1.0, rtol=0.1)


def test_a_network_of_them_is_trained_by_second_order_and_loaded(tmp_path):
    layered.lives(tmp_path / "model", hidden=siren(7, layers=2, frequency=6.0, seed=1))


def test_a_highly_excited_state_is_found_where_tanh_units_collapse():
    """Median of three seeds; all of ten showed it."""
    sines = [layered.excited(siren(32, seed=seed), layered.identity(), seed) for seed in range(3)]
    norm, overlap = np.median(layered.found(sines, 3e-3), axis=0)
    assert norm > 0.7
    assert overlap > 0.9
    tanh = [layered.excited(mlp([32, 32], 0), layered.identity(), 0)]
    with pytest.warns(UserWarning, match="psi has become zero almost"):
        norm, overlap = layered.found(tanh, 3e-3)[0]
    assert norm < 1e-3
    assert overlap < 0.1


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Sine(0), ValueError, "`units` must be"),
        (lambda: Sine(4, frequency=0.0), ValueError, "`frequency` must be a positive, finite freq"),
        (lambda: Sine(4, seed="one"), TypeError, "`seed` must be an integer"),
        (lambda: Sine(4, first=1), TypeError, "`first` must be True or False"),
        (lambda: siren(4, layers=0), ValueError, "`layers` must be"),
    ],
)
def test_what_they_cannot_be_made_of_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()
