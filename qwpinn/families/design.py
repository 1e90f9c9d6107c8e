"""Inverse design: the members of a family whose levels are as wanted."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from qwpinn import plotting
from qwpinn.enclosures.enclosure import Enclosure
from qwpinn.equation import kinds
from qwpinn.equation.potential import Potential
from qwpinn.families.family import Family
from qwpinn.families.measured import MeasuredFamily
from qwpinn.families.search import CONFIRMED, SURVEYED, Search, survey
from qwpinn.families.sheets import design_sheet
from qwpinn.inputs import check, limits
from qwpinn.sheets.screen import Pictured, Sheet
from qwpinn.solving.solution import Solution
from qwpinn.solving.solver import solve

Array = NDArray[np.float64]

# Errors, in units of each target, up to which it counts as met: what the energies are good for.
MET = 1e-6
# Solutions nearer than this, in units of the scaled ranges (of length 2), are one.
DISTINCT = 1e-3
# Starts are further apart than this.
APART = 0.2
TARGET = re.compile(r"E(\d+)(?:-E(\d+))?")


@dataclass(frozen=True, repr=False)
class Design(Pictured):
    """Members of a family whose levels are as wanted.

    With fewer targets than free parameters there is a continuum of solutions, of which these are
    some.

    Attributes:
        names: Of the parameters.
        targets: What was wanted.
        parameters: The solutions, nearest to the middle of the bounds first, shape ``(s, m)``.
        achieved: Values of the targets by refined levels, ``(s, t)``.
        solutions: What `qwpinn.solve` finds for each, with error bars; empty if not verified.
        potential: The member in the middle of the family, whose units these are.
    """

    names: tuple[str, ...]
    targets: dict[str, float]
    parameters: Array
    achieved: Array
    solutions: tuple[Solution, ...] = ()
    potential: Potential | None = None

    def __repr__(self) -> str:
        wanted = ", ".join(f"{name}={value:g}" for name, value in self.targets.items())
        ended = "not verified"
        if self.solutions:
            ended = "confirmed" if self.converged else "not confirmed"
        return f"Design({wanted:.120}: {len(self.parameters)} members, {ended})"

    def sheet(self) -> Sheet:
        """The members, and the targets of each by refined levels and as solved."""
        return design_sheet(self)

    def portrait(self) -> Figure | None:
        """The figure of a notebook; none if nothing is verified."""
        return self.plot() if self.solutions else None

    def plot(self) -> Figure:
        """The states of the first members, each in its well.

        Raises:
            ValueError: If the design was not verified.
        """
        _ = self._solved_weights()
        return plotting.members(self)

    @property
    def verified(self) -> Array:
        """Values of the targets by `qwpinn.solve`, shape ``(s, t)``.

        Raises:
            ValueError: If the design was not verified.
        """
        weights = self._solved_weights()
        return np.stack([solution.energies for solution in self.solutions]) @ weights.T

    @property
    def enclosed(self) -> Array:
        """Lower and upper bounds of the targets by `qwpinn.solve`, shape ``(s, t, 2)``.

        Of E_j - E_i, they are lower_j - upper_i and upper_j - lower_i; infinite where it is not
        proven which levels are enclosed.

        Raises:
            ValueError: If the design was not verified.
        """
        weights = self._solved_weights()
        return np.stack([_bounds_of(one.enclosure, weights) for one in self.solutions])

    @property
    def confirmed(self) -> NDArray[np.bool_]:
        """Whether all of `enclosed` is within 1e-4 of the target: ``(s, t)``.

        Raises:
            ValueError: If the design was not verified.
        """
        wanted = np.array(list(self.targets.values()))[:, None]
        off = np.abs(self.enclosed - wanted)
        return np.asarray(np.all(off <= CONFIRMED * np.abs(wanted), axis=-1))

    def _solved_weights(self) -> Array:
        if not self.solutions:
            raise ValueError(
                "`design` must be verified to be compared with `qwpinn.solve`. Received: "
                "verify=False. Give verify=True."
            )
        return _weights(self.targets, self.solutions[0].energies.size)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what these numbers are."""
        if self.solutions:
            return ()
        return (
            "Not confirmed by qwpinn.solve: the levels are refined ones of the family's network.",
        )

    @property
    def converged(self) -> bool:
        """Whether every target of every solution is confirmed."""
        return bool(self.confirmed.all())


