import keras
import numpy as np
import pytest
import tensorflow as tf

import qwpinn
from qwpinn import references
from qwpinn.equation.mesh import Mesh
from qwpinn.networks.ritz import ritz_in_span, samples


def test_ritz_in_sines_gives_the_exact_box_levels():
    at = samples(Mesh(qwpinn.InfiniteWell(), states=3), units=3)
    waves = np.array([3.0, 1.0, 2.0]) * np.pi / 2
    phase = (at.x[:, None] + 1) * waves
    energies, coefficients = ritz_in_span(np.sin(phase), [waves * np.cos(phase)], at, 3)
    np.testing.assert_allclose(energies, (np.pi / 2 * np.array([1, 2, 3])) ** 2, rtol=1e-12)
    np.testing.assert_allclose(np.abs(coefficients), np.eye(3)[[2, 0, 1]], atol=1e-11)


def test_ritz_values_are_upper_bounds_and_fall_with_the_units(well):
    exact = references.exact(well, 3).energies
    start = [
        qwpinn.QuantumWellPINN.for_potential(well, states=3, units=units, seed=1).energies.numpy()
        for units in (12, 24, 48)
    ]
    for energies in start:
        assert np.all(energies > exact * (1 - 1e-10))
    errors = np.max(np.array(start) / exact - 1.0, axis=1)
    assert errors[1] < 0.1 * errors[0]
    assert errors[2] < 0.1 * errors[1]


def test_ritz_start_finds_the_right_states_before_any_training(well):
    exact = references.exact(well, 5).energies
    model = qwpinn.QuantumWellPINN.for_potential(well, states=5, seed=2)
    np.testing.assert_allclose(model.energies, exact, rtol=1e-8)


def test_too_few_units_are_refused(finite_well):
    with pytest.raises(ValueError, match=r"`states` must be at most 4, .* states=5"):
        qwpinn.QuantumWellPINN.for_potential(finite_well, states=5, units=4)


@keras.saving.register_keras_serializable("tests")
class Broken(keras.layers.Layer):
    """Smooth units, to which something is added on the right of a point."""

    def __init__(self, at, order):
        super().__init__(dtype="float64", name="broken")
        self.at, self.order = at, order

    def call(self, xi):
        right = tf.cast(xi >= self.at, tf.float64) * (xi - self.at) ** self.order
        return tf.concat([tf.sin(xi * i) for i in range(1, 8)] + [right + tf.cos(xi)], axis=1)


@pytest.mark.parametrize(("order", "refused"), [(0, True), (1, True), (2, False)])
def test_what_jumps_at_a_breakpoint_has_no_bounds(finite_well, order, refused):
    """The well's first breakpoint, x = -1, is xi = -1/3; a jump of psi'' is what V has itself."""
    model = qwpinn.QuantumWellPINN(
        finite_well,
        hidden=Broken(-1.0 / 3.0, order),
        features=keras.layers.Identity(dtype="float64"),
        states=1,
    )
    if not refused:
        found, exact = qwpinn.certify(model), finite_well.levels(1)[0]
        assert found.lower[0] <= exact <= found.upper[0]
        return
    for ask in (qwpinn.certify, qwpinn.QuantumWellPINN.diagonalise):
        with pytest.raises(ValueError, match=r"`hidden` must be continuous.* a jump at x=-1, or"):
            ask(model)


@pytest.mark.parametrize("large", [1.0, 1e10])
def test_a_unit_as_steep_as_a_jump_is_refused_whatever_the_others_are(large):
    """Of the usual network too, and beside functions that are much larger."""
    well = qwpinn.FiniteWell()
    model = qwpinn.QuantumWellPINN.for_potential(well, states=1, units=20)
    layer = model.trial.hidden.layers[0]
    kernel, bias = layer.kernel.numpy(), layer.bias.numpy()
    kernel[:, 0], bias[0] = 0.0, -1e6 / 3.0
    kernel[0, 0] = 1e6
    layer.kernel.assign(kernel)
    layer.bias.assign(bias)
    if large > 1.0:
        # Tanh of others is as large as it is: a layer of one's own makes them larger.
        factors = tf.constant(np.where(np.arange(20) == 0, 1.0, large))
        scaled = keras.Sequential(
            [layer, keras.layers.Lambda(lambda x: x * factors, dtype="float64")]
        )
        model = qwpinn.QuantumWellPINN(well, states=1, hidden=scaled, features=model.trial.features)
    for ask in (model.diagonalise, lambda: qwpinn.certify(model)):
        with pytest.raises(ValueError, match=r"continuous.* jump at x=1, or a unit as steep"):
            ask()
