"""One network for a family of wells: training, accuracy, speed, inverse design, cost of a step.

    python benchmarks/families.py                       # trains with the defaults, then all tables
    python benchmarks/families.py --model runs/well     # of a model that is there
    python benchmarks/families.py --quick               # small sizes, to try this program
    python benchmarks/families.py --against 1b1433f     # training beside that of a commit, in turn

The family is the finite well in a box of 6 with depth 5 to 50 and width 1.2 to 2.8, three states.
Training has a process of its own on all cores, throughput one that is bound to a single core before
anything is imported. Points for the tables are uniform in depth and width and not those of the
training. Exact levels are the roots of the parity equations, bisected to rounding.

Throughput is that of `energies`, with its checks, beside three classical solvers that run in turn
with it: one is general, one is what one writes for this well in an afternoon, and one was tuned for
this well by hand. Ratios are medians over pairs of runs that follow each other; the general solver
gets fewer potentials, for it is slow.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

if "--throughput" in sys.argv:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.environ |= {f"{_name}_NUM_THREADS": "1" for _name in ("OMP", "OPENBLAS", "MKL")}

from qwpinn.startup import quiet

with quiet():
    import keras
    import numpy as np
    import tensorflow as tf
    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from scipy.stats import qmc

    import qwpinn
    from qwpinn import references
    from qwpinn.plotting import png
    from qwpinn.storage.places import write_file

    tf.config.list_physical_devices()
    # Named before a model is loaded, for qwpinn loads its parts when they are asked for.
    FamilyPINN = qwpinn.FamilyPINN

import baseline
import batched_solvers
from batched_solvers import exact_levels
from machine import processor

Array = NDArray[np.float64]

STATES, BOX = 3, 6.0
LOWEST, HIGHEST = np.array([5.0, 1.2]), np.array([50.0, 2.8])
NETWORK = "network, `energies` with its checks"
GENERAL = "Legendre-Galerkin, batched eigh (general)"
PLAIN = "bisection and Newton, vectorised (this well only)"
TUNED = "closed-form start and Newton, mixed precision (this well only, hand-tuned)"
# Errors of one component of the gradient above this are counted.
COMPONENT = 1e-4
# What `solve` must confirm of a target.
CONFIRMED = 1e-4
NODES = 48
SIZES = (
    {"modes": 8, "branch": (8, 8), "units": 32},
    {"modes": 12, "branch": (12, 12), "units": 48},
    {"modes": 16, "branch": (16, 16), "units": 64},
    {"modes": 20, "branch": (20, 20), "units": 80},
)
# Trains a family of any version and says what it took, and what levels it has at some members.
TRAINED = """
import json, sys, time
import numpy as np, qwpinn
depth, width, box, states, p, options = json.loads(sys.argv[1])
family = qwpinn.Family(qwpinn.FiniteWell, depth=depth, width=width, box=box)
qwpinn.FamilyPINN
wall, cpu = time.perf_counter(), time.process_time()
model = qwpinn.train_family(family, states, **options)
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
print(json.dumps([wall, cpu, model.energies(np.array(p)).tolist()]))
"""
# What is trained of `--quick`.
LITTLE = {"epochs": 2, "members": 16, "teachers": 64}


def family() -> qwpinn.Family:
    return qwpinn.Family(qwpinn.FiniteWell, depth=(5, 50), width=(1.2, 2.8), box=BOX)


def main() -> None:
    """Print the tables, each part in the process that it needs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", metavar="DIR", help="a trained one; leaves training out")
    parser.add_argument("--quick", action="store_true", help="small sizes, to try this program")
    parser.add_argument("--figure", metavar="PNG", default="figures/families_cost.png")
    parser.add_argument("--against", metavar="COMMIT", help="only times training, there and here")
    parser.add_argument("--repeats", type=int, default=1, help="of --against (default: 1)")
    parser.add_argument("--train", metavar="DIR", help="train into DIR in this process, as JSON")
    parser.add_argument("--throughput", metavar="DIR", help="of a model, in this process, as JSON")
    options = parser.parse_args()
    if options.train:
        print(json.dumps(trained(options.train, options.quick)))
    elif options.against:
        print_against(options.against, options.repeats, options.quick)
    elif options.throughput:
        print(json.dumps(throughput(options.throughput, options.quick)))
    else:
        with tempfile.TemporaryDirectory() as folder:
            print_all(options, options.model or f"{folder}/model")


