"""Manufactured wells: V is made for a wavefunction, so that its level is known in closed form."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.potential import Interval, Potential
from qwpinn.inputs import check, limits
from qwpinn.inputs.frozen import set_fields, set_positive
from qwpinn.units.dimensional import ENERGY, LENGTH, Dimension

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Manufactured(Potential):
    r"""The smooth well V = energy + psi'' / psi on [0, length], of which psi is a state.

    With kappa = (level + 1) pi / length, t = kappa x and g = sum_m a_m cos(m t), m = 1, 2, ...,

        psi = sin(t) exp(g),    psi'' / psi = g'' + 2 kappa cot(t) g' + g'^2 - kappa^2

    g' vanishes where psi does, and cot(t) sin(m t) = cos(t) U_{m-1}(cos t), U Chebyshev's
    polynomial: V is smooth, and computed without a division. It consists of level + 1 copies of one
    well, each the mirror image of its neighbour. For a = 0 it is the constant energy - kappa^2.

    Args:
        coefficients: a_1, a_2, ..., numbers. Defaults to (0.5, -0.4).
        energy: The level that is known. Defaults to 10.0.
        length: The distance of the walls. Defaults to 1.0.
        level: Its number, 0 for the ground state. Defaults to 0.

    Raises:
        TypeError: If an argument is no number.
        ValueError: If a number is not finite, `length` not positive or `level` negative.

    Example:
        >>> Manufactured([0.2], energy=7.0).levels(1)
        array([7.])

    Reference:
        arXiv:2509.05117, which so makes the data of linear equations: first the solution.
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {"energy": ENERGY, "length": LENGTH}

    coefficients: Sequence[float] = (0.5, -0.4)
    energy: float = 10.0
    length: float = 1.0
    level: int = 0

    def __post_init__(self) -> None:
        given = check.real_array("coefficients", self.coefficients)
        limits.at_most("coefficients", given.size, limits.BREAKPOINTS, "numbers")
        set_fields(self, coefficients=tuple(given.ravel().tolist()))
        set_fields(self, energy=check.finite("energy", self.energy))
        set_positive(self, length="length")
        set_fields(self, level=check.integer("level", self.level, 0, limits.STATES))

    @cached_property
    def interval(self) -> Interval:
        """The walls (0, length), where psi is zero."""
        return 0.0, self.length

    @cached_property
    def even(self) -> bool:
        """Whether V is even about the middle: no odd m, or an even number of copies."""
        return self.level % 2 == 1 or not any(self.coefficients[::2])

    @property
    def _wavenumber(self) -> float:
        """Kappa."""
        return (self.level + 1) * math.pi / self.length

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`."""
        t = self._wavenumber * np.asarray(x, dtype=np.float64)
        cosine, slope, rest = np.cos(t), np.zeros_like(t), np.full_like(t, -1.0)
        for m, a in enumerate(self.coefficients, 1):
            slope -= m * a * np.sin(m * t)
            rest -= m * m * a * np.cos(m * t)
            rest -= 2.0 * m * a * cosine * scipy.special.eval_chebyu(m - 1, cosine)
        return np.asarray(self.energy + self._wavenumber**2 * (rest + np.square(slope)))

    def wavefunction(self, x: ArrayLike) -> Array:
        """Psi of the known level at the positions `x`, normalised, its first lobe positive."""
        # The integrand is periodic, and so the trapezoidal rule converges faster than any power.
        nodes = np.linspace(0.0, math.pi, 64 * (len(self.coefficients) + 8), endpoint=False)
        psi = self._shape(nodes)
        scale = float(np.max(np.abs(psi)))
        norm = scale * math.sqrt(self.length * np.mean(np.square(psi / scale)))
        return np.asarray(self._shape(self._wavenumber * np.asarray(x, dtype=np.float64)) / norm)

    def _shape(self, t: Array) -> Array:
        """Psi, not normalised, at t = kappa x."""
        exponent = np.zeros_like(t)
        for m, a in enumerate(self.coefficients, 1):
            exponent += a * np.cos(m * t)
        return np.asarray(np.sin(t) * np.exp(exponent))

    def levels(self, n: int) -> Array:
        """The `n` lowest exact energies, shape (n,).

        Raises:
            LookupError: Unless they are the one that is known.
        """
        if check.integer("n", n) == 1 and self.level == 0:
            return np.array([self.energy])
        raise LookupError(
            f"`n` must be 1, for one level is known, and that the ground state. Received: n={n} of "
            f"level {self.level}. Use qwpinn.references.legendre_galerkin, or `energy`."
        )

    def in_length(self, unit: float) -> Potential:
        """V(unit y) is the same V, but psi no state of it."""
        raise LookupError(
            f"`{type(self).__name__}` must have hbar^2/2m = 1, for the level of psi'' / psi. "
            "Received: a well in other units. Use qwpinn.references.legendre_galerkin."
        )
