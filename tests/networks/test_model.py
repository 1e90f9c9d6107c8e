import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

import qwpinn
from qwpinn import references
from qwpinn.equation.scaling import Scaling
from qwpinn.networks.features import mlp
from qwpinn.training.residuals import per_state


def test_energies_are_a_trainable_weight_in_own_units(finite_well):
    model = qwpinn.QuantumWellPINN.for_potential(finite_well, states=3)
    assert any(weight.name == "energies" for weight in model.trainable_weights)
    assert model.energies.dtype == tf.float64
    np.testing.assert_allclose(model.energies, finite_well.levels(3), rtol=1e-7)


def test_held_energies_stay_and_are_no_trainable_weight():
    well = qwpinn.InfiniteWell()
    held = np.pi**2 * np.array([1.0, 4.0])
    model = qwpinn.QuantumWellPINN.for_potential(well, states=2, units=12, energies=held)
    model.compile(optimizer=qwpinn.LevenbergMarquardt())
    before = model.get_weights()
    model.fit(qwpinn.collocation(well), epochs=12, verbose=0)
    assert not any(weight.name == "energies" for weight in model.trainable_weights)
    np.testing.assert_allclose(model.energies, held, rtol=1e-15)
    assert any(np.any(a != b) for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize("energies", [[1.0], [1.0, np.nan], "ground"])
def test_held_energies_must_be_one_number_a_state(finite_well, energies):
    with pytest.raises((ValueError, TypeError), match="`energies` must"):
        qwpinn.QuantumWellPINN.for_potential(finite_well, states=2, units=8, energies=energies)


def test_training_lowers_energy_error_and_residual(finite_well):
    exact = references.exact(finite_well, 3).energies
    model = qwpinn.QuantumWellPINN.for_potential(finite_well, states=3, units=32, seed=0)
    start = np.max(np.abs(model.energies / exact - 1.0))
    model.compile(optimizer=qwpinn.LevenbergMarquardt())
    logs = model.fit(qwpinn.collocation(finite_well), epochs=30, verbose=0).history
    assert np.max(np.abs(model.energies / exact - 1.0)) < 0.1 * start
    assert logs["loss"][-1] < 0.1 * logs["loss"][0]
    assert np.all(np.diff(logs["loss"]) <= 0.0)


def test_logs_are_in_own_units(small_model, finite_well):
    logs = small_model.evaluate(qwpinn.collocation(finite_well), return_dict=True, verbose=0)
    assert set(logs) == {"loss", "residual", "gram_error", "energy_0", "energy_1"}
    np.testing.assert_allclose([logs["energy_0"], logs["energy_1"]], small_model.energies)
    nodes = next(iter(qwpinn.collocation(finite_well)))
    residual = small_model.residual(nodes["x"], nodes["potential"], nodes["weight"])
    norm = np.sqrt(np.sum(nodes["quadrature"] * residual**2))
    assert logs["residual"] == pytest.approx(norm, rel=1e-9)


def random_model(breakpoints=(-0.4, 0.3), units=7, seed=0, hidden=None):
    """A network of random weights, and where its residual may be asked."""
    rng = np.random.default_rng(seed)
    features = qwpinn.KinkFeatures(breakpoints, rng.uniform(0.5, 20.0, len(breakpoints)))
    trial = qwpinn.TrialFunctions(2, features, mlp(hidden or [units], seed))
    model = qwpinn.QuantumWellPINN(qwpinn.FiniteWell(), trial)
    model.set_weights([3.0 * rng.standard_normal(w.shape) for w in model.get_weights()])
    # Nowhere at a breakpoint: there rounding decides on which side of the jump psi'' is taken.
    x = rng.uniform(*model.potential.interval, (23, 1))
    at = {"x": x, "potential": model.potential(x), "weight": rng.uniform(0.5, 2.0, x.shape)}
    return model, {key: tf.constant(column) for key, column in at.items()}


def by_tapes(model, at):
    """The residual as training has it, one state a row."""
    members = model.members({**at, "quadrature": tf.ones_like(at["x"])})
    rows, state = per_state(members, model.states)
    unit = model.scaling.energy_unit * model.scaling.amplitude
    return tf.reshape(unit * model.equation(rows, state)[1] / rows["weight"], [-1, model.states])


@given(
    breakpoints=st.lists(st.floats(-0.95, 0.95), max_size=4, unique=True),
    units=st.integers(1, 30),
    seed=st.integers(0, 2**31),
)
def test_the_residual_of_known_jets_is_that_of_tapes(breakpoints, units, seed):
    model, at = random_model(breakpoints, units, seed)
    assert model.trial.known is not None
    found, expected = model.residual(**at), by_tapes(model, at)
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-12 * np.max(np.abs(expected)))


