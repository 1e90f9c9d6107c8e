"""Random planes against spectral elements: does any enclosure miss, is any number wrong?

    python benchmarks/planes.py [--planes 100] [--seed 0] [--states 6]

Discs, rectangles and Gaussians at random, in boxes of random size. A line a plane that is not as
asked, and a summary.
"""

import argparse
import time

import numpy as np

import qwpinn
from qwpinn.equation.regions import Disc, Rectangle
from qwpinn.potentials import Gaussians2D, Plane
from qwpinn.references import spectral_elements

# Of E - min V: how far the reference itself may be off, as its degrees say.
DEGREES = (9, 12)


def discs(rng):
    """One to three discs in a row, deep or high."""
    count = int(rng.integers(1, 4))
    spacing = rng.uniform(2.2, 3.0)
    radii = rng.uniform(0.5, 1.0, count)
    x = spacing * (np.arange(count) - (count - 1) / 2) + rng.uniform(-0.1, 0.1, count)
    y = rng.uniform(-0.3, 0.3, count)
    half = spacing * count / 2 + rng.uniform(0.5, 1.5)
    tall = rng.uniform(2.0, 3.0)
    outside = float(rng.uniform(10.0, 60.0))
    values = rng.uniform(0.0, 0.3 * outside, count)
    regions = [
        Disc((a, b), r, float(v))
        for a, b, r, v in zip(x.tolist(), y.tolist(), radii.tolist(), values, strict=True)
    ]
    return Plane(outside, (-half, half, -tall, tall), regions)


def rectangles(rng):
    """One or two rectangles, or one within another."""
    outside = float(rng.uniform(10.0, 60.0))
    a, b = rng.uniform(0.6, 1.4, 2)
    if rng.uniform() < 0.5:
        inner = Rectangle((-0.4 * a, 0.5 * a, -0.4 * b, 0.3 * b), float(rng.uniform(-20.0, 0.0)))
        regions = [Rectangle((-a, a, -b, b), 0.0), inner]
    else:
        gap = rng.uniform(0.1, 0.6)
        c = rng.uniform(0.5, 1.2)
        regions = [
            Rectangle((-a - gap, -gap, -b, b), 0.0),
            Rectangle((gap, gap + c, -b, b), float(rng.uniform(-3.0, 3.0))),
        ]
    return Plane(outside, (-3.0, 3.2, -2.4, 2.6), regions)


def gaussians(rng):
    """One to three Gaussians."""
    count = int(rng.integers(1, 4))
    return Gaussians2D(
        tuple(map(tuple, rng.uniform(-1.5, 1.5, (count, 2)).tolist())),
        tuple(rng.uniform(10.0, 30.0, count).tolist()),
        tuple(rng.uniform(0.5, 0.9, count).tolist()),
        (-4.0, 4.0, -3.5, 3.5),
    )


KINDS = (discs, rectangles, gaussians)


def main():
    """Try them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--planes", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--states", type=int, default=6)
    asked = parser.parse_args()
    missed, unproven, errors, seconds = 0, 0, [], []
    for index in range(asked.planes):
        rng = np.random.default_rng([asked.seed, index])
        kind = KINDS[index % len(KINDS)]
        well = kind(rng)
        begun = time.process_time()
        found = qwpinn.solve(well, asked.states, seed=index)
        seconds.append(time.process_time() - begun)
        rough, fine = (spectral_elements(well, asked.states, degree).energies for degree in DEGREES)
        scale = fine - well.minimum
        # The reference lies above the level by no more than this, and not below it.
        slack = np.abs(rough - fine) + 1e-11 * scale
        holds = (found.lower <= fine + 1e-11 * scale) & (found.upper >= fine - slack)
        proven = found.quantum_numbers >= 0
        errors.append(float(np.max(np.abs(found.energies - fine) / scale)))
        if not holds.all():
            missed += 1
        if not found.converged:
            unproven += 1
        if not holds.all() or not found.converged:
            print(
                f"{index} {kind.__name__}: {found.status.name}, holds {holds.all()}, proven "
                f"{proven.sum()}, error {errors[-1]:.1e}, reference {np.max(slack / scale):.1e}, "
                f"{found.model.units} units, {well!r:.150}",
                flush=True,
            )
    print(
        f"{asked.planes} planes, seed {asked.seed}: {missed} missed, {unproven} not as asked; "
        f"error median {np.median(errors):.1e}, worst {max(errors):.1e}; CPU median "
        f"{np.median(seconds):.1f} s, worst {max(seconds):.1f} s"
    )


if __name__ == "__main__":
    main()
