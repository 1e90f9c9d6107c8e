"""The description of a potential: its equation, its numbers and its shape, as people see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.layers import Layers
from qwpinn.equation.record import Record
from qwpinn.sheets.screen import Grid, Line, Row, Sheet, with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from qwpinn.equation.potential import Potential

Array = NDArray[np.float64]

# Layers, and breakpoints, that are listed; of more, the first ones.
LISTED, POINTS = 24, 6
# V is drawn up to this many times the height above its minimum that three fifths stay below.
DRAWN = 4.0


class Described(Record):
    """What a potential says of itself; `qwpinn.Potential` is one."""

    # How figures and tables call the coordinate.
    symbol: ClassVar[str] = "x"

    def sheet(self) -> Sheet:
        """The `heading`, where it lives, and its layers if they are constant."""
        return self.heading() + Sheet(tuple(_tables(cast("Potential", self))))

    def plot(self, ax: Axes | None = None) -> Figure:
        """V(x) between its walls.

        Args:
            ax: Axes to draw into. Defaults to None: those of a figure of its own.

        Returns:
            The figure. It is none of ``pyplot``'s: there is nothing to close.
        """
        return _plot(cast("Potential", self), ax)


def _tables(potential: Potential) -> list[Grid | Line]:
    """Walls, V and breakpoints, and a row a constant layer."""
    v, low = _heights(potential, _positions(potential, 401)), potential.minimum
    position = with_unit("walls, where psi = 0", potential.length_unit)
    facts = {
        position: " and ".join(f"{wall:.9g}" for wall in potential.interval),
        with_unit("V", potential.energy_unit): f"{low:.6g} to {np.nanmax([*v, low]):.6g}",
    }
    layers = potential.layers
    points = () if layers is not None else potential.breakpoints
    facts |= {with_unit("breakpoints", potential.length_unit): _listed(points)} if points else {}
    columns = ("quantity", "value")
    found = Grid(columns, [Row(pair) for pair in facts.items()], columns)
    return [found] if layers is None else [found, *_layer_table(potential, layers)]


def _layer_table(potential: Potential, layers: Layers) -> list[Grid | Line]:
    shown = min(len(layers.values), LISTED)
    weighted = bool(np.any(layers.weights != 1.0))
    names = (
        with_unit(potential.symbol, potential.length_unit),
        with_unit("V", potential.energy_unit),
    )
    cells = [
        (
            str(i),
            f"{layers.edges[i]:.9g} to {layers.edges[i + 1]:.9g}",
            f"{layers.values[i]:.9g}",
            *([f"{layers.weights[i]:.9g}"] if weighted else []),
        )
        for i in range(shown)
    ]
    table = Grid(("layer", *names, *(["rho"] if weighted else [])), [Row(row) for row in cells])
    left = len(layers.values) - shown
    return [table, *([Line(f"and {left} more layers", "dim")] if left else [])]


def _listed(points: Sequence[float]) -> str:
    """The first points, and how many there are more."""
    more = f" and {len(points) - POINTS} more" if len(points) > POINTS else ""
    return ", ".join(f"{point:.9g}" for point in points[:POINTS]) + more


def _plot(potential: Potential, ax: Axes | None) -> Figure:
    # Matplotlib takes a third of a second, and most potentials are never drawn.
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(4.8, 3.0), layout="constrained") if ax is None else ax.figure
    axes = figure.subplots() if ax is None else ax
    x = _positions(potential, 1201)
    v = _heights(potential, x)
    low, high = window(v)
    outline(axes, potential, x, v, low)
    axes.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
    axes.set_xlabel(with_unit(potential.symbol, potential.length_unit))
    axes.set_ylabel(with_unit(f"V({potential.symbol})", potential.energy_unit))
    return figure  # type: ignore[no-any-return]


def window(v: Array) -> tuple[float, float]:
    """From the least V to its largest; a wall that rises without end is cut.

    Example:
        >>> window(np.array([0.0, 1, 2, 3, 4])), window(np.array([0.0, 1, 2, 3, 1e9]))
        ((0.0, 4.0), (0.0, 8.0))
    """
    known = v[np.isfinite(v)]
    low, middle, high = (float(np.quantile(known, share, method="lower")) for share in (0, 0.6, 1))
    cut = low + DRAWN * (middle - low) if middle > low else high
    return low, max(min(high, cut), low + 1e-9 * max(abs(low), 1.0))


def _positions(potential: Potential, points: int) -> Array:
    """Positions inside the walls, on either side of each breakpoint but on none of them."""
    a, b = potential.interval
    beside = 1e-9 * (b - a)
    jumps = np.asarray(potential.breakpoints, np.float64)
    x = np.linspace(a, b, points)
    x = x[np.all(np.abs(x[:, None] - jumps) > beside, axis=1)]
    ends = [a + beside, b - beside]
    return np.unique(np.concatenate([ends, x[1:-1], jumps - beside, jumps + beside]))


def _heights(potential: Potential, x: Array) -> Array:
    """V for the eye: a gap, without a word, where it is not finite."""
    with np.errstate(all="ignore"):
        v = np.asarray(potential(x), np.float64)
    return np.where(np.isfinite(v), v, np.nan)


def outline(
    axes: Axes, potential: Potential, x: Array, v: Array, bottom: float | None = None
) -> None:
    """Draw V(x), grey below, and the walls.

    Args:
        axes: Where.
        potential: The well.
        x: Positions, shape ``(n,)``.
        v: V there; not a number leaves a gap.
        bottom: Of the grey. Defaults to None: the least V.
    """
    low = float(np.nanmin(v)) if bottom is None else bottom
    axes.fill_between(x, low, v, color="0.88", lw=0, label=f"V({potential.symbol})")
    axes.plot(x, v, color="0.45", lw=1.0)
    for wall in potential.interval:
        axes.axvline(wall, color="0.25", lw=2.0)
    axes.margins(x=0.0)
