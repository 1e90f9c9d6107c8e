"""The command ``qwpinn bench``: what it prints and leaves behind."""

import csv
import json

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from qwpinn.bench import contest as contests
from qwpinn.bench.results import Result
from qwpinn.cli import parser


def test_it_leaves_a_table_figures_traces_and_each_run(tmp_path, capsys):
    place = tmp_path / "bench"
    wells = ["--wells", "infinite_well,finite_well", "--seeds", "1"]
    command = ["bench", *wells, "--output", str(place)]
    classical = ["--techniques", "finite-differences,legendre-galerkin"]
    assert parser.main([*command, *classical]) == 0
    printed = capsys.readouterr().out
    rows = list(csv.DictReader((place / "results.csv").read_text().splitlines()))
    assert [(row["well"], row["technique"]) for row in rows] == [
        ("infinite_well", "finite-differences"),
        ("infinite_well", "legendre-galerkin"),
        ("finite_well", "finite-differences"),
        ("finite_well", "legendre-galerkin"),
    ]
    assert float(rows[3]["energy_error"]) < 1e-13
    for row in rows:
        assert row["technique"] in printed
        logs = EventAccumulator(str(place / "logs" / row["well"] / row["technique"] / "0"))
        logs.Reload()
        assert logs.Scalars("error of psi")[-1].step == 1
    for well in ("infinite_well", "finite_well"):
        assert (place / f"{well}.png").read_bytes().startswith(b"\x89PNG")
        assert well in printed
    assert max(map(len, printed.splitlines())) <= 80
    problem = json.loads((place / "run.json").read_text())["problem"]
    assert problem["potential"]["finite_well"]["depth"] == 20.0
    # One more technique: the others are kept.
    before = {path: path.stat().st_mtime_ns for path in (place / "runs").iterdir()}
    assert parser.main([*command, "--techniques", "legendre-galerkin", "--resume"]) == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len((place / "results.csv").read_text().splitlines()) == 3
    # Anew, those that are asked for; the others stay.
    assert parser.main([*command, "--techniques", "legendre-galerkin", "--force"]) == 0
    after = {path: path.stat().st_mtime_ns for path in (place / "runs").iterdir()}
    assert after.keys() == before.keys()
    again = {path for path in before if before[path] != after[path]}
    assert again == {path for path in before if "legendre" in path.name}


def test_an_error_of_a_technique_is_told_with_its_place(tmp_path, capsys, monkeypatch):
    def broken(contest, run, core, children):
        said = "Traceback\n  line 7\nRuntimeError: mine"
        return Result(run, failure="RuntimeError: mine", said=said)

    monkeypatch.setattr(contests, "_run", broken)
    place = tmp_path / "bench"
    command = ["bench", "--wells", "infinite_well", "--techniques", "lm", "--seeds", "1"]
    assert parser.main([*command, "--budget", "2", "--output", str(place)]) == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert "Ended by an error: 1 runs; what one said is in" in printed
    assert "line 7" in (place / "runs" / "infinite_well@lm@0@2s.log").read_text()
    assert (place / "results.csv").is_file()
