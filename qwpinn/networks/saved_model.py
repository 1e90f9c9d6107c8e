"""Saved models: a SavedModel for inference, beside it what restores a model for training.

``qwpinn.json`` holds, in format 2,

- ``format``: 2;
- ``model``: the config of the model, as Keras serializes it. What is ordered is a list, e.g. the
  ranges of a family; numbers that the weights refer to, such as the origin and the units of scaled
  energies, are stored and not computed again;
- ``questions``: a few positions, with times or members of a family; ``answers``: energies and
  wavefunctions there, and the equation (`qwpinn.networks.answers.Answers`).

Format 1 had no answers, and its keys were sorted, with them the ranges of a family.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.equation.potential import Potential
from qwpinn.potentials.polynomial import tabulate
from qwpinn.storage.contents import FORMAT, WEIGHTS, is_model_folder
from qwpinn.storage.places import replaced_folder
from qwpinn.storage.plain import Json
from qwpinn.storage.runs import CONFIG

# Files of classes that are known to be made again.
KNOWN = ("keras.", "qwpinn.")


def save(model: keras.Model, path: str | Path) -> None:
    """Write the folder that `load` reads; see `qwpinn.QuantumWellPINN.export`."""
    with replaced_folder(path, is_model_folder) as folder:
        write(model, folder)


def write(model: keras.Model, folder: Path) -> None:
    """Write what `load` reads into a folder that is there."""
    # First of all, for it refuses what cannot be stored.
    questions = model.questions()
    config = {
        "format": FORMAT,
        "model": described(model),
        "questions": {name: value.tolist() for name, value in questions.items()},
        "answers": model.answers(**questions).to_config(),
    }
    (folder / CONFIG).write_text(json.dumps(config, indent=1) + "\n")
    write_saved_model(model, folder)
    (folder / WEIGHTS).write_bytes(weights_of(model))


def described(model: keras.Model) -> dict[str, Json]:
    """The config of a model, as Keras serializes it.

    Raises:
        ValueError: If a layer, loss or optimizer of it cannot be described.
    """
    try:
        config = dict(keras.saving.serialize_keras_object(model))
        _make_again(model, config)
        return config
    except NotImplementedError as error:
        named = re.search(r"Object (\w+) was created", str(error))
        if named is None:
            raise
        raise ValueError(
            "`model` must be made of what Keras can describe, for it to be loaded again. Received: "
            f"'{named[1]}', whose arguments it cannot. Define its `get_config`."
        ) from error


def _make_again(model: keras.Model, config: dict[str, Json]) -> None:
    """Refuse classes of one's own that Keras describes, but cannot make of the description."""
    kinds = {type(layer) for layer in model._flatten_layers()}
    own = {kind.__name__: kind for kind in kinds if not kind.__module__.startswith(KNOWN)}
    if not own:
        return
    try:
        with keras.saving.custom_object_scope(own):
            keras.saving.deserialize_keras_object(config)
    except Exception as error:
        names = ", ".join(f"'{name}'" for name in sorted(own))
        raise ValueError(
            "`model` must be made of what Keras can make again, for it to be loaded. Received: "
            f"{names}, of which one cannot: {str(error).splitlines()[0]:.150}. Define `get_config` "
            "with all arguments of `__init__`, which takes Keras's own too."
        ) from error


class _Memory(io.BytesIO):
    """A file in memory, by a name that Keras takes for one of weights."""

    def __str__(self) -> str:
        return WEIGHTS


def weights_of(model: keras.Model) -> bytes:
    """What `keras.Model.save_weights` writes, for HDF5 crashes where a disk is full."""
    memory = _Memory()
    model.save_weights(memory)
    return memory.getvalue()


def write_saved_model(model: keras.Model, folder: Path) -> None:
    """The SavedModel with the model's endpoints.

    As `keras.export.ExportArchive` writes it, which traces every endpoint twice: TensorFlow forgets
    what was traced before it saves.
    """
    endpoints = {
        name: tf.function(function, input_signature=signature, autograph=False)
        for name, (function, signature) in model.endpoints().items()
    }
    archive = tf.train.Checkpoint(
        variables=model.variables,
        trainable_variables=model.trainable_variables,
        non_trainable_variables=model.non_trainable_variables,
        **endpoints,
    )
    # What TensorFlow Serving asks for when it is not told what.
    default = next(iter(endpoints.values()))
    with _quiet(tf.get_logger()):
        tf.saved_model.save(archive, str(folder), {**endpoints, "serving_default": default})


def tabulated(potential: Potential) -> Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
    """V and rho of a `normal_form` at x ``(n, 1)``, from tables."""
    table = tabulate(potential)
    edges = np.asarray(table.edges)
    v = piecewise_polynomial(edges, np.asarray(table.coefficients))
    rho = (
        tf.ones_like
        if table.weights is None
        else piecewise_polynomial(edges, np.asarray(table.weights))
    )
    return lambda x: (v(x), rho(x))


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
        rows = tf.unstack(tf.gather(table, panel), axis=1)
        above, sum_ = tf.zeros_like(t), tf.zeros_like(t)
        for n in range(table.shape[1] - 1, -1, -1):
            above, sum_ = (
                sum_,
                rows[n] + (2 * n + 1) / (n + 1) * t * sum_ - (n + 1) / (n + 2) * above,
            )
        return tf.reshape(sum_, tf.shape(x))

    return evaluate