def test_the_residual_has_gradients_in_a_graph_for_any_number_of_rows():
    model, at = random_model()
    weights = np.random.default_rng(1).standard_normal((len(at["x"]), 2))

    def gradients(residual, at):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(weights * residual(at))
        return tape.gradient(loss, [v.value for v in model.trainable_variables])

    column = tf.TensorSpec([None, 1], tf.float64)
    graph = tf.function(
        lambda x, potential, weight: gradients(
            lambda at: model.residual(**at), {"x": x, "potential": potential, "weight": weight}
        ),
        input_signature=[column] * 3,
        autograph=False,
    )
    expected = gradients(lambda at: by_tapes(model, at), at)
    for found in (graph(**at), gradients(lambda at: model.residual(**at), at)):
        assert len(found) == 4
        for one, other in zip(found, expected, strict=True):
            scale = np.max(np.abs(other))
            assert scale > 0.0
            np.testing.assert_allclose(one, other, rtol=0.0, atol=1e-12 * scale)


def test_the_residual_of_two_layers_is_that_of_tapes():
    model, at = random_model(hidden=[5, 4])
    assert model.trial.known is None
    np.testing.assert_allclose(model.residual(**at), by_tapes(model, at), rtol=1e-15)


def test_the_residual_of_a_subclass_is_that_of_its_equation():
    class Doubled(qwpinn.QuantumWellPINN):
        def equation(self, rows, state):
            psi, residual = super().equation(rows, state)
            return psi, 2.0 * residual

    model, at = random_model()
    doubled = Doubled(model.potential, model.trial, scaling=model.scaling)
    doubled.scaled_energies.assign(model.scaled_energies)
    np.testing.assert_allclose(doubled.residual(**at), 2.0 * model.residual(**at), rtol=1e-9)


def test_psi_vanishes_at_the_walls_and_starts_positive(well):
    model = qwpinn.QuantumWellPINN.for_potential(well, states=4)
    a, b = well.interval
    np.testing.assert_array_equal(model.predict([a, b], verbose=0), np.zeros((2, 4)))
    exact = references.exact(well, 4).wavefunctions
    x = np.linspace(a, b, 101)
    np.testing.assert_allclose(model.predict(x, verbose=0), exact(x), atol=1e-3)


def test_sort_orders_energies_and_turns_lobes(small_model):
    x = np.linspace(-3, 3, 41)
    energies, psi = small_model.energies.numpy(), small_model.predict(x, verbose=0)
    kernel = small_model.trial.output_layer.kernel
    kernel.assign(-kernel.numpy()[:, ::-1])
    small_model.scaled_energies.assign(small_model.scaled_energies.numpy()[::-1])
    small_model.sort()
    np.testing.assert_array_equal(small_model.energies, energies)
    np.testing.assert_allclose(small_model.predict(x, verbose=0), psi, atol=1e-12)


def test_diagonalise_removes_a_mixing_of_the_states(small_model):
    energies = small_model.energies.numpy()
    kernel = small_model.trial.output_layer.kernel
    kernel.assign(kernel.numpy() @ np.array([[0.8, 0.7], [-0.6, 0.5]]))
    small_model.scaled_energies.assign([0.0, 0.0])
    small_model.diagonalise()
    np.testing.assert_allclose(small_model.energies, energies, rtol=1e-10)


def test_same_seed_same_numbers_other_seed_other_numbers(finite_well):
    def train(seed):
        model = qwpinn.QuantumWellPINN.for_potential(finite_well, states=1, units=12, seed=seed)
        model.compile(optimizer=qwpinn.LevenbergMarquardt())
        model.fit(qwpinn.collocation(finite_well, 60), epochs=3, verbose=0)
        return model.energies.numpy()

    first = train(5)
    np.testing.assert_array_equal(first, train(5))
    assert first != train(6)


