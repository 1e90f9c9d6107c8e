"""The collocation grid as a random variable: a new one at each step, around the same centres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qwpinn.inputs import check, limits
from qwpinn.training.sampling import Sampling

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RandomGrid(Sampling):
    r"""n points, each uniform in a cell around a point of a grid, drawn anew at each reading.

    .. math:: x_i = a + (i + \tfrac12 + s\, u_i) h, \quad u_i \sim U(-\tfrac12, \tfrac12), \quad
              w_i = h = (b - a) / n

    A step is one on a sample of the loss's expectation over all grids: no residual can hide between
    the points, as it does where these are few and stay. With s = 1 the sum of w_i f(x_i) is an
    integral's unbiased estimate, of a variance that falls like n^-3; of independent points
    (`qwpinn.Random`) like n^-1. With s = 0 it is `qwpinn.Uniform`.

    It serves few points, V with jumps and first-order optimizers. Where V is smooth, a fixed grid
    of 32 points does better; and steps of second order lose digits to the noise between grids.

    Args:
        points: n.
        spread: s in [0, 1], of a cell. Defaults to 1.
        seed: Of all grids.

    Raises:
        TypeError: If an argument is no number.
        ValueError: If one is not allowed.

    Example:
        >>> RandomGrid(2, spread=0.0).draw(0.0, 1.0, np.random.default_rng(0))
        (array([0.25, 0.75]), array([0.5, 0.5]))

    Reference:
        A. Vadeboncoeur et al., Random grid neural processes for parametric partial differential
        equations, ICML 2023, arXiv:2301.11040.
    """

    points: int
    spread: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        check.integer("points", self.points, maximum=limits.NODES)
        check.integer("seed", self.seed, 0, limits.SEED)
        if check.not_negative("spread", self.spread, "share of a cell") > 1.0:
            raise ValueError(
                "`spread` must be in [0, 1], a share of a cell. Received: "
                f"spread={self.spread:g}. Give e.g. 1.0."
            )

    @property
    def changes(self) -> bool:  # type: ignore[override]
        return self.spread > 0.0

    def draw(self, left: float, right: float, rng: np.random.Generator) -> tuple[Array, Array]:
        step = (right - left) / self.points
        moved = self.spread * rng.uniform(-0.5, 0.5, self.points)
        x = left + step * (np.arange(self.points) + 0.5 + moved)
        return x, np.full(self.points, step)
