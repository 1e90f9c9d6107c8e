"""Quasi-Newton: H by its equations, what scaling gains, and what is forgotten."""

import keras
import numpy as np
import pytest

import qwpinn
from qwpinn.networks.features import mlp
from qwpinn.techniques.quasi_newton import LBFGS, SelfScaledBroyden, scaling
from qwpinn.training.squares import Linearised, Squares, one_thread

WELL = qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0)


class Quadratic(Squares):
    """|A x - b|^2."""

    def __init__(self, rng, rows=9, columns=6):
        self.a, self.b = rng.normal(size=(rows, columns)), rng.normal(size=rows)

    def residuals(self, weights):
        return self.a @ weights - self.b

    def linearised(self, weights):
        return Linearised.of(self.residuals(weights), self.a)

    def logs(self, residual):
        return {"loss": self.loss(residual)}


def built(optimizer):
    optimizer.build([keras.Variable(np.zeros(6), dtype="float64")])
    return optimizer


def stepped(optimizer, squares, weights, steps):
    with one_thread(), np.errstate(all="ignore"):
        for _ in range(steps):
            weights = optimizer.squares_step(squares, weights).weights
    return weights


@pytest.mark.parametrize("scaled", [True, False])
def test_h_satisfies_the_secant_equation_and_stays_positive(rng, scaled):
    optimizer, half = SelfScaledBroyden(scaled), rng.normal(size=(6, 6))
    hessian, inverse = half @ half.T + np.eye(6), np.eye(6)
    for _ in range(12):
        step = rng.normal(size=6)
        optimizer.learn(step, hessian @ step, float(step @ np.linalg.solve(inverse, step)))
        inverse = -np.array([optimizer.direction(row) for row in np.eye(6)])
        np.testing.assert_allclose(inverse @ (hessian @ step), step, rtol=1e-9, atol=1e-9)
        assert np.linalg.eigvalsh((inverse + inverse.T) / 2).min() > 0.0


def test_tau_and_phi_by_hand():
    # a = 1 and theta = (1 - b) / b = -1/2, so sigma = 1/2 is less than (1/b) sigma^(-1/2).
    assert scaling(2.0, 1.0, 3) == pytest.approx((0.5, 3.0))
    # Where b = h = 1, H knew the change of the gradient: nothing is to be scaled.
    assert scaling(1.0, 1.0, 3) == pytest.approx((1.0, 1.0), abs=1e-6)


def test_without_scaling_it_is_bfgs_and_lbfgs_the_same_with_all_its_steps(rng):
    few, bfgs = LBFGS(), SelfScaledBroyden(scaled=False)
    steps, changes = rng.normal(size=(2, 4, 6))
    changes *= np.sign(np.sum(steps * changes, axis=1, keepdims=True))
    inverse = np.eye(6) * (steps[-1] @ changes[-1]) / (changes[-1] @ changes[-1])
    bfgs._inverse = inverse.copy()
    for s, y in zip(steps, changes, strict=True):
        few.learn(s, y, 1.0)
        bfgs.learn(s, y, 1.0)
        left = np.eye(6) - np.outer(s, y) / (s @ y)
        inverse = left @ inverse @ left.T + np.outer(s, s) / (s @ y)
    g = rng.normal(size=6)
    np.testing.assert_allclose(bfgs.direction(g), -inverse @ g, rtol=1e-9)
    np.testing.assert_allclose(few.direction(g), -inverse @ g, rtol=1e-9)


@pytest.mark.parametrize("kind", [SelfScaledBroyden, LBFGS])
def test_a_quadratic_is_solved(rng, kind):
    squares = Quadratic(rng)
    found = stepped(built(kind()), squares, np.ones(6), 40)
    wanted = np.linalg.lstsq(squares.a, squares.b, rcond=None)[0]
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)


def test_what_was_learnt_elsewhere_is_forgotten(rng):
    squares, optimizer = Quadratic(rng), built(SelfScaledBroyden())
    stepped(optimizer, squares, np.ones(6), 5)
    moved = np.full(6, 3.0)
    fresh = stepped(built(SelfScaledBroyden()), squares, moved, 1)
    np.testing.assert_array_equal(stepped(optimizer, squares, moved, 1), fresh)


def test_at_the_minimum_no_step_is_taken(rng):
    squares, optimizer = Quadratic(rng), built(LBFGS())
    squares.b[:] = 0.0
    step = optimizer.squares_step(squares, np.zeros(6))
    assert step.logs == {"length": 0.0, "accepted": 0.0}
    np.testing.assert_array_equal(step.weights, np.zeros(6))


def loss_after(steps, optimizer, seed):
    """Of the finite well, from random weights."""
    hidden = mlp([12], seed)
    model = qwpinn.QuantumWellPINN(WELL, states=1, initial_energies=[1.6], seed=seed, hidden=hidden)
    model.compile(optimizer)
    optimizer.build(model.trainable_variables)
    squares = model.squares(next(iter(qwpinn.collocation(WELL, 60))))
    found = stepped(optimizer, squares, model.weights_taken(), steps)
    return squares.loss(squares.residuals(found))


def test_self_scaling_ends_far_below_bfgs_and_lbfgs():
    scaled, bfgs = (
        np.array([loss_after(500, SelfScaledBroyden(scaled), seed) for seed in range(3)])
        for scaled in (True, False)
    )
    assert np.median(bfgs / scaled) > 3.0
    assert loss_after(500, LBFGS(), 0) > 100.0 * scaled[0]


def test_fit_takes_its_steps_and_a_description_restores_it(small_model, finite_well):
    small_model.compile(LBFGS(memory=7))
    history = small_model.fit(qwpinn.collocation(finite_well, 60), epochs=20, verbose=0).history
    assert history["loss"][-1] < 0.5 * history["loss"][0]
    assert set(history["accepted"]) == {1.0}
    assert int(small_model.optimizer.iterations) == 20
    for optimizer in (small_model.optimizer, SelfScaledBroyden(scaled=False)):
        described = keras.saving.serialize_keras_object(optimizer)
        again = keras.saving.deserialize_keras_object(described)
        assert again.get_config() == optimizer.get_config()


def test_what_is_no_argument_is_refused():
    with pytest.raises(ValueError, match="`memory` must be an integer of at least 1"):
        LBFGS(memory=0)
    with pytest.raises(TypeError, match=r"`scaled` must be True or False. Received: scaled=1"):
        SelfScaledBroyden(scaled=1)
    with pytest.raises(ValueError, match="`model` must hold at most 12000 weights to train"):
        SelfScaledBroyden().check_size(12001, 0)
    LBFGS().check_size(12001, 0)
