"""Style: colours, labels with units, and the points that curves are drawn through."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.layers import subdivided
from qwpinn.equation.mesh import own_panels
from qwpinn.equation.potential import Potential
from qwpinn.sheets.screen import with_unit

Array = NDArray[np.float64]

# Okabe and Ito's palette, told apart by readers with any colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


@runtime_checkable
class States(Protocol):
    """States that are drawn; `qwpinn.Solution` and `qwpinn.references.Spectrum` answer."""

    @property
    def energies(self) -> Array: ...

    @property
    def box_states(self) -> NDArray[np.bool_]: ...

    def wavefunctions(self, x: ArrayLike, /) -> Array: ...


def colour(state: int) -> str:
    """The colour of a state, the same in every figure."""
    return COLOURS[state % len(COLOURS)]


def grid(potential: Potential, points: int = 1201) -> Array:
    """Points from wall to wall, on either side of each breakpoint but not on it.

    So jumps are drawn upright, and no function is asked for a value that it does not have. There
    are more points where the lowest states fill so small a part of the box that even ones would
    miss their lobes.
    """
    a, b = potential.interval
    jumps = np.asarray(potential.breakpoints, np.float64)
    beside = 1e-9 * (b - a)
    x, graded = np.linspace(a, b, points), subdivided(own_panels(potential, 5, points // 12), 12)
    dense = graded[1:][np.diff(graded) < 0.25 * (x[1] - x[0])]
    x = np.union1d(x, dense)
    x = x[np.all(np.abs(x[:, None] - jumps) > beside, axis=1)]
    return np.sort(np.concatenate([x, jumps - beside, jumps + beside]))


def position_label(potential: Potential) -> str:
    """The name of the coordinate with its unit, e.g. ``"z (nm)"``."""
    return with_unit(potential.symbol, potential.length_unit)


def energy_label(potential: Potential) -> str:
    """``"energy"`` with its unit."""
    return with_unit("energy", potential.energy_unit)


def psi_label(potential: Potential, state: int) -> str:
    """A state with the unit of psi, e.g. ``"psi_0 (nm^-1/2)"``, as columns have it."""
    unit = potential.length_unit
    return with_unit(f"psi_{state}", f"{unit}^-1/2" if unit else "")
