"""The certificate: enclosures of a network's states, from its own second derivatives."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn import kinds
from qwpinn.enclosures import Enclosure, enclose
from qwpinn.potential import Potential, values
from qwpinn.residuals import Functions, derivative, in_batches
from qwpinn.scaling import Scaling
from qwpinn.start import one_thread, ritz_states
from qwpinn.startup import refuse_fork

Array = NDArray[np.float64]

GUARDS = 4


def certify(model: Any, individually: bool = True) -> Enclosure:
    """Encloses the levels that a network, trained or not, stands for.

    Its K wavefunctions are taken as they are. Four more Ritz states of its last hidden layer guard
    them (`qwpinn.enclosures.enclose`). The interval of each state is widened, if need be, to hold
    the model's energy.

    Args:
        model: A `qwpinn.QuantumWellPINN` or `qwpinn.NonparabolicPINN`.
        individually: See `qwpinn.enclosures.enclose`; it costs only where the network has not found
            the K lowest states.

    Raises:
        TypeError: If ``model`` is no such model.
        ArithmeticError: If V or rho is found not to be smooth between the breakpoints.

    Example:
        >>> import qwpinn
        >>> model = qwpinn.QuantumWellPINN.for_potential(qwpinn.InfiniteWell(), states=2)
        >>> certify(model).quantum_numbers
        array([0, 1])
    """
    refuse_fork("certify")
    if hasattr(model, "networks"):  # of non-parabolic bands, a network a level
        return model.certified(individually)  # type: ignore[no-any-return]
    if not hasattr(model, "trial"):
        raise TypeError(
            "`model` must be a qwpinn.QuantumWellPINN. Received: "
            f"{kinds.shown(model)}. Of a solution give its `model`; a family has `enclosures`."
        )
    states = model.trial.states
    coefficients = tf.constant(_coefficients(model))

    def functions(x: Array) -> tuple[Array, Array]:
        return psi_and_h_psi(
            model.trial.basis, coefficients, model.scaling, model.mesh.potential, x
        )

    with one_thread().limit(limits=1, user_api="blas"):
        found = enclose(model.mesh.potential, functions, states, model.mesh, individually)
    energies = model.energies.numpy()
    return dataclasses.replace(
        found, lower=np.minimum(found.lower, energies), upper=np.maximum(found.upper, energies)
    )


def _coefficients(model: Any) -> Array:
    """The output weights of the states, then those of the guards, ``(units, K + guards)``."""
    own = model.trial.output_layer.kernel.numpy()
    guards = ritz_states(model.trial, model.mesh, GUARDS)[1][:, own.shape[1] :]
    return np.hstack([own, guards])


def psi_and_h_psi(
    basis: Functions, coefficients: tf.Tensor, scaling: Scaling, potential: Potential, x: Array
) -> tuple[Array, Array]:
    """Psi and H psi of sums of scaled functions at x of the normal form, each ``(n, m)``.

    Args:
        basis: Maps scaled positions (n, 1) to (n, units).
        coefficients: Of the sums, ``(units, m)``.
        scaling: To own units.
        potential: V and rho.
        x: Positions, shape ``(n,)``.
    """

    def chi(xi: tf.Tensor) -> tf.Tensor:
        return tf.matmul(basis(xi), coefficients)

    xi = scaling.position(x)[:, None]
    width = int(coefficients.shape[0])
    pair = in_batches(lambda part: (chi(part), derivative(derivative(chi))(part)), xi, width)
    psi, curvature = scaling.amplitude * pair[0], scaling.amplitude * pair[1]
    v, rho = values(potential, x)[:, None], potential.weight(x)[:, None]
    return psi, -curvature / (scaling.half_width**2 * rho) + v * psi
