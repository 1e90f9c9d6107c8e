"""Training as one sees it: what each optimizer does, what is logged, and how a bad one ends."""

import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf

import qwpinn
from qwpinn import references
from qwpinn.status import Status

FAMILY = qwpinn.Family(qwpinn.FiniteWell, depth=(15, 25), width=(1.8, 2.2), box=6.0)


def well_model(finite_well):
    model = qwpinn.QuantumWellPINN.for_potential(finite_well, states=1, units=8, seed=1)
    return model, qwpinn.collocation(finite_well, 60)


def family_model(finite_well):
    model = qwpinn.FamilyPINN.for_family(
        FAMILY, states=1, units=8, modes=3, branch=(3,), surface=(3,), seed=1
    )
    return model, qwpinn.family_collocation(FAMILY, 4, 16, 1, batch_size=2)


KINDS = pytest.mark.parametrize("kind", [well_model, family_model])

# The optimizers that are made of others.
MADE_OF = {
    "LossScaleOptimizer": lambda rate: keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(rate)
    ),
    "MultiOptimizer": lambda rate: keras.optimizers.MultiOptimizer(
        lambda variable: keras.optimizers.SGD(rate)
    ),
}
# What Keras 3.15 itself breaks in float64.
BROKEN = {"Muon": "Muon, which fails: .*float32 .*float64"}


def optimizers():
    """The names of all that keras.optimizers has, also those that a later Keras will have."""
    members = inspect.getmembers(keras.optimizers, inspect.isclass)
    kinds = [name for name, kind in members if issubclass(kind, keras.optimizers.Optimizer)]
    return [name for name in kinds if name != "Optimizer"]


def optimizer(name, rate):
    return MADE_OF.get(name, getattr(keras.optimizers, name))(rate)


def test_all_optimizers_are_tried():
    assert {"SGD", "Adam", "Muon", "ScheduleFreeAdamW"} <= set(optimizers())
    assert {*MADE_OF, *BROKEN} <= set(optimizers())


@pytest.mark.parametrize("name", optimizers())
def test_every_optimizer_of_keras_takes_steps_in_float64(finite_well, name):
    model, data = well_model(finite_well)
    model.compile(optimizer(name, 1e-6))
    before = model.evaluate(data, verbose=0)["loss"]
    if name in BROKEN:
        with pytest.raises(
            TypeError, match=f"`optimizer` must take steps in float64.*{BROKEN[name]}"
        ):
            model.fit(data, epochs=1, verbose=0)
        return
    model.fit(data, epochs=4, verbose=0)
    weights = model.get_weights()
    assert {weight.dtype for weight in weights} == {np.dtype(np.float64)}
    assert all(np.isfinite(weight).all() for weight in weights)
    # Ftrl starts from other weights than it is given.
    assert 0.0 < model.evaluate(data, verbose=0)["loss"] < (2.0 if name == "Ftrl" else 1.0) * before
    assert model.status is Status.TRAINED


def test_muon_without_its_rate_by_shape_keeps_to_float64(finite_well):
    model, data = well_model(finite_well)
    model.compile(keras.optimizers.Muon(1e-6, rms_rate=None))
    loss = model.fit(data, epochs=3, verbose=0).history["loss"]
    assert loss[-1] < loss[0]


@KINDS
@pytest.mark.parametrize(
    ("rate", "status", "message"),
    [
        (1.0, {Status.DIVERGED, Status.NOT_FINITE}, "training stopped; the weights are those"),
        (1e200, {Status.NOT_FINITE}, "became NaN or infinite and training stopped"),
    ],
)
def test_a_rate_that_is_too_large_leaves_the_best_weights(finite_well, kind, rate, status, message):
    model, data = kind(finite_well)
    # A moving average must not come in the place of the best weights.
    model.compile(keras.optimizers.SGD(rate, use_ema=True))
    before = model.evaluate(data, verbose=0)["loss"]
    with pytest.warns(UserWarning, match=message):
        history = model.fit(data, epochs=50, verbose=0).history
    assert len(history["loss"]) < 50
    assert model.status in status
    assert model.evaluate(data, verbose=0)["loss"] == pytest.approx(before, rel=1e-12)


@KINDS
def test_one_step_that_raises_the_loss_a_millionfold_warns(finite_well, kind):
    model, data = kind(finite_well)
    model.compile(keras.optimizers.SGD(1e3 if kind is well_model else 1.0))
    before = model.get_weights()
    with pytest.warns(UserWarning, match="a million times the lowest|NaN or infinite"):
        model.fit(data.take(1), epochs=1, verbose=0)
    assert model.status.failed
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_solution_says_that_its_training_diverged(finite_well):
    recipe = qwpinn.Paper(epochs=3, steps=2, optimizer=keras.optimizers.SGD(1e3))
    with pytest.warns(UserWarning, match="training stopped"):
        solution = qwpinn.solve(finite_well, recipe=recipe)
    assert solution.model.status.failed
    assert solution.status is solution.model.status
    assert np.isfinite(solution.energies).all()


WITHOUT_EFFECT = [{"weighted_metrics": ["mae"]}, {"auto_scale_loss": True}]
# Of a well they have one.
OF_FAMILIES = [{"loss": "mse"}, {"loss_weights": [1.0]}, {"metrics": ["mae"]}]


