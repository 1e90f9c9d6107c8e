"""Objectives: weights by the names of terms."""

import numpy as np
import pytest
import tensorflow as tf

import qwpinn
from qwpinn.networks.features import mlp
from qwpinn.training.losses import SquaresLoss
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


class Turned(qwpinn.ResidualLoss):
    """Its vectors in another order than its names."""

    def vectors(self, model, data):
        return dict(reversed(super().vectors(model, data).items()))

    def jacobian(self, model, data):
        return SquaresLoss.jacobian(self, model, data)


def test_weights_are_those_of_the_vectors_whatever_their_order():
    well = qwpinn.FiniteWell()
    model = qwpinn.QuantumWellPINN(well, states=1, hidden=mlp([3], 0))
    model.compile(qwpinn.LevenbergMarquardt(), Turned(), loss_weights={"overlaps": 9.0})
    squares = model.squares(next(iter(qwpinn.collocation(well, 24))))
    weights, step = model.weights_taken(), 1e-6
    gradient = squares.linearised(weights).gradient
    for index in (0, 4, 9):
        there, back = (weights + s * step * np.eye(weights.size)[index] for s in (1.0, -1.0))
        change = squares.loss(squares.residuals(there)) - squares.loss(squares.residuals(back))
        assert change / (4.0 * step) == pytest.approx(gradient[index], rel=1e-6)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda model, at: tf.ones(2), r"`mine` must return float64, .* Received: float32\. Give"),
        (lambda model, at: np.ones(2, np.float32), r"Received: float32"),
        (lambda model, at: None, r"`mine` must return a vector\. Received: None\. End"),
    ],
)
def test_what_an_added_function_must_return(function, message):
    well = qwpinn.InfiniteWell()
    model = qwpinn.QuantumWellPINN.for_potential(well, states=1, units=6)
    model.add_residual("mine", function)
    model.compile("adam", run_eagerly=True)
    with pytest.raises(TypeError, match=message):
        model.fit(qwpinn.collocation(well, 24), verbose=0)
