"""Figures of wells: states at their levels, fans of a sweep, and transmission."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from qwpinn.equation.potential import Potential
from qwpinn.inputs import check
from qwpinn.plotting.diagram import label_lines, levels
from qwpinn.plotting.style import States, colour, grid, position_label, psi_label
from qwpinn.references import scattering
from qwpinn.sheets.screen import with_unit

Array = NDArray[np.float64]


class Found(States, Protocol):
    """States of a potential; `qwpinn.Solution` answers."""

    @property
    def potential(self) -> Potential: ...


def states(
    solution: Found,
    reference: States | None = None,
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
    shown = chosen(states, solution.energies.size)
    _check_reference(reference, solution.energies.size)
    potential, x = solution.potential, grid(solution.potential)
    psi = solution.wavefunctions(x)[:, shown]
    exact = None if reference is None else reference.wavefunctions(x)[:, shown]
    below = exact is not None and ax is None
    axes = _panels(below) if ax is None else [ax]
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
    return cast(Figure, axes[0].figure)


def _panels(below: bool) -> list[Axes]:
    """The axes of the states in a figure, and below those of their error."""
    figure = Figure(figsize=(6.8, 6.2 if below else 4.6), layout="constrained")
    ratios = [3, 1.2] if below else [1]
    grid = figure.subplots(
        len(ratios), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": ratios}
    )
    return list(grid[:, 0])


def _check_reference(reference: States | None, states: int) -> None:
    """Refuses what holds no wavefunctions, or too few of them."""
    count = reference.energies.size if isinstance(reference, States) else 0
    if reference is not None and count < states:
        raise ValueError(
            f"`reference` must be a qwpinn.references.Spectrum of {states} states. Received: "
            f"{count} states. Give e.g. references.legendre_galerkin(potential, {states})."
        )


def chosen(states: Sequence[int] | None, count: int) -> list[int]:
    """The states that are drawn, ascending."""
    if states is None:
        return list(range(count))
    given = sorted({check.integer("states", k, 0) for k in np.ravel(np.asarray(states, object))})
    if not given or given[-1] >= count:
        raise ValueError(
            f"`states` must be some of 0 to {count - 1}, those of the solution. Received: "
            f"states={states!r:.60}. Give e.g. [0]."
        )
    return given


def columns(potential: Potential, x: Array, v: Array | None, psi: Array) -> dict[str, Array]:
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
    potential: Potential, spectrum: States, energies: Sequence[float] | Array, log: bool = False
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
    energies = check.increasing("energies", energies)
    x = grid(potential)
    figure = Figure(figsize=(7.6, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True, gridspec_kw={"width_ratios": [2, 1]})
    psi, box = spectrum.wavefunctions(x), spectrum.box_states
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
