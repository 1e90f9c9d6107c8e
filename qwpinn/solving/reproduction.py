"""The three wells of arXiv:2504.05367, end to end: models, traces and figures on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from qwpinn import plotting
from qwpinn.equation.potential import Potential
from qwpinn.networks.callbacks import EnergyErrors, StopAtTolerance, WavefunctionFigures
from qwpinn.networks.saved_model import write
from qwpinn.references.constant_layers import exact
from qwpinn.references.spectrum import Spectrum
from qwpinn.solving.paper import Paper
from qwpinn.solving.recipes import Precise
from qwpinn.solving.solution import Solution
from qwpinn.solving.solver import solve
from qwpinn.storage.contents import is_log_folder, is_model_folder
from qwpinn.storage.places import replaced_folder, write_file


def learner(states: int) -> Precise:
    """The recipe of a network so narrow that it has to learn its features, to watch it do so."""
    return Precise(units=max(20, 4 * states), epochs=30)


@dataclass(frozen=True)
class Reproduction:
    """One well, solved and compared.

    Attributes:
        name: Of the well, and of its folders.
        solution: The network's.
        reference: The exact energies and wavefunctions.
    """

    name: str
    solution: Solution
    reference: Spectrum


def reproduce(
    name: str,
    potential: Potential,
    recipe: Precise | Paper,
    output: str | Path,
    states: int = 5,
    seed: int = 0,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    shown: Precise | Paper | None = None,
) -> Reproduction:
    """Solve one well and write all that belongs to it.

    Under ``output`` that is ``savedmodels/<name>/`` (see `QuantumWellPINN.export`),
    ``logs/<name>/`` for TensorBoard, and the figures ``figures/<name>.png`` and
    ``figures/<name>_convergence.png``. Models and logs are moved into place when they are whole.

    The default network of `Precise` starts from Ritz states that are right to ten digits, so that
    its training adds one digit and its curves are flat. `learner`, a narrow one, has to learn its
    features: the start gives it the right states to three digits, and training six digits more.

    Args:
        name: Of the folders.
        potential: The well, constant between its breakpoints, so that it has an exact reference.
        recipe: `qwpinn.Precise` or `qwpinn.Paper`.
        output: The folder for all of it.
        states: How many.
        seed: Of every random number.
        callbacks: More of them, e.g. for progress.
        shown: The recipe of the network whose training the trace and the figure of convergence
            show. Defaults to None: ``recipe``, of which the model, table and states are.

    Raises:
        ValueError: If a place is taken by files that are not qwpinn's, or an argument is invalid.
        OSError: If ``output`` cannot be written.
    """
    output = Path(output)
    reference = exact(potential, states)
    with (
        replaced_folder(output / "logs" / name, is_log_folder) as logs,
        replaced_folder(output / "savedmodels" / name, is_model_folder) as folder,
    ):
        traced = recipe if shown is None else shown
        trace = [
            EnergyErrors(reference.energies),
            StopAtTolerance(rtol=1e-15),  # Rounding keeps it from stopping: a trace of enclosures.
            keras.callbacks.TensorBoard(logs, write_graph=False),
            WavefunctionFigures(logs, every=max(1, (traced.epochs or 10) // 2)),
            *callbacks,
        ]
        watched = solve(potential, states, seed=seed, recipe=traced, callbacks=trace)
        solution = watched
        if shown is not None:
            solution = solve(potential, states, seed=seed, recipe=recipe, callbacks=callbacks)
        write(solution.model, folder)
    figures = {
        f"{name}.png": solution.plot(reference),
        f"{name}_convergence.png": plotting.convergence(watched.history, reference.energies),
    }
    for file, figure in figures.items():
        write_file(output / "figures" / file, plotting.png(figure))
    return Reproduction(name, solution, reference)
