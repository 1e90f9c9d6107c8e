"""The certificate: enclosures of a network's states, from its own second derivatives."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.enclosures.enclosure import Enclosure, enclose
from qwpinn.equation import kinds
from qwpinn.equation.mesh import Mesh
from qwpinn.equation.potential import Potential, values
from qwpinn.equation.scaling import Scaling
from qwpinn.networks.ritz import one_thread, ritz_states
from qwpinn.networks.trial import TrialFunctions
from qwpinn.networks.well_model import WellModel
from qwpinn.startup import refuse_fork
from qwpinn.training.residuals import Functions, derivative, in_batches

Array = NDArray[np.float64]

GUARDS = 4


def certify(model: WellModel, individually: bool = True) -> Enclosure:
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
    cure = "Of a solution give its `model`; a family has `enclosures`."
    kind: type[WellModel] = WellModel  # type: ignore[type-abstract]
    given = kinds.one_of("model", model, kind, "a qwpinn.QuantumWellPINN", cure)
    return given.certified(individually)


def enclosed_states(trial: TrialFunctions, mesh: Mesh, individually: bool) -> Enclosure:
    """Encloses the levels that trial functions stand for, guarded by Ritz states in their features.

    Args:
        trial: The K states.
        mesh: That of their potential.
        individually: See `qwpinn.enclosures.enclose`.
    """
    own = trial.output_layer.kernel.numpy()
    guards = ritz_states(trial, mesh, GUARDS)[1][:, trial.states :]
    coefficients = tf.constant(np.hstack([own, guards]))

    def functions(x: Array) -> tuple[Array, Array]:
        return psi_and_h_psi(trial.basis, coefficients, mesh.scaling, mesh.potential, x)

    with one_thread().limit(limits=1, user_api="blas"):
        return enclose(mesh.potential, functions, trial.states, mesh, individually)


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
