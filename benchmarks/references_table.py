"""The levels of tests/problems.py, recomputed by two methods that share nothing.

    python benchmarks/references_table.py

One is `legendre_galerkin`; the other `exact` for constant layers, else the roots of the Pruefer
angle. Differences are the largest over the states, in units of E - min V; "table" is that of the
numbers in the tests, which come from 30-digit power series or closed forms, to Galerkin's.
"""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path

from qwpinn.startup import quiet

with quiet():
    import numpy as np
    from scipy.optimize import brentq

    from qwpinn.potentials import CustomPotential, Potential, Sampled
    from qwpinn.references import exact, legendre_galerkin, pruefer_angle

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from problems import ALL


def main() -> None:
    """Print a row a problem."""
    print("| problem | states | Galerkin - second | table - Galerkin | second method | seconds |")
    print("|---|--:|--:|--:|---|--:|")
    for problem in ALL:
        start = time.perf_counter()
        potential, levels = resolved(problem.potential), problem.levels
        kinetic = levels - lowest_value(potential)
        galerkin = legendre_galerkin(potential, levels.size).energies
        name, second = second_method(potential, galerkin, kinetic)
        seconds = time.perf_counter() - start
        apart, table = (np.max(np.abs(galerkin - e) / kinetic) for e in (second, levels))
        errors = f"{levels.size} | {apart:.0e} | {table:.0e}"
        print(f"| {problem.id} | {errors} | {name} | {seconds:.1f} |", flush=True)


def resolved(potential: Potential) -> Potential:
    """The same function; of a spline, the knots are made breakpoints, so that 12 digits are."""
    if isinstance(potential, Sampled) and potential.kind == "cubic":
        return CustomPotential(potential, potential.interval, potential.x[1:-1])
    return potential


def lowest_value(potential: Potential) -> float:
    """Min V, on a fine grid."""
    return float(np.min(potential(np.linspace(*potential.interval, 100_001))))


def second_method(
    potential: Potential, near: np.ndarray, kinetic: np.ndarray
) -> tuple[str, np.ndarray]:
    """Levels without a basis: from matching, or where the angle at the far wall is n pi."""
    if potential.layers is not None:
        return "exact", exact(potential, near.size).energies

    def root(n: int) -> float:
        def mismatch(energy: float) -> float:
            return pruefer_angle(potential, energy) - (n + 1) * math.pi

        # Narrower than any gap of the table but wider than Galerkin's error.
        reach = 1e-9 * kinetic[n]
        return brentq(mismatch, near[n] - reach, near[n] + reach, xtol=1e-15 * kinetic[n])

    return "Pruefer", np.array([root(n) for n in range(near.size)])


if __name__ == "__main__":
    main()
