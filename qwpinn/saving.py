"""Saved models: a SavedModel for inference, beside it what restores a model for training.

``qwpinn.json`` holds, in format 2,

- ``format``: 2;
- ``model``: the config of the model, as Keras serializes it. What is ordered is a list, e.g. the
  ranges of a family; numbers that the weights refer to, such as the origin and the units of scaled
  energies, are stored and not computed again;
- ``questions``: a few positions, and members of a family; ``answers``: energies and wavefunctions
  there, and the equation (`qwpinn.answers.Answers`).

Format 1 had no answers, and its keys were sorted, with them the ranges of a family.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

import qwpinn
from qwpinn.answers import Answers, difference
from qwpinn.potentials import Potential, potential_from_config, tabulate

CONFIG = "qwpinn.json"
WEIGHTS = "qwpinn.weights.h5"
SAVED_MODEL = "saved_model.pb"
MODEL = {CONFIG, WEIGHTS, SAVED_MODEL, "fingerprint.pb", "variables", "assets"}
# What `qwpinn.results.write` and ``qwpinn train-family`` add: names that others may use, so a model
# must be beside them.
RESULT = {"result.json", "wavefunctions.csv", "states.png", "enclosures.png", "surfaces.png"}
FORMAT = 2
MODELS = ("FamilyPINN", "NonparabolicPINN", "QuantumWellPINN")


def save(model: keras.Model, path: str | Path) -> None:
    """Write the folder that `load` reads; see `qwpinn.QuantumWellPINN.export`."""
    with replaced_folder(path) as folder:
        # First of all, for it refuses what cannot be stored.
        questions = model.questions()
        config = {
            "format": FORMAT,
            "model": keras.saving.serialize_keras_object(model),
            "questions": {name: value.tolist() for name, value in questions.items()},
            "answers": model.answers(**questions).to_config(),
        }
        (folder / CONFIG).write_text(json.dumps(config, indent=1) + "\n")
        write_saved_model(model, folder)
        model.save_weights(folder / WEIGHTS)


def load(path: str | Path) -> keras.Model:
    """Restore a saved `QuantumWellPINN`, `NonparabolicPINN` or `FamilyPINN`, compiled as it was.

    Training goes on from there: the optimizer's state, e.g. the damping, is restored too.

    Args:
        path: A folder that `QuantumWellPINN.export`, `Solution.save` or ``qwpinn reproduce`` wrote.

    Raises:
        ValueError: If there is no such folder, or it is incomplete, damaged or not qwpinn's; if the
            model's answers differ from those kept when it was saved; or if the order of a family's
            parameters, which format 1 did not keep, cannot be told.
    """
    path = Path(path)
    config = _read_config(path)
    if not (path / WEIGHTS).is_file():
        raise ValueError(_invalid(path, f"no file '{WEIGHTS}'", "Copy the whole folder again."))
    # Keras knows a class only once its module is imported.
    getattr(qwpinn, config["model"]["class_name"])
    try:
        if config["format"] == 1 and "family" in config["model"]["config"]:
            _order_ranges(config["model"]["config"])
        model = keras.saving.deserialize_keras_object(config["model"])
        model.load_weights(path / WEIGHTS)
        differing = "" if config["format"] == 1 else _difference(model, config)
    except UnknownOrderError as error:
        raise ValueError(_invalid(path, *error.args)) from None
    except Exception as error:
        message = (str(error).splitlines() or ["no message"])[0]
        reason = f"{type(error).__name__} on reading it ({message})"
        raise ValueError(_invalid(path, reason, "Copy it again, or train it anew.")) from error
    if differing:
        reason = f"whose answers differ from those kept when it was saved, {differing}"
        raise ValueError(_invalid(path, reason, "Copy it again, or train it anew."))
    return model


def _difference(model: keras.Model, config: Mapping[str, Any]) -> str:
    """What differs most between the answers of a model and those that were kept with it."""
    questions = {name: np.array(value) for name, value in config["questions"].items()}
    return difference(Answers.from_config(config["answers"]), model.answers(**questions))


class UnknownOrderError(ValueError):
    """The ranges of a family of format 1 fit its networks in several orders: why, and the cure."""


def _order_ranges(config: dict[str, Any]) -> None:
    """Give a family of format 1 its ranges in the order of its networks' columns.

    Raises:
        UnknownOrderError: If they fit the columns in several orders.
        ValueError: If they fit in none.
    """
    ranges, surface = config["family"]["ranges"], config["surface"]["config"]
    columns = list(zip(surface["lower"], surface["upper"], strict=True))
    if isinstance(ranges, list):
        return
    fitting = [[name for name in ranges if tuple(ranges[name]) == column] for column in columns]
    if len(columns) != len(ranges) or not all(fitting):
        raise ValueError(f"ranges {ranges} that are not those of its networks")
    same = max(fitting, key=len)
    if len(same) > 1:
        reason = f"format 1 with equal ranges of {' and '.join(same)}, whose order was not kept"
        cure = f"Write `ranges` in '{CONFIG}' as a list [[name, lowest, highest], ...] in the order"
        raise UnknownOrderError(reason, f"{cure} of the columns of p.")
    config["family"]["ranges"] = [
        [*name, *column] for name, column in zip(fitting, columns, strict=True)
    ]


def _read_config(path: Path) -> dict[str, Any]:
    if not path.is_dir():
        found = "a file" if path.exists() else "nothing there"
        raise ValueError(_invalid(path, found, "Check the path; `model.export` writes models."))
    if not (path / CONFIG).is_file():
        raise ValueError(
            _invalid(path, f"a folder without '{CONFIG}'", "Save it with `model.export(path)`.")
        )
    try:
        config = json.loads((path / CONFIG).read_text())
        version, described = config["format"], config["model"]["class_name"]
    except (ValueError, KeyError, TypeError) as error:
        reason = f"an unreadable '{CONFIG}' ({type(error).__name__}: {error})"
        raise ValueError(_invalid(path, reason, "Copy it again, or train it anew.")) from error
    if version not in (1, FORMAT) or described not in MODELS:
        reason = f"format {version!r} of a {described!r}"
        raise ValueError(_invalid(path, reason, f"This qwpinn reads format 1 and {FORMAT}."))
    return dict(config)


def _invalid(path: Path, found: str, cure: str) -> str:
    return f"`path` must be a folder with a saved qwpinn model. Received: '{path}', {found}. {cure}"


def is_model_folder(path: Path) -> bool:
    """Whether the folder holds a saved model or result, whole or in part, and nothing else."""
    names = {entry.name for entry in path.iterdir()}
    return names <= MODEL or (CONFIG in names and names <= MODEL | RESULT)


def is_log_folder(path: Path) -> bool:
    """Whether the folder holds TensorBoard's event files and nothing else."""
    return all(".tfevents." in file.name for file in path.rglob("*") if file.is_file())


