"""Pickles written before the package had folders: they name a class by a module that is gone.

A name that Python does not find, e.g. ``qwpinn.wells``, stands for the file that has its classes
now. This is asked last of all, so nothing else pays for it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

# Modules whose classes a pickle of a potential, a solution, a sweep or a family may hold.
MOVED = {
    "algebra": "potentials.combined",
    "angles": "enclosures.angles",
    "anticrossings": "families.anticrossings",
    "bands": "devices.bands",
    "callbacks": "networks.callbacks",
    "comparison": "solving.comparison",
    "cuts": "equation.cuts",
    "derived": "potentials.derived",
    "epilayers": "devices.layer",
    "family": "families.family",
    "family_errors": "families.errors",
    "family_model": "families.model",
    "family_notes": "families.measured",
    "files": "potentials.files",
    "frame": "families.frame",
    "functions": "potentials.custom",
    "heterostructure": "devices.heterostructure",
    "integrals": "enclosures.integrals",
    "interpolation": "potentials.interpolation",
    "inverse": "families.design",
    "layers": "equation.layers",
    "measured": "potentials.measured",
    "mesh": "equation.mesh",
    "model": "networks.model",
    "nonparabolic": "networks.nonparabolic",
    "optimizers": "training.levenberg_marquardt",
    "recipes": "solving",
    "reproduction": "solving.reproduction",
    "results": "solving.results",
    "scaling": "equation.scaling",
    "segmented": "potentials.segmented",
    "shapes": "potentials.smooth",
    "smoothness": "equation.smoothness",
    "solution": "solving.solution",
    "spectrum": "references.spectrum",
    "subbands": "solving.subbands",
    "sweeps": "solving.sweeps",
    "systems": "units.systems",
    "tables": "potentials.polynomial",
    "textbook": "potentials",
    "trace": "progress.trace",
    "trial": "networks.trial",
    "triangular": "potentials.triangular",
    "wells": "potentials.square_wells",
    "wkb": "equation.semiclassics",
}


class Moved(MetaPathFinder, Loader):
    """Finds the modules of `MOVED`: each hands on what the file in its place has."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A spec for what has moved, and for nothing else."""
        package, _, name = fullname.partition(".")
        return ModuleSpec(fullname, self) if package == "qwpinn" and name in MOVED else None

    def exec_module(self, module: ModuleType) -> None:
        """Fill a module with the names of the one that took its place."""
        place = MOVED[module.__name__.removeprefix("qwpinn.")]
        module.__dict__.update(vars(importlib.import_module(f"qwpinn.{place}")))


def install() -> None:
    """Look for modules that have moved where nothing else finds them."""
    if not any(isinstance(finder, Moved) for finder in sys.meta_path):
        sys.meta_path.append(Moved())
