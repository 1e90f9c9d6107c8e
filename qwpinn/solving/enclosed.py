"""Enclosed: the levels of a network, what is proven of them, and whether that was asked for."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qwpinn.enclosures.enclosure import UNPROVEN, Enclosure
from qwpinn.equation.geometry import AnyWell
from qwpinn.networks.well_model import WellModel
from qwpinn.sheets.screen import Line, Sheet
from qwpinn.status import Status, states_named

Array = NDArray[np.float64]

# From this error on, psi is said to be mixed.
MIXED = 0.1


class Enclosed:
    """Levels that a network has, with their `qwpinn.enclosures.Enclosure`.

    Attributes:
        potential: The well.
        model: The network.
        enclosure: What is proven.
        rtol: The largest width that was asked for, in units of E - min V.
    """

    potential: AnyWell
    model: WellModel
    enclosure: Enclosure
    rtol: float

    @property
    def energies(self) -> Array:
        """Ascending, in the potential's unit of energy, float64, shape ``(K,)``."""
        return np.asarray(self.model.energies.numpy(), np.float64)

    @property
    def floor(self) -> float:
        """Min V, from which energies are measured where widths are relative to them."""
        return float(self.potential.minimum)

    @property
    def lower(self) -> Array:
        """Lower bounds of the exact levels, shape ``(K,)``."""
        return self.enclosure.lower

    @property
    def upper(self) -> Array:
        """Upper bounds of the exact levels, shape ``(K,)``."""
        return self.enclosure.upper

    @property
    def numbers(self) -> NDArray[np.intp]:
        """Which level each state was asked to be, shape ``(K,)``: 0 to K - 1, or ``level``."""
        return self.enclosure.numbers

    @property
    def quantum_numbers(self) -> NDArray[np.intp]:
        """Which level each state is, proven by a count; 0 the ground state, -1 if unproven."""
        return self.enclosure.quantum_numbers

    @property
    def residuals(self) -> Array:
        r"""||H psi_k - R psi_k|| / ||psi_k||, R = <psi_k, H psi_k>, shape ``(K,)``, an energy.

        Evaluated on a quadrature of its own, finer than the one that training saw.
        """
        return self.enclosure.residuals

    @property
    def state_errors(self) -> Array:
        """Bounds of ||psi_k - u_k||, u_k the exact state, signs matched, shape ``(K,)``.

        In the norm with weight rho (`qwpinn.enclosures.angles`); 2^(1/2) where nothing is proven.
        """
        return self.enclosure.state_errors

    @property
    def shares(self) -> Array:
        """`Enclosure.shares` of E - min V, shape ``(K,)``."""
        return self.enclosure.shares(self.floor)

    @property
    def relative_widths(self) -> Array:
        """`Enclosure.relative_widths` of E - min V, shape ``(K,)``: what `rtol` bounds."""
        return self.enclosure.relative_widths(self.floor)

    @property
    def kinetic(self) -> NDArray[np.bool_]:
        """Which widths are in units of the kinetic energy, as E may lie below min V."""
        return ~(self.lower > self.floor)

    @cached_property
    def statuses(self) -> tuple[Status, ...]:
        """How each state ended."""
        return tuple(
            Status.UNPROVEN
            if number == UNPROVEN
            else Status.OTHER_LEVEL
            if number != wanted
            else Status.CONVERGED
            if width <= self.rtol
            else Status.TOO_WIDE
            for number, wanted, width in zip(
                self.quantum_numbers, self.numbers, self.relative_widths, strict=True
            )
        )

    @cached_property
    def state_statuses(self) -> tuple[Status, ...]:
        """How each psi_k ended: `Status.MIXED` if it may be wrong by more than a tenth.

        Probabilities, dipoles and nodes are as wrong as psi; the energy's own status is another
        matter (`statuses`).
        """
        return tuple(
            Status.UNPROVEN
            if number == UNPROVEN
            else Status.MIXED
            if error > MIXED
            else Status.CONVERGED
            for number, error in zip(self.quantum_numbers, self.state_errors, strict=True)
        )

    @property
    def converged(self) -> bool:
        """Whether every enclosure is within the tolerance, with its quantum number proven."""
        return all(status is Status.CONVERGED for status in self.statuses)

    @property
    def status(self) -> Status:
        """`Status.CONVERGED` if every state is, else what is wrong with the first that is not."""
        if self.model.status.failed and not self.converged:
            return self.model.status
        return next((s for s in self.statuses if s is not Status.CONVERGED), Status.CONVERGED)

    @property
    def failures(self) -> tuple[str, ...]:
        """A sentence for each state that is not as it was asked for."""
        return tuple(
            f"state {k} (E = {energy:.10g}, enclosure {width:.1e} of E - min V): {status}"
            for k, energy, width, status in zip(
                self.numbers, self.energies, self.shares, self.statuses, strict=True
            )
            if status is not Status.CONVERGED
        )

    def failure_sheet(self, well: str = "") -> Sheet:
        """A sentence for all states that failed in the same way, after the well's name."""
        name = f"{well}, " if well else ""
        failed: dict[Status, list[int]] = defaultdict(list)
        for k, status in zip(self.numbers.tolist(), self.statuses, strict=True):
            if status is not Status.CONVERGED:
                failed[status].append(k)
        training = self.model.status
        lines = [Line(f" {training}", mark=f"{name}training:")] if training.failed else []
        for status, states in failed.items():
            lines.append(Line(f" {status}", mark=f"{name}{states_named(states)}:"))
        return Sheet(tuple(lines))
