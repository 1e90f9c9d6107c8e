"""The natural gradient: a sum of squares that is the energy, its Gram matrix, and what it gains."""

import keras
import numpy as np
import pytest

import qwpinn
from qwpinn.networks.features import mlp
from qwpinn.references import exact
from qwpinn.techniques.natural_gradient import EnergySquares
from qwpinn.techniques.quasi_newton import LBFGS
from qwpinn.training.losses import SquaresLoss
from qwpinn.training.squares import one_thread

WELL = qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0)
POINTS = 120


def begun(seed, states=1, units=16):
    return qwpinn.QuantumWellPINN(WELL, states=states, seed=seed, hidden=mlp([units], seed))


def squares_of(model, points=POINTS):
    model.compile(qwpinn.LevenbergMarquardt(), loss=EnergySquares())
    batch = next(iter(qwpinn.collocation(WELL, points)))
    return model.squares(batch), model.members(batch)


@pytest.mark.parametrize("states", [1, 3])
def test_the_squares_are_the_rayleigh_quotient_from_the_least_potential(states):
    model = begun(0, states, units=7)
    squares, at = squares_of(model, 60)
    floor = states * at["potential"].numpy().min()
    wanted = qwpinn.RayleighQuotient().terms(model, at)["energy"].numpy() - floor
    assert squares.loss(squares.residuals(model.weights_taken())) == pytest.approx(wanted)


@pytest.mark.parametrize("states", [1, 3])
def test_the_jacobian_is_that_of_tapes_through_cholesky(states):
    model = qwpinn.QuantumWellPINN(WELL, states=states, hidden=mlp([5, 4], 0), seed=0)
    loss, (_, at) = EnergySquares(), squares_of(model, 40)
    wanted = SquaresLoss.jacobian(loss, model, at)
    np.testing.assert_allclose(loss.jacobian(model, at), wanted, atol=1e-12 * np.abs(wanted).max())


def test_the_normal_matrix_is_gram_s_of_the_energy():
    """By the coefficients c of psi, with A and M of the basis: P^T A P / (c M c)."""
    model = begun(1, units=5)
    model.trial.hidden.trainable = False
    squares, at = squares_of(model, 60)
    xi, v, rho, w = (at[name].numpy()[0] for name in ("x", "potential", "weight", "quadrature"))
    phi, slopes = model.trial.derivatives(xi, (0, 1))
    mass = phi.T @ ((w * rho)[:, None] * phi)
    energy = slopes.T @ (w[:, None] * slopes) + phi.T @ ((w * rho * (v - v.min()))[:, None] * phi)
    c = model.weights_taken()
    norm = c @ mass @ c
    projected = np.eye(5) - np.outer(c, mass @ c) / norm
    found = squares.linearised(c)
    wanted = projected.T @ energy @ projected / norm
    np.testing.assert_allclose(found.normal, wanted, rtol=1e-10, atol=1e-10 * wanted.max())
    np.testing.assert_allclose(found.gradient, squares.gradient(c), atol=1e-11 * wanted.max())


def test_forty_steps_from_random_weights_reach_what_lbfgs_does_not():
    model = begun(0)
    squares, at = squares_of(model)
    floor, level = at["potential"].numpy().min(), exact(WELL, 1).energies[0]

    def error(optimizer, seed):
        optimizer.build(model.trainable_variables)
        weights = begun(seed).weights_taken()[: model.weights_taken().size]
        with one_thread(), np.errstate(all="ignore"):
            for _ in range(40):
                step = optimizer.squares_step(squares, weights)
                weights = step.weights
        return model.scaling.own_energy(squares.loss(step.residual) + floor) / level - 1.0

    natural, plain = (
        np.median([error(kind(), seed) for seed in range(3)])
        for kind in (qwpinn.LevenbergMarquardt, LBFGS)
    )
    assert 0.0 < natural < 1e-4
    assert plain > 30.0 * natural


def test_fit_ends_with_the_states_and_a_description_restores_it():
    model = begun(0, states=2, units=8)
    model.compile(qwpinn.LevenbergMarquardt(), loss=EnergySquares())
    model.fit(qwpinn.collocation(WELL, 60), epochs=2, verbose=0)
    at = model.members(next(iter(qwpinn.collocation(WELL, 60))))
    np.testing.assert_allclose(
        model.scaled_energies.numpy(), EnergySquares().energies(model, at), rtol=1e-10
    )
    described = keras.saving.serialize_keras_object(EnergySquares())
    assert isinstance(keras.saving.deserialize_keras_object(described), EnergySquares)


def test_held_energies_are_refused():
    model = qwpinn.QuantumWellPINN(WELL, energies=[1.6], hidden=mlp([6], 0))
    with pytest.raises(ValueError, match="`loss` must be one that leaves energies where they are"):
        model.compile(qwpinn.LevenbergMarquardt(), loss=EnergySquares())
