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

from qwpinn.nodes import collocation_nodes
from qwpinn.potential import Potential, values
from qwpinn.scaling import Scaling
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


def samples(potential: Potential, scaling: Scaling) -> Samples:
    """The scaled equation on about 640 quadrature nodes, for the Ritz start."""
    nodes = collocation_nodes(potential, 640)
    return Samples(
        xi=scaling.position(nodes.nodes),
        potential=scaling.energy(values(potential, nodes.nodes)),
        weight=potential.weight(nodes.nodes) / scaling.weight_unit,
        quadrature=nodes.weights / scaling.half_width,
    )


def local_wavenumber(at: Samples, energy: float) -> Array:
    r"""k(\xi) = sqrt(rho |E - V| + (\pi/2)^2), positive at turning points too."""
    return np.sqrt(at.weight * np.abs(energy - at.potential) + (np.pi / 2) ** 2)


def attenuation(at: Samples, energy: float) -> Array:
    r"""Tunnelling factor exp(-\int kappa) from the nearest classically allowed point.

    kappa = sqrt(rho (V - E)) where V > E; 1 in allowed regions, and everywhere if there is none.
    """
    kappa = np.sqrt(at.weight * np.maximum(at.potential - energy, 0.0))
    allowed = kappa == 0.0
    if not allowed.any():
        return np.ones_like(kappa)
    depth = np.concatenate([[0.0], np.cumsum((kappa[1:] + kappa[:-1]) / 2 * np.diff(at.xi))])
    from_left = depth - np.maximum.accumulate(np.where(allowed, depth, -np.inf))
    after = np.minimum.accumulate(np.where(allowed, depth, np.inf)[::-1])[::-1]
    action = np.where(allowed, 0.0, np.minimum(from_left, after - depth))
    return np.asarray(np.exp(-action))


def _place_for(trial: TrialFunctions, at: Samples, energy: float, seed: int) -> None:
    """Set the first layer: tanh units at the quantiles of k(xi) times sqrt(attenuation).

    Slopes are 0.7 times this density at the centre, so that neighbours overlap where units are
    sparse, with random signs and a random factor from 0.6 to 1.4; the weights of kink features
    are normal with deviation 0.5.
    """
    rng = np.random.default_rng(seed)
    layer = trial.hidden.layers[0]
    inputs, units = layer.kernel.shape
    density = local_wavenumber(at, energy) * np.sqrt(attenuation(at, energy))
    share = density * at.quadrature
    mass = np.cumsum(share) - share / 2
    centres = np.interp((np.arange(units) + 0.5) / units * share.sum(), mass, at.xi)
    slopes = 0.7 * np.interp(centres, at.xi, density)
    slopes *= rng.uniform(0.6, 1.4, units) * rng.choice([-1.0, 1.0], units)
    kernel = np.vstack([slopes, 0.5 * rng.standard_normal((inputs - 1, units))])
    features = trial.features(tf.constant(centres[:, None], trial.compute_dtype)).numpy()
    layer.kernel.assign(kernel)
    layer.bias.assign(-np.einsum("un,nu->u", features, kernel))


def place_units(trial: TrialFunctions, at: Samples, seed: int, rounds: int = 3) -> None:
    """Place the first layer for the K lowest states.

    The placement needs E_K and the Ritz values need the placement, so both are repeated.

    Args:
        trial: Of one hidden layer; its kernel and bias are set.
        at: The scaled equation.
        seed: Of slopes and kink weights.
        rounds: How often.
    """
    energy = (np.pi / 2 * trial.states) ** 2 + float(np.mean(at.potential))
    for _ in range(rounds - 1):
        _place_for(trial, at, energy, seed)
        energy = float(rayleigh_ritz(trial.basis, at, trial.states)[0][-1])
    _place_for(trial, at, energy, seed)


def rayleigh_ritz(functions: Functions, at: Samples, states: int) -> tuple[Array, Array]:
    r"""The lowest states of H in the span of given functions.

    Solves the weak form \int (phi_i' phi_j' + rho V phi_i phi_j) c_j = E \int rho phi_i phi_j c_j
    in an orthonormal basis from a singular value decomposition.

    Args:
        functions: Maps scaled positions (n, 1) to (n, units).
        at: The quadrature.
        states: K, how many.

    Returns:
        Scaled energies ``(K,)`` and coefficients ``(units, K)`` of orthonormal states.

    Raises:
        ValueError: If the functions span fewer than K dimensions.
    """
    values, slopes = _values_and_slopes(functions, at.xi)
    mass = (at.weight * at.quadrature)[:, None]
    _, singular, rotation = np.linalg.svd(np.sqrt(mass) * values, full_matrices=False)
    kept = singular > RANK_TOLERANCE * singular[0]
    if kept.sum() < states:
        raise ValueError(
            f"`states` must be at most {kept.sum()}, the number of independent functions of this "
            f"network. Received: states={states}. Ask for fewer states or give it more units."
        )
    transform = rotation[kept].T / singular[kept]
    slopes, values = slopes @ transform, values @ transform
    hamiltonian = slopes.T @ (at.quadrature[:, None] * slopes)
    hamiltonian += values.T @ (mass * at.potential[:, None] * values)
    energies, coefficients = np.linalg.eigh((hamiltonian + hamiltonian.T) / 2)
    return energies[:states], transform @ coefficients[:, :states]


def _values_and_slopes(functions: Functions, xi: Array) -> tuple[Array, Array]:
    """Functions and derivatives on the points, each (n, units), by one forward sweep."""
    x = tf.constant(xi[:, None])
    with tf.autodiff.ForwardAccumulator(x, tf.ones_like(x)) as sweep:
        values = functions(x)
    return values.numpy(), sweep.jvp(values).numpy()
