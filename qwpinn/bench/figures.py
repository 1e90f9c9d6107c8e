"""Figures: the error of E against CPU seconds, of every technique on one well."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from qwpinn.bench.names import BASELINE, kind_of
from qwpinn.bench.results import Result
from qwpinn.plotting.style import COLOURS
from qwpinn.storage.places import write_file

Array = NDArray[np.float64]

# What stands together, and what it is called.
PANELS = {
    "network": "the network", "points": "the points", "training": "loss and optimizer",
    "joined": "several at once, and others", "whole": "whole recipes, and peers",
}  # fmt: skip
# Errors below are rounding.
LEAST = 1e-16
# Of a line, and of a mark where there is one look: the next where colours have been used up.
STYLES = (("-", "o"), ("--", "s"), (":", "D"))


def errors(results: Sequence[Result], well: str) -> Figure:
    """A panel for each kind of technique: medians over seeds as lines, the worst seeds as bands."""
    groups: dict[str, dict[str, list[Result]]] = {}
    every = [found for found in results if found.run.well == well]
    here = [found for found in every if found.trace.seconds]
    shown_at_all = {found.run.technique for found in here}
    for found in (one for one in every if one.run.technique in shown_at_all):
        groups.setdefault(_panel(found.run.technique), {}).setdefault(
            found.run.technique, []
        ).append(found)
    baseline = groups.get("training", {}).get(BASELINE, [])
    shown = [kind for kind in PANELS if kind in groups]
    rows = max(1, -(-len(shown) // 2))
    figure = Figure(figsize=(11, 0.6 + 3.7 * rows), layout="constrained")
    axes = figure.subplots(rows, 2, sharex=True, sharey=True, squeeze=False).ravel()
    least = min((found.trace.seconds[0] for found in here), default=0.01)
    last = max((found.trace.seconds[-1] for found in here), default=10.0)
    times = np.geomspace(least, last, 300)
    for place, kind in zip(axes, shown, strict=False):
        if baseline and kind != "training":
            _draw(place, baseline, times, "0.55", STYLES[0], BASELINE)
        for index, (name, group) in enumerate(groups[kind].items()):
            grey = name == BASELINE
            colour = "0.55" if grey else COLOURS[index % len(COLOURS)]
            _draw(place, group, times, colour, STYLES[index // len(COLOURS) % 3], name)
        place.set_title(PANELS[kind], fontsize=11, loc="left")
        place.set(xscale="log", yscale="log")
        if last >= 10.0 * least:
            place.xaxis.set_minor_formatter(NullFormatter())
        place.grid(alpha=0.25)
        place.legend(
            fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.02), frameon=False,
            handlelength=2.2,
        )  # fmt: skip
    for empty in axes[len(shown) :]:
        empty.set_axis_off()
    # What stands above an empty place has the seconds too.
    for place in axes[max(0, len(shown) - 2) : len(shown)]:
        place.tick_params(labelbottom=True)
    figure.supxlabel("CPU seconds")
    figure.supylabel("error of E, in units of E - min V")
    seeds = max((len(group) for kind in groups.values() for group in kind.values()), default=0)
    figure.suptitle(f"{well}: medians of {seeds} seeds, bands up to the worst", fontsize=12)
    return figure


def save(results: Sequence[Result], well: str, path: Path) -> None:
    """Write `errors` as PNG."""
    drawn = io.BytesIO()
    errors(results, well).savefig(drawn, dpi=110)
    write_file(path, drawn.getvalue())


def _panel(technique: str) -> str:
    kind = kind_of(technique)
    return {"peer": "whole", "others": "joined"}.get(kind, kind)


def _draw(
    place: Axes,
    group: Sequence[Result],
    times: Array,
    colour: str,
    style: tuple[str, str],
    name: str,
) -> None:
    """The median of a technique's runs as a line, up to the worst as a band; a mark of one look."""
    line, mark = style
    each = np.array([_at(found, times) for found in group])
    # A seed without a look yet is the worst: np.median would be not a number because of it.
    ordered, half = np.sort(each, axis=0), len(group) // 2
    middle, worst = (ordered[half] + ordered[-half - 1]) / 2.0, ordered[-1]
    if max(len(found.trace.seconds) for found in group) == 1:
        place.plot(group[0].trace.seconds, middle[-1:], mark, color=colour, label=name)
        return
    place.plot(times, middle, line, color=colour, lw=1.4, label=name)
    place.fill_between(times, middle, worst, color=colour, alpha=0.12, lw=0)


def _at(found: Result, times: Array) -> Array:
    """The last error seen at each time; NaN before the first, infinite of a run without any."""
    if not found.trace.seconds:
        return np.full_like(times, np.inf)
    last = np.searchsorted(found.trace.seconds, times, side="right") - 1
    errors = np.maximum(np.array(found.trace.energy_errors), LEAST)
    return np.where(last >= 0, errors[last], np.nan)
