r"""The natural gradient of energies: the Rayleigh quotient as a sum of squares.

With S = L L^T the overlaps of K states, psi L^{-T} are orthonormal, and with f the least V of the
batch

.. math:: r = \left( \sqrt{w} \, \psi' L^{-T}, \ \sqrt{w \rho (V - f)} \, \psi L^{-T} \right), \quad
          |r|^2 = \mathrm{tr}(S^{-1} A) - K f

for quadrature weights w. J^T J is then the Gram matrix of the energy's inner product, of how much
each weight changes the normalised psi, and Gauss-Newton's direction is the energy natural gradient.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf

from qwpinn.training.losses import Data, RayleighQuotient, SquaresLoss, Terms
from qwpinn.training.residuals import EquationModel, columns, derivative, per_state


@keras.saving.register_keras_serializable("qwpinn")
class EnergySquares(SquaresLoss):
    r"""`qwpinn.RayleighQuotient` for `qwpinn.LevenbergMarquardt`: energy natural gradient descent.

    .. math:: \delta = -\tfrac12 G^{-1} \nabla L, \quad
              G_{ij} = \int \partial_i \psi' \, \partial_j \psi'
              + \rho (V - f) \, \partial_i \psi \, \partial_j \psi \, dx

    with psi normalised. Where the network can follow, a step is one of inverse iteration: the error
    of psi falls by (E_0 - f) / (E_1 - f) for a ground state, whatever the weights are. Damping
    takes the place of the paper's line search. The minimum is above the levels by the square of
    psi's error, as far as the quadrature sees what the network does, and no psi = 0 makes it small.

    From random weights of the finite well, forty steps end within 2e-4 of E_0 for nine seeds of
    ten, as a median 1e-5; `qwpinn.techniques.quasi_newton.LBFGS` ends at 5e-2 with the same loss.

    Reference:
        J. Mueller and M. Zeinhofer, arXiv:2302.13163.
    """

    names = ("energy",)

    def vectors(self, model: EquationModel, data: Data) -> Terms:
        if "y" in data:
            raise ValueError(
                "`loss` must be another one in the plane. Received: EnergySquares, which knows one "
                "dimension. Take qwpinn.RayleighQuotient."
            )
        functions = _psi_of(model, data)
        x = tf.reshape(data["x"], [-1, 1])
        rows = _stacked(derivative(functions)(x), functions(x), data)
        normalised = tf.linalg.triangular_solve(_root(functions(x), data), tf.transpose(rows))
        return {"energy": tf.reshape(normalised, [1, -1])}

    def jacobian(self, model: EquationModel, data: Data) -> tf.Tensor:
        r"""d(R L^{-T}) = dR L^{-T} - R L^{-T} F^T, for rows R before they are normalised.

        F is the lower half of L^{-1} dS L^{-T}, of its diagonal one half (the derivative of
        Cholesky's factor). So tapes go through one point a row.
        """
        psi, slope, by_psi, by_slope = _with_derivatives(model, data)
        rows = _stacked(slope, psi, data)
        inverse = tf.linalg.inv(_root(psi, data))
        moved = tf.einsum("nip,nj->ijp", by_psi, _measure(data) * psi)
        moved += tf.transpose(moved, [1, 0, 2])
        moved = tf.einsum("ai,ijp,bj->abp", inverse, moved, inverse)
        half = tf.linalg.band_part(tf.ones(inverse.shape, tf.float64), -1, 0)
        moved *= (half - 0.5 * tf.eye(inverse.shape[0], dtype=tf.float64))[:, :, None]
        found = tf.einsum("nkp,ak->anp", _stacked(by_slope, by_psi, data), inverse)
        found -= tf.einsum("nb,abp->anp", tf.matmul(rows, inverse, transpose_b=True), moved)
        return tf.reshape(found, [-1, found.shape[-1]])

    def report(self, terms: Terms) -> Terms:
        return {}

    def energies(self, model: EquationModel, data: Data) -> tf.Tensor:
        return RayleighQuotient().energies(model, data)

    def mixture(self, model: EquationModel, data: Data) -> tf.Tensor:
        return RayleighQuotient().mixture(model, data)


def _psi_of(model: EquationModel, data: Data) -> Callable[[tf.Tensor], tf.Tensor]:
    """Psi as a function of positions ``(n, 1)``."""
    return lambda x: model.psi_of({**data, "x": x})


def _measure(data: Data) -> tf.Tensor:
    """Of an integral with rho, ``(n, 1)``."""
    return tf.reshape(data["quadrature"] * data["weight"], [-1, 1])


def _root(psi: tf.Tensor, data: Data) -> tf.Tensor:
    """L of the overlaps L L^T."""
    return tf.linalg.cholesky(tf.matmul(psi, _measure(data) * psi, transpose_a=True))


def _stacked(slope: tf.Tensor, psi: tf.Tensor, data: Data) -> tf.Tensor:
    """Both with the factors that make their squares an integral, ``(2 n, ...)``."""
    above = data["potential"] - tf.reduce_min(data["potential"])
    shape = [-1] + [1] * (psi.shape.rank - 1)
    kinetic = tf.reshape(tf.sqrt(data["quadrature"]), shape)
    potential = tf.reshape(tf.sqrt(data["quadrature"] * data["weight"] * above), shape)
    return tf.concat([kinetic * slope, potential * psi], axis=0)


def _with_derivatives(model: EquationModel, data: Data) -> tuple[tf.Tensor, ...]:
    """Psi and psi' at the points, ``(n, K)``, and their derivatives by weights, ``(n, K, P)``."""
    values = [v.value for v in model.trainable_variables]
    functions = _psi_of(model, data)

    def of_row(sample: tuple[tf.Tensor, tf.Tensor]) -> list[tf.Tensor]:
        x, state = (value[None] for value in sample)
        with tf.GradientTape(persistent=True) as tape:
            psi, slope = (tf.reduce_sum(state * f(x)) for f in (functions, derivative(functions)))
        by = [tape.gradient(v, values, unconnected_gradients="zero") for v in (psi, slope)]
        return [psi, slope, *by[0], *by[1]]

    rows, state = per_state(data, model.states)
    psi, slope, *by = tf.vectorized_map(of_row, (rows["x"], state))
    shape = [-1, model.states]
    by_each = (columns(part, values) for part in (by[: len(values)], by[len(values) :]))
    return (
        tf.reshape(psi, shape),
        tf.reshape(slope, shape),
        *(tf.reshape(part, [*shape, part.shape[-1]]) for part in by_each),
    )
