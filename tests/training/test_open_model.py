"""What `compile` accepts has an effect, or is refused."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import qwpinn
from qwpinn.status import Status

WELL = qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0)
DATA = qwpinn.collocation(WELL, 120)


def model(cls=qwpinn.QuantumWellPINN, **arguments):
    keras.utils.set_random_seed(3)
    hidden = keras.Sequential([keras.layers.Dense(8, "tanh", dtype="float64")])
    return cls(WELL, states=2, hidden=hidden, **arguments)


class Own(qwpinn.QuantumWellPINN):
    """With a `compute_loss` of its own."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return tf.reduce_sum(x["quadrature"] * (y_pred - 0.5) ** 2)


def test_an_overridden_compute_loss_is_what_gradients_descend():
    found = model(Own)
    found.compile(keras.optimizers.SGD(1e-3))
    psi = found.own_psi(found.members(next(iter(DATA)))).numpy()
    expected = np.sum(next(iter(DATA))["quadrature"].numpy() * (psi - 0.5) ** 2)
    np.testing.assert_allclose(found.evaluate(DATA, verbose=0)["loss"], expected, rtol=1e-12)
    history = found.fit(DATA.repeat(50), epochs=2, verbose=0).history
    assert history["loss"][1] < history["loss"][0] < 1.01 * expected
    with pytest.raises(ValueError, match=r"`compute_loss` must not be overridden for .*Levenberg"):
        found.compile(qwpinn.LevenbergMarquardt())


@pytest.mark.parametrize("optimizer", ["sgd", "levenberg_marquardt"])
def test_metrics_compare_psi_with_the_reference(optimizer):
    exact = qwpinn.references.exact(WELL, 2)
    data = qwpinn.collocation(WELL, 300, reference=exact.wavefunctions)
    found = qwpinn.QuantumWellPINN.for_potential(WELL, 2)
    # The sign of a state is nobody's to choose.
    kernel = found.trial.output_layer.kernel
    kernel.assign(kernel * np.array([-1.0, 1.0]))
    own = qwpinn.LevenbergMarquardt() if optimizer != "sgd" else keras.optimizers.SGD(0.0)
    found.compile(own, metrics=[keras.metrics.MeanAbsoluteError(name="psi", dtype="float64")])
    kernel.assign(kernel + 1e-3 * np.cos(np.arange(kernel.shape[0]))[:, None])
    batch = next(iter(data))
    psi = found.own_psi(found.members(batch)).numpy()
    error = np.abs(psi * [-1.0, 1.0] - batch["reference"].numpy()).mean()
    np.testing.assert_allclose(found.evaluate(data, verbose=0)["psi"], error, rtol=1e-10)
    history = found.fit(data, epochs=1, validation_data=data, verbose=0).history
    assert {"psi", "val_psi"} <= set(history)
    if optimizer == "sgd":
        np.testing.assert_allclose(history["psi"][0], error, rtol=1e-10)
    else:
        assert history["psi"][0] < error
    with pytest.raises(ValueError, match="`x` must hold a reference for `metrics`"):
        found.fit(DATA, verbose=0)


def test_an_added_residual_pulls():
    """Psi_0 in the middle is made to be 0.5."""
    found = model()
    found.add_residual("middle", lambda model, at: model([0.0])[:, 0] - 0.5)
    found.compile(qwpinn.LevenbergMarquardt(), loss_weights={"middle": 1e6})
    history = found.fit(DATA.repeat(10), epochs=1, verbose=0).history
    np.testing.assert_allclose(found([0.0]).numpy()[0, 0], 0.5, atol=1e-3)
    assert history["middle"][0] < 1e-3


def test_a_model_with_an_added_residual_is_loaded_uncompiled(tmp_path):
    """Compiled without it, it would be trained by another loss."""
    for added in (False, True):
        found = model()
        if added:
            found.add_residual("middle", lambda model, at: model([0.0])[:, 0] - 0.5)
        found.compile("adam")
        found.export(tmp_path / "model")
        assert qwpinn.load(tmp_path / "model").compiled is not added


def test_what_an_overridden_compute_loss_would_not_see_is_refused():
    found = model(Own)
    with pytest.raises(ValueError, match="`loss_weights` and `add_residual` must be left out"):
        found.compile("adam", loss_weights={"residual": 2.0})
    found.add_residual("middle", lambda model, at: model([0.0])[:, 0])
    with pytest.raises(ValueError, match="`loss_weights` and `add_residual` must be left out"):
        found.compile("adam")


