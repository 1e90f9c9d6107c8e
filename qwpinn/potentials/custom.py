"""Functions: potentials given by a Python function, or by its samples."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.layers import finite_row
from qwpinn.equation.potential import Interval, Potential, set_breakpoints
from qwpinn.inputs import check, formulas, limits
from qwpinn.inputs.frozen import set_fields
from qwpinn.potentials import interpolation
from qwpinn.potentials.polynomial import tabulate
from qwpinn.potentials.samples import table_of, units_of
from qwpinn.storage.places import as_path
from qwpinn.units.dimensional import ENERGY, LENGTH, Dimension

Array = NDArray[np.float64]
Kind = Literal["auto", "linear", "cubic"]


@dataclass(frozen=True)
class Weight:
    """A function as rho, its values checked: positive and finite numbers, one a position.

    Args:
        function: Takes and returns an array of one shape, or None for rho = 1.
    """

    function: Callable[[Array], ArrayLike] | None

    @classmethod
    def of(cls, given: object) -> "Weight":
        """One of a function; itself, if it is one already."""
        if given is not None and not isinstance(given, cls):
            _check_function("weight", given)
        return given if isinstance(given, cls) else cls(given)  # type: ignore[arg-type]

    def __call__(self, x: ArrayLike) -> Array:
        """Rho at the positions `x`.

        Raises:
            TypeError: If the function returns no real numbers.
            ValueError: If it returns another shape, or numbers that are not positive and finite.
        """
        if self.function is None:
            return np.ones_like(np.asarray(x, dtype=np.float64))
        positions = np.asarray(x, dtype=np.float64)
        values = formulas.evaluated("weight(x)", self.function, positions)
        values = formulas.finite("weight", "weight", values, positions)
        bad = np.flatnonzero(values <= 0.0)
        if bad.size:
            raise ValueError(
                f"`weight(x)` must be positive. Received: {values.flat[bad[0]]:g} at "
                f"x={np.asarray(x, dtype=np.float64).flat[bad[0]]:g}. Give a mass or another "
                "weight that is above 0 between the walls."
            )
        return values


@dataclass(frozen=True)
class CustomPotential(Potential):
    """V given as a function, and rho as another one.

    Args:
        function: Takes a float64 array of any shape, returns V in the same shape; a Python number
            is a constant V.
        interval: The walls (a, b).
        breakpoints: Points inside (a, b) where V jumps or has a kink, increasing. Defaults to
            none. What was forgotten is searched for on a grid of 4096 points: `solve` places it
            and says where, everything else refuses it with its position. At a jump, `function`
            should return the value of the layer to the right.
        weight: rho, positive and as smooth as V, of the shape of x: 2m/hbar^2 of a mass that
            varies with x, or what a change of variables leaves. Defaults to None: 1.

    Raises:
        TypeError: If `function` or `weight` is not callable.
        ValueError: If `interval` or `breakpoints` does not increase, or a breakpoint is not inside.

    Example:
        >>> CustomPotential(lambda x: x**2, interval=(-8, 8))([3.0])
        array([9.])
        >>> euler = CustomPotential(np.zeros_like, (1, 2), weight=lambda x: 1 / x**2)
        >>> euler.weight([2.0])  # levels 1/4 + (n pi / log 2)^2
        array([0.25])
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "interval": LENGTH,
        "breakpoints": LENGTH,
    }

    function: Callable[[Array], ArrayLike]
    interval: Interval = field()
    breakpoints: tuple[float, ...] = ()
    # None or a function as it is given, in the end a `Weight`, and so what the method was.
    weight: Callable[[ArrayLike], Array] = field(default=None, repr=False)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        _check_function("function", self.function)
        if type(self).weight is CustomPotential.weight:
            set_fields(self, weight=Weight.of(self.weight))
        else:  # A method of a subclass, which the field would hide.
            object.__delattr__(self, "weight")
        set_fields(self, interval=check.interval("interval", self.interval))
        set_breakpoints(self, self.breakpoints, self.interval)

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`.

        Raises:
            TypeError: If the function takes single numbers only, or returns no real numbers.
            ValueError: If it takes single numbers only, or returns another shape, or V is not
                finite at a position.
        """
        positions = np.asarray(x, dtype=np.float64)
        values = formulas.evaluated("function(x)", self.function, positions)
        return formulas.finite("potential", "V", values, positions, self.interval)

    def in_length(self, unit: float) -> Potential:
        """V(unit y) and rho(unit y) between walls and breakpoints in units of `unit`."""
        function, weight = self.function, self.weight
        lengths = (self.interval, self.breakpoints)
        interval, breakpoints = (tuple(x / unit for x in row) for row in lengths)
        return CustomPotential(
            lambda y: function(unit * np.asarray(y)),
            interval,  # type: ignore[arg-type]
            breakpoints,
            lambda y: weight(unit * np.asarray(y)),
        )

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

    A jump is written as two samples, 1e-5 of the interval apart: V jumps in their middle. One that
    lies between two samples of an even table is read as a straight line across this cell: where in
    it V jumps, the table does not say. How far the table determines the levels, `coarser` tells.

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

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "x": LENGTH,
        "v": ENERGY,
        "breakpoints": LENGTH,
    }

    x: Sequence[float]
    v: Sequence[float]
    kind: Kind = "auto"
    breakpoints: tuple[float, ...] = None  # type: ignore[assignment]  # never None in the end

    def __post_init__(self) -> None:
        limits.at_most("x", np.size(self.x), limits.SAMPLES, "samples", "Take every n-th.")
        x = _positions(self.x)
        set_fields(self, x=tuple(x.tolist()), v=finite_row("v", self.v, x.size))
        v = np.array(self.v)
        if self.kind not in ("auto", "linear", "cubic"):
            raise ValueError(
                f"`kind` must be 'linear' or 'cubic', or 'auto'. Received: kind={self.kind!r}. "
                "Join the samples by straight lines, or by splines between the breakpoints."
            )
        kind, found = interpolation.joined(x, v, self.kind)
        set_fields(self, kind=kind)
        given = found.tolist() if self.breakpoints is None else self.breakpoints
        set_breakpoints(self, given, self.interval)
        cells = interpolation.jumps(x, v)
        middles = interpolation.middles(x, cells)
        strangers = sorted(set(self.breakpoints) - {*self.x, *middles.tolist()})
        if strangers:
            raise ValueError(
                "`breakpoints` must be among `x`, or V there would be unknown. "
                f"Received: {strangers[0]}. Add a sample there."
            )
        corners = interpolation.corners(x, v) if self.kind == "linear" else x[:0]
        # V jumps between the two samples of a jump, and is smooth at either.
        sides = np.array([x[cells], x[cells + 1]])
        kept = np.setdiff1d(np.union1d(self.breakpoints, corners), sides)
        set_breakpoints(self, np.union1d(kept, middles).tolist(), self.interval)

    @classmethod
    def from_csv(
        cls,
        path: str | Path,
        kind: Kind = "auto",
        breakpoints: Sequence[float] | None = None,
        mass: float | str | None = None,
    ) -> Potential:
        """Reads a table of two columns, x and V, one sample a line.

        The columns are separated by a comma, a semicolon, a tab or blanks. Empty lines and those
        that start with # are left out, and one line of headings may come first. Headings with
        units, such as ``x (nm),V (eV)``, are those of the potential, as by `in_units`.

        Args:
            path: A text file in UTF-8, of at most 64 MB and 100,000 samples.
            kind: As above.
            breakpoints: As above.
            mass: Of the particle, where the headings have units; in electron masses, or with a
                unit. Defaults to None: 1.0.

        Raises:
            OSError: If the file cannot be read.
            ValueError: If it is no regular file, or too large; with the file and the line that is
                no sample, or is not to the right of the line before; or if a unit is unknown, or
                missing.
        """
        samples, headings = table_of(as_path("path", path))
        if len(samples) < 2:
            raise ValueError(
                f"`{path}` must hold at least 2 samples. Received: {len(samples)}. "
                "Give x and V from wall to wall, one sample a line."
            )
        table = cls(samples[:, 0], samples[:, 1], kind, breakpoints)  # type: ignore[arg-type]
        units = units_of(Path(path), headings, mass)
        return table if units is None else table.in_units(units.length, units.energy, units.mass)

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
        return np.asarray(self._curve(np.clip(positions, *self.interval)))

    @cached_property
    def _columns(self) -> tuple[Array, Array]:
        """As arrays, which are made of tuples but once."""
        return np.array(self.x), np.array(self.v)

    @cached_property
    def _curve(self) -> "scipy.interpolate.PPoly":
        if self.kind == "linear":
            return interpolation.lines(*self._columns)
        return interpolation.splines(*self._columns, np.array(self.breakpoints))


def _check_function(name: str, function: object) -> None:
    """Refuses what cannot be called."""
    if not callable(function):
        raise TypeError(
            f"`{name}` must be callable. Received: {name} of type "
            f"{type(function).__name__}. Give a function, e.g. {name}=lambda x: x**2."
        )


def _positions(x: ArrayLike) -> Array:
    """The positions of samples, refused with the cure for jumps where one is there twice."""
    positions = check.real_array("x", x)
    twice = positions[:-1][np.diff(positions) == 0.0] if positions.ndim == 1 else positions[:0]
    if twice.size:
        right = float(twice[0]) + 1e-5 * float(np.ptp(positions))
        raise ValueError(
            f"`x` must increase strictly. Received: {twice[0]} twice. If V jumps there, give its "
            f"value on the left at {twice[0]} and that on the right 1e-5 of the interval further, "
            f"at {right:.12g}; else remove one of both."
        )
    return check.increasing("x", positions, 2)
