"""Storing: an evolution as a folder, the model of its states with ``evolution.npz`` beside it."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwpinn.enclosures.enclosure import Enclosure
from qwpinn.networks import saved_model
from qwpinn.networks.well_model import WellModel
from qwpinn.solving.kind import kind_of
from qwpinn.storage.contents import EVOLUTION, is_evolution_folder
from qwpinn.storage.places import replaced_folder

if TYPE_CHECKING:
    from qwpinn.dynamics.evolution import Evolution

FORMAT = 1
# Fields that are tuples of arrays themselves.
NESTED = ("doubts", "driven", "absorbed", "enclosure")
NUMBERS = ("size", "tol", "seconds", "rtol", "tail", "lowest", "separation")


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


def read(path: Path, model: WellModel) -> Evolution:
    """The evolution of a folder, of the model that lies there.

    Raises:
        ValueError: If it is damaged, or of another format.
    """
    try:
        with np.load(path / EVOLUTION, allow_pickle=False) as kept:
            columns = dict(kept)
        if int(columns.pop("format")) != FORMAT:
            raise ValueError("another format")
        return _restored(columns, model)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"`path` must be a folder with a saved evolution. Received: '{path}', whose "
            f"'{EVOLUTION}' cannot be read ({type(error).__name__}: {error!s:.80}). Copy the whole "
            "folder again, or call qwpinn.evolve anew."
        ) from error


def _restored(columns: dict[str, NDArray[Any]], model: WellModel) -> Evolution:
    from qwpinn.dynamics.doubts import Doubts
    from qwpinn.dynamics.evolution import Absorbed, Driven, Evolution

    parts: dict[str, dict[str, Any]] = {name: {} for name in NESTED}
    plain: dict[str, Any] = {}
    for name, value in columns.items():
        part, _, key = name.rpartition(".")
        kept = float(value) if (key or name) in NUMBERS else value
        (parts[part] if part else plain)[key or name] = kept
    enclosure = parts["enclosure"]
    enclosure["lowest"] = int(enclosure["lowest"])
    well, rtol = model.potential, plain.pop("rtol")
    solution = kind_of(well)(well, model, Enclosure(**enclosure), rtol, {}, 0.0)
    if not len(model.energies) == plain["coefficients"].shape[1] == plain["initial"].size:
        raise ValueError("coefficients of another model")
    return Evolution(
        solution=solution,  # type: ignore[arg-type]
        doubts=Doubts(**parts["doubts"]),
        driven=Driven(**parts["driven"]) if parts["driven"] else None,
        absorbed=Absorbed(**parts["absorbed"]) if parts["absorbed"] else None,
        **plain,
    )


def _fields(part: Any) -> dict[str, Any]:
    """Those of a dataclass or a named tuple."""
    if dataclasses.is_dataclass(part):
        return {field.name: getattr(part, field.name) for field in dataclasses.fields(part)}
    return dict(part._asdict())
