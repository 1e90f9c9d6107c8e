"""The memory that a solve in the plane takes at its peak, a process of its own for each well.

    python benchmarks/plane_memory.py
    python benchmarks/plane_memory.py --wells rectangle --rtol 1e-8

The peak of the resident set that the kernel reports of the process, Python, TensorFlow and all
that is imported included; beside it what stood at the peak before the solve. Six states, rtol 1e-6.
Of threads each has memory of its own: ``--threads 1`` shows a little less.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys

import plane_wells
from plane_wells import STATES, WELLS

import qwpinn

# In MB.
TARGET = 2000.0


def main() -> None:
    """A line a well, or one well's figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wells", nargs="+", choices=list(WELLS), default=list(WELLS))
    parser.add_argument("--rtol", type=float, default=1e-6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, help="of TensorFlow and of BLAS")
    parser.add_argument("--here", action="store_true", help="solve the well in this process")
    asked = parser.parse_args()
    first = plane_wells.machine(asked.threads)
    if asked.here:
        print(solved(asked.wells[0], asked.rtol, asked.seed))
        return
    print(first)
    print("| well | units | MB at the peak | before the solve | not met |\n|---|--:|--:|--:|---|")
    for name in asked.wells:
        units, before, peak = of_process(name)
        missed = "" if peak <= TARGET else f"{TARGET:g} MB"
        print(f"| {name} | {units:.0f} | {peak:.0f} | {before:.0f} | {missed} |", flush=True)


def of_process(name: str) -> tuple[float, ...]:
    """What a process with the same arguments, of one well, says."""
    command = [sys.executable, __file__, *sys.argv[1:], "--here", "--wells", name]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return tuple(map(float, answer.splitlines()[-1].split()))


def solved(name: str, rtol: float, seed: int) -> str:
    """Units of the network, and the peak before the solve and after it."""
    before = peak()
    found = qwpinn.solve(WELLS[name].well, STATES, rtol=rtol, seed=seed)
    return f"{found.model.units} {before:.1f} {peak():.1f}"


def peak() -> float:
    """Of this process until now, in MB; the kernel counts in KB, but in bytes on a Mac."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


if __name__ == "__main__":
    main()
