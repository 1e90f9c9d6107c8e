"""How long `solve` and `fit` take beside an earlier commit, and whether they find the same.

    python benchmarks/timing.py                       # a quarter of an hour on one idle core
    python benchmarks/timing.py --quick               # one round, few problems
    python benchmarks/timing.py --problems finite_well gaussian --repeats 5
    python benchmarks/timing.py --parts finite_well   # where the time of one solve goes, now

In each round a process of the earlier commit and one of this code stand side by side, bound to the
same core, and take every task in turn: the first solve after the imports, other wells, trainings of
networks, the problems of tests/problems.py; three states to rtol 1e-6. Ratios are of CPU seconds,
medians over the rounds, of trainings wall too; where both differ, the core was shared or waited.
Widths of enclosures and errors of energies stand beside them, and what must hold is said at the end
to be met or not; ``--strict`` makes a failure of that.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import platform
import pstats
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from baseline import ROOT, worktree
from machine import processor

sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT))

import problems

KINDS = {
    "layers": (*problems.WELLS, *problems.PUBLISHED, *problems.LAYERED),
    "smooth": (*problems.SMOOTH, *problems.CURVED),
    "device": problems.SEMICONDUCTOR,
    "table": problems.TABLES,
}
KIND = {problem.id: kind for kind, group in KINDS.items() for problem in group}
FIRST = "finite_well"
NEXT = ("infinite_well", "finite_well", "harmonic", "morse")
WIDENED = ("deep_well", "gaas_200", "staircase")
NEAR_AND_FAR = ("quartic", "kronig_penney_5", "gaas_60", "cubic_table")
TRAININGS = {
    "default": "the default network, Levenberg-Marquardt, 30 epochs",
    "two_layers": "two layers of 24 tanh, Levenberg-Marquardt, 10 epochs",
    "swish": "one layer of 60 swish, Levenberg-Marquardt, 10 epochs",
    "paper": "Paper(hidden=(24, 24)), Levenberg-Marquardt, 4 epochs of 5 steps",
    "adam": "the default network, Adam, 3 epochs of 100 steps",
}
# What must be so: least ratios, of all of a kind or of their median; widths and errors.
LEAST_FIRST, LEAST_NEXT, LEAST_WIDENED, LEAST_MEDIAN = 4.0, 7.0, 5.0, 6.0
WIDEST, ERROR = 1.02, 2e-9
# Two runs of the same program differ by as much.
NOISE = 0.05

Answer = dict[str, Any]


class Pair(NamedTuple):
    """Both answers to a task, medians over the rounds; what was found is the last round's."""

    old: Answer
    new: Answer

    @property
    def failure(self) -> str:
        """What went wrong in one of them, or nothing."""
        return str(self.old.get("error") or self.new.get("error") or "")

    @property
    def ratio(self) -> float:
        """By how much it is faster now; 0 if one of them failed."""
        return 0.0 if self.failure else float(self.old["cpu"] / self.new["cpu"])

    @property
    def wall_ratio(self) -> float:
        """The same by wall: the earlier code waits for tf.data's threads, which cost it no CPU."""
        return 0.0 if self.failure else float(self.old["wall"] / self.new["wall"])

    def cells(self) -> str:
        """Seconds of both and their ratio, as cells of a table."""
        if self.failure:
            return f"failed: {self.failure:.80} | | | | |"
        old, new = self
        cpu = f"{old['cpu']:.2f} | {new['cpu']:.2f} | {self.ratio:.1f}"
        return f"{cpu} | {old['wall']:.2f} | {new['wall']:.2f} |"


class Code:
    """A process that measures one code.

    Args:
        tree: Where the code is.
        log: What takes its messages.
    """

    def __init__(self, tree: Path, log: IO[str]) -> None:
        self.tree = tree.resolve()
        threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
        own = {"PYTHONPATH": str(self.tree), "TF_CPP_MIN_LOG_LEVEL": "3", **threads}
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("measured.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=os.environ | own,
        )

    def __enter__(self) -> Code:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def measured(self, task: str) -> Answer:
        """The answer to a task."""
        assert self.process.stdin and self.process.stdout  # noqa: S101 - pipes, both
        print(task, file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"The process of {self.tree} ended at: {task}")
        answer: Answer = json.loads(line)
        if Path(answer["root"]).resolve() != self.tree:
            raise RuntimeError(f"Not the code of {self.tree} was measured, but {answer['root']}.")
        return answer


