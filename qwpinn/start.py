"""The Ritz start: place the network's units by the local wavelength, then diagonalise H in them.

It picks the K lowest states in their right order before any training: no guess of the energies,
no psi = 0, no excited state taken for the ground state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from scipy.linalg import eigh

from qwpinn.mesh import Mesh
from qwpinn.potential import values
from qwpinn.residuals import derivative
from qwpinn.trial import TrialFunctions

Array = NDArray[np.float64]
Functions = Callable[[tf.Tensor], tf.Tensor]

# Features whose singular values lie below this fraction of the largest are dropped: divided by
# them, rounding errors would be larger than what the features add.
RANK_TOLERANCE = 1e-11


class Samples(NamedTuple):
    """The scaled equation on an increasing grid of quadrature points, each of shape ``(n,)``."""

    xi: Array
    potential: Array
    weight: Array
    quadrature: Array


def samples(mesh: Mesh, units: int) -> Samples:
    """The scaled equation on quadrature nodes, five a unit, for the Ritz start."""
    potential, scaling = mesh.potential, mesh.scaling
    nodes = mesh.quadrature(max(360, 5 * units), order=12)
    return Samples(
        xi=scaling.position(nodes.nodes),
        potential=scaling.energy(values(potential, nodes.nodes)),
        weight=potential.weight(nodes.nodes) / scaling.weight_unit,
        quadrature=nodes.weights / scaling.half_width,
    )


def place_units(trial: TrialFunctions, mesh: Mesh, seed: int) -> None:
    """Set the first layer: tanh units at the quantiles of `qwpinn.wkb.density`.

    Slopes are 0.7 times this density at the centre, so that neighbours overlap where units are
    sparse, with random signs and a random factor from 0.6 to 1.4; the weights of kink features
    are normal with deviation 0.5.

    Args:
        trial: Of one hidden layer; its kernel and bias are set.
        mesh: Of the potential, for as many states.
        seed: Of slopes and kink weights.
    """
    rng = np.random.default_rng(seed)
    layer = trial.hidden.layers[0]
    inputs, units = layer.kernel.shape
    mass = np.concatenate([[0.0], np.cumsum(mesh.density * mesh.profile.widths)])
    centres = np.interp((np.arange(units) + 0.5) / units * mass[-1], mass, mesh.profile.edges)
    slopes = 0.7 * np.interp(centres, mesh.profile.middles, mesh.density)
    slopes *= rng.uniform(0.6, 1.4, units) * rng.choice([-1.0, 1.0], units)
    kernel = np.vstack([slopes, 0.5 * rng.standard_normal((inputs - 1, units))])
    features = trial.features(tf.constant(centres[:, None], trial.compute_dtype)).numpy()
    layer.kernel.assign(kernel)
    layer.bias.assign(-np.einsum("un,nu->u", features, kernel))


def rayleigh_ritz(functions: Functions, at: Samples, states: int) -> tuple[Array, Array]:
    r"""The lowest states of H in the span of given functions.

    Solves the weak form \int (phi_i' phi_j' + rho V phi_i phi_j) c_j = E \int rho phi_i phi_j c_j
    in a nearly orthonormal basis from a singular value decomposition.

    Args:
        functions: Maps scaled positions (n, 1) to (n, units).
        at: The quadrature.
        states: K, how many.

    Returns:
        Scaled energies ``(K,)`` and coefficients ``(units, K)`` of orthonormal states.

    Raises:
        ValueError: If the functions span fewer than K dimensions.
    """
    x = tf.constant(at.xi[:, None])
    phi, slopes = functions(x).numpy(), derivative(functions)(x).numpy()
    mass = (at.weight * at.quadrature)[:, None]
    _, singular, rotation = np.linalg.svd(np.sqrt(mass) * phi, full_matrices=False)
    kept = singular > RANK_TOLERANCE * singular[0]
    if kept.sum() < states:
        raise ValueError(
            f"`states` must be at most {kept.sum()}, the number of independent functions of this "
            f"network. Received: states={states}. Ask for fewer states or give it more units."
        )
    transform = rotation[kept].T / singular[kept]
    slopes, phi = slopes @ transform, phi @ transform
    hamiltonian = slopes.T @ (at.quadrature[:, None] * slopes)
    hamiltonian += phi.T @ (mass * at.potential[:, None] * phi)
    # Divided by small singular values, the basis is orthonormal but for rounding; the overlap as
    # it is makes residuals up to a thousand times smaller than the identity in its place.
    overlap = phi.T @ (mass * phi)
    energies, coefficients = eigh(hamiltonian, overlap, subset_by_index=(0, states - 1))
    return energies, transform @ coefficients
