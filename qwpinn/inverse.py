"""Inverse design: the members of a family whose levels are as wanted."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag
from scipy.optimize import least_squares
from scipy.stats import qmc

from qwpinn import _check, limits
from qwpinn.solution import Solution
from qwpinn.solver import solve

Array = NDArray[np.float64]

# Members that are asked for a first guess, and to say what can be reached.
SURVEYED = 2048
# Errors, in units of each target, up to which it counts as met: what the energies are good for.
MET = 1e-6
# What `solve` must confirm.
CONFIRMED = 1e-4
# Solutions nearer than this, in units of the scaled ranges (of length 2), are one.
DISTINCT = 1e-3
# Starts are further apart than this.
APART = 0.2
TARGET = re.compile(r"E(\d+)(?:-E(\d+))?")


@dataclass(frozen=True)
class Design:
    """Members of a family whose levels are as wanted.

    With fewer targets than free parameters there is a continuum of solutions, of which these are
    some.

    Attributes:
        names: Of the parameters.
        targets: What was wanted.
        parameters: The solutions, nearest to the middle of the bounds first, shape ``(s, m)``.
        achieved: Values of the targets by the network, ``(s, t)``.
        solutions: What `qwpinn.solve` finds for each, with error bars; empty if not verified.
    """

    names: tuple[str, ...]
    targets: dict[str, float]
    parameters: Array
    achieved: Array
    solutions: tuple[Solution, ...] = field(default=(), repr=False)

    @property
    def verified(self) -> Array:
        """Values of the targets by `qwpinn.solve`, shape ``(s, t)``.

        Raises:
            ValueError: If the design was not verified.
        """
        if not self.solutions:
            raise ValueError(
                "`design` must be verified to be compared with `qwpinn.solve`. Received: "
                "verify=False. Give verify=True."
            )
        weights = _weights(self.targets, self.solutions[0].energies.size)
        return np.stack([solution.energies for solution in self.solutions]) @ weights.T

    @property
    def confirmed(self) -> NDArray[np.bool_]:
        """Whether `qwpinn.solve` encloses the levels, and gives the target to 1e-4: ``(s, t)``."""
        wanted = np.array(list(self.targets.values()))
        close = np.abs(self.verified - wanted) <= CONFIRMED * np.abs(wanted)
        enclosed = np.array([[solution.converged] for solution in self.solutions])
        return np.asarray(close & enclosed)

    @property
    def converged(self) -> bool:
        """Whether every target of every solution is confirmed."""
        return bool(self.confirmed.all())


def design(
    model: Any,
    targets: Mapping[str, float],
    bounds: Mapping[str, tuple[float, float]] | None = None,
    *,
    starts: int = 8,
    verify: bool = True,
    seed: int = 0,
) -> Design:
    """The members of a family whose levels, or differences of levels, are as wanted.

    Least squares (`scipy.optimize.least_squares`) with the derivatives of the energy network, from
    the best of a few thousand members that are far enough from each other.

    Args:
        model: A `qwpinn.FamilyPINN`.
        targets: E.g. ``{"E1-E0": 4.8, "E0": 1.6}``, in the family's unit of energy; not zero.
        bounds: Narrower ranges of some parameters. Defaults to None: the trained box.
        starts: How many, at the most.
        verify: Whether to solve each solution by `qwpinn.solve`, a second or two each.
        seed: Of the first guesses.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If a target is of no known level or out of reach, or bounds leave the box.
    """
    wanted = _wanted(targets)
    weights = _weights(wanted, model.states)
    low, high = _bounds(model.family, bounds)
    goals = np.array(list(wanted.values()))
    scaled = 2.0 * _survey(low.size, _check.integer("seed", seed, 0, limits.SEED)) - 1.0
    scaled = (low + high) / 2 + (high - low) / 2 * scaled
    values = model.surface.energies(model.family.unscaled(scaled)) @ weights.T
    guesses = _guesses(scaled, values / goals - 1.0, starts)
    found = _refined(model, weights, goals, guesses, (low, high))
    if not any(error <= MET for _, error in found):
        # One that goes astray can hold up the others.
        each = (_refined(model, weights, goals, one[None], (low, high)) for one in guesses)
        found = [solution for alone in each for solution in alone]
    met = [u for u, error in found if error <= MET]
    if not met:
        _refuse_unreachable(model, wanted, weights, values, min(found, key=lambda one: one[1])[0])
    parameters = model.family.unscaled(np.stack(_distinct(met, (low + high) / 2)))
    achieved = model.surface.energies(parameters) @ weights.T
    solutions = [
        solve(model.family.potential(p), model.states, seed=seed) for p in parameters if verify
    ]
    return Design(model.family.names, wanted, parameters, achieved, tuple(solutions))


def _refined(
    model: Any, weights: Array, goals: Array, guesses: Array, box: tuple[Array, Array]
) -> list[tuple[Array, float]]:
    """Least-squares solutions in scaled parameters from ``(n, m)`` guesses, and largest errors.

    All are sought at once, as one problem with a block for each: a network answers n questions as
    fast as one.
    """
    family, surface, shape = model.family, model.surface, guesses.shape

    @lru_cache(maxsize=4)  # SciPy asks for errors and slopes at the same place, one by one.
    def both(flat: bytes) -> tuple[Array, Array]:
        p = family.unscaled(np.frombuffer(flat).reshape(shape))
        energies, gradients = surface.with_slopes(p)
        errors = energies @ weights.T / goals - 1.0
        slopes = weights @ gradients * family.stretch(p)[:, None, :] / goals[:, None]
        return errors.reshape(-1), block_diag(*slopes)

    width = box[1] - box[0]
    inside = np.clip(guesses, box[0] + 1e-6 * width, box[1] - 1e-6 * width)
    found = least_squares(
        lambda u: both(u.tobytes())[0],
        inside.reshape(-1),
        lambda u: both(u.tobytes())[1],
        bounds=tuple(np.tile(end, shape[0]) for end in box),
        xtol=1e-10,
        ftol=1e-12,
        gtol=1e-12,
    )
    errors = np.max(np.abs(found.fun.reshape(shape[0], -1)), axis=1)
    return list(zip(found.x.reshape(shape), errors.tolist(), strict=True))


def _guesses(scaled: Array, errors: Array, starts: int) -> Array:
    """The best members that are apart from each other."""
    starts = _check.integer("starts", starts, maximum=limits.STATES)
    order = np.argsort(np.sum(errors**2, axis=1))[: SURVEYED // 8]
    chosen: list[Array] = []
    for u in scaled[order]:
        if all(np.max(np.abs(u - other)) > APART for other in chosen):
            chosen.append(u)
        if len(chosen) == starts:
            break
    return np.stack(chosen)


def _distinct(found: list[Array], middle: Array) -> list[Array]:
    """Each solution once, the nearest to the middle first."""
    kept: list[Array] = []
    for u in sorted(found, key=lambda one: float(np.sum((one - middle) ** 2))):
        if all(np.max(np.abs(u - other)) > DISTINCT for other in kept):
            kept.append(u)
    return kept


def _survey(dimension: int, seed: int) -> Array:
    """Sobol points of the unit cube, and corners, where a monotone function has its extremes."""
    corners = list(itertools.product((0.0, 1.0), repeat=min(dimension, 8)))
    rest = np.full((len(corners), dimension - len(corners[0])), 0.5)
    inside = qmc.Sobol(dimension, seed=seed).random(SURVEYED)
    return np.vstack([inside, np.hstack([corners, rest])])


def _wanted(targets: Mapping[str, float]) -> dict[str, float]:
    """The targets, checked."""
    if not isinstance(targets, Mapping) or not targets:
        raise TypeError(
            f"`targets` must be a dict of at least one target. Received: {targets!r:.60}. "
            "Give e.g. {'E1-E0': 4.8}."
        )
    wanted = {str(key): _check.finite(f"targets[{key!r}]", value) for key, value in targets.items()}
    for key, value in wanted.items():
        if value == 0.0:
            raise ValueError(
                f"`targets` must not be 0, for errors are relative. Received: {key}=0. "
                "Give a small number, or another pair of levels."
            )
    return wanted


def _weights(targets: Mapping[str, float], states: int) -> Array:
    """What each target takes of each level, shape ``(t, K)``."""
    weights = np.zeros((len(targets), states))
    for row, key in enumerate(targets):
        match = TARGET.fullmatch(key)
        levels = [int(level) for level in match.groups() if level is not None] if match else []
        if not levels or max(levels) >= states or len(set(levels)) < len(levels):
            raise ValueError(
                f"`targets` must be levels E0 to E{states - 1} or differences such as E1-E0. "
                f"Received: {key!r}. Correct it, or train a family of more states."
            )
        weights[row, levels[0]] = 1.0
        if len(levels) == 2:
            weights[row, levels[1]] = -1.0
    return weights


def _bounds(family: Any, bounds: Mapping[str, tuple[float, float]] | None) -> tuple[Array, Array]:
    """The bounds in scaled parameters."""
    low, high = family.lower.copy(), family.upper.copy()
    for name, pair in (bounds or {}).items():
        if name not in family.names:
            raise ValueError(
                f"`bounds` must be of {', '.join(family.names)}. Received: {name}. Correct it."
            )
        index = family.names.index(name)
        left, right = _check.interval(f"bounds[{name!r}]", pair)
        if left < low[index] or right > high[index]:
            raise ValueError(
                f"`bounds` must lie in the trained box. Received: {name}=({left:g}, {right:g}), "
                f"trained ({low[index]:g}, {high[index]:g}). Narrow them, or train a wider family."
            )
        low[index], high[index] = left, right
    return family.scaled(low), family.scaled(high)


def _refuse_unreachable(
    model: Any, wanted: Mapping[str, float], weights: Array, values: Array, nearest: Array
) -> None:
    ranges = [
        f"{key} from {low:.6g} to {high:.6g}"
        for key, low, high in zip(wanted, values.min(axis=0), values.max(axis=0), strict=True)
    ]
    asked = ", ".join(f"{key}={value:g}" for key, value in wanted.items())
    p = model.family.unscaled(nearest[None])
    near = (model.surface.energies(p) @ weights.T)[0]
    closest = ", ".join(f"{key}={value:.6g}" for key, value in zip(wanted, near, strict=True))
    raise ValueError(
        f"`targets` must be within reach: {'; '.join(ranges)}"
        f"{', each by itself' if len(wanted) > 1 else ''}. Received: {asked}; the nearest "
        f"is {closest}. Change them, or widen the bounds."
    )
