"""Commands that are killed and resumed: what is left of them, and whether the numbers are the same.

    python benchmarks/kills.py             # 20 kills, ten minutes on 2 cores
    python benchmarks/kills.py --kills 6 --seed 3

Each of `solve`, `sweep`, `reproduce` and `train-family` runs once unbroken. Then processes get
SIGKILL at events that `tests/kills.py` names, each event in turn and each the n-th time it happens,
n from the seed; every fifth or so is killed by the clock instead, wherever it is then. A result
that is in place must be whole: the model loads and gives the answers that were kept with it, JSON
and tables can be read, figures end as they should. So must one that was set aside be. The same
command with `--resume` (`reproduce` has none and starts anew) must find the same energies, and
leave nothing but its results. At last a worker of two is killed, and TF_CONFIG names no worker.
Ends with an error unless all of that holds.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from qwpinn.startup import quiet

with quiet():
    import numpy as np
    import processes
    from kills import TINY, killing
    from numpy.typing import NDArray

    import qwpinn

COMMANDS = {
    "solve": ["finite_well", "--units", "20", "--epochs", "6", "--states", "2"],
    "sweep": ["finite_well", "--parameter", "depth", "--values", "5,10,15,20", "--states", "2"],
    "reproduce": ["--states", "1"],
    "train-family": ["family.toml"],
}
# What happens in each of them, and how often at least.
HAPPENS = {
    "solve": {
        "after a checkpoint": 6,
        "in the middle of a checkpoint": 6,
        "in the middle of the weights": 1,
        "between the two halves of the exchange": 1,
        "with the result in place, before the backup goes": 1,
    },
    "sweep": {
        "after a value": 4,
        "in the middle of a value": 8,
        "before the exchange of folders": 1,
        "with the result in place, before the backup goes": 1,
    },
    "reproduce": {
        "after an epoch on screen": 30,
        "in the middle of the model": 3,
        "between the two halves of the exchange": 6,
        "before a figure": 6,
    },
    "train-family": {
        "after a checkpoint": 8,
        "in the middle of a checkpoint": 8,
        "in the middle of the model": 1,
        "after the exchange": 1,
    },
}
CLOCK = "by the clock"
# Rounding: threads add in any order, and training goes on from there.
ALLOWED = 1e-8
P = [[15.0, 1.9], [19.0, 2.02], [25.0, 2.1]]

Array = NDArray[np.float64]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    random.seed(options.seed)
    # What is printed is read here.
    os.environ["COLUMNS"] = "200"
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "family.toml").write_text(TINY)
        os.chdir(root)
        unbroken = {name: whole(name) for name in list(COMMANDS)[: options.kills]}
        print(f"{'command':13} {'killed':52} {'left behind':64} {'same energies':>13} broken")
        for index in range(options.kills):
            faults += killed(index, list(COMMANDS)[index % len(COMMANDS)], unbroken)
        faults += lost_worker() + wrong_cluster()
    print(f"\n{options.kills} kills, {len(faults)} faults", *faults, sep="\n")
    sys.exit(1 if faults else 0)


def whole(name: str) -> tuple[Array, float]:
    """The energies of a command that nobody kills, and its seconds; what was there before."""
    began = time.perf_counter()
    run(name, place(name, "whole"))
    return energies(name, place(name, "whole")), time.perf_counter() - began


def place(name: str, what: str) -> Path:
    return Path(what, name.replace("-", "_"))


def run(name: str, output: Path, *options: str) -> str:
    """A command that comes to its end, well or not as exactly as asked; what it said."""
    command = [sys.executable, "-m", "qwpinn", name, *COMMANDS[name], "--output", str(output)]
    found = subprocess.run(
        [*command, *options], capture_output=True, text=True, check=False, timeout=processes.LIMIT
    )
    if found.returncode not in (0, 1) or found.stderr:
        raise AssertionError(f"{name} ended with {found.returncode}: {found.stderr}")
    return found.stdout


def killed(index: int, name: str, unbroken: dict[str, tuple[Array, float]]) -> list[str]:
    """Kill a command over an earlier result of its own, and resume it; what was wrong."""
    turn = index // len(COMMANDS)
    happens = [*HAPPENS[name].items(), (CLOCK, 0)]
    event, times = happens[turn % len(happens)]
    output = place(name, f"{index}")
    if turn % 2 or "halves" in event:
        # Half of them have something to lose; what is set aside must be there.
        output.parent.mkdir()
        subprocess.run(["cp", "-r", str(place(name, "whole")), str(output)], check=True)
    expected, seconds = unbroken[name]
    if event == CLOCK:
        after = random.uniform(0.3, 1.0) * seconds
        said = f"{CLOCK}, after {after:.1f} s"
        died = by_the_clock(name, output, after)
    else:
        count = random.randint(1, times)
        said = f"{event} ({count})"
        command = killing(event, name, *COMMANDS[name], "--output", output, count=count)
        processes.run(command, code=-signal.SIGKILL)
        died = True
    left = sorted(path.name for path in output.parent.iterdir()) if output.parent.exists() else []
    broken = [path for path in results(name, output) if not is_whole(path)]
    run(name, output, *([] if name == "reproduce" else ["--resume"]))
    found = energies(name, output)
    distance = float(np.max(np.abs(found / expected - 1.0)))
    rest = [path for path in output.parent.rglob("*") if ".qwpinn-" in path.name]
    rest += list(output.parent.glob(".*"))
    print(
        f"{name:13} {said:52} {', '.join(left) or 'nothing':64} {distance:13.0e} {len(broken):6}",
        flush=True,
    )
    return [
        *(f"{name}, {said}: {path} is half-written" for path in broken),
        *(f"{name}, {said}: {path.name} was left" for path in rest),
        *([f"{name}, {said}: energies differ by {distance:.1e}"] if distance > ALLOWED else []),
        *([f"{name}, {said}: it was not killed"] if not died and event != CLOCK else []),
    ]


def by_the_clock(name: str, output: Path, seconds: float) -> bool:
    """Kill a command after so many seconds; whether it had not ended by itself."""
    command = [sys.executable, "-m", "qwpinn", name, *COMMANDS[name], "--output", str(output)]
    nothing = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=nothing, stderr=nothing) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return True
    return False


def results(name: str, output: Path) -> list[Path]:
    """The folders and files that are in place, and those that were set aside."""
    tops = [output, output.with_name(f".{output.name}.qwpinn-previous")]
    if name == "reproduce":
        models = output / "savedmodels"
        tops = [*models.glob("[!.]*"), *models.glob("*previous"), *output.glob("figures/[!.]*")]
    return [path for path in tops if path.exists()]


def is_whole(path: Path) -> bool:
    """Whether a result can be read from the first to the last byte."""
    files = [path] if path.is_file() else list(path.iterdir())
    for file in files:
        if file.suffix == ".png" and not file.read_bytes().endswith(b"IEND\xaeB`\x82"):
            return False
        if file.suffix == ".json":
            json.loads(file.read_text())
        if file.suffix == ".csv" and len({row.count(",") for row in file.open()}) != 1:
            return False
    if (path / "qwpinn.json").exists():
        qwpinn.load(path)
    return True


def energies(name: str, output: Path) -> Array:
    """What a command found."""
    if name == "sweep":
        rows = (output / "sweep.csv").read_text().splitlines()
        columns = [i for i, name in enumerate(rows[0].split(",")) if name in ("E_0", "E_1")]
        return np.array([[float(row.split(",")[i]) for i in columns] for row in rows[1:]])
    if name == "train-family":
        model: Any = qwpinn.load(output)
        return np.asarray(model.energies(P, refine=True))
    folders = sorted((output / "savedmodels").iterdir()) if name == "reproduce" else [output]
    return np.concatenate([qwpinn.load(folder).energies.numpy() for folder in folders])


def lost_worker() -> list[str]:
    """Kill one of two workers, and resume with one process; what was wrong."""
    with tempfile.TemporaryDirectory() as pids:
        worker = processes.stopping(epochs=4, number=signal.SIGKILL, of=1)
        command = processes.program(
            processes.launching(worker, pids), "train-family", "family.toml", "--workers", "2",
            "--output", "lost",
        )  # fmt: skip
        found = processes.run(command, code=1)
    run("train-family", Path("lost"), "--resume")
    same = np.allclose(
        energies("train-family", Path("lost")),
        energies("train-family", place("train-family", "whole")),
        rtol=ALLOWED,
    )
    print(f"\nA worker is killed: exit code 1, {found.stderr.strip()}\nResumed: same is {same}")
    good = same and found.stderr.count("\n") == 1 and "worker 1 was killed" in found.stderr
    return [] if good else ["a lost worker"]


def wrong_cluster() -> list[str]:
    """TF_CONFIG that names no worker of its own cluster; what was wrong."""
    tasks = {"cluster": {"worker": ["127.0.0.1:1"]}, "task": {"type": "worker", "index": 7}}
    command = [sys.executable, "-m", "qwpinn", "train-family", "family.toml", "--output", "none"]
    environment = {**os.environ, "TF_CONFIG": json.dumps(tasks)}
    found = processes.run(command, code=2, env=environment)
    print(f"A wrong TF_CONFIG: exit code 2, {found.stderr.strip()}")
    return [] if found.stderr.count("\n") == 1 and not Path("none").exists() else ["TF_CONFIG"]


if __name__ == "__main__":
    main()
