"""Figures: states in their well, transmission, convergence, and how a naive training fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from qwpinn import _check, scattering
from qwpinn.description import with_unit as with_unit
from qwpinn.diagram import COLOURS, label_lines
from qwpinn.diagram import colour as colour
from qwpinn.diagram import levels as levels
from qwpinn.layers import subdivided
from qwpinn.mesh import own_panels
from qwpinn.screen import png as png

Array = NDArray[np.float64]

# Members of a design that a figure has room for.
SHOWN = 3


def grid(potential: Any, points: int = 1201) -> Array:
    """Points from wall to wall, on either side of each breakpoint but not on it.

    So jumps are drawn upright, and no function is asked for a value that it does not have. There
    are more points where the lowest states fill so small a part of the box that even ones would
    miss their lobes.
    """
    a, b = potential.interval
    jumps = np.asarray(potential.breakpoints, np.float64)
    beside = 1e-9 * (b - a)
    x, graded = np.linspace(a, b, points), subdivided(own_panels(potential, 5, points // 12), 12)
    dense = graded[1:][np.diff(graded) < 0.25 * (x[1] - x[0])]
    x = np.union1d(x, dense)
    x = x[np.all(np.abs(x[:, None] - jumps) > beside, axis=1)]
    return np.sort(np.concatenate([x, jumps - beside, jumps + beside]))


def states(
    solution: Any,
    reference: Any | None = None,
    density: bool = False,
    states: Sequence[int] | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    region: Sequence[float] = (),
) -> Figure:
    """The wavefunctions at their energies over V(x), dashed the reference, its error below.

    Args:
        solution: A `qwpinn.Solution`.
        reference: A `qwpinn.references.Spectrum`; without it the lower panel is left out.
        density: Whether to draw psi^2.
        states: Which ones. Defaults to None: all.
        ax: Axes to draw into, without the error of a reference. Defaults to None: a figure is made.
        title: Above it.
        region: The ends of the active layers, dotted.

    Raises:
        TypeError: If ``states`` are no integers.
        ValueError: If a state is not of the solution.
    """
    shown = _chosen(states, solution.energies.size)
    if reference is not None:
        _check_reference(reference, solution.energies.size)
    potential, x = solution.potential, grid(solution.potential)
    psi = solution.wavefunctions(x)[:, shown]
    exact = None if reference is None else reference.wavefunctions(x)[:, shown]
    below = exact is not None and ax is None
    figure: Any = _figure(below) if ax is None else ax.figure
    axes = _panels(figure, below) if ax is None else [ax]
    faint = solution.box_states[shown]
    levels(
        axes[0], potential, solution.energies[shown], x, psi, exact, faint, region, shown, density
    )
    if title is not None:
        # Above the legend.
        axes[0].set_title(title, fontsize="medium", pad=20.0)
    if below and exact is not None:
        difference(axes[1], x, psi, exact, shown)
    axes[-1].set_xlabel(position_label(potential))
    return figure  # type: ignore[no-any-return]


def _figure(below: bool) -> Figure:
    return Figure(figsize=(6.8, 6.2 if below else 4.6), layout="constrained")


def _panels(figure: Figure, below: bool) -> list[Axes]:
    """The axes of the states, and below those of their error."""
    ratios = [3, 1.2] if below else [1]
    grid = figure.subplots(
        len(ratios), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": ratios}
    )
    return list(grid[:, 0])


def _check_reference(reference: Any, states: int) -> None:
    """Refuses what holds no wavefunctions, or too few of them."""
    count = np.size(getattr(reference, "energies", ()))
    if count < states:
        raise ValueError(
            f"`reference` must be a qwpinn.references.Spectrum of {states} states. Received: "
            f"{count} states. Give e.g. references.legendre_galerkin(potential, {states})."
        )


def _chosen(states: Sequence[int] | None, count: int) -> list[int]:
    """The states that are drawn, ascending."""
    if states is None:
        return list(range(count))
    given = sorted({_check.integer("states", k, 0) for k in np.ravel(np.asarray(states, object))})
    if not given or given[-1] >= count:
        raise ValueError(
            f"`states` must be some of 0 to {count - 1}, those of the solution. Received: "
            f"states={states!r:.60}. Give e.g. [0]."
        )
    return given


def position_label(potential: Any) -> str:
    """The name of the coordinate with its unit, e.g. ``"z (nm)"``."""
    return with_unit(potential.symbol, potential.length_unit)


def energy_label(potential: Any) -> str:
    """``"energy"`` with its unit."""
    return with_unit("energy", potential.energy_unit)


def psi_label(potential: Any, state: int) -> str:
    """A state with the unit of psi, e.g. ``"psi_0 (nm^-1/2)"``, as columns have it."""
    unit = potential.length_unit
    return with_unit(f"psi_{state}", f"{unit}^-1/2" if unit else "")


def columns(potential: Any, x: Array, v: Array | None, psi: Array) -> dict[str, Array]:
    """A table of positions, V if it is given, and every psi, by headings with units."""
    first = {position_label(potential): x}
    values = {} if v is None else {with_unit("V", potential.energy_unit): v}
    states = {psi_label(potential, k): psi[:, k] for k in range(psi.shape[1])}
    return {**first, **values, **states}


def fan(
    values: Array,
    energies: Array,
    labels: tuple[str, str],
    localisation: Array | None = None,
    box: NDArray[np.bool_] | None = None,
) -> Figure:
    """Levels against a parameter, darker the more of a state is in the active layers.

    Args:
        values: Of the parameter, shape ``(n,)``.
        energies: Shape ``(n, K)``.
        labels: Of both axes.
        localisation: From 0 to 1, shape ``(n, K)``. Defaults to None: a colour a level.
        box: Which states are of the box, shape ``(n, K)``: circles, where no localisation shows it.
    """
    figure = Figure(figsize=(6.4, 4.6), layout="constrained")
    axes = figure.subplots()
    order = np.argsort(values)
    for k in range(energies.shape[1]):
        line = colour(k) if localisation is None else "0.8"
        axes.plot(values[order], energies[order, k], color=line, lw=1.2)
    if localisation is None:
        if box is not None and box.any():
            x = np.broadcast_to(values[:, None], energies.shape)
            axes.plot(x[box], energies[box], "o", mfc="white", mec="0.4", ms=4, label="box")
            axes.legend(frameon=False, fontsize="small", loc="best")
    else:
        x = np.broadcast_to(values[:, None], energies.shape)
        # From -0.3 on, so that a state of the box can still be seen.
        dots = axes.scatter(
            x, energies, c=localisation, cmap="Blues", vmin=-0.3, vmax=1.0, s=16, zorder=3
        )
        bar = figure.colorbar(dots, ax=axes, label="probability in the active layers")
        bar.ax.set_ylim(0.0, 1.0)
    axes.margins(x=0.02)
    states = range(energies.shape[1])
    inks = [colour(k) if localisation is None else "0.2" for k in states]
    label_lines(axes, energies[order[-1]], [f"$E_{{{k}}}$" for k in states], inks)
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])
    return figure


def difference(
    axes: Axes, x: Array, psi: Array, exact: Array, numbers: Sequence[int] | None = None
) -> None:
    """Draw |psi - exact| on a logarithmic scale."""
    for k, number in enumerate(range(psi.shape[1]) if numbers is None else numbers):
        axes.semilogy(x[1:-1], np.abs(psi - exact)[1:-1, k], color=colour(number), lw=1.0)
    largest = float(np.max(np.abs(psi - exact)))
    axes.set_ylim(max(1e-5 * largest, 1e-17), 3.0 * max(largest, 1e-16))
    axes.set_ylabel("$|\\psi_k - $ exact$|$")
    axes.margins(x=0.0)


def transmission(
    potential: Any, spectrum: Any, energies: Sequence[float] | Array, log: bool = False
) -> Figure:
    """The states between the walls beside T(E) without them, on one axis of energy.

    Args:
        potential: Of constant layers; without the walls its outer layers go on to infinity.
        spectrum: A `qwpinn.Solution` or a `qwpinn.references.Spectrum` of it.
        energies: Where to draw T, increasing, shape (n,); dense, as resonances are narrow.
        log: Whether T is drawn on a logarithmic scale.

    Raises:
        ValueError: If V or rho is not constant between breakpoints, or `energies` do not increase.
    """
    energies = _check.increasing("energies", energies)
    x = grid(potential)
    figure = Figure(figsize=(7.6, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True, gridspec_kw={"width_ratios": [2, 1]})
    psi, box = spectrum.wavefunctions(x), getattr(spectrum, "box_states", ())
    within = float(energies[0]), float(energies[-1])
    levels(left, potential, spectrum.energies, x, psi, faint=box, within=within)
    left.set_xlabel(position_label(potential))
    passed = scattering.transmission(potential, energies)
    # On a logarithmic scale, T = 0 has no place: the line ends there.
    right.plot(np.where(passed > 0.0, passed, np.nan) if log else passed, energies, "k", lw=1.2)
    for k, energy in enumerate(spectrum.energies):
        right.axhline(energy, color=colour(k), lw=0.6, alpha=0.6)
    right.set_xlabel("$T(E)$")
    if log:
        smallest = float(np.min(passed, where=passed > 0.0, initial=0.1))
        right.set_xscale("log")
        right.set_xlim(max(0.5 * smallest, 1e-300), 2.0)
    else:
        right.set_xlim(-0.03, 1.03)
    return figure


def convergence(
    history: Mapping[str, Sequence[float]], reference: Sequence[float] | Array | None = None
) -> Figure:
    """Loss, and the energies' relative errors (or without a reference the energies), by epoch."""
    epochs = np.arange(1, len(history["loss"]) + 1)
    figure = Figure(figsize=(6.4, 5.2), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True)
    upper.semilogy(epochs, history["loss"], color="black", lw=1.5, label="loss (scaled units)")
    upper.semilogy(epochs, history["residual"], color=COLOURS[0], lw=1.2, label="residual (energy)")
    upper.semilogy(epochs, history["gram_error"], color=COLOURS[1], lw=1.2, label="Gram error")
    upper.set_ylabel("loss and its parts")
    upper.legend(frameon=False, ncols=3, fontsize="small", loc="lower right", bbox_to_anchor=(1, 1))
    for k in range(sum(key.startswith("energy_") and key[7:].isdigit() for key in history)):
        energy = np.asarray(history[f"energy_{k}"])
        if reference is None:
            lower.plot(epochs, energy, color=colour(k), lw=1.5, label=f"$E_{k}$")
        else:
            error = np.maximum(np.abs(energy / reference[k] - 1.0), 1e-17)
            lower.semilogy(epochs, error, color=colour(k), lw=1.5, label=f"$E_{k}$")
    lower.set_ylabel("energy" if reference is None else "relative error of $E_k$")
    lower.set_xlabel("epoch")
    lower.legend(frameon=False, ncols=5, fontsize="small", loc="lower right", bbox_to_anchor=(1, 1))
    return figure


