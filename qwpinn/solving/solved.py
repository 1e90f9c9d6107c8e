"""Solved: what every solution of a well has, whatever its dimension."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Self

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from qwpinn.enclosures.enclosure import Enclosure
from qwpinn.equation.geometry import AnyWell
from qwpinn.networks.well_model import Remade, WellModel
from qwpinn.observables import splitting
from qwpinn.sheets.screen import Pictured, Sheet
from qwpinn.solving.enclosed import Enclosed
from qwpinn.status import Status

Array = NDArray[np.float64]

LEGEND = (
    "energy(u): the level is proven to lie within u units of its last digits.",
    "width: of this enclosure, in units of E - min V, the measure of rtol.",
)


class NotConverged(RuntimeError):  # noqa: N818 - reads as what it says in `except`
    """`solve` was asked to raise, and a state is not as it was asked for.

    Attributes:
        solution: The `Solution` all the same.
    """

    def __init__(self, solution: Solved) -> None:
        super().__init__("; ".join(solution.failures))
        self.solution = solution

    def __reduce__(self) -> tuple[type[NotConverged], tuple[Solved]]:
        return type(self), (self.solution,)


@dataclass(frozen=True, repr=False, eq=False)
class Solved(Enclosed, Pictured):
    """The K lowest states of a well, as a network knows them.

    Attributes:
        potential: The well.
        model: The network; everything else is its output.
        enclosure: What is proven of the levels.
        rtol: The largest width of an enclosure that was asked for, in units of E - min V.
        history: What ``fit`` logged, one list a quantity, one entry an epoch.
        seconds: Wall time of building, tracing, training and proving.
    """

    potential: AnyWell
    model: WellModel
    enclosure: Enclosure
    rtol: float
    history: dict[str, list[float]] = field(repr=False)
    seconds: float

    def __getstate__(self) -> dict[str, object]:
        # What was derived is derived again: it is large, and functions are no matter for a pickle.
        state = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "model"}
        parts = vars(self).get("parts") or (type(self.model), self.model.parts())
        return state | {"parts": parts}

    def __copy__(self) -> Self:
        copied = object.__new__(type(self))
        vars(copied).update(vars(self))
        return copied

    def __setstate__(self, state: Mapping[str, object]) -> None:
        # Earlier pickles hold the model, as Keras pickles it.
        self.__dict__.update(state)

    def __repr__(self) -> str:
        well = f"{self.potential!r:.100}"
        return f"{type(self).__name__}({well}, states={self.energies.size}, {self.status.name})"

    @property
    def bound(self) -> NDArray[np.bool_]:
        """Which states V binds, shape ``(K,)``; all where the walls are real ones."""
        return np.ones(self.energies.shape, np.bool_)

    @property
    def box_states(self) -> NDArray[np.bool_]:
        """Which states tables and figures call "box", shape ``(K,)``: those that are not bound."""
        return ~self.bound

    @property
    def region(self) -> tuple[float, ...]:
        """Both ends of the active layers; none of potentials that have no such layers."""
        return ()

    @property
    def localisation(self) -> Array | None:
        """The probability of each state to be in the `region`, shape ``(K,)``; None without one."""
        return None

    @property
    def localised(self) -> NDArray[np.bool_]:
        """Which states belong to the `region`, shape ``(K,)``; all without one."""
        return np.ones(self.energies.shape, np.bool_)

    @property
    def biased(self) -> bool:
        """Whether a field moves the states of one well, as `qwpinn.stark_shift` tells."""
        return False

    @property
    def title(self) -> str | None:
        """What stands above the figure, if anything."""
        return None

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what these numbers are of, below every table and in result.json."""
        return ()

    def sheet(self) -> Sheet:
        """The potential with its equation, and the `table`."""
        heading: Sheet = self.potential.heading()
        return heading + self.table()

    @abc.abstractmethod
    def table(self) -> Sheet:
        """A row a state, what the numbers mean, notes, and what is not as asked."""

    @abc.abstractmethod
    def plot(self) -> Figure:
        """The states."""

    @abc.abstractmethod
    def walls(self) -> dict[str, object]:
        """What result.json says of the walls, in plain values."""

    @abc.abstractmethod
    def facts(self) -> list[tuple[dict[str, object], dict[str, object]]]:
        """What result.json says of each state, before and after how it ended, in plain values."""

    @abc.abstractmethod
    def write_waves(self, folder: Path) -> None:
        """Write a table of psi into a folder."""

    def lines(self) -> dict[str, Array]:
        """What tables say of each pair of states, ``(K, K)``, by the names of their columns."""
        return {}

    def details(self) -> dict[str, object]:
        """What result.json says beside what it says of every solution, in plain values."""
        return {}

    def splitting(self, i: int = 0, j: int = 1) -> float:
        """E_j - E_i, e.g. of a tunnelling doublet."""
        return splitting(self.energies, i, j)

    def save(self, path: str | Path) -> None:
        """Write the model's folder, which `qwpinn.load` and `tf.saved_model.load` read."""
        self.model.export(path)


# What has its model hides this; what was pickled has its parts.
Solved.model = Remade()  # type: ignore[assignment]


def said(energy: Status, psi: Status) -> str:
    """How a state ended: its energy, or its psi if that is the worse of both."""
    if energy is Status.CONVERGED and psi is Status.MIXED:
        return "psi mixed"
    return energy.name.lower().replace("_", " ")
