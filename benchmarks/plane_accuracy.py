"""How accurate `solve` is on the reference wells in the plane, and whether its enclosures hold.

    python benchmarks/plane_accuracy.py --threads 1
    python benchmarks/plane_accuracy.py --wells disc rectangle --seed 3
    python benchmarks/plane_accuracy.py --recompute      # the levels it is measured by, again

Six states, rtol 1e-6. Errors are |E - E_ref| / (E_ref - min V), the worst of the six; widths those
of the enclosures in units of E - min V. CPU seconds are those of all threads in one call of
`qwpinn.solve`: placing and widening the network, Ritz states, enclosures and counts of levels,
training if there is any; not the imports, and not a first solve of another well.
"""

from __future__ import annotations

import argparse
import time

import plane_wells
from plane_wells import DIGITS, STATES, WELLS, Reference, relative

import qwpinn

# By kind of well: error, width, CPU seconds on an idle core.
TARGETS = {
    "smooth": (1e-9, 1e-6, 6.0),
    "narrow": (1e-8, 1e-6, 6.0),
    "discs": (1e-9, 1e-6, 8.0),
    "corners": (1e-8, 1e-6, 12.0),
}


def main() -> None:
    """A line a well."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wells", nargs="+", choices=list(WELLS), default=list(WELLS))
    parser.add_argument("--rtol", type=float, default=1e-6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, help="of TensorFlow and of BLAS")
    parser.add_argument("--recompute", action="store_true", help="the references, and stop")
    asked = parser.parse_args()
    print(plane_wells.machine(asked.threads))
    if asked.recompute:
        for name in asked.wells:
            recompute(name, WELLS[name])
        return
    plane_wells.warm_up()
    print("| well | units | error | width | hold | proven | CPU s | not met |")
    print("|---|--:|--:|--:|---|---|--:|---|")
    for name in asked.wells:
        print(row(name, WELLS[name], asked), flush=True)


def row(name: str, reference: Reference, asked: argparse.Namespace) -> str:
    """One well's row of the table."""
    begun = time.process_time()
    found = qwpinn.solve(reference.well, STATES, rtol=asked.rtol, seed=asked.seed)
    seconds = time.process_time() - begun
    slack = DIGITS * (reference.levels - reference.well.minimum)
    holds = (found.lower <= reference.levels + slack) & (found.upper >= reference.levels - slack)
    proven = found.quantum_numbers.tolist() == list(range(STATES))
    figures = relative(found.energies, reference), float(max(found.relative_widths)), seconds
    names = ("error", "width", "seconds")
    missed = [
        f"{name} {limit:g}"
        for name, figure, limit in zip(names, figures, TARGETS[reference.kind], strict=True)
        if not figure <= limit
    ]
    error, width, _ = figures
    return (
        f"| {name} | {found.model.units} | {error:.1e} | {width:.1e} "
        f"| {'all' if holds.all() else f'{holds.sum()} of {STATES}'} "
        f"| {'all' if proven else f'{sum(found.quantum_numbers >= 0)} of {STATES}'} "
        f"| {seconds:.1f} | {', '.join(missed)} |"
    )


def recompute(name: str, reference: Reference) -> None:
    """The levels by one or two classical methods, and how far they are from those in use."""
    ways = {f"spectral elements of degree {plane_wells.degree_of(reference)}": (
        plane_wells.by_elements(reference)
    )}  # fmt: skip
    if reference.kind in ("smooth", "narrow"):
        ways[f"{plane_wells.SINES}^2 sines"] = plane_wells.by_sines(reference.well)
    for way, energies in ways.items():
        shown = ", ".join(f"{energy:.13g}" for energy in energies)
        print(f"{name}, {way}: {shown}; {relative(energies, reference):.0e} off", flush=True)


if __name__ == "__main__":
    main()
