"""The model of psi(x, t): hard conditions, bounds of its error, training, what is saved."""

import keras
import numpy as np
import packets
import pytest
import tensorflow as tf
from packets import BOX, Beats, Packet

import qwpinn
from qwpinn.networks.features import KinkFeatures, mlp
from qwpinn.networks.time_features import TimeFeatures

# Of a packet, but for 0.
TIMES = np.linspace(0.0, 1.5, 5)[1:]


def data_of(problem):
    return qwpinn.time_collocation(problem.well, problem.duration, (30, 18), problem.drive)


def small(problem, **arguments):
    return packets.network(problem, hidden=mlp([6, 6], 1, biases=1.0), **arguments)


@pytest.fixture(scope="module")
def trained():
    """A driven packet's after some steps, with its error before them and what `fit` said."""
    problem = Packet(strength=0.7)
    model = packets.network(problem, hidden=mlp([6], 0, biases=1.0))
    before = packets.true_error(model, problem, TIMES)
    model.compile(qwpinn.LevenbergMarquardt(damping=0.01))
    history = model.fit(data_of(problem).repeat(15), verbose=0).history
    return model, before, history


@pytest.fixture(scope="module")
def model():
    """Rough, with weights at random; no test changes it."""
    found = small(Beats())
    found.compile(qwpinn.LevenbergMarquardt())
    return found


@pytest.mark.parametrize("problem", [Packet(strength=0.7), Beats()], ids=str)
def test_initial_state_and_walls_are_hard(problem):
    model = packets.network(problem)
    weights = model.weights_taken()
    model.take_weights(5.0 * np.cos(np.arange(weights.size)))
    a, b = problem.well.interval
    x = np.linspace(a, b, 57)
    psi = model.wavefunction(x, np.linspace(0.0, problem.duration, 9))
    # But for what the series leaves out of a packet.
    np.testing.assert_allclose(psi[0], problem.initial(x), atol=1e-11)
    np.testing.assert_allclose(psi[:, [0, -1]], 0.0, atol=1e-12)
    assert np.max(np.abs(np.abs(psi[-1]) - np.abs(psi[0]))) > 0.1


def test_calls_agree(trained, rng):
    """`wavefunction`, `predict` and a call of points, of a tensor too."""
    model = trained[0]
    x, t = rng.uniform(-8.5, 8.5, 5), rng.uniform(0.0, 1.5, 3)
    psi = model.wavefunction(x, t)
    assert psi.shape == (3, 5) and psi.dtype == np.complex128
    points = np.stack([np.tile(x, 3), np.repeat(t, 5)], axis=1)
    parts = np.stack([psi.real.ravel(), psi.imag.ravel()], axis=1)
    np.testing.assert_allclose(model(points), parts, atol=1e-15)
    np.testing.assert_allclose(model(tf.constant(points)), parts, atol=1e-15)
    np.testing.assert_allclose(model.predict(points, verbose=0, batch_size=4), parts, atol=1e-15)
    np.testing.assert_allclose(model.wavefunction(x, t[1])[0], psi[1], atol=1e-15)


def test_a_state_of_the_well_stays_as_it_is_without_a_network():
    """E = 4 pi^2: the frame turns with it, and nothing is left to correct."""
    model = qwpinn.TimePINN(BOX, lambda x: np.sin(2.0 * np.pi * x), 0.3)
    model.output_layer.kernel.assign(tf.zeros_like(model.output_layer.kernel))
    x, t = np.linspace(0.0, 1.0, 20), np.linspace(0.0, 0.3, 4)
    exact = np.exp(-4j * np.pi**2 * t)[:, None] * np.sin(2.0 * np.pi * x)
    np.testing.assert_allclose(model.wavefunction(x, t), exact, atol=1e-12)
    assert np.all(model.error_bound(t) < 1e-10)


def test_the_bound_is_sharp_where_all_defects_add_up():
    """psi (1 + e sin t) has the defect i e cos(t) psi, and the error e sin(t) ||psi||."""
    problem = Packet(strength=0.7)
    model = packets.exact_network(problem, error=1e-3)
    t = np.linspace(0.0, problem.duration, 4)
    exact = 1e-3 * np.sin(t) * problem.norm
    bound = model.error_bound(t.reshape(2, 2))
    np.testing.assert_allclose(bound, exact.reshape(2, 2), atol=1e-10)
    np.testing.assert_allclose(packets.true_error(model, problem, t), exact, atol=1e-10)


