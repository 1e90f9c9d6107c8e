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


def test_trained_centres_and_widths_find_what_held_ones_do_not():
    """Nothing in it is random."""
    held = error(layered.identity(), Gaussians(12), trained=False)
    trained = error(layered.identity(), Gaussians(12))
    assert trained < 1e-7
    assert held > 1e3 * trained


def test_a_network_of_them_is_nearer_than_tanh_layers_of_as_many_weights():
    """Median of three seeds; all of ten showed it, by 3 to 1000 times."""
    barrier = qwpinn.FiniteBarrier()
    level = qwpinn.references.exact(barrier, 1).energies[0]

    def errors(layers):
        models = [
            qwpinn.QuantumWellPINN(barrier, initial_energies=[26.0], seed=seed, **layers(seed))
            for seed in range(3)
        ]
        trained = layered.trainings(models, qwpinn.collocation(barrier, 60), 500, 1e-2)
        found = [abs(model.energies.numpy()[0] / level - 1.0) for model, _ in trained]
        return models[0].count_params(), np.median(found)

    weights, gaussians = errors(lambda s: {"hidden": mlp([8], s), "features": Gaussians(16)})
    more, tanh = errors(lambda s: {"hidden": mlp([12, 12], s), "features": layered.identity()})
    assert weights < more
    assert gaussians < 2e-3
    assert tanh > 10.0 * gaussians


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
