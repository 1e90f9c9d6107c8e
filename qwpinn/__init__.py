"""Quantum wells solved by physics-informed neural networks in TensorFlow and Keras.

Give `solve` a potential, or build a `QuantumWellPINN` for it and train it by ``compile`` and
``fit`` like any Keras model. `qwpinn.potentials`, `qwpinn.quadrature` and `qwpinn.references`
need NumPy and SciPy only; TensorFlow loads with the first name that needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qwpinn import startup as _startup

if TYPE_CHECKING:
    from qwpinn.callbacks import EnergyErrors, StopAtTolerance, WavefunctionFigures
    from qwpinn.certificate import certify
    from qwpinn.enclosures import Enclosure
    from qwpinn.families import train_family
    from qwpinn.family import Family
    from qwpinn.family_model import FamilyPINN
    from qwpinn.family_nodes import family_collocation
    from qwpinn.files import Problem, read, read_problem
    from qwpinn.inverse import Design
    from qwpinn.loading import load
    from qwpinn.model import QuantumWellPINN
    from qwpinn.nodes import collocation
    from qwpinn.nonparabolic import NonparabolicPINN
    from qwpinn.optimizers import LevenbergMarquardt
    from qwpinn.potentials import (
        CustomPotential,
        DoubleWell,
        FiniteBarrier,
        FiniteWell,
        Gaussian,
        Harmonic,
        Heterostructure,
        InfiniteWell,
        KronigPenney,
        Layer,
        Morse,
        PiecewiseConstant,
        PoeschlTeller,
        Potential,
        Quartic,
        Sampled,
        Triangular,
        WoodsSaxon,
    )
    from qwpinn.recipes import Paper, Precise
    from qwpinn.solution import NotConverged, Solution
    from qwpinn.solver import solve
    from qwpinn.stark import stark_shift
    from qwpinn.status import Status
    from qwpinn.subbands import Subbands
    from qwpinn.sweeps import Sweep, sweep

__version__ = "0.1.0"

__all__ = [
    "CustomPotential",
    "Design",
    "DoubleWell",
    "Enclosure",
    "EnergyErrors",
    "Family",
    "FamilyPINN",
    "FiniteBarrier",
    "FiniteWell",
    "Gaussian",
    "Harmonic",
    "Heterostructure",
    "InfiniteWell",
    "KronigPenney",
    "Layer",
    "LevenbergMarquardt",
    "Morse",
    "NonparabolicPINN",
    "NotConverged",
    "Paper",
    "PiecewiseConstant",
    "PoeschlTeller",
    "Potential",
    "Precise",
    "Problem",
    "QuantumWellPINN",
    "Quartic",
    "Sampled",
    "Solution",
    "Status",
    "StopAtTolerance",
    "Subbands",
    "Sweep",
    "Triangular",
    "WavefunctionFigures",
    "WoodsSaxon",
    "certify",
    "collocation",
    "family_collocation",
    "load",
    "read",
    "read_problem",
    "solve",
    "stark_shift",
    "sweep",
    "train_family",
]

_HOME = {
    "qwpinn.callbacks": ("EnergyErrors", "StopAtTolerance", "WavefunctionFigures"),
    "qwpinn.certificate": ("certify",),
    "qwpinn.enclosures": ("Enclosure",),
    "qwpinn.families": ("train_family",),
    "qwpinn.family": ("Family",),
    "qwpinn.family_model": ("FamilyPINN",),
    "qwpinn.family_nodes": ("family_collocation",),
    "qwpinn.files": ("Problem", "read", "read_problem"),
    "qwpinn.inverse": ("Design",),
    "qwpinn.model": ("QuantumWellPINN",),
    "qwpinn.nodes": ("collocation",),
    "qwpinn.optimizers": ("LevenbergMarquardt",),
    "qwpinn.potentials": (
        "CustomPotential",
        "DoubleWell",
        "FiniteBarrier",
        "FiniteWell",
        "Gaussian",
        "Harmonic",
        "Heterostructure",
        "InfiniteWell",
        "KronigPenney",
        "Layer",
        "Morse",
        "PiecewiseConstant",
        "PoeschlTeller",
        "Potential",
        "Quartic",
        "Sampled",
        "Triangular",
        "WoodsSaxon",
    ),
    "qwpinn.loading": ("load",),
    "qwpinn.recipes": ("Paper", "Precise"),
    "qwpinn.nonparabolic": ("NonparabolicPINN",),
    "qwpinn.solution": ("NotConverged", "Solution"),
    "qwpinn.solver": ("solve",),
    "qwpinn.stark": ("stark_shift",),
    "qwpinn.status": ("Status",),
    "qwpinn.subbands": ("Subbands",),
    "qwpinn.sweeps": ("Sweep", "sweep"),
}


_MODULES = (
    "enclosures",
    "materials",
    "observables",
    "plotting",
    "potentials",
    "quadrature",
    "references",
)

_startup.install()


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _MODULES:
        return import_module(f"qwpinn.{name}")
    for module, names in _HOME.items():
        if name in names:
            return getattr(import_module(module), name)
    from qwpinn.names import meant

    raise AttributeError(f"module 'qwpinn' has no attribute '{name}'. {meant(name, __dir__())}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_MODULES, "__version__"])
