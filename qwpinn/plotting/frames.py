"""Frames of a wave in motion: its density filled by the colour of its phase, V, and a clock."""

from __future__ import annotations

import math

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.patheffects import AbstractPathEffect, withStroke
from matplotlib.text import Text
from numpy.typing import NDArray

from qwpinn.plotting.films import SIZE, Pixels
from qwpinn.plotting.moving import Moving, density_label, stretch, v_label, well
from qwpinn.plotting.style import position_label

Array = NDArray[np.float64]

# Dots an inch, and the size of letters in points.
DPI, FONT = 100, 9.0
# Colours of the cycle: few enough for one palette, and for long runs of one colour.
PHASES = 48
# The full circle begins light and turns dark: told apart with any colour vision.
CYCLE = np.asarray(255.0 * colormaps["twilight"](np.arange(PHASES) / PHASES)[:, :3], np.uint8)


class Film:
    """What stands still is drawn once; what moves is drawn over a copy of it for each frame.

    Args:
        moving: A wave at times ``(T,)``, each of them a frame.

    Attributes:
        figure: Whose canvas is drawn on.
        axes: Of the density.
        clocks: What the clock shows, a text a frame.
    """

    def __init__(self, moving: Moving) -> None:
        inches = SIZE[0] / DPI, SIZE[1] / DPI
        self.figure = Figure(figsize=inches, dpi=DPI, layout="constrained")
        self._canvas = FigureCanvasAgg(self.figure)
        self.clocks = clocks(moving.times, moving.potential.time_unit)
        ends = stretch(moving)
        # A position for each column of pixels, and more.
        x = np.linspace(*ends, SIZE[0])
        self._density, self._colours = moving.density(x), phase_colours(moving, x)
        self._top = 1.08 * float(np.max(self._density))
        self.axes = self.figure.subplots()
        self._energies = self._background(moving, ends)
        self._x = x
        self._fill, self._curve, self._clock = self._moving_artists(ends)
        self._canvas.draw()
        self._still = self._canvas.copy_from_bbox(self.figure.bbox)

    def _background(self, moving: Moving, ends: tuple[float, float]) -> Axes:
        """What stands still, and the axes of V."""
        potential = moving.potential
        with_v = self.axes.twinx()
        # V behind, and the density before it, on an axis of its own.
        with_v.set_zorder(self.axes.get_zorder() - 1)
        self.axes.patch.set_visible(False)
        well(with_v, potential, ends, moving.energy)
        # Paler than the light end of the cycle.
        with_v.collections[0].set_facecolor("0.95")
        with_v.set_ylabel(v_label(potential), fontsize=FONT)
        self.axes.set_ylim(0.0, self._top)
        self.axes.set_xlabel(position_label(potential), fontsize=FONT)
        self.axes.set_ylabel(density_label(potential), fontsize=FONT)
        for axes in (self.axes, with_v):
            axes.tick_params(labelsize=FONT)
        _legend(self.axes)
        return with_v

    def _moving_artists(self, ends: tuple[float, float]) -> tuple[AxesImage, Line2D, Text]:
        """The fill, its upper edge, and the clock."""
        fill = self.axes.imshow(
            self._colours[:1], extent=(*ends, 0.0, self._top), aspect="auto", origin="lower",
            interpolation="nearest", animated=True,
        )  # fmt: skip
        (curve,) = self.axes.plot(self._x, self._density[0], color="0.15", lw=1.0, animated=True)
        clock = self.axes.text(
            0.0, 1.035, "", transform=self.axes.transAxes, fontsize=FONT + 2.0, animated=True
        )
        # V and the mean energy are seen through the fill.
        halo: list[AbstractPathEffect] = [withStroke(linewidth=2.6, foreground="white")]
        for line in self._energies.lines:
            line.set_path_effects(halo)
        return fill, curve, clock

    def pixels(self, frame: int) -> Pixels:
        """A frame, ``(height, width, 3)``."""
        density = self._density[frame]
        self._canvas.restore_region(self._still)
        corners = np.concatenate([self._x[[0]], self._x, self._x[[-1]]])
        edge = Path(np.stack([corners, np.concatenate([[0.0], density, [0.0]])], axis=1))
        self._fill.set_data(self._colours[frame : frame + 1])
        self._fill.set_clip_path(edge, self.axes.transData)
        self._curve.set_ydata(density)
        self._clock.set_text(self.clocks[frame])
        for artist in (self._fill, self._curve, self._clock):
            self.axes.draw_artist(artist)
        for line in self._energies.lines:
            self._energies.draw_artist(line)
        drawn: Pixels = np.array(self._canvas.buffer_rgba(), np.uint8)[..., :3]
        return drawn


def phase_colours(moving: Moving, x: Array) -> Pixels:
    r"""Colours of the phase of psi exp(i <E> t / hbar), ``(T, n, 3)``.

    So energies count from their mean at the first time, and colours stand still where psi is one
    state: they would else turn by more than a circle between two frames of most films.
    """
    turned = moving.energy[0] / moving.potential.hbar * (moving.times - moving.times[0])
    phase = np.angle(moving(x) * np.exp(1j * turned)[:, None])
    places = np.rint((phase / (2.0 * np.pi) + 0.5) * PHASES).astype(int) % PHASES
    return np.asarray(CYCLE[places])


def clocks(times: Array, unit: str) -> list[str]:
    """What a clock shows at some times: as many decimals as tell them apart, all of one width.

    Example:
        >>> clocks(np.array([0.0, 0.5, 10.0]), "fs")
        ['t = \u20070.0 fs', 't = \u20070.5 fs', 't = 10.0 fs']
    """
    step = float(np.min(np.diff(times), initial=np.inf))
    decimals = 0 if math.isinf(step) else max(0, math.ceil(-math.log10(step)))
    written = [f"{t:.{decimals}f}" if decimals <= 9 else f"{t:.9g}" for t in times.tolist()]
    width = max(map(len, written))
    # Blanks as wide as a digit: nothing jumps when there is a digit more.
    return [f"t = {number.rjust(width, chr(0x2007))} {unit}".rstrip() for number in written]


def _legend(axes: Axes) -> None:
    """The colours of the phase, above the axes."""
    place = axes.inset_axes((0.7, 1.035, 0.3, 0.05))
    place.imshow(CYCLE[None], aspect="auto", extent=(-1.0, 1.0, 0.0, 1.0))
    place.set_yticks([])
    place.set_xticks([-1.0, 0.0, 1.0], ["$-\\pi$", "0", "$\\pi$"], fontsize=FONT)
    place.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=2, pad=1)
    said = r"phase, energies from $\langle E\rangle$ at first"
    place.text(-1.08, 0.5, said, ha="right", va="center", fontsize=FONT)
