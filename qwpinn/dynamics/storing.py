"""Storing: an evolution as a folder, the model of its states with ``evolution.npz`` beside it.

`restoring` reads it.
"""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qwpinn.networks import saved_model
from qwpinn.storage.contents import EVOLUTION, is_evolution_folder
from qwpinn.storage.places import replaced_folder

if TYPE_CHECKING:
    from qwpinn.dynamics.evolution import Evolution

FORMAT = 1
# Fields that are tuples of arrays themselves.
NESTED = ("doubts", "driven", "absorbed", "enclosure")


def write(evolution: Evolution, path: str | Path) -> None:
    """Write the folder; see `Evolution.save`."""
    columns: dict[str, Any] = {"format": FORMAT, "rtol": evolution.solution.rtol}
    for name in ("times", "initial", "coefficients", "size", "errors", "tol", "seconds"):
        columns[name] = getattr(evolution, name)
    for name in NESTED:
        part = evolution.solution.enclosure if name == "enclosure" else getattr(evolution, name)
        if part is not None:
            columns |= {f"{name}.{key}": value for key, value in _fields(part).items()}
    content = io.BytesIO()
    np.savez(content, **columns)
    with replaced_folder(path, is_evolution_folder) as folder:
        saved_model.write(evolution.solution.model, folder)
        (folder / EVOLUTION).write_bytes(content.getvalue())


def _fields(part: Any) -> dict[str, Any]:
    """Those of a dataclass or a named tuple."""
    if dataclasses.is_dataclass(part):
        return {field.name: getattr(part, field.name) for field in dataclasses.fields(part)}
    return dict(part._asdict())
