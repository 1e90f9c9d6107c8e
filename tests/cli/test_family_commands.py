"""Families by the command line: files, training by one process and by several, and design."""

import io
import os
import re
import signal
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import processes
import pytest
import small
from kills import EPOCHS, TINY, epochs_in

import qwpinn
from qwpinn.cli import family_commands, parser
from qwpinn.families.files import FamilyProblem, read_family
from qwpinn.training import distributed

EXAMPLES = Path(__file__).parents[2] / "examples"
DEVICE = """
[potential]
kind = "heterostructure"
layers = [
    { thickness = "15 nm", material = "Al0.3Ga0.7As" },
    { thickness = "8 nm", material = "GaAs", name = "well" },
    { thickness = "15 nm", material = "Al0.3Ga0.7As" },
]
[family]
"""
P = [[15.0, 1.9], [19.0, 2.02], [25.0, 2.1]]


def written(folder, text):
    path = folder / "family.toml"
    path.write_text(text)
    return str(path)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A family that the command has trained uninterrupted: its folder, and what was printed."""
    folder = tmp_path_factory.mktemp("family")
    command = ["train-family", written(folder, TINY), "--output", str(folder / "wells")]
    with small.families(), redirect_stdout(io.StringIO()) as printed:
        assert parser.main(command) == 0
    return folder / "wells", printed.getvalue()


def test_a_family_is_read_from_a_file(tmp_path):
    problem = read_family(written(tmp_path, TINY))
    assert isinstance(problem, FamilyProblem)
    assert problem.family.names == ("depth", "width")
    np.testing.assert_array_equal(problem.family.lower, [15.0, 1.9])
    np.testing.assert_array_equal(problem.family.upper, [25.0, 2.1])
    assert problem.family.potential([20.0, 2.0]) == qwpinn.FiniteWell(20.0, 2.0)
    expected = {"states": 1, "members": 8, "points": 24, "teachers": 16, "epochs": EPOCHS}
    assert problem.settings == expected


@pytest.mark.parametrize("key", ['"well.thickness"', "well.thickness"])
def test_ranges_of_a_device_have_units(tmp_path, key):
    rest = "well.mass = [0.06, 0.07]\nfield = ['0 V/cm', '0.05 MV/cm']"
    text = f"{DEVICE}{key} = ['50 A', '12 nm']\n{rest}"
    family = read_family(written(tmp_path, text)).family
    assert family.names == ("well.thickness", "well.mass", "field")
    np.testing.assert_allclose(family.lower, [5.0, 0.06, 0.0])
    np.testing.assert_allclose(family.upper, [12.0, 0.07, 50.0])


def test_ranges_with_the_units_of_the_file(tmp_path):
    text = "potential = {kind = 'finite_well', box = 20}\nunits.mass = 0.067\n"
    text += "family = {depth = ['100 meV', 0.3], width = ['50 A', '8 nm']}\n"
    family = read_family(written(tmp_path, text)).family
    np.testing.assert_allclose(family.lower, [0.1, 5.0])
    np.testing.assert_allclose(family.upper, [0.3, 8.0])
    member = qwpinn.FiniteWell(0.2, 6.0, 20.0).in_units("nm", "eV", mass=0.067)
    assert family.potential([0.2, 6.0]) == member


def test_the_examples_are_read():
    wells = read_family(EXAMPLES / "finite_well_family.toml")
    assert repr(wells.family) == (
        "Family(FiniteWell(depth=20.0, width=2.0, box=6.0), depth=(5, 50), width=(1.2, 2.8))"
    )
    assert wells.settings == {"states": 3}
    device = read_family(EXAMPLES / "gaas_well_family.toml").family
    assert device.names == ("well.thickness", "field")
    assert device.upper.tolist() == [12.0, 50.0]


FAMILY = "`FILE`, [family]: "


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            TINY + "[solve]\n",
            "`FILE` must hold only the keys family, potential, train, units. Received: solve. "
            "Correct its name, or remove it.",
        ),
        (
            "potential.kind = 'finite_well'",
            "`FILE` must hold the keys family, potential. Received: no family. Add it.",
        ),
        (
            "potential.kind = 'finite_well'\nfamily = 3",
            "`FILE`, [family] must be a table. Received: 3. Write its name in brackets on a line "
            "of its own, and a line `key = value` for every key.",
        ),
        (
            "potential.kind = 'finite'\nfamily.depth = [1, 2]",
            "`FILE`, [potential]: `kind` must be one of",
        ),
        (
            "potential.kind = 'finite_well'\nfamily.depth = 20",
            f"{FAMILY}`depth` must be a list of two, the lowest and the highest. Received: "
            "depth=20. Write it as in [5, 12]; what is fixed belongs to [potential].",
        ),
        (
            "potential.kind = 'finite_well'\nfamily.depth = ['5 meV', '6 meV']",
            f"{FAMILY}`depth` must be a real number. Received: depth='5 meV' of type str.",
        ),
        (
            "potential.kind = 'finite_well'\nfamily.depth = [20, 5]",
            f"{FAMILY}`depth` must be a range (lowest, highest) with lowest < highest. Received: "
            "(20, 5). Give one number to hold it fixed.",
        ),
        (
            "potential.kind = 'finite_well'\nfamily.voltage = [1, 2]",
            f"{FAMILY}at voltage=1: `parameter` must be one of depth, width, box",
        ),
        (
            "potential.kind = 'finite_well'\nfamily.width = [-1, 2]",
            f"{FAMILY}at width=-1: `width` must be a positive, finite length.",
        ),
        (
            "potential.kind = 'finite_well'\n[family]",
            f"{FAMILY}`parameters` must hold at least one range",
        ),
        (
            DEVICE + "field = ['0', '50']",
            f"{FAMILY}`field` must have a unit of kV/cm, V/cm, MV/cm, V/m, MV/m. Received: "
            "field='0', no unit. Write it as in '20 kV/cm'.",
        ),
        (
            DEVICE + "well.thickness = 8",
            f"{FAMILY}`well.thickness` must be a list of two, the lowest and the highest. "
            "Received: well.thickness=8. Write it as in ['5 nm', '12 nm'];",
        ),
        (
            TINY.replace("states = 1", "states = 0"),
            "`FILE`, [train]: `states` must be",
        ),
        (TINY + "rate = 1\n", "`FILE`, [train] must hold only the keys epochs, members, points,"),
    ],
)
def test_a_bad_file_is_one_line(tmp_path, capsys, text, message):
    file = written(tmp_path, text)
    assert parser.main(["train-family", file, "--output", str(tmp_path / "new")]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"qwpinn: error: {message}".replace("FILE", file))
    assert error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["family.toml"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--epochs", "-1"], "`epochs` must be"),
        (["--points", "3"], "`points` must be"),
        (
            ["--workers", "0"],
            "`--workers` must be a positive integer. Received: 0. Give e.g. 2, or leave it out.",
        ),
        (
            ["--workers", "2", "--members", "9"],
            "`members` must be divisible by the 2 workers. Received: 9. Give e.g. --members 10.",
        ),
        (["--output", "TAKEN"], "`path` must be new, empty or an earlier result to replace."),
        (["--output", "TAKEN", "--workers", "2"], "`path` must be new, empty or an earlier"),
    ],
)
def test_bad_options_are_one_line(tmp_path, monkeypatch, capsys, options, message):
    monkeypatch.setattr(family_commands, "train_family", lambda *_, **__: pytest.fail("trained"))
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "notes.txt").write_text("dear")
    options = [str(tmp_path / "taken") if option == "TAKEN" else option for option in options]
    file = written(tmp_path, TINY)
    assert parser.main(["train-family", file, "--output", str(tmp_path / "new"), *options]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"qwpinn: error: {message}")
    assert error.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["family.toml", "taken"]


def test_a_cluster_of_others_is_not_started_again(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TF_CONFIG", "{}")
    command = ["train-family", written(tmp_path, TINY), "--output", str(tmp_path / "new")]
    assert parser.main([*command, "--workers", "2"]) == 2
    error = capsys.readouterr().err
    assert "`--workers` must be left out where TF_CONFIG describes a cluster." in error
    assert parser.main(command) == 2
    assert "`TF_CONFIG` must hold a cluster of workers" in capsys.readouterr().err


def test_options_win_over_the_file_and_the_file_over_the_defaults(tmp_path, monkeypatch):
    seen = {}

    def noted(family, **settings):
        seen.update({name: settings[name] for name in family_commands.SETTINGS})
        raise KeyboardInterrupt

    monkeypatch.setattr(family_commands, "train_family", noted)
    file = written(tmp_path, TINY.replace("teachers = 16", ""))
    command = ["train-family", file, "--output", str(tmp_path / "new")]
    assert parser.main([*command, "--epochs", "0", "--states", "2", "--workers", "1"]) == 130
    assert seen == {
        "states": 2, "epochs": 0, "members": 8, "points": 24, "teachers": 1024, "seed": 0
    }  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["family.toml"]


def test_train_family_leaves_a_model_a_figure_and_a_table(trained):
    folder, printed = trained
    model = qwpinn.load(folder)
    levels = [qwpinn.FiniteWell(*p).levels(1) for p in P]
    np.testing.assert_allclose(model.energies(P, refine=True), levels, rtol=1e-9)
    np.testing.assert_allclose(model.energies(P), levels, rtol=1e-5)
    assert (folder / "surfaces.png").read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in folder.parent.iterdir() if path.name[0] == "."] == []
    row = re.search(r"^ +0 +(\S+) +(\S+) +(\S+) *$", printed, re.MULTILINE)
    median, largest, widest = map(float, row.groups())
    assert 0.0 < median <= largest < 1e-5
    assert 0.0 < widest < 1e-8
    assert f"{EPOCHS}/{EPOCHS}" in printed
    assert re.search(r"Trained in \d+\.\d s\.", printed)
    assert max(len(line) for line in printed.splitlines()) <= 80


def test_design_prints_what_solve_confirms(trained, capsys):
    folder, _ = trained
    command = ["design", str(folder), "--target", "E0=1.62", "--starts", "1"]
    assert parser.main([*command, "--bounds", "depth=18:22"]) == 0
    printed = capsys.readouterr().out
    depth, width = map(float, re.search(r"^ +0 +(\d\S+) +(\d\S+) *$", printed, re.M).groups())
    assert 18.0 <= depth <= 22.0
    assert qwpinn.FiniteWell(depth, width).levels(1)[0] == pytest.approx(1.62, rel=1e-6)
    row = re.search(r"0 +E0 +1\.62 +(1\.6[12]\d*) +(1\.6[12]\d*)\((\d+)\) +yes", printed)
    value, doubt = float(row[2]), int(row[3])
    unit = 10.0 ** -len(row[2].partition(".")[2])
    exact = qwpinn.FiniteWell(depth, width).levels(1)[0]
    # The depth and width are printed with eight digits.
    assert abs(value - exact) <= doubt * unit + 1e-7
    assert max(len(line) for line in printed.splitlines()) <= 80

    assert parser.main([*command, "--no-verify"]) == 0
    printed = capsys.readouterr().out
    assert "solved" not in printed
    assert "Not confirmed by qwpinn.solve" in printed


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--target", "E0=9"], "`targets` must be within reach: E0 from 1.4"),
        (
            ["--target", "E1-E0=4"],
            "`targets` must be levels E0 to E0 or differences such as E1-E0.",
        ),
        (
            ["--target", "E0"],
            "`--target` must be LEVEL=ENERGY, or a difference of levels. Received: E0. For example "
            "--target E1-E0=4.8.",
        ),
        (["--target", "E0=deep"], "`--target` must be LEVEL=ENERGY"),
        (
            ["--target", "E0=1.6", "--bounds", "depth=10"],
            "`--bounds` must be NAME=FROM:TO. Received: depth=10. For example "
            "--bounds depth=10:30.",
        ),
        (
            ["--target", "E0=1.6", "--bounds", "depth=10:20"],
            "`bounds` must lie in the trained box. Received: depth=(10, 20), trained (15, 25).",
        ),
        (["--target", "E0=1.6", "--bounds", "mass=1:2"], "`bounds` must be of depth, width."),
        (["--target", "E0=1.6", "--starts", "0"], "`starts` must be"),
    ],
)
def test_a_design_that_cannot_be_is_one_line(trained, capsys, options, message):
    assert parser.main(["design", str(trained[0]), *options]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"qwpinn: error: {message}")
    assert error.count("\n") == 1


def test_design_asks_for_a_family(tmp_path, capsys, small_model):
    small_model.export(tmp_path / "well")
    assert parser.main(["design", str(tmp_path / "well"), "--target", "E0=1.6"]) == 2
    assert capsys.readouterr().err == (
        "qwpinn: error: `MODEL` must be a folder with the model of a family. Received: "
        f"'{tmp_path / 'well'}', a QuantumWellPINN. Train one by qwpinn train-family.\n"
    )


def training(output, *options, code=None):
    """The command line that trains the tiny family, or that of a program with its arguments."""
    command = ["train-family", written(output.parent, TINY), "--output", output, *options]
    return processes.program(code or "from qwpinn.__main__ import main; exit(main())", *command)


@pytest.fixture
def small_programs(tmp_path_factory, monkeypatch):
    """What is started trains small networks."""
    for name, value in small.programs(tmp_path_factory.mktemp("site")).items():
        monkeypatch.setenv(name, value)


def assert_same(one, other):
    """Two models of the same family, trained alike but for rounding."""
    one, other = qwpinn.load(one), qwpinn.load(other)
    np.testing.assert_allclose(
        one.energies(P, refine=True), other.energies(P, refine=True), rtol=1e-8
    )
    np.testing.assert_allclose(one.energies(P), other.energies(P), rtol=1e-7)
    np.testing.assert_allclose(one.gradients(P), other.gradients(P), rtol=1e-5)
    x = np.linspace(-2.0, 2.0, 9)[None]
    np.testing.assert_allclose(
        one.wavefunctions(x, P), other.wavefunctions(x, P), rtol=0, atol=1e-6
    )


@pytest.mark.kills
@pytest.mark.usefixtures("small_programs")
def test_killed_it_goes_on_from_its_last_epoch(tmp_path, trained, capsys):
    output = tmp_path / "wells"
    killed = training(output, code=processes.stopping(epochs=2, number=signal.SIGKILL))
    processes.run(killed, code=-signal.SIGKILL)
    assert epochs_in(tmp_path / ".wells-backup") == 2
    assert not output.exists()
    command = ["train-family", str(tmp_path / "family.toml"), "--output", str(output), "--resume"]
    assert parser.main([*command, "--points", "25"]) == 2
    assert "another points (24 there, 25 here)" in capsys.readouterr().err
    with small.families():
        assert parser.main(command) == 0
    printed = capsys.readouterr().out
    assert "Going on after epoch 2 of the backup." in printed
    assert "modes, branches" not in printed
    assert_same(output, trained[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["family.toml", "wells"]


def test_resumed_at_its_end_it_shows_the_model(trained, capsys, monkeypatch):
    folder, whole = trained
    monkeypatch.setattr(family_commands, "train_family", lambda *_, **__: pytest.fail("trained"))
    command = ["train-family", str(folder.parent / "family.toml"), "--output", str(folder)]
    # As a process leaves them that is killed after the exchange.
    for left in (".wells-backup", ".wells.qwpinn-previous"):
        (folder.parent / left).mkdir()
    (folder.parent / ".wells.qwpinn-lock").touch()
    assert parser.main([*command, "--resume"]) == 0
    assert sorted(path.name for path in folder.parent.iterdir()) == ["family.toml", "wells"]
    printed = capsys.readouterr().out
    assert printed.startswith("Nothing left to do: this run had finished. Its result:\n")
    table = whole[whole.index("state ") : whole.index("Trained in")]
    assert " ".join(table.split()) in " ".join(printed.split())
    # With workers, none is started for it.
    monkeypatch.setattr(distributed, "run_workers", lambda *_: pytest.fail("started"))
    assert parser.main([*command, "--resume", "--workers", "2"]) == 0
    assert "Nothing left to do" in capsys.readouterr().out


@pytest.mark.kills
@pytest.mark.usefixtures("small_programs")
def test_a_lost_worker_ends_the_others_and_two_resume_to_what_one_finds(
    tmp_path, tmp_path_factory, trained
):
    output, pids = tmp_path / "wells", tmp_path_factory.mktemp("pids")
    # When the second has done its fourth epoch, the first has stored the third.
    worker = processes.stopping(epochs=4, number=signal.SIGKILL, of=1)
    killed = training(output, "--workers", "2", code=processes.launching(worker, pids))
    assert processes.run(killed, code=1).stderr == (
        "qwpinn: error: worker 1 was killed by signal 9 (SIGKILL); the others were ended. The same "
        "command with --resume goes on from the last checkpoint.\n"
    )
    assert sorted(path.name for path in pids.iterdir()) == ["0", "1"]
    assert not any(Path(f"/proc/{path.read_text()}").exists() for path in pids.iterdir())
    assert epochs_in(tmp_path / ".wells-backup") in (3, 4)
    resumed = processes.run(training(output, "--workers", "2", "--resume"))
    assert resumed.stderr == ""
    assert resumed.stdout.count("Going on after epoch") == 1
    assert_same(output, trained[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["family.toml", "wells"]


class Clock:
    """Time as `workers` sees it: it goes on while somebody sleeps, and then something happens."""

    def __init__(self, **events):
        self.now, self.events = 0.0, events

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        if event := self.events.pop(f"at_{self.now:g}", None):
            event()


@pytest.fixture
def watched(monkeypatch):
    """What a watchdog does at given times, in seconds: when it ends the process, or None."""

    def watch(**events):
        clock, threads, ended = Clock(), [], []

        def started(target, daemon):
            return SimpleNamespace(start=lambda: threads.append(target))

        monkeypatch.setattr(distributed, "time", clock)
        monkeypatch.setattr(distributed, "threading", SimpleNamespace(Thread=started))
        watchdog = distributed.Watchdog(lambda: ended.append(clock.now))
        for moment, event in events.items():
            clock.events[moment] = lambda event=event: getattr(watchdog, event)(0)
        watchdog.on_train_begin()
        threads[0]()
        assert clock.events == {}
        return (*ended, None)[0]

    return watch


@pytest.mark.parametrize(
    ("events", "ended"),
    [
        # The first epoch waits for slower workers.
        ({}, distributed.FIRST),
        # Others may take 20 times the longest so far, and a minute at least.
        ({"at_100": "on_epoch_end"}, 100.0 + 20.0 * 100.0),
        ({"at_100": "on_epoch_end", "at_101": "on_epoch_end"}, 101.0 + 20.0 * 100.0),
        ({"at_1": "on_epoch_end"}, 1.0 + distributed.LEAST),
        ({"at_1": "on_epoch_end", "at_2": "on_train_end"}, None),
        ({"at_2": "on_train_end"}, None),
    ],
)
def test_a_watchdog_ends_what_hangs(watched, events, ended):
    assert watched(**events) == (None if ended is None else ended + distributed.LOOK)


# The first leaves because the second was killed, and so after it.
LEAVING = """if index == 1:
    with open("pid", "w") as file:
        file.write(str(os.getpid()))
    os.kill(os.getpid(), 9)
with open("pid") as file:
    stat = f"/proc/{file.read()}/stat"
try:
    while open(stat).read().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)
except FileNotFoundError:
    pass
os._exit(75)"""


@pytest.mark.kills
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("sys.exit(0)", (0, [])),
        # The first says itself what is wrong.
        ("sys.exit(2 if index == 0 else 0)", (2, [])),
        (
            "sys.exit('bad' if index == 1 else time.sleep(60))",
            (1, ["worker 1 ended with exit code 1; the others were ended: bad"]),
        ),
        (
            LEAVING,
            (
                137,
                [
                    "worker 1 was killed by signal 9 (SIGKILL); the others were ended. The same "
                    "command with --resume goes on from the last checkpoint."
                ],
            ),
        ),
        ("os._exit(75)", (75, [distributed.GONE])),
    ],
)
def test_workers_end_together_and_the_cause_is_said(tmp_path, monkeypatch, code, said):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pid")
    task = "index = json.loads(os.environ['TF_CONFIG'])['task']['index']"
    command = processes.program(f"import json, os, sys, time; {task}\n{code}")
    heard = []
    assert distributed.run_workers(command, 2, heard.append) == said[0]
    assert heard == said[1]
