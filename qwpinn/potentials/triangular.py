"""The triangular well: a ramp between two walls, whose levels are exact in the box."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.potential import Interval, Potential
from qwpinn.inputs import check
from qwpinn.inputs.frozen import set_positive
from qwpinn.units.dimensional import LENGTH, Dimension

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Triangular(Potential):
    """The ramp V = slope x between walls at 0 and length.

    With z = slope^(1/3) (x - E / slope), psi is a sum of Ai(z) and Bi(z), and vanishes at both
    walls where

        Ai(z(0)) Bi(z(length)) = Ai(z(length)) Bi(z(0)).

    `levels` solves this as an equation of phases, arctan(Ai / Bi), whose difference increases with
    E, so that each root is bracketed. While V(length) is far above E_n, E_n = slope^(2/3) abs(a_n)
    with the zeros a_n of Ai.

    Args:
        slope: An energy over a length; for a falling ramp use `mirrored`. Defaults to 1.0.
        length: The distance of the walls. Defaults to 12.0.

    Raises:
        ValueError: If an argument is not positive and finite.

    Example:
        >>> Triangular(slope=1.0, length=12.0).levels(2)
        array([2.33810741, 4.08794944])

    Reference:
        NIST Digital Library of Mathematical Functions, section 9.8, dlmf.nist.gov/9.8
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "slope": (1.0, -1.0),
        "length": LENGTH,
    }

    slope: float = 1.0
    length: float = 12.0

    def __post_init__(self) -> None:
        set_positive(self, slope="slope", length="length")

    @cached_property
    def interval(self) -> Interval:
        """The walls (0, length), where psi is zero."""
        return 0.0, self.length

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`."""
        return np.asarray(self.slope * np.asarray(x, dtype=np.float64))

    def levels(self, n: int) -> Array:
        """The `n` lowest exact energies in the box, shape (n,).

        Raises:
            LookupError: If the slope is so small that phases cancel to less than 12 digits.
        """
        unit = self.slope ** (2.0 / 3.0)
        levels = [self._level(j, unit) for j in range(1, check.integer("n", n) + 1)]
        return np.array(levels)

    def _level(self, j: int, unit: float) -> float:
        """Level j = 1, 2, ...: between that of the empty box, and that lifted by V(length)."""
        height = self.slope * self.length / unit
        empty = (j * math.pi / self.length) ** 2 / unit

        def mismatch(energy: float) -> float:
            return _airy_phase(-energy) - _airy_phase(height - energy) - j * math.pi

        # Without a slope both bounds are the level itself: leave room for round-off.
        lower, upper = empty * (1.0 - 1e-9), (empty + height) * (1.0 + 1e-9)
        phase = _airy_phase(-lower)
        if np.finfo(np.float64).eps * phase > 1e-12 * j:
            raise LookupError(
                "`slope` must not be so small that the Airy functions lose their digits. Received: "
                f"slope={self.slope}, length={self.length}, with a phase of {phase:.0e}. Use "
                "qwpinn.references.legendre_galerkin instead."
            )
        return unit * float(scipy.optimize.brentq(mismatch, lower, upper, xtol=1e-300, rtol=1e-15))


def _airy_phase(z: float) -> float:
    """arctan(Ai / Bi), continued: 0 at infinity, about pi / 4 + 2/3 (-z)^(3/2) far to the left."""
    if z > 100.0:
        return 0.0  # Bi overflows
    ai, _, bi, _ = scipy.special.airy(z)
    principal = math.atan2(float(ai), float(bi))
    if z > -1.0:
        return principal
    estimate = 0.25 * math.pi + 2.0 / 3.0 * math.pow(-z, 1.5)
    return principal + 2.0 * math.pi * round((estimate - principal) / (2.0 * math.pi))