def design(
    model: MeasuredFamily,
    targets: Mapping[str, float],
    bounds: Mapping[str, tuple[float, float]] | None = None,
    *,
    starts: int = 8,
    verify: bool = True,
    seed: int = 0,
) -> Design:
    """The members of a family whose levels, or differences of levels, are as wanted.

    Least squares (`scipy.optimize.least_squares`) with the derivatives of the energy network, from
    the best of a few thousand members that are far enough from each other; then with refined levels
    and their derivatives, so that these meet the targets. Near anticrossings, where the network is
    not to be trusted, the first guesses are refined, too.

    Args:
        model: A `qwpinn.FamilyPINN`.
        targets: E.g. ``{"E1-E0": 4.8, "E0": 1.6}``, in the family's unit of energy; not zero.
        bounds: Narrower ranges of some parameters. Defaults to None: the trained box.
        starts: How many, at the most.
        verify: Whether to solve each solution by `qwpinn.solve`, a second or two each.
        seed: Of the first guesses.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If a target is of no known level, cannot exist or is out of reach, or bounds
            leave the box.

    Warns:
        UserWarning: If nothing is verified where the network's stated error is more than 1e-4 of a
            target.
    """
    wanted = _wanted(targets)
    weights = _weights(wanted, model.states)
    _refuse_impossible(wanted, weights, model.floor)
    box = _bounds(model.family, bounds)
    search = Search(model, weights, np.array(list(wanted.values())), box)
    scaled, values, exact = survey(search, check.integer("seed", seed, 0, limits.SEED))
    chosen = _guesses(scaled, values / search.goals - 1.0, starts)
    found = _found(search, scaled[chosen], exact[chosen])
    met = [u for u, error in found if error <= MET]
    if not met:
        nearest = min(found, key=lambda one: one[1])[0]
        _refuse_unreachable(wanted, values, search.refined(nearest[None])[0])
    parameters = model.family.unscaled(np.stack(_distinct(met, (box[0] + box[1]) / 2)))
    achieved = model.refinement.energies(parameters) @ weights.T
    if not verify:
        _warn_unsure(search, wanted, parameters)
        return Design(model.family.names, wanted, parameters, achieved, (), model.family.centre)
    rtol = search.tolerance(parameters)
    solutions = [
        solve(model.family.potential(p), model.states, rtol=rtol, seed=seed) for p in parameters
    ]
    centre = model.family.centre
    return Design(model.family.names, wanted, parameters, achieved, tuple(solutions), centre)


def _found(search: Search, guesses: Array, exact: NDArray[np.bool_]) -> list[tuple[Array, float]]:
    """Solutions by refined levels, and their largest errors, from guesses some of which are so."""
    by_network = guesses[~exact]
    found = search.solved(by_network) if len(by_network) else []
    if not any(error <= MET for _, error in found):
        # One that goes astray can hold up the others.
        found = [solution for one in by_network for solution in search.solved(one[None])]
    polished = [u for u, error in found if error <= MET] + list(guesses[exact])
    found = search.solved(np.stack(polished), refine=True) if polished else []
    if all(error <= MET for _, error in found) and found:
        return found
    met = [solution for solution in found if solution[1] <= MET]
    missed = [u for u, error in found if error > MET] if met else list(guesses)
    return [*met, *(solution for u in missed for solution in search.solved(u[None], refine=True))]


