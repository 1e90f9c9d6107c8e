"""J^T J of a family by its networks of p, held against its whole Jacobian by tapes."""

import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose

import qwpinn
from qwpinn.families.squares import FamilyPieces
from qwpinn.networks.regression import SmoothMap
from qwpinn.training import residuals
from qwpinn.training.traced import Pieces

SMALL = qwpinn.Family(qwpinn.FiniteWell, depth=(15, 25), width=(1.8, 2.2), box=6.0)


def rough(kind=qwpinn.FamilyPINN):
    """Every weight matters; the second output of the energies is below the first."""
    sizes = {"units": 6, "modes": 4, "branch": (5,), "surface": (4,)}
    model, rng = kind.for_family(SMALL, 2, **sizes), np.random.default_rng(1)
    for weight in model.trainable_variables:
        weight.assign(weight + 0.1 * rng.standard_normal(weight.shape))
    model.surface.network.begin(np.log(np.array([[6.0, 1.5], [7.0, 1.8]])))
    return model


def check_sums(model):
    """Against tapes, which `test_model` holds against finite differences."""
    model.compile(qwpinn.LevenbergMarquardt())
    members = model.members(next(iter(qwpinn.family_collocation(SMALL, 3, 24, 2))))
    jacobian, residual = model.traced.jacobian(members).numpy(), model.residuals(members)
    normal, gradient = (found.numpy() for found in model.traced.summed(members, residual))
    wanted, pulled = jacobian.T @ jacobian, residual.numpy().ravel() @ jacobian
    assert wanted.shape == (model.weights_to_train,) * 2
    assert_allclose(normal, wanted, rtol=0, atol=1e-13 * wanted.max())
    assert_allclose(gradient, pulled, atol=1e-12 * np.abs(pulled).max())


@pytest.mark.slow
def test_member_by_member_the_sums_are_those_of_the_whole_jacobian(monkeypatch):
    monkeypatch.setattr(residuals, "HELD", 1)
    model = rough()
    assert type(model.pieces) is FamilyPieces
    check_sums(model)


def test_what_is_held_stays_out():
    """Of all members at once."""
    model = rough()
    model.operator.trunk.trainable = model.operator.branches[0].trainable = False
    assert type(model.pieces) is FamilyPieces
    check_sums(model)


class Shifted(qwpinn.FamilyPINN):
    """An equation of one's own, which asks a network of p by itself."""

    def equation(self, rows, state):
        psi, residual = super().equation(rows, state)
        return psi, residual + tf.reduce_sum(self.surface(rows["p"]), axis=1, keepdims=True) * psi


class Offset(qwpinn.FamilyPINN):
    """One with a weight of its own after all others."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.offset = SmoothMap(1, 1, (1,))


@pytest.mark.parametrize("kind", [Shifted, Offset])
def test_a_loss_of_ones_own_is_summed_by_its_own_jacobian(kind):
    assert type(rough(kind).pieces) is Pieces
