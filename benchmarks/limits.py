"""Limits: every input that is too large, each in a process of its own: right or refused?

    python benchmarks/limits.py [--only TEXT] [--most GIGABYTES]

Prints the seconds after the import, the peak of the memory and the outcome of each. A refusal must
take at most 2 s, and nothing more than 1.5 GB. The exit code is 1 if one does. A process that grows
beyond ``--most`` is stopped by the system.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SECONDS, GIGABYTES = 2.0, 1.5

HEAD = """
import json, resource, sys, time
import numpy as np, keras, qwpinn
from qwpinn import *
from qwpinn.cli import family_commands, jobs, parser as cli
from qwpinn.inputs import limits
from qwpinn.potentials import files
from qwpinn.solving import results
from pathlib import Path
resource.setrlimit(resource.RLIMIT_DATA, (int({most} * 1e9),) * 2)
began = time.perf_counter()
refused = False
try:
    said = {code}
    said = repr(said)
except (TypeError, ValueError, OSError, ArithmeticError) as error:
    refused, said = True, f"{{type(error).__name__}}: {{error}}"
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
print("\\n" + json.dumps([seconds, peak, refused, said]))
"""

SOLVED = "solve({}, 3, recipe=Precise({})).status.name"
NOISE = "Sampled(X, np.random.default_rng(0).normal(size=X.size))"
LAYERS = "PiecewiseConstant(np.arange(4001.0), np.arange(4000) * 7919 % 200)"
MANY = "**{f'p{i}': (1, 2) for i in range(9)}"
FAMILY = "Family(FiniteWell, depth=(5, 50), width=(1.2, 2.8))"
TOML = "files.read_problem('{}.toml')"

# What is asked, by a name for the table.
CASES = {
    "file = /dev/zero (TOML)": TOML.format("zero"),
    "/dev/zero as CSV": "Sampled.from_csv('/dev/zero')",
    "a pipe": "Sampled.from_csv('pipe.csv')",
    "a folder": "Sampled.from_csv('folder.csv')",
    "CSV, 1e6 rows": "read('million.csv')",
    "CSV, 100,000 rows": "len(read('tall.csv').x)",
    "CSV, one line of 60 MB": "read('line.csv')",
    "CSV, 200 MB": "read('huge.csv')",
    "TOML, 40 MB": TOML.format("huge"),
    "TOML, 2 MB of samples": "len(files.read_problem('samples.toml').potential.x)",
    "TOML, nested": TOML.format("nested"),
    "TOML, wells = 1e7": TOML.format("wells"),
    "TOML, units = 3e8": TOML.format("units"),
    "TOML, states = 1e9": TOML.format("states"),
    "TOML, seed = 2**32": TOML.format("seed"),
    "load, wells = 1e7": "load('model_wells')",
    "load, units = 3e8": "load('model_units')",
    "load, qwpinn.json nested": "load('model_nested')",
    "load, qwpinn.json of 100 MB": "load('model_huge')",
    "100,000 samples, auto": SOLVED.format("Sampled(X, X**2)", "epochs=0"),
    "100,000 samples, linear": SOLVED.format("Sampled(X, X**2, 'linear')", "epochs=0"),
    "100,000 samples, noise": SOLVED.format(NOISE, ""),
    "3000 samples, linear": SOLVED.format("Sampled(X[::34], X[::34]**2, 'linear')", ""),
    "1e6 samples": "Sampled(np.arange(1e6), np.zeros(1_000_000))",
    "wells = 5001": "KronigPenney(wells=5001)",
    "wells = 100": SOLVED.format("KronigPenney(wells=100)", ""),
    "wells = 1000": SOLVED.format("KronigPenney(wells=1000)", ""),
    "wells = 2000, the most": SOLVED.format("KronigPenney(wells=2000)", ""),
    "4000 samples, linear": SOLVED.format("Sampled(X[::25], X[::25]**2, 'linear')", ""),
    "4000 layers": SOLVED.format(LAYERS, ""),
    "1e6 layers": "PiecewiseConstant(np.arange(1e6 + 1), np.zeros(1_000_000))",
    "100,000 layers of a device": "Heterostructure([Layer(1.0, 'GaAs')] * 100_000)",
    "units = 3e8, solve": SOLVED.format("FiniteWell()", "units=300_000_000"),
    "units = 1400, solve": SOLVED.format("FiniteWell()", "units=1400"),
    "units = 3e8, model": "QuantumWellPINN.for_potential(FiniteWell(), units=300_000_000)",
    "units = 3e8, settings": "results.Settings(units=300_000_000)",
    "hidden = 3e8": "Paper(hidden=(300_000_000,))",
    "hidden, 1000 layers": "Paper(hidden=(4,) * 1000)",
    "states = 1e9": "solve(FiniteWell(), 10**9)",
    "states = 10**30": "solve(FiniteWell(), 10**30)",
    "seed = 2**32": "solve(FiniteWell(), 1, seed=2**32)",
    "epochs = 1e12": "Precise(epochs=10**12)",
    "collocation, 1e9 points": "collocation(FiniteWell(), points=10**9)",
    "family, units = 3e8": f"FamilyPINN.for_family({FAMILY}, units=300_000_000)",
    "family, modes = 3e8": f"FamilyPINN.for_family({FAMILY}, modes=300_000_000)",
    "family, branch = 3e8": f"FamilyPINN.for_family({FAMILY}, branch=(300_000_000,))",
    "family, surface = 3e8": f"FamilyPINN.for_family({FAMILY}, surface=(300_000_000,))",
    "family, members = 1e9": f"train_family({FAMILY}, members=10**9)",
    "family, points = 1e9": f"train_family({FAMILY}, points=10**9)",
    "family, teachers = 1e9": f"train_family({FAMILY}, teachers=10**9)",
    "family, batch_size = 1e12": f"train_family({FAMILY}, batch_size=10**12)",
    "family, 9 parameters": f"Family(lambda **p: FiniteWell(), {MANY})",
    "sweep, 1e9 values": "jobs.grid('--values', '0:1:1000000000', '', limits.VALUES)",
    "evaluate, 1e9 points": "jobs.grid('--grid', '0:1:1000000000', '', limits.GRID)",
}  # fmt: skip


def model_folder(path: Path, wells: object = 3, units: object = 60, text: str = "") -> None:
    """A saved model's folder as far as `qwpinn.load` reads it before the weights."""
    dense = {"class_name": "Dense", "config": {"units": units, "name": "hidden_0"}}
    config = {
        "name": "q",
        "potential": {"class": "KronigPenney", "wells": wells},
        "trial": {"class_name": "Sequential", "config": {"layers": [dense]}},
        "normalisation": 100.0,
        "energies": None,
    }
    described = {"class_name": "QuantumWellPINN", "module": "qwpinn.model", "config": config}
    described["registered_name"] = "qwpinn>QuantumWellPINN"
    path.mkdir()
    (path / "qwpinn.json").write_text(text or json.dumps({"format": 1, "model": described}))
    (path / "qwpinn.weights.h5").write_bytes(b"")


