"""Figures of the plane: states as maps, with the contours of V."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.plane import PlanePotential
from qwpinn.equation.plane_description import grid, mapped, outlines
from qwpinn.sheets.digits import with_uncertainty
from qwpinn.sheets.screen import with_unit

Array = NDArray[np.float64]

# Maps in one figure, columns, and points along the longer side of each.
MOST, COLUMNS, POINTS = 12, 3, 161
LEVELS = 6


class PlaneStates(Protocol):
    """States that are drawn."""

    @property
    def potential(self) -> PlanePotential: ...
    @property
    def energies(self) -> Array: ...
    @property
    def lower(self) -> Array: ...
    @property
    def upper(self) -> Array: ...
    @property
    def numbers(self) -> NDArray[np.intp]: ...
    def wavefunctions(self, points: ArrayLike) -> Array: ...


def states(found: PlaneStates, shown: Sequence[int], density: bool) -> Figure:
    """A map a state: psi^2 on a perceptually uniform scale, or psi on a diverging one.

    Args:
        found: States.
        shown: Which ones.
        density: Whether psi^2 is drawn.
    """
    bounds = found.energies, found.lower, found.upper
    unit = f" {found.potential.energy_unit}".rstrip()
    titles = [
        f"{found.numbers[k]}: E = {with_uncertainty(*(float(b[k]) for b in bounds))}{unit}"
        for k in shown
    ]

    def psi(points: Array) -> Array:
        return found.wavefunctions(points)[:, list(shown)]

    return maps(found.potential, psi, titles, density)


def maps(
    potential: PlanePotential,
    functions: Callable[[Array], Array],
    titles: Sequence[str],
    density: bool = False,
    label: str = "psi",
) -> Figure:
    """A map a function over the box, with the contours of V, on one scale.

    Args:
        potential: V.
        functions: Maps points ``(n, 2)`` to ``(n, m)``.
        titles: Of m maps.
        density: Whether squares are drawn, from 0 on; else the functions, their larger lobe
            positive, about 0.
        label: Of the functions.
    """
    x, y, v = grid(potential, POINTS)
    points = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    values = functions(points)
    values = values * np.sign(values[np.argmax(np.abs(values), axis=0), np.arange(len(titles))])
    values = (values**2 if density else values).T.reshape(len(titles), x.size, y.size)
    columns = 2 if len(titles) == 4 else min(COLUMNS, len(titles))
    rows = -(-len(titles) // columns)
    aspect = float(np.clip((y[-1] - y[0]) / (x[-1] - x[0]), 0.3, 3.0))
    figure = Figure(
        figsize=(3.1 * columns + 0.9, (2.8 * aspect + 0.45) * rows + 0.4), layout="constrained"
    )
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    largest = float(np.max(np.abs(values))) or 1.0
    scale = {"vmin": 0.0 if density else -largest, "vmax": largest}
    for place, title, map_ in zip(axes.ravel(), titles, values, strict=False):
        image = mapped(
            place,
            x,
            y,
            map_,
            cmap="magma" if density else "RdBu_r",
            interpolation="bilinear",
            **scale,
        )
        _contours(place, potential, (x, y, v), "white" if density else "0.3")
        place.set_title(title, fontsize=9)
    for empty in axes.ravel()[len(titles) :]:
        empty.set_axis_off()
    for column in range(columns):
        below = max(row for row in range(rows) if row * columns + column < len(titles))
        axes[below, column].set_xlabel(with_unit("x", potential.length_unit))
        axes[below, column].tick_params(labelbottom=True)
    for place in axes[:, 0]:
        place.set_ylabel(with_unit("y", potential.length_unit))
    unit = f"1/{potential.length_unit}" if potential.length_unit else ""
    power = f"{unit}^2" if density and unit else unit
    name = f"|{label}|^2" if density else label
    figure.colorbar(image, ax=axes, label=with_unit(name, power), shrink=0.8)
    return figure


def columns(potential: PlanePotential, points: Array, psi: Array) -> dict[str, Array]:
    """A table of positions ``(n, 2)`` and every psi ``(n, K)``, by headings with units."""
    length = potential.length_unit
    amplitude = f"1/{length}" if length else ""
    return {
        with_unit("x", length): points[:, 0],
        with_unit("y", length): points[:, 1],
        **{with_unit(f"psi_{k}", amplitude): psi[:, k] for k in range(psi.shape[1])},
    }


def _contours(
    place: Axes, potential: PlanePotential, shape: tuple[Array, Array, Array], colour: str
) -> None:
    """Boundaries of regions; without any, lines of equal V up to where states live."""
    outlines(place, potential, colour)
    x, y, v = shape
    low, high = float(np.nanmin(v)), float(np.nanquantile(v, 0.6))
    if not (potential.regions or potential.constant_outside) and high > low:
        levels = low + (high - low) * (np.arange(LEVELS) + 0.5) / LEVELS
        place.contour(x, y, v.T, levels=levels, colors=colour, linewidths=0.6, alpha=0.8)
