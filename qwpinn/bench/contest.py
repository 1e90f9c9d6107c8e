"""The contest: solvers on wells, each in a process of its own on a core of its own."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import qwpinn
from qwpinn.bench.environment import apart
from qwpinn.bench.names import PEERS, fingerprint
from qwpinn.bench.problems import Problem
from qwpinn.bench.results import Result, Run
from qwpinn.potentials.config import potential_config
from qwpinn.startup import ALONE
from qwpinn.storage.places import write_held
from qwpinn.storage.plain import Json
from qwpinn.storage.runs import read_json

HERE = Path(__file__).parent
# Of a run that never looks at its clock: so many budgets of wall time, and seconds to load.
PATIENCE, LOADING = 6.0, 300.0
# What TensorFlow logs would be taken for the reason of an error.
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3"}
# Characters of what a program says of its error that are kept.
SAID = 20_000

Report = Callable[[Result, bool], None]


@dataclass(frozen=True)
class Contest:
    """What is run.

    Attributes:
        wells: By name.
        techniques: Names, of ours several joined by "+".
        seeds: Of each; solvers without random numbers are run with the first.
        budget: CPU seconds of each run.
        deepxde: The Python that has DeepXDE, if it is run.
    """

    wells: Mapping[str, Problem]
    techniques: Sequence[str]
    seeds: Sequence[int]
    budget: float
    deepxde: str | None = None

    def runs(self) -> list[Run]:
        """All of them, seed by seed, so that what is there early is of every well."""
        return [
            Run(well, technique, seed)
            for seed, well, technique in itertools.product(self.seeds, self.wells, self.techniques)
            if seed == self.seeds[0] or not (technique in PEERS and PEERS[technique].exact)
        ]

    def place(self, run: Run, folder: Path) -> Path:
        """The file of a run, another for another budget."""
        return folder / f"{run.well}@{run.technique}@{run.seed}@{self.budget:g}s.json"

    def asked(self, run: Run) -> dict[str, Json]:
        """A run in JSON values: what makes it the same as an earlier one."""
        asked = {
            "qwpinn": qwpinn.__version__,
            "well": potential_config(self.wells[run.well].potential),
            "technique": run.technique,
            "seed": run.seed,
            "budget": self.budget,
        }
        source = fingerprint(run.technique)
        return asked if source is None else {**asked, "source": source}


def hold(contest: Contest, folder: Path, workers: Sequence[int], report: Report) -> list[Result]:
    """Run what has not been run, and return all results in the order of `Contest.runs`.

    Each is a file in ``folder``, written whole once it is there: whoever ends this, what was
    finished is found again. A run that failed is run again.

    Args:
        contest: What is run.
        folder: Of the results.
        workers: Cores, a run at a time on each.
        report: Takes each result, and whether it was there.
    """
    for problem in contest.wells.values():
        # Whatever is wrong with a well is found before the first run.
        problem.states  # noqa: B018
    found: dict[Run, Result] = {}
    missing = []
    for run in contest.runs():
        earlier = kept(contest, run, folder)
        if earlier is None:
            missing.append(run)
        else:
            found[run] = earlier
            report(earlier, True)
    cores: queue.SimpleQueue[int] = queue.SimpleQueue()
    for core in workers:
        cores.put(core)
    children = Children()

    def one(run: Run) -> Result:
        core = cores.get()
        try:
            return _run(contest, run, core, children)
        finally:
            cores.put(core)

    pool = ThreadPoolExecutor(len(workers))
    try:
        for future in as_completed([pool.submit(one, run) for run in missing]):
            result = future.result()
            found[result.run] = result
            content = {"asked": contest.asked(result.run), "result": result.to_config()}
            place = contest.place(result.run, folder)
            write_held(place, json.dumps(content).encode())
            if result.said:
                write_held(place.with_suffix(".log"), result.said.encode())
            else:
                place.with_suffix(".log").unlink(missing_ok=True)
            report(result, False)
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        children.kill()
        raise
    pool.shutdown()
    return [found[run] for run in contest.runs()]


def kept(contest: Contest, run: Run, folder: Path) -> Result | None:
    """The result of a run that was finished earlier, just as it is asked for now."""
    path = contest.place(run, folder)
    if not path.is_file():
        return None
    try:
        given = read_json(path)
        if given["asked"] != json.loads(json.dumps(contest.asked(run))):
            return None
        result = Result.from_config(given["result"])
    except (ValueError, KeyError, TypeError, AttributeError):
        # What cannot be read is run again.
        return None
    return result if result.run == run and result.trace.seconds else None


class Children:
    """The processes that run now: all of them end with the contest."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ended = False

    def call(self, command: Sequence[str], env: Mapping[str, str], limit: float) -> tuple[str, str]:
        """Run a command; returns the last line of what it says of a failure, and all of it.

        What it has started itself ends with it: they are a group of their own. What they say goes
        to a file, for a pipe is open as long as any of them holds it.
        """
        with tempfile.TemporaryFile() as said:
            child = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
                start_new_session=True,
            )  # fmt: skip
            self._running.add(child)
            late = False
            try:
                if self._ended:
                    end_group(child)
                child.wait(timeout=limit)
            except subprocess.TimeoutExpired:
                late = True
            finally:
                end_group(child)
                self._running.discard(child)
            said.seek(max(0, said.seek(0, os.SEEK_END) - SAID))
            errors = said.read().decode(errors="replace")
        if late:
            return f"ran past {limit:.0f} seconds", errors
        if child.returncode == 0:
            return "", ""
        if child.returncode < 0:
            return f"ended with {child.returncode}", errors
        last = next(iter(errors.strip().splitlines()[-1:]), f"ended with {child.returncode}")
        return last, errors

    def kill(self) -> None:
        """End all of them."""
        self._ended = True
        for child in list(self._running):
            end_group(child)


