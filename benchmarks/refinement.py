"""What stages of correction add: errors of the ground states of the three wells, by their number.

    python benchmarks/refinement.py             # ten seeds, up to three stages
    python benchmarks/refinement.py --seeds 3 --stages 4

The first stage is the default network at its Ritz start, untrained; `qwpinn.refine` adds others.
Errors are against the exact states: of E relative, of psi in L2; the worst of the seeds. Seconds
are of the CPU, for all stages up to that one, medians.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np
from machine import processor

import qwpinn

WELLS = (
    qwpinn.InfiniteWell(width=1.0),
    qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0),
    qwpinn.FiniteBarrier(),
)


def errors(model: qwpinn.QuantumWellPINN) -> tuple[float, float]:
    """Of E and of psi."""
    well = model.potential
    exact = qwpinn.references.exact(well, 1)
    rule = qwpinn.quadrature.gauss_legendre(np.linspace(*well.interval, 401), 6)
    psi = model.predict(rule.nodes, verbose=0)[:, 0]
    reference = exact.wavefunctions(rule.nodes)[:, 0]
    distance = (psi * np.sign(psi @ (rule.weights * reference)) - reference) ** 2
    energy = abs(float(model.energies[0]) / exact.energies[0] - 1.0)
    return energy, float(np.sqrt(rule.weights @ distance))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many, from 0")
    parser.add_argument("--stages", type=int, default=3, help="the most")
    options = parser.parse_args()
    print(f"{processor()}, worst of seeds 0 to {options.seeds - 1}\n")
    print("| well | stages | relative error of E | L2 error of psi | CPU s |")
    print("|---|--:|--:|--:|--:|")
    for well in WELLS:
        for stages in range(1, options.stages + 1):
            found, seconds = [], []
            for seed in range(options.seeds):
                model = qwpinn.QuantumWellPINN.for_potential(well, 1, seed=seed)
                began = time.process_time()
                if stages > 1:
                    model = qwpinn.refine(model, stages)
                seconds.append(time.process_time() - began)
                found.append(errors(model))
            energy, psi = map(max, zip(*found, strict=True))
            spent = statistics.median(seconds)
            name = type(well).__name__
            print(f"| {name} | {stages} | {energy:.0e} | {psi:.0e} | {spent:.2f} |")


if __name__ == "__main__":
    main()
