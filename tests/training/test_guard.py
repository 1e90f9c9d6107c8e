"""Data, points and parameters that are not a model's own are refused in one line, at every door."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import qwpinn

WELL = qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0)
FAMILY = qwpinn.Family(qwpinn.FiniteWell, depth=(15, 25), width=(1.8, 2.2), box=6.0)
FAMILY_IN_ANOTHER_BOX = qwpinn.Family(qwpinn.FiniteWell, depth=(15, 25), width=(1.8, 2.2), box=5.0)
P = np.array([[16.0, 1.9], [20.0, 2.0], [24.0, 2.1]])
X = np.array([-1.0, 0.0, 2.5])


@pytest.fixture(scope="module")
def model():
    """Of one well, compiled; no test changes its weights."""
    model = qwpinn.QuantumWellPINN.for_potential(WELL, states=2, units=12, seed=3)
    model.compile(optimizer=keras.optimizers.SGD(0.0))
    return model


@pytest.fixture(scope="module")
def family_model():
    model = qwpinn.FamilyPINN.for_family(
        FAMILY, 2, units=16, modes=6, branch=(6,), surface=(6,), seed=0
    )
    model.start(4, epochs=2)
    model.compile(optimizer=keras.optimizers.SGD(0.0))
    return model


def columns(potential=WELL, /, **changes):
    """Collocation data of a well as NumPy columns, some replaced by functions of themselves."""
    batch = next(iter(qwpinn.collocation(potential, 48).as_numpy_iterator()))
    return batch | {name: change(batch[name]) for name, change in changes.items()}


def members(family=FAMILY, /, **changes):
    data = qwpinn.family_collocation(family, 4, 24, 2)
    batch = next(iter(data.as_numpy_iterator()))
    return batch | {name: change(batch[name]) for name, change in changes.items()}


def put(value, at=5):
    """A copy with one number replaced."""

    def changed(column):
        column = column.copy()
        column.flat[at] = value
        return column

    return changed


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (
            lambda: columns(qwpinn.FiniteWell(box=12.0)),
            r"`NAME` must lie in the interval \[-3, 3\] of the model's well\. Received: x=-[3-6]\.",
        ),
        (
            lambda: columns(qwpinn.FiniteWell(depth=21.0)),
            r"`NAME` must be of the model's own well\. Received: V\(.*\) = 21, where .* is 20\.",
        ),
        (
            lambda: columns(qwpinn.FiniteWell(box=5.0)),
            r"`NAME` .* the whole interval \[-3, 3\] of the model's well, .* 6\. Received: 5\.",
        ),
        (lambda: columns(potential=lambda v: v + 1e-6), r"`NAME` must be of .* own well\..*V\("),
        (lambda: columns(weight=lambda rho: 2.0 * rho), r"rho\(.*\) = 2, where the model's is 1\."),
        (lambda: columns(potential=put(np.nan)), r"`NAME` .* finite\. Received: nan for 'poten"),
        (lambda: columns(x=put(np.inf)), r"`NAME` .* finite\. Received: inf for 'x'"),
        (lambda: columns(quadrature=put(-1.0)), r"finite and positive\. Received: -1\.0 for 'quad"),
        (lambda: columns(weight=put(0.0)), r"finite and positive\. Received: 0\.0 for 'weight'"),
        (lambda: columns(potential=np.ravel), r"columns of shape \(n, 1\).*\(48,\) for 'poten"),
        (lambda: columns(potential=lambda v: v[:-1]), r"one length\. Received: shape=\(47, 1\)"),
        (
            lambda: {name: c[:0] for name, c in columns().items()},
            r"at least one point\. .*\(0, 1\)",
        ),
    ],
)
def test_data_of_another_well_are_refused(model, bad, message):
    refused(model, columns(), bad(), message)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (
            lambda: members(qwpinn.Family(qwpinn.FiniteWell, depth=(30, 40), width=(1.8, 2.2))),
            r"`NAME` must be of members of the model's family\. .* depth=3\S+ in row 0, outside",
        ),
        (
            lambda: members(FAMILY_IN_ANOTHER_BOX),
            r"`NAME` .* the whole interval \[-3, 3\] of its member 0, .* 6\. Received: 5\.",
        ),
        (
            lambda: members(qwpinn.Family(qwpinn.FiniteWell, width=(1.8, 2.2), depth=(15, 25))),
            r"must be of members of the model's family\. Received: depth=[12]\.",
        ),
        (
            lambda: members(qwpinn.Family(qwpinn.FiniteWell, depth=(15, 25))),
            r"`NAME` must have 'p' of shape \(n, 2\), a column each for depth, width\. .*\(4, 1\)",
        ),
        (lambda: members(potential=lambda v: 1.001 * v), r"own family, at depth=.*: V\("),
        (lambda: members(potential=put(np.nan)), r"`NAME` .* finite\. Received: nan for 'poten"),
        (lambda: members(p=put(np.nan, 1)), r"`NAME` .* finite\. Received: nan for 'p'"),
        (lambda: members(x=put(3.5)), r"between the walls of its member, \[-3, 3\]\. .*x=3\.5"),
        (
            lambda: members(x=lambda x: x[:, :-1]),
            r"shape \(n, q\), a row for each of the 4 members",
        ),
    ],
)
def test_data_of_another_family_are_refused(family_model, bad, message):
    refused(family_model, members(), bad(), message)


def refused(model, good, bad, message):
    """By fit, evaluate and validation."""
    data, good = tf.data.Dataset.from_tensors(bad), tf.data.Dataset.from_tensors(good)
    for name, ask in (
        ("x", lambda: model.fit(data, verbose=0)),
        ("x", lambda: model.evaluate(data, verbose=0)),
        ("validation_data", lambda: model.fit(good, validation_data=data, verbose=0)),
    ):
        with pytest.raises(ValueError, match=message.replace("NAME", name)) as error:
            ask()
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("which", ["model", "family_model"])
def test_kinds_of_data_are_refused(which, request):
    model = request.getfixturevalue(which)
    batch = columns() if which == "model" else members()
    dataset = tf.data.Dataset.from_tensors
    renamed = {("V" if name == "potential" else name): c for name, c in batch.items()}
    single = {name: column.astype(np.float32) for name, column in batch.items()}
    for bad, message in (
        (batch, r"must be a tf\.data\.Dataset of .*, for Keras turns arrays into float32.* dict\."),
        (dataset(batch["x"]), r"must hold dicts with .*\. Received: TensorSpec\. Give qwpinn\."),
        (dataset(renamed), r"must hold dicts with .*\. Received: V, .*quadrature.*\. Give"),
        (dataset(single), r"must be float64, as the model is\. Received: float32 for '"),
    ):
        for name, options in (("x", {"x": bad}), ("validation_data", {"x": dataset(batch)})):
            if name != "x":
                options["validation_data"] = bad
            with pytest.raises(TypeError, match=f"`{name}` {message}"):
                model.fit(**options, verbose=0)
        with pytest.raises(TypeError, match=f"`x` {message}"):
            model.evaluate(bad, verbose=0)
    with pytest.raises(ValueError, match="`x` must hold at least one batch"):
        model.fit(dataset(batch).take(0), verbose=0)


@pytest.mark.parametrize("change", [{"potential": put(np.nan)}, {"x": put(99.0)}])
def test_a_bad_batch_after_good_ones_is_refused(model, family_model, change):
    for one, good, bad in (
        (model, columns(), columns(**change)),
        (family_model, members(), members(**change)),
    ):
        data = tf.data.Dataset.from_tensors(good).repeat(2)
        data = data.concatenate(tf.data.Dataset.from_tensors(bad))
        for ask in (one.fit, one.evaluate):
            with pytest.raises(ValueError, match=r"`x` must (hold|lie).*(nan|x=99)") as error:
                ask(data, verbose=0)
            assert "\n" not in str(error.value)


def test_evaluate_gives_what_fit_logs_as_floats():
    single = qwpinn.QuantumWellPINN.for_potential(WELL, states=2, units=12, seed=3)
    family = qwpinn.FamilyPINN.for_family(FAMILY, 2, units=12, modes=4, branch=(4,), surface=(4,))
    for one, batch in ((single, columns()), (family, members())):
        data = tf.data.Dataset.from_tensors(batch)
        one.compile(optimizer=keras.optimizers.SGD(0.0))
        history = one.fit(data, epochs=1, validation_data=data, verbose=0).history
        found = one.evaluate(data, verbose=0)
        assert {*found} | {f"val_{name}" for name in found} == {*history}
        for name, value in found.items():
            assert type(value) is float
            assert history[name] == [pytest.approx(value, rel=1e-9)]
            assert history[f"val_{name}"] == [pytest.approx(value, rel=1e-9)]
            assert type(history[name][0]) is float
        assert one.evaluate(data, verbose=0, return_dict=True) == found
        listed = one.evaluate(data, verbose=0, return_dict=False)
        assert listed[0] == found["loss"]
        assert sorted(listed) == sorted(found.values())


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ([0.0, 100.0], ValueError, r"`x` must lie in the closed interval \[-3\.0, 3\.0\]\. .*100"),
        ([[0.0], [np.nan]], ValueError, r"`x` must hold finite numbers\. Received: nan"),
        (np.zeros((3, 2)), ValueError, r"`x` must have shape \(n,\) or \(n, 1\)\. .*\(3, 2\)"),
        (np.zeros(3, np.float32), TypeError, r"`x` must be float64, as the model is\. .*float32"),
        ([], ValueError, r"`x` must hold at least one position"),
        ([1j], TypeError, r"`x` must hold real numbers\. Received: dtype=complex128"),
        (["a"], TypeError, r"`x` must hold real numbers"),
    ],
)
def test_positions_beyond_the_walls_are_refused(model, x, error, message):
    for ask in (model, lambda x: model.predict(x, verbose=0)):
        with pytest.raises(error, match=message) as caught:
            ask(x)
        assert "\n" not in str(caught.value)


def test_predict_takes_datasets_of_positions_and_checks_every_batch(model):
    x = np.linspace(-3.0, 3.0, 9)
    expected = model.predict(x, verbose=0)
    for data in (x, x[:, None]):
        batches = tf.data.Dataset.from_tensor_slices(data).batch(4)
        np.testing.assert_array_equal(model.predict(batches, verbose=0), expected)
    late = tf.data.Dataset.from_tensor_slices(np.append(x, 3.5)).batch(4)
    with pytest.raises(ValueError, match=r"closed interval .*Received: 3\.5"):
        model.predict(late, verbose=0)
    wide = tf.data.Dataset.from_tensors(np.zeros((4, 2)))
    with pytest.raises(ValueError, match=r"shape \(n,\) or \(n, 1\)\. Received: shape=\(4, 2\)"):
        model.predict(wide, verbose=0)
    for bad, message in (
        (tf.data.Dataset.from_tensors(x.astype(np.float32)), "must be float64.*float32"),
        (tf.data.Dataset.from_tensors((x, x)), "must hold batches of pos.*elements of 2 tensors"),
        (tf.data.Dataset.from_tensors({"x": x}), "must hold batches of positions"),
        (tf.data.Dataset.from_tensor_slices(x), "elements of 1 tensors without an axis"),
    ):
        with pytest.raises(TypeError, match=message):
            model.predict(bad, verbose=0)


def test_a_tape_sees_through_the_call(model):
    x = tf.constant([[-1.2], [0.4]], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        psi = model(x)[:, :1]
    slope = tape.gradient(psi, x).numpy()
    step = 1e-5
    difference = (model(x + step) - model(x - step))[:, :1] / (2 * step)
    np.testing.assert_allclose(slope, difference, rtol=1e-6)
    np.testing.assert_array_equal(model([-1.2, 0.4]), model(x))


PAIRS = [
    (X, P[:, :1], ValueError, r"`p` must have shape \(n, 2\), a row \(depth, width\) .*\(3, 1\)"),
    (X, P[0], ValueError, r"`p` must have shape \(n, 2\).* Received: shape=\(2,\)"),
    (
        X,
        P[:, ::-1],
        ValueError,
        r"`p` must lie in the box that was trained\. Received: depth=1\.9 in",
    ),
    (X, [*P[:2], [np.nan, 2.0]], ValueError, r"`p` must hold finite numbers\. Received: nan"),
    (
        X[:2],
        P,
        ValueError,
        r"`x` must have shape \(3,\) or \(3, 1\), a position for each row .*\(2,\)",
    ),
    (X[None], P, ValueError, r"`x` must have shape .*Received: shape=\(1, 3\)"),
    (
        [0.0, 100.0, 0.0],
        P,
        ValueError,
        r"between the walls of its member, \[-3, 3\]\. .*100 in row 1",
    ),
    ([0.0, np.inf, 0.0], P, ValueError, r"`x` must hold finite numbers\. Received: inf"),
    (X, P.astype(np.float32), TypeError, r"`p` must be float64, as the model is\. .*float32"),
    (X.astype(np.float32), P, TypeError, r"`x` must be float64, as the model is\. .*float32"),
    (X, P + 0j, TypeError, r"`p` must hold real numbers\. Received: dtype=complex128"),
]


@pytest.mark.parametrize(("x", "p", "error", "message"), PAIRS)
def test_positions_and_parameters_of_no_member_are_refused(family_model, x, p, error, message):
    for ask in (family_model, lambda pair: family_model.predict(pair, verbose=0)):
        with pytest.raises(error, match=message) as caught:
            ask([x, p])
        assert "\n" not in str(caught.value)


def test_a_family_predicts_pairs_row_by_row_in_full_precision(family_model):
    expected = family_model.wavefunctions(X, P), family_model.energies(P)
    dataset = tf.data.Dataset.from_tensor_slices
    for pair in (
        [X, P],
        (X[:, None].tolist(), P.tolist()),
        dataset(((X, P),)).batch(2),
        dataset((X[:, None], P)).batch(2),
    ):
        found = family_model.predict(pair, verbose=0)
        for one, other in zip(found, expected, strict=True):
            assert one.dtype == np.float64
            np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-15)
    for one, other in zip(family_model((X, P)), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-15)
    late = dataset(((np.append(X, 3.5), P[[0, 1, 2, 2]]),)).batch(3)
    with pytest.raises(ValueError, match=r"between the walls of its member.*3\.5 in row 0"):
        family_model.predict(late, verbose=0)
    for bad, message in (
        (X, r"`x` must be a pair \[x, p\] .*Received: ndarray"),
        ([X, P, P], r"`x` must be a pair \[x, p\] .*Received: list"),
        (dataset(X).batch(3), r"must hold pairs .*elements of 1 tensors"),
        (dataset(((X, P.astype(np.float32)),)).batch(3), r"must be float64.*float32"),
    ):
        with pytest.raises(TypeError, match=message):
            family_model.predict(bad, verbose=0)
    with pytest.raises(ValueError, match=r"`p` must have shape \(n, 2\).*\(2, 1\)"):
        family_model.predict(dataset(((X, P[:, :1]),)).batch(2), verbose=0)


def test_a_graph_is_told_of_missing_columns(family_model):
    ask = tf.function(lambda x, p: family_model((x, p)), autograph=False)
    with pytest.raises(ValueError, match=r"`p` must have shape \(n, 2\), .*\(3, 1\)"):
        ask(tf.constant(X[:, None]), tf.constant(P[:, :1]))


def test_a_devices_data_are_its_own():
    """Other coordinates than z, and a mass: rho tells one device from another."""
    barrier = qwpinn.Layer(15.0, "Al0.3Ga0.7As")
    devices = [
        qwpinn.Heterostructure([barrier, qwpinn.Layer(8.0, "GaAs", mass=mass), barrier])
        for mass in (0.067, 0.068)
    ]
    model = qwpinn.QuantumWellPINN.for_potential(devices[0], states=1, units=8)
    model.compile(optimizer=keras.optimizers.SGD(0.0))
    assert np.isfinite(model.evaluate(qwpinn.collocation(devices[0], 48), verbose=0)["loss"])
    with pytest.raises(
        ValueError, match=r"own well\. Received: (V|rho)\(|must lie in the interval"
    ):
        model.fit(qwpinn.collocation(devices[1], 48), verbose=0)


def test_what_belongs_to_many_networks_is_asked_of_one():
    model = qwpinn.QuantumWellPINN.for_potential(WELL, states=1, units=8)
    both = qwpinn.NonparabolicPINN(WELL, [model])
    with pytest.raises(TypeError, match="`evaluate` must be called on a single network"):
        both.evaluate(qwpinn.collocation(WELL))
    for ask in (both, lambda x: both.predict(x, verbose=0)):
        with pytest.raises(ValueError, match=r"`x` must lie in the closed interval"):
            ask([4.0])
    np.testing.assert_array_equal(both.predict([0.5], verbose=0), model.predict([0.5], verbose=0))


def test_what_was_not_compiled_is_said_by_keras():
    well = qwpinn.InfiniteWell()
    model = qwpinn.QuantumWellPINN.for_potential(well, states=1, units=8)
    with pytest.raises(ValueError, match=r"call `compile\(\)`"):
        model.fit(qwpinn.collocation(well))
