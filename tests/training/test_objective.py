"""Objectives: weights by the names of terms."""

import pytest

import qwpinn
from qwpinn.training.objective import Objective


def objective():
    return Objective(qwpinn.ResidualLoss(), {"own": lambda model, at: at["x"][:, 0]})


def test_weights_are_set_by_name_and_weigh_terms():
    found = objective()
    assert not found.plain
    assert Objective(qwpinn.ResidualLoss(), {}).plain
    found.weigh({"own": 3.0, "overlaps": 0.0})
    terms = {"residual": 1.0, "overlaps": 10.0, "own": 100.0}
    assert float(found.value(terms)) == 301.0


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ([1.0], TypeError, r"`loss_weights` must be a dict .*'residual', 'overlaps', 'own'\. Rec"),
        ({"gram": 1.0}, ValueError, "`loss_weights` must name terms .* Received: 'gram'"),
        ({"own": -1.0}, ValueError, r"`loss_weights` must be .*Received: loss_weights=-1"),
        ({"own": "a"}, TypeError, "`loss_weights` must be a .* Received"),
    ],
)
def test_bad_weights_are_refused(weights, error, message):
    with pytest.raises(error, match=message):
        objective().weigh(weights)
