"""What is not a model's own data, points or parameters is refused in one line, wherever it comes."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

import qwpinn

WELL = qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0)
FAMILY = qwpinn.Family(qwpinn.FiniteWell, depth=(15, 25), width=(1.8, 2.2), box=6.0)
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


def columns(potential=WELL, **changes):
    """Collocation data of a well as NumPy columns, some replaced by functions of themselves."""
    batch = next(iter(qwpinn.collocation(potential, 48).as_numpy_iterator()))
    return batch | {name: change(batch[name]) for name, change in changes.items()}


def members(family=FAMILY, **changes):
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


BAD = [
    (columns(qwpinn.FiniteWell(box=12.0)), r"`NAME` must lie in the interval \[-3, 3\] .*x=-5\."),
    (
        columns(qwpinn.FiniteWell(depth=21.0)),
        r"`NAME` must be of the model's own well\. Received: V\(.*\) = 21, where .* is 20\. Give",
    ),
    (columns(potential=lambda v: v + 1e-6), r"`NAME` must be of the model's own well.*V\("),
    (columns(weight=lambda rho: 2.0 * rho), r"own well\. Received: rho\(.*\) = 2, where .* is 1\."),
    (columns(potential=put(np.nan)), r"`NAME` must hold numbers that are finite\..*nan for 'pot"),
    (columns(x=put(np.inf)), r"finite\. Received: inf for 'x'"),
    (columns(quadrature=put(-1.0)), r"finite and positive\. Received: -1\.0 for 'quadrature'"),
    (columns(weight=put(0.0)), r"finite and positive\. Received: 0\.0 for 'weight'"),
    (columns(x=np.ravel), r"`NAME` must have|columns of shape \(n, 1\).*\(48,\) for 'x'"),
    (columns(potential=lambda v: v[:-1]), r"all of one length\. Received: shape=\(47, 1\)"),
]
BAD_MEMBERS = [
    (
        members(qwpinn.Family(qwpinn.FiniteWell, depth=(30, 40), width=(1.8, 2.2), box=6.0)),
        r"`NAME` must be of members of the model's family\. .*: depth=3.* in row 0, outside",
    ),
    (
        members(qwpinn.Family(qwpinn.FiniteWell, depth=(15, 25), width=(1.8, 2.2), box=8.0)),
        r"`NAME` must (be of the model's own family|lie between the walls)",
    ),
    (
        members(qwpinn.Family(qwpinn.FiniteWell, width=(1.8, 2.2), depth=(15, 25), box=6.0)),
        r"must be of members of the model's family\. Received: depth=[12]\.",
    ),
    (
        members(qwpinn.Family(qwpinn.FiniteWell, depth=(15, 25), box=6.0)),
        r"`NAME` must have 'p' of shape \(n, 2\), a column each for depth, width\. .*\(4, 1\)",
    ),
    (members(p=lambda p: p[:, ::-1]), r"the model's family\. Received: depth=[12]\."),
    (members(potential=lambda v: 1.001 * v), r"own family, at depth=.*\. Received: V\("),
    (members(potential=put(np.nan)), r"numbers that are finite\. Received: nan for 'potential'"),
    (members(p=put(np.nan, 1)), r"numbers that are finite\. Received: nan for 'p'"),
    (members(x=put(3.5)), r"must lie between the walls of its member, \[-3, 3\]\. .*x=3\.5"),
    (members(x=lambda x: x[:, :-1]), r"columns of shape \(n, q\), a row for each of the 4 members"),
]


def asking(model, data):
    """Every way in which data enter a model, by the name that it has there."""
    good = model.good()
    return {
        "x": lambda: model.fit(data, verbose=0),
        "x ": lambda: model.evaluate(data, verbose=0),
        "validation_data": lambda: model.fit(good, validation_data=data, verbose=0),
    }


def refused(model, good, bad, message):
    """By fit, evaluate and validation, in the first batch and in the third."""
    dataset = tf.data.Dataset.from_tensors
    kind = TypeError if isinstance(bad, tf.data.Dataset) else ValueError
    first = bad if isinstance(bad, tf.data.Dataset) else dataset(bad)
    for name, ask in (
        ("x", lambda data: model.fit(data, verbose=0)),
        ("x", lambda data: model.evaluate(data, verbose=0)),
        (
            "validation_data",
            lambda data: model.fit(dataset(good), validation_data=data, verbose=0),
        ),
    ):
        with pytest.raises(kind, match=message.replace("NAME", name)) as error:
            ask(first)
        assert str(error.value).count("\n") == 0


@pytest.mark.parametrize(("bad", "message"), BAD)
def test_other_data_than_the_wells_own_are_refused(model, bad, message):
    refused(model, columns(), bad, message)


@pytest.mark.parametrize(("bad", "message"), BAD_MEMBERS)
def test_other_data_than_the_familys_own_are_refused(family_model, bad, message):
    refused(family_model, members(), bad, message)
