"""Models whose loss is a sum of squares: what `compile` and `fit` are told."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from batches import FAMILY, WELL, columns, members

import qwpinn
from qwpinn import QuantumWellPINN
from qwpinn.training.least_squares import SquaresModel


@pytest.fixture(scope="module")
def model():
    made = QuantumWellPINN.for_potential(WELL, units=8)
    made.compile("sgd")
    return made


def test_xla_is_on_or_off(model):
    with pytest.raises(ValueError, match=r"`jit_compile` must be True or False. Received: 'x'"):
        model.compile("adam", jit_compile="x")


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


def test_what_was_not_compiled_is_said_by_keras():
    well = qwpinn.InfiniteWell()
    model = qwpinn.QuantumWellPINN.for_potential(well, states=1, units=8)
    with pytest.raises(ValueError, match=r"call `compile\(\)`"):
        model.fit(qwpinn.collocation(well))


def test_a_strategy_of_one_replica_changes_nothing(finite_well):
    def history(scope):
        with scope:
            model = qwpinn.QuantumWellPINN.for_potential(finite_well, states=1, units=12, seed=0)
            model.compile(optimizer=qwpinn.LevenbergMarquardt())
        return model.fit(qwpinn.collocation(finite_well, 60), epochs=2, verbose=0).history

    alone = history(contextlib.nullcontext())
    found = history(tf.distribute.OneDeviceStrategy("CPU:0").scope())
    assert np.shape(found["loss"]) == (2,)
    np.testing.assert_allclose(found["loss"], alone["loss"], rtol=1e-12)


class Misfit(SquaresModel):
    """r = w - 2, and no more than it needs for a gradient."""

    def __init__(self):
        super().__init__(dtype="float64")
        self.weight = self.add_weight(shape=(1,), initializer="zeros")
        self.built = True

    def residuals(self, data):
        return self.weight.value[None] - 2.0 * tf.ones_like(data["x"])

    def logs(self, data, residual):
        return {"loss": tf.reduce_sum(residual**2), "weight": self.weight.value[0]}


def test_a_loss_of_ones_own_needs_a_jacobian_for_second_order_only():
    data, model = tf.data.Dataset.from_tensors({"x": tf.ones((1, 1), tf.float64)}), Misfit()
    model.compile(keras.optimizers.SGD(0.25))
    # Half of the way at each step.
    found = model.fit(data.repeat(2), epochs=1, verbose=0).history
    np.testing.assert_allclose([found["weight"][-1], model.weight[0]], [1.5, 1.5])
    model.compile(qwpinn.LevenbergMarquardt())
    with pytest.raises(NotImplementedError, match="`Misfit` must define `jacobian` for"):
        model.fit(data, verbose=0)


def test_a_model_without_residuals_is_none():
    with pytest.raises(TypeError, match=r"abstract methods? '?logs"):
        type("Empty", (Misfit,), {"logs": SquaresModel.logs})()
