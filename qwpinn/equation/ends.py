"""Ends: what psi does at both walls, and how a trial function is made to do it.

Another kind of ends is another class here, with a name in `ENDS`, and a potential that has it as
its `boundary_conditions`; who multiplies, differentiates or counts asks it.
"""

from __future__ import annotations

import abc
import math
from collections.abc import Mapping
from typing import Any, ClassVar

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
    # Of positions.
    dimensions: ClassVar[int] = 1

    @abc.abstractmethod
    def factor(self, xi: Array) -> Array:
        """What trial functions are multiplied with to have these ends, in the shape of ``xi``."""

    @abc.abstractmethod
    def jet(self, xi: Array) -> tuple[Array, Array, Array]:
        """The factor and its first two derivatives, each in the shape of ``xi``."""

    @abc.abstractmethod
    def levels_below(self, angle: float) -> int:
        """How many levels lie below an energy at which the angle at the right end is this one."""

    def to_config(self) -> str | dict[str, object]:
        """What `ends_of` restores them from."""
        return self.name


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


class Walls(Ends):
    """Psi is zero at the walls of a rectangle: (1 - (x/a)^2) (1 - (y/b)^2) at points ``(n, 2)``.

    Args:
        halves: A and b, half of its sides in scaled units.

    Example:
        >>> Walls(1.0, 0.5).factor(np.array([[0.5, 0.25]]))
        array([[0.5625]])
    """

    name = "walls"
    start = 0.0
    dimensions = 2

    def __init__(self, *halves: float) -> None:
        self.halves = halves

    def factor(self, xi: Array) -> Array:
        a, b = self.halves
        x, y = xi[:, :1] / a, xi[:, 1:] / b
        return (1.0 - x * x) * (1.0 - y * y)

    def jet(self, xi: Array) -> tuple[Array, Array, Array]:
        """The factor ``(n, 1)``, its gradient ``(2, n, 1)`` and Laplacian ``(n, 1)``."""
        a, b = self.halves
        x, y = xi[:, :1] / a, xi[:, 1:] / b
        across, up = 1.0 - x * x, 1.0 - y * y
        # Tensors have no assignment: both components from arrays that broadcast.
        first = np.array([1.0, 0.0])[:, None, None]
        slope = first * (-2.0 / a * x * up) + (1.0 - first) * (-2.0 / b * y * across)
        return across * up, slope, -2.0 / a**2 * up - 2.0 / b**2 * across

    def levels_below(self, angle: float) -> int:
        raise NotImplementedError("Levels of the plane are counted by `plane_counting`.")

    def to_config(self) -> dict[str, object]:
        return {"name": self.name, "halves": list(self.halves)}


DIRICHLET = Dirichlet()
ENDS: Mapping[str, Ends] = {ends.name: ends for ends in (DIRICHLET,)}


def ends_of(config: str | Mapping[str, Any]) -> Ends:
    """The ends of what `Ends.to_config` returned; a name alone is that of a class.

    Example:
        >>> ends_of({"name": "walls", "halves": [1.0, 0.5]}).halves
        (1.0, 0.5)
    """
    return ENDS[config] if isinstance(config, str) else Walls(*config["halves"])