def write_inputs(folder: Path) -> None:
    """The files that the cases read."""
    rows = [f"{i},{i % 7}\n" for i in range(1_000_000)]
    (folder / "million.csv").write_text("".join(rows))
    (folder / "tall.csv").write_text("".join(rows[:100_000]))
    (folder / "line.csv").write_text("1," * 30_000_000)
    for name in ("huge.csv", "huge.toml"):
        with (folder / name).open("wb") as stream:  # Sparse: it takes no room.
            stream.truncate(200_000_000 if name.endswith("csv") else 40_000_000)
    os.mkfifo(folder / "pipe.csv")
    (folder / "folder.csv").mkdir()
    numbers = ", ".join(map(str, range(100_000)))
    texts = {
        "zero": "[potential]\nkind = 'sampled'\nfile = '/dev/zero'",
        "samples": f"[potential]\nkind = 'sampled'\nx = [{numbers}]\nv = [{numbers}]",
        "nested": f"potential = {'[' * 100_000}",
        "wells": "[potential]\nkind = 'kronig_penney'\nwells = 10000000",
        "units": "potential.kind = 'harmonic'\nsolve.units = 300000000",
        "states": "potential.kind = 'harmonic'\nsolve.states = 1000000000",
        "seed": "potential.kind = 'harmonic'\nsolve.seed = 4294967296",
    }
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text)
    model_folder(folder / "model_wells", wells=10_000_000)
    model_folder(folder / "model_units", units=300_000_000)
    model_folder(folder / "model_nested", text="[" * 1_000_000)
    model_folder(folder / "model_huge", text="[" + "[],\n" * 25_000_000 + "[]]")


def asked(code: str, folder: str, most: float) -> tuple[float, float, bool, str]:
    """Seconds, gigabytes, whether it was refused, and what was said, in a fresh process."""
    script = HEAD.format(code=code, most=most)
    script = script.replace("began =", "X = np.linspace(-8.0, 8.0, 100_000)\nbegan =")
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    found = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    if found.returncode:
        last = (found.stderr.strip().splitlines() or [f"ended by {found.returncode}"])[-1]
        return float("nan"), float("inf"), False, last
    seconds, peak, refused, said = json.loads(found.stdout.strip().splitlines()[-1])
    return seconds, peak, refused, said


def main() -> int:
    """Ask all, print a line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    parser.add_argument("--most", type=float, default=6.0, help="gigabytes at which one is stopped")
    options = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        write_inputs(Path(folder))
        for name, code in CASES.items():
            if options.only not in name:
                continue
            seconds, peak, refused, said = asked(code, folder, options.most)
            good = peak <= GIGABYTES and (not refused or seconds <= SECONDS) and "\n" not in said
            wrong += not good
            mark = "" if good else "  !!"
            print(f"{name:28} {seconds:6.2f} s {peak:5.2f} GB  {said:.110}{mark}", flush=True)
    print(f"{wrong} beyond {SECONDS:g} s of a refusal, {GIGABYTES:g} GB or one line")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
