"""The paper's recipe in the plane beside the precise one: how often it finds the ground state.

    python benchmarks/plane_recipe.py --threads 1
    python benchmarks/plane_recipe.py --epochs 40 --wells disc        # as long as in one dimension

The recipe of arXiv:2504.05367, a tanh network from random weights by Adam with a trained energy,
`qwpinn.Paper`, and `qwpinn.Precise`, both on the box, the disc and the oscillator; one state. E is
right within 1e-2 of the ground state's E - min V: the weight that is trained, and beside it psi's
Rayleigh quotient. Psi has collapsed where its norm is below 0.1, for psi = 0 solves the equation at
any energy. An epoch is 250 steps; `qwpinn.Paper` has 40, which here are an hour for ten seeds, and
12 a quarter of an hour on one core.

The energy begins at 1 in units of 1 / h^2, h half of the box, and Adam moves it by no more than the
learning rate a step. The levels are at 5, 40 and 85 there: in so few epochs not even the box's is
reached at the rate of `qwpinn.Paper`, 5e-3, so that here it is 2e-2.
"""

from __future__ import annotations

import argparse
import time
import warnings
from typing import NamedTuple

import numpy as np
import plane_wells
import tensorflow as tf
from plane_wells import WELLS, Reference

import qwpinn

CHOSEN = ("box", "disc", "oscillator")
RIGHT, COLLAPSED = 1e-2, 0.1


class Found(NamedTuple):
    """Of one seed: errors of E - min V, of the weight and of Rayleigh's quotient, and more."""

    error: float
    quotient: float
    norm: float
    proven: bool
    seconds: float


def main() -> None:
    """A line a recipe and well."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wells", nargs="+", choices=list(WELLS), default=list(CHOSEN))
    parser.add_argument("--epochs", type=int, default=12, help="of the paper's recipe")
    parser.add_argument("--learning-rate", type=float, default=2e-2)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--threads", type=int, help="of TensorFlow and of BLAS")
    asked = parser.parse_args()
    print(plane_wells.machine(asked.threads))
    plane_wells.warm_up()
    # A collapse is counted here, and TensorFlow's word on tracing is no news.
    warnings.simplefilter("ignore", UserWarning)
    tf.get_logger().setLevel("ERROR")
    recipes = {
        "precise": qwpinn.Precise(),
        f"paper, {asked.epochs} epochs": qwpinn.Paper(
            epochs=asked.epochs, learning_rate=asked.learning_rate
        ),
    }
    print("| recipe | well | E right | quotient right | collapsed | number proven ", end="")
    print("| error of E: median | largest | of the quotient | largest | CPU s: median | largest |")
    print("|---|---" + "|--:" * 10 + "|")
    for title, recipe in recipes.items():
        for name in asked.wells:
            each = [solved(WELLS[name], recipe, seed) for seed in range(asked.seeds)]
            print(f"| {title} | {name} {cells(each)} |", flush=True)


def solved(reference: Reference, recipe: qwpinn.Precise | qwpinn.Paper, seed: int) -> Found:
    """One seed's ground state."""
    well, level = reference.well, float(reference.levels[0])
    begun = time.process_time()
    found = qwpinn.solve(well, 1, recipe=recipe, seed=seed)
    seconds = time.process_time() - begun
    rule = found.model.mesh.quadrature(10_000, 10)
    psi = found.wavefunctions(rule.nodes)[:, 0]
    columns = (tf.constant(part[:, None]) for part in (well(rule.nodes), well.weight(rule.nodes)))
    excess = found.model.residual(tf.constant(rule.nodes), *columns).numpy()[:, 0]
    square = float(rule.weights @ psi**2)
    # (psi, H psi) / (psi, psi), as H psi - E psi is known.
    quotient = float(found.energies[0]) + float(rule.weights @ (psi * excess)) / square
    errors = (abs(e - level) / (level - well.minimum) for e in (found.energies[0], quotient))
    norm = (well.rho * square) ** 0.5
    return Found(*errors, norm, bool(found.quantum_numbers[0] == 0), seconds)


def cells(each: list[Found]) -> str:
    """Of all seeds."""
    error, quotient, norm, proven, seconds = np.array(each).T
    counts = error < RIGHT, quotient < RIGHT, norm < COLLAPSED, proven > 0
    shown = [f"{int(np.sum(count))} of {len(each)}" for count in counts]
    shown += [f"{figure:.0e}" for of in (error, quotient) for figure in (np.median(of), of.max())]
    shown += [f"{np.median(seconds):.1f}", f"{seconds.max():.1f}"]
    return "| " + " | ".join(shown)


if __name__ == "__main__":
    main()
