"""Annealed weights: the formula by gradients, and that psi = 0 is no way out."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import qwpinn
from qwpinn.techniques import AnnealedWeights
from qwpinn.training.losses import overlap

BARRIER = qwpinn.FiniteBarrier(height=50.0, width=0.2, box=1.0)
EXACT = qwpinn.references.exact(BARRIER, 1).energies[0]


def naive(seed):
    """A network of random weights whose loss weighs residual and normalisation equally."""
    start = [keras.initializers.GlorotNormal(seed + 10 * i) for i in range(2)]
    hidden = [keras.layers.Dense(12, "tanh", dtype="float64", kernel_initializer=s) for s in start]
    return qwpinn.QuantumWellPINN(
        BARRIER, states=1, hidden=keras.Sequential(hidden), normalisation=1.0, seed=seed
    )


def test_weights_follow_the_gradients():
    model, data = naive(0), qwpinn.collocation(BARRIER, 60)
    model.compile("adam", loss_weights={"overlaps": 2.0})
    at = model.members(next(iter(data)))
    sizes = {}
    for name in ("residual", "overlaps"):
        with tf.GradientTape() as tape:
            term = model.objective.loss.terms(model, at)[name]
        parts = tape.gradient(
            term, [v.value for v in model.trainable_variables], unconnected_gradients="zero"
        )
        sizes[name] = np.abs(np.concatenate([np.ravel(part) for part in parts]))
    balanced = sizes["residual"].max() / sizes["overlaps"].mean()
    annealed = AnnealedWeights(data, every=1, rate=0.25, largest=1e9)
    annealed.set_model(model)
    annealed.on_train_begin()
    np.testing.assert_allclose(annealed.balanced()["overlaps"], balanced, rtol=1e-12)
    annealed.on_epoch_end(0)
    found = float(model.objective.weights["overlaps"])
    np.testing.assert_allclose(found, 0.75 * 2.0 + 0.25 * balanced, rtol=1e-12)
    assert float(model.objective.weights["residual"]) == 1.0


@pytest.mark.parametrize("optimizer", ["adam", qwpinn.LevenbergMarquardt])
def test_a_step_that_was_traced_without_weights_is_traced_anew(optimizer):
    data = qwpinn.collocation(BARRIER, 400)
    model = qwpinn.QuantumWellPINN.for_potential(BARRIER, 1, units=12)
    model.compile(optimizer if isinstance(optimizer, str) else optimizer())
    assert model.plain
    model.fit(data, epochs=1, verbose=0)
    annealed = AnnealedWeights(data, every=1, rate=1.0, largest=7.0)
    logs = model.fit(data, epochs=3, callbacks=[annealed], verbose=0).history
    assert not model.plain
    assert logs["weight_overlaps"][0] == 7.0
    value = model.evaluate(data)
    weighed = (value["residual"] / model.scaling.energy_unit) ** 2
    weighed += logs["weight_overlaps"][-1] * model.normalisation * value["gram_error"] ** 2
    np.testing.assert_allclose(value["loss"], weighed, rtol=1e-9)
    kept = model.get_compile_config()["loss_weights"]
    assert kept["overlaps"] == logs["weight_overlaps"][-1] > 1.0


def trained(seed, annealed):
    """The norm of psi and the relative error of E after 400 steps of Adam."""
    model, data = naive(seed), qwpinn.collocation(BARRIER, 64)
    model.compile(keras.optimizers.Adam(1e-2), steps_per_execution=20)
    callbacks = [AnnealedWeights(data, every=1)] if annealed else []
    model.fit(data.repeat(20), epochs=20, callbacks=callbacks, verbose=0)
    norm = float(overlap(model, model.members(next(iter(data))))[0, 0]) ** 0.5
    return norm, abs(float(model.energies[0]) / EXACT - 1.0), model.status


def test_annealed_weights_keep_psi_from_zero():
    with pytest.warns(UserWarning, match="This happened to state 0"):
        norm, error, status = trained(0, annealed=False)
    assert norm < 1e-3 and error > 0.7 and status is qwpinn.Status.COLLAPSED
    norm, error, status = trained(0, annealed=True)
    assert abs(norm - 1.0) < 0.1 and error < 0.35 and status is qwpinn.Status.TRAINED


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"data": [1.0]}, TypeError, "`data` must be a tf.data.Dataset"),
        ({"every": 0}, ValueError, "`every` must be an integer of at least 1"),
        ({"rate": 1.5}, ValueError, r"`rate` must be in \(0, 1\]. Received: rate=1.5"),
        ({"largest": 0.0}, ValueError, "`largest` must be a positive, finite weight"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        AnnealedWeights(**{"data": qwpinn.collocation(BARRIER, 30), **arguments})


@pytest.mark.parametrize(
    ("loss", "residual"),
    [(qwpinn.RayleighQuotient(), "energy"), (qwpinn.ResidualLoss(), "energy")],
)
def test_terms_must_be_there(loss, residual):
    model, data = naive(0), qwpinn.collocation(BARRIER, 30)
    model.compile("adam", loss=loss)
    annealed = AnnealedWeights(data, residual=residual)
    with pytest.raises(ValueError, match=r"`residual` must be one of two terms .* 'ener"):
        model.fit(data, callbacks=[annealed], verbose=0)