def test_training_lowers_the_true_error_and_the_bound_holds(trained):
    """Of a `qwpinn.Packet` in the field of a `qwpinn.Pulse`."""
    model, before, history = trained
    problem = Packet(strength=0.7)
    error, bound = packets.true_error(model, problem, TIMES), model.error_bound(TIMES)
    assert np.all(error < 0.35 * before)
    assert np.all((error <= bound) & (bound < 3.0 * error))
    assert np.all(np.diff(bound) >= 0.0)
    alone = model.error_bound(TIMES[2])
    assert alone.shape == ()
    np.testing.assert_allclose(alone, bound[2], rtol=1e-3)
    # The root of the loss is the bound at T of what has norm 1, but for the mean of a root.
    (root,) = history["error_bound"]
    np.testing.assert_allclose(root**2, history["loss"][0], rtol=1e-9)
    assert 0.5 * root < bound[-1] / problem.norm < 1.1 * root
    again = model.evaluate(data_of(problem), verbose=0)
    np.testing.assert_allclose(again["error_bound"], root, rtol=1e-9)
    assert model.status is qwpinn.Status.TRAINED


def test_the_jacobian_is_that_of_differences(trained, rng):
    """As steps of second order trace it: J^T r, and J^T J along a direction."""
    model = trained[0]
    batch = next(iter(data_of(Packet(strength=0.7))))
    squares, points = model.squares(batch), len(batch["x"])
    weights = model.weights_taken()
    along = rng.standard_normal(weights.size)
    there, back = (squares.residuals(weights + step * along).ravel() for step in (1e-5, -1e-5))
    bent, residual = (there - back) / 2e-5, squares.residuals(weights).ravel()
    assert residual.size == 2 * points
    found = squares.linearised(weights)
    np.testing.assert_allclose(found.gradient @ along, bent @ residual, rtol=1e-6)
    np.testing.assert_allclose(along @ found.normal @ along, bent @ bent, rtol=1e-6)
    model.take_weights(weights)


def test_the_usual_inputs_have_kinks_where_v_jumps():
    well = qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0)
    model = qwpinn.TimePINN(well, lambda x: np.exp(-8.0 * x**2), 1.0)
    assert isinstance(model.features, TimeFeatures)
    np.testing.assert_allclose(model.features.space.breakpoints, [-1.0 / 3.0, 1.0 / 3.0])
    # One wavelength of the highest energy, mean and spread from min V, is 2 pi.
    highest = 9.0 * (model.initial.energy + 0.0 + model.initial.spread)
    np.testing.assert_allclose(model.features.wavenumber, highest**0.5, rtol=1e-12)
    np.testing.assert_allclose(model.features.frequency, model.initial.spread, rtol=1e-12)


def test_a_model_is_restored(trained, tmp_path, rng):
    """By Keras's file, and by `export` with a SavedModel."""
    model = trained[0]
    x, t = rng.uniform(-8.5, 8.5, 7), rng.uniform(0.0, 1.5, 7)
    points = np.stack([x, t], axis=1)
    parts = model(points).numpy()
    model.export(tmp_path / "model")
    model.save(tmp_path / "model.keras")
    loaded = [qwpinn.load(tmp_path / "model"), keras.models.load_model(tmp_path / "model.keras")]
    for again in loaded:
        np.testing.assert_array_equal(again(points), parts)
        assert isinstance(again.optimizer, qwpinn.LevenbergMarquardt)
        assert (again.duration, again.initial) == (1.5, model.initial)
        values = [one.motion.values(x, t) for one in (again, model)]
        np.testing.assert_allclose(*values, atol=1e-10)
    served = tf.saved_model.load(str(tmp_path / "model"))
    np.testing.assert_allclose(served.serve(x=tf.constant(x), t=tf.constant(t)), parts, atol=1e-15)
    one = served.serve(x=tf.constant(x)[:, None], t=tf.constant([0.5], tf.float64))
    expected = model.wavefunction(x, 0.5)[0]
    np.testing.assert_allclose(one, np.stack([expected.real, expected.imag], axis=1), atol=1e-15)


def test_a_config_restores_it():
    config = small(Beats(), causality=0.1).get_config()
    again = qwpinn.TimePINN.from_config(config)
    assert again.causality == 0.1 and again.get_config() == config


def test_a_model_with_other_weights_is_not_loaded(model, tmp_path, without_graphs):
    model.export(tmp_path / "model")
    weights = model.weights_taken()
    model.take_weights(1.01 * weights)
    model.save_weights(tmp_path / "other.weights.h5")
    model.take_weights(weights)
    (tmp_path / "other.weights.h5").replace(tmp_path / "model" / "qwpinn.weights.h5")
    with pytest.raises(ValueError, match=r"answers differ from those kept .* psi by"):
        qwpinn.load(tmp_path / "model")


