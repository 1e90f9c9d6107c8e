"""Restoring: the evolution of a folder that `storing` wrote."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwpinn.dynamics.doubts import Doubts
from qwpinn.dynamics.evolution import Absorbed, Driven, Evolution
from qwpinn.dynamics.storing import FORMAT, NESTED
from qwpinn.enclosures.enclosure import Enclosure
from qwpinn.networks.well_model import WellModel
from qwpinn.solving.kind import kind_of
from qwpinn.storage.contents import EVOLUTION

# Columns that are numbers; all others are arrays.
NUMBERS = ("size", "tol", "seconds", "rtol", "tail", "lowest", "separation")


def read(path: Path, model: WellModel) -> Evolution:
    """The evolution of a folder, of the model that lies there.

    Raises:
        ValueError: If it is damaged, or of another format.
    """
    try:
        # Opened here, for NumPy leaves a damaged file open.
        with (path / EVOLUTION).open("rb") as file, np.load(file, allow_pickle=False) as kept:
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
    parts: dict[str, dict[str, Any]] = {name: {} for name in NESTED}
    plain: dict[str, Any] = {}
    for name, value in columns.items():
        part, _, key = name.rpartition(".")
        kept = float(value) if (key or name) in NUMBERS else value
        (parts[part] if part else plain)[key or name] = kept
    enclosure = parts["enclosure"]
    enclosure["lowest"] = int(enclosure["lowest"])
    well, rtol = model.potential, plain.pop("rtol")
    _check_shapes(plain, parts["doubts"], len(model.energies))
    solution = kind_of(well)(well, model, Enclosure(**enclosure), rtol, {}, 0.0)
    return Evolution(
        solution=solution,  # type: ignore[arg-type]
        doubts=Doubts(**parts["doubts"]),
        driven=Driven(**parts["driven"]) if parts["driven"] else None,
        absorbed=Absorbed(**parts["absorbed"]) if parts["absorbed"] else None,
        **plain,
    )


def _check_shapes(plain: dict[str, Any], doubts: dict[str, Any], states: int) -> None:
    """Refuses numbers that are of another model, of other times, or none.

    Raises:
        ValueError: If they are.
    """
    times = plain["times"].size
    if plain["coefficients"].shape != (times, states) or plain["initial"].shape != (states,):
        raise ValueError("coefficients of another model")
    expected: dict[str, tuple[int, ...]] = {n: (2, states, states) for n in ("apart", "defects")}
    expected |= {name: (states,) for name in ("angles", "levels", "energies")}
    shapes = {name: doubts[name].shape for name in expected}
    if shapes != expected or plain["errors"].shape != (times,) or plain["times"].shape != (times,):
        raise ValueError("bounds of another model or of other times")
    numbers = [plain[name] for name in ("times", "coefficients", "initial")]
    if not all(value.dtype.kind in "fc" and np.isfinite(value).all() for value in numbers):
        raise ValueError("times or coefficients that are no numbers")