def print_all(options: argparse.Namespace, path: str) -> None:
    """All tables, of the model at a path that is trained first if need be."""
    quick = options.quick
    if not options.model:
        print_training(in_child("--train", path, quick))
    model = qwpinn.load(path)
    p = LOWEST + (HIGHEST - LOWEST) * qmc.Sobol(2, seed=2026).random(128 if quick else 1024)
    exact = exact_levels(p, BOX, STATES)
    print_accuracy(model, p, exact, few=8 if quick else 64)
    print_gradients(model, p)
    print_throughput(in_child("--throughput", path, quick))
    print_design(model, 4 if quick else 50)
    print_cost(options.figure, quick)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(
        f"{processor()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}, "
        f"TensorFlow {tf.__version__}, Keras {keras.__version__}; load at the end {load}"
    )


def in_child(option: str, path: str, quick: bool) -> dict[str, Any]:
    """What a part of this program prints in a process of its own."""
    command = [sys.executable, __file__, option, path, *(["--quick"] if quick else [])]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def trained(path: str, quick: bool) -> dict[str, Any]:
    """Train and export; the sentences of `train_family` with the seconds of each part."""
    said: list[tuple[str, float, float]] = []

    def say(text: str) -> None:
        said.append((text, time.perf_counter(), time.process_time()))
        print(text, file=sys.stderr, flush=True)

    say("Placing the units.")
    model = qwpinn.train_family(family(), STATES, say=say, **(LITTLE if quick else {}))
    say("Trained.")
    model.export(path)
    parts = [
        (one[0], after[1] - one[1], after[2] - one[2]) for one, after in itertools.pairwise(said)
    ]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    return {"parts": parts, "memory": memory, "load": os.getloadavg()[0]}


def print_training(found: dict[str, Any]) -> None:
    print("| part of the training | s | CPU s |\n|---|--:|--:|")
    for text, wall, cpu in found["parts"]:
        print(f"| {text} | {wall:.1f} | {cpu:.1f} |")
    wall, cpu = (sum(part[i] for part in found["parts"]) for i in (1, 2))
    print(f"| **all** | {wall:.1f} | {cpu:.1f} |\n")
    print(f"Peak resident memory {found['memory']:.0f} MB; load {found['load']:.1f}.\n", flush=True)


def print_against(commit: str, repeats: int, quick: bool) -> None:
    """Seconds of a training by a commit and by this code, processes in turn, and what they give."""
    p = np.random.default_rng(2).uniform(LOWEST, HIGHEST, (256, 2))
    exact, options = exact_levels(p, BOX, STATES), LITTLE if quick else {}
    ranges = zip(LOWEST.tolist(), HIGHEST.tolist(), strict=True)
    given = json.dumps([*ranges, BOX, STATES, p.tolist(), options])
    taken: dict[str, list[list[float]]] = {commit: [], "this code": []}
    with baseline.worktree(commit) as path:
        for _ in range(repeats):
            for name, folder in ((commit, path), ("this code", baseline.ROOT)):
                wall, cpu, levels = in_version(folder, given)
                errors = np.abs(np.array(levels) / exact - 1.0)
                taken[name].append([wall, cpu, np.median(errors), errors.max()])
                print(f"{name}: {wall:.0f} s, {cpu:.0f} CPU s", file=sys.stderr, flush=True)
    print("| training by | s | CPU s | relative error of E, median | largest |")
    print("|---|--:|--:|--:|--:|")
    medians = {name: np.median(rows, axis=0) for name, rows in taken.items()}
    for name, (wall, cpu, usual, largest) in medians.items():
        print(f"| {name} | {wall:.1f} | {cpu:.1f} | {usual:.1e} | {largest:.1e} |")
    ratios = np.array(taken["this code"])[:, :2] / np.array(taken[commit])[:, :2]
    wall, cpu = np.median(ratios, axis=0)
    print(f"| **ratio** | {wall:.2f} | {cpu:.2f} | | |\n")
    print(f"Medians of {repeats} in turn; load {os.getloadavg()[0]:.1f}.", flush=True)


