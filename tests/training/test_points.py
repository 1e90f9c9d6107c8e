"""Collocation points and positions: what is of another well or beyond the walls is refused."""

import batches
import keras
import numpy as np
import pytest
import tensorflow as tf
from batches import columns, put, refused

import qwpinn
from qwpinn import InfiniteWell, QuantumWellPINN


def test_levenberg_marquardt_refuses_a_jacobian_that_does_not_fit():
    model = QuantumWellPINN.for_potential(InfiniteWell(), units=200)
    # Traced; of the built-in loss J^T J is summed in pieces.
    model.compile(qwpinn.LevenbergMarquardt(), run_eagerly=True)
    data = qwpinn.collocation(InfiniteWell(), points=20_000, states=1)
    with pytest.raises(ValueError, match="`x` must hold at most 12000000 numbers of the Jacobian"):
        model.fit(data)


def test_levenberg_marquardt_sums_what_would_not_fit_in_pieces():
    model = QuantumWellPINN.for_potential(InfiniteWell(), units=150, states=2)
    model.compile(qwpinn.LevenbergMarquardt())
    before = model.energies.numpy()
    data = qwpinn.collocation(InfiniteWell(), points=20_000, states=2)
    assert model.weights_to_train * 2 * 20_000 > 12_000_000
    model.fit(data, epochs=1, verbose=0)
    np.testing.assert_allclose(model.energies.numpy(), before, rtol=1e-9)


@pytest.fixture(scope="module")
def model():
    return batches.well_model()


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
