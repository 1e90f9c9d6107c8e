"""What training adds to the Ritz start, by the number of units.

    python benchmarks/training.py

Three states of the finite well, largest over seeds 0 to 2 and the states: before training, after
100 steps of Levenberg-Marquardt, and after the last Ritz step.
"""

from __future__ import annotations

from qwpinn.startup import quiet

with quiet():
    import numpy as np

    from qwpinn import (
        FiniteWell,
        LevenbergMarquardt,
        QuantumWellPINN,
        Solution,
        certify,
        collocation,
    )
    from qwpinn.references import exact

WELL = FiniteWell(depth=20.0, width=2.0, box=6.0)
STATES = 3


def state_of(model: QuantumWellPINN) -> tuple[float, float, float]:
    """Relative error of E, L2 error of psi and residual norm, the worst of the states."""
    solution = Solution(WELL, model, certify(model), rtol=1e-6, history={}, seconds=0.0)
    reference = exact(WELL, STATES)
    energy = np.abs(solution.energies / reference.energies - 1.0)
    errors = (energy, solution.error(reference), solution.residuals)
    return tuple(float(error.max()) for error in errors)


def trained(units: int, seed: int) -> list[tuple[float, float, float]]:
    """The three stages of one model."""
    model = QuantumWellPINN.for_potential(WELL, states=STATES, units=units, seed=seed)
    stages = [state_of(model)]
    model.compile(optimizer=LevenbergMarquardt())
    model.fit(collocation(WELL), epochs=100, verbose=0)
    stages.append(state_of(model))
    model.diagonalise()
    return [*stages, state_of(model)]


def main() -> None:
    """Print a row for every number of units."""
    print("| units | E: start | trained | Ritz | psi: start | trained | Ritz | residual: start "
          "| trained | Ritz |")  # fmt: skip
    print("|--:|" + "--:|" * 9)
    for units in (16, 24, 32, 48, 60):
        stages = np.max([trained(units, seed) for seed in range(3)], axis=0)
        cells = " | ".join(f"{value:.0e}" for quantity in stages.T for value in quantity)
        print(f"| {units} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
