"""Heterostructures against published and independent levels, and how long a sweep takes.

    python benchmarks/semiconductor.py                 # three minutes, on one core
    python benchmarks/semiconductor.py --figures figures   # draws the sweep too

Published levels are those of P. Harrison's textbook, others come from `legendre_galerkin`, which
knows nothing of networks. The first table is printed in the units of its sources.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

from qwpinn.startup import quiet  # noqa: E402

with quiet():
    import numpy as np

    import qwpinn
    from qwpinn import references
    from qwpinn.plotting import png
    from qwpinn.solving.sweeps import Sweep
    from qwpinn.storage.places import write_file

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from devices import DOUBLE, SINGLE, STARK, double_well, random_device, single_well  # noqa: E402

DIPOLE = 26.5638  # angstrom, of the well of 10 nm
# Barriers so thick that the walls move no digit of a state just below their top.
FAR = 300.0


def published() -> Iterator[tuple[str, float, float, bool]]:
    """A name, the published value, ours, and whether ours is enclosed, for each."""
    for width, levels in SINGLE.items():
        found = qwpinn.solve(single_well(width=width, far=FAR), len(levels))
        for k, level in enumerate(levels):
            yield f"well of {width:g} nm, E_{k} (meV)", level, found.energies[k], found.converged
        if width == 10.0:
            yield "  its dipole z_01 (A)", DIPOLE, abs(10.0 * found.dipoles[0, 1]), found.converged
    found = qwpinn.solve(double_well(), 2)
    for k, level in enumerate(DOUBLE):
        yield f"two wells, E_{k} (meV)", level, found.energies[k], found.converged
    for field, level in STARK.items():
        found = qwpinn.solve(single_well(field), 3)
        yield f"6 nm at {field:g} kV/cm, E_0 (meV)", level, found.energies[0], found.converged


def print_published() -> None:
    print("| quantity | published | network | difference | all states enclosed |")
    print("|---|--:|--:|--:|---|")
    for name, expected, found, enclosed in published():
        difference = found - expected
        print(f"| {name} | {expected:.6f} | {found:.6f} | {difference:+.0e} | {enclosed} |")
    print()


def print_random(count: int, nonparabolic: bool, states: int) -> None:
    rng = np.random.default_rng(1)
    errors, widths, seconds, missed, failed = [], [], [], 0, 0
    for _ in range(count):
        device = random_device(rng, nonparabolic)
        found = qwpinn.solve(device, states)
        exact = references.legendre_galerkin(device, states).energies
        errors.append(np.max(np.abs(found.energies - exact)))
        widths.append(np.max(found.upper - found.lower))
        # The reference is good to about 1e-12 of E - min V, some 1e-10 meV.
        missed += int(np.sum((found.lower > exact + 1e-9) | (exact - 1e-9 > found.upper)))
        failed += not found.converged
        seconds.append(found.seconds)
    kind = "non-parabolic" if nonparabolic else "parabolic"
    print(
        f"| {kind} | {count} | {states} | {count - failed} | {missed} | {max(errors):.0e} | "
        f"{max(widths):.0e} | {np.median(seconds):.1f} | {max(seconds):.1f} |",
        flush=True,
    )


def print_sweep(fields: int) -> Sweep:
    values = np.linspace(0.0, 70.0, fields)
    start = time.perf_counter()
    found = qwpinn.sweep(double_well(), "field", values, states=4)
    seconds = time.perf_counter() - start
    exact = [
        references.legendre_galerkin(double_well(field), 4).energies for field in values.tolist()
    ]
    each = [solution.seconds for solution in found.solutions]
    print(f"Sweep of {fields} fields over the two wells, four states: {seconds:.1f} s,")
    print(f"{each[0]:.1f} s for the first and {np.median(each[1:]):.2f} s for each other;")
    print(f"all enclosed: {found.converged}; widest {np.max(found.upper - found.lower):.0e} meV;")
    print(f"largest error {np.max(np.abs(found.energies - exact)):.0e} meV.\n", flush=True)
    return found


def draw(found: Sweep, folder: str) -> None:
    write_file(f"{folder}/double_well_fields.png", png(found.plot()))
    write_file(f"{folder}/double_well_bands.png", png(found.solutions[-1].plot()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=40, help="how many random ones")
    parser.add_argument("--fields", type=int, default=40, help="how many in the sweep")
    parser.add_argument("--figures", metavar="DIR", help="where to draw the sweep")
    options = parser.parse_args()
    print_published()
    found = print_sweep(options.fields)
    if options.figures:
        draw(found, options.figures)
    print(
        "| random devices | solved | states | converged | enclosures that miss "
        "| largest error (meV) | widest (meV) | median s | slowest s |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    print_random(options.devices, nonparabolic=False, states=4)
    print_random(max(1, options.devices // 4), nonparabolic=True, states=3)


if __name__ == "__main__":
    main()
