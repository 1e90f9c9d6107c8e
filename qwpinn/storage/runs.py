"""Runs: what a command says of itself beside its results, and what it asks of earlier ones.

``run.json`` in a folder of results holds

- ``format``: 1;
- ``problem``: what was asked for, in JSON values: the potential, the parameter of a sweep, or the
  family; the settings; and the version of the package;
- ``converged``: whether all of it came out as it was asked for.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from qwpinn.inputs import files
from qwpinn.storage.places import as_path, check_replaceable, held
from qwpinn.storage.plain import Json

# What was asked for, in JSON values.
Problem = Mapping[str, object]
# What a folder of results says of itself, and what a saved model does.
RUN, CONFIG = "run.json", "qwpinn.json"
FORMAT = 1
# What is said of a run that is resumed at its end.
NOTHING_LEFT = "Nothing left to do: this run had finished. Its result:"
# What makes a problem another one; all else is how it is solved.
PHYSICS = ("family", "parameter", "potential")
# So many of the differences between two problems are said.
MOST_SAID = 3


@contextmanager
def opened(
    output: str | Path, problem: Problem, ours: Callable[[Path], bool], force: bool
) -> Iterator[Path]:
    """The folder of a command's results, checked, and kept from other processes.

    Args:
        output: The folder.
        problem: What will be solved.
        ours: As for `qwpinn.storage.places.replaced_folder`.
        force: Whether the result of another problem may be replaced.

    Raises:
        ValueError: If something else is there, or the result of another problem.
        OSError: If the folder cannot be written, or another process writes there.
    """
    with held(output) as place:
        check_replaceable(place, ours)
        if not force:
            refuse_another(place, problem)
        yield place


def folder(output: str) -> str:
    """The name of a folder on the command line.

    Raises:
        ValueError: If it is empty, or "-", which stands for standard output.
    """
    as_path("--output", output)
    if output == "-":
        raise ValueError(
            "`--output` must be a folder, which standard output cannot be. Received: --output -. "
            "Give its name, e.g. --output runs/well."
        )
    return output


def sign(folder: Path, problem: Problem, converged: bool) -> None:
    """Write ``run.json`` into a folder of results."""
    run = {"format": FORMAT, "problem": problem, "converged": converged}
    (folder / RUN).write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")


def finished(place: Path, problem: Problem) -> bool | None:
    """Whether all is as asked for in a result of just this problem; None if there is none.

    Raises:
        ValueError: If ``run.json`` is there, and damaged.
    """
    if not (place / RUN).is_file():
        return None
    run = read_json(place / RUN)
    if run.get("problem") != json.loads(json.dumps(problem)):
        return None
    return bool(run.get("converged"))


def refuse_another(place: Path, problem: Problem) -> None:
    """Refuse to replace the result of another problem; other settings are the same problem.

    Raises:
        ValueError: If there is one, or it cannot be told of which problem it is.
    """
    if not place.is_dir() or not any(place.iterdir()):
        return
    try:
        there = _physics(_problem_in(place))
    except ValueError as error:
        found = f"whose problem cannot be told: {str(error).partition('. Received')[0]}"
    else:
        differing = differences(there, _physics(json.loads(json.dumps(problem))))
        if not differing:
            return
        found = f"of another {'; another '.join(differing[:MOST_SAID])}"
    raise ValueError(
        "`--output` must be new, empty or an earlier result of the same problem. Received: "
        f"'{place}', a result {found}. Choose another output, or give --force to replace it; "
        "nothing was overwritten."
    )


def _problem_in(place: Path) -> Problem:
    """The problem that is said in a folder, or that a model in it was made for."""
    if (place / RUN).is_file():
        problem = read_json(place / RUN).get("problem")
    elif (place / CONFIG).is_file():
        model = read_json(place / CONFIG).get("model")
        problem = model.get("config") if isinstance(model, Mapping) else None
    else:
        raise ValueError(f"it has neither '{RUN}' nor '{CONFIG}'")
    if not isinstance(problem, Mapping):
        raise ValueError("it names no problem")
    return problem


def _physics(problem: Problem) -> dict[str, Json]:
    """What makes a problem, without the breakpoints that were found in solving it."""
    physics = {key: problem[key] for key in PHYSICS if problem.get(key) is not None}
    potential = physics.get("potential")
    if isinstance(potential, Mapping) and potential.get("class") == "Segmented":
        physics["potential"] = potential.get("potential")
    return physics


def read_json(path: Path) -> dict[str, Json]:
    """The table in a JSON file.

    Raises:
        OSError: If it cannot be read.
        ValueError: If it is damaged, or nested too deeply to have been written by qwpinn.
    """
    try:
        found = json.loads(files.text_file(path))
    except (ValueError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ValueError(f"'{path.name}' is unreadable ({reason})") from error
    if not isinstance(found, dict):
        raise ValueError(f"'{path.name}' is unreadable (no table)")
    return found


def differences(there: Problem, here: Problem, prefix: str = "") -> list[str]:
    """What differs between two nested mappings, key by key.

    Example:
        >>> differences({"states": 2}, {"states": 3, "seed": 0})
        ['seed (none there, 0 here)', 'states (2 there, 3 here)']
    """
    found = []
    kinds = there.get("class"), here.get("class")
    if kinds[0] != kinds[1]:
        # The fields of another kind say nothing.
        name = prefix.rstrip(".") or "class"
        return [f"{name} ({_short(kinds[0])} there, {_short(kinds[1])} here)"]
    for key in sorted({*there, *here}):
        old, new = there.get(key), here.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += differences(old, new, f"{prefix}{key}.")
        elif old != new:
            shown = f" ({_short(old)} there, {_short(new)} here)"
            found.append(f"{prefix}{key}{shown if len(shown) < 60 else ''}")
    return found


def _short(value: object) -> str:
    return "none" if value is None else str(value)


def backup_of(place: Path) -> Path:
    """The hidden folder beside a place that backups of its run lie in."""
    return place.with_name(f".{place.name}-backup")


def forget(folder: Path) -> None:
    """Remove a backup."""
    shutil.rmtree(folder, ignore_errors=True)
