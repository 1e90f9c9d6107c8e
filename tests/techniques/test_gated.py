"""The gated MLP: its formula, and a loss that falls further in as many steps."""

import layered
import numpy as np
import pytest

import qwpinn
from qwpinn.networks.features import mlp
from qwpinn.techniques import GatedMLP

BARRIER = qwpinn.FiniteBarrier()


def test_layers_are_gates_between_two_encodings(rng):
    x = rng.normal(size=(5, 3))
    network = GatedMLP(4, layers=2, activation="sigmoid", seed=3)
    found = network(x).numpy()
    for bias in network.weights[1::2]:
        bias.assign(rng.normal(size=4))
    weights = [weight.numpy() for weight in network.weights]

    def dense(number, inputs):
        return 1.0 / (1.0 + np.exp(-inputs @ weights[2 * number] - weights[2 * number + 1]))

    u, v, h = (dense(number, x) for number in range(3))
    for number in (3, 4):
        z = dense(number, h)
        h = (1.0 - z) * u + z * v
    np.testing.assert_allclose(network(x), h, rtol=1e-13)
    assert np.any(found != network(x).numpy())
    assert not np.allclose(weights[0], weights[2])
    np.testing.assert_array_equal(GatedMLP(4, 2, "sigmoid", seed=3)(x), found)


def test_it_is_trained_by_second_order_and_loaded(tmp_path):
    layered.lives(tmp_path / "model", hidden=GatedMLP(6, activation="gelu", seed=1))


def test_a_plain_network_of_as_many_units_has_several_times_the_loss_after_as_many_steps():
    """Median of three seeds; of ten, all showed it, by 3 to 40 times."""

    def losses(hidden):
        models = [
            qwpinn.QuantumWellPINN(BARRIER, hidden=hidden(seed), initial_energies=[26.0], seed=seed)
            for seed in range(3)
        ]
        data = qwpinn.collocation(BARRIER, 40)
        return [loss for _, loss in layered.trainings(models, data, 500, 5e-3)]

    gated, plain = (
        losses(lambda seed: GatedMLP(12, 2, seed=seed)),
        losses(lambda s: mlp([12] * 3, s)),
    )
    assert np.median(gated) < 0.05
    assert np.median(np.divide(plain, gated)) > 4.0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"units": 0}, ValueError, "`units` must be"),
        ({"units": 4, "layers": 0}, ValueError, "`layers` must be"),
        ({"units": 4, "seed": 0.5}, TypeError, "`seed` must be an integer"),
        ({"units": 4, "activation": "steep"}, ValueError, "activation function identifier"),
    ],
)
def test_what_it_cannot_be_made_of_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        GatedMLP(**arguments)


def test_single_precision_is_refused_by_the_model():
    with pytest.raises(TypeError, match=r"`hidden` must compute in float64, .* 'encoder_0'"):
        qwpinn.QuantumWellPINN(BARRIER, hidden=GatedMLP(4, dtype="float32"))
