"""The Ritz start: place the network's units by the local wavelength, then diagonalise H in them.

It picks the K lowest states in their right order before any training: no guess of the energies,
no psi = 0, no excited state taken for the ground state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from scipy.linalg import eigh

from qwpinn.equation.geometry import AnyMesh, values
from qwpinn.equation.mesh import RANK_TOLERANCE, Mesh, placed
from qwpinn.equation.placement import Placement
from qwpinn.networks.features import KinkFeatures, mlp
from qwpinn.networks.jumps import refuse_jumps
from qwpinn.networks.region_features import RegionFeatures
from qwpinn.networks.trial import TrialFunctions
from qwpinn.quadrature import first_lobe_signs
from qwpinn.training.squares import one_thread

Array = NDArray[np.float64]
Functions = Callable[[tf.Tensor], tf.Tensor]
# What a mesh may ask for as inputs.
FEATURES: Mapping[str, type[keras.Layer]] = {"kinks": KinkFeatures, "regions": RegionFeatures}

# Levels closer than this fraction of E - min V are taken for a doublet that rounding may mix.
DEGENERATE = 1e-8
# Of the units of the first network: so many are tried for each steepness.
TRIED = 0.6


class Samples(NamedTuple):
    """The scaled equation on quadrature points, increasing on a line; each of shape ``(n,)``.

    In the plane x are points ``(n, 2)``.
    """

    x: Array
    potential: Array
    weight: Array
    quadrature: Array


def samples(mesh: AnyMesh, units: int) -> Samples:
    """The scaled equation on quadrature nodes for the Ritz start."""
    potential, scaling = mesh.potential, mesh.scaling
    nodes = mesh.for_units(units)
    v, rho = values(potential, nodes.nodes), potential.weight(nodes.nodes)
    return Samples(
        scaling.position(nodes.nodes),
        scaling.energy(v),
        rho / scaling.weight_unit,
        nodes.weights / scaling.volume,
    )


def trial_for(
    mesh: AnyMesh,
    hidden: keras.Layer,
    seed: int,
    features: keras.Layer | None = None,
    lowest: int = 0,
) -> TrialFunctions:
    """The trial functions of a mesh's states over a hidden layer that sees where V jumps.

    Args:
        mesh: Of the well.
        hidden: The hidden layers.
        seed: Of the output coefficients.
        features: What it sees. Defaults to None: `usual_features`.
        lowest: How many of the mesh's states to leave out, from the lowest on.
    """
    features = usual_features(mesh) if features is None else features
    ends = mesh.ends.to_config()
    # Always of one name: TensorFlow keeps 32 KB for each name that a variable ever had.
    states = mesh.states - lowest
    return TrialFunctions(states, features, hidden, seed, ends=ends, name="trial_functions")


def usual_features(mesh: AnyMesh) -> keras.Layer:
    """Functions with kinks where V jumps: `KinkFeatures`, in the plane `RegionFeatures`."""
    kind, arguments = mesh.inputs
    return FEATURES[kind](*arguments)


def plain_features(mesh: AnyMesh) -> keras.Layer:
    """The coordinates alone, as `usual_features` are where V jumps nowhere."""
    return FEATURES[mesh.inputs[0]]()


def place_units(trial: TrialFunctions, mesh: AnyMesh, seed: int) -> None:
    """Set the first layer: tanh units where the mesh has them, each as steep as it says.

    The weights of kink features are normal, of the deviation that the mesh says.

    Args:
        trial: Of one hidden layer; its kernel and bias are set.
        mesh: Of the potential, for as many states.
        seed: Of slopes and kink weights.
    """
    settle_steepness(mesh, seed)
    layer = trial.hidden.layers[0]
    rng = np.random.default_rng(seed)
    at = mesh.placed(layer.kernel.shape[1], rng)
    _set_units(layer, at, trial.features, mesh.kink_weights, rng)


def settle_steepness(mesh: AnyMesh, seed: int) -> None:
    """Have a mesh place units as steep as gives the lowest energies, where it leaves that open.

    Ritz values are upper bounds of the levels: of several networks of one size, the one with the
    lowest sum is the best. Smaller ones than will be used tell it as well, from the least steep on:
    sums that have begun to rise do not fall again.
    """
    if mesh.steepness is not None:
        return
    units = round(TRIED * mesh.fewest_units(mesh.states))
    best, lowest = mesh.steepnesses[0], np.inf
    for steepness in mesh.steepnesses:
        mesh.steepness = steepness
        trial = trial_for(mesh, mlp([units], seed), seed)
        trial.build((None, mesh.ends.dimensions))
        place_units(trial, mesh, seed)
        found = float(np.sum(ritz_states(trial, mesh)[0]))
        if found > lowest:
            break
        best, lowest = steepness, found
    mesh.steepness = best


def place_layer(
    layer: keras.layers.Dense, edges: Array, density: Array, features: Functions, seed: int
) -> None:
    """The same for any layer of tanh units on a line, by a density of units.

    Args:
        layer: Its kernel and bias are set.
        edges: Of cells, from -1 to 1, shape ``(n + 1,)``.
        density: Units wanted per unit of xi in each cell, up to a factor, ``(n,)``.
        features: Maps xi ``(units, 1)`` to the layer's inputs, of which xi is the first.
        seed: Of slopes and kink weights.
    """
    rng = np.random.default_rng(seed)
    at = placed(edges, density, layer.kernel.shape[1], rng)
    _set_units(layer, at, features, Mesh.kink_weights, rng)


def _set_units(
    layer: keras.layers.Dense,
    at: Placement,
    features: Functions,
    deviation: Callable[[int], float],
    rng: np.random.Generator,
) -> None:
    """Units that are zero at their centres, with slopes there, and kink weights at random."""
    inputs, units = layer.kernel.shape
    more = inputs - at.slopes.shape[1]
    kernel = np.vstack([at.slopes.T, deviation(more) * rng.standard_normal((more, units))])
    seen = features(tf.constant(at.centres, layer.compute_dtype)).numpy()
    layer.kernel.assign(kernel)
    layer.bias.assign(-np.einsum("un,nu->u", seen, kernel))


def ritz_states(trial: TrialFunctions, mesh: AnyMesh, guards: int = 0) -> tuple[Array, Array]:
    """The Ritz states in a network's last hidden layer, of definite parity if the well is even.

    Args:
        trial: The network.
        mesh: Of the potential, for K states.
        guards: How many states more, as far as the layer has room.

    Returns:
        Scaled energies ``(m,)`` and output coefficients ``(units, m)``, K <= m <= K + guards. The
        first lobe of each state from the left is positive.

    Raises:
        ValueError: If the layer spans fewer than K dimensions.
    """
    at = samples(mesh, trial.units)
    phi, *slopes = trial.derivatives(at.x, (0, 1))
    # One more, for a doublet may be cut in two by the last state.
    energies, coefficients = ritz_in_span(
        phi, slopes, at, mesh.states, guards + 1, mesh.rank_tolerance
    )
    if mesh.symmetric:

        def mirrored() -> Array:
            return trial.derivatives(-at.x, (0,))[0]

        energies, coefficients = with_parity(phi, mirrored, at, energies, coefficients)
    wanted = mesh.states + guards
    coefficients = coefficients[:, :wanted]
    return energies[:wanted], coefficients * first_lobe_signs(phi @ coefficients)


class RitzMemory:
    """Ritz states of a network, remembered until a weight beneath its output changes."""

    def __init__(self) -> None:
        self._known: tuple[list[Array], tuple[Array, Array]] | None = None

    def states(self, trial: TrialFunctions, mesh: AnyMesh) -> tuple[Array, Array]:
        """`ritz_states` of K states and as many guards as a certificate takes.

        Raises:
            ValueError: See `qwpinn.networks.jumps.refuse_jumps`.
        """
        weights = trial.features.get_weights() + trial.hidden.get_weights()
        if self._known is None or not all(map(np.array_equal, self._known[0], weights)):
            refuse_jumps(trial, mesh)
            self._known = weights, ritz_states(trial, mesh, mesh.guards)
        return self._known[1]


def ritz_in_span(
    phi: Array,
    slopes: Sequence[Array],
    at: Samples,
    states: int,
    guards: int = 0,
    tolerance: float = RANK_TOLERANCE,
) -> tuple[Array, Array]:
    r"""The lowest states of H in the span of functions that are given on a quadrature.

    Solves the weak form \int (phi_i' phi_j' + rho V phi_i phi_j) c_j = E \int rho phi_i phi_j c_j
    in a nearly orthonormal basis from a singular value decomposition.

    Args:
        phi: Shape ``(n, units)``.
        slopes: d phi / d xi; in the plane by either coordinate.
        at: The quadrature.
        states: K, how many.
        guards: How many more, as far as the functions span so many.
        tolerance: Singular values of a smaller share of the largest are dropped: divided by them,
            rounding errors would be larger than what the features add.

    Returns:
        Scaled energies ``(m,)`` and coefficients ``(units, m)`` of m orthonormal states, K <= m.

    Raises:
        ValueError: If the functions span fewer than K dimensions.
    """
    with one_thread():
        return _ritz(phi, slopes, at, states, guards, tolerance)


def _ritz(
    phi: Array,
    slopes: Sequence[Array],
    at: Samples,
    states: int,
    guards: int,
    tolerance: float,
) -> tuple[Array, Array]:
    mass = (at.weight * at.quadrature)[:, None]
    singular, rotation = np.linalg.svd(_triangular(np.sqrt(mass), phi))[1:]
    kept = singular > tolerance * singular[0]
    if kept.sum() < states:
        raise ValueError(
            f"`states` must be at most {kept.sum()}, the number of independent functions of this "
            f"network. Received: states={states}. Ask for fewer states or give it more units."
        )
    transform = rotation[kept].T / singular[kept]
    # Divided by small singular values, the basis is orthonormal but for rounding; the overlap as
    # it is makes residuals up to a thousand times smaller than the identity in its place.
    size = int(kept.sum())
    hamiltonian, overlap = np.zeros((size, size)), np.zeros((size, size))
    for rows in _blocks(phi):
        based = phi[rows] @ transform
        for slope in slopes:
            bent = slope[rows] @ transform
            hamiltonian += bent.T @ (at.quadrature[rows, None] * bent)
        hamiltonian += based.T @ (mass[rows] * at.potential[rows, None] * based)
        overlap += based.T @ (mass[rows] * based)
    last = min(states + guards, int(kept.sum())) - 1
    energies, coefficients = eigh(hamiltonian, overlap, subset_by_index=(0, last))
    return energies, transform @ coefficients


def _blocks(phi: Array) -> list[slice]:
    """Rows of a tall matrix, as many as columns at once: copies of it take memory."""
    step = max(1024, phi.shape[1])
    return [slice(at, at + step) for at in range(0, len(phi), step)]


def _triangular(scale: Array, phi: Array) -> Array:
    """R of scale phi = Q R, which has its singular values and right vectors, block by block."""
    found = np.zeros((0, phi.shape[1]))
    for rows in _blocks(phi):
        found = np.asarray(np.linalg.qr(np.vstack([found, scale[rows] * phi[rows]]), mode="r"))
    return found


def with_parity(
    phi: Array, mirrored: Callable[[], Array], at: Samples, energies: Array, coefficients: Array
) -> tuple[Array, Array]:
    """Ritz states of a symmetric potential, level k with parity (-1)^k in degenerate groups too.

    Where rounding does not tell the levels of a tunnelling doublet apart, any rotation of the two
    is as good a Ritz state; the even and the odd one are those that the equation has.

    Args:
        phi: As for `ritz_in_span`, which gave the rest.
        mirrored: Gives the same functions at the mirrored points.
        at: The quadrature.
        energies: Scaled, ``(m,)``.
        coefficients: ``(units, m)``.
    """
    energies, coefficients = energies.copy(), coefficients.copy()
    apart = np.diff(energies) > DEGENERATE * energies[1:]
    for group in np.split(np.arange(energies.size), np.flatnonzero(apart) + 1):
        if group.size == 1:
            continue
        here, there = (functions @ coefficients[:, group] for functions in (phi, mirrored()))
        mirror = here.T @ ((at.weight * at.quadrature)[:, None] * there)
        parity, rotation = np.linalg.eigh((mirror + mirror.T) / 2)
        slots = np.argsort(group % 2 == 0, kind="stable")  # Odd levels first, as `eigh` has them.
        if np.sum(parity > 0.0) != np.sum(group % 2 == 0):
            continue
        coefficients[:, group[slots]] = coefficients[:, group] @ rotation
        energies[group] = np.sort(energies[group] @ rotation**2)
    return energies, coefficients
