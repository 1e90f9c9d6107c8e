"""Figures of a wave in motion: |psi|^2 over position and time, and what its frames share."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation import description
from qwpinn.equation.potential import Potential
from qwpinn.plotting import diagram
from qwpinn.plotting.style import COLOURS, grid, position_label
from qwpinn.sheets.screen import with_unit

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Positions of a map, and those at which is looked for the stretch that is drawn.
POINTS, LOOKED = 601, 1501
# Of its maximum: where the density never comes so far, nothing would be seen.
SEEN, MARGIN = 1e-3, 0.15
# V is drawn up to so many times the height of the mean energy above its floor.
HIGHEST = 6.0
# Of the mean energy, as V is grey.
MEAN = COLOURS[1]


class Moving(Protocol):
    """A wave at some times; `qwpinn.dynamics.Evolution` answers."""

    @property
    def potential(self) -> Potential: ...
    @property
    def times(self) -> Array: ...
    @property
    def energy(self) -> Array: ...
    def __call__(self, x: ArrayLike, /) -> Complex: ...
    def density(self, x: ArrayLike, /) -> Array: ...
    def expectation(self, f: str, /) -> Array: ...


def space_time(moving: Moving) -> Figure:
    """A map of the probability density over position and time, below V(x) and the mean energy.

    The mean position is a thin line. Where the density never comes to a thousandth of its maximum
    nothing is drawn; of a single time the density is a curve.

    Args:
        moving: A wave at times ``(T,)``.
    """
    potential, times = moving.potential, moving.times
    ends = stretch(moving)
    x = np.linspace(*ends, POINTS)
    density = moving.density(x)
    figure = Figure(figsize=(6.4, 5.4), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [1, 2.6]})
    well(above, potential, ends, moving.energy)
    above.set_ylabel(v_label(potential))
    if times.size > 1:
        image = below.pcolormesh(
            x, times, density, cmap="magma", vmin=0.0, shading="nearest", rasterized=True
        )
        figure.colorbar(image, ax=below, label=density_label(potential))
        # White on dark, dark on light: it is seen on all of the map.
        mean = moving.expectation("x")
        below.plot(mean, times, color="black", lw=2.2, alpha=0.6)
        below.plot(
            mean, times, color="white", lw=1.0, label=f"$\\langle {potential.symbol}\\rangle$"
        )
        below.legend(loc="best", fontsize="small", labelcolor="white", facecolor="0.3")
        below.set_ylim(float(times[0]), float(times[-1]))
        below.set_ylabel(with_unit("time", potential.time_unit))
    else:
        below.plot(x, density[0], color="black", lw=1.2)
        below.set_ylabel(density_label(potential))
    below.set_xlabel(position_label(potential))
    below.set_xlim(*ends)
    return figure


def stretch(moving: Moving) -> tuple[float, float]:
    """The ends of what is drawn: where the density is seen at some time, and some room beside.

    A wall that is as near as that is one of them.
    """
    left, right = moving.potential.interval
    x = np.linspace(left, right, LOOKED)
    largest = np.max(moving.density(x), axis=0)
    seen = x[largest >= SEEN * np.max(largest)]
    first, last = float(seen[0]), float(seen[-1])
    room = MARGIN * max(last - first, (right - left) / LOOKED)
    return (
        first - room if first - left > 2.0 * room else left,
        last + room if right - last > 2.0 * room else right,
    )


def well(axes: Axes, potential: Potential, ends: tuple[float, float], energy: Array) -> None:
    """Draw V(x) between two positions, and the mean energy at the first time as a dashed line.

    Args:
        axes: Where; its limits are set.
        potential: V.
        ends: The positions.
        energy: At all times, ``(T,)``: all of them have room.
    """
    x = grid(potential)
    x = x[(x >= ends[0]) & (x <= ends[1])]
    v = potential(x)
    low, high = heights(x, v, energy)
    bottom, top = low - 0.05 * (high - low), high + 0.05 * (high - low)
    description.outline(axes, potential, x, np.clip(v, bottom, 2.0 * top - bottom), bottom)
    mean = float(energy[0])
    axes.axhline(mean, color=MEAN, lw=1.0, ls="--")
    axes.annotate(
        r"$\langle E\rangle$ at first", (1.0, mean), (-3.0, 1.5),
        ("axes fraction", "data"), "offset points", color=MEAN, fontsize=8.5,
        ha="right", va="bottom",
    )  # fmt: skip
    axes.set_ylim(bottom, top)
    axes.set_xlim(*ends)


def heights(x: Array, v: Array, energy: Array) -> tuple[float, float]:
    """Between which energies V is drawn: neither a deep hole nor a high wall squeezes the rest.

    Args:
        x: Positions, ``(n,)``.
        v: V there.
        energy: Mean energies that are shown at least.

    Example:
        >>> x = np.linspace(-3.0, 3.0, 601)
        >>> heights(x, x**2, np.array([1.0]))
        (0.0, 6.0)
    """
    first, last = float(np.min(energy)), float(np.max(energy))
    low = diagram.window(np.array([first, last]), x, v)[0]
    above = max(last - low, 1e-9 * max(abs(last), abs(low)), 1e-300)
    high = min(description.window(v)[1], low + HIGHEST * above)
    return low, max(high, last + 0.3 * above)


def density_label(potential: Potential) -> str:
    """``"probability density"`` with its unit."""
    unit = potential.length_unit
    return with_unit("probability density", f"1/{unit}" if unit else "")


def v_label(potential: Potential) -> str:
    """V with its unit."""
    return with_unit(f"V({potential.symbol})", potential.energy_unit)
