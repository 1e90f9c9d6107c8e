"""The certificate: enclosures of a network's states, from its own second derivatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwpinn.enclosures.enclosure import Enclosure, enclose
from qwpinn.equation import kinds
from qwpinn.equation.geometry import AnyMesh, AnyScaling, AnyWell, values
from qwpinn.networks.trial import TrialFunctions
from qwpinn.networks.well_model import WellModel
from qwpinn.startup import refuse_fork
from qwpinn.training.squares import one_thread

if TYPE_CHECKING:
    from qwpinn.networks.model import QuantumWellPINN

Array = NDArray[np.float64]


def certify(model: WellModel, individually: bool = True) -> Enclosure:
    """Encloses the levels that a network, trained or not, stands for.

    Its K wavefunctions are taken as they are. Four more Ritz states of its last hidden layer guard
    them (`qwpinn.enclosures.enclose`). The interval of each state is widened, if need be, to hold
    the model's energy.

    Args:
        model: A `qwpinn.QuantumWellPINN`, `qwpinn.NonparabolicPINN` or `qwpinn.ProductPINN`.
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


def enclosed_states(
    trial: TrialFunctions, mesh: AnyMesh, ritz: Array, individually: bool, energies: Array
) -> Enclosure:
    """Encloses the levels that trial functions stand for, guarded by Ritz states in their features.

    They are taken in the order of their energies, and their numbers are told in their own.

    Args:
        trial: The K states, the highest of the mesh's.
        mesh: That of their potential.
        ritz: Output coefficients of the lowest Ritz states, more than the mesh's, ``(units, m)``:
            those below and above the K are guards.
        individually: See `qwpinn.enclosures.enclose`.
        energies: Of the states, as trained, ``(K,)``.
    """
    order = np.argsort(energies, kind="stable")
    lowest, own = mesh.states - trial.states, trial.output_layer.kernel.numpy()[:, order]
    coefficients = np.hstack([ritz[:, :lowest], own, ritz[:, mesh.states :]])

    def functions(x: Array) -> tuple[Array, Array]:
        xi = mesh.scaling.position(x)
        basis, curvature = trial.derivatives(xi, (0, 2))
        chi = basis @ coefficients, curvature @ coefficients
        return psi_and_h_psi(*chi, mesh.scaling, mesh.potential, x)

    with one_thread():
        found = enclose(mesh.potential, functions, mesh.states, mesh, individually).above(lowest)
    return found.reordered(np.argsort(order))


def guarded(network: QuantumWellPINN) -> tuple[Array, Array]:
    """Output coefficients of a network's K states and of Ritz states above them, ``(units, m)``.

    With their energies in the potential's unit, ``(m,)``; those of the K are as trained.
    """
    ritz, coefficients = network._ritz.states(network.trial, network.mesh)
    own = network.trial.output_layer.kernel.numpy()
    above = slice(network.mesh.states, None)
    energies = [network.energies.numpy(), network.scaling.own_energy(ritz[above])]
    return np.hstack([own, coefficients[:, above]]), np.concatenate(energies)


def psi_and_h_psi(
    chi: Array, curvature: Array, scaling: AnyScaling, potential: AnyWell, x: Array
) -> tuple[Array, Array]:
    """Psi and H psi in own units, each ``(n, m)``, of functions in scaled coordinates.

    Args:
        chi: The functions at x, ``(n, m)``.
        curvature: Their second derivatives by xi; in the plane their Laplacians.
        scaling: To own units.
        potential: V and rho.
        x: Positions of the normal form, shape ``(n,)``; in the plane ``(n, 2)``.
    """
    psi = scaling.amplitude * chi
    v, rho = values(potential, x)[:, None], potential.weight(x)[:, None]
    kinetic = -scaling.amplitude / (scaling.half_width**2 * rho) * curvature
    return psi, kinetic + v * psi
