"""Seconds and memory of `solve` on inputs that ask for too much, each in a process of its own.

    python benchmarks/bounds.py
    python benchmarks/bounds.py --inputs square_1e4 spike --limit 60

- square_L: x^2 on +-L, five states, which are 1 wide;
- spike: smooth, a thousandth of the box wide, 5000 high (the ground state of the box: 10);
- wall: V = 1e5 in the last thousandth of the box;
- deep: a well 1e4 deep in a box thrice as wide;
- layers: 100 random ones;
- states_K: K states of a well of depth 1000.

The table shows how it ended (`Status`, or the sentence of a refusal), the largest width of an
enclosure in units of E - min V, wall and CPU seconds without the imports, the largest memory of the
process, and that after the imports.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from typing import Any

INPUTS = (
    "square_100", "square_1e3", "square_1e4", "square_1e6", "spike", "wall", "deep", "layers",
    "states_60", "states_200",
)  # fmt: skip


def main() -> None:
    """Start a process an input and print what it measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", nargs="+", default=INPUTS)
    parser.add_argument("--limit", type=float, default=600.0, help="seconds a process may take")
    parser.add_argument("--measure", metavar="INPUT", help="in this process, as JSON")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measured(options.measure)))
        return
    print("| input | ended | width | wall (s) | CPU (s) | GB | GB of imports |")
    print("|---|---|" + "--:|" * 5)
    for name in options.inputs:
        print(f"| {name} | {' | '.join(row(name, options.limit))} |", flush=True)


def row(name: str, limit: float) -> list[str]:
    """The cells of one input."""
    command = [sys.executable, __file__, "--measure", name]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return [f"not within {limit:g} s", *[""] * 5]
    found = json.loads(done.stdout.splitlines()[-1])
    numbers = [f"{found[key]:.1f}" for key in ("wall", "cpu")]
    numbers += [f"{found[key]:.2f}" for key in ("memory", "imports")]
    return [found["ended"], found["width"], *numbers]


def measured(name: str) -> dict[str, Any]:
    """Solve one input in this process."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from qwpinn.startup import quiet

    with quiet():
        from qwpinn import solve
    potential, states = problem(name)
    imports = gigabytes()
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        solution = solve(potential, states)
    except (ValueError, ArithmeticError) as refusal:
        ended, width = str(refusal), ""
    else:
        largest = solution.enclosure.relative_width(solution.model.scaling.energy_origin)
        ended, width = solution.status.name.lower(), f"{largest:.1e}"
    return {
        "ended": ended,
        "width": width,
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "memory": gigabytes(),
        "imports": imports,
    }


def gigabytes() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def problem(name: str) -> tuple[Any, int]:
    """The potential of an input, and how many states."""
    import numpy as np

    from qwpinn.potentials import CustomPotential, FiniteWell, PiecewiseConstant

    kind, _, number = name.partition("_")
    if kind == "square":
        return CustomPotential(lambda x: x**2, (-float(number), float(number))), 5
    if kind == "states":
        return FiniteWell(depth=1000.0), int(number)
    random = np.random.default_rng(0)
    widths, values = random.uniform(0.05, 1.0, 100), random.uniform(0.0, 200.0, 100)
    return {
        "spike": (CustomPotential(lambda x: 5e3 * np.exp(-(((x - 0.3) / 1e-3) ** 2)), (0, 1)), 5),
        "wall": (PiecewiseConstant([0.0, 0.999, 1.0], [0.0, 1e5]), 5),
        "deep": (FiniteWell(depth=1e4), 5),
        "layers": (PiecewiseConstant([0.0, *np.cumsum(widths).tolist()], values.tolist()), 3),
    }[kind]


if __name__ == "__main__":
    main()
