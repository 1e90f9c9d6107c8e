"""Batches of collocation data as NumPy columns, and the doors at which bad ones are refused."""

import keras
import pytest
import tensorflow as tf

import qwpinn

WELL = qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0)


FAMILY = qwpinn.Family(qwpinn.FiniteWell, depth=(15, 25), width=(1.8, 2.2), box=6.0)


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


def well_model():
    """Of one well, compiled; no test changes its weights."""
    model = qwpinn.QuantumWellPINN.for_potential(WELL, states=2, units=12, seed=3)
    model.compile(optimizer=keras.optimizers.SGD(0.0))
    return model


def family_model():
    """Of a family, started and compiled; no test changes its weights."""
    model = qwpinn.FamilyPINN.for_family(
        FAMILY, 2, units=16, modes=6, branch=(6,), surface=(6,), seed=0
    )
    model.start(4, epochs=2)
    model.compile(optimizer=keras.optimizers.SGD(0.0))
    return model