def in_version(folder: Path, given: str) -> tuple[float, float, list[list[float]]]:
    """What `TRAINED` prints with the code of a folder."""
    done = subprocess.run(
        [sys.executable, "-c", TRAINED, given],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )
    wall, cpu, levels = json.loads(done.stdout.splitlines()[-1])
    return wall, cpu, levels


def print_accuracy(model: FamilyPINN, p: Array, exact: Array, few: int) -> None:
    """Energies, enclosures and wavefunctions at points that were not trained."""
    checked = [references.exact(model.family.potential(row), STATES).energies for row in p[:4]]
    apart = np.max(np.abs(exact[:4] / np.array(checked) - 1.0))
    print(
        f"{len(p)} points; bisection and `references.exact` differ by {apart:.0e} at 4 of them.\n"
    )
    columns = "".join(f" E_{k} median | largest |" for k in range(STATES))
    print(f"| relative error of E |{columns} ms a potential |\n|---|{'--:|' * (2 * STATES + 1)}")
    for name, refine in (("energy network", False), ("refined", True)):
        model.energies(p if not refine else p[:4], refine)
        start = time.perf_counter()
        found = model.energies(p, refine)
        each = 1e3 * (time.perf_counter() - start) / len(p)
        errors = np.abs(found / exact - 1.0)
        cells = "".join(f" {np.median(e):.1e} | {e.max():.1e} |" for e in errors.T)
        print(f"| {name} |{cells} {each:.2g} |")
    print(f"\n| of {few} points | E_0 | E_1 | E_2 |\n|---|--:|--:|--:|")
    start = time.perf_counter()
    bounds, levels = model.enclosures(p[:few]), exact[:few]
    each = (time.perf_counter() - start) / few
    held = (bounds.lower <= levels * (1 + 1e-14)) & (levels * (1 - 1e-14) <= bounds.upper)
    proven = held & (bounds.quantum_numbers == np.arange(STATES))
    widths = bounds.widths / levels
    print_row("exact levels in their enclosure, with a proven number", proven.sum(axis=0), "d")
    print_row("median relative width", np.median(widths, axis=0))
    print_row("widest", widths.max(axis=0))
    errors = psi_errors(model, p[:few])
    print_row("L2 error of psi against refined: median", np.median(errors, axis=0))
    print_row("largest", errors.max(axis=0))
    print(f"\nEnclosures took {each:.2f} s a potential.\n", flush=True)


def print_row(name: str, values: Array, spec: str = ".1e") -> None:
    print(f"| {name} | {' | '.join(format(value, spec) for value in values)} |")


def psi_errors(model: FamilyPINN, p: Array) -> Array:
    """L2 norms of the differences from refined wavefunctions, shape (n, K)."""
    x = np.linspace(*model.family.centre.interval, 1201)[None]
    difference = model.wavefunctions(x, p) - model.wavefunctions(x, p, refine=True)
    return np.sqrt(np.trapezoid(difference**2, x[0], axis=1))


