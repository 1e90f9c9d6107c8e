"""Functions: potentials given by a Python function, or by its samples."""

import itertools
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline, PPoly

from qwpinn import _check
from qwpinn.layers import finite_row
from qwpinn.potential import Interval, Potential, set_breakpoints
from qwpinn.tables import tabulate

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CustomPotential(Potential):
    """V given as a function, rho = 1.

    Args:
        function: Takes a float64 array of any shape, returns V in the same shape.
        interval: The walls (a, b).
        breakpoints: Points inside (a, b) where V jumps or has a kink, increasing. Defaults to
            none. What was forgotten is searched for on a grid of 4096 points: `solve` places it
            and says where, everything else refuses it with its position. At a jump, `function`
            should return the value of the layer to the right.

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
    """A table of V, joined by straight lines or, between breakpoints, by cubic splines.

    Straight lines suit the corners of a V that is made of them: every sample where the slope
    changes is a breakpoint. A fine table of a smooth curve so has hundreds of them, which slow down
    every solver; there, take "cubic". It is smooth but at the breakpoints, which a spline never
    crosses, so that it swings over neither a kink nor a jump. Its knots, where only the third
    derivative jumps, are no breakpoints: what solvers lose by them is about a hundredth of what the
    distance between spline and curve costs.

    A jump is written as two samples, 1e-5 of the interval apart.

    Args:
        x: Positions from wall to wall, increasing, shape (n,), n >= 2.
        v: V at these positions, shape (n,).
        kind: "linear" or "cubic". Defaults to "linear".
        breakpoints: Those of `x` where V has a kink or jump. Defaults to None: for "cubic", the
            samples where the slope changes ten times more than is usual around, and those a hundred
            times closer than usual. For "linear", all samples where the slope changes are
            breakpoints anyway.

    Raises:
        TypeError: If an argument does not hold real numbers.
        ValueError: If the sizes differ, `x` does not increase, a number is not finite, `kind` is
            unknown, or a breakpoint is no sample between the walls.

    Example:
        >>> Sampled(x=[0, 1, 2], v=[0, 1, 0])([0.5, 1.0])
        array([0.5, 1. ])
        >>> Sampled(x=[0, 1, 2, 3], v=[0, 1, 8, 27], kind="cubic")([0.5, 1.5])
        array([0.125, 3.375])
    """

    x: Sequence[float]
    v: Sequence[float]
    kind: Literal["linear", "cubic"] = "linear"
    breakpoints: tuple[float, ...] = None  # type: ignore[assignment]  # never None in the end

    def __post_init__(self) -> None:
        x = _check.increasing("x", self.x, 2)
        object.__setattr__(self, "x", tuple(x.tolist()))
        object.__setattr__(self, "v", finite_row("v", self.v, x.size))
        if self.kind not in ("linear", "cubic"):
            raise ValueError(
                f"`kind` must be 'linear' or 'cubic'. Received: kind={self.kind!r}. "
                "Join the samples by straight lines, or by splines between the breakpoints."
            )
        found = _kinks(x, np.array(self.v)) if self.kind == "cubic" else ()
        set_breakpoints(
            self, found if self.breakpoints is None else self.breakpoints, self.interval
        )
        strangers = sorted(set(self.breakpoints) - set(self.x))
        if strangers:
            raise ValueError(
                "`breakpoints` must be among `x`, or V there would be unknown. "
                f"Received: {strangers[0]}. Add a sample there."
            )
        if self.kind == "linear":
            corners = {*self.breakpoints, *_corners(x, np.array(self.v))}
            object.__setattr__(self, "breakpoints", tuple(sorted(corners)))

    @classmethod
    def from_csv(
        cls,
        path: str | Path,
        kind: Literal["linear", "cubic"] = "linear",
        breakpoints: Sequence[float] | None = None,
    ) -> Self:
        """Reads a table of two columns, x and V, one sample a line.

        The columns are separated by a comma, a semicolon, a tab or blanks. Empty lines and those
        that start with # are left out, and one line of headings may come first.

        Args:
            path: A text file in UTF-8.
            kind: As above.
            breakpoints: As above.

        Raises:
            OSError: If the file cannot be read.
            ValueError: With the file and the line that is no sample, or is not to the right of the
                line before.
        """
        samples = list(_samples(Path(path)))
        if len(samples) < 2:
            raise ValueError(
                f"`{path}` must hold at least 2 samples. Received: {len(samples)}. "
                "Give x and V from wall to wall, one sample a line."
            )
        x, v = zip(*samples, strict=True)
        return cls(x, v, kind, breakpoints)  # type: ignore[arg-type]

    @cached_property
    def interval(self) -> Interval:
        """The walls (a, b), where psi is zero."""
        return self.x[0], self.x[-1]

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`, by interpolation."""
        positions = np.asarray(x, dtype=np.float64)
        if self.kind == "linear":
            return np.asarray(np.interp(positions, self.x, self.v))
        return np.asarray(self._splines(np.clip(positions, *self.interval)))

    @cached_property
    def _splines(self) -> PPoly:
        """One not-a-knot spline a smooth piece; a parabola or a line through 3 or 2 samples."""
        x, v = np.array(self.x), np.array(self.v)
        ends = [0, *np.searchsorted(x, self.breakpoints).tolist(), x.size - 1]
        splines = [
            CubicSpline(x[first : last + 1], v[first : last + 1])
            for first, last in itertools.pairwise(ends)
        ]
        return PPoly(np.hstack([spline.c for spline in splines]), x)


