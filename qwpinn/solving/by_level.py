"""Level by level: where the mass depends on the energy, each level has a network of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qwpinn.enclosures.enclosure import Enclosure
from qwpinn.equation.potential import Potential
from qwpinn.equation.self_consistency import self_consistent
from qwpinn.networks.model import QuantumWellPINN
from qwpinn.networks.nonparabolic import Level, NonparabolicPINN, together
from qwpinn.networks.well_model import Network, WellModel
from qwpinn.solving.recipes import Recipe, Task, Trained

Array = NDArray[np.float64]


def level_by_level(recipe: Recipe, task: Task) -> Trained:
    """Solve a structure of non-parabolic bands: a network a level, each with the mass of its own.

    The Ritz values of untrained networks find the energy; a network is then trained with the mass
    of this energy, and others until their own energy agrees with that of their mass, each within a
    hundredth of the tolerance.

    Args:
        recipe: For each network.
        task: Of the structure.
    """
    found: list[Trained] = []
    guesses = _parabolic_energies(task) if task.start is None else task.start.energies.numpy()
    for k in range(task.states):
        start = None if task.start is None else task.start.network(k)
        energy = _ritz_level(task, k, float(guesses[k]))
        found.append(_trained_level(recipe, task, k, energy, start))
        task.report(found[-1].model, _enclosed(found, task.states))
    model = NonparabolicPINN(task.potential, [trained.model for trained in found])
    return Trained(model, _enclosed(found, task.states), found[-1].history)


def _parabolic_energies(task: Task) -> Array:
    """The Ritz values with the mass of the band edges, where the search begins."""
    model = QuantumWellPINN.for_potential(
        task.potential.parabolic_limit, task.states, seed=task.seed
    )
    task.report(model, _enclosed([], task.states))
    return np.asarray(model.energies.numpy())


def _ritz_level(task: Task, k: int, guess: float) -> float:
    """The root of lambda_k(E) = E for the Ritz values of untrained networks."""

    def ritz(seen: Potential) -> tuple[float, float]:
        level = float(QuantumWellPINN.for_potential(seen, k + 1, seed=task.seed).energies[k])
        return level, level

    return self_consistent(ritz, task.potential, guess, 1e-4 * task.rtol)


def _trained_level(
    recipe: Recipe, task: Task, k: int, guess: float, start: Network | None
) -> Trained:
    """The network whose level agrees with the energy of its mass."""
    begun: WellModel | None = start

    def trained(seen: Potential) -> tuple[float, Trained]:
        nonlocal begun
        one = task._replace(
            potential=seen, states=k + 1, start=begun, report=lambda model, enclosure: None
        )
        found = recipe.train(one)
        begun = found.model
        return float(begun.energies[k]), found

    return self_consistent(trained, task.potential, guess, 0.01 * task.rtol)


def _enclosed(found: list[Trained], states: int) -> Enclosure:
    return together([Level.of(one.model, one.enclosure) for one in found], states)
