"""Ends: what psi does at both walls, and how a trial function is made to do it.

Another kind of ends is another class here, with a name in `ENDS`, and a potential that has it as
its `boundary_conditions`; who multiplies, differentiates or counts asks it.
"""

from __future__ import annotations

import abc
import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

# Of scaled positions; tensors alike.
Array = NDArray[np.float64]


class Ends(abc.ABC):
    """The conditions at both ends of the scaled interval [-1, 1].

    Attributes:
        name: In configs.
        start: The Pruefer angle of psi at the left end, tan(start) = psi / psi' in any scale.
    """

    name: ClassVar[str]
    start: ClassVar[float]

    @abc.abstractmethod
    def factor(self, xi: Array) -> Array:
        """What trial functions are multiplied with to have these ends, in the shape of ``xi``."""

    @abc.abstractmethod
    def jet(self, xi: Array) -> tuple[Array, Array, Array]:
        """The factor and its first two derivatives, each in the shape of ``xi``."""

    @abc.abstractmethod
    def levels_below(self, angle: float) -> int:
        """How many levels lie below an energy at which the angle at the right end is this one."""


class Dirichlet(Ends):
    """Psi is zero at both ends: the factor 1 - xi^2, and level n where the angle is (n + 1) pi.

    Example:
        >>> DIRICHLET.jet(np.array([0.5]))
        (array([0.75]), array([-1.]), array([-2.]))
        >>> DIRICHLET.levels_below(7.0)
        2
    """

    name = "dirichlet"
    start = 0.0

    def factor(self, xi: Array) -> Array:
        return 1.0 - xi * xi

    def jet(self, xi: Array) -> tuple[Array, Array, Array]:
        return self.factor(xi), -2.0 * xi, -2.0 + 0.0 * xi

    def levels_below(self, angle: float) -> int:
        return max(0, math.ceil(angle / math.pi) - 1)


DIRICHLET = Dirichlet()
ENDS: Mapping[str, Ends] = {ends.name: ends for ends in (DIRICHLET,)}
