"""Weights of the loss's terms that a callback changes."""

import pytest

import qwpinn
from qwpinn.techniques import TermWeights


class Doubled(TermWeights):
    """Doubles the weight of the overlaps whenever a change is due."""

    def on_epoch_end(self, epoch, logs=None):
        if self.due(epoch):
            weight = self.model.objective.weights["overlaps"]
            weight.assign(2.0 * weight)


@pytest.mark.parametrize(("every", "weight"), [(1, 16.0), (2, 4.0), (3, 2.0), (5, 1.0)])
def test_training_follows_the_weights_of_a_subclass(every, weight):
    well = qwpinn.InfiniteWell()
    model = qwpinn.QuantumWellPINN.for_potential(well, states=1, units=6)
    data = qwpinn.collocation(well, 20)
    model.compile(
        "sgd", loss=qwpinn.ResidualLoss(normalisation=1.0), loss_weights={"overlaps": 1.0}
    )
    model.optimizer.learning_rate.assign(0.0)
    doubled = Doubled(data, every)
    history = model.fit(data, epochs=4, callbacks=[doubled], verbose=0).history
    assert float(model.objective.weights["overlaps"]) == weight
    # Of weights that stay, the losses differ by what the term weighs alone.
    batch = doubled.batch()
    terms = model.objective.terms(model, model.members(batch))
    last = 2.0 ** (3 // every)
    expected = float(terms["residual"]) + last * float(terms["overlaps"])
    assert history["loss"][-1] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("data", "every", "error", "message"),
    [
        ([1.0], 1, TypeError, r"`data` must be a tf\.data\.Dataset"),
        (None, 0, ValueError, "`every` must be an integer of at least 1"),
    ],
)
def test_bad_input(data, every, error, message):
    data = data or qwpinn.collocation(qwpinn.InfiniteWell(), 20)
    with pytest.raises(error, match=message):
        TermWeights(data, every)