def print_gradients(model: FamilyPINN, p: Array) -> None:
    """dE/dp from the tape against Hellmann and Feynman's theorem."""
    start = time.perf_counter()
    refined = p[:, None, :] * model.gradients(p, refine=True)
    each = 1e3 * (time.perf_counter() - start) / len(p)
    difference = np.abs(p[:, None, :] * model.gradients(p) - refined)
    size = np.linalg.norm(refined, axis=2)
    errors = np.linalg.norm(difference, axis=2) / size
    print("| p dE/dp, tape against Hellmann-Feynman | E_0 | E_1 | E_2 |\n|---|--:|--:|--:|")
    print_row("difference as a vector, relative: median", np.median(errors, axis=0))
    print_row("largest", errors.max(axis=0))
    for i, name in enumerate(model.family.names):
        own = difference[:, :, i] / np.abs(refined[:, :, i])
        print_row(f"by dE/d{name} alone, relative: median", np.median(own, axis=0))
        print_row("largest", own.max(axis=0))
        print_row(f"points of {len(p)} above {COMPONENT:g}", (own > COMPONENT).sum(axis=0), "d")
        signs = np.sign(refined[:, :, i])
        print_row("points where it is positive", (signs > 0).sum(axis=0), "d")
    print(f"\nHellmann-Feynman took {each:.2g} ms a potential.\n", flush=True)


def throughput(path: str, quick: bool) -> dict[str, Any]:
    """Seconds of each solver in turn, and its largest error, on one core."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    model = qwpinn.load(path)
    many = 20_000 if quick else 1_000_000
    solvers: dict[str, tuple[Callable[[Array], Array], int]] = {
        NETWORK: (model.energies, many),
        GENERAL: (batched_solvers.galerkin, many // 100),
        PLAIN: (batched_solvers.plain_bisection_newton, many),
        TUNED: (batched_solvers.bisection_newton, many),
    }
    p = np.random.default_rng(1).uniform(LOWEST, HIGHEST, (many, 2))
    some = p[: min(many, 10_000)]
    exact = exact_levels(some, BOX, STATES)
    errors = {}
    for name, (solver, count) in solvers.items():
        part = min(count, len(some))
        errors[name] = float(np.max(np.abs(solver(some)[:part] / exact[:part] - 1.0)))
        solver(p[:count])
    rates: dict[str, list[float]] = {name: [] for name in solvers}
    for _ in range(3 if quick else 7):
        for name, (solver, count) in solvers.items():
            start = time.perf_counter()
            solver(p[:count])
            rates[name].append(count / (time.perf_counter() - start))
    return {"rates": rates, "errors": errors, "many": many, "load": os.getloadavg()[0]}


def print_throughput(found: dict[str, Any]) -> None:
    rates = {name: np.array(values) for name, values in found["rates"].items()}
    repeats = len(rates[NETWORK])
    print(f"One core, {found['many']} potentials a run (Legendre-Galerkin: a hundredth), median of")
    print(f"{repeats} runs in turn, load {found['load']:.1f}:\n")
    print(
        "| levels of three states by | potentials / s | slowest to fastest run "
        "| network is faster by | largest relative error |\n|---|--:|--:|--:|--:|"
    )
    for name, rate in rates.items():
        ratio = f"{np.median(rates[NETWORK] / rate):.2f}" if name != NETWORK else ""
        print(
            f"| {name} | {np.median(rate):.2e} | {rate.min():.2e} to {rate.max():.2e} | {ratio} "
            f"| {found['errors'][name]:.1e} |"
        )
    print(flush=True)


def print_design(model: FamilyPINN, count: int) -> None:
    """Targets that random members have: how long it takes, and what `solve` finds."""
    rng = np.random.default_rng(3)
    levels = exact_levels(rng.uniform(LOWEST, HIGHEST, (count, 2)), BOX, STATES).tolist()
    wanted = [{"E1-E0": e[1] - e[0], "E2-E1": e[2] - e[1]} for e in levels[: count // 2]]
    wanted += [{"E1-E0": e[1] - e[0]} for e in levels[count // 2 :]]
    seconds, deviations, refused = [], [], []
    model.design(wanted[0], verify=False)
    for targets in wanted:
        start = time.perf_counter()
        try:
            found = model.design(targets, verify=False)
        except ValueError as error:
            refused.append(str(error))
            continue
        finally:
            seconds.append(1e3 * (time.perf_counter() - start))
        deviations.append(deviation(model.family.potential(found.parameters[0]), targets))
    print("| inverse design | |\n|---|--:|")
    print(f"| targets, half of two gaps and half of one | {count} |")
    print(f"| solved | {count - len(refused)} |")
    print(f"| median, slowest (ms) | {np.median(seconds):.0f}, {max(seconds):.0f} |")
    two, one = seconds[: count // 2], seconds[count // 2 :]
    print(f"| median of two gaps, of one (ms) | {np.median(two):.0f}, {np.median(one):.0f} |")
    met = sum(one <= CONFIRMED for one in deviations)
    print(f"| confirmed by `solve` to {CONFIRMED:g} | {met} |")
    print(f"| largest relative deviation by `solve` | {max(deviations):.1e} |\n", flush=True)
    for sentence in refused:
        print(f"- {sentence}")


def deviation(potential: qwpinn.FiniteWell, targets: dict[str, float]) -> float:
    """The largest relative error of the targets, gaps, in what `solve` finds."""
    gaps = np.diff(qwpinn.solve(potential, STATES).energies)
    pairs = zip(gaps, targets.values(), strict=False)
    return max(abs(gap / target - 1.0) for gap, target in pairs)


class Steps(keras.callbacks.Callback):
    """The seconds of each training step."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.seconds: list[float] = []

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._start = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seconds.append(time.perf_counter() - self._start)


