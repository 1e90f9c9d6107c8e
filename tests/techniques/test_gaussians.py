"""Gaussians as features: their formula, and what it is worth to train centres and widths."""

import keras
import layered
import numpy as np
import pytest

import qwpinn
from qwpinn.networks.features import mlp
from qwpinn.techniques import Gaussians

EXACT = (np.pi * np.arange(1.0, 4.0)) ** 2


def test_features_are_gaussians_of_their_centres_and_widths():
    layer, xi = Gaussians(3, width=0.5), np.array([[-1.0], [0.25]])
    np.testing.assert_allclose(layer(xi), np.exp(-2.0 * (xi - [-1.0, 0.0, 1.0]) ** 2), rtol=1e-14)
    layer.centres.assign([0.0, 0.1, 0.25])
    layer.inverse_widths.assign([1.0, -2.0, 4.0])
    expected = np.exp(-0.5 * (np.subtract(0.25, [0.0, 0.1, 0.25]) * [1.0, 2.0, 4.0]) ** 2)
    np.testing.assert_allclose(layer(xi)[1], expected, rtol=1e-14)
    assert Gaussians(11).width == 0.2


def test_they_are_trained_by_second_order_and_loaded(tmp_path):
    layered.lives(tmp_path / "model", hidden=layered.identity(), features=Gaussians(16))


def error(hidden, features, trained=True):
    """Of three levels of the infinite well, relative, 15 steps after the Ritz start."""
    well = layered.INFINITE
    model = qwpinn.QuantumWellPINN(well, states=3, hidden=hidden, features=features)
    features.trainable = trained
    model.diagonalise()
    model.compile(qwpinn.LevenbergMarquardt())
    model.fit(qwpinn.collocation(well, 200), epochs=15, verbose=0)
    return np.max(np.abs(model.energies.numpy() / EXACT - 1.0))


def test_trained_centres_and_widths_find_what_held_ones_and_tanh_units_do_not():
    """Only tanh units are random: of ten seeds, none found the levels."""
    held = error(layered.identity(), Gaussians(12), trained=False)
    trained = error(layered.identity(), Gaussians(12))
    tanh = error(mlp([12], 0), layered.identity())
    assert trained < 1e-7
    assert held > 1e3 * trained
    assert tanh > 0.1


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"count": 1}, ValueError, "`count` must be"),
        ({"count": 2.0}, TypeError, "`count` must be an integer"),
        ({"count": 4, "width": 0.0}, ValueError, "`width` must be a positive, finite width"),
    ],
)
def test_what_they_cannot_be_made_of_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        Gaussians(**arguments)


def test_they_are_refused_behind_other_features():
    hidden = keras.Sequential([Gaussians(4)])
    with pytest.raises(ValueError, match=r"`Gaussians` must see .* Received: 3 columns\. Give"):
        qwpinn.QuantumWellPINN(layered.WELL, hidden=hidden)