def main() -> None:
    """Measure, print the tables and what is met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--problems", nargs="+", choices=list(KIND), metavar="NAME")
    parser.add_argument("--repeats", type=int, help="rounds; 3, or 1 with --quick")
    parser.add_argument("--against", metavar="COMMIT", default="1b1433f")
    parser.add_argument("--quick", action="store_true", help="one round, few problems")
    parser.add_argument("--strict", action="store_true", help="fail unless everything is met")
    parser.add_argument("--parts", metavar="NAME", choices=list(KIND), help="profile one solve")
    options = parser.parse_args()
    if options.parts:
        print_parts(options.parts)
        return
    usual = (*NEXT, *WIDENED, *NEAR_AND_FAR) if options.quick else tuple(KIND)
    names = options.problems or usual
    print(f"{processor()}, one core, Python {platform.python_version()}; against {options.against}")
    tasks = ["first", *(f"train {name}" for name in TRAININGS)]
    tasks += [f"solve {name}" for name in dict.fromkeys([*NEXT, *WIDENED, *names])]
    repeats = options.repeats or (1 if options.quick else 3)
    with worktree(options.against) as earlier:
        rounds = [one_round((earlier, ROOT), tasks, (n, repeats)) for n in range(1, repeats + 1)]
    pairs = {task: merged([one[task] for one in rounds]) for task in tasks}
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{repeats} rounds; load at the end {load}\n")
    print_first(pairs)
    print_problems(pairs, names)
    met = print_met(pairs, names)
    sys.exit(options.strict and not met)


def one_round(
    trees: Sequence[Path], tasks: Sequence[str], which: tuple[int, int]
) -> dict[str, Pair]:
    """Every task by both codes, in turn."""
    found = {}
    with ExitStack() as stack:
        log = stack.enter_context(tempfile.TemporaryFile("w+"))
        codes = [stack.enter_context(Code(tree, log)) for tree in trees]
        for number, task in enumerate(tasks, 1):
            asked = f"solve {FIRST}" if task == "first" else task
            try:
                found[task] = Pair(*(code.measured(asked) for code in codes))
            except (RuntimeError, OSError):
                log.seek(0)
                sys.stderr.write(log.read()[-2000:])
                raise
            progress = f"round {which[0]} of {which[1]}, {number} of {len(tasks)}: {task}"
            print(f"{progress}: {found[task].ratio:.1f}", file=sys.stderr, flush=True)
    return found


def merged(pairs: Sequence[Pair]) -> Pair:
    """Medians of the seconds over rounds."""
    failed = next((pair for pair in pairs if pair.failure), None)
    if failed:
        return failed
    sides = zip(*pairs, strict=True)
    return Pair(
        *(
            side[-1] | {key: statistics.median(one[key] for one in side) for key in ("cpu", "wall")}
            for side in sides
        )
    )


def print_first(pairs: dict[str, Pair]) -> None:
    """The first solve, next ones, wide networks and trainings."""
    print("| seconds | CPU, before | now | ratio | wall, before | now |\n|---|" + "--:|" * 5)
    print(f"| first solve in a process: {FIRST} | {pairs['first'].cells()}")
    for title, group in (("next", NEXT), ("widened", WIDENED)):
        for name in group:
            pair = pairs[f"solve {name}"]
            units = pair.new.get("units", "?")
            print(f"| {title}: {name}, {units} units | {pair.cells()}")
    for name, title in TRAININGS.items():
        print(f"| {title} | {pairs[f'train {name}'].cells()}")
    print("\n| training | epochs, before | now | last loss, before | now |\n|---|" + "--:|" * 4)
    for name, title in TRAININGS.items():
        pair = pairs[f"train {name}"]
        if not pair.failure:
            epochs, losses = ([side[key] for side in pair] for key in ("epochs", "loss"))
            cells = [*map(str, epochs), *(f"{loss:.2e}" for loss in losses)]
            print(f"| {title} | {' | '.join(cells)} |")
    print()


def print_problems(pairs: dict[str, Pair], names: Sequence[str]) -> None:
    """A row a problem, and one for each kind."""
    print(
        "| problem | kind | units, before | now | epochs, before | now | CPU s, before | now "
        "| ratio | widths, now / before | error / (E - min V), before | now | converged |"
    )
    print("|---|---|" + "--:|" * 10 + "---|")
    for name in names:
        pair = pairs[f"solve {name}"]
        if pair.failure:
            print(f"| {name} | {KIND[name]} | failed: {pair.failure:.80} |")
            continue
        old, new = pair
        cells = [f"{side[key]}" for key in ("units", "epochs") for side in pair]
        cells += [f"{old['cpu']:.2f}", f"{new['cpu']:.2f}", f"{pair.ratio:.1f}"]
        cells += [f"{geometric(widths(pair)):.3f}", *(f"{error(name, side):.0e}" for side in pair)]
        print(f"| {name} | {KIND[name]} | {' | '.join(cells)} | {new['converged']} |")
    print("\n| kind | problems | CPU s, before: median | now | largest, before | now ", end="")
    print("| ratio: median | smallest |\n|---|" + "--:|" * 7)
    for kind in (*KINDS, "all"):
        own = [pairs[f"solve {name}"] for name in names if kind in (KIND[name], "all")]
        own = [pair for pair in own if not pair.failure]
        if own:
            seconds = [[side["cpu"] for side in sides] for sides in zip(*own, strict=True)]
            ratios = [pair.ratio for pair in own]
            values = [statistics.median(side) for side in seconds] + [max(s) for s in seconds]
            cells = [f"{value:.2f}" for value in values]
            cells += [f"{statistics.median(ratios):.1f}", f"{min(ratios):.1f}"]
            print(f"| {kind} | {len(own)} | {' | '.join(cells)} |")
    print()


def print_met(pairs: dict[str, Pair], names: Sequence[str]) -> bool:
    """What must hold, and whether it does."""
    solves = {name: pairs[f"solve {name}"] for name in names}
    whole = {name: pair for name, pair in solves.items() if not pair.failure}
    ratios = [pair.ratio for pair in solves.values()]
    middle = statistics.median(ratios)
    slowest = min(solves, key=lambda name: solves[name].ratio)
    following, wide = ([pairs[f"solve {name}"].ratio for name in g] for g in (NEXT, WIDENED))
    others = [pairs[f"train {name}"].wall_ratio for name in TRAININGS]
    width = geometric(np.concatenate([widths(pair) for pair in whole.values()] or [[np.nan]]))
    worst = max((error(name, pair.new) for name, pair in whole.items()), default=float("nan"))
    open_ones = [name for name in names if name not in whole or not whole[name].new["converged"]]
    rows = [
        (f"first solve: ratio at least {LEAST_FIRST:g}", [pairs["first"].ratio], LEAST_FIRST),
        (f"each next of 60 units: at least {LEAST_NEXT:g}", following, LEAST_NEXT),
        (f"each widened one: at least {LEAST_WIDENED:g}", wide, LEAST_WIDENED),
        (f"median of the problems: at least {LEAST_MEDIAN:g}", [middle], LEAST_MEDIAN),
        (f"no problem slower (least: {slowest})", [min(ratios)], 1.0),
        (f"no training slower by wall, but for noise of {NOISE:.0%}", others, 1.0 - NOISE),
    ]
    found = [
        (title, ", ".join(f"{r:.2f}" for r in own), all(r >= bound for r in own))
        for title, own, bound in rows
    ]
    found += [
        (f"widths, geometric mean, at most {WIDEST:g} times", f"{width:.3f}", width <= WIDEST),
        (f"errors at most {ERROR:g} of E - min V", f"{worst:.1e}", worst <= ERROR),
        ("all converged", ", ".join(open_ones) or "all", not open_ones),
    ]
    print("| must hold | found | |\n|---|---|---|")
    for title, text, held in found:
        print(f"| {title} | {text} | {'met' if held else 'not met'} |")
    return all(held for _, _, held in found)


def widths(pair: Pair) -> np.ndarray:
    """Ratios of the widths of enclosures, now to before, a state each."""
    return np.asarray(np.divide(pair.new["widths"], pair.old["widths"]))


def geometric(ratios: np.ndarray) -> float:
    """The geometric mean."""
    return float(np.exp(np.mean(np.log(ratios))))


def error(name: str, answer: Answer) -> float:
    """The largest error of an energy, in units of E - min V."""
    problem = next(problem for problem in problems.ALL if problem.id == name)
    levels = problem.levels[: len(answer["energies"])]
    return float(np.max(np.abs(answer["energies"] - levels) / (levels - problem.potential.minimum)))


def print_parts(name: str) -> None:
    """The functions of this code in which a solve spends most, itself or in what it calls."""
    from qwpinn import solve

    problem = next(problem for problem in problems.ALL if problem.id == name)
    states = min(3, problem.levels.size)
    solve(problem.potential, states)
    profile = cProfile.Profile()
    profile.runcall(solve, problem.potential, states)
    pstats.Stats(profile).sort_stats("cumulative").print_stats(r"qwpinn/", 40)


if __name__ == "__main__":
    main()