def test_weights_that_are_frozen_are_not_counted_as_trained():
    """A layer of 4000 units is too much for second order, unless it is frozen."""
    hidden = keras.Sequential(
        [
            keras.layers.Dense(4000, "tanh", dtype="float64", trainable=False),
            keras.layers.Dense(5, "tanh", dtype="float64", trainable=False),
        ]
    )
    found = qwpinn.QuantumWellPINN(WELL, states=1, hidden=hidden, normalisation=1e4)
    found.compile(qwpinn.LevenbergMarquardt())
    history = found.fit(qwpinn.collocation(WELL, 24), epochs=2, verbose=0).history
    assert history["loss"][1] < history["loss"][0]


def test_data_of_an_added_residual_are_in_own_units():
    well, seen = WELL.in_units("nm", "eV"), {}
    found = qwpinn.QuantumWellPINN.for_potential(well, 1, units=8)

    def residual(model, at):
        seen.update({name: column.numpy() for name, column in at.items()})
        return at["x"][:, 0]

    found.add_residual("seen", residual)
    found.compile("sgd", run_eagerly=True)
    data = qwpinn.collocation(well, 60)
    found.evaluate(data, verbose=0)
    for name, column in next(iter(data)).items():
        np.testing.assert_allclose(seen[name], column.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "function", "error"),
    [("overlaps", len, ValueError), (3, len, TypeError), ("own", 3.0, TypeError)],
)
def test_bad_residuals_are_refused(name, function, error):
    with pytest.raises(error, match=r"`(name|function)` must be"):
        model().add_residual(name, function)


def test_a_residual_needs_a_new_compile():
    found = model()
    found.compile("sgd")
    found.add_residual("own", lambda model, at: at["x"][:, 0])
    with pytest.raises(ValueError, match="compile"):
        found.fit(DATA, verbose=0)


def test_energies_that_are_held_stay_held():
    found = model(energies=[1.5, 6.0])
    found.compile(keras.optimizers.SGD(1e-6))
    found.fit(DATA, epochs=1, verbose=0)
    np.testing.assert_allclose(found.energies, [1.5, 6.0], rtol=1e-14)
    with pytest.raises(ValueError, match="`loss` must be one that leaves energies where they are"):
        found.compile("sgd", loss=qwpinn.VarianceLoss())


def test_a_loss_is_compiled_again_by_what_was_saved(tmp_path):
    found = model()
    found.compile("adam", loss=qwpinn.VarianceLoss(7.0), loss_weights={"overlaps": 2.0})
    found.fit(DATA, epochs=1, verbose=0)
    found.export(tmp_path / "model")
    again = qwpinn.load(tmp_path / "model")
    assert type(again.objective.loss) is qwpinn.VarianceLoss
    assert again.objective.loss.normalisation == 7.0
    assert float(again.objective.weights["overlaps"]) == 2.0
    one, other = (m.evaluate(DATA, verbose=0)["loss"] for m in (found, again))
    np.testing.assert_allclose(one, other, rtol=1e-12)


def test_psi_of_zero_is_told():
    found = model()
    kernel = found.trial.output_layer.kernel
    kernel.assign(kernel * [1.0, 1e-6])
    found.compile(keras.optimizers.SGD(1e-12))
    with pytest.warns(UserWarning, match="psi has become zero .* This happened to state 1"):
        found.fit(DATA, epochs=1, verbose=0)
    assert found.status is Status.COLLAPSED


@pytest.mark.parametrize("optimizer", ["adam", "levenberg_marquardt"])
def test_weights_that_vary_are_seen_by_a_step_that_was_traced_without(optimizer):
    found = model()
    found.compile(optimizer if optimizer == "adam" else qwpinn.LevenbergMarquardt())
    before = found.fit(DATA, epochs=1, verbose=0).history["loss"][0]
    assert found.plain and before > 0.0
    found.let_weights_vary()
    assert not found.plain
    for weight in found.objective.weights.values():
        weight.assign(0.0)
    assert found.fit(DATA, epochs=1, verbose=0).history["loss"] == [0.0]
    assert found.evaluate(DATA, verbose=0)["loss"] == 0.0
    found.objective.weights["residual"].assign(1.0)
    assert found.evaluate(DATA, verbose=0)["loss"] > 0.0


def test_a_loss_beside_a_compute_loss_of_ones_own_is_refused_and_loading_gives_none(tmp_path):
    model = Own.for_potential(qwpinn.InfiniteWell(), states=1, units=6)
    with pytest.raises(ValueError, match=r"`loss` must be left out where `compute_loss`.*Variance"):
        model.compile("adam", qwpinn.VarianceLoss())
    model.compile("adam")
    model.export(tmp_path / "model")
    assert qwpinn.load(tmp_path / "model", {"Own": Own}).compiled
