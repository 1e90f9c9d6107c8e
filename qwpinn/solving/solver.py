"""`solve`: a recipe applied to a potential."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from qwpinn.enclosures.enclosure import Enclosure
from qwpinn.equation import kinds
from qwpinn.equation.geometry import AnyWell, geometry_of
from qwpinn.equation.hidden import hidden, refuse_rough
from qwpinn.equation.potential import Potential
from qwpinn.equation.semiclassics import ground_energy
from qwpinn.inputs import check, limits
from qwpinn.networks.model import QuantumWellPINN
from qwpinn.progress.bars import EnclosureBar, Verbose, enclosing
from qwpinn.solving.by_level import level_by_level
from qwpinn.solving.by_parts import part_by_part
from qwpinn.solving.kind import kind_of
from qwpinn.solving.recipes import Precise, Recipe, Report, Task, Trained
from qwpinn.solving.solved import NotConverged, Solved
from qwpinn.startup import refuse_fork
from qwpinn.training.divergence import checked

# The most breakpoints that are placed unasked: with more, V is given by too many pieces.
MOST_FOUND = 500
# How often what is left is searched for jumps and kinks.
ROUNDS = 3


def solve(
    potential: AnyWell,
    states: int = limits.USUAL_STATES,
    *,
    rtol: float = 1e-6,
    seed: int = 0,
    recipe: Recipe | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    report: Report | None = None,
    start: Solved | None = None,
    level: int | None = None,
    raise_on_failure: bool = False,
    verbose: Verbose = 0,
) -> Any:
    """The lowest states of a potential, or one level, each energy with an enclosure.

    Args:
        potential: The well, of one dimension or of the plane. Where V or rho is found to have a
            jump or kink that is no breakpoint, one is placed: `Solution.notes` says where, and
            `Solution.potential` has it. In the plane all jumps are those of its regions.
        states: K, how many. Defaults to 3, here and everywhere.
        rtol: The largest width of an enclosure, in units of E - min V. The energies themselves are
            usually a hundred times better. At least 1e-11, where rounding ends what can be proven.
        seed: Of every random number.
        recipe: `Precise`, `Paper` or `qwpinn.Cold`. Defaults to ``Precise()``.
        callbacks: Keras callbacks for ``fit``.
        report: Called with the model and its `qwpinn.enclosures.Enclosure` whenever there is a new
            one, to watch it shrink.
        start: The solution of a similar well with as many states. Its network is tried in this well
            before any other, without training.
        level: The number n of the one state to solve for, 0 the ground state, in the place of the
            lowest ``states``: one wavefunction is trained, and n is proven by a count. Defaults to
            None. Not of non-parabolic bands.
        raise_on_failure: Raise `NotConverged` unless every state is as it was asked for.
        verbose: As in Keras. Defaults to 0, silence. 1 shows a bar that fills as the enclosures
            shrink to rtol (in a pipe or a notebook, a line every ten seconds), 2 a line for each
            network and epoch; ``"auto"`` is 1 in a terminal and 2 elsewhere.

    Returns:
        A `Solution`; of a `Heterostructure`, the `Subbands`, in nm and meV; of a potential of the
        plane, a `PlaneSolution`.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If an argument is not of the allowed range, or the potential is not finite.
        ArithmeticError: If V or rho is found not to be smooth between the breakpoints.
        NotConverged: If asked to.
        RuntimeError: In a forked child of a process that has computed (`qwpinn.startup`).

    Example:
        >>> from qwpinn.potentials import InfiniteWell
        >>> solution = solve(InfiniteWell(width=1.0), states=2)
        >>> solution.energies.round(6).tolist(), solution.quantum_numbers.tolist()
        ([9.869604, 39.478418], [0, 1])
    """
    refuse_fork("solve")
    recipe = Precise() if recipe is None else recipe
    _check_kinds(potential, recipe, report, start)
    states, lowest = _asked(potential, states, level)
    potential = _segmented(potential)
    task = Task(
        potential,
        states,
        check.tolerance("rtol", rtol),
        check.integer("seed", seed, 0, limits.SEED),
        checked(callbacks),
        report or (lambda model, enclosure: None),
        None if start is None else start.model,
        lowest,
    )
    if start is not None and not _fits(start, task):
        raise ValueError(
            f"`start` must have {states} states, the same, of as many dimensions, and of bands "
            "parabolic if these are. "
            f"Received: {start.energies.size} states of {start.potential!r:.60}. Leave it out."
        )
    # Not the caller's: what underflows here is meant to.
    with np.errstate(under="ignore"), enclosing(verbose, task.rtol) as bar:
        solution = _solved(recipe, task if bar is None else _watched(task, bar))
        if bar is not None:
            bar.finish(solution.model, solution.enclosure)
    if raise_on_failure and not solution.converged:
        raise NotConverged(solution)
    return solution


def _asked(potential: AnyWell, states: int, level: int | None) -> tuple[int, int]:
    """How many states, and which level is the first of them."""
    if level is None:
        return check.integer("states", states, maximum=limits.STATES), 0
    if states != limits.USUAL_STATES:
        raise ValueError(
            "`states` must be left out where one `level` is asked for. Received: "
            f"states={states!r:.40}, level={level!r:.40}. Give one of them."
        )
    lowest = check.integer("level", level, 0, limits.STATES - 1)
    if potential.energy_dependent:
        raise ValueError(
            "`level` must be left out of non-parabolic bands, which are solved level by level. "
            f"Received: level={level}. Give states={level + 1}."
        )
    return 1, lowest


def _solved(recipe: Recipe, task: Task) -> Any:
    """What the recipe makes of the task."""
    potential, began = task.potential, time.perf_counter()
    trained = _way(potential)(recipe, task)
    cure = "It holds the model, its enclosure, and what `fit` logged."
    kinds.one_of("recipe.train(task)", trained, Trained, "a qwpinn.solving.Trained", cure)
    seconds = time.perf_counter() - began
    found = (trained.model, trained.enclosure, task.rtol, trained.history, seconds)
    return kind_of(potential)(potential, *found)


def _way(potential: AnyWell) -> Callable[[Recipe, Task], Trained]:
    """How a well is solved: as a whole, level by level, or by its parts."""
    if geometry_of(potential).summands(potential):
        return part_by_part
    if potential.energy_dependent:
        return level_by_level
    return lambda recipe, task: recipe.train(task)


def _watched(task: Task, bar: EnclosureBar) -> Task:
    """The task, reported to a bar too."""

    def report(model: QuantumWellPINN, enclosure: Enclosure) -> None:
        bar.report(model, enclosure)
        task.report(model, enclosure)

    return task._replace(callbacks=[bar, *task.callbacks], report=report)


def _segmented(potential: AnyWell) -> AnyWell:
    """The potential with breakpoints where V or rho is found not to be smooth without one."""
    geometry = geometry_of(potential)
    if parts := geometry.summands(potential):
        placed = [_segmented(part) for part in parts]
        known = all(one is other for one, other in zip(placed, parts, strict=True))
        return potential if known else potential.of_summands(placed)
    if not geometry.searched(potential):
        return potential
    # A large jump may hide a small one beside it until it is placed.
    for _ in range(ROUNDS):
        form = potential.normal_form
        found = [point.position for point in hidden(form, ground_energy(form))]
        if len(found) > MOST_FOUND:
            refuse_rough(potential, f"{len(found)} jumps and kinks, the first at x={found[0]:.9g}")
        if not found:
            break
        _refuse_cusp(form, found)
        potential = potential.with_breakpoints(found)
    return potential


def _refuse_cusp(form: Potential, found: Sequence[float]) -> None:
    """Refuses points that are breakpoints already: pieces of V are not smooth up to their ends."""
    known, near = np.array([*form.breakpoints, np.inf]), 1e-9 * np.ptp(form.interval)
    for position in found:
        if np.min(np.abs(known - position)) <= near or found.count(position) > 1:
            raise ValueError(
                "`potential` must be smooth up to its breakpoints, from either side. Received: a V "
                f"or rho whose slope or curvature has no bound at x={position:.9g}, as of a root. "
                "Round it off there, e.g. abs(x) as np.hypot(x, 1e-3)."
            )


def _fits(start: Solved, task: Task) -> bool:
    """Whether a solution is of the same kind as the one that is asked for."""
    one, other = _kind(start.potential), _kind(task.potential)
    alike = one == other and start.energies.size == task.states
    return alike and start.enclosure.lowest == task.lowest


def _kind(well: AnyWell) -> tuple[int, int, bool]:
    """What must be alike of two wells for the network of one to be tried in the other."""
    geometry = geometry_of(well)
    return geometry.dimension, len(geometry.summands(well)), well.energy_dependent


def check_recipe(recipe: object) -> None:
    """Refuses what is no recipe.

    Raises:
        TypeError: If it is something else.
    """
    if isinstance(recipe, type) or not isinstance(recipe, Recipe):
        raise TypeError(
            "`recipe` must be an object such as qwpinn.Precise(), qwpinn.Cold() or qwpinn.Paper(). "
            f"Received: {kinds.shown(recipe)}. Leave it out for the default."
        )


def _check_kinds(potential: object, recipe: object, report: object, start: object) -> None:
    """Refuses arguments of the wrong type."""
    kinds.well(potential)
    check_recipe(recipe)
    if report is not None:
        kinds.function("report", report, "a model and its enclosure")
    if start is not None:
        cure = "Give what qwpinn.solve returned for a similar well."
        kinds.one_of("start", start, Solved, "a qwpinn.Solution", cure)  # type: ignore[type-abstract]
