"""How often `solve` is wrong, and how often it says so.

    python benchmarks/reliability.py --seed 7         # 300 undeclared, 100 pairs: random_wells.py
    python benchmarks/reliability.py --kind random --wells 20     # layers, 20 seeds of each well
    python benchmarks/reliability.py --kind hard
    python benchmarks/reliability.py --kind superlattice

Of layers, in the box [0, 1]: "random" has 2 to 8 with uniform edges and V uniform between 0 and
1000 ground states of the box, pi^2; "hard" 2 to 12, widths log-uniform over three decades and V
log-uniform from 1 to 1e5 of these; "superlattice" 2 to 8 wells of width 1 between barriers 0.2 to
1 wide and 30 to 3000 high, whose bands may be narrower than rounding.

- wrong: the enclosure of state k misses level k but holds another one, or E_k is closer to another
  one than to its own, by more than 1e-8 of E - min V;
- missed: a state with a proven quantum number n whose enclosure does not hold level n, or one
  without whose enclosure holds no level at all;
- psi: a state that is further from the exact one, in L2, than its bound says;
- silent: a state without a status sentence although its number is not k or its enclosure too wide,
  or an exception.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

from qwpinn.startup import quiet  # noqa: E402

with quiet():
    import numpy as np
    from random_wells import Case, pairs, undeclared

    from qwpinn import Precise, Solution, solve
    from qwpinn.potentials import KronigPenney, PiecewiseConstant
    from qwpinn.potentials.square_wells import wells
    from qwpinn.quadrature import gauss_legendre
    from qwpinn.references import exact

ROUND_OFF = 1e-13  # of the references, in units of E - min V
CLOSE = 1e-8  # levels within this of E - min V are as good as one for the energy of a state
KINDS = ("undeclared", "pairs", "random", "hard", "superlattice")
COUNTS = {"undeclared": 300, "pairs": 100}
MORE = 6  # levels above those asked for, that a wrong state could be


class Outcome(NamedTuple):
    """One solve, judged."""

    label: str
    wrong: int
    missed: int
    psi: int
    silent: int
    failures: tuple[str, ...]
    error: float
    width: float
    units: int
    seconds: float


def main() -> None:
    """Solve them all and print the table, then everything that is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=KINDS, help="one kind alone; default: the first two")
    parser.add_argument("--potentials", type=int, help="how many; default: 300, 100, else 100")
    parser.add_argument("--wells", type=int, default=0, help="seeds of each of the three wells")
    parser.add_argument("--states", type=int, default=3, help="of each; of pairs always 2")
    parser.add_argument("--seed", type=int, default=0, help="of the random potentials")
    parser.add_argument("--untrained", action="store_true", help="no training after the Ritz start")
    options = parser.parse_args()
    recipe = Precise(epochs=0) if options.untrained else Precise()
    judged = {}
    for kind in (options.kind,) if options.kind else KINDS[:2]:
        count = options.potentials or COUNTS.get(kind, 100)
        cases = cases_of(kind, count, options.states, options.seed)
        judged[kind] = [judge(case, recipe) for case in progress(kind, cases, count)]
    for name, well in wells().items():
        case = Case(name, well, well.levels(options.states + MORE), options.states)
        seeds = progress(name, range(options.wells), options.wells)
        judged[name] = [judge(case, recipe, seed) for seed in seeds]
    print_table({name: outcomes for name, outcomes in judged.items() if outcomes})
    print_details([outcome for outcomes in judged.values() for outcome in outcomes])


def cases_of(kind: str, count: int, states: int, seed: int) -> Iterator[Case]:
    """Random wells of a kind."""
    if kind == "undeclared":
        return undeclared(count, states, seed)
    return pairs(count, seed) if kind == "pairs" else layered(kind, count, states, seed)


def layered(kind: str, count: int, states: int, seed: int) -> Iterator[Case]:
    """Random layers."""
    rng = np.random.default_rng(seed)
    for index in range(count):
        potential = {"random": uniform, "hard": graded, "superlattice": superlattice}[kind](rng)
        edges, values, _ = potential.layers
        thinnest = f"thinnest {np.min(np.diff(edges)) / (edges[-1] - edges[0]):.1e} of the box"
        label = f"no. {index}, {values.size} layers, {thinnest}"
        label += f", V {np.min(values):.5g} to {np.max(values):.5g}"
        yield Case(label, potential, exact(potential, states + MORE).energies, states)


def uniform(rng: np.random.Generator) -> PiecewiseConstant:
    """Uniform edges and values."""
    layers = int(rng.integers(2, 9))
    edges = np.concatenate([[0.0], np.sort(rng.uniform(0.0, 1.0, layers - 1)), [1.0]])
    values = np.pi**2 * rng.uniform(0.0, 1000.0, layers)
    return PiecewiseConstant(edges.tolist(), values.tolist())


def graded(rng: np.random.Generator) -> PiecewiseConstant:
    """Widths and values of all sizes."""
    layers = int(rng.integers(2, 13))
    ends = np.concatenate([[0.0], np.cumsum(10.0 ** rng.uniform(-3.0, 0.0, layers))])
    values = np.pi**2 * 10.0 ** rng.uniform(0.0, 5.0, layers)
    return PiecewiseConstant((ends / ends[-1]).tolist(), values.tolist())


def superlattice(rng: np.random.Generator) -> KronigPenney:
    """A band of levels that may be as close as rounding."""
    wells = int(rng.integers(2, 9))
    return KronigPenney(wells, 1.0, rng.uniform(0.2, 1.0), 10.0 ** rng.uniform(1.5, 3.5))