def test_own_layers_and_a_well_with_kinks_train():
    """Keras layers of one's own, of xi and t alone."""
    double = {"dtype": "float64"}
    hidden = keras.Sequential([keras.layers.Dense(9, "swish", **double)])
    features = keras.layers.Identity(**double)
    model = packets.network(Beats(), hidden=hidden, features=features)
    assert model.weights_to_train == 3 * 9 + 2 * 9
    assert not isinstance(model.features, KinkFeatures)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"causality": -1.0}, ValueError, r"`causality` must be a finite number that is not neg"),
        ({"seed": -1}, ValueError, r"`seed` must be an integer of at least 0"),
        ({"hidden": 3}, TypeError, r"`hidden` must be a Keras layer"),
        (
            {"hidden": keras.layers.Dense(4, "relu", dtype="float64")},
            ValueError,
            r"`hidden` must have second derivatives",
        ),
        ({"hidden": keras.layers.Dense(4, "tanh")}, TypeError, r"must compute in float64"),
    ],
)
def test_bad_arguments_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        packets.network(Beats(), **arguments)


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda m: m([[0.5, 0.2]]), ValueError, r"`t` must be times \(n,\) in \[0, 0\.1\], .*0\.2"),
        (lambda m: m([[1.5, 0.0]]), ValueError, r"`x` must lie in the closed interval"),
        (lambda m: m(np.zeros((2, 2), np.float32)), TypeError, r"`points` must be float64"),
        (lambda m: m.predict([[0.5, np.nan]]), ValueError, r"`points` must hold finite numbers"),
        (lambda m: m.wavefunction([0.5], [[0.0]]), ValueError, r"`t` must be times \(n,\)"),
        (lambda m: m.wavefunction([2.0], 0.0), ValueError, r"`x` must lie in the closed"),
        (lambda m: m.error_bound(-0.1), ValueError, r"`t` must be times .* Received: -0\.1"),
        (
            lambda m: m.error_bound(np.zeros(1001)),
            ValueError,
            r"`t` must hold at most 1000 times",
        ),
        (
            lambda m: m.compile("adam", "mse"),
            ValueError,
            r"`loss` must be left out, .*Weigh early times more by `causality`\.",
        ),
    ],
)
def test_bad_questions_are_refused(model, ask, error, message):
    with pytest.raises(error, match=message) as caught:
        ask(model)
    assert "\n" not in str(caught.value)


def test_fewer_residuals_than_weights_are_refused(model):
    data = qwpinn.time_collocation(BOX, 0.1, (3, 3))
    with pytest.raises(ValueError, match=r"`x` must give at least as many residuals .*: 32"):
        model.fit(data, verbose=0)


DEVICE = qwpinn.Heterostructure([qwpinn.Layer(10.0, offset=0.0, mass=0.067)])
IN_UNITS = qwpinn.InfiniteWell(width=10.0).in_units("nm", "eV", mass=0.067)
# E_1 = hbar^2 pi^2 / (2 m L^2) in eV, and hbar in eV fs.
GROUND, HBAR = 0.038099821161 / 0.067 * (np.pi / 10.0) ** 2, 0.6582119569509


@pytest.mark.parametrize("well", [IN_UNITS, DEVICE], ids=["in units", "device"])
def test_times_of_a_well_in_units_are_fs(well):
    """A state turns by E t / hbar, and two beat with E_2 - E_1 = 3 E_1."""
    x, t = np.array([2.0, 5.0]), np.array([0.0, 0.4, 1.5])
    still = qwpinn.TimePINN(well, lambda x: np.sin(np.pi * x / 10.0), 1.5)
    still.output_layer.kernel.assign(tf.zeros_like(still.output_layer.kernel))
    turned = np.exp(-1j * GROUND / HBAR * t)[:, None] * np.sin(np.pi * x / 10.0)
    np.testing.assert_allclose(still.wavefunction(x, t), turned, rtol=1e-8)
    problem = Beats()
    beat = packets.Exact(well, lambda x: problem.initial(x / 10.0), 1.5)
    beat.error, beat.exact = (
        1e-3,
        lambda x, t: problem(x / well.to_normal(np.array(10.0)), GROUND / (np.pi**2 * HBAR) * t),
    )
    np.testing.assert_allclose(beat.initial.spread, 1.5 * beat.initial.energy / 2.5, rtol=1e-9)
    density = np.abs(beat.wavefunction([2.5], t)[:, 0] / (1.0 + 1e-3 * np.sin(t))) ** 2
    np.testing.assert_allclose(density, 1.5 + 2.0**0.5 * np.cos(3.0 * GROUND / HBAR * t), rtol=1e-7)
    # Sharp, as of a packet: ||psi||^2 = 10 nm.
    np.testing.assert_allclose(beat.error_bound(t), 1e-3 * np.sin(t) * 10.0**0.5, atol=1e-7)
