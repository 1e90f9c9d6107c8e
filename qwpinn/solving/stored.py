"""Stored solutions: a model with what was proven of it, number for number, to go on from."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import keras
import numpy as np

from qwpinn.enclosures.enclosure import Enclosure
from qwpinn.networks.saved_model import weights_of
from qwpinn.potentials.config import potential_config, potential_from_config
from qwpinn.solving.kind import kind_of
from qwpinn.solving.solved import Solved
from qwpinn.storage.places import write_held
from qwpinn.storage.runs import read_json

WEIGHTS = ".weights.h5"


def stored(solution: Solved, path: Path) -> None:
    """Write a solution as two files, each whole or not at all: it is there with the second, JSON.

    Args:
        solution: The solution.
        path: Of the files, without their endings.

    Raises:
        OSError: If they cannot be written.
    """
    enclosure = dataclasses.asdict(solution.enclosure)
    described = {
        "potential": potential_config(solution.potential),
        "model": keras.saving.serialize_keras_object(solution.model),
        "enclosure": {name: np.asarray(value).tolist() for name, value in enclosure.items()},
        "rtol": solution.rtol,
        "history": {name: list(map(float, values)) for name, values in solution.history.items()},
        "seconds": solution.seconds,
    }
    write_held(path.with_name(path.name + WEIGHTS), weights_of(solution.model))
    write_held(path.with_name(path.name + ".json"), json.dumps(described).encode())


def restored(path: Path) -> Solved:
    """The solution that `stored` wrote.

    Args:
        path: As there.

    Raises:
        OSError: If the files cannot be read.
        ValueError: If they are damaged.
    """
    described = read_json(path.with_name(path.name + ".json"))
    model = keras.saving.deserialize_keras_object(described["model"])
    model.load_weights(path.with_name(path.name + WEIGHTS))
    arrays = {k: np.array(v) for k, v in described["enclosure"].items()}
    numbers, lowest = arrays.pop("quantum_numbers").astype(np.intp), int(arrays.pop("lowest", 0))
    potential = potential_from_config(described["potential"])
    return kind_of(potential)(
        potential,
        model,
        Enclosure(**arrays, quantum_numbers=numbers, lowest=lowest),
        described["rtol"],
        described["history"],
        described["seconds"],
    )
