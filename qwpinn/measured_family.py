"""A family's networks with what is known of their errors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn import _check, family_errors
from qwpinn.deeponet import DeepONet
from qwpinn.family import Family, checked_family
from qwpinn.family_equation import FamilyEquation
from qwpinn.family_errors import FamilyErrors, fingerprint
from qwpinn.family_notes import Anticrossing, reported, sentences
from qwpinn.family_sheet import error_sheet
from qwpinn.screen import Line, Pictured, Sheet
from qwpinn.status import Status
from qwpinn.surfaces import EnergySurface

Array = NDArray[np.float64]


class MeasuredFamily(Pictured, FamilyEquation):
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
        super().__init__(operator, surface, normalisation, **kwargs)
        self.family = checked_family(family)
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
        members = _check.integer("members", members, minimum=2)
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
