"""Functions: potentials given by a Python function, or by its samples."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PPoly

from qwpinn import _check, interpolation, limits
from qwpinn.layers import finite_row
from qwpinn.places import as_path
from qwpinn.potential import Interval, Potential, set_breakpoints
from qwpinn.samples import samples_of
from qwpinn.tables import tabulate

Array = NDArray[np.float64]
Kind = Literal["auto", "linear", "cubic"]


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
    """A table of V, joined by cubic splines between its kinks and jumps, or by straight lines.

    Splines suit smooth curves. They are smooth but at the breakpoints, which a spline never
    crosses, so that it swings over neither a kink nor a jump. Their knots, where only the third
    derivative jumps, are no breakpoints: what solvers lose by them is about a hundredth of what the
    distance between spline and curve costs. Straight lines suit a V that is made of them: every
    sample where the slope changes is a breakpoint.

    A jump is written as two samples, 1e-5 of the interval apart. One that lies between two samples
    of an even table is read as a straight line across this cell: where in it V jumps, the table
    does not say. How far the levels are determined by the table, `coarser` tells.

    Args:
        x: Positions from wall to wall, increasing, shape (n,), 2 <= n <= 100,000.
        v: V at these positions, shape (n,).
        kind: "linear", "cubic" or "auto". Defaults to "auto": "linear" if there are fewer than 8
            samples, most of them are kinks, or lines foretell every second sample from the others
            better, as of noise; else "cubic". The field has what was chosen.
        breakpoints: Those of `x` where V has a kink or jump, at most 10,000. Defaults to None: for
            "cubic", the samples where the slope changes ten times more than is usual around, and
            those a hundred times closer than usual. For "linear", all samples where the slope
            changes are breakpoints anyway.

    Raises:
        TypeError: If an argument does not hold real numbers.
        ValueError: If the sizes differ or are too large, `x` does not increase, a number is not
            finite, `kind` is unknown, or a breakpoint is no sample between the walls.

    Example:
        >>> Sampled(x=[0, 1, 2], v=[0, 1, 0])([0.5, 1.0])
        array([0.5, 1. ])
        >>> Sampled(x=[0, 1, 2, 3], v=[0, 1, 8, 27], kind="cubic")([0.5, 1.5])
        array([0.125, 3.375])
    """

    x: Sequence[float]
    v: Sequence[float]
    kind: Kind = "auto"
    breakpoints: tuple[float, ...] = None  # type: ignore[assignment]  # never None in the end

    def __post_init__(self) -> None:
        limits.at_most("x", np.size(self.x), limits.SAMPLES, "samples", "Take every n-th.")
        x = _positions(self.x)
        object.__setattr__(self, "x", tuple(x.tolist()))
        object.__setattr__(self, "v", finite_row("v", self.v, x.size))
        v = np.array(self.v)
        if self.kind not in ("auto", "linear", "cubic"):
            raise ValueError(
                f"`kind` must be 'linear' or 'cubic', or 'auto'. Received: kind={self.kind!r}. "
                "Join the samples by straight lines, or by splines between the breakpoints."
            )
        kind, found = interpolation.joined(x, v, self.kind)
        object.__setattr__(self, "kind", kind)
        given = found.tolist() if self.breakpoints is None else self.breakpoints
        set_breakpoints(self, given, self.interval)
        strangers = sorted(set(self.breakpoints) - set(self.x))
        if strangers:
            raise ValueError(
                "`breakpoints` must be among `x`, or V there would be unknown. "
                f"Received: {strangers[0]}. Add a sample there."
            )
        if self.kind == "linear":
            corners = np.union1d(self.breakpoints, interpolation.corners(x, v))
            set_breakpoints(self, corners.tolist(), self.interval)

    @classmethod
    def from_csv(
        cls,
        path: str | Path,
        kind: Kind = "auto",
        breakpoints: Sequence[float] | None = None,
    ) -> Self:
        """Reads a table of two columns, x and V, one sample a line.

        The columns are separated by a comma, a semicolon, a tab or blanks. Empty lines and those
        that start with # are left out, and one line of headings may come first.

        Args:
            path: A text file in UTF-8, of at most 64 MB and 100,000 samples.
            kind: As above.
            breakpoints: As above.

        Raises:
            OSError: If the file cannot be read.
            ValueError: If it is no regular file, or too large; or with the file and the line that
                is no sample, or is not to the right of the line before.
        """
        samples = samples_of(as_path("path", path))
        if len(samples) < 2:
            raise ValueError(
                f"`{path}` must hold at least 2 samples. Received: {len(samples)}. "
                "Give x and V from wall to wall, one sample a line."
            )
        return cls(samples[:, 0], samples[:, 1], kind, breakpoints)  # type: ignore[arg-type]

    @cached_property
    def interval(self) -> Interval:
        """The walls (a, b), where psi is zero."""
        return self.x[0], self.x[-1]

    @property
    def coarser(self) -> "Sampled | None":
        """The same table with every second sample left out.

        The ends, the two samples of a jump and the corners of straight lines stay. Where V jumps
        within a cell, the lower sample goes. None if nothing can be left out.
        """
        x, v = self._columns
        sharp = self.kind == "linear"
        kept, breakpoints = interpolation.thinned(x, v, np.array(self.breakpoints), sharp)
        if kept.all():
            return None
        return Sampled(x[kept], v[kept], self.kind, breakpoints)  # type: ignore[arg-type]

    @property
    def notes(self) -> tuple[str, ...]:
        """How the samples were joined."""
        x, _ = self._columns
        breakpoints = np.array(self.breakpoints)
        joined = "straight lines" if self.kind == "linear" else "cubic splines"
        if self.kind == "cubic" and breakpoints.size:
            joined += f" between {breakpoints.size} breakpoints, kinks or jumps"
        said = [f"The {x.size} samples of V are joined by {joined}."]
        cells = interpolation.jump_cells(x, breakpoints)
        if cells.size:
            left, right = x[cells[0]], x[cells[0] + 1]
            said.append(
                f"Between {left:g} and {right:g}"
                + (f", and in {cells.size - 1} more cells" if cells.size > 1 else "")
                + ", V jumps or has a kink at a place that the samples do not tell: it is a line "
                "there."
            )
        return tuple(said)

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`, by interpolation."""
        positions = np.asarray(x, dtype=np.float64)
        if self.kind == "linear":
            return np.asarray(np.interp(positions, *self._columns))
        return np.asarray(self._splines(np.clip(positions, *self.interval)))

    @cached_property
    def _columns(self) -> tuple[Array, Array]:
        """As arrays, which are made of tuples but once."""
        return np.array(self.x), np.array(self.v)

    @cached_property
    def _splines(self) -> PPoly:
        return interpolation.splines(*self._columns, np.array(self.breakpoints))


def _positions(x: ArrayLike) -> Array:
    """The positions of samples, refused with the cure for jumps where one is there twice."""
    positions = _check.real_array("x", x)
    twice = positions[:-1][np.diff(positions) == 0.0] if positions.ndim == 1 else positions[:0]
    if twice.size:
        right = float(twice[0]) + 1e-5 * float(np.ptp(positions))
        raise ValueError(
            f"`x` must increase strictly. Received: {twice[0]} twice. If V jumps there, give its "
            f"value on the left at {twice[0]} and that on the right 1e-5 of the interval further, "
            f"at {right:.12g}; else remove one of both."
        )
    return _check.increasing("x", positions, 2)
