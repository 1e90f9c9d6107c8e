"""What every network of one well can be asked."""

import threading

import batches
import keras
import numpy as np
import pytest
import tensorflow as tf
from batches import WELL

import qwpinn
from qwpinn.networks.well_model import Remade


def test_wavefunctions_are_orthonormal_in_own_units(well):
    model = qwpinn.QuantumWellPINN.for_potential(well, states=3)
    nodes = next(iter(qwpinn.collocation(well)))
    psi = model.predict(nodes["x"].numpy(), verbose=0)
    overlap = psi.T @ (nodes["quadrature"].numpy() * psi)
    np.testing.assert_allclose(overlap, np.eye(3), atol=1e-9)


def test_status_says_that_training_ended_well(small_model, finite_well):
    assert small_model.status is qwpinn.Status.UNTRAINED
    small_model.fit(qwpinn.collocation(finite_well, 60), epochs=1, verbose=0)
    assert small_model.status is qwpinn.Status.TRAINED


def test_what_belongs_to_many_networks_is_asked_of_one():
    model = qwpinn.QuantumWellPINN.for_potential(WELL, states=1, units=8)
    both = qwpinn.NonparabolicPINN(WELL, [model])
    with pytest.raises(TypeError, match="`evaluate` must be called on a single network"):
        both.evaluate(qwpinn.collocation(WELL))
    for ask in (both, lambda x: both.predict(x, verbose=0)):
        with pytest.raises(ValueError, match=r"`x` must lie in the closed interval"):
            ask([4.0])
    np.testing.assert_array_equal(both.predict([0.5], verbose=0), model.predict([0.5], verbose=0))


def test_a_model_is_remade_of_its_parts_where_it_is_asked_for():
    model = batches.well_model()
    holder = held((type(model), model.parts()))
    assert holder.model is holder.model is not model
    np.testing.assert_array_equal(holder.model.predict([0.5], verbose=0), model.predict([0.5]))
    with pytest.raises(AttributeError, match="has a `model`"):
        _ = type(holder).model


def held(parts):
    """What a pickled solution is to its model."""

    class Holder:
        model = Remade()

    holder = Holder()
    vars(holder).update(potential=WELL, parts=parts)
    return holder


def test_threads_that_ask_at_once_are_given_one_model():
    model = batches.well_model()
    holder, found, together = held((type(model), model.parts())), [], threading.Barrier(4)

    def ask():
        together.wait()
        found.append(holder.model)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(one is found[0] for one in found)


def test_whatever_interrupts_the_making_of_a_model_leaves_its_parts(monkeypatch):
    model = batches.well_model()
    holder = held((type(model), model.parts()))
    with monkeypatch.context() as patch:
        patch.setattr(type(model), "of_parts", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            _ = holder.model
    np.testing.assert_array_equal(holder.model.energies, model.energies)


def test_a_model_that_was_frozen_after_compile_is_remade_without_its_optimizers_state():
    model = batches.well_model()
    model.compile(keras.optimizers.Adam(1e-5))
    model.fit(qwpinn.collocation(WELL, 60), epochs=1, verbose=0)
    model.trial.hidden.trainable = False
    with pytest.warns(UserWarning, match="The optimizer's state was left out: it is of other wei"):
        again = held((type(model), model.parts())).model
    np.testing.assert_array_equal(again([0.5]), model([0.5]))
    assert len(again.trainable_variables) == len(model.trainable_variables) == 2


def test_an_optimizers_state_is_remade():
    model = batches.well_model()
    model.compile(keras.optimizers.Adam(1e-5))
    model.fit(qwpinn.collocation(WELL, 60), epochs=1, verbose=0)
    again = held((type(model), model.parts())).model
    for one, other in zip(again.optimizer.variables, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.fixture(scope="module")
def model():
    return batches.well_model()


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
