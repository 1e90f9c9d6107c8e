"""`solve`: a recipe applied to a potential."""

from __future__ import annotations

import time
from collections.abc import Sequence

import keras

from qwpinn import _check, limits
from qwpinn.hidden import hidden, refuse_rough
from qwpinn.nonparabolic import level_by_level
from qwpinn.potentials import Potential
from qwpinn.recipes import Precise, Recipe, Report, Task
from qwpinn.solution import NotConverged, Solution
from qwpinn.subbands import solution_of
from qwpinn.wkb import ground_energy

# The most breakpoints that are placed unasked: with more, V is given by too many pieces.
MOST_FOUND = 500
# How often what is left is searched for jumps and kinks.
ROUNDS = 3


def solve(
    potential: Potential,
    states: int = 1,
    *,
    rtol: float = 1e-6,
    seed: int = 0,
    recipe: Recipe | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    report: Report | None = None,
    start: Solution | None = None,
    raise_on_failure: bool = False,
) -> Solution:
    """The lowest states of a potential, each energy with an enclosure.

    Args:
        potential: The well. Where V or rho is found to have a jump or kink that is no breakpoint,
            one is placed: `Solution.notes` says where, and `Solution.potential` has it.
        states: K, how many.
        rtol: The largest width of an enclosure, in units of E - min V. The energies themselves are
            usually a hundred times better. At least 1e-11, where rounding ends what can be proven.
        seed: Of every random number.
        recipe: `Precise` or `Paper`. Defaults to ``Precise()``.
        callbacks: Keras callbacks for ``fit``.
        report: Called with the model and its `qwpinn.enclosures.Enclosure` whenever there is a new
            one, to watch it shrink.
        start: The solution of a similar well with as many states. Its network is tried in this well
            before any other, without training.
        raise_on_failure: Raise `NotConverged` unless every state is as it was asked for.

    Returns:
        A `Solution`; of a `Heterostructure`, the `Subbands`, in nm and meV.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If an argument is not of the allowed range, or the potential is not finite.
        ArithmeticError: If V or rho is found not to be smooth between the breakpoints.
        NotConverged: If asked to.

    Example:
        >>> from qwpinn.potentials import InfiniteWell
        >>> solution = solve(InfiniteWell(width=1.0), states=2)
        >>> solution.energies.round(6).tolist(), solution.quantum_numbers.tolist()
        ([9.869604, 39.478418], [0, 1])
    """
    recipe = Precise() if recipe is None else recipe
    _check_kinds(potential, recipe, callbacks)
    potential = _segmented(potential)
    task = Task(
        potential,
        _check.integer("states", states, maximum=limits.STATES),
        _check.tolerance("rtol", rtol),
        _check.integer("seed", seed, 0, limits.SEED),
        callbacks,
        report or (lambda model, enclosure: None),
        None if start is None else start.model,
    )
    if start is not None and not _fits(start, task):
        raise ValueError(
            f"`start` must have {states} states, of bands that are parabolic if these are. "
            f"Received: {start.energies.size} states of {start.potential!r:.60}. Leave it out."
        )
    began = time.perf_counter()
    trained = level_by_level(recipe, task) if potential.energy_dependent else recipe.train(task)
    seconds = time.perf_counter() - began
    found = (trained.model, trained.enclosure, task.rtol, trained.history, seconds)
    solution = solution_of(potential, *found)
    if raise_on_failure and not solution.converged:
        raise NotConverged(solution)
    return solution


def _segmented(potential: Potential) -> Potential:
    """The potential with breakpoints where V or rho is found not to be smooth without one."""
    if potential.layers is not None or potential.normal_form is not potential:
        return potential
    # A large jump may hide a small one beside it until it is placed.
    for _ in range(ROUNDS):
        found = [point.position for point in hidden(potential, ground_energy(potential))]
        if len(found) > MOST_FOUND:
            refuse_rough(potential, f"{len(found)} jumps and kinks, the first at x={found[0]:.9g}")
        if not found:
            break
        potential = potential.with_breakpoints(found)
    return potential


def _fits(start: Solution, task: Task) -> bool:
    """Whether a solution is of the same kind as the one that is asked for."""
    alike = start.potential.energy_dependent == task.potential.energy_dependent
    return alike and start.energies.size == task.states


def _check_kinds(potential: object, recipe: object, callbacks: object) -> None:
    """Refuses arguments of the wrong type."""
    if not isinstance(potential, Potential):
        raise TypeError(
            "`potential` must be a qwpinn.Potential. Received: "
            f"{potential!r:.60}. Wrap a function as CustomPotential(function, interval)."
        )
    if isinstance(recipe, type) or not hasattr(recipe, "train"):
        raise TypeError(
            "`recipe` must be an object such as qwpinn.Precise() or qwpinn.Paper(). "
            f"Received: {recipe!r:.60}. Leave it out for the default."
        )
    if isinstance(callbacks, keras.callbacks.Callback) or not isinstance(callbacks, Sequence):
        raise TypeError(
            f"`callbacks` must be a list of Keras callbacks. Received: {callbacks!r:.60}. "
            "Put it into brackets."
        )
