"""The table of docs/bench.md from what ``qwpinn bench`` wrote.

    python benchmarks/bench_table.py docs/bench/results.csv [--psi]

Median and worst error of E over the seeds, or of psi, of each technique on each well, ordered by
the median over wells; "x" counts runs that failed.
"""

import argparse
import csv
import math
import statistics
from collections import defaultdict

Runs = list[dict[str, str]]


def shown(runs: Runs, column: str) -> str:
    """Median and worst error, and how many failed."""
    errors = [error(run, column) for run in runs]
    failed = sum(bool(run["failure"]) for run in runs)
    middle, worst = statistics.median(errors), max(errors)
    text = f"{middle:.0e}" if len(errors) == 1 else f"{middle:.0e}, {worst:.0e}"
    return text + (f", {failed}x" if failed else "")


def error(run: dict[str, str], column: str) -> float:
    """That of a run, infinite where there is none."""
    found = float(run[column])
    return math.inf if math.isnan(found) else found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table")
    parser.add_argument(
        "--psi", action="store_true", help="errors of psi in the place of those of E"
    )
    asked = parser.parse_args()
    column = "psi_error" if asked.psi else "energy_error"
    with open(asked.table, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    wells = list(dict.fromkeys(row["well"] for row in rows))
    groups: dict[str, dict[str, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        groups[row["technique"]][row["well"]].append(row)

    def rank(name: str) -> float:
        each = ([error(run, column) for run in runs] for runs in groups[name].values())
        return statistics.median(map(statistics.median, each))

    print("| technique |", " | ".join(well.replace("_", " ") for well in wells), "|")
    print("|---" * (len(wells) + 1) + "|")
    for name in sorted(groups, key=rank):
        cells = (shown(groups[name][well], column) if groups[name][well] else "" for well in wells)
        print(f"| `{name}` |", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
