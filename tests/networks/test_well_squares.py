"""The loss of a well without tapes over x, held against the residuals and tapes that define it."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qwpinn
from qwpinn.networks.well_squares import WellSquares
from qwpinn.training.traced import Traced


def away(model, seed, size=0.3):
    """Its weights moved off the Ritz states, so that nothing cancels."""
    rng = np.random.default_rng(seed)
    model.take_weights(
        model.weights_taken() + size * rng.standard_normal(model.weights_taken().size)
    )


def both(model, batch):
    """The loss as `fit` takes it, and by the model's own residuals."""
    model.compile(qwpinn.LevenbergMarquardt())
    found = model.squares(batch)
    assert type(found) is WellSquares
    return found, Traced(model, batch)


def assert_equal(one, other, weights):
    a, b = one.linearised(weights), other.linearised(weights)
    for name in ("residual", "gradient", "normal"):
        expected = getattr(b, name)
        scale = np.max(np.abs(expected))
        np.testing.assert_allclose(getattr(a, name), expected, rtol=0.0, atol=1e-12 * scale)
    for loss in (one, other):
        scale = np.max(np.abs(b.gradient))
        np.testing.assert_allclose(loss.gradient(weights), b.gradient, rtol=0.0, atol=1e-12 * scale)
    y = np.linspace(-1.0, 2.0, a.residual.size)
    np.testing.assert_allclose(
        a.pull_back(y), b.pull_back(y), atol=1e-12 * np.max(np.abs(b.pull_back(y)))
    )
    for name, value in other.logs(b.residual).items():
        assert one.logs(a.residual)[name] == pytest.approx(value, rel=1e-11)


WELLS = {
    "walls": qwpinn.InfiniteWell(2.0),
    "two kinks": qwpinn.FiniteWell(20.0, 2.0, 6.0),
    "smooth": qwpinn.Morse(10.0, 1.0, interval=(-2.0, 8.0)),
    "a mass": qwpinn.CustomPotential(
        lambda x: 3.0 * x**2, (-2.0, 2.0), weight=lambda x: 2.0 + x / 4
    ),
}


@pytest.mark.slow
@settings(deadline=None, max_examples=8)
@given(
    kind=st.sampled_from(sorted(WELLS)),
    states=st.integers(1, 4),
    units=st.integers(6, 20),
    seed=st.integers(0, 10**6),
)
def test_random_networks(kind, states, units, seed):
    well = WELLS[kind]
    model = qwpinn.QuantumWellPINN.for_potential(well, states, units=units, seed=seed)
    away(model, seed)
    batch = next(iter(qwpinn.collocation(well, 48)))
    assert_equal(*both(model, batch), model.weights_taken())


HELD = {
    "kernel": lambda model: model.trial.hidden.layers[0].kernel,
    "bias": lambda model: model.trial.hidden.layers[0].bias,
    "coefficients": lambda model: model.trial.output_layer.kernel,
}


@pytest.mark.parametrize("held", HELD)
def test_what_is_held_has_no_columns(held):
    well = WELLS["two kinks"]
    model = qwpinn.QuantumWellPINN.for_potential(well, 2, units=9, seed=4)
    away(model, 4)
    before = model.weights_taken().size
    HELD[held](model).trainable = False
    weights = model.weights_taken()
    assert 0 < weights.size < before
    assert_equal(*both(model, next(iter(qwpinn.collocation(well, 48)))), weights)


def test_held_energies_have_no_columns():
    well = WELLS["walls"]
    model = qwpinn.QuantumWellPINN.for_potential(well, units=9, energies=well.levels(2))
    away(model, 1)
    assert_equal(*both(model, next(iter(qwpinn.collocation(well, 48)))), model.weights_taken())


