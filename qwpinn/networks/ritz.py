"""The Ritz start: place the network's units by the local wavelength, then diagonalise H in them.

It picks the K lowest states in their right order before any training: no guess of the energies,
no psi = 0, no excited state taken for the ground state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from scipy.linalg import eigh

from qwpinn.enclosures.integrals import FEWEST, ORDER
from qwpinn.equation.mesh import Mesh
from qwpinn.equation.potential import values
from qwpinn.networks.features import KinkFeatures
from qwpinn.networks.trial import TrialFunctions
from qwpinn.quadrature import first_lobe_signs
from qwpinn.training.squares import one_thread

Array = NDArray[np.float64]
Functions = Callable[[tf.Tensor], tf.Tensor]

# Features whose singular values lie below this fraction of the largest are dropped: divided by
# them, rounding errors would be larger than what the features add.
RANK_TOLERANCE = 1e-11
# Levels closer than this fraction of E - min V are taken for a doublet that rounding may mix.
DEGENERATE = 1e-8
# Where a jump at a breakpoint is looked for, and how large one is seen, of a function's size.
STEP, JUMP = 1e-7, 1e-9
# How much of its size a function may change between the nodes next to a breakpoint.
STEEP = 0.5
# States above those that are asked for, which guard them in a certificate.
GUARDS = 4


class Samples(NamedTuple):
    """The scaled equation on an increasing grid of quadrature points, each of shape ``(n,)``."""

    x: Array
    potential: Array
    weight: Array
    quadrature: Array


def samples(mesh: Mesh, units: int) -> Samples:
    """The scaled equation on quadrature nodes, five a unit, for the Ritz start."""
    potential, scaling = mesh.potential, mesh.scaling
    nodes = mesh.quadrature(max(360, 5 * units), order=12)
    own = {
        "x": nodes.nodes,
        "potential": values(potential, nodes.nodes),
        "weight": potential.weight(nodes.nodes),
        "quadrature": nodes.weights,
    }
    return Samples(**scaling.equation(own))


def trial_for(
    mesh: Mesh,
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
        features: What it sees. Defaults to None: `KinkFeatures` at the breakpoints.
        lowest: How many of the mesh's states to leave out, from the lowest on.
    """
    features = KinkFeatures(*mesh.kinks) if features is None else features
    ends = mesh.potential.boundary_conditions.name
    # Always of one name: TensorFlow keeps 32 KB for each name that a variable ever had.
    states = mesh.states - lowest
    return TrialFunctions(states, features, hidden, seed, ends=ends, name="trial_functions")


def place_units(trial: TrialFunctions, mesh: Mesh, seed: int) -> None:
    """Set the first layer: tanh units at the quantiles of `qwpinn.equation.semiclassics.density`.

    Slopes are 0.7 times this density at the centre, so that neighbours overlap where units are
    sparse, with random signs and a random factor from 0.6 to 1.4; the weights of kink features
    are normal with deviation 0.5.

    Args:
        trial: Of one hidden layer; its kernel and bias are set.
        mesh: Of the potential, for as many states.
        seed: Of slopes and kink weights.
    """
    edges, density = mesh.profile.edges, mesh.density
    place_layer(trial.hidden.layers[0], edges, density, trial.features, seed)


def place_layer(
    layer: keras.layers.Dense, edges: Array, density: Array, features: Functions, seed: int
) -> None:
    """The same for any layer of tanh units, by a density of units.

    Args:
        layer: Its kernel and bias are set.
        edges: Of cells, from -1 to 1, shape ``(n + 1,)``.
        density: Units wanted per unit of xi in each cell, up to a factor, ``(n,)``.
        features: Maps xi ``(units, 1)`` to the layer's inputs, of which xi is the first.
        seed: Of slopes and kink weights.
    """
    rng = np.random.default_rng(seed)
    inputs, units = layer.kernel.shape
    mass = np.concatenate([[0.0], np.cumsum(density * np.diff(edges))])
    centres = np.interp((np.arange(units) + 0.5) / units * mass[-1], mass, edges)
    slopes = 0.7 * np.interp(centres, (edges[1:] + edges[:-1]) / 2, density)
    slopes *= rng.uniform(0.6, 1.4, units) * rng.choice([-1.0, 1.0], units)
    kernel = np.vstack([slopes, 0.5 * rng.standard_normal((inputs - 1, units))])
    seen = features(tf.constant(centres[:, None], layer.compute_dtype)).numpy()
    layer.kernel.assign(kernel)
    layer.bias.assign(-np.einsum("un,nu->u", seen, kernel))


