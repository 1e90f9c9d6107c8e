r"""Leakage: what a drive takes out of the K states, and how little of it stays out.

With phi_k the iterates of the states, W_jk between them and c the coefficients, f W leaves
f sum_k c_k g_k, g_k = W phi_k - sum_j phi_j W_jk, undone. As it is, it adds

.. math:: \int |f| \, \|\sum_k c_k g_k\| \, dt

to the error. But it is of high energies, whose phases turn fast. With y_k = (H - E_k)^{-1} g_k,
Psi - f sum c_k y_k misses of the equation, but for what y_k misses of its own,

.. math:: \int |f'| \, \|\sum c_k y_k\| + f^2 \, \|\sum_k c_k (W y_k - \sum_j y_j W_{jk})\| \, dt

and is away from Psi by |f| ||sum c_k y_k|| at both ends: less by the energy above the states. The
lesser of both is taken. f' comes in by the variation of f between the times of a look at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from qwpinn.dynamics.basis import Basis, Sampled, size
from qwpinn.dynamics.drive import Drive
from qwpinn.dynamics.magnus import Step

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Steps towards (H - E_k)^-1, each of which leaves a part of energy E_j with
# (E_k - sigma) / (E_j - sigma) of its size.
STEPS = 8
# By how much the variation of f is taken for more than its nodes show.
VARIATION = 1.2


@dataclass(frozen=True, eq=False)
class Leakage:
    """What f(t) W takes out of a basis; norms as `Basis.factors`, over hbar.

    Attributes:
        coupling: W_jk, ``(K, K)``.
        direct: Of g_k.
        stirred: Of y_k, as they are.
        missed: Of (H - E_k) y_k - g_k.
        twice: Of W y_k - sum_j y_j W_jk.
    """

    coupling: Array
    direct: Array
    stirred: Array
    missed: Array
    twice: Array

    @classmethod
    def of(cls, basis: Basis, drive: Drive) -> Self:
        """That of a drive in the states of a basis."""
        hbar = basis.solution.potential.hbar
        nodes = basis.resolvent.rule.nodes
        at_nodes = drive.coupling(basis.solution.potential.from_normal(nodes))[:, None]
        matrix = basis.first.elements(drive.coupling(basis.first.positions))
        phi = basis.iterates.at_nodes()
        source = at_nodes * phi - phi @ matrix
        made = basis.resolvent(source)
        for step in range(STEPS + 1):
            # None of it is of the states: what rounding leaves there would grow.
            made = made.less(basis.iterates, basis.within(made))
            if step < STEPS:
                shifted = basis.energies - basis.resolvent.sigma
                made = basis.resolvent(source + shifted * made.at_nodes())

        def driven(rule: Sampled, functions: Array) -> Array:
            return drive.coupling(rule.positions)[:, None] * functions - functions @ matrix

        def missed(rule: Sampled) -> Array:
            y, h_y = made(rule.nodes)
            return h_y - basis.energies * y - driven(rule, rule.phi)

        return cls(
            matrix,
            basis.factors(lambda rule: driven(rule, rule.phi)) / hbar,
            basis.factors(lambda rule: made(rule.nodes)[0]),
            basis.factors(missed) / hbar,
            basis.factors(lambda rule: driven(rule, made(rule.nodes)[0])) / hbar,
        )

    def added(self, step: Step) -> Array:
        """What a step adds to both bounds, ``(2,)``; of several columns of c, ``(2, m)``."""
        states, f = np.moveaxis(np.array(step.states), 1, -1), step.strengths
        strongest = float(np.max(np.abs(f)))
        varied = VARIATION * float(np.sum(np.abs(np.diff(f))))

        def largest(factors: Array) -> Array:
            return np.asarray(np.max(size(factors, states), axis=0))

        direct = step.length * strongest * largest(self.direct)
        twice = strongest * strongest * largest(self.twice) + strongest * largest(self.missed)
        return np.array([direct, step.length * twice + varied * largest(self.stirred)])

    def at_end(self, strength: float | Array, coefficients: Complex) -> Array:
        """By how much psi is away from what the second bound is of, at one time or several."""
        return np.asarray(np.abs(strength) * size(self.stirred, coefficients))
