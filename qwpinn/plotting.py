"""Figures: states in their well, transmission, convergence, and how a naive training fails."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from qwpinn import _check, scattering
from qwpinn.layers import subdivided
from qwpinn.mesh import own_panels

Array = NDArray[np.float64]

# Okabe and Ito's palette, told apart by readers with any colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def colour(state: int) -> str:
    """The colour of a state, the same in every figure."""
    return COLOURS[state % len(COLOURS)]


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


def states(solution: Any, reference: Any | None = None) -> Figure:
    """The wavefunctions at their energies over V(x), dashed the reference, its error below.

    Args:
        solution: A `qwpinn.Solution`.
        reference: A `qwpinn.references.Spectrum`; without it the lower panel is left out.
    """
    x = grid(solution.potential)
    psi = solution.wavefunctions(x)
    rows = 1 if reference is None else 2
    figure = Figure(figsize=(6.4, 4.4 if rows == 1 else 6.2), layout="constrained")
    axes = figure.subplots(
        rows, 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": [3, 1.2][:rows]}
    )[:, 0]
    exact = None if reference is None else reference.wavefunctions(x)
    levels(axes[0], solution.potential, solution.energies, x, psi, exact, solution.box_states)
    if exact is not None:
        difference(axes[1], x, psi, exact)
    axes[-1].set_xlabel(position_label(solution.potential))
    return figure


def with_unit(name: str, unit: str) -> str:
    """A quantity as it stands at an axis, e.g. ``"field (kV/cm)"``; without unit, its name."""
    return f"{name} ({unit})" if unit else name


def position_label(potential: Any) -> str:
    """The name of the coordinate with its unit, e.g. ``"z (nm)"``."""
    return with_unit(potential.symbol, potential.length_unit)


def energy_label(potential: Any) -> str:
    """``"energy"`` with its unit."""
    return with_unit("energy", potential.energy_unit)


def levels(
    axes: Axes,
    potential: Any,
    energies: Sequence[float] | Array,
    x: Array,
    psi: Array,
    exact: Array | None = None,
    faint: Sequence[bool] | NDArray[np.bool_] = (),
    region: Sequence[float] = (),
) -> None:
    """Draw V(x), and every wavefunction with its energy for zero; those of no interest faintly.

    Args:
        axes: Where; its figure gets the legend.
        potential: The well.
        energies: Shape ``(K,)``.
        x: Positions, shape ``(n,)``.
        psi: There, shape ``(n, K)``.
        exact: A reference for psi, dashed.
        faint: Which states belong to the box.
        region: The ends of the active layers, dotted.
    """
    v = potential(x)
    energies = np.asarray(energies, np.float64)
    bottom = min(float(np.min(v)), float(energies[0]))
    # A step is shown whole; a wall that rises without end would squash the states below it.
    shown = (3.0 if potential.layers is None else 20.0) * (float(energies[-1]) - bottom)
    top = max(float(energies[-1]), min(float(np.max(v)), bottom + shown))
    spacing = (top - bottom) / max(len(energies), 2)
    # Of a miniband, whose levels lie closer, the waves are lower, as far as they can be seen then.
    closest = np.median(np.diff(energies)) if energies.size > 2 else spacing
    height = (
        0.45
        * float(np.clip(2.5 * closest, 0.3 * spacing, spacing))
        / max(float(np.max(np.abs(psi))), 1e-300)
    )
    axes.fill_between(x, bottom, v, color="0.85", lw=0, label=f"V({potential.symbol})")
    axes.plot(x, v, color="0.45", lw=1.0)
    for wall in potential.interval:
        axes.axvline(wall, color="0.25", lw=2.0)
    for k, energy in enumerate(energies):
        axes.axhline(energy, color=colour(k), lw=0.6, alpha=0.6)
        weak = k < len(faint) and faint[k]
        name = f"$\\psi_{{{k}}}${', box' if weak else ''}"
        line = axes.plot(x, energy + height * psi[:, k], color=colour(k), lw=2.0, label=name)[0]
        if weak:
            line.set(linewidth=1.0, alpha=0.5)
        if exact is not None:
            label = "exact" if k == len(energies) - 1 else None
            axes.plot(x, energy + height * exact[:, k], "k--", lw=0.9, label=label)
    for index, edge in enumerate(region):
        label = None if index else "active layers"
        axes.axvline(edge, color="0.25", lw=1.0, ls=":", label=label)
    axes.set_ylabel(f"{energy_label(potential)},  $\\psi_k$ drawn at $E_k$")
    axes.margins(x=0.0)
    axes.set_ylim(bottom - 0.15 * spacing, top + 0.75 * spacing)
    axes.figure.legend(loc="outside right upper", frameon=False)


def bands(solution: Any) -> Figure:
    """The band diagram of a heterostructure, states of the box drawn faintly.

    Args:
        solution: `qwpinn.Subbands`.
    """
    structure = solution.potential
    figure = Figure(figsize=(7.2, 4.6), layout="constrained")
    axes = figure.subplots()
    z = grid(structure)
    psi = solution.wavefunctions(z)
    box = solution.box_states
    levels(axes, structure, solution.energies, z, psi, faint=box, region=structure.region)
    axes.set_title(f"field {structure.field:g} kV/cm", fontsize="medium")
    axes.set_xlabel(position_label(structure))
    return figure


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
        axes.plot(values[order], energies[order, k], color=line, lw=1.2, label=f"$E_{{{k}}}$")
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
        label_ends(axes, float(np.max(values)), energies[order[-1]])
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])
    return figure


def label_ends(axes: Axes, x: float, energies: Array) -> None:
    """Write $E_k$ to the right of each level's last point, from the lowest on, none on another."""
    low, high = axes.get_ylim()
    last = -np.inf
    for k, energy in enumerate(energies):
        last = max(float(energy), last + 0.05 * (high - low))
        axes.annotate(
            f"$E_{{{k}}}$", (x, last), xytext=(7, 0), textcoords="offset points", va="center"
        )
    axes.margins(x=0.09)


def difference(axes: Axes, x: Array, psi: Array, exact: Array) -> None:
    """Draw |psi - exact| on a logarithmic scale."""
    for k in range(psi.shape[1]):
        axes.semilogy(x[1:-1], np.abs(psi - exact)[1:-1, k], color=colour(k), lw=1.0)
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
    levels(left, potential, spectrum.energies, x, psi, faint=box)
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
    bottom, top = left.get_ylim()
    left.set_ylim(min(bottom, float(energies[0])), max(top, float(energies[-1])))
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


def png(figure: Figure, dpi: int = 110) -> bytes:
    """The figure as the content of a PNG file."""
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=dpi)
    return content.getvalue()
