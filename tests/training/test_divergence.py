"""A training that is lost stops, and gives back the best weights."""

import re

import keras
import pytest

from qwpinn.status import Status
from qwpinn.training.divergence import StopOnDivergence, checked


class Counted:
    """A model whose only weight is how many steps were taken."""

    status, stop_training, weights = Status.UNTRAINED, False, 0

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.weights = weights


def trained(losses, **options):
    """Each loss is that of the weights before its step."""
    model, guard = Counted(), StopOnDivergence(**options)
    guard.set_model(model)
    guard.on_train_begin()
    for batch, loss in enumerate(losses):
        model.weights += 1
        guard.on_train_batch_end(batch, {"loss": loss})
        if model.stop_training:
            break
    guard.on_train_end()
    return model


@pytest.mark.parametrize(
    ("losses", "status", "steps"),
    [
        ([1.0, 0.5, 0.7, float("nan"), 0.1], Status.NOT_FINITE, 1),
        ([1.0, float("inf")], Status.NOT_FINITE, 0),
        ([1.0, 0.5, 0.6e6], Status.DIVERGED, 1),
    ],
)
def test_what_is_lost_stops_with_the_weights_of_the_lowest_loss(losses, status, steps):
    with pytest.warns(UserWarning, match=re.escape(str(status))):
        model = trained(losses)
    assert (model.status, model.weights, model.stop_training) == (status, steps, True)


def test_a_rise_that_is_not_a_millionfold_or_is_rounding_goes_on():
    for losses in ([1.0, 0.5, 0.4e6], [1e-20, 1e-11]):
        model = trained(losses)
        assert (model.status, model.weights) == (Status.TRAINED, len(losses))


def test_the_weights_that_the_last_step_left_are_judged_at_the_end():
    with pytest.warns(UserWarning, match="rose to more than a million times"):
        model = trained([1.0, 0.5], loss=lambda: 1e7)
    assert (model.status, model.weights) == (Status.DIVERGED, 1)
    assert trained([1.0, 0.5], loss=lambda: 0.1).weights == 2


def test_callbacks_are_objects():
    history = keras.callbacks.History()
    assert checked((history,)) == [history]
    with pytest.raises(TypeError, match="Put objects, not classes, into brackets"):
        checked([keras.callbacks.History])