def enclosures(labels: Sequence[str], widths: Array, rtol: float) -> Figure:
    """How the enclosures shrink from step to step, one line a state; a gap where none is proven.

    Args:
        labels: What each step was.
        widths: Relative widths, shape ``(steps, K)``, infinite where unproven.
        rtol: What was asked for, drawn dashed.
    """
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.subplots()
    steps = np.arange(len(labels))
    drawn = np.where(np.isfinite(widths), widths, np.nan)
    for k in range(drawn.shape[1]):
        axes.semilogy(steps, drawn[:, k], "o-", color=colour(k), lw=1.5, ms=4, label=f"$E_{{{k}}}$")
    axes.axhline(rtol, color="0.25", lw=1.0, ls="--", label="asked for")
    shown = np.unique(np.linspace(0, steps[-1], min(steps.size, 6)).round().astype(int))
    axes.set_xticks(shown, [labels[step] for step in shown])
    axes.set_xlim(-0.5, steps[-1] + 0.5)
    axes.set_ylabel("width of enclosure / $(E - \\min V)$")
    axes.figure.legend(loc="outside right upper", frameon=False)
    return figure


def residual(x: Array, values: Array, label: str = "x") -> Figure:
    """H psi_k - E_k psi_k over the position, one line a state; `label` is that of the axis."""
    figure = Figure(figsize=(6.4, 3.2), layout="constrained")
    axes = figure.subplots()
    for k in range(values.shape[1]):
        axes.plot(x, values[:, k], color=colour(k), lw=1.0, label=f"state {k}")
    axes.set_xlabel(label)
    axes.set_ylabel("$H\\psi_k - E_k\\psi_k$")
    axes.margins(x=0.0)
    axes.legend(frameon=False, ncols=5, fontsize="small")
    return figure


def members(found: Any) -> Figure:
    """The states of the first members of a design, each in its well.

    Args:
        found: A `qwpinn.Design` that was verified.
    """
    count = min(len(found.solutions), SHOWN)
    figure = Figure(figsize=(0.6 + 3.8 * count, 4.0), layout="constrained")
    for i, axes in enumerate(figure.subplots(1, count, squeeze=False)[0]):
        names = zip(found.names, found.parameters[i], strict=True)
        title = ", ".join(f"{name} {value:.5g}" for name, value in names)
        states(found.solutions[i], ax=axes, title=title)
    return figure
