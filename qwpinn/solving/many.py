"""`solve_all`: many wells, several at a time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from qwpinn.equation import kinds
from qwpinn.equation.geometry import AnyWell
from qwpinn.inputs import limits
from qwpinn.progress.bars import Verbose, counting
from qwpinn.solving import workers as processes
from qwpinn.solving.recipes import Recipe
from qwpinn.solving.solved import NotConverged, Solved


def solve_all(
    wells: Sequence[AnyWell],
    states: int = limits.USUAL_STATES,
    *,
    rtol: float = 1e-6,
    seed: int = 0,
    recipe: Recipe | None = None,
    workers: int | None = None,
    raise_on_failure: bool = False,
    verbose: Verbose = 0,
) -> list[Solved]:
    """The lowest states of each of many wells, solved by processes beside this one.

    Each is solved as by `qwpinn.solve`, by a worker that computes on one thread of a CPU: the
    solutions do not depend on how many workers there are, nor on what else is in the list, to the
    last bit. `qwpinn.solve` in this process may differ from them in the last digits, far below the
    enclosures, unless it was started with one thread too (``OMP_NUM_THREADS``,
    ``TF_NUM_INTRAOP_THREADS`` and ``TF_NUM_INTEROP_THREADS`` 1) and without a GPU. The first call
    starts the workers, of which each loads TensorFlow, some 5 seconds and 0.7 GB; they wait a
    minute for the next call from the same thread. Of less than some fifty wells,
    ``[solve(well) for well in wells]`` is sooner done.

    Wells may hold any functions, also those without a name. No guard ``if __name__ == "__main__"``
    is needed around a script.

    Args:
        wells: The potentials.
        states: K, how many of each. Defaults to 3.
        rtol: See `qwpinn.solve`.
        seed: See there.
        recipe: See there.
        workers: How many processes, 1 included. Defaults to None: one for each core that this
            process may use, and no more than wells.
        raise_on_failure: Raise `NotConverged` of the first well in the list of which a state is
            not as it was asked for, once those before it are solved.
        verbose: As for `qwpinn.solve`, a bar of the wells. Defaults to 0, silence.

    Returns:
        A solution for each well, in their order; of a `Heterostructure`, `Subbands`.

    Raises:
        TypeError: If an argument is of the wrong type, or a well cannot be sent to another process.
        ValueError: If an argument is not of the allowed range.
        NotConverged: If asked to.
        ChildProcessError: If a worker has died.
        Exception: What `qwpinn.solve` raises for a well, with a note that names it: at once. The
            workers are ended then, as they are by Ctrl-C.

    Example:
        >>> from qwpinn.potentials import FiniteWell
        >>> found = solve_all([FiniteWell(depth=10.0), FiniteWell(depth=20.0)], 1, workers=1)
        >>> [solution.energies.round(6).tolist() for solution in found]
        [[1.407225], [1.63948]]
    """
    cure = "Give e.g. [qwpinn.FiniteWell(depth=10.0), qwpinn.FiniteWell(depth=20.0)]."
    expected = "a list of potentials"
    given = kinds.each("wells", wells, kinds.WELLS, expected, cure)
    limits.at_most("wells", len(given), limits.VALUES, "potentials")
    asked, count = processes.Asked(states, rtol, seed, recipe), processes.checked(workers)
    chains = [processes.Chain([well], [f"wells[{i}]"], asked) for i, well in enumerate(given)]
    found: dict[int, Solved] = {}
    due = 0
    show = counting(verbose, "solved", len(chains), "wells")
    with show as move, closing(processes.spread(chains, count)) as solutions:
        for number, (solution,) in solutions:
            found[number] = solution
            move(len(found))
            # In their order, whichever is found first.
            while raise_on_failure and due in found:
                if not found[due].converged:
                    error = NotConverged(found[due])
                    error.add_note(f"This happened with wells[{due}].")
                    raise error
                due += 1
    return [found[number] for number in range(len(chains))]
