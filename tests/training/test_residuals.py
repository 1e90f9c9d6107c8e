import keras
import numpy as np
import pytest
import tensorflow as tf

from qwpinn import references
from qwpinn.training.points import collocation_nodes
from qwpinn.training.residuals import (
    COLUMNS,
    EquationModel,
    derivative,
    gram,
    per_state,
    schroedinger,
)


def collocation_of(well, points=120):
    """A batch of one member, in the well's own units."""
    nodes = collocation_nodes(well, points)
    columns = (nodes.nodes, well(nodes.nodes), well.weight(nodes.nodes), nodes.weights)
    return {name: tf.constant(column[None]) for name, column in zip(COLUMNS, columns, strict=True)}


class Given(EquationModel):
    """Functions and energies that are given."""

    states = 1

    def __init__(self, functions, energies, normalisation, variables=()):
        super().__init__(dtype="float64")
        self.functions, self.energies = functions, tf.constant(energies, tf.float64)
        self.normalisation = normalisation
        self.given, self.states = variables, len(energies)

    @property
    def trainable_variables(self):
        return self.given

    def equation(self, rows, state):
        return schroedinger(self.functions, self.energies, rows, state)

    def psi_of(self, member):
        return self.functions(tf.reshape(member["x"], [-1, 1]))


class Exact:
    """The exact eigenfunctions in TensorFlow: A_k sin(q (x - c)) or sinh, by layer and parity."""

    def __init__(self, well, states):
        self.spectrum = references.exact(well, states)
        self.layers = well.layers
        self.pieces = [self._fit(well, k) for k in range(states)]

    def _fit(self, well, k):
        """Coefficients of two exponentials (complex wavenumber) in each layer, by collocation."""
        pieces = []
        for left, right, v in zip(
            self.layers.edges, self.layers.edges[1:], self.layers.values, strict=False
        ):
            q = np.sqrt(complex(self.spectrum.energies[k] - v))
            t = np.linspace(left, right, 9)[1:-1]
            basis = np.stack([np.exp(1j * q * (t - left)), np.exp(-1j * q * (t - right))], 1)
            psi = self.spectrum.wavefunctions(t)[:, k]
            amplitudes = np.linalg.lstsq(basis, psi.astype(complex), rcond=None)[0]
            pieces.append((left, right, q, amplitudes))
        return pieces

    def __call__(self, x):
        columns = []
        for pieces in self.pieces:
            total = tf.zeros_like(x)
            for left, right, q, (a, b) in pieces:
                forward, backward = _wave(a, 1j * q, x - left), _wave(b, -1j * q, x - right)
                inside = (x >= left) & (x < right)
                total += tf.where(inside, forward + backward, tf.zeros_like(x))
            columns.append(total)
        return tf.concat(columns, axis=1)


def _wave(amplitude, rate, x):
    """Real part of amplitude exp(rate x), in real arithmetic so that tapes go through it."""
    envelope = tf.exp(rate.real * x)
    phase = rate.imag * x
    return envelope * (amplitude.real * tf.cos(phase) - amplitude.imag * tf.sin(phase))


def test_residual_of_the_exact_eigenfunctions_is_zero(well):
    exact = Exact(well, 5)
    at, state = per_state(collocation_of(well), 5)
    psi, residual = schroedinger(exact, tf.constant(exact.spectrum.energies), at, state)
    np.testing.assert_allclose(
        tf.reshape(psi, [-1, 5]), exact.spectrum.wavefunctions(at["x"].numpy()[::5]), atol=1e-11
    )
    assert np.max(np.abs(residual)) < 1e-10


def test_residual_norm_of_the_exact_eigenfunctions_is_below_1e10(well):
    exact = Exact(well, 5)
    at = collocation_of(well)
    residual = Given(exact, exact.spectrum.energies, 1.0).residuals(at)
    assert residual.shape == (1, 5 * at["x"].shape[1] + 15)
    assert np.linalg.norm(residual) < 1e-10


def test_second_derivative_of_a_known_function():
    x = tf.constant(np.linspace(-1, 1, 11)[None])
    one, zero = tf.ones_like(x), tf.zeros_like(x)
    at = {"x": x, "potential": zero, "weight": one, "quadrature": one}
    copies, state = per_state(at, 2)
    _, residual = schroedinger(
        lambda y: tf.concat([tf.sin(3.0 * y), tf.exp(2.0 * y)], 1),
        tf.constant([9.0, -4.0], tf.float64),
        copies,
        state,
    )
    np.testing.assert_allclose(residual, 0.0, atol=1e-13)