@contextlib.contextmanager
def replaced_folder(
    path: str | Path, ours: Callable[[Path], bool] = is_model_folder
) -> Iterator[Path]:
    """A temporary folder beside ``path`` that takes its place once the block has ended well.

    If the block raises, or the process dies, what was at ``path`` is as it was.

    Args:
        path: The folder to make or replace.
        ours: Says of a folder that is there, and not empty, whether it may be replaced.

    Raises:
        ValueError: If ``path`` holds something else.
        OSError: If the folder cannot be written.
    """
    path = Path(path).absolute()
    check_replaceable(path, ours)
    with _named_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        yield draft
        draft.chmod(0o755)
        _swap(draft, path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def write_file(path: str | Path, content: bytes) -> None:
    """Write a file beside its place and move it there when it is whole.

    Raises:
        OSError: If it cannot be written; what was at ``path`` is as it was.
    """
    path = Path(path).absolute()
    with _named_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            draft.write_bytes(content)
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)


@contextlib.contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise type(error)(
            f"`path` must be a place that can be written. Received: '{path}' "
            f"({error.strerror}). Choose another place, or change its permissions."
        ) from error


def _swap(draft: Path, path: Path) -> None:
    old = draft.with_name(draft.name + "-old")
    if path.exists():
        os.rename(path, old)
    os.rename(draft, path)
    shutil.rmtree(old, ignore_errors=True)


def check_replaceable(path: str | Path, ours: Callable[[Path], bool] = is_model_folder) -> None:
    """Refuse a place that `replaced_folder` would refuse, before the work is done.

    Raises:
        ValueError: If ``path`` holds something else than what ``ours`` knows.
    """
    path = Path(path)
    if not path.exists() or (path.is_dir() and (not any(path.iterdir()) or ours(path))):
        return
    found = "a folder with other files" if path.is_dir() else "a file"
    raise ValueError(
        f"`path` must be new, empty or an earlier result to replace. Received: '{path}', {found}. "
        "Choose another path; nothing was overwritten."
    )


