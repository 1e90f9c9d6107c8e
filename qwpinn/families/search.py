"""The search for members of a family with given levels: first guesses and least squares."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import scipy
from numpy.typing import NDArray

if TYPE_CHECKING:
    from qwpinn.families.measured import MeasuredFamily

Array = NDArray[np.float64]

# Members that are asked for a first guess, and to say what can be reached.
SURVEYED = 2048
# What `solve` must confirm.
CONFIRMED = 1e-4
# At so many anticrossings of a pair of levels, and at so many of their widths to both sides, levels
# are refined; and at so many other members for which the network's error matters.
CROSSINGS, STEPS, DOUBTED = 8, (1.0, 3.0, 10.0, 30.0), 64
# Evaluations of refined levels in one search.
REFINED = 40
# The width that `solve` is asked for, in units of E - min V, at the most and at the least.
WIDEST, NARROWEST = 1e-6, 1e-10


@dataclass(frozen=True)
class Search:
    """What is wanted of a family, and where.

    Attributes:
        model: The networks.
        weights: What each target takes of each level, shape ``(t, K)``.
        goals: The targets, ``(t,)``.
        box: The lowest and highest scaled parameters.
    """

    model: MeasuredFamily
    weights: Array
    goals: Array
    box: tuple[Array, Array]

    def by_network(self, u: Array) -> Array:
        """Values of the targets at scaled parameters ``(n, m)``, shape ``(n, t)``."""
        return np.asarray(self.model.surface.energies(self._own(u)) @ self.weights.T)

    def refined(self, u: Array) -> Array:
        """The same by refined levels."""
        return np.asarray(self.model.refinement.energies(self._own(u)) @ self.weights.T)

    def network_errors(self, p: Array) -> Array:
        """What the network may be off by in each target at p ``(n, m)``: (n, t); NaN if unknown."""
        above = self.model.surface.energies(p) - self.model.floor
        return np.asarray((self.model.error(p) * above) @ np.abs(self.weights).T)

    def tolerance(self, p: Array) -> float:
        """`rtol` with which `qwpinn.solve` can confirm the targets at p ``(n, m)``."""
        above = self.model.surface.energies(p).max() - self.model.floor
        needed = CONFIRMED * float(np.min(np.abs(self.goals)) / above) / 8.0
        return float(np.clip(needed, NARROWEST, WIDEST))

    def solved(self, guesses: Array, refine: bool = False) -> list[tuple[Array, float]]:
        """Least-squares solutions in scaled parameters from ``(n, m)`` guesses, and largest errors.

        All are sought at once, as one problem with a block for each: a network answers n questions
        as fast as one.
        """
        family, shape = self.model.family, guesses.shape

        @lru_cache(maxsize=4)  # SciPy asks for errors and slopes at the same place, one by one.
        def both(flat: bytes) -> tuple[Array, Array]:
            p = family.unscaled(np.frombuffer(flat).reshape(shape))
            energies, gradients = self._with_slopes(p, refine)
            errors = energies @ self.weights.T / self.goals - 1.0
            slopes = self.weights @ gradients * family.stretch(p)[:, None, :]
            return errors.reshape(-1), scipy.linalg.block_diag(*(slopes / self.goals[:, None]))

        low, high = self.box
        inside = np.clip(guesses, low + 1e-6 * (high - low), high - 1e-6 * (high - low))
        found = scipy.optimize.least_squares(
            lambda u: both(u.tobytes())[0],
            inside.reshape(-1),
            lambda u: both(u.tobytes())[1],
            bounds=tuple(np.tile(end, shape[0]) for end in self.box),
            xtol=1e-13 if refine else 1e-10,
            ftol=1e-12,
            gtol=1e-12,
            max_nfev=REFINED if refine else None,
        )
        errors = np.max(np.abs(found.fun.reshape(shape[0], -1)), axis=1)
        return list(zip(found.x.reshape(shape), errors.tolist(), strict=True))

    def _own(self, u: Array) -> Array:
        return np.asarray(self.model.family.unscaled(u))

    def _with_slopes(self, p: Array, refine: bool) -> tuple[Array, Array]:
        if not refine:
            energies, slopes = self.model.surface.with_slopes(p)
            return energies, slopes
        found = self.model.refinement.states(p)
        return found.energies, found.forces


def survey(search: Search, seed: int) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Members of the box and their targets, by refined levels where the network may be wrong.

    Returns:
        Scaled parameters ``(n, m)``, values of the targets ``(n, t)``, and whether they are
        refined, ``(n,)``.
    """
    low, high = search.box
    u = (low + high) / 2 + (high - low) / 2 * (2.0 * _sobol(low.size, seed) - 1.0)
    values = search.by_network(u)
    exact = np.zeros(len(u), bool)
    doubted = _doubted(search, u, values)
    if doubted.size:
        values[doubted], exact[doubted] = search.refined(u[doubted]), True
    near = _near_anticrossings(search)
    if len(near):
        u, values = np.vstack([u, near]), np.vstack([values, search.refined(near)])
        exact = np.append(exact, np.ones(len(near), bool))
    return u, values, exact


def _doubted(search: Search, u: Array, values: Array) -> NDArray[np.intp]:
    """Members near anticrossings that may have the targets, and by the network may not."""
    errors = search.model.errors
    if errors is None or not errors.crossings.pairs.size:
        return np.zeros(0, np.intp)
    off = np.abs(values - search.goals)
    unsure = search.network_errors(search.model.family.unscaled(u))
    matters = unsure > CONFIRMED * np.abs(search.goals)
    possible = np.all(off <= unsure + np.abs(search.goals), axis=1)
    found = np.flatnonzero(errors.marked(u).any(axis=1) & matters.any(axis=1) & possible)
    order = np.argsort(np.sum((off / search.goals) ** 2, axis=1)[found])
    return np.asarray(found[order[:DOUBTED]])


def _near_anticrossings(search: Search) -> Array:
    """At and beside anticrossings of wanted levels, within the bounds, scaled: ``(n, m)``."""
    errors, (low, high) = search.model.errors, search.box
    rows = [np.zeros((0, low.size))]
    if errors is None:
        return rows[0]
    wanted = np.flatnonzero(np.any(search.weights != 0.0, axis=0))
    steps = np.array([0.0, *STEPS, *(-step for step in STEPS)])
    for pair in np.unique(errors.crossings.pairs):
        if not np.isin([pair, pair + 1], wanted).any():
            continue
        own = errors.crossings.of(int(pair))
        own = own.taken(np.all((own.places >= low) & (own.places <= high), axis=1))
        if own.pairs.size:
            own = own.taken(np.unique(np.linspace(0, own.pairs.size - 1, CROSSINGS).astype(int)))
            aside = steps[:, None, None] * (own.widths[:, None] * own.normals)
            rows.append((own.places + aside).reshape(-1, low.size))
    u = np.concatenate(rows)
    return np.asarray(u[np.all((u >= low) & (u <= high), axis=1)])


def _sobol(dimension: int, seed: int) -> Array:
    """Sobol points of the unit cube, and corners, where a monotone function has its extremes."""
    corners = list(itertools.product((0.0, 1.0), repeat=min(dimension, 8)))
    rest = np.full((len(corners), dimension - len(corners[0])), 0.5)
    inside = scipy.stats.qmc.Sobol(dimension, seed=seed).random(SURVEYED)
    return np.vstack([inside, np.hstack([corners, rest])])
