"""The equation of one well, in scaled units and in own ones."""

import numpy as np
import pytest
import tensorflow as tf

import qwpinn

DEVICE = qwpinn.Heterostructure(
    [qwpinn.Layer(thickness, name) for thickness, name in ((8.0, "Al0.3Ga0.7As"), (9.0, "GaAs"))]
)
WELLS = {
    "pure": qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0),
    "units": qwpinn.FiniteWell(5.0, 1.0, 5.0).in_units("nm", "eV"),
    "device": DEVICE,
}


@pytest.fixture(params=WELLS)
def model(request):
    return qwpinn.QuantumWellPINN.for_potential(WELLS[request.param], 2, units=24)


def test_own_units_undo_the_scaling_of_members(model):
    batch = next(iter(qwpinn.collocation(model.potential, 60)))
    own = model.own_units(model.members(batch))
    for name, column in batch.items():
        scale = np.abs(column).max()
        np.testing.assert_allclose(own[name], column, rtol=1e-12, atol=1e-12 * scale)
    left, right = model.potential.normal_form.interval
    assert left <= own["x"].numpy().min() and own["x"].numpy().max() <= right


def test_psi_in_own_units_is_that_of_the_model(model):
    z = np.linspace(*model.potential.interval, 9)[1:-1]
    x = tf.constant(model.potential.to_normal(z)[:, None])
    data = {name: tf.ones_like(x) for name in ("potential", "weight", "quadrature")} | {"x": x}
    np.testing.assert_allclose(model.own_psi(model.members(data)), model(z), rtol=1e-12)


def test_what_is_logged_is_in_own_units(model):
    logs = model.in_own_units({"residual": 1.0, "loss": 2.0})
    assert logs["loss"] == 2.0
    assert logs["residual"] == model.scaling.energy_unit
    np.testing.assert_array_equal([logs["energy_0"], logs["energy_1"]], model.energies)


def test_energies_are_taken_and_psi_is_mixed(model):
    x = float(np.dot([0.4, 0.6], model.potential.interval))
    before = model([x]).numpy()
    model.mix(tf.constant([[0.0, 2.0], [1.0, 0.0]], tf.float64))
    np.testing.assert_allclose(model([x]), before[:, ::-1] * [1.0, 2.0], rtol=1e-13)
    model.take_energies(tf.constant([1.0, 3.0], tf.float64))
    np.testing.assert_array_equal(model.scaled_energies, [1.0, 3.0])
    model.hold_energies(True)
    assert not model.scaled_energies.trainable
    model.hold_energies(False)
    assert model.scaled_energies.trainable


def test_members_leave_out_what_is_no_part_of_the_equation(model):
    psi = qwpinn.collocation(model.potential, 60, reference=lambda z: np.ones((z.size, 3)))
    batch = next(iter(psi))
    assert batch["reference"].shape == (batch["x"].shape[0], 3)
    assert set(model.members(batch)) == {"x", "potential", "weight", "quadrature"}