def progress(name: str, items: Iterable, count: int) -> Iterator:
    """The items, with a word now and then."""
    for done, item in enumerate(items):
        if done % 20 == 0:
            print(f"{name}: {done} of {count}", file=sys.stderr, flush=True)
        yield item


def judge(case: Case, recipe: Precise, seed: int = 0) -> Outcome:
    """Solve one and compare it with what is known."""
    levels, states, start = case.levels, case.states, time.perf_counter()
    try:
        solution = solve(case.potential, states, seed=seed, recipe=recipe)
    except Exception:
        sentence = f"{case.label}: {traceback.format_exc().splitlines()[-1]}"
        return Outcome(case.label, 0, 0, 0, states, (sentence,), np.inf, np.inf, 0, 0.0)
    seconds = time.perf_counter() - start
    floor = case.potential.minimum
    slack = ROUND_OFF * (levels - floor) + 1e-15 * np.abs(levels)
    kinetic = levels[:states] - floor
    return Outcome(
        case.label,
        sum(is_wrong(solution, levels, slack, k) for k in range(states)),
        sum(is_missed(solution, levels, slack, k) for k in range(states)),
        misjudged(solution, case),
        sum(is_silent(solution, floor, k) for k in range(states)),
        solution.failures,
        float(np.max(np.abs(solution.energies - levels[:states]) / kinetic)),
        float(np.max((solution.upper - solution.lower) / kinetic)),
        int(solution.model.trial.output_layer.kernel.shape[0]),
        seconds,
    )


def misjudged(solution: Solution, case: Case) -> int:
    """How many states are further from the exact ones than their bounds say."""
    if case.wavefunctions is None:
        return 0
    ends = [case.potential.interval[0], *case.potential.breakpoints, case.potential.interval[1]]
    rule = gauss_legendre(
        np.unique(np.concatenate([np.linspace(*p, 41) for p in pairwise(ends)])), 12
    )
    psi, true = solution.wavefunctions(rule.nodes), case.wavefunctions(rule.nodes)
    signs = np.sign(rule.weights @ (psi * true))
    distances = np.sqrt(rule.weights @ (psi - signs * true) ** 2)
    return int(np.sum(distances > solution.state_errors + 1e-12))


def held(solution: Solution, levels: np.ndarray, slack: np.ndarray, k: int) -> np.ndarray:
    """Which of the levels lie in the enclosure of state k."""
    above = solution.lower[k] <= levels + slack
    return above & (levels - slack <= solution.upper[k])


def is_wrong(solution: Solution, levels: np.ndarray, slack: np.ndarray, k: int) -> bool:
    inside = held(solution, levels, slack, k)
    distance = np.abs(solution.energies[k] - levels)
    elsewhere = distance[k] > np.min(distance) + CLOSE / ROUND_OFF * slack[k]
    return bool(elsewhere or (inside.any() and not inside[k]))


def is_missed(solution: Solution, levels: np.ndarray, slack: np.ndarray, k: int) -> bool:
    inside, number = held(solution, levels, slack, k), solution.quantum_numbers[k]
    return bool(not inside.any() if number < 0 else not inside[number])


def is_silent(solution: Solution, floor: float, k: int) -> bool:
    right = solution.quantum_numbers[k] == k
    width = solution.upper[k] - solution.lower[k]
    narrow = width <= solution.rtol * (solution.lower[k] - floor) * (1.0 + 1e-9)
    said = any(sentence.startswith(f"state {k} ") for sentence in solution.failures)
    return bool(not (right and narrow) and not said)


def print_table(judged: dict[str, list[Outcome]]) -> None:
    """A row a group: counts of solves and states, the worst error and width, seconds."""
    print(
        "rtol 1e-6\n\n| group | solves | converged | wrong states | missed | psi beyond its bound "
        "| silent | largest error / (E - min V) | largest width | median units | most "
        "| median s | slowest s |\n|---|" + "--:|" * 12
    )
    for name, outcomes in judged.items():
        counts = np.sum([outcome[1:5] for outcome in outcomes], axis=0)
        converged = sum(not outcome.failures for outcome in outcomes)
        error, width, units, seconds = np.transpose([outcome[6:] for outcome in outcomes])
        print(
            f"| {name} | {len(outcomes)} | {converged} | {' | '.join(map(str, counts))} "
            f"| {error.max():.0e} | {width.max():.0e} | {np.median(units):.0f} | {units.max():.0f} "
            f"| {np.median(seconds):.1f} | {seconds.max():.1f} |"
        )


def print_details(outcomes: list[Outcome]) -> None:
    """What failed, and with which sentence; what was wrong, and in which potential."""
    sentences = Counter(
        sentence.split("): ")[-1] for outcome in outcomes for sentence in outcome.failures
    )
    print("\nstates that are not as asked, by their sentence:", "" if sentences else "none")
    for sentence, count in sentences.items():
        print(f"  {count}: {sentence}")
    for outcome in outcomes:
        if outcome.failures or any(outcome[1:5]):
            print(
                f"- wrong {outcome.wrong}, missed {outcome.missed}, psi {outcome.psi}, "
                f"silent {outcome.silent}, "
                f"error {outcome.error:.0e}, width {outcome.width:.0e}, {outcome.units} units: "
                f"{outcome.label}"
            )


if __name__ == "__main__":
    main()
