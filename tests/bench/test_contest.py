"""The contest: each run a process, kept when it is finished, ended with the contest."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import qwpinn
from qwpinn.bench import contest as contests
from qwpinn.bench.contest import Children, Contest, cores, hold, kept
from qwpinn.bench.problems import Problem
from qwpinn.bench.results import Result, Run, Trace

WELL = qwpinn.FiniteWell()
INFINITE = qwpinn.InfiniteWell()
SMOOTH = qwpinn.Harmonic()


def contest(techniques, seeds=(0, 1), **changes):
    wells = {
        "finite": Problem("finite", WELL),
        "infinite": Problem("infinite", qwpinn.InfiniteWell()),
    }
    asked = {"wells": wells, "techniques": techniques, "seeds": seeds, "budget": 5.0}
    return Contest(**asked | changes)


def answered(monkeypatch, error=1e-3, failure="", said=""):
    """Runs that need no process; returns those that were run."""
    asked = []

    def run(contest, run, core, children):
        asked.append((run, core))
        trace = Trace() if failure else Trace([1.0], [error], [error], [1])
        return Result(run, error, error, seconds=1.0, failure=failure, trace=trace, said=said)

    monkeypatch.setattr(contests, "_run", run)
    return asked


def test_solvers_without_random_numbers_are_run_once():
    runs = contest(["lm", "finite-differences"]).runs()
    assert runs.count(Run("finite", "lm", 1)) == 1
    assert [run.seed for run in runs if run.technique == "finite-differences"] == [0, 0]
    # Every well and technique has been tried before a second seed is.
    assert [run.seed for run in runs] == [0, 0, 0, 0, 1, 1]


def test_classical_solvers_come_back_from_processes_of_their_own(tmp_path):
    seen = []
    asked = contest(["finite-differences", "legendre-galerkin"])
    results = hold(asked, tmp_path, cores()[:2], lambda result, was_there: seen.append(was_there))
    assert [result.run for result in results] == asked.runs()
    errors = {(r.run.well, r.run.technique): r.energy_error for r in results}
    assert errors["finite", "legendre-galerkin"] < 1e-13
    assert 1e-12 < errors["finite", "finite-differences"] < 1e-7
    assert all(result.psi_error < 1e-6 and not result.failure for result in results)
    assert all(0.0 < result.seconds < 5.0 for result in results)
    assert seen == [False] * 4
    again = hold(asked, tmp_path, cores()[:1], lambda result, was_there: seen.append(was_there))
    assert seen[4:] == [True] * 4
    assert [json.dumps(one.to_config()) for one in again] == [
        json.dumps(one.to_config()) for one in results
    ]


def test_what_is_asked_otherwise_is_run_again(tmp_path, monkeypatch):
    asked = answered(monkeypatch)
    first = contest(["lm"], seeds=[0])
    hold(first, tmp_path, [5], lambda *given: None)
    assert asked == [(Run("finite", "lm", 0), 5), (Run("infinite", "lm", 0), 5)]
    shallow = {"finite": Problem("finite", qwpinn.FiniteWell(depth=9.0))}
    for other in (contest(["lm"], [0], budget=6.0), contest(["lm"], [0], wells=shallow)):
        assert kept(other, Run("finite", "lm", 0), tmp_path) is None
    assert kept(first, Run("finite", "lm", 0), tmp_path).energy_error == 1e-3


def test_a_technique_of_others_that_was_changed_is_run_again(tmp_path, monkeypatch):
    asked = answered(monkeypatch)
    for version in ("one", "one", "two"):
        monkeypatch.setattr(contests, "fingerprint", lambda technique, version=version: version)
        hold(contest(["lm"], seeds=[0]), tmp_path, [0], lambda *given: None)
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("psis", "steps"),
    [(np.empty((0,)), []), (np.ones((1, 7)), [1]), (np.ones((1, 2001)), ["one"])],
)
def test_a_solver_that_takes_nothing_down_has_failed(tmp_path, monkeypatch, psis, steps):
    def call(self, command, env, limit):
        column = np.ones(len(steps))
        with open(command[-1], "wb") as file:
            np.savez(file, seconds=column, energies=column, psis=psis, steps=steps, width=np.nan)
        return "", ""

    monkeypatch.setattr(Children, "call", call)
    found = hold(contest(["lm"], seeds=[0]), tmp_path, [0], lambda *given: None)
    assert {r.failure for r in found} == {"has taken nothing down, or psi elsewhere"}


def test_what_failed_is_run_again(tmp_path, monkeypatch):
    asked = answered(monkeypatch, failure="no")
    for _ in range(2):
        found = hold(contest(["lm"], seeds=[0]), tmp_path, [0], lambda *given: None)
        assert [result.failure for result in found] == ["no", "no"]
    assert len(asked) == 4


def test_what_ended_by_an_error_leaves_what_it_said_until_it_runs(tmp_path, monkeypatch):
    log = tmp_path / "finite@lm@0@5s.log"
    answered(monkeypatch, failure="no", said="Traceback: line 3")
    hold(contest(["lm"], seeds=[0]), tmp_path, [0], lambda *given: None)
    assert log.read_text() == "Traceback: line 3"
    answered(monkeypatch)
    hold(contest(["lm"], seeds=[0]), tmp_path, [0], lambda *given: None)
    assert not log.exists()


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:40],
        lambda text: "",
        lambda text: "[]",
        lambda text: text.replace('"result"', '"outcome"'),
        lambda text: text.replace('"trace": {', '"trace": null, "more": {'),
        lambda text: text.replace(
            '"technique": "lm", "seed": 0}', '"technique": "adam", "seed": 0}'
        ),
    ],
)
def test_a_damaged_result_is_run_again(tmp_path, monkeypatch, damage):
    asked = answered(monkeypatch)
    hold(contest(["lm"], seeds=[0]), tmp_path, [0], lambda *given: None)
    path = tmp_path / "finite@lm@0@5s.json"
    whole = path.read_text()
    assert damage(whole) != whole
    path.write_text(damage(whole))
    assert kept(contest(["lm"]), Run("finite", "lm", 0), tmp_path) is None
    hold(contest(["lm"], seeds=[0]), tmp_path, [0], lambda *given: None)
    assert len(asked) == 3
    assert json.loads(path.read_text()) == json.loads(whole)


def test_an_error_ends_the_other_runs(tmp_path, monkeypatch):
    begun, ended = threading.Event(), []

    def run(contest, run, core, children):
        if run.well == "finite":
            begun.wait(60.0)
            raise KeyboardInterrupt
        command = [sys.executable, "-c", "import time; time.sleep(600)"]
        begun.set()
        ended.append(children.call(command, {}, 600.0)[0])
        return Result(run)

    monkeypatch.setattr(contests, "_run", run)
    with pytest.raises(KeyboardInterrupt):
        hold(contest(["lm"], seeds=[0]), tmp_path, [0, 1], lambda *given: None)
    for _ in range(600):
        if ended:
            break
        time.sleep(0.1)
    assert ended == ["ended with -9"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("code", "limit", "said"),
    [
        ("pass", 60.0, ""),
        ("print('a page'); raise ValueError('the reason')", 60.0, "ValueError: the reason"),
        ("import os; os._exit(3)", 60.0, "ended with 3"),
        ("import time; time.sleep(600)", 0.5, "ran past 0 seconds"),
    ],
)
def test_a_process_says_why_it_failed(code, limit, said):
    last, whole = Children().call([sys.executable, "-c", code], {}, limit)
    assert last == said
    # The place of an error, which its last line does not tell.
    assert ("Traceback" in whole) == said.startswith("ValueError")


def test_what_a_process_has_started_ends_with_it(tmp_path):
    """It would hold what is read for errors, and a core."""
    code = (
        "import subprocess, sys; "
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
        "print(p.pid, file=open('pid', 'w'), flush=True); raise ValueError('the reason')"
    )
    command = [sys.executable, "-c", f"import os; os.chdir({str(tmp_path)!r}); {code}"]
    last, whole = Children().call(command, {}, 60.0)
    assert last == "ValueError: the reason"
    assert len(whole) < 20_001
    grandchild = int((tmp_path / "pid").read_text())
    for _ in range(600):
        if ended(grandchild):
            break
        time.sleep(0.1)
    else:
        pytest.fail("it goes on")


def ended(process):
    """Whether there is none, or one that nobody has asked for."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_peer_is_given_its_own_environment_and_layers_only(tmp_path, monkeypatch):
    calls = []

    def call(self, command, env, limit):
        calls.append((command, env))
        with open(command[-2]) as job:
            x = np.linspace(*json.load(job)["interval"], 2001)
        with open(command[-1], "wb") as file:
            np.savez(file, seconds=[1.0], energies=[2.0], psis=[x], steps=[1], width=np.nan)
        return "", ""

    monkeypatch.setattr(Children, "call", call)
    monkeypatch.setenv("PYTHONPATH", "/ours")
    wells = {"finite": Problem("finite", WELL), "smooth": Problem("smooth", SMOOTH)}
    asked = contest(["deepxde", "plain-keras", "lm"], [0], wells=wells, deepxde="/theirs/python")
    found = {r.run: r for r in hold(asked, tmp_path, [0], lambda *given: None)}
    assert found[Run("smooth", "deepxde", 0)].failure == "takes layers of constant V only"
    assert found[Run("finite", "lm", 0)].energy_error > 0.1
    by_script = {(command[0], command[3].rpartition("/")[2]): env for command, env in calls}
    assert "PYTHONPATH" not in by_script["/theirs/python", "deepxde_peer.py"]
    assert by_script[sys.executable, "trained.py"]["PYTHONPATH"] == "/ours"
    assert by_script[sys.executable, "plain_keras.py"]["OMP_NUM_THREADS"] == "1"


@pytest.mark.kills
def test_a_contest_that_is_killed_goes_on_where_it_was(tmp_path):
    """The command itself: what is finished stays finished, and is not run again."""
    command = [
        sys.executable, "-m", "qwpinn", "bench", "--wells", "infinite_well,finite_well",
        "--techniques", "legendre-galerkin,one-layer+lm", "--budget", "2", "--seeds", "2",
        "--workers", "1", "--output", str(tmp_path / "bench"),
    ]  # fmt: skip
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    runs = tmp_path / "bench" / "runs"
    while not list(runs.glob("*.json")) and first.poll() is None:
        time.sleep(0.05)
    first.kill()
    first.wait()
    before = {path: path.read_bytes() for path in runs.glob("*.json")}
    assert before
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "Give --resume to keep" in refused.stderr
    done = subprocess.run([*command, "--resume"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {path: path.read_bytes() for path in before} == before
    rows = (tmp_path / "bench" / "results.csv").read_text().splitlines()
    assert len(rows) == 1 + 2 + 4