def ritz_states(trial: TrialFunctions, mesh: Mesh, guards: int = 0) -> tuple[Array, Array]:
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
    phi, slopes = trial.derivatives(at.x, (0, 1))
    # One more, for a doublet may be cut in two by the last state.
    energies, coefficients = ritz_in_span(phi, slopes, at, mesh.states, guards + 1)
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

    def states(self, trial: TrialFunctions, mesh: Mesh) -> tuple[Array, Array]:
        """`ritz_states` of K states and as many guards as a certificate takes.

        Raises:
            ValueError: See `refuse_jumps`.
        """
        weights = trial.features.get_weights() + trial.hidden.get_weights()
        if self._known is None or not all(map(np.array_equal, self._known[0], weights)):
            refuse_jumps(trial, mesh)
            self._known = weights, ritz_states(trial, mesh, GUARDS)
        return self._known[1]


def refuse_jumps(trial: TrialFunctions, mesh: Mesh) -> None:
    """Refuse functions that jump, or their slopes, at breakpoints, where no quadrature sees it.

    Of such the forms of Ritz and of every bound say nothing of the levels. What is steep between
    the nodes next to a breakpoint is as good as a jump.

    Raises:
        ValueError: With the first breakpoint where one does.
    """
    x = np.array(mesh.potential.breakpoints, np.float64)
    if not x.size:
        return
    xi = mesh.scaling.position(x)
    nodes = mesh.scaling.position(mesh.quadrature(FEWEST, ORDER).nodes)
    nearest = np.min(np.abs(xi[:, None] - nodes), axis=1)
    # Slopes take as long again, and of the usual network are not asked for.
    orders = (0, 1) if trial.known is None else (0,)
    everywhere = trial.derivatives(np.linspace(-1.0, 1.0, 257), orders)
    # Of each function in units of its own size, for a psi may be made of it alone.
    sizes = [np.max(np.abs(values), axis=0) for values in everywhere]
    (below,), (above,) = (trial.derivatives(xi + side * nearest, (0,)) for side in (-1, 1))
    jumps = np.any(np.abs(above - below) > STEEP * sizes[0], axis=1)
    if trial.known is None:
        step = np.full_like(nearest, STEP)
        wide, close = _jumps(trial, xi, step), _jumps(trial, xi, step / 4.0)
        for size, far, near in zip(sizes, wide, close, strict=True):
            # A jump of the curvature, which V has, leaves a sixteenth at a quarter of the distance.
            jumps |= np.any((far > JUMP * size) & (near > far / 8.0), axis=1)
    if jumps.any():
        raise ValueError(
            "`hidden` must be continuous, and so must its slope, for Ritz states and bounds of "
            f"levels. Received: a jump at x={x[jumps][0]:.6g}, or a unit as steep as one. Ask such "
            "a model for `energies` alone."
        )


def _jumps(trial: TrialFunctions, xi: Array, step: Array) -> list[Array]:
    """What is left of differences across positions when their linear part is taken out.

    Of the functions and of their slopes, each ``(positions, units)``.
    """
    sides = [trial.derivatives(xi + side * step, (0, 1)) for side in (-2, -1, 1, 2)]
    return [
        np.abs(2.0 * (above - below) - (far_above - far_below))
        for far_below, below, above, far_above in zip(*sides, strict=True)
    ]


def ritz_in_span(
    phi: Array, slopes: Array, at: Samples, states: int, guards: int = 0
) -> tuple[Array, Array]:
    r"""The lowest states of H in the span of functions that are given on a quadrature.

    Solves the weak form \int (phi_i' phi_j' + rho V phi_i phi_j) c_j = E \int rho phi_i phi_j c_j
    in a nearly orthonormal basis from a singular value decomposition.

    Args:
        phi: Shape ``(n, units)``.
        slopes: d phi / d xi.
        at: The quadrature.
        states: K, how many.
        guards: How many more, as far as the functions span so many.

    Returns:
        Scaled energies ``(m,)`` and coefficients ``(units, m)`` of m orthonormal states, K <= m.

    Raises:
        ValueError: If the functions span fewer than K dimensions.
    """
    with one_thread():
        return _ritz(phi, slopes, at, states, guards)


def _ritz(phi: Array, slopes: Array, at: Samples, states: int, guards: int) -> tuple[Array, Array]:
    mass = (at.weight * at.quadrature)[:, None]
    singular, rotation = np.linalg.svd(_triangular(np.sqrt(mass), phi))[1:]
    kept = singular > RANK_TOLERANCE * singular[0]
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
        bent, based = slopes[rows] @ transform, phi[rows] @ transform
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
