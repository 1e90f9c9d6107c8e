"""Networks in the plane against five-point differences on 200^2, at the same CPU time.

    python benchmarks/plane_differences.py --threads 1
    python benchmarks/plane_differences.py --wells disc --repeats 5

For each well the widest network of which the start, `QuantumWellPINN.for_potential` with six Ritz
states, without bounds and training, takes no more CPU time than `plane_differences` of six states
on 200^2 points of equal distance in x and y; both after the imports and a warm-up, the least of so
many repeats. Errors are |E - E_ref| / (E_ref - min V), the worst of the six. Beside them spectral
elements of two degrees, which are faster than the network where their mesh fits the boundaries.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import NamedTuple

import plane_wells
from plane_wells import STATES, WELLS, Array, Reference, relative

import qwpinn
from qwpinn.references import plane_differences, spectral_elements

POINTS = 200
DEGREES = (8, 14)
# Networks that are tried, and how close the widest one's units are found.
NARROWEST, WIDEST, CLOSE = 60, 1200, 20
# How many times more accurate it should be.
JUMPS, SMOOTH, GAUSSIANS = 100.0, 100.0, 5.0


class Found(NamedTuple):
    """A method's error and CPU seconds."""

    error: float
    seconds: float

    def cells(self) -> str:
        """Of a table."""
        return f"{self.error:.1e} | {self.seconds:.2f}"


def main() -> None:
    """A line a well."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wells", nargs="+", choices=list(WELLS), default=list(WELLS))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, help="of TensorFlow and of BLAS")
    asked = parser.parse_args()
    print(plane_wells.machine(asked.threads))
    for reference in WELLS.values():
        network(reference, NARROWEST, asked.seed, 1)
    print(
        f"| well | differences on {POINTS}^2 | CPU s | units | network | CPU s | times better ",
        end="",
    )
    print("".join(f"| elements, degree {n} | CPU s " for n in DEGREES) + "| not met |")
    print("|---" + "|--:" * (6 + 2 * len(DEGREES)) + "|---|")
    for name in asked.wells:
        print(row(name, WELLS[name], asked.seed, asked.repeats), flush=True)


def row(name: str, reference: Reference, seed: int, repeats: int) -> str:
    """One well's row of the table."""
    well = reference.well
    points = along_the_longer(reference)
    grid = measured(reference, lambda: plane_differences(well, STATES, points).energies, repeats)
    elements = [
        measured(reference, lambda n=n: spectral_elements(well, STATES, n).energies, repeats)
        for n in DEGREES
    ]
    units = widest(reference, grid.seconds, seed, repeats)
    own = network(reference, units, seed, repeats)
    # Of what is exact but for rounding, the ratio says little.
    ratio = grid.error / own.error
    asked = SMOOTH if reference.kind == "smooth" else JUMPS
    asked = GAUSSIANS if name == "three Gaussians" else asked
    missed = [] if ratio >= asked else [f"{asked:g} times"]
    missed += [] if own.seconds <= 1.05 * grid.seconds else ["time"]
    others = " | ".join(each.cells() for each in elements)
    return (
        f"| {name} | {grid.cells()} | {units} | {own.cells()} | {ratio:.2g} | {others} "
        f"| {', '.join(missed)} |"
    )


def along_the_longer(reference: Reference) -> int:
    """Points along the longer side of the box, of as many in all as a square would have."""
    x0, x1, y0, y1 = reference.well.box
    sides = sorted((x1 - x0, y1 - y0))
    return round(POINTS * (sides[1] / sides[0]) ** 0.5)


def widest(reference: Reference, seconds: float, seed: int, repeats: int) -> int:
    """The most units of a network that takes no more than so many seconds."""
    low, high = NARROWEST, WIDEST
    while high - low > CLOSE:
        middle = (low + high) // 2 // CLOSE * CLOSE
        if middle <= low:
            break
        if network(reference, middle, seed, repeats).seconds <= seconds:
            low = middle
        else:
            high = middle
    return low


def network(reference: Reference, units: int, seed: int, repeats: int) -> Found:
    """The start of a network."""

    def energies() -> Array:
        model = qwpinn.QuantumWellPINN.for_potential(reference.well, STATES, units, seed)
        found: Array = model.energies.numpy()
        return found

    return measured(reference, energies, repeats)


def measured(reference: Reference, energies: Callable[[], Array], repeats: int) -> Found:
    """The error of what a method finds, and the least of the CPU seconds it takes."""
    seconds = []
    for _ in range(repeats):
        begun = time.process_time()
        found = energies()
        seconds.append(time.process_time() - begun)
    return Found(relative(found, reference), min(seconds))


if __name__ == "__main__":
    main()
