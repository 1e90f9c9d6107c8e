r"""Doubts: an upper bound of how far an evolution may be from the exact one.

Psi(t) = sum_k c_k(t) psi_k is held against the exact u(t), in the norm with weight rho. With the
inverse iterates phi_k of the states (`qwpinn.enclosures.resolvent`), which H takes to E_k phi_k but
for small defects, and by Duhamel's principle,

.. math:: \|\Psi(t) - u(t)\| \le \|\psi_0 - \sum c_k(0) \psi_k\|
          + \|\sum c_k(0)(\psi_k - \varphi_k)\| + \|\sum c_k(t) (\psi_k - \varphi_k)\| + D(t).

A well that is not driven has, whichever is less,

.. math:: D = \sum_k |c_k| \min(t \|(H - E_k) \varphi_k\|,
          2 \|\varphi_k - u_k\| + t |E_k - \lambda_k|),

where u_k and lambda_k are the exact states and levels. A driven one has

.. math:: D = \int \|\sum c_k (H - E_k) \varphi_k\| \, dt + \text{what the drive takes out of the
          states} + \text{the integrator's own},

the second as `qwpinn.dynamics.leakage` has it. All norms are integrals of known functions by
two rules; the integrator's part alone is an estimate, the difference of a step and two halves of
it, some fifteen times what these are wrong by. Times are in units of hbar here.

Reference:
    A. Pazy, Semigroups of Linear Operators, section 4.2, ISBN 978-0-387-90845-8
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from qwpinn.dynamics.basis import Basis, size

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# What rounding does to a phase, in units of it.
ROUNDING = 4.0 * np.finfo(np.float64).eps


@dataclass(frozen=True, eq=False)
class Doubts:
    """What bounds the error of an evolution, in units of the norm of psi0.

    Attributes:
        tail: ||psi0 - sum c_k psi_k||.
        apart: Of psi_k - phi_k, as `Basis.factors`, ``(2, K, K)``.
        defects: Of (H - E_k) phi_k, the same, over hbar.
        angles: Bounds of ||phi_k - u_k||, ``(K,)``.
        levels: Bounds of abs(E_k - lambda_k) over hbar, ``(K,)``.
        energies: E_k over hbar, ``(K,)``.
    """

    tail: float
    apart: Array
    defects: Array
    angles: Array
    levels: Array
    energies: Array

    @classmethod
    def of(cls, basis: Basis, tail: float, hbar: float) -> Self:
        """Those of states that carry all of psi0 but a tail."""
        return cls(
            tail,
            basis.factors(lambda rule: rule.psi - rule.phi),
            basis.factors(lambda rule: rule.defect) / hbar,
            basis.angles,
            basis.levels / hbar,
            basis.energies / hbar,
        )

    def at_rest(self, coefficients: Complex, times: Array) -> Array:
        """The bound at times ``(n,)`` of a well that is not driven.

        Args:
            coefficients: c(0), ``(K,)``.
            times: From 0 on.
        """
        sizes, t = np.abs(coefficients), times[:, None]
        defects = size(self.defects, np.eye(sizes.size))
        held = 2.0 * self.angles + t * np.where(t > 0.0, self.levels, 0.0)
        moved = self.moved(coefficients, times)
        of_states = self.of_states(coefficients, moved) + np.minimum(t * defects, held) @ sizes
        return np.asarray(self.tail + of_states + self.rounding(sizes, times))

    def moved(self, coefficients: Complex, times: Array) -> Complex:
        """C of a well that is not driven at times ``(n,)``, ``(n, K)``."""
        return np.asarray(coefficients * np.exp(-1j * times[:, None] * self.energies))

    def of_states(self, before: Complex, after: Complex) -> Array:
        """What the K states are away from their iterates, at time 0 and at times ``(n, K)``."""
        return np.asarray(size(self.apart, before) + size(self.apart, after))

    def rounding(self, sizes: Array, times: Array) -> Array:
        """Of phases and sums, at times ``(n,)``."""
        return np.asarray(ROUNDING * (np.sum(sizes) + times * (np.abs(self.energies) @ sizes)))
