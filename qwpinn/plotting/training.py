"""Figures of training: loss and energies by epoch, shrinking enclosures, the residual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from qwpinn.plotting.style import COLOURS, colour

Array = NDArray[np.float64]


def convergence(
    history: Mapping[str, Sequence[float]], reference: Sequence[float] | Array | None = None
) -> Figure:
    """Loss, and the energies' relative errors (or without a reference the energies), by epoch."""
    if not history.get("loss"):
        raise ValueError(
            "`history` must be of one epoch or more. Received: none, as of a start that was not "
            "trained. Give e.g. qwpinn.solve(..., recipe=qwpinn.Precise(epochs=5)).history."
        )
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
    lower.xaxis.get_major_locator().set_params(integer=True)
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