def test_gram_matches_a_double_loop(rng):
    psi, rho, w = rng.normal(size=(2, 7, 3)), rng.uniform(1, 2, (2, 7)), rng.uniform(0, 1, (2, 7))
    found = gram(tf.constant(psi), {"weight": tf.constant(rho), "quadrature": tf.constant(w)})
    for member in range(2):
        overlap = np.zeros((3, 3))
        for i in range(3):
            for j in range(3):
                for n in range(7):
                    each = psi[member, n, i] * psi[member, n, j]
                    overlap[i, j] += w[member, n] * rho[member, n] * each
        expected = np.linalg.norm(overlap - np.eye(3))
        assert np.linalg.norm(found[member]) == pytest.approx(expected, rel=1e-12)


@pytest.fixture
def linearised(small_model, finite_well, rng):
    """A model off its solution, its variables and residual vector as a function of them."""
    model = small_model
    for variable in model.trainable_variables:
        variable.assign(variable.numpy() + 0.05 * rng.normal(size=variable.shape))
    at = model.members(collocation_of(finite_well, 60))

    def residuals(flat):
        offset = 0
        for variable in model.trainable_variables:
            size = int(np.prod(variable.shape))
            variable.assign(flat[offset : offset + size].reshape(variable.shape))
            offset += size
        return model.residuals(at).numpy()[0]

    flat = np.concatenate([variable.numpy().ravel() for variable in model.trainable_variables])
    return model, at, residuals, flat


def finite_difference(function, flat, direction, step=1e-4):
    """Fourth-order central difference of a vector function along a direction."""
    f = [function(flat + k * step * direction) for k in (-2, -1, 1, 2)]
    function(flat)
    return (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * step)


def test_jacobian_agrees_with_finite_differences(linearised, rng):
    model, at, residuals, flat = linearised
    slopes = model.jacobian(at).numpy()
    assert slopes.shape == (residuals(flat).size, flat.size)
    for _ in range(5):
        direction = rng.normal(size=flat.size)
        numeric = finite_difference(residuals, flat, direction)
        np.testing.assert_allclose(slopes @ direction, numeric, atol=1e-6 * np.abs(numeric).max())


def test_every_column_of_the_jacobian_agrees_with_finite_differences(linearised):
    model, at, residuals, flat = linearised
    slopes = model.jacobian(at).numpy()
    for column in range(flat.size):
        unit = np.zeros_like(flat)
        unit[column] = 1.0
        numeric = finite_difference(residuals, flat, unit)
        scale = max(np.abs(numeric).max(), 1e-3)
        np.testing.assert_allclose(slopes[:, column], numeric, atol=1e-6 * scale)


def test_gradient_of_the_loss_agrees_with_finite_differences(linearised, rng):
    model, at, residuals, flat = linearised
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model.residuals(at) ** 2)
    parts = tape.gradient(loss, [variable.value for variable in model.trainable_variables])
    gradient = np.concatenate([part.numpy().ravel() for part in parts])
    np.testing.assert_allclose(
        gradient, 2.0 * model.jacobian(at).numpy().T @ residuals(flat), rtol=1e-9, atol=1e-9
    )
    for _ in range(5):
        direction = rng.normal(size=flat.size)
        numeric = finite_difference(lambda p: np.sum(residuals(p) ** 2), flat, direction)
        assert gradient @ direction == pytest.approx(numeric, rel=1e-6)


def test_derivatives_of_all_functions_at_once(small_model):
    """The first against differences of the values, the second against those of the first."""
    basis = small_model.trial.basis
    x = np.linspace(-0.9, 0.9, 13)[:, None]
    step = 1e-5
    for function in (basis, derivative(basis)):
        ahead, behind = (function(tf.constant(x + h)).numpy() for h in (step, -step))
        slopes = derivative(function)(tf.constant(x)).numpy()
        assert slopes.shape == (13, 16)
        np.testing.assert_allclose(slopes, (ahead - behind) / (2 * step), atol=2e-6)


def test_jacobian_of_a_network_without_shared_structure(finite_well):
    """Held energies drop out of the variables and of the Jacobian's columns."""
    variable = keras.Variable([[1.0]], dtype="float64")
    at = collocation_of(finite_well, 24)
    model = Given(lambda x: variable.value * tf.sin(x), [2.0], 4.0, [variable])
    slopes = model.jacobian(at)
    weight, sine = np.sqrt(at["quadrature"][0]), np.sin(at["x"][0])
    expected = weight * (1.0 + at["potential"][0] - 2.0) * sine
    np.testing.assert_allclose(slopes[:-1, 0], expected, rtol=1e-12, atol=1e-14)
    overlap = np.sum(weight**2 * sine**2)
    assert float(slopes[-1, 0]) == pytest.approx(2.0 * 2.0 * overlap)  # sqrt(4) d/da (a^2 G)
