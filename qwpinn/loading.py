"""Loading: a saved model, by the name of its class, as long as it gives the answers it gave.

What is no saved model is refused before TensorFlow is loaded.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qwpinn.inputs import files, limits
from qwpinn.startup import refuse_fork
from qwpinn.storage.contents import EVOLUTION, FORMAT, WEIGHTS
from qwpinn.storage.places import as_path
from qwpinn.storage.plain import Json, flat
from qwpinn.storage.runs import CONFIG

if TYPE_CHECKING:
    import keras

# Of a layer: those of the widest network, times its inputs.
LARGEST_SIZE = 100 * limits.UNITS
# The file of each class, which Keras knows only once it is imported.
MODELS = {
    "FamilyPINN": "qwpinn.families.model",
    "NonparabolicPINN": "qwpinn.networks.nonparabolic",
    "ProductPINN": "qwpinn.networks.product",
    "QuantumWellPINN": "qwpinn.networks.model",
    "TimePINN": "qwpinn.networks.time",
}
# Those of a technique, as a model that has one says it.
TECHNIQUE = re.compile(r'"module": "(qwpinn\.techniques\.\w+)"')


def load(path: str | Path, custom_objects: Mapping[str, object] | None = None) -> Any:
    """Restore a saved `QuantumWellPINN` or another of `MODELS`, compiled as it was.

    Training goes on from there: the optimizer's state, e.g. the damping, is restored too. Of what
    `Evolution.save` wrote, the `Evolution`.

    Args:
        path: A folder that `QuantumWellPINN.export`, `Solution.save`, `Evolution.save` or
            ``qwpinn reproduce`` wrote.
        custom_objects: Classes of your own by name, as in `keras.saving.load_model`: layers,
            losses, optimizers, and models derived from these. Those that are registered need none
            once the file that they are in has been imported.

    Raises:
        TypeError: If ``path`` is no name of a folder.
        ValueError: If there is no such folder, or it is incomplete, damaged or not qwpinn's; if the
            model's answers differ from those kept when it was saved; or if the order of a family's
            parameters, which format 1 did not keep, cannot be told.
        RuntimeError: In a forked child of a process that has computed (`qwpinn.startup`).
    """
    path = as_path("path", path)
    model = load_model(path, custom_objects)
    if not (path / EVOLUTION).is_file():
        return model
    from qwpinn.dynamics import restoring

    return restoring.read(path, model)


def load_model(path: str | Path, custom_objects: Mapping[str, object] | None = None) -> keras.Model:
    """The model of `load`, that of its states of an evolution; arguments and errors as there."""
    refuse_fork("load")
    path = as_path("path", path)
    with flat(f"`{path / CONFIG}`"):
        return _loaded(path, config_of(path), custom_objects)


def config_of(path: str | Path) -> dict[str, Json]:
    """What a saved model says of itself, as far as it can be judged without TensorFlow.

    Args:
        path: As for `load`.

    Raises:
        ValueError: If there is none, or it is incomplete, damaged or not qwpinn's.
    """
    path = as_path("path", path)
    with flat(f"`{path / CONFIG}`"):
        config = _read_config(path)
    if not (path / WEIGHTS).is_file():
        raise ValueError(_invalid(path, f"no file '{WEIGHTS}'", "Copy the whole folder again."))
    return config


def _loaded(
    path: Path, config: dict[str, Json], custom_objects: Mapping[str, object] | None
) -> keras.Model:
    import keras

    for file in MODELS.values():
        importlib.import_module(file)
    try:
        for file in set(TECHNIQUE.findall(json.dumps(config["model"]))):
            importlib.import_module(file)
        if config["format"] == 1 and "family" in config["model"]["config"]:
            _order_ranges(config["model"]["config"])
        with keras.saving.custom_object_scope(custom_objects or {}):
            model = keras.saving.deserialize_keras_object(config["model"])
        model.load_weights(path / WEIGHTS)
        differing = "" if config["format"] == 1 else _difference(model, config)
    except UnknownOrderError as error:
        raise ValueError(_invalid(path, *error.args)) from None
    except Exception as error:
        if (unknown := re.search(r"Could not locate \w+ '([^']+)'", str(error))) is not None:
            reason = f"with a class '{unknown[1]}' that is not known here"
            cure = (
                f"Give custom_objects={{'{unknown[1]}': {unknown[1]}}}, or import its file first."
            )
            raise ValueError(_invalid(path, reason, cure)) from error
        message = (str(error).splitlines() or ["no message"])[0]
        reason = f"{type(error).__name__} on reading it ({message})"
        raise ValueError(_invalid(path, reason, "Copy it again, or train it anew.")) from error
    if differing:
        reason = f"whose answers differ from those kept when it was saved, {differing}"
        raise ValueError(_invalid(path, reason, "Copy it again, or train it anew."))
    return model


def _difference(model: keras.Model, config: Mapping[str, Json]) -> str:
    """What differs most between the answers of a model and those that were kept with it."""
    from qwpinn.networks.answers import Answers, difference

    questions = {name: np.array(value) for name, value in config["questions"].items()}
    return difference(Answers.from_config(config["answers"]), model.answers(**questions))


class UnknownOrderError(ValueError):
    """The ranges of a family of format 1 fit its networks in several orders: why, and the cure."""


def _order_ranges(config: dict[str, Json]) -> None:
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


def _read_config(path: Path) -> dict[str, Json]:
    if not path.is_dir():
        found = "a file" if path.exists() else "nothing there"
        raise ValueError(_invalid(path, found, "Check the path; `model.export` writes models."))
    if not (path / CONFIG).is_file():
        raise ValueError(
            _invalid(path, f"a folder without '{CONFIG}'", "Save it with `model.export(path)`.")
        )
    try:
        config = json.loads(files.text_file(path / CONFIG))
        version, described = config["format"], config["model"]["class_name"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        reason = f"an unreadable '{CONFIG}' ({type(error).__name__}: {error})"
        raise ValueError(_invalid(path, reason, "Copy it again, or train it anew.")) from error
    _check_sizes(path, config["model"])
    if version not in (1, FORMAT) or not isinstance(described, str):
        reason = f"format {version!r} of a {described!r}"
        raise ValueError(_invalid(path, reason, f"This qwpinn reads format 1 and {FORMAT}."))
    return dict(config)


def _check_sizes(path: Path, described: Json, name: str = "") -> None:
    """Refuses layers that would exhaust the memory before their weights are found missing."""
    if isinstance(described, Mapping):
        for key, value in described.items():
            if key not in ("potential", "family"):
                _check_sizes(path, value, key)
    elif isinstance(described, list):
        for value in described:
            _check_sizes(path, value, name)
    elif isinstance(described, int) and "seed" not in name and described > LARGEST_SIZE:
        reason = f"an impossible size in '{CONFIG}', {name}={described!s:.20}"
        raise ValueError(_invalid(path, reason, "Copy it again, or train it anew."))


def _invalid(path: Path, found: str, cure: str) -> str:
    return f"`path` must be a folder with a saved qwpinn model. Received: '{path}', {found}. {cure}"
