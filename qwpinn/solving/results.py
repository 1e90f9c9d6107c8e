"""Results: what ``qwpinn solve --output`` writes, figures for people, JSON and CSV for programs."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

import qwpinn
from qwpinn import plotting
from qwpinn.enclosures.enclosure import UNPROVEN
from qwpinn.networks import saved_model
from qwpinn.potentials.config import potential_config
from qwpinn.progress.trace import Step
from qwpinn.solving.settings import Settings
from qwpinn.solving.solved import Solved
from qwpinn.storage import runs
from qwpinn.storage.contents import is_model_folder
from qwpinn.storage.places import replaced_folder
from qwpinn.storage.plain import Json

Array = NDArray[np.float64]

FORMAT = 1
RESULT = "result.json"


def as_dict(
    solution: Solved,
    settings: Settings,
    steps: Sequence[Step] = (),
    resumed_from: int = 0,
) -> dict[str, Json]:
    """A solution as plain JSON values; energies and lengths are in the potential's own units.

    The keys, in this order:

    - ``format``: 1, the version of this list; ``qwpinn``: the version of the package;
    - ``potential``: its class and fields, which `qwpinn.potentials.potential_from_config` reads;
      ``interval``: its walls, two numbers, or in the plane ``box``, four; ``minimum``: min V;
      ``equation``: what is solved, with the value of hbar^2/2m; ``length_unit``,
      ``energy_unit``: of all lengths and energies here, empty where they have none;
    - ``settings``: ``states``, ``rtol``, ``seed``, ``units``, ``epochs`` as they were asked for,
      the last two null where the tolerance decided;
    - ``converged``: whether every state is; ``status``: the name of a `qwpinn.Status`, that of the
      first state that is not; ``message``: its sentence;
    - ``states``: a list, one entry a state, ascending:

      - ``quantum_number``: the level that it is proven to be, 0 the ground state, or null;
      - ``energy``; ``lower``, ``upper``: the bounds of the exact level; ``relative_width``:
        (upper - lower) / (lower - minimum), or null if the quantum number is not as asked;
        ``measure``: ``"E - min V"``, or ``"kinetic energy"`` where that takes its place;
      - ``residual``: ||H psi - E psi||, an energy; ``nodes``: the zeros of psi between the walls;
      - ``wall_shift``: by how much the cut ends of the box lift the level (`Solution.wall_shift`),
        null if it is not below V there; ``bound``: whether V binds the state (`Solution.bound`);
      - ``status``, ``message``: as above, of the level in the box; ``state_error``: a bound of the
        L2 error of psi, and so of what is computed from it; ``state_status``: ``"MIXED"`` above
        0.1;
      - ``data_shift``: how far it moves without every second sample of a table, else null;
      - ``expectation``: the mean values of ``x``, ``x^2`` and ``V``;

      in the plane, in the place of ``nodes`` and ``data_shift``: ``cluster``: the states that are
      degenerate with it or nearly so, itself among them; and ``expectation`` of ``x``, ``y``,
      ``x^2``, ``y^2`` and ``V``;

    - ``notes``: sentences on what these numbers are of, `Solution.notes`;
    - ``units``: of the network that was taken; ``epochs``: how many it was trained in all;
      ``resumed_from``: how many of these came from a backup; ``seconds``: wall time of this run;
    - ``trace``: a list, an entry for each network tried and each epoch enclosed in this run, with
      ``units``, ``epoch`` (null before training) and the largest ``relative_width``;
    - ``device``: of a heterostructure only, `qwpinn.Subbands.as_dict`.

    A number that is not finite is null.

    Args:
        solution: The solution.
        settings: With which it was found.
        steps: The way to it.
        resumed_from: The epochs that a backup had.
    """
    model, status = solution.model, solution.status
    document = {
        "format": FORMAT,
        "qwpinn": qwpinn.__version__,
        "potential": potential_config(solution.potential),
        **solution.walls(),
        "minimum": solution.floor,
        "equation": solution.potential.equation,
        "length_unit": solution.potential.length_unit,
        "energy_unit": solution.potential.energy_unit,
        "settings": dataclasses.asdict(settings),
        "converged": solution.converged,
        "status": status.name,
        "message": str(status),
        "states": _states(solution),
        "notes": list(solution.notes),
        "units": model.units,
        "epochs": resumed_from + len(solution.history.get("loss", ())),
        "resumed_from": resumed_from,
        "seconds": solution.seconds,
        "trace": [
            {"units": step.units, "epoch": step.epoch, "relative_width": step.width}
            for step in steps
        ],
        **solution.details(),
    }
    return {key: _plain(value) for key, value in document.items()}


def _states(solution: Solved) -> list[dict[str, object]]:
    widths, kinetic = solution.relative_widths, solution.kinetic
    return [
        {
            "quantum_number": None if number == UNPROVEN else number,
            "energy": solution.energies[k],
            "lower": solution.lower[k],
            "upper": solution.upper[k],
            "relative_width": widths[k],
            "measure": "kinetic energy" if kinetic[k] else "E - min V",
            "residual": solution.residuals[k],
            **before,
            "status": solution.statuses[k].name,
            "message": str(solution.statuses[k]),
            "state_error": solution.state_errors[k],
            "state_status": solution.state_statuses[k].name,
            **after,
        }
        for k, (number, (before, after)) in enumerate(
            zip(solution.quantum_numbers.tolist(), solution.facts(), strict=True)
        )
    ]


def _plain(value: object) -> Json:
    """NumPy's numbers as Python's, and null for those that JSON does not have."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write(
    path: str | Path,
    solution: Solved,
    settings: Settings,
    steps: Sequence[Step] = (),
    resumed_from: int = 0,
    problem: runs.Problem | None = None,
) -> None:
    """Write the folder of a solution, whole or not at all.

    It is one that `qwpinn.load` and `tf.saved_model.load` read, with ``result.json`` (`as_dict`),
    ``wavefunctions.csv`` (in the plane ``wavefunctions.npz``), ``states.png`` and
    ``enclosures.png`` in it.

    Args:
        path: The folder. One that is there is replaced only if it is empty or an earlier result.
        solution: The solution.
        settings: As for `as_dict`.
        steps: As for `as_dict`.
        resumed_from: As for `as_dict`.
        problem: What was asked for, for `runs.sign`. Defaults to None: nothing is signed.

    Raises:
        ValueError: If ``path`` holds something else.
        OSError: If it cannot be written, or another process writes there.
    """
    document = as_dict(solution, settings, steps, resumed_from)
    with replaced_folder(path, is_model_folder) as folder:
        saved_model.write(solution.model, folder)
        if problem is not None:
            runs.sign(folder, problem, solution.converged)
        text = json.dumps(document, indent=1, allow_nan=False)
        (folder / RESULT).write_text(text + "\n", encoding="utf-8")
        solution.write_waves(folder)
        (folder / "states.png").write_bytes(plotting.png(solution.plot()))
        (folder / "enclosures.png").write_bytes(plotting.png(_shrinking(solution, steps)))


def _shrinking(solution: Solved, steps: Sequence[Step]) -> Figure:
    """The figure of the enclosures on the way, the last ones at its end."""
    labels = [f"{s.units}\nunits" if s.epoch is None else f"epoch {s.epoch}" for s in steps]
    widths = np.array([*(step.widths for step in steps), solution.relative_widths])
    return plotting.enclosures([*labels, "result"], widths, solution.rtol)
