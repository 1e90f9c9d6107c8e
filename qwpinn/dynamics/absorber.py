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
# Energies at which waves are looked at, within so many standard deviations of the mean.
LEVELS, WITHIN = 301, 6.0
# The probability that may begin in an end.
BEGUN = 2e-3
SIMPSON = np.array([1.0, 4.0, 1.0])


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
    r"""The absorbing potential -i A(x) between the states, and waves at its inner edges.

    .. math:: A(x) = \eta_0 s^2, \quad s \text{ from 0 at the inner edge to 1 at the wall}

    What it sends back is told from what arrives by energy: with psi_E and its flux F_E the Fourier
    transforms of psi and (hbar^2/2m) psi' at an inner edge, the wave inwards is
    (psi_E - F_E / (i kappa)) / 2, kappa = hbar v rho / 2 with the speed v of that energy.

    Attributes:
        matrices: A of the left and of the right end, ``(2, K, K)``.
        edges: psi_k at the inner edges, ``(2, K)``.
        fluxes: `Solution.fluxes` there, outwards, ``(2, K)``.
        levels: Energies E of the waves, evenly, ``(m,)``.
        kappa: At either edge, 0 where no wave travels, ``(2, m)``.
        hbar: In units of energy and time.
        longest: A step over which the probability that is taken changes smoothly.

    Reference:
        J. G. Muga, J. P. Palao, B. Navarro, I. L. Egusquiza, Phys. Rep. 395 (2004) 357,
        doi:10.1016/j.physrep.2004.03.002
    """

    matrices: Array
    edges: Array
    fluxes: Array
    levels: Array
    kappa: Array
    hbar: float
    longest: float

    @classmethod
    def of(cls, basis: Basis, widths: tuple[float, float], coefficients: Complex) -> Self:
        """That of ends of such widths, for a packet with these coefficients."""
        well, solution = basis.solution.potential, basis.solution
        shares = np.abs(coefficients) ** 2 / np.sum(np.abs(coefficients) ** 2)
        mean = float(shares @ basis.energies)
        spread = float(np.sqrt(shares @ (basis.energies - mean) ** 2))
        _refuse_inside(basis, widths, coefficients)
        levels = mean + WITHIN * max(spread, 1e-3 * abs(mean)) * np.linspace(-1.0, 1.0, LEVELS)
        edges, fluxes, matrices, kappa = [], [], [], []
        for wall, width, outwards in zip(well.interval, widths, (-1.0, 1.0), strict=True):
            inner = wall - outwards * width
            edges.append(solution.wavefunctions([inner])[0])
            fluxes.append(outwards * solution.fluxes([inner])[0])
            speeds = _speeds(well, inner, np.append(levels, mean))
            height = 0.75 * DEPTH * well.hbar * speeds[-1] / width if width else 0.0
            depth = np.maximum(outwards * (basis.first.positions - inner), 0.0)
            matrices.append(basis.first.elements(height * (depth / (width or 1.0)) ** 2))
            # An end that is a wall sends all back; that is no fault of an absorber.
            rho = float(well.weight(np.array([inner]))[0]) if width else 0.0
            kappa.append(0.5 * well.hbar * rho * speeds[:-1])
        longest = 0.25 * well.hbar / max(spread, 1e-3 * abs(mean))
        at = np.array(edges), np.array(fluxes), levels, np.array(kappa)
        return cls(np.array(matrices), *at, well.hbar, longest)

    def taken(self, step: Step) -> Array:
        """What both ends take in a step, by Simpson's rule, ``(2,)``."""
        states = np.array(step.states)
        rates = np.real(np.einsum("sj,ejk,sk->se", states.conj(), self.matrices, states))
        return np.asarray(step.length / 6.0 * 2.0 / self.hbar * (SIMPSON @ rates))

    def seen(self, step: Step) -> Complex:
        """What a step adds to psi_E and F_E at both edges, ``(2, 2, m)``."""
        states = np.array(step.states)
        times = step.start + step.length * np.array([0.0, 0.5, 1.0])
        phases = np.exp(1j / self.hbar * times[:, None] * self.levels)
        both = np.stack([states @ self.edges.T, states @ self.fluxes.T])
        weights = step.length / 6.0 * SIMPSON
        return np.asarray(np.einsum("s,fse,sm->fem", weights, both, phases))

    def returned(self, waves: Complex) -> Array:
        """What both ends have sent back, of all that was `seen`: ``(2,)``."""
        psi, flux = waves
        travels = self.kappa > 0.0
        kappa = np.where(travels, self.kappa, 1.0)
        inwards = np.where(travels, 0.5 * (psi + 1j * flux / kappa), 0.0)
        per_energy = 2.0 * self.kappa / self.hbar * np.abs(inwards) ** 2
        width = float(self.levels[1] - self.levels[0])
        return np.asarray(np.sum(per_energy, axis=1) * width / (2.0 * np.pi * self.hbar))


def _refuse_inside(basis: Basis, widths: tuple[float, float], coefficients: Complex) -> None:
    """Refuses a psi0 of which a part begins in an end: it would be taken for what that sends back.

    Raises:
        ValueError: If it does.
    """
    left, right = basis.solution.potential.interval
    z = basis.first.positions
    ends = (z < left + widths[0]) | (z > right - widths[1])
    inside = basis.first.elements(ends.astype(np.float64))
    share = float(np.real(coefficients.conj() @ inside @ coefficients))
    if share > BEGUN:
        raise ValueError(
            f"`psi0` must begin outside of the ends that absorb, but for {BEGUN:g}. Received: one "
            f"of which {share:.1e} is in them. Make the box wider, or the ends narrower."
        )


def _speeds(well: Potential, position: float, energies: Array) -> Array:
    """The group velocity at a position of each energy, 0 below V there, ``(m,)``."""
    z = np.array([position])
    x = well.to_normal(z)
    form = well.normal_form
    above = np.maximum(energies - form(x)[0], 0.0)
    nudge = 1e-6 * float(np.ptp(well.interval))
    stretch = 2.0 * nudge / float(well.to_normal(z + nudge)[0] - well.to_normal(z - nudge)[0])
    return np.asarray(2.0 / well.hbar * np.sqrt(above / form.weight(x)[0]) * stretch)
