"""The table of docs/bench.md from what ``qwpinn bench`` wrote.

    python benchmarks/bench_table.py docs/bench/results.csv

Median and worst error of E over the seeds, of each technique on each well, ordered by the median
over wells; "x" counts runs that failed.
"""

import argparse
import csv
import math
import statistics
from collections import defaultdict


def shown(runs: list[dict[str, str]]) -> str:
    """Median and worst of E's error, and how many failed."""
    errors = sorted(error(run) for run in runs)
    failed = sum(bool(run["failure"]) for run in runs)
    middle, worst = errors[len(errors) // 2], errors[-1]
    text = f"{middle:.0e}" if len(errors) == 1 else f"{middle:.0e}, {worst:.0e}"
    return text + (f", {failed}x" if failed else "")


def error(run: dict[str, str]) -> float:
    """That of E, infinite where there is none."""
    found = float(run["energy_error"])
    return math.inf if math.isnan(found) else found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table")
    with open(parser.parse_args().table, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    wells = list(dict.fromkeys(row["well"] for row in rows))
    groups: dict[str, dict[str, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        groups[row["technique"]][row["well"]].append(row)

    def rank(name: str) -> float:
        medians = [statistics.median_high(map(error, runs)) for runs in groups[name].values()]
        return statistics.median(medians)

    print("| technique |", " | ".join(well.replace("_", " ") for well in wells), "|")
    print("|---" * (len(wells) + 1) + "|")
    for name in sorted(groups, key=rank):
        cells = (shown(groups[name][well]) if groups[name][well] else "" for well in wells)
        print(f"| `{name}` |", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
