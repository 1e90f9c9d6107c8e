"""The absorber: ends of the box that take what comes, in place of walls that send it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from qwpinn.dynamics.basis import Basis
from qwpinn.dynamics.magnus import Step
from qwpinn.equation.potential import Potential
from qwpinn.inputs import check

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# The exponent of what passes an absorber to the wall and back, at the mean speed of psi0.
DEPTH = np.log(1e8)


def check_widths(absorbing: object, potential: Potential) -> tuple[float, float]:
    """The widths of both ends, refused if they are none, or leave no room.

    Args:
        absorbing: One width for both ends, or a pair; 0 for a wall.
        potential: The well.

    Raises:
        TypeError: If a width is no real number.
        ValueError: If one is negative, or there is no room between them.
    """
    pair = absorbing if isinstance(absorbing, tuple | list) else (absorbing, absorbing)
    if len(pair) != 2:
        raise ValueError(
            "`absorbing` must be one width for both ends, or a pair of them. Received: "
            f"{len(pair)} numbers. Give e.g. absorbing=(0.0, 5.0)."
        )
    left, right = (check.not_negative("absorbing", width, "length") for width in pair)
    length = float(np.ptp(potential.interval))
    if not 0.0 < left + right < length:
        raise ValueError(
            f"`absorbing` must leave a part of the box, which is {length:g} long, and take one. "
            f"Received: {left:g} and {right:g}. Give widths of some wavelengths."
        )
    return left, right


@dataclass(frozen=True, eq=False)
class Absorber:
    r"""The absorbing potential -i A(x) between the states, and the current at its inner edges.

    .. math:: A(x) = \eta_0 s^2, \quad s \text{ from 0 at the inner edge to 1 at the wall}

    Attributes:
        matrices: A of the left and of the right end, ``(2, K, K)``.
        edges: psi_k at the inner edges, ``(2, K)``.
        fluxes: `Solution.fluxes` there, outwards, ``(2, K)``.
        hbar: In units of energy and time.
        longest: A step over which the probability that is taken changes smoothly.

    Reference:
        J. G. Muga, J. P. Palao, B. Navarro, I. L. Egusquiza, Phys. Rep. 395 (2004) 357,
        doi:10.1016/j.physrep.2004.03.002
    """

    matrices: Array
    edges: Array
    fluxes: Array
    hbar: float
    longest: float

    @classmethod
    def of(cls, basis: Basis, widths: tuple[float, float], coefficients: Complex) -> Self:
        """That of ends of such widths, for a packet with these coefficients."""
        well, solution = basis.solution.potential, basis.solution
        shares = np.abs(coefficients) ** 2 / np.sum(np.abs(coefficients) ** 2)
        mean = float(shares @ basis.energies)
        spread = float(np.sqrt(shares @ (basis.energies - mean) ** 2))
        at, edges, fluxes, matrices = well.interval, [], [], []
        for wall, width, outwards in zip(at, widths, (-1.0, 1.0), strict=True):
            inner = wall - outwards * width
            edges.append(solution.wavefunctions([inner])[0])
            fluxes.append(outwards * solution.fluxes([inner])[0])
            height = 0.0
            if width:
                height = 0.75 * DEPTH * well.hbar * _speed(well, inner, mean) / width
            depth = np.maximum(outwards * (basis.first.positions - inner), 0.0)
            profile = height * (depth / (width or 1.0)) ** 2
            matrices.append(basis.first.elements(profile))
        longest = 0.5 * well.hbar / max(spread, 1e-3 * abs(mean))
        return cls(np.array(matrices), np.array(edges), np.array(fluxes), well.hbar, longest)

    def passed(self, step: Step) -> tuple[Array, Array]:
        """What both ends take in a step, and what they send back, each ``(2,)``, by Simpson."""
        states = np.array(step.states)
        taken = np.real(np.einsum("sj,ejk,sk->se", states.conj(), self.matrices, states))
        current = np.imag((states @ self.edges.T).conj() * (states @ self.fluxes.T))
        weights = step.length / 6.0 * np.array([1.0, 4.0, 1.0]) * 2.0 / self.hbar
        # An end that is a wall sends all back; that is no fault of an absorber.
        back = np.maximum(-current, 0.0) * np.any(self.matrices != 0.0, axis=(1, 2))
        return weights @ taken, weights @ back


def _speed(well: Potential, position: float, energy: float) -> float:
    """The group velocity at a position, of an energy above V there."""
    z = np.array([position])
    x = well.to_normal(z)
    form = well.normal_form
    above = max(energy - float(form(x)[0]), 1e-3 * abs(energy))
    nudge = 1e-6 * float(np.ptp(well.interval))
    stretch = 2.0 * nudge / float(well.to_normal(z + nudge)[0] - well.to_normal(z - nudge)[0])
    return float(2.0 / well.hbar * np.sqrt(above / form.weight(x)[0]) * stretch)