def _corners(x: Array, v: Array) -> list[float]:
    """The samples where straight lines change their slope."""
    # A table of a straight line has slopes that differ by the round-off of its values.
    round_off = 4.0 * np.finfo(np.float64).eps * np.max(np.abs(v))
    floor = round_off * (1.0 / np.diff(x)[1:] + 1.0 / np.diff(x)[:-1])
    corners: list[float] = x[1:-1][np.abs(np.diff(np.diff(v) / np.diff(x))) > floor].tolist()
    return corners


def _kinks(x: Array, v: Array) -> list[float]:
    """The samples where a smooth curve has a kink, or a jump to the next sample.

    There, the slope changes ten times more than the median of the changes, a unit of length, at the
    five samples on either side. Two samples that are a hundred times closer than usual are meant
    as a jump, and do not count for the median. What bends V by less than a thousandth of its range
    over a sample costs little and is left alone: the last digits of a straight line would pass for
    kinks.
    """
    steps = np.diff(x)
    floor = 1e-3 * float(np.ptp(v))
    close = (steps < 0.01 * np.mean(steps)) & (np.abs(np.diff(v)) > floor)
    jumps = close[1:] | close[:-1]
    spans = 0.5 * (x[2:] - x[:-2])
    curvatures = np.abs(np.diff(np.diff(v) / steps)) / spans
    kinks = []
    for i, (curvature, span) in enumerate(zip(curvatures, spans, strict=True)):
        around = np.r_[max(0, i - 5) : i, i + 1 : min(spans.size, i + 6)]
        around = around[~jumps[around]]
        usual = float(np.median(curvatures[around])) if around.size else math.inf
        if jumps[i] or curvature > max(floor / span**2, 10.0 * usual):
            kinks.append(float(x[i + 1]))
    return kinks


def _samples(path: Path) -> Iterator[tuple[float, float]]:
    """The pairs (x, V) of a table, line by line; the first lines may be comments and headings."""
    try:
        lines = _check.text_file(path).splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(
            f"`{path}` must be a text file in UTF-8. Received: other bytes at {error.start}. "
            "Export the table as CSV."
        ) from None
    previous, may_be_headings = -math.inf, True
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = re.split(r"\s*[,;\t]\s*|\s+", line.strip())
        if not (may_be_headings and not any(map(_is_a_number, cells))):
            sample = _sample(f"`{path}`, line {number},", cells, previous)
            previous = sample[0]
            yield sample
        may_be_headings = False


def _sample(where: str, cells: Sequence[str], previous: float) -> tuple[float, float]:
    """One pair, checked; `where` begins the message."""
    if len(cells) != 2:
        raise ValueError(
            f"{where} must hold two columns, x and V. Received: {len(cells)} columns. Separate "
            "them by a comma, a semicolon, a tab or blanks, and write decimals with a point."
        )
    for cell in cells:
        if not (_is_a_number(cell) and math.isfinite(float(cell))):
            raise ValueError(
                f"{where} must hold two finite numbers. Received: {cell!r}. "
                "Remove the line, or start it with # if it is a comment."
            )
    x, v = map(float, cells)
    if x <= previous:
        cure = "for a jump, put the second 1e-5 of the interval further right"
        raise ValueError(
            f"{where} must lie to the right of the line before. Received: x={x} after "
            f"x={previous}. Sort the lines and remove repetitions; {cure}."
        )
    return x, v


def _is_a_number(cell: str) -> bool:
    """Whether a cell reads as a float, infinite and NaN included."""
    try:
        float(cell)
    except ValueError:
        return False
    return True
