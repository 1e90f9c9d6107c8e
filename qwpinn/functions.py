"""Functions: potentials given by a Python function, or by its samples."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn import _check
from qwpinn.potential import Interval, Potential, finite_row, set_breakpoints
from qwpinn.tables import tabulate

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CustomPotential(Potential):
    """V given as a function, rho = 1.

    Args:
        function: Takes a float64 array of any shape, returns V in the same shape.
        interval: The walls (a, b).
        breakpoints: Points inside (a, b) where V jumps or has a kink, increasing. Defaults to
            none. That none was forgotten is not checked. At a jump, `function` should return the
            value of the layer to the right.

    Raises:
        TypeError: If `function` is not callable.
        ValueError: If `interval` or `breakpoints` does not increase, or a breakpoint is not inside.

    Example:
        >>> CustomPotential(lambda x: x**2, interval=(-8, 8))([3.0])
        array([9.])
    """

    function: Callable[[Array], ArrayLike]
    interval: Interval = field()
    breakpoints: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise TypeError(
                "`function` must be callable. Received: function of type "
                f"{type(self.function).__name__}. Give a function, e.g. function=lambda x: x**2."
            )
        object.__setattr__(self, "interval", _check.interval("interval", self.interval))
        set_breakpoints(self, self.breakpoints, self.interval)

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`.

        Raises:
            TypeError: If the function returns no real numbers.
            ValueError: If the function returns another shape, or numbers that are not finite.
        """
        positions = np.asarray(x, dtype=np.float64)
        values = _check.real_array("function(x)", self.function(positions))
        if values.shape != positions.shape:
            raise ValueError(
                f"`function(x)` must have the shape of x, {positions.shape}. "
                f"Received: shape={values.shape}. For a constant return np.full_like(x, constant)."
            )
        return values

    def to_config(self) -> dict[str, object]:
        """The config of `tabulate(self)`: a function itself cannot be stored."""
        return tabulate(self).to_config()


@dataclass(frozen=True)
class Sampled(Potential):
    """A table of V, joined by straight lines; a sample where the slope changes is a breakpoint.

    Args:
        x: Positions from wall to wall, increasing, shape (n,), n >= 2.
        v: V at these positions, shape (n,).

    Raises:
        TypeError: If an argument does not hold real numbers.
        ValueError: If the sizes differ, `x` does not increase, or a number is not finite.

    Example:
        >>> Sampled(x=[0, 1, 2], v=[0, 1, 0])([0.5, 1.0])
        array([0.5, 1. ])
    """

    x: Sequence[float]
    v: Sequence[float]

    def __post_init__(self) -> None:
        x = _check.increasing("x", self.x, 2)
        object.__setattr__(self, "x", tuple(x.tolist()))
        object.__setattr__(self, "v", finite_row("v", self.v, x.size))

    @cached_property
    def interval(self) -> Interval:
        """The walls (a, b), where psi is zero."""
        return self.x[0], self.x[-1]

    @cached_property
    def breakpoints(self) -> tuple[float, ...]:
        """The samples where the slope changes."""
        slopes = np.diff(self.v) / np.diff(self.x)
        # A table of a straight line has slopes that differ by the round-off of its values.
        round_off = 4.0 * np.finfo(np.float64).eps * np.max(np.abs(self.v))
        floor = round_off * (1.0 / np.diff(self.x)[1:] + 1.0 / np.diff(self.x)[:-1])
        return tuple(np.asarray(self.x)[1:-1][np.abs(np.diff(slopes)) > floor].tolist())

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`, by linear interpolation."""
        return np.asarray(np.interp(np.asarray(x, dtype=np.float64), self.x, self.v))