@pytest.mark.parametrize(
    ("kind", "argument"),
    [
        *((kind, argument) for kind in (well_model, family_model) for argument in WITHOUT_EFFECT),
        *((family_model, argument) for argument in OF_FAMILIES),
    ],
)
def test_what_would_have_no_effect_is_refused(finite_well, kind, argument):
    model, _ = kind(finite_well)
    (name,) = argument
    with pytest.raises(ValueError, match=f"`{name}` must be left out, for .*Received: {name}="):
        model.compile("adam", **argument)
    model.compile("adam", **{name: None})


def test_a_loss_in_its_place_and_unknown_words_are_refused(small_model):
    with pytest.raises(TypeError, match=r"`loss` must be a qwpinn\.ResidualLoss.*'mse'"):
        small_model.compile("adam", "mse")
    with pytest.raises(ValueError, match=r"`weighted_metrics` must be left out, .*=\['mae'\]"):
        small_model.compile("adam", None, None, None, ["mae"])
    with pytest.raises(TypeError, match=r"`compile` must be given an opt.*Received: epochs=3"):
        small_model.compile("adam", epochs=3)


@pytest.mark.parametrize("argument", ["run_eagerly", "jit_compile"])
def test_what_compile_takes_has_an_effect(finite_well, argument):
    model, data = well_model(finite_well)
    seen = []
    residuals = model.residuals
    model.residuals = lambda at: (
        seen.append(tf.executing_eagerly() or model.jit_compile) or residuals(at)
    )
    model.compile("adam", **{argument: True})
    model.fit(data, epochs=2, verbose=0)
    assert seen[0] is True
    # Traced, it is called once for the step and once for the last loss.
    assert len(seen) == (3 if argument == "run_eagerly" else 2)


def test_steps_per_execution_are_steps_of_one_call(finite_well):
    model, data = well_model(finite_well)
    model.compile("adam", steps_per_execution=3)
    batches = []
    count = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: batches.append(batch)
    )
    model.fit(data.repeat(6), epochs=1, verbose=0, callbacks=[count])
    assert batches == [2, 5]
    assert int(model.optimizer.iterations) == 6


def test_families_are_not_compiled_by_xla(finite_well):
    model, _ = family_model(finite_well)
    with pytest.raises(ValueError, match="`jit_compile` must be False for families"):
        model.compile("adam", jit_compile=True)


def test_a_loss_scale_cancels_out(finite_well):
    def trained(**options):
        model, data = well_model(finite_well)
        model.compile(keras.optimizers.SGD(1e-6, **options))
        return model.fit(data, epochs=3, verbose=0).history["loss"]

    np.testing.assert_allclose(trained(loss_scale_factor=1024.0), trained(), rtol=1e-12)


@KINDS
def test_levenberg_marquardt_logs_its_damping_and_whether_it_moved(finite_well, kind):
    model, data = kind(finite_well)
    data = data.take(1)
    model.compile(qwpinn.LevenbergMarquardt())
    first = model.evaluate(data, verbose=0)["loss"]
    history = model.fit(data, epochs=6, verbose=0, validation_data=data).history
    losses = [first, *history["loss"]]
    assert np.all(np.diff(losses) < 0.0)
    assert history["accepted"] == [1.0] * 6
    assert history["damping"][-1] == float(model.optimizer.damping)
    assert "val_damping" not in history
    assert not {"damping", "accepted"} & set(model.evaluate(data, verbose=0))


def test_the_first_epochs_of_random_wells_lower_the_loss(rng):
    """What `EarlyStopping` of little patience needs."""
    for _ in range(3):
        edges = np.sort(rng.uniform(0.0, 1.0, 4))
        well = qwpinn.PiecewiseConstant([0.0, *edges, 1.0], rng.uniform(0.0, 300.0, 5))
        units = int(rng.integers(6, 20))
        model = qwpinn.QuantumWellPINN.for_potential(well, states=2, units=units)
        model.compile(qwpinn.LevenbergMarquardt())
        stop = keras.callbacks.EarlyStopping(monitor="loss", patience=2)
        data = qwpinn.collocation(well)
        loss = model.fit(data, epochs=20, verbose=0, callbacks=[stop]).history["loss"]
        assert np.all(np.diff(loss[:3]) < 0.0), (well, units, loss)
        assert len(loss) == 20
        assert loss[-1] < 0.1 * loss[0], (well, units, loss)


def test_a_network_of_twenty_units_is_seen_to_learn(finite_well):
    model = qwpinn.QuantumWellPINN.for_potential(finite_well, states=2, units=20)
    exact = references.exact(finite_well, 2).energies
    model.compile(optimizer=qwpinn.LevenbergMarquardt())
    before = model.evaluate(qwpinn.collocation(finite_well), verbose=0)["loss"]
    start = np.abs(model.energies / exact - 1.0)
    errors = qwpinn.EnergyErrors(exact)
    data = qwpinn.collocation(finite_well)
    history = model.fit(data, epochs=40, verbose=0, callbacks=[errors]).history
    assert before > 100.0
    assert history["loss"][-1] < 2e-3
    assert np.max(start) > 1e-4
    assert max(history[f"energy_{k}_error"][-1] for k in range(2)) < 2e-8
