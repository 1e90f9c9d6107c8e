"""Level by level: where the mass depends on the energy, each level has a network of its own."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import root_scalar

from qwpinn.enclosures.enclosure import Enclosure
from qwpinn.networks.model import QuantumWellPINN
from qwpinn.networks.nonparabolic import Level, NonparabolicPINN, together
from qwpinn.solving.recipes import Recipe, Task, Trained

Array = NDArray[np.float64]

# How often the mass of a trained network may be corrected; each round squares the error.
ROUNDS = 6


def level_by_level(recipe: Recipe, task: Task) -> Trained:
    """Solve a structure of non-parabolic bands: a network a level, each with the mass of its own.

    A secant iteration on the Ritz values of untrained networks finds the energy; a network is then
    trained with the mass of this energy, and again where Newton's step leads from there, until its
    own energy agrees within a hundredth of the tolerance.

    Args:
        recipe: For each network.
        task: Of the structure.
    """
    found: list[Trained] = []
    guesses = _parabolic_energies(task) if task.start is None else task.start.energies.numpy()
    for k in range(task.states):
        start = None if task.start is None else task.start.network(k)
        energy, slope = _ritz_level(task, k, float(guesses[k]))
        found.append(_self_consistent(recipe, task, k, energy, slope, start))
        task.report(found[-1].model, _enclosed(found, task.states))
    model = NonparabolicPINN(task.potential, [trained.model for trained in found])
    return Trained(model, _enclosed(found, task.states), found[-1].history)


def _parabolic_energies(task: Task) -> Array:
    """The Ritz values with the mass of the band edges, where the search begins."""
    model = QuantumWellPINN.for_potential(task.potential.parabolic, task.states, seed=task.seed)
    task.report(model, _enclosed([], task.states))
    return np.asarray(model.energies.numpy())


def _ritz_level(task: Task, k: int, guess: float) -> tuple[float, float]:
    """The root of lambda_k(E) = E for the Ritz values of untrained networks, and dlambda_k/dE."""

    @cache
    def excess(energy: float) -> float:
        seen = task.potential.at(energy)
        model = QuantumWellPINN.for_potential(seen, k + 1, seed=task.seed)
        return float(model.energies[k]) - energy

    least = task.potential.least_energy
    first = max(guess, least + 1e-9 * abs(guess - least))
    step = excess(first) or 1e-3 * (first - least)
    slope = 1.0 + (excess(first + step) - excess(first)) / step
    xtol = 0.01 * task.rtol * (first - least)
    found = root_scalar(excess, x0=first, x1=first + step / (1.0 - slope), xtol=xtol)
    return float(found.root), slope


def _self_consistent(
    recipe: Recipe, task: Task, k: int, energy: float, slope: float, start: QuantumWellPINN | None
) -> Trained:
    """The network whose level agrees with the energy of its mass."""
    floor = task.potential.least_energy
    for _ in range(ROUNDS):
        trained = recipe.train(
            task._replace(
                potential=task.potential.at(energy),
                states=k + 1,
                start=start,
                report=lambda model, enclosure: None,
            )
        )
        level = float(trained.model.energies[k])
        if abs(level - energy) <= 0.01 * task.rtol * (level - floor):
            break
        energy, start = energy + (level - energy) / (1.0 - slope), trained.model
    return trained


def _enclosed(found: list[Trained], states: int) -> Enclosure:
    return together([Level.of(one.model, one.enclosure) for one in found], states)