@pytest.mark.parametrize("shape", ["(n,)", "(n, 1)"])
@pytest.mark.parametrize("batch_size", [None, 4])
def test_predict_takes_columns_and_rows_and_batches(small_model, shape, batch_size):
    x = np.linspace(-2, 2, 9)
    points = x if shape == "(n,)" else x[:, None]
    psi = small_model.predict(points, batch_size=batch_size, verbose=0)
    assert psi.shape == (9, 2)
    assert psi.dtype == np.float64
    np.testing.assert_allclose(psi, small_model(tf.constant(x[:, None])), atol=1e-14)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.array([0.0, 3.5]), ValueError, r"3\.5"),
        (np.zeros((2, 2)), ValueError, r"\(2, 2\)"),
        (np.array([np.nan]), ValueError, "nan"),
        (np.zeros(3, np.float32), TypeError, r"must be float64, .*Received: float32"),
        (tf.zeros((3, 1), tf.float32), TypeError, r"Received: float32"),
    ],
)
def test_predict_refuses_bad_points(small_model, x, error, message):
    with pytest.raises(error, match=message):
        small_model.predict(x, verbose=0)


def test_fit_refuses_other_data(small_model, finite_well):
    with pytest.raises(TypeError, match=r"must be a tf\.data\.Dataset.*Received: ndarray"):
        small_model.fit(np.zeros((5, 1)), epochs=1)
    single = qwpinn.collocation(finite_well).map(
        lambda data: {key: tf.cast(value, tf.float32) for key, value in data.items()}
    )
    with pytest.raises(TypeError, match=r"must be float64, as the model is. Received: float32"):
        small_model.fit(single, epochs=1)
    with pytest.raises(TypeError, match="must hold dicts with x, potential, weight, quadrature"):
        small_model.fit(tf.data.Dataset.from_tensors(np.zeros((5, 1))), epochs=1)


@pytest.mark.parametrize("states", [0, -1, 1.5, True, "3"])
def test_states_must_be_a_positive_integer(finite_well, states):
    with pytest.raises((ValueError, TypeError), match="`states` must be"):
        qwpinn.QuantumWellPINN.for_potential(finite_well, states=states)


def test_not_finite_potential_is_refused():
    class Broken(qwpinn.CustomPotential):
        def __call__(self, x):
            return np.where(np.asarray(x) > 0.5, np.inf, 0.0)

    broken = Broken(lambda x: x, (0.0, 1.0))
    for use in (qwpinn.collocation, qwpinn.QuantumWellPINN.for_potential, qwpinn.solve):
        with pytest.raises(ValueError, match=r"`potential` must be finite .* V\(0\.5.*inf"):
            use(broken)


def test_keras_file_round_trip(small_model, finite_well, tmp_path):
    small_model.fit(qwpinn.collocation(finite_well, 60), epochs=2, verbose=0)
    small_model.save(tmp_path / "model.keras")
    copy = keras.saving.load_model(tmp_path / "model.keras")
    x = np.linspace(-3, 3, 11)
    np.testing.assert_array_equal(copy.predict(x, verbose=0), small_model.predict(x, verbose=0))
    assert float(copy.optimizer.damping) == float(small_model.optimizer.damping)


def test_a_mass_that_jumps_goes_through_the_same_residual():
    """GaAs/AlGaAs as -psi'' + rho (V - E) psi = 0: 10 nm, 167.0985 meV (Harrison)."""
    c, mass, barrier = 38.0998211, 0.067, 0.0836
    edges = np.cumsum([0.0, 20.0 * barrier, 10.0 * mass, 20.0 * barrier])
    weights = 1.0 / (c * np.array([barrier, mass, barrier]))
    well = qwpinn.PiecewiseConstant(edges, [167.0985, 0.0, 167.0985], weights)
    solution = qwpinn.solve(well, states=2, seed=0)
    exact = references.exact(well, 2)
    np.testing.assert_allclose(exact.energies, [27.8846629933, 106.557370154], rtol=1e-6)
    np.testing.assert_allclose(solution.energies, exact.energies, rtol=1e-9)
    assert np.max(solution.error(exact)) < 1e-5


def test_points_of_another_well_are_refused(small_model):
    other = qwpinn.collocation(qwpinn.FiniteWell(box=12.0))
    with pytest.raises(ValueError, match="`x` must lie"):
        small_model.fit(other, epochs=1, verbose=0)


def test_predict_refuses_no_points(small_model):
    with pytest.raises(ValueError, match="at least one position"):
        small_model.predict([], verbose=0)


def test_the_scaling_of_another_well_is_refused():
    other = Scaling.for_potential(qwpinn.InfiniteWell(2.0))
    with pytest.raises(
        ValueError, match=r"`scaling` must be of the well's own walls, \[0, 1\].*\[0, 2\]"
    ):
        qwpinn.QuantumWellPINN(qwpinn.InfiniteWell(1.0), states=1, scaling=other)
