"""Parity: exact symmetry, and which state is found."""

import keras
import layered
import numpy as np
import pytest

import qwpinn
from qwpinn.networks.features import mlp
from qwpinn.potentials import PiecewiseConstant
from qwpinn.techniques import Gaussians, Parity

# Two wells whose lowest levels are split by 2.8e-4.
PAIR = PiecewiseConstant([-6, -1.5, -0.5, 0.5, 1.5, 6], [100, 0, 100, 0, 100])
EVEN, ODD = 6.827001666581465, 6.827282287732434

WEIGHTS, BIASES = (keras.initializers.RandomNormal(0.0, 1.0, seed=seed) for seed in (0, 1))


def symmetric(well, hidden, even, states=1, seed=0):
    features = Parity.of_well(well, hidden, even)
    return qwpinn.QuantumWellPINN(
        well, states=states, hidden=layered.identity(), features=features, seed=seed
    )


def test_it_is_twice_the_even_or_the_odd_part_of_a_layer(rng):
    x, layer = rng.normal(size=(5, 3)), keras.layers.Dense(4, "swish", dtype="float64")
    here, there = layer(x).numpy(), layer(-x).numpy()
    np.testing.assert_allclose(Parity(layer)(x), here + there, rtol=1e-14)
    np.testing.assert_allclose(Parity(layer, even=False)(x), here - there, rtol=1e-14)


@pytest.mark.parametrize("even", [True, False])
def test_it_is_trained_by_second_order_and_loaded(tmp_path, even):
    features = Parity.of_well(layered.WELL, mlp([9], 0), even)
    layered.lives(tmp_path / "model", hidden=layered.identity(), features=features)


def test_it_can_be_hidden_or_stand_over_other_features():
    hidden = Parity(Gaussians(8), even=False)
    model = qwpinn.QuantumWellPINN(layered.WELL, hidden=hidden, features=layered.identity())
    x = np.linspace(0.0, 3.0, 7)
    np.testing.assert_array_equal(model(-x), -model(x).numpy())


def test_levels_of_a_parity_are_found_as_what_they_are_and_exactly_symmetric():
    """Of a certificate the numbers are proven."""
    model = symmetric(layered.WELL, mlp([24], 0), even=False, states=2)
    model.diagonalise()
    found = qwpinn.certify(model)
    assert found.quantum_numbers.tolist() == [1, 3]
    exact = qwpinn.references.exact(layered.WELL, 4).energies[1::2]
    assert np.all((found.lower <= exact) & (exact <= found.upper))
    x = np.linspace(0.0, 3.0, 7)
    np.testing.assert_array_equal(model(-x), -model(x).numpy())


@pytest.mark.parametrize(("even", "level"), [(None, 1.0), (True, 1.0), (False, 4.0)])
def test_a_descent_ends_in_the_lowest_state_of_the_parity(even, level):
    """Without it the lowest energy is that of the ground state, which is even."""
    well = layered.INFINITE
    start = {"kernel_initializer": WEIGHTS, "bias_initializer": BIASES}
    hidden = keras.layers.Dense(12, "tanh", dtype="float64", **start)
    if even is None:
        model = qwpinn.QuantumWellPINN(well, states=1, hidden=hidden)
    else:
        model = symmetric(well, hidden, even)
    model.compile(keras.optimizers.Adam(1e-2), qwpinn.RayleighQuotient(), steps_per_execution=50)
    model.fit(qwpinn.collocation(well, 40).repeat(300), verbose=0)
    np.testing.assert_allclose(model.energies.numpy()[0] / np.pi**2, level, rtol=1e-2)


def test_of_a_doublet_each_state_is_nearer_than_one_that_may_mix_with_the_other():
    """Ritz levels in 16 random units, medians of three seeds; all of ten showed it, by 4 to 900."""

    def error(level, model):
        model.diagonalise()
        return model.energies.numpy()[0] / level - 1.0

    errors = np.median(
        [
            [
                error(EVEN, qwpinn.QuantumWellPINN(PAIR, states=1, hidden=mlp([16], seed))),
                error(EVEN, symmetric(PAIR, mlp([16], seed), True)),
                error(ODD, symmetric(PAIR, mlp([16], seed), False)),
            ]
            for seed in range(3)
        ],
        axis=0,
    )
    assert errors[0] > 10.0 * errors[1] > 0.0
    assert errors[0] > 4.0 * errors[2] > 0.0


def test_of_a_doublet_a_plain_network_finds_a_mixture_where_its_energy_is_as_near():
    """Twice the units, median of three seeds; of ten, eight were mixed by 0.4 and more."""
    x = np.linspace(0.01, 5.99, 400)

    def distance(model):
        model.diagonalise()
        assert model.energies.numpy()[0] / EVEN - 1.0 < 3e-3
        here, there = model(x).numpy(), model(-x).numpy()
        return (np.sum((here - there) ** 2) / np.sum(here**2 + there**2)) ** 0.5

    plain = [qwpinn.QuantumWellPINN(PAIR, states=1, hidden=mlp([32], seed)) for seed in range(3)]
    assert np.median([distance(model) for model in plain]) > 0.5
    assert distance(symmetric(PAIR, mlp([16], 0), True)) == 0.0


def test_a_well_or_layers_without_the_symmetry_are_refused():
    slope = PiecewiseConstant([0, 1, 2], [0, 5])
    with pytest.raises(ValueError, match="`potential` must be even about the middle of its interv"):
        Parity.of_well(slope, mlp([4], 0))

    with pytest.raises(ValueError, match=r"`hidden` must have an even part\. Received: .* tanh"):
        Parity.of_well(layered.INFINITE, mlp([4], 0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.tanh,), "`layer` must be a Keras layer"),
        ((keras.layers.Dense(3, dtype="float64"), 1), "`even` must be True or False"),
    ],
)
def test_what_it_cannot_be_made_of_is_refused(arguments, message):
    with pytest.raises(TypeError, match=message):
        Parity(*arguments)
