"""The solution: what `qwpinn.solve` finds of a well, and how wrong it can be."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from qwpinn import _check, plotting
from qwpinn.enclosures import UNPROVEN, Enclosure
from qwpinn.observables import Function, Observables, splitting
from qwpinn.potentials import Potential
from qwpinn.references import Spectrum
from qwpinn.residuals import derivative
from qwpinn.resolution import data_shift
from qwpinn.status import Status

Array = NDArray[np.float64]


class NotConverged(RuntimeError):  # noqa: N818 - reads as what it says in `except`
    """`solve` was asked to raise, and a state is not as it was asked for.

    Attributes:
        solution: The `Solution` all the same.
    """

    def __init__(self, solution: Solution) -> None:
        super().__init__("; ".join(solution.failures))
        self.solution = solution


@dataclass(frozen=True)
class Solution:
    """The K lowest states of a well, as a network knows them, and how wrong it can be.

    Attributes:
        potential: The well.
        model: The trained `QuantumWellPINN` (of non-parabolic bands, a `NonparabolicPINN`);
            everything below is its output.
        enclosure: What is proven of the levels; see `qwpinn.enclosures` under which assumptions.
        rtol: The largest width of an enclosure that was asked for, in units of E - min V.
        history: What ``fit`` logged, one list a quantity, one entry an epoch; empty if the Ritz
            start was all.
        seconds: Wall time of building, tracing, training and proving.
    """

    potential: Potential
    model: Any
    enclosure: Enclosure
    rtol: float
    history: dict[str, list[float]] = field(repr=False)
    seconds: float

    @property
    def energies(self) -> Array:
        """Ascending, in the potential's unit of energy, float64, shape ``(K,)``."""
        return np.asarray(self.model.energies.numpy(), np.float64)

    @property
    def lower(self) -> Array:
        """Lower bounds of the exact levels, shape ``(K,)``."""
        return self.enclosure.lower

    @property
    def upper(self) -> Array:
        """Upper bounds of the exact levels, shape ``(K,)``."""
        return self.enclosure.upper

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

    @cached_property
    def statuses(self) -> tuple[Status, ...]:
        """How each state ended."""
        floor = self.model.scaling.energy_origin
        allowed = self.rtol * (self.enclosure.lower - floor)
        return tuple(
            Status.UNPROVEN
            if number == UNPROVEN
            else Status.OTHER_LEVEL
            if number != k
            else Status.CONVERGED
            if width <= most
            else Status.TOO_WIDE
            for k, (number, width, most) in enumerate(
                zip(self.quantum_numbers, self.enclosure.widths, allowed, strict=True)
            )
        )

    @property
    def status(self) -> Status:
        """`Status.CONVERGED` if every state is, else what is wrong with the first that is not."""
        if self.model.status is Status.NOT_FINITE and not self.converged:
            return Status.NOT_FINITE
        return next((s for s in self.statuses if s is not Status.CONVERGED), Status.CONVERGED)

    @property
    def converged(self) -> bool:
        """Whether every enclosure is within the tolerance, with its quantum number proven."""
        return all(status is Status.CONVERGED for status in self.statuses)

    @property
    def failures(self) -> tuple[str, ...]:
        """A sentence for each state that is not as it was asked for."""
        above = np.maximum(self.lower - self.model.scaling.energy_origin, 1e-300)
        relative = self.enclosure.widths / above
        return tuple(
            f"state {k} (E = {energy:.10g}, enclosure {width:.1e} of E - min V): {status}"
            for k, (energy, width, status) in enumerate(
                zip(self.energies, relative, self.statuses, strict=True)
            )
            if status is not Status.CONVERGED
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what these numbers are of, below every table and in result.json."""
        shift = self.data_shift
        if shift is None:
            return self.potential.notes
        moved = ", ".join(f"{abs(distance):.1e}" for distance in shift)
        unit = f" {self.potential.energy_unit}".rstrip()
        said = f"Without every second sample the levels move by {moved}{unit}: "
        return (*self.potential.notes, said + "the samples determine them no better than that.")

    @cached_property
    def data_shift(self) -> Array | None:
        """How far each level moves without every second sample, shape ``(K,)``; None of formulas.

        The enclosures are of the V that was solved, `Potential.coarser` shows how far its samples
        determine that V.
        """
        coarser = self.potential.coarser
        return None if coarser is None else data_shift(self.model, coarser)

    def wavefunctions(self, x: ArrayLike) -> Array:
        """psi_k(x), normalised, first lobe positive, shape ``(len(x), K)``.

        Args:
            x: Positions inside the interval, shape ``(n,)`` or ``(n, 1)``.

        Raises:
            ValueError: If ``x`` has another shape or leaves the interval.
        """
        column = _check.points(x, self.potential.interval)[:, None]
        return np.asarray(self.model(tf.constant(column)).numpy())

    def slopes(self, x: ArrayLike) -> Array:
        """psi_k'(x), shape ``(len(x), K)``; arguments as those of `wavefunctions`."""
        column = _check.points(x, self.potential.interval)[:, None]
        return np.asarray(derivative(self.model)(tf.constant(column)).numpy())

    @cached_property
    def observables(self) -> Observables:
        """Expectation values and more, as one object; the methods below are its."""
        return Observables(self.potential, self.wavefunctions, self.slopes, self._visible)

    @property
    def _visible(self) -> Array:
        """The lobes of psi_k that are no noise: above thrice eta / gap, a bound on its error."""
        levels = self.enclosure.lower
        beside = np.concatenate([[-np.inf], levels, [np.inf]])
        gap = np.minimum(levels - beside[:-2], beside[2:] - levels)
        if levels.size == 1:
            gap = levels - self.model.scaling.energy_origin
        return np.asarray(np.clip(3.0 * self.residuals / np.maximum(gap, 1e-300), 1e-6, 1e-2))

    def expectation(self, f: str | Function) -> Array:
        """<psi_k, f psi_k>, shape ``(K,)``; see `qwpinn.observables.Observables.expectation`.

        Args:
            f: ``"x"``, ``"x^2"``, ``"p^2"``, ``"V"``, or a function of x.
        """
        return self.observables.expectation(f)

    @property
    def dipoles(self) -> Array:
        """<psi_i, x psi_j>, shape ``(K, K)``."""
        return self.observables.dipoles

    @property
    def node_counts(self) -> NDArray[np.intp]:
        """Zeros of each psi_k inside the interval, shape ``(K,)``."""
        return self.observables.node_counts

    def probability(self, left: float, right: float) -> Array:
        """The integral of rho psi_k^2 from ``left`` to ``right``, shape ``(K,)``."""
        return self.observables.probability(left, right)

    def splitting(self, i: int = 0, j: int = 1) -> float:
        """E_j - E_i, e.g. of a tunnelling doublet."""
        return splitting(self.energies, i, j)

    def error(self, reference: Spectrum) -> Array:
        r"""(\int rho (psi_k - reference_k)^2 dx)^(1/2), signs matched, shape ``(K,)``."""
        return self.observables.distance(reference.wavefunctions)

    def plot(self, reference: Spectrum | None = None) -> Figure:
        """V(x) with the wavefunctions at their energies, on the reference, the error below."""
        return plotting.states(self, reference)

    def save(self, path: str | Path) -> None:
        """Write the model's folder, which `qwpinn.load` and `tf.saved_model.load` read."""
        self.model.export(path)
