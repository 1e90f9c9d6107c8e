"""Families whose levels anticross: whether the stated errors hold, and what design finds there.

    python benchmarks/anticrossing.py               # trains with the defaults, some minutes each
    python benchmarks/anticrossing.py --quick       # small sizes, to try this program
    python benchmarks/anticrossing.py --only wells  # one of: wells, barriers, device

Two coupled wells are detuned through resonance. `wells`: square ones of width 1 and depth 60, 1.6
apart, by the bottom of the right one, from -1 to 1.5. `barriers`: the same with a barrier from 0.8
to 1.6, so that the gap varies. `device`: GaAs wells of 7 and 6 nm, 6 nm apart, by a field of 0 to
40 kV/cm; it is stored and loaded. Errors are those from refined levels at 1000 random points;
"held" counts those at which the stated error is at least as large.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from numpy.typing import NDArray

import qwpinn

Array = NDArray[np.float64]

POINTS, STATES = 1000, 2
SMALL = {"epochs": 1, "members": 16, "teachers": 128}
# Wanted gaps, in units of the smallest one.
ABOVE = 1.5


def wells(detuning: float, barrier: float = 1.6) -> qwpinn.PiecewiseConstant:
    edges = np.cumsum([0.0, 1.0, 1.0, barrier, 1.0, 1.0])
    return qwpinn.PiecewiseConstant(tuple(edges), (60.0, 0.0, 60.0, detuning, 60.0))


def device() -> qwpinn.Heterostructure:
    outer = qwpinn.Layer(10.0, "Al0.3Ga0.7As")
    left, right = qwpinn.Layer(7.0, "GaAs", name="left"), qwpinn.Layer(6.0, "GaAs", name="right")
    return qwpinn.Heterostructure([outer, left, qwpinn.Layer(6.0, "Al0.3Ga0.7As"), right, outer])


FAMILIES = {
    "wells": lambda: qwpinn.Family(wells, detuning=(-1.0, 1.5)),
    "barriers": lambda: qwpinn.Family(wells, detuning=(-1.0, 1.5), barrier=(0.8, 1.6)),
    "device": lambda: qwpinn.Family(device(), field=(0.0, 40.0)),
}


def main() -> None:
    """Print the tables of each family."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, to try this program")
    parser.add_argument("--only", choices=FAMILIES, help="one family")
    parser.add_argument("--figures", metavar="DIR", help="where to draw each")
    options = parser.parse_args()
    for name in [options.only] if options.only else FAMILIES:
        family = FAMILIES[name]()
        start = time.perf_counter()
        model = qwpinn.train_family(family, STATES, **(SMALL if options.quick else {}))
        print(f"{name}, {family}: {time.perf_counter() - start:.0f} s\n")
        print("\n".join(model.notes), f"\n{model.status}\n")
        if name == "device":
            model = reloaded(model)
        if options.figures:
            os.makedirs(options.figures, exist_ok=True)
            model.plot().savefig(f"{options.figures}/{name}.png", dpi=150)
        p = np.random.default_rng(2026).uniform(
            family.lower, family.upper, (100 if options.quick else POINTS, len(family.names))
        )
        print_errors(model, p)
        print_design(model)


def reloaded(model: qwpinn.FamilyPINN) -> qwpinn.FamilyPINN:
    """The model after saving and loading, which must state the same."""
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder)
        again = qwpinn.load(folder)
    p = model.family.points(500, 7)
    for of in ("energies", "psi"):
        np.testing.assert_array_equal(again.error(p, of=of), model.error(p, of=of))
    print("Loaded, it states the same at 500 points.\n")
    return again


def print_errors(model: qwpinn.FamilyPINN, p: Array) -> None:
    actual = model.refinement.compared(p).errors
    stated = np.hstack([model.error(p), model.error(p, of="psi")])
    names = [f"{of}_{k}" for of in ("E", "psi") for k in range(model.states)]
    print("| error of | median | largest | stated: median | largest | held | of |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, error, bound in zip(names, actual.T, stated.T, strict=True):
        cells = [np.median(error), error.max(), np.median(bound), bound.max()]
        held = int(np.sum(error <= bound))
        print(f"| {name} | {' | '.join(f'{v:.1e}' for v in cells)} | {held} | {len(p)} |")
    energies = model.energies(p)
    print(f"\nIn order at {np.sum(np.all(np.diff(energies) >= 0.0, axis=1))} of {len(p)}.\n")


def print_design(model: qwpinn.FamilyPINN) -> None:
    """A gap just above the smallest, which the energy network does not know."""
    if not model.anticrossings:
        print("No anticrossing found.\n")
        return
    gap = ABOVE * model.anticrossings[0].gap
    start = time.perf_counter()
    try:
        found = model.design({"E1-E0": gap})
    except ValueError as error:
        print(f"Design refused E1-E0 = {gap:.4g}: {error}\n")
        return
    seconds = time.perf_counter() - start
    for row, solved, bounds, sure in zip(
        found.parameters, found.verified, found.enclosed, found.confirmed, strict=True
    ):
        print(
            f"Design of E1-E0 = {gap:.6g} in {seconds:.1f} s: {np.round(row, 6)}, solve gives "
            f"{solved[0]:.6g} in [{bounds[0, 0]:.6g}, {bounds[0, 1]:.6g}], "
            f"{'confirmed' if sure[0] else 'not confirmed'}"
        )
    print(flush=True)


if __name__ == "__main__":
    main()