def step_seconds(members: int, size: dict[str, Any]) -> tuple[int, float, float]:
    """Trainable parameters; the median of three steps after tracing, and of the first, seconds."""
    well = family()
    model = FamilyPINN.for_family(well, STATES, **size)
    data = qwpinn.family_collocation(well, members, NODES, STATES)
    model.compile(qwpinn.LevenbergMarquardt(damping=1e-3))
    steps = Steps()
    model.fit(data, epochs=4, verbose=0, callbacks=[steps])
    count = sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    return count, float(np.median(steps.seconds[1:])), steps.seconds[0]


def print_cost(path: str, quick: bool) -> None:
    """Seconds of a Levenberg-Marquardt step by points and by parameters, printed and drawn."""
    members, size = ((8, 16), SIZES[:2]) if quick else ((16, 32, 64, 128), SIZES)
    usual = 16
    print("| members | points | parameters | s a step | first step (s) |\n|--:|--:|--:|--:|--:|")

    def row(count: int, own: dict[str, Any]) -> tuple[int, int, float]:
        parameters, usually, first = step_seconds(count, own)
        points = count * NODES
        print(f"| {count} | {points} | {parameters} | {usually:.2f} | {first:.1f} |", flush=True)
        return points, parameters, usually

    by_points = np.array([row(count, {}) for count in members])
    by_size = np.array([row(usual, own) for own in size])
    panels = (
        (
            by_points[:, 0],
            by_points[:, 2],
            f"collocation points, {int(by_points[0, 1])} parameters",
        ),
        (by_size[:, 1], by_size[:, 2], f"trainable parameters, {usual * NODES} points"),
    )
    figure = Figure(figsize=(9.0, 3.6), layout="constrained")
    print()
    for axes, (x, y, label) in zip(figure.subplots(1, 2), panels, strict=True):
        exponent, constant = np.polyfit(np.log(x), np.log(y), 1)
        print(f"Seconds a step grow as ({label.split(',')[0]})^{exponent:.2f}.")
        axes.plot(x, y, "o", ms=7, label="measured")
        fit = np.exp(constant) * x**exponent
        axes.plot(x, fit, "-", lw=1.2, label=f"$\\propto n^{{{exponent:.2f}}}$")
        axes.set(xscale="log", yscale="log", xlabel=label, ylabel="time of a step (s)")
        axes.set_xticks(x, [f"{value:.0f}" for value in x])
        axes.minorticks_off()
        low, high = axes.get_ylim()
        ticks = [t for e in range(-3, 4) for t in (10.0**e, 2 * 10.0**e, 5 * 10.0**e)]
        ticks = [tick for tick in ticks if low <= tick <= high]
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.legend(frameon=False)
    write_file(path, png(figure))
    print(f"Drawn in {path}.\n", flush=True)


if __name__ == "__main__":
    main()