def test_the_jacobian_is_that_of_finite_differences(rng):
    well = WELLS["two kinks"]
    model = qwpinn.QuantumWellPINN.for_potential(well, 3, units=8, seed=2)
    away(model, 2)
    squares, _ = both(model, next(iter(qwpinn.collocation(well, 48))))
    weights, h = model.weights_taken(), 1e-4
    for _ in range(20):
        direction = rng.standard_normal(weights.size)
        r = [squares.residuals(weights + k * h * direction) for k in (-2, -1, 1, 2)]
        numeric = (r[0] - 8 * r[1] + 8 * r[2] - r[3]) / (12 * h)
        y = rng.standard_normal(numeric.size)
        pulled = squares.linearised(weights).pull_back(y) @ direction
        assert pulled == pytest.approx(
            y @ numeric, abs=1e-6 * np.linalg.norm(y) * np.linalg.norm(numeric)
        )


def test_another_batch_is_another_loss_and_the_same_batch_is_the_same():
    well = WELLS["smooth"]
    model = qwpinn.QuantumWellPINN.for_potential(well, 1, units=8)
    model.compile(qwpinn.LevenbergMarquardt())
    one, other = (next(iter(qwpinn.collocation(well, points))) for points in (48, 60))
    first = model.squares(one)
    assert model.squares(next(iter(qwpinn.collocation(well, 48)))) is first
    assert model.squares(other) is not first


class Steeper(qwpinn.QuantumWellPINN):
    """A subclass with an equation of its own, -psi'' + rho (2 V - E) psi."""

    def members(self, data):
        found = super().members(data)
        return {**found, "potential": 2.0 * found["potential"]}


def test_a_subclass_with_another_equation_is_taken_at_its_word():
    well = WELLS["two kinks"]
    plain = qwpinn.QuantumWellPINN.for_potential(well, 1, units=8)
    steep = Steeper(well, plain.trial, scaling=plain.scaling)
    batch = next(iter(qwpinn.collocation(well, 48)))
    for model in (plain, steep):
        model.compile(qwpinn.LevenbergMarquardt())
    residual = steep.squares(batch).residuals(steep.weights_taken())
    expected = steep.residuals(steep.members(batch)).numpy().ravel()
    np.testing.assert_allclose(residual, expected, rtol=1e-12, atol=1e-12)
    assert np.max(np.abs(residual - plain.squares(batch).residuals(plain.weights_taken()))) > 0.1


@pytest.mark.parametrize("argument", ["run_eagerly", "jit_compile"])
def test_who_asks_for_python_or_xla_gets_the_residuals_themselves(argument):
    well = WELLS["walls"]
    model = qwpinn.QuantumWellPINN.for_potential(well, 1, units=8)
    data = qwpinn.collocation(well, 48)
    model.compile(qwpinn.LevenbergMarquardt())
    usual = model.fit(data, epochs=2, verbose=0).history["loss"]
    model = qwpinn.QuantumWellPINN.for_potential(well, 1, units=8)
    model.compile(qwpinn.LevenbergMarquardt(), **{argument: True})
    assert type(model.squares(next(iter(data)))) is Traced
    np.testing.assert_allclose(
        model.fit(data, epochs=2, verbose=0).history["loss"], usual, rtol=1e-6
    )


def test_two_layers_train_as_one_does():
    """By what is traced: a network whose jets are not known."""
    well = WELLS["two kinks"]
    model = qwpinn.Paper(hidden=(8, 8)).compiled(well, 1, 0)
    model.compile(qwpinn.LevenbergMarquardt())
    losses = model.fit(qwpinn.collocation(well, 200), epochs=8, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]
    assert np.all(np.diff(losses) <= 0.0)


def losses_of(change, way):
    """Losses of an evaluation after a change of what is not trained, by either way."""
    model = qwpinn.QuantumWellPINN.for_potential(WELLS["two kinks"], 2, units=10, seed=3)
    away(model, 3, 0.1)
    model.trial.hidden.trainable = False
    model.compile(qwpinn.LevenbergMarquardt(), run_eagerly=way == "tapes")
    data = qwpinn.collocation(WELLS["two kinks"], 48)
    found = [model.evaluate(data, verbose=0)["loss"]]
    found += model.fit(data, epochs=1, verbose=0).history["loss"]
    change(model)
    return [*found, model.evaluate(data, verbose=0)["loss"]]


