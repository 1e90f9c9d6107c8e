"""Figures of families: level surfaces over the parameters, and how far they are off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from qwpinn.equation.potential import Potential
from qwpinn.plotting.style import colour, energy_label
from qwpinn.plotting.wells import Found, states
from qwpinn.sheets.screen import with_unit

Array = NDArray[np.float64]

# Points an axis for the levels, and for their errors, each of which is a Rayleigh-Ritz step.
FINE, COARSE = 121, 17
# Anticrossings so near to the middle of the parameters that are held, scaled, are drawn.
SLICE = 0.2
# States that a figure has room for.
SHOWN = 4
# Members of a design that a figure has room for.
MEMBERS = 3


class Box(Protocol):
    """The parameters of a family, as `qwpinn.Family` has them."""

    names: tuple[str, ...]
    lower: Array
    upper: Array

    @property
    def centre(self) -> Potential: ...
    def scaled(self, p: Array) -> Array: ...
    def unscaled(self, u: Array) -> Array: ...


class Close(Protocol):
    """Where two levels come close."""

    @property
    def levels(self) -> tuple[int, int]: ...
    @property
    def parameters(self) -> Array: ...


class Surfaces(Protocol):
    """Levels over parameters, as a `qwpinn.FamilyPINN` has them."""

    @property
    def family(self) -> Box: ...
    @property
    def states(self) -> int: ...
    @property
    def floor(self) -> float: ...
    @property
    def anticrossings(self) -> Sequence[Close]: ...
    def energies(self, p: Array, refine: bool = False) -> Array: ...
    def error(self, p: Array) -> Array: ...


class Designed(Protocol):
    """Members of a family with their states, as a `qwpinn.Design` has them."""

    @property
    def names(self) -> Sequence[str]: ...
    @property
    def parameters(self) -> Array: ...
    @property
    def solutions(self) -> Sequence[Found]: ...


def surfaces(model: Surfaces) -> Figure:
    """Every level over the first two parameters, above, and its error, below.

    The others are held in the middle of the box. The error is that of the energy network from the
    refined energies, which are a thousand times more accurate, in units of E - min V. Where the
    level comes close to another, points mark the anticrossings that were found.

    Args:
        model: A `qwpinn.FamilyPINN`.
    """
    shown = min(model.states, SHOWN)
    if len(model.family.names) == 1:
        return _curves(model)
    figure = Figure(figsize=(0.6 + 2.9 * shown, 5.6), layout="constrained")
    axes = figure.subplots(2, shown, sharex=True, sharey=True, squeeze=False)
    x, y, levels = _over_two(model, FINE, refine=False)
    p, q, exact = _over_two(model, COARSE, refine=True)
    errors = _errors(model, _over_two(model, COARSE, refine=False)[2], exact)
    span = max(float(np.floor(np.log10(errors.min()))), -12.0), np.ceil(np.log10(errors.max()))
    for k in range(shown):
        filled = axes[0, k].contourf(x, y, levels[:, :, k], levels=12, cmap="viridis")
        lines = axes[0, k].contour(
            x, y, levels[:, :, k], levels=filled.levels[1:-1:2], colors="white", linewidths=0.7
        )
        axes[0, k].clabel(lines, fontsize=7, fmt="%.4g")
        axes[0, k].set_title(f"$E_{k}$")
        below = axes[1, k].pcolormesh(
            p, q, np.log10(errors[:, :, k]), cmap="magma", vmin=span[0], vmax=span[1]
        )
        axes[1, k].set_xlabel(_label(model, 0))
        places = _anticrossings(model, k)
        axes[0, k].plot(*places[:, :2].T, ".", ms=3.5, color="red")
    for row in axes:
        row[0].set_ylabel(_label(model, 1))
    unit = model.family.centre.energy_unit
    figure.suptitle(with_unit("levels", unit), fontsize=10)
    bar = figure.colorbar(below, ax=axes[1].tolist(), pad=0.01)
    bar.set_label("log10 of the relative error")
    return figure


def _curves(model: Surfaces) -> Figure:
    """The same over the only parameter; the stated error dotted, anticrossings as lines."""
    figure = Figure(figsize=(6.4, 5.2), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [2, 1]})
    places = np.vstack([_anticrossings(model, k) for k in range(model.states)])[:, 0]
    x, p = (np.union1d(_axis(model, 0, count), places) for count in (FINE, 4 * COARSE))
    energies = model.energies(x[:, None])
    errors = _errors(model, model.energies(p[:, None]), model.energies(p[:, None], refine=True))
    for k in range(model.states):
        above.plot(x, energies[:, k], color=colour(k), label=f"$E_{k}$")
        below.semilogy(p, errors[:, k], color=colour(k))
        # NaN, where nothing was measured, is not drawn.
        below.semilogy(x, model.error(x[:, None])[:, k], ":", lw=1.0, color=colour(k))
    for axes in (above, below):
        for place in np.unique(places):
            axes.axvline(place, color="0.6", lw=0.8, zorder=0)
    above.set_ylabel(energy_label(model.family.centre))
    above.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    measured = np.isfinite(model.error(p[:1, None])).any()
    below.set_ylabel("relative error\n(dotted: stated)" if measured else "relative error")
    below.set_xlabel(_label(model, 0))
    for axes in (above, below):
        _trim(axes)
    return figure


def _anticrossings(model: Surfaces, k: int) -> Array:
    """Parameters ``(c, m)`` at which level k comes close to another, in or near what is drawn."""
    family = model.family
    rows = [one.parameters for one in model.anticrossings if k in one.levels]
    found = np.array(rows).reshape(-1, len(family.names))
    near = np.abs(family.scaled(found)[:, 2:]) <= SLICE
    return np.asarray(found[near.all(axis=1)])


def _over_two(model: Surfaces, count: int, refine: bool) -> tuple[Array, Array, Array]:
    """A grid over the first two parameters, and the levels there, ``(count, count, K)``."""
    x, y = _axis(model, 0, count), _axis(model, 1, count)
    middle = model.family.unscaled(np.zeros(len(model.family.names)))
    rows = np.tile(middle, (count * count, 1))
    first, second = np.meshgrid(x, y)
    rows[:, 0], rows[:, 1] = first.reshape(-1), second.reshape(-1)
    return x, y, model.energies(rows, refine=refine).reshape(count, count, -1)


def _axis(model: Surfaces, index: int, count: int) -> Array:
    family = model.family
    return np.linspace(family.lower[index], family.upper[index], count)


def _errors(model: Surfaces, energies: Array, exact: Array) -> Array:
    """In units of E - min V, at least that of rounding."""
    above = exact - model.floor
    return np.asarray(np.maximum(np.abs(energies - exact) / above, 1e-16))


def _label(model: Surfaces, index: int) -> str:
    name = model.family.names[index]
    return with_unit(name, model.family.centre.unit(name))


def _trim(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)


def members(found: Designed) -> Figure:
    """The states of the first members of a design, each in its well.

    Args:
        found: A `qwpinn.Design` that was verified.
    """
    count = min(len(found.solutions), MEMBERS)
    figure = Figure(figsize=(0.6 + 3.8 * count, 4.0), layout="constrained")
    for i, axes in enumerate(figure.subplots(1, count, squeeze=False)[0]):
        names = zip(found.names, found.parameters[i], strict=True)
        title = ", ".join(f"{name} {value:.5g}" for name, value in names)
        states(found.solutions[i], ax=axes, title=title)
    return figure
