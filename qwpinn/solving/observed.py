"""Observed: what is asked of states by name, answered by their observables."""

from __future__ import annotations

import abc

import numpy as np
from numpy.typing import NDArray

from qwpinn.observables import Function, Observables
from qwpinn.references.spectrum import Spectrum

Array = NDArray[np.float64]


class Observed(abc.ABC):
    """States that have `qwpinn.observables.Observables`."""

    @property
    @abc.abstractmethod
    def observables(self) -> Observables:
        """Expectation values and more, as one object; the methods here are its."""

    def expectation(self, f: str | Function) -> Array:
        """<psi_k, f psi_k>, shape ``(K,)``; see `qwpinn.observables.Observables.expectation`.

        Args:
            f: ``"x"``, ``"x^2"``, ``"p^2"``, ``"T"``, ``"V"``, or a function of x.
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

    def error(self, reference: Spectrum) -> Array:
        r"""(\int rho (psi_k - reference_k)^2 dx)^(1/2), signs matched, shape ``(K,)``."""
        return self.observables.distance(reference.wavefunctions)
