"""What goes wrong in a naive training, and what mends it: the README's figure.

    python benchmarks/collapse.py figures/collapse.png

Trains the ground states of the finite well and the barrier by Adam from random weights, with the
same network, points and steps: equal weights; a heavy normalisation; and kink features besides.
"""

from __future__ import annotations

import sys

from qwpinn.startup import quiet

with quiet():
    import numpy as np
    from matplotlib.figure import Figure

    from qwpinn import Paper, plotting, references, solve
    from qwpinn.potentials.square_wells import wells
    from qwpinn.storage.places import write_file

ROADS = {
    "equal weights": Paper.naive(),
    "+ heavy normalisation": Paper(kinks=False),
    "+ kink features": Paper(),
}


def main(path: str) -> None:
    """Train, print the ends as a table and draw the roads to them."""
    figure = Figure(figsize=(9.0, 6.0), layout="constrained")
    rows = figure.subplots(2, 2)
    print("| well | training | relative error of E | norm of psi | L2 error of psi |")
    print("|---|---|--:|--:|--:|")
    for (left, right), name in zip(rows, ("finite_well", "finite_barrier"), strict=True):
        well = wells()[name]
        x = plotting.grid(well)
        exact = references.exact(well, 1)
        left.plot(x, exact.wavefunctions(x)[:, 0], "k--", lw=1.2, label="exact", zorder=5)
        for k, (label, recipe) in enumerate(ROADS.items()):
            solution = solve(well, recipe=recipe, seed=0)
            psi = solution.wavefunctions(x)[:, 0]
            left.plot(x, psi, color=plotting.colour(k), lw=2.0, label=label)
            error = np.abs(np.array(solution.history["energy_0"]) / exact.energies[0] - 1.0)
            steps = recipe.steps * (1 + np.arange(len(error)))
            right.semilogy(steps, error, color=plotting.colour(k), lw=2.0)
            norm = np.trapezoid(psi**2, x) ** 0.5
            print(
                f"| {name} | {label} | {error[-1]:.0e} | {norm:.2g} "
                f"| {solution.error(exact)[0]:.0e} |",
                flush=True,
            )
        left.set(xlabel="x", ylabel="$\\psi_0(x)$", title=name.replace("_", " "))
        right.set(xlabel="Adam steps", ylabel="relative error of $E_0$")
        right.locator_params(axis="x", nbins=4)
    figure.legend(
        *rows[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False
    )
    write_file(path, plotting.png(figure))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "figures/collapse.png")
