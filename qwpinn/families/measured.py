"""A family's networks with what is known of their errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.families import errors as family_errors
from qwpinn.families.anticrossings import Anticrossings
from qwpinn.families.errors import FamilyErrors, fingerprint
from qwpinn.families.family import Family
from qwpinn.families.networks import DeepONet, EnergySurface
from qwpinn.families.ritz import RefinedFamily
from qwpinn.families.sheets import error_sheet
from qwpinn.inputs import check
from qwpinn.sheets.screen import Line, Pictured, Sheet
from qwpinn.status import Status

Array = NDArray[np.float64]


class MeasuredFamily(Pictured, RefinedFamily):
    """The equation of a family, and how far the networks that solve it are off.

    Args:
        family: The potentials.
        operator: The wavefunctions.
        surface: The energies.
        normalisation: lambda > 0.
        errors: What `measure` found. Defaults to None: unknown.
    """

    def __init__(
        self,
        family: Family,
        operator: DeepONet,
        surface: EnergySurface,
        normalisation: float = 100.0,
        errors: FamilyErrors | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(family, operator, surface, normalisation, **kwargs)
        self._status, self._measured = Status.UNTRAINED, errors

    def measure(self, members: int = 256, seed: int = 1) -> None:
        """Find how far the networks are off, for `error`, and where levels come close.

        At members of its own, and at anticrossings and beside them, energies and wavefunctions are
        held against Ritz states in the trunk, some of which are enclosed. `train_family` does this
        at its end.

        Args:
            members: How many, to begin with.
            seed: Of their parameters; another one than that of the training.
        """
        members = check.integer("members", members, minimum=2)
        self._measured = family_errors.measure(self, members, seed)

    @property
    def errors(self) -> FamilyErrors | None:
        """What `measure` found of the present weights; None if nothing is known of them."""
        known = self._measured is not None and self._measured.weights == fingerprint(self)
        return self._measured if known else None

    @property
    def status(self) -> Status:
        """How training ended; `Status.UNEVEN` if networks were measured that fail somewhere."""
        if self._status.failed or self.errors is None:
            return self._status
        return Status.UNEVEN if self.errors.uneven.any() else self._status

    @status.setter
    def status(self, value: Status) -> None:
        self._status = value

    def error(self, p: ArrayLike, of: str = "energies") -> Array:
        """The stated error of the networks at p, shape ``(n, K)``; NaN if never measured.

        An estimate: between members that were measured, the largest error of the nearest ones, at
        least twice over. `energies` with ``refine=True`` are better, and `enclosures` are proven.

        Args:
            p: See `energies`.
            of: ``"energies"``, in units of E_k - V0, V0 the lowest V of all members; or ``"psi"``,
                the L2 norm of what the wavefunctions are off by.

        Raises:
            TypeError: If ``p`` does not hold real numbers.
            ValueError: If ``p`` is no such array, or outside the box, or ``of`` neither word.
        """
        if of not in ("energies", "psi"):
            raise ValueError(
                f"`of` must be 'energies' or 'psi'. Received: {of!r:.40}. Give one of them."
            )
        rows, errors = self.family.checked(p), self.errors
        if errors is None:
            return np.full((len(rows), self.states), np.nan)
        both = errors.stated(self.family.scaled(rows))
        return both[:, : self.states] if of == "energies" else both[:, self.states :]

    @property
    def anticrossings(self) -> tuple[Anticrossing, ...]:
        """Where levels come close and repel each other, the smallest gap of each pair first."""
        errors = self.errors
        return () if errors is None else reported(self.family, errors.crossings)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what these networks are of, and how good."""
        return (*self.family.centre.notes, *sentences(self.family, self.errors))

    def sheet(self) -> Sheet:
        """The family, its equation, and how far the networks are off."""
        text = f"{self.states} states of {self.family}"
        return Sheet((Line(text), Line(self.family.centre.equation, "dim"))) + self.table()

    def table(self) -> Sheet:
        """How far the networks are off, and anticrossings, in sentences too."""
        return error_sheet(self)


@dataclass(frozen=True)
class Anticrossing:
    """A member in which the gap of two neighbouring levels is least.

    Attributes:
        levels: Their numbers (k, k + 1).
        parameters: Of the member, shape ``(m,)``.
        gap: E_{k+1} - E_k there, in the family's unit of energy.
    """

    levels: tuple[int, int]
    parameters: Array
    gap: float


def reported(family: Family, found: Anticrossings) -> tuple[Anticrossing, ...]:
    """Anticrossings in the family's own parameters."""
    rows = family.unscaled(found.places)
    return tuple(
        Anticrossing((int(pair), int(pair) + 1), row, float(gap))
        for pair, row, gap in zip(found.pairs, rows, found.gaps, strict=True)
    )


def sentences(family: Family, errors: FamilyErrors | None) -> tuple[str, ...]:
    """What was measured, or that nothing was."""
    if errors is None:
        return ("How far the networks are off is unknown; `measure` finds out.",)
    states = errors.states
    parts = [
        f"{name} {np.max(errors.medians[columns]):.1e}, largest "
        f"{np.max(errors.largest[columns]):.1e}{unit}"
        for name, unit, columns in (
            ("energies", " of E - V0", slice(states)),
            ("psi", " in L2", slice(states, None)),
        )
    ]
    found = [f"Measured at {len(errors.places)} members, median errors: {'; '.join(parts)}."]
    if not np.isfinite(errors.widths).all():
        found.append(
            "Not all refined levels could be proven: no error is stated of E_"
            f"{', E_'.join(str(k) for k in np.flatnonzero(np.isinf(errors.widths)))}."
        )
    return (*found, *_of_anticrossings(family, errors))


def _of_anticrossings(family: Family, errors: FamilyErrors) -> list[str]:
    """A sentence for each pair of levels that comes close, on the smallest gap that was found."""
    unit = family.centre.energy_unit
    narrowest: dict[tuple[int, int], Anticrossing] = {}
    for one in reported(family, errors.crossings):
        narrowest.setdefault(one.levels, one)
    found = []
    for (k, _), one in narrowest.items():
        where = ", ".join(
            f"{name}={value:.6g}" for name, value in zip(family.names, one.parameters, strict=True)
        )
        energies, psi = (part.max() for part in np.split(errors.profile[k], 2, axis=1))
        cure = " Ask there with refine=True." if errors.felt[k] else ""
        found.append(
            f"Anticrossing of E_{k} and E_{k + 1}: gap {one.gap:.3g}{f' {unit}' if unit else ''} "
            f"at {where}; near it energies err by up to {energies:.1e}, psi by {psi:.1e}.{cure}"
        )
    return found
