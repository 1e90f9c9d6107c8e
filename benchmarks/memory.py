"""What stays behind in a process that solves many wells: megabytes of memory a default solve.

    python benchmarks/memory.py
    python benchmarks/memory.py --solves 100 --epochs 0 --objects

Every solve is of another well: infinite, finite, harmonic and Morse wells in turn, whose numbers
change each time. After a warm-up, the resident memory is taken every 25 solves, when Python has
collected its garbage. ``--epochs 0`` leaves the training out. ``--objects`` adds which of Python's
objects there are more of at the end than after the warm-up.
"""

from __future__ import annotations

import argparse
import collections
import gc
import os
from pathlib import Path

from qwpinn.startup import quiet

with quiet():
    import qwpinn
    from qwpinn import potentials

STATES = 3


def main() -> None:
    """Solve, and print the memory on the way."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--solves", type=int, default=200, help="after the warm-up")
    parser.add_argument("--warm-up", type=int, default=10, help="solves before it is measured")
    parser.add_argument("--every", type=int, default=25, help="solves between two lines")
    parser.add_argument("--epochs", type=int, help="of the training; left out, as `solve` decides")
    parser.add_argument("--objects", action="store_true", help="count Python's objects")
    options = parser.parse_args()
    for number in range(options.warm_up):
        solve(number, options.epochs)
    began, objects = resident(), counted()
    print(f"{'solves':>8}{'MB':>10}{'MB more':>10}{'MB a solve':>12}")
    print(f"{0:8d}{began:10.1f}", flush=True)
    for done in range(1, options.solves + 1):
        solve(options.warm_up + done, options.epochs)
        if done % options.every == 0 or done == options.solves:
            now = resident()
            more = now - began
            print(f"{done:8d}{now:10.1f}{more:10.1f}{more / done:12.3f}", flush=True)
    if options.objects:
        for kind, more in (counted() - objects).most_common(25):
            print(f"{more / options.solves:10.2f} a solve  {kind}")


def solve(number: int, epochs: int | None) -> None:
    """One well, as anybody would."""
    change = 1.0 + 1e-3 * number
    well = [
        lambda: qwpinn.InfiniteWell(change),
        lambda: qwpinn.FiniteWell(20.0 * change),
        lambda: qwpinn.Harmonic(change),
        lambda: potentials.Morse(20.0 * change),
    ][number % 4]()
    recipe = None if epochs is None else qwpinn.Precise(epochs=epochs)
    qwpinn.solve(well, STATES, recipe=recipe)


def resident() -> float:
    """The process's memory in MB, without garbage."""
    for _ in range(3):
        gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def counted() -> collections.Counter[str]:
    """How many of Python's objects there are of each type."""
    kinds = (type(thing) for thing in gc.get_objects())
    return collections.Counter(f"{kind.__module__}.{kind.__qualname__}" for kind in kinds)


if __name__ == "__main__":
    main()