def potential_config(potential: Potential) -> dict[str, Any]:
    """The potential as JSON: its own fields, or its table for a class that is not qwpinn's."""
    ours = isinstance(potential, Potential) and type(potential).__module__.startswith("qwpinn.")
    return (potential if ours else tabulate(potential)).to_config()


def write_saved_model(model: keras.Model, folder: Path) -> None:
    """The SavedModel with the model's endpoints."""
    archive = keras.export.ExportArchive()
    archive.track(model)
    for name, (function, signature) in model.endpoints().items():
        archive.add_endpoint(name, function, signature)
    with _quiet(tf.get_logger()):
        archive.write_out(str(folder), verbose=False)


def well_endpoints(model: keras.Model) -> dict[str, tuple[Callable[..., tf.Tensor], list[Any]]]:
    """``serve`` (psi), ``energies`` and ``residual`` of one well's model, with what they take."""
    anywhere = [tf.TensorSpec(None, tf.float64, name="x")]
    residual = model.residual_endpoint()
    return {
        "serve": (lambda x: model(tf.reshape(x, [-1, 1])), anywhere),
        "energies": (lambda: model.energies, []),
        "residual": (lambda x: residual(tf.reshape(x, [-1, 1])), anywhere),
    }


def well_answers(model: keras.Model, x: NDArray[np.float64]) -> Answers:
    """What one well's model says at positions ``(1, q)``, and the equation as it is stored."""
    stored = potential_from_config(potential_config(model.potential))
    psi = model(tf.constant(x.reshape(-1, 1)))
    return Answers.of([stored], x, model.energies, psi, model.scaling.energy_origin)


def family_answers(model: Any, p: NDArray[np.float64], x: NDArray[np.float64]) -> Answers:
    """What a family's model says of members ``(n, m)`` at positions ``(n, points)`` in them."""
    stored = type(model.family).from_config(model.family.to_config())
    rows, energies = np.repeat(p, x.shape[1], axis=0), model.surface.call(tf.constant(p))
    psi = model.psi(tf.constant(x.reshape(-1, 1)), tf.constant(rows))
    members = [stored.potential(row) for row in p]
    return Answers.of(members, x, energies, psi, model.frame.energy_origin)


def tabulated_residual(model: keras.Model) -> Callable[[tf.Tensor], tf.Tensor]:
    """H psi - E psi of a `QuantumWellPINN` at x ``(n, 1)``, with V and rho from tables."""
    table = tabulate(model.mesh.potential)
    edges = np.asarray(table.edges)
    v = piecewise_polynomial(edges, np.asarray(table.coefficients))
    rho = (
        tf.ones_like
        if table.weights is None
        else piecewise_polynomial(edges, np.asarray(table.weights))
    )

    def residual(x: tf.Tensor) -> tf.Tensor:
        normal = model.potential.to_normal(x)
        return model.residual(x, v(normal), rho(normal))

    return residual


@contextlib.contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """TensorFlow logs the names of its temporary files, which mean nothing to a user."""
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def piecewise_polynomial(
    edges: NDArray[np.float64], coefficients: NDArray[np.float64]
) -> Callable[[tf.Tensor], tf.Tensor]:
    """A table of Legendre coefficients (panels, degree + 1) as a TensorFlow function of x.

    Clenshaw's recurrence on each panel; a point on an edge belongs to the panel on its right.
    """
    left, length = tf.constant(edges[:-1]), tf.constant(np.diff(edges))
    table, inner = tf.constant(coefficients), tf.constant(edges[1:-1])

    def evaluate(x: tf.Tensor) -> tf.Tensor:
        panel = tf.searchsorted(inner, tf.reshape(x, [-1]), side="right")
        t = 2.0 * (tf.reshape(x, [-1]) - tf.gather(left, panel)) / tf.gather(length, panel) - 1.0
        rows = tf.gather(table, panel)
        above, sum_ = tf.zeros_like(t), tf.zeros_like(t)
        for n in range(table.shape[1] - 1, -1, -1):
            above, sum_ = (
                sum_,
                rows[:, n] + (2 * n + 1) / (n + 1) * t * sum_ - (n + 1) / (n + 2) * above,
            )
        return tf.reshape(sum_, tf.shape(x))

    return evaluate
