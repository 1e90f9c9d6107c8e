"""Transfer matrices: what stretches of smooth V and rho do to psi, by ever more constant layers.

On a constant layer psi and its slope at the end are a matrix of cos and sin, or cosh and sinh,
times those at the start; on several, the product of their matrices. The matrices know nothing of
the angle that enters: those of all layers of all panels are made at once.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.layers import subdivided
from qwpinn.equation.potential import Potential

Array = NDArray[np.float64]
# The entries of [[a, b], [c, d]], each of one shape.
Matrices = tuple[Array, Array, Array, Array]

# Panels are cut in 1, 2, 4, ... layers, at the most in two to the power of this.
HALVINGS = 6
# From as many halvings on the angle may be taken: fewer layers may agree as all miss a jump.
TRUSTED = 3
# What changes less from one cut to the next is settled.
SETTLED = 1e-12
# The most |q| width^2 of a layer. Below pi^2 psi turns by less than pi in the panel, whatever its
# angle (Sturm), and the matrix alone tells by how much.
STEEPEST = 9.0


class Transfer:
    """Panels of a potential at an energy, to be crossed in the order of their edges.

    Args:
        potential: In the coordinate of the equation.
        energy: In its units.
        edges: Increasing or decreasing, ``(n + 1,)``.
    """

    def __init__(self, potential: Potential, energy: float, edges: Array) -> None:
        self._potential, self._energy, self._edges = potential, energy, edges
        self._cut: list[list[list[float]]] = []

    def angle_after(self, panel: int, theta: float) -> float | None:
        """The angle behind a panel from that before it, both in the scale 1 / width.

        That of midpoint layers, extrapolated (Romberg); None if it does not settle.

        Args:
            panel: Its number.
            theta: tan(theta) = psi / (width psi').

        Example:
            >>> from qwpinn.potentials import Harmonic
            >>> lowest = Transfer(Harmonic(), energy=1.0, edges=np.array([-1.0, 0.0]))
            >>> f"{lowest.angle_after(0, np.arctan(1.0)):.12f}"  # psi = exp(-x^2 / 2)
            '1.570796326795'
        """
        psi, slope = math.sin(theta), math.cos(theta)
        row: list[float] = []
        for halvings in range(HALVINGS + 1):
            a, b, c, d = self._matrices(halvings)[panel]
            after, slope_after = a * psi + b * slope, c * psi + d * slope
            turn = math.atan2(after * slope - slope_after * psi, after * psi + slope_after * slope)
            previous, row = row, [theta + turn]
            for step, coarse in enumerate(previous, start=1):
                row.append(row[-1] + (row[-1] - coarse) / (4.0**step - 1.0))
            if halvings >= TRUSTED and abs(row[-1] - previous[-1]) <= SETTLED:
                return row[-1]
        return None

    def _matrices(self, halvings: int) -> list[list[float]]:
        """The entries of each panel's matrix with two to this power of layers."""
        while len(self._cut) <= halvings:
            self._cut.append(np.stack(self._made(2 ** len(self._cut)), axis=-1).tolist())
        return self._cut[halvings]

    def _made(self, parts: int) -> Matrices:
        """The matrices of panels cut in equal parts; not a number where a layer is too steep."""
        edges = self._edges
        cuts = subdivided(edges, parts)
        middles = 0.5 * (cuts[:-1] + cuts[1:])
        q = self._potential.weight(middles) * (self._energy - self._potential(middles))
        squares = q.reshape(-1, parts) * np.square(np.diff(edges))[:, None]
        gentle = np.abs(squares) <= STEEPEST
        matrices = _of_layers(np.where(gentle, squares, np.nan), 1.0 / parts)
        while matrices[0].shape[1] > 1:
            matrices = _joined(matrices)
        a, b, c, d = (entry[:, 0] for entry in matrices)
        return a, b, c, d


def _of_layers(squares: Array, width: float) -> Matrices:
    """Of (psi, psi') across layers where psi'' = -square psi.

    Args:
        squares: Any shape.
        width: Of each.
    """
    root = np.sqrt(np.abs(squares)) + 1e-300
    angle, allowed = root * width, squares > 0.0
    cosine = np.where(allowed, np.cos(angle), np.cosh(angle))
    sine = np.where(allowed, np.sin(angle), np.sinh(angle)) / root
    return cosine, sine, -squares * sine, cosine


def _joined(matrices: Matrices) -> Matrices:
    """The products of each second matrix with the one before it, along axis 1."""
    (a, b, c, d), (e, f, g, h) = ([entry[:, first::2] for entry in matrices] for first in (0, 1))
    return e * a + f * c, e * b + f * d, g * a + h * c, g * b + h * d
