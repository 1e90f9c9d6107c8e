"""Samplings: collocation points by other rules than Gauss's, each with its weight."""

from __future__ import annotations

import abc
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from qwpinn.inputs import check, limits

Array = NDArray[np.float64]


class Sampling(abc.ABC):
    """Points of an interval; a subclass defines `draw`.

    Attributes:
        changes: Whether points differ from one reading of the data to the next.
        seed: Of the random ones.
    """

    changes: bool = False
    seed: int = 0

    @abc.abstractmethod
    def draw(self, left: float, right: float, rng: np.random.Generator) -> tuple[Array, Array]:
        """Points ``(n,)`` in [left, right], and weights that add up to its length.

        Args:
            left: The left end.
            right: The right end.
            rng: Of the random ones; those of one reading after the other come from it.
        """


@dataclass(frozen=True)
class Uniform(Sampling):
    """The middles of n equal cells: the midpoint rule, of second order.

    Example:
        >>> Uniform(2).draw(0.0, 1.0, np.random.default_rng(0))
        (array([0.25, 0.75]), array([0.5, 0.5]))
    """

    points: int

    def __post_init__(self) -> None:
        check.integer("points", self.points, maximum=limits.NODES)

    def draw(self, left: float, right: float, rng: np.random.Generator) -> tuple[Array, Array]:
        return _scaled((np.arange(self.points) + 0.5) / self.points, left, right)


@dataclass(frozen=True)
class Sobol(Sampling):
    """n scrambled points of Sobol's sequence, the same in every reading.

    Args:
        points: n; a power of 2 is best.
        seed: Of the scrambling.
    """

    points: int
    seed: int = 0

    def __post_init__(self) -> None:
        check.integer("points", self.points, maximum=limits.NODES)
        check.integer("seed", self.seed, 0, limits.SEED)

    def draw(self, left: float, right: float, rng: np.random.Generator) -> tuple[Array, Array]:
        # More than are asked for, up to a power of 2, as the sequence is made.
        order = max(0, int(self.points - 1).bit_length())
        drawn = qmc.Sobol(1, seed=self.seed).random_base2(order)[: self.points, 0]
        return _scaled(np.sort(drawn), left, right)


@dataclass(frozen=True)
class Random(Sampling):
    """n independent points, uniform in the interval: Monte Carlo.

    Args:
        points: n.
        resample: Whether each reading of the data, as each epoch is, draws new ones. Defaults to
            True.
        seed: Of all of them.
    """

    points: int
    resample: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        check.integer("points", self.points, maximum=limits.NODES)
        check.integer("seed", self.seed, 0, limits.SEED)

    @property
    def changes(self) -> bool:  # type: ignore[override]
        return self.resample

    def draw(self, left: float, right: float, rng: np.random.Generator) -> tuple[Array, Array]:
        return _scaled(np.sort(rng.uniform(size=self.points)), left, right)


@dataclass(frozen=True)
class Given(Sampling):
    """Points of one's own, each with the length of what is nearer to it than to any other.

    Args:
        points: Positions, shape ``(n,)``.
    """

    points: tuple[float, ...]

    def draw(self, left: float, right: float, rng: np.random.Generator) -> tuple[Array, Array]:
        x = np.sort(np.asarray(self.points))
        edges = np.concatenate([[left], (x[1:] + x[:-1]) / 2, [right]])
        return x, np.diff(edges)


def _scaled(unit: Array, left: float, right: float) -> tuple[Array, Array]:
    """Points of [0, 1] in [left, right], each of the same weight."""
    length = right - left
    return left + length * unit, np.full(unit.size, length / unit.size)
