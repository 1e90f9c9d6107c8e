"""By parts: a plane V1(x) + V2(y) is solved by a network for each, as wells of one dimension."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from qwpinn.enclosures.enclosure import UNPROVEN, Enclosure
from qwpinn.equation.geometry import geometry_of
from qwpinn.equation.potential import Potential
from qwpinn.networks.model import QuantumWellPINN
from qwpinn.networks.product import ProductPINN
from qwpinn.solving.recipes import History, Recipe, Task, Trained

Array = NDArray[np.float64]
Found = TypeVar("Found")

# Of the tolerance: what the sum of two bounds is rounded by needs the rest.
SHARE = 0.9
# How many states of either part are looked at first.
FEW = 6


def part_by_part(recipe: Recipe, task: Task) -> Trained:
    """Solve both parts of a sum, each for as many states as the K lowest sums can be of.

    How many these are the Ritz values of untrained networks say; the trained energies confirm it.
    Each enclosure of a part is at most rtol (E_i - min V1) wide, and then each of a sum is at most
    rtol (E_i + E_j - min V): bounds that are ordered keep this ratio.

    Args:
        recipe: For each network.
        task: Of the sum.
    """
    parts = geometry_of(task.potential).summands(task.potential)
    states = task.lowest + task.states
    starts = (None, None) if task.start is None else cast(ProductPINN, task.start).networks

    def guessed(part: int, count: int) -> Array:
        model = QuantumWellPINN.for_potential(parts[part], count, seed=task.seed)
        return np.asarray(model.energies.numpy())

    def trained(part: int, count: int) -> Trained:
        found = recipe.train(_of_part(task, parts[part], count)._replace(start=starts[part]))
        task.report(found.model, _unknown(task))
        return found

    few = min(states, FEW)
    guesses = _enough(guessed, [few, few], states, np.asarray)
    found = _enough(trained, _needed(guesses, states), states, _energies)
    model = ProductPINN(
        task.potential,
        [one.model for one in found],
        task.states,
        task.lowest,
    )
    first, second = found
    enclosure = model.together(first.enclosure, second.enclosure)
    task.report(model, enclosure)
    return Trained(model, enclosure, _logged(first.history, second.history))


def _of_part(task: Task, part: Potential, count: int) -> Task:
    """What is asked of a part."""
    return task._replace(
        potential=part,
        states=count,
        rtol=SHARE * task.rtol,
        report=lambda model, enclosure: None,
        lowest=0,
    )


def _enough(
    find: Callable[[int, int], Found],
    counts: Sequence[int],
    states: int,
    energies: Callable[[Found], Array],
) -> list[Found]:
    """What is found of both parts, of more and more states until no more can be of the sums.

    Args:
        find: Takes the number of a part, and how many states.
        counts: Of states of either part to begin with.
        states: How many of the lowest sums are asked for.
        energies: Of what is found.
    """
    tried = list(counts)
    found = [find(part, count) for part, count in enumerate(tried)]
    while True:
        needed = _needed([energies(one) for one in found], states)
        short = [part for part in (0, 1) if needed[part] > tried[part]]
        if not short:
            return found
        for part in short:
            tried[part] = min(states, 2 * tried[part])
            found[part] = find(part, tried[part])


def _needed(energies: Sequence[Array], states: int) -> list[int]:
    """How many states of either part the lowest sums are of, and one more.

    One more than are known of a part, if all of those may be needed.

    Args:
        energies: Of the states that are known, of each part, ascending.
        states: How many sums, no more than there are pairs with (i + 1) (j + 1) up to it.
    """
    first, second = energies
    sums = np.sort((first[:, None] + second).ravel())
    highest = sums[states - 1] if states <= sums.size else np.inf
    counts = [
        1 + int(np.sum(own + other[0] <= highest))
        for own, other in ((first, second), (second, first))
    ]
    return [min(states, count) for count in counts]


def _energies(trained: Trained) -> Array:
    return np.asarray(trained.model.energies.numpy())


def _logged(first: History, second: History) -> History:
    """What was logged of V1, and then of V2."""
    return {
        name: [*first.get(name, ()), *second.get(name, ())]
        for name in dict.fromkeys((*first, *second))
    }


def _unknown(task: Task) -> Enclosure:
    """What is known of the levels to begin with."""
    return Enclosure(
        lower=np.full(task.states, -np.inf),
        upper=np.full(task.states, np.inf),
        quantum_numbers=np.full(task.states, UNPROVEN),
        residuals=np.full(task.states, np.inf),
        lowest=task.lowest,
    )
