"""The command ``qwpinn bench``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from qwpinn.bench import figures, results, traces
from qwpinn.bench.contest import hold
from qwpinn.bench.results import Result
from qwpinn.cli.bench_jobs import Bench
from qwpinn.progress.bars import sweep_display
from qwpinn.progress.heartbeat import print_text
from qwpinn.storage import runs
from qwpinn.storage.contents import BENCH_LOGS, BENCH_RUNS, BENCH_TABLE, is_log_folder
from qwpinn.storage.places import replaced_folder, write_file


def run_bench(options: argparse.Namespace, job: Bench, console: Console) -> int:
    """``qwpinn bench``; returns the exit code: to fail is a result, to end by an error is none."""
    folder = job.place / BENCH_RUNS
    folder.mkdir(parents=True, exist_ok=True)
    if options.force and not options.resume:
        for run in job.contest.runs():
            job.contest.place(run, folder).unlink(missing_ok=True)
    try:
        found = _held(job, folder, console)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            "interrupted; finished runs are kept, and the same command with --resume goes on."
        ) from None
    for well in job.contest.wells:
        console.print(results.sheet(found, well))
    _write(found, job)
    print_text(console, f"Table, figures and traces: {options.output}")
    print_text(console, f"Look at the traces: tensorboard --logdir {options.output}/{BENCH_LOGS}")
    ended = [one.run for one in found if one.said]
    if ended:
        log = job.contest.place(ended[0], Path(options.output, BENCH_RUNS)).with_suffix(".log")
        print_text(console, f"Ended by an error: {len(ended)} runs; what one said is in {log}")
    return 1 if ended else 0


def _held(job: Bench, folder: Path, console: Console) -> list[Result]:
    """All runs, under a bar."""
    with sweep_display(console, noun="runs") as progress:
        task = progress.add_task("bench", total=len(job.contest.runs()))

        def report(result: Result, was_there: bool) -> None:
            progress.update(task, advance=1)

        return hold(job.contest, folder, job.cores, report)


def _write(found: Sequence[Result], job: Bench) -> None:
    """The table, a figure of each well, and traces."""
    write_file(job.place / BENCH_TABLE, results.as_csv(found).encode())
    for well in job.contest.wells:
        figures.save(found, well, job.place / f"{well}.png")
    with replaced_folder(job.place / BENCH_LOGS, is_log_folder) as logs:
        traces.write(found, logs)
    runs.sign(job.place, job.problem, True)
