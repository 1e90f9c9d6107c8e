"""Accuracy and wall time of both recipes over seeds, as tables for the README.

    python benchmarks/accuracy.py                     # precise, five states, seeds 0 to 9
    python benchmarks/accuracy.py --recipe paper      # also: --recipe naive, --recipe smooth
    python benchmarks/accuracy.py --reproduce         # the whole command as a process

Everything but ``--reproduce`` runs on one core; times are of building, tracing and training, in
one process, imports excluded.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time

from qwpinn.startup import quiet

RECIPES = ("precise", "paper", "smooth", "naive")


def main() -> None:
    """Run what the arguments ask for and print it as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", choices=RECIPES, default="precise")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--reproduce", action="store_true")
    options = parser.parse_args()
    print(f"{processor()}, Python {platform.python_version()}")
    if options.reproduce:
        reproduce_as_process()
        return
    one_core()
    if options.recipe == "precise":
        precise(options.seeds)
    else:
        paper(options.recipe, options.seeds)


def processor() -> str:
    """The processor's name, and how many cores this process may use."""
    try:
        with open("/proc/cpuinfo") as file:
            name = next(line.split(":")[1].strip() for line in file if "model name" in line)
    except (OSError, StopIteration):
        name = platform.processor()
    return f"{name}, {len(os.sched_getaffinity(0))} cores"


def one_core() -> None:
    """Bind this process to one core, and TensorFlow to one thread."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with quiet():
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        tf.config.list_physical_devices()


def precise(seeds: int) -> None:
    """Largest errors over the seeds, a row a state, and seconds, a row a well."""
    import numpy as np

    from qwpinn import references, solve
    from qwpinn.potentials.square_wells import wells

    print("\n| well | state | exact energy | largest relative error | largest L2 error of psi |")
    print("|---|--:|--:|--:|--:|")
    seconds = {}
    for name, well in wells().items():
        exact = references.exact(well, 5)
        solutions = [solve(well, states=5, seed=seed) for seed in range(seeds)]
        energy = np.max([np.abs(s.energies / exact.energies - 1.0) for s in solutions], axis=0)
        psi = np.max([s.error(exact) for s in solutions], axis=0)
        seconds[name] = [s.seconds for s in solutions]
        for k in range(5):
            label = name if k == 0 else ""
            print(f"| {label} | {k} | {exact.energies[k]:.9f} | {energy[k]:.0e} | {psi[k]:.0e} |")
        sys.stdout.flush()
    print(f"\n| well | median seconds of {seeds} seeds | slowest |\n|---|--:|--:|")
    for name, times in seconds.items():
        print(f"| {name} | {np.median(times):.1f} | {max(times):.1f} |")


def paper(recipe: str, seeds: int) -> None:
    """How many seeds end in the ground state within 1e-2, a row a well."""
    import numpy as np

    from qwpinn import Paper, references, solve
    from qwpinn.potentials.square_wells import wells

    chosen = {"paper": Paper(), "smooth": Paper(kinks=False), "naive": Paper.naive()}[recipe]
    print(
        f"\nrecipe {recipe}: E within 1e-2 and psi within 0.1 of the ground state\n\n"
        "| well | seeds right | largest relative error of E | largest L2 error of psi "
        "| smallest norm of psi | slowest (s) |\n|---|--:|--:|--:|--:|--:|"
    )
    for name, well in wells().items():
        exact = references.exact(well, 1)
        x = np.linspace(*well.interval, 2001)
        rows = []
        for seed in range(seeds):
            solution = solve(well, states=1, seed=seed, recipe=chosen)
            energy = abs(solution.energies[0] / exact.energies[0] - 1.0)
            norm = np.trapezoid(solution.wavefunctions(x)[:, 0] ** 2, x) ** 0.5
            rows.append((energy, solution.error(exact)[0], norm, solution.seconds))
        energy, psi, norm, seconds = np.array(rows).T
        right = int(np.sum((energy < 1e-2) & (psi < 0.1)))
        label = "held" if name == "infinite_well" else f"{energy.max():.0e}"
        print(
            f"| {name} | {right} of {seeds} | {label} | {psi.max():.0e} "
            f"| {norm.min():.2g} | {seconds.max():.0f} |",
            flush=True,
        )


def reproduce_as_process() -> None:
    """Time ``qwpinn reproduce``, with saving and figures, as a stranger would see it."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "qwpinn", "reproduce", "--output", folder], check=True
        )
        print(f"\nqwpinn reproduce: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
