"""The description of a potential of the plane: its walls, its regions and its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation.description import LISTED, window
from qwpinn.equation.record import Record
from qwpinn.sheets.screen import Grid, Line, Row, Sheet, with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

    from qwpinn.equation.plane import PlanePotential

Array = NDArray[np.float64]

# Along the longer side of the box: points at which V is shown.
POINTS = 241


class PlaneDescribed(Record):
    """What a potential of the plane says of itself; `qwpinn.PlanePotential` is one."""

    def sheet(self) -> Sheet:
        """The `heading`, where it lives, and its regions."""
        return self.heading() + Sheet(tuple(_tables(cast("PlanePotential", self))))

    def plot(self, ax: Axes | None = None) -> Figure:
        """V(x, y) between its walls, with the boundaries of its regions.

        Args:
            ax: Axes to draw into. Defaults to None: those of a figure of its own.

        Returns:
            The figure. It is none of ``pyplot``'s: there is nothing to close.
        """
        return _plot(cast("PlanePotential", self), ax)


def _tables(potential: PlanePotential) -> list[Grid | Line]:
    """Walls and V, and a row a region."""
    v = grid(potential)[2]
    x0, x1, y0, y1 = potential.box
    length, energy = potential.length_unit, potential.energy_unit
    facts = {
        with_unit("walls, x", length): f"{x0:.9g} and {x1:.9g}",
        with_unit("walls, y", length): f"{y0:.9g} and {y1:.9g}",
        with_unit("V", energy): f"{potential.minimum:.6g} to {np.nanmax(v):.6g}",
    }
    columns = ("quantity", "value")
    found: list[Grid | Line] = [Grid(columns, [Row(pair) for pair in facts.items()], columns)]
    shown = potential.regions[:LISTED]
    if shown:
        rows = [
            Row((region.where, "a function" if callable(region.value) else f"{region.value:.9g}"))
            for region in shown
        ]
        names = (with_unit("region", length), with_unit("V inside", energy))
        found.append(Grid(names, rows, names[:1]))
    left = len(potential.regions) - len(shown)
    return [*found, *([Line(f"and {left} more regions", "dim")] if left else [])]


def grid(potential: PlanePotential, points: int = POINTS) -> tuple[Array, Array, Array]:
    """Positions x ``(n,)`` and y ``(m,)`` from wall to wall, and V there for the eye, ``(n, m)``.

    V is a gap where it is not finite. No position is within rounding of a straight boundary.

    Args:
        potential: The well.
        points: Along the longer side of the box.
    """
    x0, x1, y0, y1 = potential.box
    step = max(x1 - x0, y1 - y0) / (points - 1)
    x = np.linspace(x0, x1, max(2, round((x1 - x0) / step) + 1))
    y = np.linspace(y0, y1, max(2, round((y1 - y0) / step) + 1))
    with np.errstate(all="ignore"):
        v = np.asarray(potential(*np.meshgrid(x, y, indexing="ij")), np.float64)
    return x, y, np.where(np.isfinite(v), v, np.nan)


def _plot(potential: PlanePotential, ax: Axes | None) -> Figure:
    # Matplotlib takes a third of a second, and most potentials are never drawn.
    from matplotlib.figure import Figure

    x, y, v = grid(potential)
    aspect = float(np.clip(np.ptp(y) / np.ptp(x), 0.4, 2.0))
    size = (4.8, 3.6 * aspect + 0.6)
    figure: Any = Figure(figsize=size, layout="constrained") if ax is None else ax.figure
    axes = figure.subplots() if ax is None else ax
    low, high = window(v.ravel())
    image = mapped(axes, x, y, v, cmap="cividis", vmin=low, vmax=high)
    outlines(axes, potential, "white")
    axes.set_xlabel(with_unit("x", potential.length_unit))
    axes.set_ylabel(with_unit("y", potential.length_unit))
    figure.colorbar(image, ax=axes, label=with_unit("V", potential.energy_unit))
    return figure  # type: ignore[no-any-return]


def mapped(axes: Axes, x: Array, y: Array, values: Array, **options: Any) -> AxesImage:
    """Draw values on a grid, each about its place.

    Args:
        axes: Where.
        x: Even positions ``(n,)``.
        y: ``(m,)``.
        values: ``(n, m)``.
        **options: Those of `Axes.imshow`.
    """
    # Pixels at the walls are half beyond them.
    half = (x[1] - x[0]) / 2, (y[1] - y[0]) / 2
    extent = x[0] - half[0], x[-1] + half[0], y[0] - half[1], y[-1] + half[1]
    image = axes.imshow(values.T, origin="lower", extent=extent, **options)
    axes.set_xlim(x[0], x[-1])
    axes.set_ylim(y[0], y[-1])
    return image


def outlines(axes: Axes, potential: PlanePotential, colour: str) -> None:
    """Draw the boundaries of the regions.

    Args:
        axes: Where.
        potential: The well.
        colour: Of the lines.
    """
    for region in potential.regions:
        closed = region.boundary(400)
        axes.plot(*np.concatenate([closed, closed[:1]]).T, color=colour, lw=0.8, alpha=0.8)
