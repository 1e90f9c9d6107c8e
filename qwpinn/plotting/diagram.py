"""The diagram of levels: V(x), and every state drawn at its energy, labelled at its line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from qwpinn.equation.description import outline
from qwpinn.equation.potential import Potential
from qwpinn.plotting.style import colour
from qwpinn.sheets.screen import with_unit

Array = NDArray[np.float64]

# Waves are at least this high, and at most that, in units of the height that is drawn; of many
# states less, for all must have room.
LEAST, MOST = 0.05, 0.25
# Of the gap between two levels, what their waves fill where they come closest.
FILLED = 0.88
FONT = 8.5


def levels(
    axes: Axes,
    potential: Potential,
    energies: Sequence[float] | Array,
    x: Array,
    psi: Array,
    exact: Array | None = None,
    faint: Sequence[bool] | NDArray[np.bool_] = (),
    region: Sequence[float] = (),
    numbers: Sequence[int] | None = None,
    density: bool = False,
    within: Sequence[float] | None = None,
) -> None:
    """Draw V(x), and every wavefunction with its energy for zero; those of no interest faintly.

    The waves are as high as they can be without touching, all on one scale. Levels that are too
    close for that share their place.

    Args:
        axes: Where.
        potential: The well.
        energies: Shape ``(K,)``, ascending.
        x: Positions, shape ``(n,)``.
        psi: There, shape ``(n, K)``.
        exact: A reference for psi, dashed.
        faint: Which states belong to the box.
        region: The ends of the active layers, dotted.
        numbers: Of the states. Defaults to None: from 0 on.
        density: Whether psi^2 is drawn, filled. Defaults to False: psi.
        within: Energies that the axis shows at least. Defaults to None.
    """
    energies = np.asarray(energies, np.float64)
    numbers = range(energies.size) if numbers is None else numbers
    waves = np.square(psi) if density else psi
    v = potential(x)
    bottom, top = window(energies, x, v)
    scale = wave_scale(energies, waves, top - bottom)
    drawn = energies + scale * waves
    _outlined(axes, potential, x, v, (bottom, top))
    weak = [k < len(faint) and bool(faint[k]) for k in range(energies.size)]
    for k, (energy, number) in enumerate(zip(energies, numbers, strict=True)):
        ink = colour(number)
        axes.axhline(energy, color=ink, lw=0.6, alpha=0.6)
        thickness, alpha = (1.0, 0.55) if weak[k] else (1.8, 1.0)
        axes.plot(x, drawn[:, k], color=ink, lw=thickness, alpha=alpha)
        if density:
            axes.fill_between(x, energy, drawn[:, k], color=ink, alpha=0.25, lw=0)
        if exact is not None:
            other = np.square(exact[:, k]) if density else exact[:, k]
            label = "exact" if k == energies.size - 1 else None
            axes.plot(x, energy + scale * other, "k--", lw=0.9, label=label)
    for index, edge in enumerate(region):
        label = None if index else "active layers"
        axes.axvline(edge, color="0.25", lw=1.0, ls=":", label=label)
    wave = "$|\\psi_k|^2$" if density else "$\\psi_k$"
    axes.set_ylabel(f"{with_unit('energy', potential.energy_unit)},  {wave} drawn at $E_k$")
    low, high = min(bottom, float(np.min(drawn))), max(top, float(np.max(drawn)))
    low, high = low - 0.04 * (high - low), high + 0.04 * (high - low)
    asked = [low, high] if within is None else within
    axes.set_ylim(min(low, *asked), max(high, *asked))
    names = [f"$E_{{{n}}}$ = {_short(energies, k)}" for k, n in enumerate(numbers)]
    marked = [f"{name}  box" if w else name for name, w in zip(names, weak, strict=True)]
    label_lines(axes, energies, marked, [colour(number) for number in numbers])
    axes.legend(
        loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4, frameon=False, fontsize=FONT,
        borderaxespad=0.1,
    )  # fmt: skip


def window(energies: Array, x: Array, v: Array) -> tuple[float, float]:
    """Between which energies a diagram is drawn: its levels, and V as far as they leave room.

    Neither a deep and narrow hole nor a wall that rises without end squeezes the levels.

    Args:
        energies: Shape ``(K,)``, ascending.
        x: Positions, shape ``(n,)``.
        v: V there.

    Example:
        >>> x = np.linspace(-3.0, 3.0, 601)
        >>> window(np.array([1.64, 6.44, 13.89]), x, np.where(abs(x) < 1.0, 0.0, 20.0))
        (0.0, 20.0)
        >>> window(np.array([1.0, 2.0]), x, 1e5 * x**2)
        (0.0, 3.2)
    """
    first, last = float(energies[0]), float(energies[-1])
    even = np.interp(np.linspace(x[0], x[-1], 1001), x, v)
    floor, middle = (float(np.quantile(even, share)) for share in (0.02, 0.5))
    reach = max(4.0 * (last - first), 1.3 * (first - floor), 0.6 * (middle - last))
    bottom = min(first, max(float(np.min(v)), first - max(reach, 1e-9 * abs(first))))
    height = max(last - bottom, 1e-9 * max(abs(last), abs(bottom)), 1e-300)
    # The top of a step that is near is shown, and else how V begins to rise.
    highest = float(np.max(v))
    near = highest - bottom <= 2.2 * height
    return bottom, max(last, min(highest, bottom + (2.2 if near else 1.6) * height))


def wave_scale(energies: Array, waves: Array, span: float) -> float:
    """By what waves are multiplied so that each is seen and none touches the next.

    Args:
        energies: Shape ``(K,)``, ascending.
        waves: Shape ``(n, K)``.
        span: The height of the diagram, an energy.

    Example:
        >>> waves = np.array([[0.0, 0.0], [1.0, -1.0]])
        >>> float(wave_scale(np.array([0.0, 1.0]), waves, span=2.0))
        0.44
    """
    count, largest = energies.size, max(float(np.max(np.abs(waves))), 1e-300)
    least, most = min(LEAST, 0.6 / count), max(min(MOST, 1.2 / count), LEAST)
    smallest = least * span / largest
    closest = np.maximum(np.max(waves[:, :-1] - waves[:, 1:], axis=0), 1e-300)
    fits = FILLED * np.diff(energies) / closest
    # Levels that are closer share their place: a pair does not matter, but of a band waves are low.
    shared = fits < smallest
    band = bool(np.any(shared[:-1] & shared[1:]))
    highest = 1.3 * smallest if band else most * span / largest
    return float(np.min(fits[~shared], initial=highest))


def _outlined(
    axes: Axes, potential: Potential, x: Array, v: Array, shown: tuple[float, float]
) -> None:
    """V and the walls; where V leaves what is shown, how far it goes."""
    low, high = float(np.min(v)), float(np.max(v))
    beyond = [f"down to {low:.4g}"] * (low < shown[0] - 1e-9 * abs(low))
    beyond += [f"up to {high:.4g}"] * (high > shown[1] + 1e-9 * abs(high))
    far = 10.0 * (shown[1] - shown[0])
    clipped = np.clip(v, shown[0] - far, shown[1] + far)
    outline(axes, potential, x, clipped, min(shown[0], float(np.min(clipped))))
    name = ", ".join([f"V({potential.symbol})", *beyond])
    axes.collections[-1].set_label(name)


def _short(energies: Array, k: int) -> str:
    """An energy with as many digits as tell it from its neighbours."""
    gaps = [abs(float(energies[k] - energies[i])) for i in (k - 1, k + 1) if 0 <= i < energies.size]
    size = max(abs(float(energies[k])), 1e-300)
    told = [1 + math.ceil(math.log10(size / gap)) for gap in gaps if 0.0 < gap < size]
    return f"{float(energies[k]):.{min(max([4, *told]), 10)}g}"


def label_lines(
    axes: Axes, heights: Array, names: Sequence[str], colours: Sequence[str], size: float = FONT
) -> None:
    """Write names at the right ends of lines, none on another; of many lines every n-th.

    To the right of the axes, or inside of them in a figure without a layout.

    Args:
        axes: With its limits set.
        heights: Of the lines, ascending.
        names: As many.
        colours: As many.
        size: Of the letters, in points.
    """
    low, high = axes.get_ylim()
    # A layout that makes room for labels and titles leaves somewhat less than is there now.
    inches = 0.8 * axes.get_window_extent().height / axes.figure.dpi
    apart = 1.45 * size / 72.0 / max(inches, 1e-3)
    step = max(1, math.ceil(len(names) * apart))
    chosen = range(0, len(names), step)
    wanted = np.array([(heights[k] - low) / (high - low) for k in chosen])
    rank = apart * np.arange(wanted.size)
    free = isotonic_regression(wanted - rank).x
    places = np.clip(free, 0.0, max(1.0 - rank[-1], 0.0)) + rank
    # Outside there is room only in a figure whose layout makes it.
    outside = axes.figure.get_layout_engine() is not None
    if outside:
        # From each line to a little before its name.
        leaders = [
            [(1.0, line), (1.035, place)] for line, place in zip(wanted, places, strict=True)
        ]
        inks = [colours[k] for k in chosen]
        drawn = LineCollection(
            leaders, colors=inks, linewidths=0.6, transform=axes.transAxes, clip_on=False
        )
        axes.add_collection(drawn, autolim=False)
    for k, place in zip(chosen, places, strict=True):
        write = partial(
            axes.text, s=names[k], color=colours[k], fontsize=size, va="center",
            transform=axes.transAxes,
        )  # fmt: skip
        if outside:
            write(1.04, place)
        else:
            back = dict(fc="white", alpha=0.7, lw=0, pad=0.4)
            write(0.985, place + 0.5 * apart, ha="right", bbox=back)