def _guesses(scaled: Array, errors: Array, starts: int) -> NDArray[np.intp]:
    """Which are the best members that are apart from each other."""
    starts = check.integer("starts", starts, maximum=limits.STATES)
    order = np.argsort(np.sum(errors**2, axis=1))[: SURVEYED // 8]
    chosen: list[int] = []
    for i in order:
        if all(np.max(np.abs(scaled[i] - scaled[other])) > APART for other in chosen):
            chosen.append(int(i))
        if len(chosen) == starts:
            break
    return np.array(chosen, np.intp)


def _distinct(found: list[Array], middle: Array) -> list[Array]:
    """Each solution once, the nearest to the middle first."""
    kept: list[Array] = []
    for u in sorted(found, key=lambda one: float(np.sum((one - middle) ** 2))):
        if all(np.max(np.abs(u - other)) > DISTINCT for other in kept):
            kept.append(u)
    return kept


def _wanted(targets: Mapping[str, float]) -> dict[str, float]:
    """The targets, checked."""
    if not isinstance(targets, Mapping) or not targets:
        raise TypeError(
            f"`targets` must be a dict of at least one target. Received: {targets!r:.60}. "
            "Give e.g. {'E1-E0': 4.8}."
        )
    wanted = {str(key): check.finite(f"targets[{key!r}]", value) for key, value in targets.items()}
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


def _bounds(
    family: Family, bounds: Mapping[str, tuple[float, float]] | None
) -> tuple[Array, Array]:
    """The bounds in scaled parameters."""
    low, high = family.lower.copy(), family.upper.copy()
    cure = 'Give e.g. {"depth": (10.0, 20.0)}.'
    kinds.one_of("bounds", bounds or {}, Mapping, "a dict", cure)  # type: ignore[type-abstract]
    for name, pair in (bounds or {}).items():
        if name not in family.names:
            raise ValueError(
                f"`bounds` must be of {', '.join(family.names)}. Received: {name}. Correct it."
            )
        index = family.names.index(name)
        left, right = check.interval(f"bounds[{name!r}]", pair)
        if left < low[index] or right > high[index]:
            raise ValueError(
                f"`bounds` must lie in the trained box. Received: {name}=({left:g}, {right:g}), "
                f"trained ({low[index]:g}, {high[index]:g}). Narrow them, or train a wider family."
            )
        low[index], high[index] = left, right
    return family.scaled(low), family.scaled(high)


def _bounds_of(enclosure: Enclosure, weights: Array) -> Array:
    """Bounds of sums of levels, shape ``(t, 2)``."""
    proven = enclosure.quantum_numbers == np.arange(weights.shape[1])
    lower = np.where(proven, enclosure.lower, -np.inf)
    upper = np.where(proven, enclosure.upper, np.inf)
    ends = [
        np.sum(np.where(weights > 0.0, more, 0.0) - np.where(weights < 0.0, less, 0.0), axis=1)
        for more, less in ((lower, upper), (upper, lower))
    ]
    return np.stack(ends, axis=1)


def _refuse_impossible(wanted: Mapping[str, float], weights: Array, origin: float) -> None:
    """Refuses differences of the wrong sign, and levels below all potentials."""
    for (key, value), row in zip(wanted.items(), weights, strict=True):
        if row.sum() == 0.0:
            rises = row.argmax() > row.argmin()
            if (value > 0.0) != rises:
                raise ValueError(
                    f"`targets` must be {'positive' if rises else 'negative'} for {key}, for "
                    f"levels ascend. Received: {key}={value:g}. Change its sign."
                )
        elif value <= origin:
            raise ValueError(
                f"`targets` must lie above {origin:g}, the lowest V of the family. Received: "
                f"{key}={value:g}. Energies are measured from where V is 0."
            )


def _refuse_unreachable(wanted: Mapping[str, float], values: Array, near: Array) -> None:
    ranges = [
        f"{key} from {low:.6g} to {high:.6g}"
        for key, low, high in zip(wanted, values.min(axis=0), values.max(axis=0), strict=True)
    ]
    asked = ", ".join(f"{key}={value:g}" for key, value in wanted.items())
    closest = ", ".join(f"{key}={value:.6g}" for key, value in zip(wanted, near, strict=True))
    raise ValueError(
        f"`targets` must be within reach: {'; '.join(ranges)}"
        f"{', each by itself' if len(wanted) > 1 else ''}. Received: {asked}; the nearest "
        f"is {closest}. Change them, or widen the bounds."
    )


def _warn_unsure(search: Search, wanted: Mapping[str, float], parameters: Array) -> None:
    """Warns of the first target that the network's error can spoil."""
    errors = search.network_errors(parameters) / np.abs(search.goals)
    for row, column in np.argwhere(errors > CONFIRMED)[:1]:
        warnings.warn(
            f"The network's stated error at member {row} is {errors[row, column]:.1e} of "
            f"{list(wanted)[column]}: its levels are refined ones, which nothing confirms. Give "
            "verify=True.",
            stacklevel=4,
        )
