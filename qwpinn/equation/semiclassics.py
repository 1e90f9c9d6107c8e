"""Semiclassics: where psi turns and where it dies, from V alone.

A network has few units and a quadrature few nodes; the local wavenumber says where they are needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import scipy
from numpy.typing import NDArray

from qwpinn.equation.potential import Potential, values
from qwpinn.equation.scaling import Scaling
from qwpinn.quadrature import evenly

Array = NDArray[np.float64]

# The most jumps of V, and the most mere kinks, that get a feature of the network each.
MOST_JUMPS = 64
MOST_KINKS = 32
# The most cells of a profile.
MOST_CELLS = 2**16


@dataclass(frozen=True)
class Profile:
    """The scaled equation on a fine grid of cells, none of which straddles a breakpoint.

    Attributes:
        edges: The cells' ends xi, from -1 to 1, shape ``(n + 1,)``.
        potential: Scaled V at the cells' middles, shape ``(n,)``.
        weight: Scaled rho there, shape ``(n,)``.
        joined: Whether no breakpoint lies between a cell and the next, shape ``(n - 1,)``.
    """

    edges: Array
    potential: Array
    weight: Array
    joined: NDArray[np.bool_]
    _levels: dict[float, float] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def widths(self) -> Array:
        """Of the cells, shape ``(n,)``."""
        return np.diff(self.edges)

    @property
    def middles(self) -> Array:
        """Of the cells, shape ``(n,)``."""
        return (self.edges[1:] + self.edges[:-1]) / 2


def profile(potential: Potential, scaling: Scaling, states: int = 1) -> Profile:
    """About 4000 cells, at least 64 between two breakpoints, and more where the K states live.

    With more than 4096 stretches between breakpoints there are fewer cells in each, at least 4.
    Where a state as Bohr and Sommerfeld have it turns or decays by more than a quarter of a radian
    in a cell, down to e^{-25} of its height, the cell and its mirror image are halved: a well that
    falls into one cell of a wide box draws its levels, and with them further cells, down to its
    bottom, until there are 2^16.

    Args:
        potential: The well.
        scaling: Its scaling.
        states: K.
    """
    ends = np.union1d(potential.smooth_pieces, potential.narrow[0])
    shares = np.diff(ends) / (ends[-1] - ends[0])
    # Less rounding, so that mirrored stretches get as many; of long tables, fewer.
    least = int(np.clip(4 * MOST_CELLS // shares.size, 4, 64))
    counts = np.maximum(least, np.ceil(4000 * shares - 1e-9)).astype(int)
    edges = evenly(ends, counts)
    at = _on(edges, potential, scaling)
    while (coarse := _coarse(at, states)).any():
        middles = (edges[1:] + edges[:-1])[coarse] / 2
        if edges.size + middles.size > MOST_CELLS:
            break
        edges = np.sort(np.concatenate([edges, middles]))
        at = _on(edges, potential, scaling)
    return at


def _on(edges: Array, potential: Potential, scaling: Scaling) -> Profile:
    x = (edges[1:] + edges[:-1]) / 2
    return Profile(
        edges=scaling.position(edges),
        potential=scaling.energy(values(potential, x)),
        weight=potential.weight(x) / scaling.weight_unit,
        joined=~np.isin(edges[1:-1], potential.breakpoints),
    )


def _coarse(at: Profile, states: int) -> NDArray[np.bool_]:
    """The cells in which the ground state or level K varies too much, and their mirror images."""
    found = np.zeros(at.potential.size, np.bool_)
    for energy in (level(at, number) for number in (0.5, states + 0.5)):
        wide = at.widths * np.sqrt(at.weight * np.abs(energy - at.potential)) > 0.25
        if wide.any():
            found |= wide & (attenuation(at, energy) > np.exp(-25.0))
    # Cells narrower than this have no middle of their own in floating point.
    return (found | found[::-1]) & (at.widths > 1e-13)


def level(at: Profile, number: float) -> float:
    r"""The scaled energy at which the action is a multiple of pi (Bohr and Sommerfeld).

    .. math:: \int \sqrt{\rho \, \max(E - V, 0)} \, d\xi = \pi \cdot \mathrm{number}

    Args:
        at: The scaled equation.
        number: > 0; n + 1/2 for level n = 0, 1, ... of a well without walls.

    Reference:
        L. D. Landau and E. M. Lifshitz, Quantum Mechanics, section 48,
        ISBN 978-0-08-020940-1
    """
    if number not in at._levels:
        at._levels[number] = _level(at, number)
    return at._levels[number]


def _level(at: Profile, number: float) -> float:
    widths = at.widths

    def excess(energy: float) -> float:
        k = np.sqrt(at.weight * np.maximum(energy - at.potential, 0.0))
        return float(widths @ k) - np.pi * number

    lowest, highest = float(np.min(at.potential)), float(np.max(at.potential))
    return float(
        scipy.optimize.brentq(excess, lowest, highest + (np.pi * number) ** 2 / np.min(at.weight))
    )


def ground_energy(potential: Potential) -> float:
    """About E_0 - min V of a potential in the coordinate of the equation, in its own unit."""
    scaling = Scaling.for_potential(potential)
    return scaling.energy_unit * level(profile(potential, scaling), 0.5)


def local_wavenumber(at: Profile, energy: float) -> Array:
    r"""k(\xi) = sqrt(rho |E - V| + (\pi/2)^2), positive at turning points too."""
    return np.sqrt(at.weight * np.abs(energy - at.potential) + (np.pi / 2) ** 2)


def attenuation(at: Profile, energy: float) -> Array:
    r"""Tunnelling factor exp(-\int kappa) from the nearest classically allowed cell.

    kappa = sqrt(rho (V - E)) where V > E; 1 in allowed cells, and everywhere if there is none.
    """
    kappa = np.sqrt(at.weight * np.maximum(at.potential - energy, 0.0))
    allowed = kappa == 0.0
    if not allowed.any():
        return np.ones_like(kappa)
    steps = (kappa[1:] + kappa[:-1]) / 2 * np.diff(at.middles)
    depth = np.concatenate([[0.0], np.cumsum(steps)])
    from_left = depth - np.maximum.accumulate(np.where(allowed, depth, -np.inf))
    after = np.minimum.accumulate(np.where(allowed, depth, np.inf)[::-1])[::-1]
    action = np.where(allowed, 0.0, np.minimum(from_left, after - depth))
    # Far from where E is allowed nothing is left.
    with np.errstate(under="ignore"):
        return np.asarray(np.exp(-action))


def strain(at: Profile, states: int) -> float:
    r"""(\int rho V^2 dxi / width of the well)^(1/2) / E_0, V and E_0 counted from min V.

    Where psi has died a network's units cancel to rounding, some 4000 times that of psi's largest
    value as measured; times this, it is in H psi, and so in eta / E.

    Args:
        at: The scaled equation.
        states: K; the well is where level K is allowed.
    """
    allowed, floor = at.potential < level(at, states + 0.5), np.min(at.potential)
    square = at.widths @ (at.weight * (at.potential - floor) ** 2)
    return float(np.sqrt(square / np.sum(at.widths[allowed])) / (level(at, 0.5) - floor))


def reach(at: Profile, states: int) -> tuple[float, float]:
    """The xi between which level K is above e^{-40} of its height."""
    alive = np.flatnonzero(attenuation(at, level(at, states + 0.5)) > np.exp(-40.0))
    return float(at.edges[alive[0]]), float(at.edges[alive[-1] + 1])


def density(at: Profile, states: int) -> Array:
    r"""How densely the K lowest states need units, per unit of xi, shape ``(n,)``.

    (k + steepness / 2) sqrt(attenuation), the larger of that for the ground state and for level K:
    where the highest state of all is free, the ground state may still have a tail to resolve.
    """
    energies = [level(at, number) for number in (0.5, states + 0.5)]
    each = [
        (local_wavenumber(at, e) + 0.5 * steepness(at, e)) * np.sqrt(attenuation(at, e))
        for e in energies
    ]
    return np.asarray(np.maximum(*each))


def steepness(at: Profile, energy: float) -> Array:
    """|V'| / (V - min V + E - min V), shape ``(n,)``, without the jumps.

    Its integral is the logarithm of how much V rises: a smooth step gets a few units however steep
    it is, where the wavelength alone would let it slip between two of them.
    """
    above = at.potential - np.min(at.potential)
    rise = np.where(at.joined, np.abs(np.diff(above)) / np.diff(at.middles), 0.0)
    slope = (np.append(rise, 0.0) + np.insert(rise, 0, 0.0)) / 2
    return np.asarray(slope / (above + energy - np.min(at.potential)))


def kink_sharpness(potential: Potential, scaling: Scaling) -> tuple[Array, Array]:
    r"""Scaled breakpoints and their q = max(1, 0.35 sqrt(jump)), for `KinkFeatures`.

    The jump is that of rho V, plus that of rho: sqrt(jump) is the change of the local wavenumber
    at the breakpoint. Of more than 64 jumps the largest are taken. Where V has a mere kink, psi is
    one derivative smoother: those count only while there are no more than 32 breakpoints, as a
    network gains nothing from the hundreds of a table. Each result has shape ``(kinks,)``.
    """
    x = np.asarray(potential.breakpoints, np.float64)
    if not x.size:
        return x, x
    beside = 1e-9 * scaling.half_width
    sides = [
        (potential.weight(side) / scaling.weight_unit, scaling.energy(potential(side)))
        for side in (x - beside, x + beside)
    ]
    (rho_left, v_left), (rho_right, v_right) = sides
    jump = np.abs(rho_right * v_right - rho_left * v_left) + np.abs(rho_right - rho_left)
    if x.size > MOST_KINKS:
        largest = np.argsort(-jump)[:MOST_JUMPS]
        chosen = np.sort(largest[jump[largest] > 1e-3])
        x, jump = x[chosen], jump[chosen]
    return scaling.position(x), np.maximum(1.0, 0.35 * np.sqrt(jump))
