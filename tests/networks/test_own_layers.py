"""Layers of one's own: which are taken, and what is said of the others."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import qwpinn

WELL = qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0)
DOUBLE = {"dtype": "float64"}


class Gaussians(keras.layers.Layer):
    """Features that are curved themselves."""

    def call(self, xi):
        return tf.exp(-((4.0 * (xi - tf.constant([[-0.3, 0.0, 0.2]], tf.float64))) ** 2))


@keras.saving.register_keras_serializable("tests")
class Waves(keras.layers.Layer):
    def __init__(self, count, **kwargs):
        super().__init__(**kwargs)
        self.count = count

    def call(self, xi):
        return tf.sin(xi * tf.range(1.0, self.count + 1.0, dtype=tf.float64))

    def get_config(self):
        return {**super().get_config(), "count": self.count}


def dense(*units, activation="tanh", **arguments):
    given = DOUBLE | arguments
    return keras.Sequential([keras.layers.Dense(u, activation, **given) for u in units])


def functional():
    inputs = keras.Input((2 + 1,), **DOUBLE)
    deep = keras.layers.Dense(6, "swish", **DOUBLE)(inputs)
    return keras.Model(inputs, keras.layers.Concatenate(**DOUBLE)([inputs, deep]))


@pytest.mark.parametrize(
    ("hidden", "features"),
    [
        (dense(9), None),
        (dense(5, 4, activation="gelu"), None),
        (functional(), None),
        (keras.layers.Dense(7, "sigmoid", **DOUBLE), None),
        (keras.layers.Identity(**DOUBLE), Waves(4, **DOUBLE)),
        (keras.layers.Dense(3, **DOUBLE), Gaussians(**DOUBLE)),
        (dense(6), keras.layers.Identity(**DOUBLE)),
    ],
    ids=["one", "two", "functional", "layer", "waves", "gaussians", "no features"],
)
def test_psi_is_what_the_layers_make_and_vanishes_at_the_walls(hidden, features):
    model = qwpinn.QuantumWellPINN(WELL, states=2, hidden=hidden, features=features)
    left, right = WELL.interval
    np.testing.assert_allclose(model([left, right]), 0.0, atol=1e-14)
    xi = np.array([[-0.5], [0.1]])
    seen = hidden(model.trial.features(tf.constant(xi))).numpy()
    expected = (1.0 - xi**2) * seen @ model.trial.output_layer.kernel.numpy()
    np.testing.assert_allclose(model(3.0 * xi), expected / 3.0**0.5, rtol=1e-12)
    # One step changes whatever is to be trained.
    before = model.get_weights()
    model.compile(keras.optimizers.SGD(1e-6))
    model.fit(qwpinn.collocation(WELL, 60), epochs=1, verbose=0)
    changed = [np.any(a != b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert all(changed)
    # The Ritz states in their span bound the levels from above, and are enclosed.
    if seen.shape[1] > 2:
        model.diagonalise()
        exact = qwpinn.references.exact(WELL, 2).energies
        assert np.all(model.energies.numpy() >= exact - 1e-9)


def test_single_precision_is_refused_by_the_name_of_its_layer():
    second = keras.layers.Dense(4, name="second")
    mixed = keras.Sequential([keras.layers.Dense(3, "tanh", **DOUBLE), second])
    for arguments, message in (
        (
            {"hidden": keras.layers.Dense(3, name="own")},
            r"`hidden` .*float32 in layer 'own'\. Give",
        ),
        ({"hidden": mixed}, r"`hidden` must compute in float64, .*float32 in layer 'second'"),
        ({"features": keras.layers.Dense(3, name="own")}, "`features` .*float32 in layer 'own'"),
    ):
        with pytest.raises(TypeError, match=message):
            qwpinn.QuantumWellPINN(WELL, states=2, **arguments)


PENALISED = keras.layers.Dense(5, "tanh", kernel_regularizer="l2", **DOUBLE)
DROPPED = keras.Sequential([keras.layers.Dense(5, "tanh", **DOUBLE), keras.layers.Dropout(0.5)])
LEAKY = keras.layers.Dense(5, "leaky_relu", **DOUBLE)
LINE = keras.layers.Identity(**DOUBLE)
SQUARE = keras.layers.Reshape((2, 2), **DOUBLE)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"hidden": dense(5, activation="relu")}, ValueError, "`hidden` must have second deriv"),
        ({"hidden": LEAKY, "features": Gaussians(**DOUBLE)}, ValueError, "`hidden` must have sec"),
        ({"hidden": LINE, "features": LINE}, ValueError, "`hidden` must have second derivatives"),
        (
            {"hidden": dense(5, kernel_regularizer="l2")},
            ValueError,
            "`hidden` must be without regularizers",
        ),
        ({"features": PENALISED}, ValueError, "`features` must be without regularizers"),
        ({"hidden": DROPPED}, ValueError, "`hidden` must give the same functions while it is tr"),
        ({"hidden": np.tanh}, TypeError, "`hidden` must be a Keras layer. Received: "),
        ({"hidden": keras.Sequential([dense(4), SQUARE])}, ValueError, r"a row .*\(32, 2, 2\)"),
        ({"initial_energies": [1.0]}, ValueError, r"`initial_energies` must have shape \(2,\)"),
        (
            {"initial_energies": [1.0, 2.0], "energies": [1.0, 2.0]},
            ValueError,
            "`initial_energies` must be left out",
        ),
    ],
)
def test_what_cannot_be_taken_is_said_in_one_line(arguments, error, message):
    with pytest.raises(error, match=message):
        qwpinn.QuantumWellPINN(WELL, states=2, **arguments)


def test_trial_functions_exclude_layers():
    trial = qwpinn.QuantumWellPINN(WELL, states=1).trial
    assert qwpinn.QuantumWellPINN(WELL, trial).trial is trial
    with pytest.raises(ValueError, match="`trial` must be left out where `states`, `hidden`"):
        qwpinn.QuantumWellPINN(WELL, trial, hidden=dense(3))


def test_energies_start_where_they_are_put_and_are_trained():
    model = qwpinn.QuantumWellPINN(WELL, hidden=dense(4), initial_energies=[1.5, 6.0])
    np.testing.assert_allclose(model.energies, [1.5, 6.0], rtol=1e-14)
    model.compile(keras.optimizers.SGD(1e-4))
    model.fit(qwpinn.collocation(WELL, 60), epochs=1, verbose=0)
    assert np.all(model.energies.numpy() != [1.5, 6.0])
    assert qwpinn.QuantumWellPINN(WELL, energies=[1.5]).states == 1


def test_a_model_of_own_layers_is_loaded(tmp_path):
    waves, hidden = Waves(3, **DOUBLE), keras.layers.Identity(**DOUBLE)
    model = qwpinn.QuantumWellPINN(WELL, states=2, hidden=hidden, features=waves)
    model.export(tmp_path / "waves")
    again = qwpinn.load(tmp_path / "waves")
    np.testing.assert_array_equal(again([0.3]), model([0.3]))


class Undescribed(keras.layers.Layer):
    """A function is no plain value, and it has no `get_config`."""

    def __init__(self, function, **arguments):
        super().__init__(**arguments)
        self.function = function

    def call(self, inputs):
        return self.function(inputs)


def test_a_layer_that_cannot_be_described_is_named_and_nothing_is_written(tmp_path):
    hidden = Undescribed(lambda x: tf.concat([tf.sin(x), tf.cos(x)], axis=-1), **DOUBLE)
    model = qwpinn.QuantumWellPINN(qwpinn.InfiniteWell(), states=1, hidden=hidden)
    with pytest.raises(ValueError, match=r"`model` must be made of .* Received: 'Undescribed',"):
        model.export(tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_a_model_of_ones_own_is_loaded_by_custom_objects(tmp_path):
    class Local(qwpinn.QuantumWellPINN):
        pass

    model = Local(WELL, states=1)
    model.export(tmp_path / "model")
    with pytest.raises(ValueError, match=r"with a class 'Local' .* Give custom_objects={'Local'"):
        qwpinn.load(tmp_path / "model")
    again = qwpinn.load(tmp_path / "model", {"Local": Local})
    assert type(again) is Local
    np.testing.assert_array_equal(again([0.1]), model([0.1]))


def test_layers_that_take_xi_alone_say_so():
    well = qwpinn.FiniteWell()
    tanh = keras.layers.Dense(6, "tanh", dtype="float64")
    hidden = keras.Sequential([keras.Input((1,), dtype="float64"), tanh])
    with pytest.raises(ValueError, match=r"`hidden` must take what .*, \(3,\) numbers.*Identity"):
        qwpinn.QuantumWellPINN(well, states=1, hidden=hidden)


def test_a_layer_that_stands_in_two_places_is_refused():
    twice = keras.layers.Dense(6, "tanh", dtype="float64", name="twice")
    first = keras.layers.Dense(6, "tanh", dtype="float64")
    hidden = keras.Sequential([first, keras.Sequential([twice]), twice])
    with pytest.raises(ValueError, match=r"must hold each layer once.* 'twice' twice"):
        qwpinn.QuantumWellPINN(qwpinn.InfiniteWell(), states=1, hidden=hidden)