def end_group(child: subprocess.Popen[bytes]) -> None:
    """End a process and all that it has started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    else:
        child.kill()
    child.wait()


def _run(contest: Contest, run: Run, core: int, children: Children) -> Result:
    """One run in a process."""
    problem = contest.wells[run.well]
    job = problem.described() | contest.asked(run) | {"core": core, "parent": os.getpid()}
    script, python = "trained.py", sys.executable
    environment = {**os.environ, **ALONE, **QUIET}
    if run.technique in PEERS:
        peer = PEERS[run.technique]
        script = peer.script
        if peer.layers_only and job["values"] is None:
            return Result(run, failure="takes layers of constant V only")
        if peer.apart:
            python = contest.deepxde or python
            environment = apart(environment)
    with tempfile.TemporaryDirectory() as place:
        given, found = Path(place, "job.json"), Path(place, "found.npz")
        given.write_text(json.dumps(job), encoding="utf-8")
        command = [python, "-P", str(HERE / "clock.py"), str(HERE / script), str(given), str(found)]
        failure, said = children.call(command, environment, PATIENCE * contest.budget + LOADING)
        if failure:
            return Result(run, failure=failure[:200], said=said)
        try:
            return _scored(run, problem, found)
        except (OSError, ValueError, KeyError, IndexError, ArithmeticError) as error:
            return Result(run, failure=f"{type(error).__name__}: {error}"[:200])


def _scored(run: Run, problem: Problem, found: Path) -> Result:
    """What a process has left, beside the reference."""
    if not found.is_file():
        return Result(run, failure="ended before its end")
    with np.load(found) as arrays:
        psis = arrays["psis"]
        columns = [arrays[name] for name in ("seconds", "energies", "steps")]
        shapes = {column.shape for column in columns}
        whole = columns[2].dtype.kind in "iu" and shapes == {(len(psis),)}
        if psis.ndim != 2 or psis.shape[1] != problem.x.size or not whole:
            return Result(run, failure="has taken nothing down, or psi elsewhere")
        return Result.scored(run, problem, arrays)


def cores() -> list[int]:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))
