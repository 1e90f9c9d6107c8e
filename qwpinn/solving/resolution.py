"""Resolution: how far levels move when every second sample of a table is left out.

An enclosure holds the levels of the V that is solved. Where V is an interpolant, its distance from
the curve behind the table is not in it; what a coarser table does to the levels says how large that
distance is: for a smooth curve and cubic splines about fifteen times as large as what the table
itself costs, three times for straight lines, and as large for a jump somewhere in a cell.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.equation.layers import subdivided
from qwpinn.equation.mesh import Mesh
from qwpinn.equation.potential import Potential
from qwpinn.networks.ritz import ritz_states
from qwpinn.networks.well_model import Network
from qwpinn.quadrature import gauss_legendre
from qwpinn.startup import refuse_fork
from qwpinn.training.residuals import Functions

Array = NDArray[np.float64]

# Ritz states beside those that are asked for, into which a large change mixes them.
BESIDE = 40
# Panels of three nodes: the integral of a change is refined from few to many until it settles.
FEWEST, MOST = 500, 64_000
SETTLED = 0.02
# Nodes on which the network is evaluated at once.
BATCH = 20_000


def data_shift(model: Network, coarser: Potential) -> Array:
    r"""E_k of a coarser table minus E_k, shape ``(K,)``, by a Ritz step in the network's features.

    The matrix of the change, \\int rho (V_coarser - V) psi_i psi_j dx, is added to the energies of
    the K and some more Ritz states, and diagonalised: a large change is as good as a small one.

    Args:
        model: A `QuantumWellPINN`.
        coarser: The `Potential.coarser` of its potential.
    """
    mesh = model.mesh
    levels, coefficients = ritz_states(model.trial, mesh, BESIDE)
    states, before = model.trial.states, np.full(model.trial.states, np.inf)
    own = slice(model.lowest, model.lowest + states)
    panels = FEWEST
    while True:
        change = _change(model.trial.basis, mesh, coarser, coefficients, panels)
        moved = np.linalg.eigvalsh(np.diag(levels) + change)[own]
        shift = moved - levels[own]
        rounding = 1e-13 * np.max(np.abs(levels[own]))
        settled = np.abs(shift - before) <= SETTLED * np.abs(shift) + rounding
        if settled.all() or panels >= MOST:
            return np.asarray(mesh.scaling.energy_unit * shift)
        panels, before = 2 * panels, shift


def _change(
    basis: Functions, mesh: Mesh, coarser: Potential, coefficients: Array, panels: int
) -> Array:
    """The matrix of V_coarser - V in scaled units, ``(m, m)``, on so many panels at the least."""
    potential, scaling = mesh.potential, mesh.scaling
    walls = potential.interval
    ends = np.union1d(potential.smooth_pieces, coarser.breakpoints)
    inside = ends[(ends >= walls[0]) & (ends <= walls[1])]
    even = subdivided(np.array(walls), panels)[1:-1]
    rule = gauss_legendre(np.union1d(inside, even), 3)
    found = np.zeros((coefficients.shape[1],) * 2)
    for first in range(0, rule.nodes.size, BATCH):
        x = rule.nodes[first : first + BATCH]
        psi = basis(tf.constant(scaling.position(x)[:, None])).numpy() @ coefficients
        rho = potential.weight(x) / scaling.weight_unit
        change = (coarser(x) - potential(x)) / scaling.energy_unit
        measure = rule.weights[first : first + BATCH] / scaling.half_width * rho * change
        found += psi.T @ (measure[:, None] * psi)
    return found


def resolved_states(network: Network) -> tuple[Potential, Array, Array]:
    """A network's equation, positions of its own mesh, and its normalised states there."""
    refuse_fork("solution")
    form: Potential = network.mesh.potential
    rule = network.mesh.quadrature(2000, order=6)
    xi = tf.constant(network.scaling.position(rule.nodes)[:, None])
    psi = np.asarray(network.trial(xi).numpy(), np.float64)
    norms = np.sqrt((rule.weights * form.weight(rule.nodes)) @ np.square(psi))
    return form, rule.nodes, psi / np.maximum(norms, 1e-300)
