"""The start of a family's network: units placed for all members, the rest from Ritz states."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.equation.mesh import Mesh
from qwpinn.families.points import ASKED
from qwpinn.families.residuals import FamilyEquation
from qwpinn.families.ritz import Refined, RefinedFamily
from qwpinn.inputs import check
from qwpinn.networks.ritz import place_layer

Array = NDArray[np.float64]

# Members whose states the branches learn, which have M numbers each.
BRANCHES_LEARN_FROM = 512


def place_trunk(model: FamilyEquation, seed: int) -> None:
    """Place the trunk's units in the moving frame, as dense as the states of all members need them.

    The density is the mean over some members of `qwpinn.equation.semiclassics.density`.

    Args:
        model: The network.
        seed: Of slopes and kink weights.
    """
    moving, family = model.operator.moving, model.family
    cells = np.linspace(-1.0, 1.0, 4001)
    share = np.zeros_like(cells)
    for p in family.points(ASKED):
        mesh = Mesh(family.potential(p), model.states)
        xi = tf.constant(mesh.profile.edges[:, None])
        at = moving(
            mesh.scaling.centre + mesh.scaling.half_width * xi, np.repeat(p[None], len(xi), 0)
        )
        mass = np.concatenate([[0.0], np.cumsum(mesh.density * mesh.profile.widths)])
        share += np.interp(cells, moving.common(at).numpy()[:, 0], mass) / ASKED
    trunk = model.operator.trunk
    density = np.diff(share) / np.diff(cells)
    place_layer(trunk.hidden.layers[0], cells, density, trunk.features, seed)


def start(model: RefinedFamily, p: Array, epochs: int) -> None:
    """Set modes, branches and energies by the trunk's Ritz states of members ``(n, m)``."""
    epochs = check.integer("epochs", epochs)
    refined = model.refinement.states(p)
    logs, operator = _logs(model, refined), model.operator
    operator.centre.assign(logs.mean(axis=0))
    operator.spread.assign(np.maximum(logs.std(axis=0), 1e-3))
    _set_modes(model, refined)
    model.surface.network.begin(logs)
    mixture = _mixture(model, refined)
    for k, branch in enumerate(operator.branches):
        branch.begin(mixture[:, :, k])
    _learn(model, p, refined, epochs)


def distill(model: RefinedFamily, p: Array, epochs: int) -> None:
    """Teach branches and energies by the trunk's Ritz states of members ``(n, m)``."""
    epochs = check.integer("epochs", epochs)
    _learn(model, p, model.refinement.states(p), epochs)


def _learn(model: RefinedFamily, p: Array, refined: Refined, epochs: int) -> None:
    """Energies from values and slopes; branches from what each state has of each mode."""
    u, logs, operator = model.family.scaled(p), _logs(model, refined), model.operator
    above = np.exp(logs)[:, :, None]
    slopes = refined.forces * model.family.stretch(p)[:, None, :] / above
    model.surface.network.learn(u, logs, slopes, 4 * epochs)
    energies = (logs - operator.centre.numpy()) / operator.spread.numpy()
    # The first of a Sobol sequence are spread as evenly as all of them.
    mixture, enough = _mixture(model, refined), slice(BRANCHES_LEARN_FROM)
    for k, branch in enumerate(operator.branches):
        inputs = np.column_stack([u, energies[:, k]])
        branch.learn(inputs[enough], mixture[enough, :, k], epochs=epochs)


def _logs(model: RefinedFamily, refined: Refined) -> Array:
    return np.asarray(np.log(refined.energies - model.floor))


def _units_at_centre(model: RefinedFamily) -> Array:
    """The trunk's units on the nodes of the middle member, times roots of weights: (q, units)."""
    family = model.family
    middle = next(model.refinement.features(family.unscaled(np.zeros((1, len(family.names))))))
    return np.asarray(np.sqrt(middle.at.weight * middle.at.quadrature)[:, None] * middle.phi)


def _set_modes(model: RefinedFamily, refined: Refined) -> None:
    """The M functions of the common coordinate that the states of all members are nearest to."""
    trunk, phi = model.operator.trunk, _units_at_centre(model)
    snapshots = (phi @ refined.coefficients).transpose(1, 0, 2).reshape(len(phi), -1)
    modes = np.linalg.svd(snapshots, full_matrices=False)[0][:, : trunk.states]
    trunk.output_layer.kernel.assign(np.linalg.lstsq(phi, modes, rcond=1e-9)[0])


def _mixture(model: RefinedFamily, refined: Refined) -> Array:
    """Coefficients of the modes in each state, by least squares, shape ``(n, M, K)``."""
    phi = _units_at_centre(model)
    modes = phi @ model.operator.trunk.output_layer.kernel.numpy()
    return np.asarray(np.linalg.pinv(modes) @ (phi @ refined.coefficients))
