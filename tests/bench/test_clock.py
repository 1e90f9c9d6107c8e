"""The clock: what is counted, what is taken down, and a solver in a process of its own."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from qwpinn.bench import clock as clocks
from qwpinn.bench.clock import FIRST, RATIO, Clock

X = np.linspace(0.0, 1.0, 5)
FIRST_CORE = sorted(os.sched_getaffinity(0))[0] if hasattr(os, "sched_getaffinity") else 0


@pytest.fixture
def cpu(monkeypatch):
    """CPU time as the test has it."""

    class Cpu:
        now = 100.0

    monkeypatch.setattr(clocks.time, "process_time", lambda: Cpu.now)
    return Cpu


def test_looks_come_later_and_later_and_cost_nothing(cpu):
    clock = Clock(1.0, X)
    cpu.now += 50.0
    clock.start()

    def answer(x):
        cpu.now += 7.0
        return 2.5, x**2

    step = 0.01
    for steps in range(1, 200):
        cpu.now += step
        if clock.look(steps, answer):
            break
    # One step past the budget at the most, whatever the answers took.
    assert steps == pytest.approx(100, abs=1)
    assert clock.passed == pytest.approx(1.0, abs=step)
    assert clock.seconds[0] == pytest.approx(FIRST, abs=step)
    gaps = np.array(clock.seconds[8:]) / clock.seconds[7:-1]
    assert np.all(gaps > 1.0)
    assert np.median(gaps) == pytest.approx(RATIO, rel=0.05)
    np.testing.assert_allclose(np.array(clock.seconds) / step, clock.steps, rtol=1e-9)
    assert clock.energies == [2.5] * len(clock.steps)
    np.testing.assert_array_equal(clock.psis[-1], X**2)


def test_the_end_is_taken_down_whatever_was_seen_before(cpu):
    """After the last step, states may be sorted or mixed."""
    clock = Clock(1.0, X)
    clock.start()
    cpu.now += 0.5
    clock.look(3, lambda x: (1.0, x))
    clock.end(3, lambda x: (2.0, x))
    assert clock.energies == [1.0, 2.0]
    assert clock.steps == [3, 3]


SCRIPT = """
import os
def solve(job, clock):
    clock.start()
    clock.width = job["width"]
    clock.end(4, lambda x: (3.0, -x[:, None]))
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [job["core"]]
    open(job["said"], "w").write(str(allowed))
"""


def test_a_process_of_numpy_alone_solves_a_job_on_one_core(tmp_path):
    core = sorted(os.sched_getaffinity(0))[-1] if hasattr(os, "sched_getaffinity") else 0
    job = {"interval": [-1.0, 1.0], "positions": 5, "budget": 1.0, "core": core, "width": 0.25}
    job["parent"] = os.getpid()
    (tmp_path / "job.json").write_text(json.dumps({**job, "said": str(tmp_path / "said")}))
    (tmp_path / "solver.py").write_text(SCRIPT)
    names = [str(tmp_path / name) for name in ("solver.py", "job.json", "found.npz")]
    # Without site packages of the user, and from anywhere.
    command = [sys.executable, "-P", str(Path(clocks.__file__)), *names]
    subprocess.run(command, check=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": ""})
    with np.load(tmp_path / "found.npz") as found:
        np.testing.assert_array_equal(found["psis"], -np.linspace(-1.0, 1.0, 5)[None])
        assert found["energies"].tolist() == [3.0]
        assert found["steps"].tolist() == [4]
        assert float(found["width"]) == 0.25
    assert (tmp_path / "said").read_text() == f"[{core}]"


def test_a_solver_ends_with_whoever_started_it(tmp_path):
    """Killed, it has no time to end its children."""
    (tmp_path / "solver.py").write_text(
        "import os, time\ndef solve(job, clock):\n"
        "    open(job['said'], 'w').write(str(os.getpid()))\n    time.sleep(600)\n"
    )
    job = {"interval": [-1.0, 1.0], "positions": 5, "budget": 1.0, "core": FIRST_CORE}
    starting = (
        "import json, os, subprocess, sys\n"
        f"job = {job | {'said': str(tmp_path / 'said')}} | {{'parent': os.getpid()}}\n"
        f"open({str(tmp_path / 'job.json')!r}, 'w').write(json.dumps(job))\n"
        f"names = [{str(tmp_path / 'solver.py')!r}, {str(tmp_path / 'job.json')!r}, 'found.npz']\n"
        f"subprocess.Popen([sys.executable, '-P', {clocks.__file__!r}, *names]).wait()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", starting], cwd=tmp_path)
    for _ in range(600):
        if (tmp_path / "said").exists() and (tmp_path / "said").read_text():
            break
        time.sleep(0.1)
    child = int((tmp_path / "said").read_text())
    parent.kill()
    parent.wait()
    for _ in range(600):
        if not Path(f"/proc/{child}").exists():
            break
        time.sleep(0.1)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
