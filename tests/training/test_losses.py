"""Losses: their values by quadrature, their Jacobians by finite differences, what they find."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import qwpinn
from qwpinn.training.losses import Loss, eigenstates, forms, loss_of, quotients

WELL = qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0)
DATA = qwpinn.collocation(WELL, 120)


def layers(*units):
    dense = [keras.layers.Dense(u, "tanh", dtype="float64") for u in units]
    return keras.Sequential(dense)


def model(states=2, **arguments):
    keras.utils.set_random_seed(3)
    arguments = {"hidden": layers(6, 5), "initial_energies": [1.6, 6.5][:states], **arguments}
    return qwpinn.QuantumWellPINN(WELL, states=states, **arguments)


def scaled(found, data=DATA):
    return found.members(next(iter(data)))


def test_forms_are_the_integrals_of_psi():
    found = model()
    at = scaled(found, qwpinn.collocation(WELL, 600))
    xi, w = (at[name].numpy()[0] for name in ("x", "quadrature"))
    rho, v = (at[name].numpy()[0] for name in ("weight", "potential"))
    psi, slopes = (
        basis @ found.trial.output_layer.kernel.numpy()
        for basis in found.trial.derivatives(xi, (0, 1))
    )
    energy, overlap = (form.numpy() for form in forms(found, at))
    np.testing.assert_allclose(overlap, (w * rho * psi.T) @ psi, rtol=1e-12)
    kinetic, potential = (w * slopes.T) @ slopes, (w * rho * v * psi.T) @ psi
    np.testing.assert_allclose(energy, kinetic + potential, rtol=1e-12)
    np.testing.assert_allclose(quotients(found, at), np.diag(energy) / np.diag(overlap))


def test_eigenstates_diagonalise_both_forms(rng):
    half, other = rng.normal(size=(2, 4, 4))
    energy, overlap = half + half.T, other @ other.T + np.eye(4)
    energies, mixed = (part.numpy() for part in eigenstates(*map(tf.constant, (energy, overlap))))
    np.testing.assert_allclose(mixed.T @ energy @ mixed, np.diag(energies), atol=1e-12)
    np.testing.assert_allclose(mixed.T @ overlap @ mixed, np.eye(4), atol=1e-12)
    assert np.all(np.diff(energies) > 0.0)


@pytest.mark.parametrize(
    "loss", [qwpinn.ResidualLoss(30.0), qwpinn.VarianceLoss(30.0)], ids=["residual", "variance"]
)
@pytest.mark.parametrize("weights", [None, {"residual": 3.0, "overlaps": 0.5, "middle": 2.0}])
def test_jacobians_are_those_of_finite_differences(loss, weights):
    found = model()
    if weights is not None:
        found.add_residual("middle", lambda model, at: model([0.5])[0] - at["x"][:2, 0])
    found.compile(qwpinn.LevenbergMarquardt(), loss=loss, loss_weights=weights)
    at = scaled(found)
    jacobian, start = found.jacobian(at).numpy(), found.weights_taken()
    assert jacobian.shape == (found.residuals(at).shape[1], start.size)
    step = 1e-6
    for column in range(0, start.size, 7):
        ends = []
        for sign in (1.0, -1.0):
            moved = start.copy()
            moved[column] += sign * step
            found.take_weights(moved)
            ends.append(found.residuals(at).numpy()[0])
        found.take_weights(start)
        expected = (ends[0] - ends[1]) / (2.0 * step)
        size = 1.0 + np.abs(expected).max()
        np.testing.assert_allclose(jacobian[:, column], expected, atol=1e-6 * size)


def test_the_sum_of_squares_is_the_loss_that_is_logged():
    found = model()
    found.add_residual("middle", lambda model, at: model([0.5])[0])
    weights = {"residual": 3.0, "overlaps": 0.5, "middle": 2.0}
    found.compile(qwpinn.LevenbergMarquardt(), loss_weights=weights)
    logs = found.evaluate(DATA, verbose=0)
    residual = found.residuals(scaled(found)).numpy()
    np.testing.assert_allclose(logs["loss"], np.sum(residual**2), rtol=1e-12)
    unit, middle = found.scaling.energy_unit, float(np.linalg.norm(found([0.5]).numpy()))
    np.testing.assert_allclose(logs["middle"], middle, rtol=1e-12)
    parts = 3.0 * (logs["residual"] / unit) ** 2 + 50.0 * logs["gram_error"] ** 2
    np.testing.assert_allclose(logs["loss"], parts + 2.0 * middle**2, rtol=1e-10)
    # Of a gradient step, the same loss before it.
    found.compile(keras.optimizers.SGD(1e-9), loss_weights=weights)
    history = found.fit(DATA, epochs=1, verbose=0).history
    np.testing.assert_allclose(history["loss"][0], logs["loss"], rtol=1e-12)


def test_a_loss_with_the_same_meaning_takes_the_same_steps():
    """`normalisation` of the model, of the loss, and as a weight of its term."""
    ways = (
        (model(normalisation=40.0), {}),
        (model(), {"loss": qwpinn.ResidualLoss(40.0)}),
        (model(), {"loss": qwpinn.ResidualLoss(20.0), "loss_weights": {"overlaps": 2.0}}),
    )
    energies = []
    for found, arguments in ways:
        found.compile(qwpinn.LevenbergMarquardt(), **arguments)
        found.fit(DATA.repeat(3), epochs=1, verbose=0)
        energies.append(found.energies.numpy())
    np.testing.assert_allclose(energies[1], energies[0], rtol=1e-10)
    np.testing.assert_allclose(energies[2], energies[0], rtol=1e-6)


def test_the_fast_way_takes_the_normalisation_of_the_loss():
    energies = []
    for arguments in ({"loss": qwpinn.ResidualLoss(7.0)}, {"loss_weights": {"overlaps": 0.07}}):
        found = qwpinn.QuantumWellPINN.for_potential(WELL, 2, units=12)
        found.compile(qwpinn.LevenbergMarquardt(), **arguments)
        losses = found.fit(DATA.repeat(2), epochs=1, verbose=0).history["loss"]
        energies.append([*losses, *found.energies.numpy()])
    np.testing.assert_allclose(*energies, rtol=1e-6)


def test_the_rayleigh_quotient_ends_with_the_states_of_its_span():
    keras.utils.set_random_seed(0)
    found = model(hidden=layers(16))
    found.compile(keras.optimizers.Adam(3e-3), loss=qwpinn.RayleighQuotient())
    data = qwpinn.collocation(WELL, 300)
    history = found.fit(data.repeat(60), epochs=2, verbose=0).history
    assert history["loss"][1] < history["loss"][0]
    at = scaled(found, data)
    energy, overlap = (form.numpy() for form in forms(found, at))
    np.testing.assert_allclose(overlap, np.eye(2), atol=1e-10)
    np.testing.assert_allclose(energy, np.diag(found.scaled_energies.numpy()), atol=1e-8)
    # Upper bounds, as those of any psi.
    assert np.all(found.energies.numpy() >= qwpinn.references.exact(WELL, 2).energies)
    assert not found.scaled_energies.trainable
    found.compile("adam")
    assert found.scaled_energies.trainable


def test_the_variance_has_the_energies_of_psi():
    found = model(1)
    found.compile(qwpinn.LevenbergMarquardt(), loss=qwpinn.VarianceLoss())
    logs = found.fit(DATA.repeat(2), epochs=1, verbose=0).history
    at = scaled(found)
    np.testing.assert_allclose(found.scaled_energies, quotients(found, at), rtol=1e-12)
    np.testing.assert_allclose(logs["energy_0"][0], found.energies[0], rtol=1e-12)


@pytest.mark.parametrize("bad", ["mse", keras.losses.MeanSquaredError(), qwpinn.ResidualLoss])
def test_what_is_no_loss_is_refused(bad):
    with pytest.raises(TypeError, match=r"`loss` must be a qwpinn\.ResidualLoss, .* Received: "):
        loss_of(bad)
    with pytest.raises(TypeError, match=r"`loss` must be a qwpinn\.ResidualLoss"):
        model().compile("adam", loss=bad)


def test_a_loss_of_ones_own_is_trained():
    class Fourth(Loss):
        names = ("fourth",)
        trains_energies = True

        def terms(self, model, data):
            return {"fourth": tf.reduce_sum((model.psi_of(data) - 1.0) ** 4)}

    found = model()
    found.compile(keras.optimizers.SGD(1e-9), loss=Fourth(), loss_weights={"fourth": 0.5})
    psi = found.psi_of(scaled(found)).numpy()
    history = found.fit(DATA, epochs=1, verbose=0).history
    np.testing.assert_allclose(history["loss"][0], 0.5 * np.sum((psi - 1.0) ** 4), rtol=1e-12)
    with pytest.raises(ValueError, match=r"`loss` must be a sum of squares .* Received: Fourth"):
        found.compile(qwpinn.LevenbergMarquardt(), loss=Fourth())