def move_the_kernel(model):
    kernel = model.trial.hidden.layers[0].kernel
    kernel.assign(1.3 * kernel.numpy())


def weigh_more(model):
    model.normalisation = 1e4


def train_all(model):
    model.trial.hidden.trainable = True


def train_fewer(model):
    model.trial.output_layer.trainable = False


@pytest.mark.parametrize("change", [move_the_kernel, weigh_more, train_all, train_fewer])
def test_what_is_changed_between_two_evaluations_is_seen(change):
    np.testing.assert_allclose(losses_of(change, "jets"), losses_of(change, "tapes"), rtol=1e-9)


def test_a_normalisation_that_is_set_weighs_the_overlaps_of_the_default_loss():
    well = qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0)
    model = qwpinn.QuantumWellPINN.for_potential(well, 1, units=8)
    kernel = model.trial.output_layer.kernel
    kernel.assign(1.1 * kernel.numpy())
    model.compile(qwpinn.LevenbergMarquardt())
    data = qwpinn.collocation(well, 60)
    before = model.evaluate(data, verbose=0)
    model.normalisation = 1e4
    after = model.evaluate(data, verbose=0)
    assert model.normalisation == 1e4
    np.testing.assert_allclose(after["gram_error"], before["gram_error"], rtol=1e-12)
    more = (1e4 - 100.0) * before["gram_error"] ** 2
    np.testing.assert_allclose(after["loss"] - before["loss"], more, rtol=1e-9)
    with pytest.raises(ValueError, match="`normalisation` must be"):
        model.normalisation = -1.0


def test_what_a_callback_moves_is_trained_on():
    def losses(eagerly, moved=True):
        model = qwpinn.QuantumWellPINN.for_potential(WELLS["two kinks"], 2, units=10, seed=3)
        model.trial.hidden.trainable = False
        model.compile(qwpinn.LevenbergMarquardt(), run_eagerly=eagerly)
        move = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: move_the_kernel(model) if moved and not epoch else None
        )
        data = qwpinn.collocation(WELLS["two kinks"], 48)
        return model.fit(data, epochs=3, verbose=0, callbacks=[move]).history["loss"]

    found = losses(False)
    assert found[1] != pytest.approx(losses(False, moved=False)[1], rel=0.01)
    np.testing.assert_allclose(found, losses(True), rtol=1e-6)


class Counting(qwpinn.QuantumWellPINN):
    """A subclass whose step says more."""

    def train_step(self, data):
        return super().train_step(data) | {"mine": 1.0}


def test_a_train_step_of_ones_own_is_taken():
    well = WELLS["walls"]
    plain = qwpinn.QuantumWellPINN.for_potential(well, 1, units=8)
    model = Counting(well, plain.trial, scaling=plain.scaling)
    model.compile(qwpinn.LevenbergMarquardt())
    history = model.fit(qwpinn.collocation(well, 48), epochs=2, verbose=0).history
    assert history["mine"] == [1.0, 1.0]
    assert len(history["damping"]) == 2


def test_a_quantised_layer_is_what_the_model_evaluates():
    well = WELLS["two kinks"]
    model = qwpinn.QuantumWellPINN.for_potential(well, 1, units=8)
    model.trial.hidden.layers[0].quantize("int8")
    assert model.trial.known is None


def test_a_model_that_holds_everything_has_nothing_to_train():
    model = qwpinn.QuantumWellPINN.for_potential(WELLS["walls"], 1, units=8)
    model.trainable = False
    model.compile(qwpinn.LevenbergMarquardt())
    with pytest.raises(ValueError, match=r"`model` must have weights to train. Received: one that"):
        model.fit(qwpinn.collocation(WELLS["walls"], 48), verbose=0)
