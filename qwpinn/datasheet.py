"""The data sheet: what ``qwpinn`` shows of a device, its layers, its transitions and a sweep."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from qwpinn import plotting
from qwpinn.console import narrow_table, print_failures, with_uncertainty
from qwpinn.heterostructure import Heterostructure
from qwpinn.solution import MIXED
from qwpinn.stark import stark_shift
from qwpinn.subbands import Subbands
from qwpinn.sweeps import Sweep

BOX = "*: less than half in the active layers, or a state of the box."
CUT = "box states: not below V at an end of the box that is no wall, or lifted by it."


def print_device(console: Console, device: Heterostructure) -> None:
    """Print the layers with the offsets and masses that are used."""
    table = narrow_table(padding=0)
    for heading in ("layer", "z (nm)", "thickness\n(nm)"):
        table.add_column(heading, justify="right")
    table.add_column("material")
    numbers = ["offset\n(meV)", "mass\n(m0)", *(["gap\n(meV)"] if device.nonparabolic else [])]
    for heading in numbers:
        table.add_column(heading, justify="right")
    table.add_column("active")
    for i, used in enumerate(device.used):
        table.add_row(
            device.layers[i].name or str(i),
            f"{device.edges[i]:g} - {device.edges[i + 1]:g}",
            f"{used.thickness:g}",
            used.material or "",
            f"{used.offset:.4f}",
            f"{used.mass:.6g}",
            *([f"{used.gap:g}".replace("inf", "")] if device.nonparabolic else []),
            "yes" if used.active else "contact" if used.contact else "",
        )
    console.print(table)
    kind = "mass (1 + (E - V) / gap)" if device.nonparabolic else "parabolic"
    text = f"Field {device.field:g} kV/cm; bands: {kind}."
    console.print(text, highlight=False)
    for source in sorted({m.source.split(", table")[0] for m in device.materials if m}):
        console.print(f"Materials: {source}.", style="dim", highlight=False, markup=False)


def print_transitions(console: Console, solution: Subbands) -> None:
    """Print what light sees of the localised states, and the shift by the field."""
    if not solution.localised.all():
        console.print(BOX, style="dim", highlight=False)
    if not solution.localised.any():
        text = "No state is in the active layers: ask for more states, or lower the field."
        console.print(text, style="bold red")
    # Of several wells it is the difference of their places that a field shows.
    if solution.potential.field and np.sum(solution.potential.active) == 1:
        shifts = [
            f"E_{k} {shift:+.4f}"
            for k, shift in enumerate(stark_shift(solution))
            if math.isfinite(shift)
        ]
        if shifts:
            console.print(f"Stark shift (meV): {', '.join(shifts)}", highlight=False)
    inside = np.flatnonzero(solution.localised).tolist()
    if len(inside) < 2:
        return
    table = narrow_table()
    table.add_column("transition")
    for heading in ("energy\n(meV)", "wavelength\n(um)", "dipole\n(nm)", "oscillator\nstrength"):
        table.add_column(heading, justify="right")
    for i, j in itertools.combinations(inside, 2):
        table.add_row(
            f"{i} - {j}",
            with_uncertainty(
                float(solution.transitions[i, j]),
                float(solution.lower[j] - solution.upper[i]),
                float(solution.upper[j] - solution.lower[i]),
            ),
            f"{solution.wavelengths[i, j]:.6g}",
            *_strengths(solution, i, j),
        )
    console.print(table)


def _strengths(solution: Subbands, i: int, j: int) -> tuple[str, str]:
    """Dipole and oscillator strength, 0 for a line that symmetry forbids."""
    dipole = abs(solution.dipoles[i, j])
    if dipole < 1e-6:
        return "0", "0"
    return f"{dipole:.4g}", f"{solution.oscillator_strengths[i, j]:.4g}"


def print_sweep(console: Console, found: Sweep) -> None:
    """Print the levels of each value, as far as 80 columns hold them, and what is not as asked."""
    table = narrow_table()
    states = min(found.energies.shape[1], 4)
    unit = found.solutions[0].potential.energy_unit
    names = [*(f"E_{k}" for k in range(states)), "widest\nenclosure"]
    label = found.label.replace(".", ".\n")
    device = found.localisation is not None
    cut = bool(found.box_states.any()) and not device
    headings = [label, *(plotting.with_unit(name, unit) for name in names)]
    for heading in [*headings, "box\nstates"] if cut else headings:
        table.add_column(heading.replace(" (", "\n("), justify="right")
    for i, value in enumerate(found.values.tolist()):
        marks = ["*" if device and box else " " for box in found.box_states[i]]
        table.add_row(
            f"{value:g}",
            *(f"{found.energies[i, k]:.6f}{marks[k]}" for k in range(states)),
            f"{np.max(found.upper[i] - found.lower[i]):.1e}",
            *([", ".join(map(str, np.flatnonzero(found.box_states[i])))] if cut else []),
        )
    console.print(table)
    if device and found.box_states.any():
        console.print(BOX, style="dim", highlight=False)
    if cut:
        console.print(CUT, style="dim", highlight=False)
    if states < found.energies.shape[1]:
        text = f"and {found.energies.shape[1] - states} more states; --output writes all of them."
        console.print(text, style="dim", highlight=False)
    if (found.state_errors > MIXED).any():
        text = "psi is undetermined where levels are too close: see psi_k_error in the table."
        console.print(text, highlight=False)
    for value, solution in zip(found.values.tolist(), found.solutions, strict=True):
        print_failures(console, solution, f"{found.parameter} = {value:g}")


def print_columns(console: Console, names: Sequence[str], columns: NDArray[np.float64]) -> None:
    """Print the parameter and the levels of a sweep as its file has them, up to four states."""
    at = {name: columns[:, i] for i, name in enumerate(names)}
    states = [f"E_{k}" for k in range(len(names)) if f"E_{k}_upper" in at]
    widths = np.max([at[f"{name}_upper"] - at[f"{name}_lower"] for name in states], axis=0)
    table = narrow_table()
    for heading in (names[0].replace(".", ".\n"), *states[:4], "widest\nenclosure"):
        table.add_column(heading, justify="right")
    for i, value in enumerate(at[names[0]].tolist()):
        levels = (f"{at[name][i]:.6f}" for name in states[:4])
        table.add_row(f"{value:g}", *levels, f"{widths[i]:.1e}")
    console.print(table)
