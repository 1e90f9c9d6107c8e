"""Functions made of others: sums, multiples and shifts of V, which pickle as they do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.values import Function, evaluated

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Total:
    """The sum of two values, numbers or functions, as a function."""

    first: float | Function
    second: float | Function

    def __call__(self, x: Array, y: Array) -> Array:
        return evaluated("first", self.first, x, y) + evaluated("second", self.second, x, y)


@dataclass(frozen=True)
class Line:
    """Factor f + offset, as a function."""

    function: Function
    factor: float
    offset: float

    def __call__(self, x: Array, y: Array) -> Array:
        return self.factor * evaluated("function", self.function, x, y) + self.offset


@dataclass(frozen=True)
class Elsewhere:
    """f((x - dx) / stretch, (y - dy) / stretch), as a function."""

    function: Function
    stretch: float
    distance: tuple[float, float]

    def __call__(self, x: Array, y: Array) -> Array:
        dx, dy = self.distance
        return evaluated(
            "function", self.function, (x - dx) / self.stretch, (y - dy) / self.stretch
        )


def total(first: float | Function, second: float | Function) -> float | Function:
    """The sum of two values: a number of two numbers."""
    if callable(first) or callable(second):
        return Total(first, second)
    return first + second
