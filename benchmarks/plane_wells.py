"""The reference wells in the plane, their levels, and what scripts that measure them share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import scipy.linalg
import scipy.sparse.linalg  # noqa: F401 - its BLAS, too, is there when threads are limited
from machine import processor
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from qwpinn.startup import quiet

with quiet():
    import tensorflow as tf

    import qwpinn
    from qwpinn import potentials
    from qwpinn.equation.plane import PlanePotential
    from qwpinn.references import spectral_elements

Array = NDArray[np.float64]

STATES = 6
# Degrees of spectral elements that give all levels to the digits below, but at corners to 2e-11.
DEGREE, SMOOTH_DEGREE = 22, 14
# Of E - min V: how far the levels below may be off, for their own digits.
DIGITS = 2e-11
# Functions of each coordinate.
SINES = 60


class Reference(NamedTuple):
    """A well and its lowest levels.

    Attributes:
        well: The V.
        kind: ``"smooth"``, ``"narrow"``, ``"discs"`` or ``"corners"``.
        levels: The six lowest.
    """

    well: PlanePotential
    kind: str
    levels: Array


def _of(well: PlanePotential, kind: str, *levels: float) -> Reference:
    return Reference(well, kind, np.array(levels))


def _closed(well: potentials.Box2D | potentials.Harmonic2D) -> Reference:
    return Reference(well, "smooth", well.levels(STATES))


# What is no closed form was found by two independent methods, to the digits in which they agree:
# spectral elements of degrees 18 to 22 as `--recompute` of plane_accuracy.py repeats them, and
# products of sines where V is smooth, `by_sines`; where it jumps, a program of other elements,
# with sides on the discs, and of Legendre polynomials graded to the corners.
WELLS: Mapping[str, Reference] = {
    "box": _closed(potentials.Box2D()),
    "oscillator": _closed(potentials.Harmonic2D()),
    "oscillator 1:2": _closed(potentials.Harmonic2D(1.0, 2.0)),
    "Henon-Heiles": _of(
        potentials.HenonHeiles(), "smooth",
        1.9971895452092, 3.9801535201661, 3.9801535201661,
        5.9124859779759, 5.9706528561285, 5.9706528561285,
    ),
    "three Gaussians": _of(
        potentials.Gaussians2D(
            ((-1.0, 0.0), (1.0, 0.6), (0.2, -1.2)), (30.0, 24.0, 20.0), (0.5, 0.5477, 0.447),
            (-4.0, 4.0, -4.0, 4.0),
        ), "narrow",
        -16.7661895267516, -13.1679464328814, -9.2810941189916,
        -6.412744540715, -5.9386975026846, -4.4804992808242,
    ),
    "disc": _of(
        potentials.CircularDot(), "discs",
        4.4212888841933, 11.1606351044503, 11.1606351044503,
        19.9067814622054, 19.9067814628566, 22.8247877576616,
    ),
    "two discs": _of(
        potentials.CoupledDots(), "discs",
        6.4709332820917, 6.4858118134318, 16.220407982435,
        16.266242801098, 16.273659534723, 16.319079787375,
    ),
    "rectangle": _of(
        potentials.RectangularDot(), "corners",
        5.3582372554489, 10.9801071057217, 15.5715049334375,
        20.1961501434264, 21.1483140842631, 30.2665406631025,
    ),
}  # fmt: skip


def relative(energies: Array, reference: Reference) -> float:
    """The worst |E - E_ref| of the states, in units of E_ref - min V."""
    scale = reference.levels - reference.well.minimum
    return float(np.max(np.abs(energies - reference.levels) / scale))


def degree_of(reference: Reference) -> int:
    """Of the spectral elements that give its levels again."""
    return SMOOTH_DEGREE if reference.kind in ("smooth", "narrow") else DEGREE


def by_elements(reference: Reference) -> Array:
    """Its levels by spectral elements."""
    return spectral_elements(reference.well, STATES, degree_of(reference)).energies


def by_sines(well: PlanePotential) -> Array:
    """Levels of a smooth well in products of sines, by Gauss's rule and a dense eigenproblem."""
    t, w = np.polynomial.legendre.leggauss(3 * SINES)
    x0, x1, y0, y1 = well.box
    number = np.arange(1, SINES + 1)
    phi = np.sin(np.pi / 2 * np.outer(1.0 + t, number))
    v = well(*np.meshgrid((x0 + x1 + (x1 - x0) * t) / 2, (y0 + y1 + (y1 - y0) * t) / 2,
                          indexing="ij"))  # fmt: skip
    pairs = (w[:, None, None] * phi[:, :, None] * phi[:, None, :]).reshape(t.size, -1)
    matrix = (pairs.T @ v @ pairs).reshape((SINES,) * 4).transpose(0, 2, 1, 3)
    matrix = matrix.reshape(SINES**2, -1)
    squares = (np.pi * number) ** 2
    kinetic = (squares[:, None] / (x1 - x0) ** 2 + squares / (y1 - y0) ** 2).ravel()
    matrix[np.diag_indices_from(matrix)] += kinetic / well.rho
    found: Array = np.linalg.eigvalsh(matrix)[:STATES]
    return found


def machine(threads: int | None) -> str:
    """Keep to so many threads, and say which machine this is, for a first line."""
    if threads is not None:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        threadpool_limits(threads)
    kept = "as many threads as there are" if threads is None else f"threads: {threads}"
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    return f"{processor()}, {cores} cores, load {load:.1f}; {kept}"


def warm_up() -> None:
    """One solve of another well, with a jump, so that what is loaded and traced once is there."""
    qwpinn.solve(potentials.RectangularDot(1.2, 1.0, 20.0), 1, recipe=qwpinn.Precise(200, 0))
