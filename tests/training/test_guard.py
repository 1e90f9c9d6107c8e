"""Data of the wrong kind, and bad batches after good ones, are refused in one line."""

import batches
import numpy as np
import pytest
import tensorflow as tf
from batches import FAMILY, WELL, columns, members, put

import qwpinn


@pytest.fixture(scope="module")
def model():
    return batches.well_model()


@pytest.fixture(scope="module")
def family_model():
    return batches.family_model()


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


def test_our_data_are_read_without_a_thread_that_tunes():
    for data in (
        qwpinn.collocation(WELL),
        qwpinn.collocation(WELL).repeat(20),
        qwpinn.family_collocation(FAMILY, 4, 24, 2),
    ):
        assert data.options().autotune.enabled is False
