import csv
import subprocess
import sys

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import qwpinn
from qwpinn import cli, reproduction
from qwpinn.recipes import Paper, Precise


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("cli") / "well"
    model = qwpinn.QuantumWellPINN.for_potential(qwpinn.FiniteWell(), states=2, units=16)
    model.export(path)
    return model, path


def test_reproduce_leaves_models_traces_figures_and_a_table(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cli, "Precise", lambda **options: Precise(epochs=2))
    assert cli.main(["reproduce", "--output", str(tmp_path), "--states", "2"]) == 0
    printed = capsys.readouterr().out
    for name, well in reproduction.wells().items():
        model = qwpinn.load(tmp_path / "savedmodels" / name)
        np.testing.assert_allclose(model.energies, well.levels(2), rtol=1e-6)
        assert (tmp_path / "savedmodels" / name / "saved_model.pb").is_file()
        assert (tmp_path / "figures" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        logs = EventAccumulator(str(tmp_path / "logs" / name / "train"))
        logs.Reload()
        assert "epoch_energy_1_error" in logs.Tags()["tensors"]
        assert name in printed
        assert f"{well.levels(2)[1]:.6f}" in printed
    assert max(len(line) for line in printed.splitlines()) <= 80
    assert "2/2" in printed


def test_reproduce_with_the_papers_recipe_writes_elsewhere(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Paper, "naive", lambda: Paper(epochs=1, steps=2, kinks=False))
    assert cli.main(["reproduce", "--recipe", "paper", "--naive"]) == 0
    assert qwpinn.load("runs/naive/savedmodels/finite_well").trial.features.breakpoints == ()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runs"]
    assert "held" in capsys.readouterr().out


def test_evaluate_writes_the_wavefunctions(saved, tmp_path, capsys):
    model, path = saved
    output = tmp_path / "psi.csv"
    assert cli.main(["evaluate", str(path), "--grid=-3:3:601", "--output", str(output)]) == 0
    with output.open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["x", "psi_0", "psi_1"]
    numbers = np.array(rows[1:], float)
    np.testing.assert_array_equal(numbers[:, 0], np.linspace(-3, 3, 601))
    np.testing.assert_array_equal(numbers[:, 1:], model.predict(numbers[:, 0], verbose=0))
    assert f"E_1 = {float(model.energies[1]):.12g}" in capsys.readouterr().out


def test_evaluate_prints_csv_without_an_output(saved, capsys):
    _, path = saved
    assert cli.main(["evaluate", str(path), "--grid=0:1:3"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "x,psi_0,psi_1"


def test_solve_prints_the_levels_and_saves(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cli, "Precise", lambda **options: Precise(epochs=2))
    output = tmp_path / "deep"
    command = ["solve", "finite_well", "--depth", "30", "--states", "2", "--output", str(output)]
    assert cli.main(command) == 0
    levels = qwpinn.FiniteWell(depth=30.0).levels(2)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    printed = [float(row[1]) for row in rows if row[:1] in (["0"], ["1"])]
    np.testing.assert_allclose(printed, levels, rtol=1e-6)
    np.testing.assert_allclose(qwpinn.load(output).energies, levels, rtol=1e-6)


def test_compare_sets_the_network_beside_the_classical_solvers(capsys):
    assert cli.main(["compare", "infinite_well", "--states", "1"]) == 0
    printed = capsys.readouterr().out
    assert "9.869604" in printed
    for method in ("network", "finite differences", "Legendre-Galerkin"):
        line = next(line for line in printed.splitlines() if line.startswith(method))
        assert float(line.split()[-2]) < 1e-7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["solve", "finite_well", "--width=-1"], "`width` must be"),
        (["solve", "finite_well", "--depth=nan"], "`depth` must be"),
        (["solve", "finite_barrier", "--width", "2"], "`width` must be"),
        (["solve", "infinite_well", "--depth", "2"], "Received: --depth"),
        (["solve", "infinite_well", "--states", "0"], "`states` must be"),
        (["reproduce", "--naive"], "`--naive` must come with --recipe paper"),
        (["reproduce", "--states", "0"], "`states` must be"),
        (["evaluate", "nowhere", "--grid=0:1:5"], "nothing there"),
        (["evaluate", "MODEL", "--grid=0:1"], "`--grid` must be FROM:TO:POINTS"),
        (["evaluate", "MODEL", "--grid=0:nan:5"], "`--grid` must be FROM:TO:POINTS"),
        (["evaluate", "MODEL", "--grid=0:1:0"], "`--grid` must be FROM:TO:POINTS"),
        (["evaluate", "MODEL", "--grid=-9:9:5"], "-9"),
        (["evaluate", "MODEL", "--grid=0:1:5", "--output", "MODEL"], "can be written"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    saved, tmp_path, monkeypatch, capsys, arguments, message
):
    _, path = saved
    monkeypatch.chdir(tmp_path)
    arguments = [str(path) if argument == "MODEL" else argument for argument in arguments]
    assert cli.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("qwpinn: error: ")
    assert error.count("\n") == 1
    assert message in error
    assert list(tmp_path.iterdir()) == []


def test_reproduce_does_not_overwrite_what_is_not_its_own(tmp_path, capsys):
    (tmp_path / "savedmodels" / "infinite_well").mkdir(parents=True)
    (tmp_path / "savedmodels" / "infinite_well" / "notes.txt").write_text("dear")
    assert cli.main(["reproduce", "--output", str(tmp_path)]) == 2
    assert "nothing was overwritten" in capsys.readouterr().err
    assert (tmp_path / "savedmodels" / "infinite_well" / "notes.txt").read_text() == "dear"
    assert not (tmp_path / "logs" / "infinite_well").exists()


def test_the_command_is_quiet_and_has_exit_code_2():
    command = [sys.executable, "-m", "qwpinn", "evaluate", "nowhere", "--grid=0:1:2"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("qwpinn: error: `path` must be a folder with a saved qwpinn")


def test_solve_refuses_a_taken_place_before_it_trains(tmp_path, monkeypatch, capsys):
    (tmp_path / "notes.txt").write_text("dear")
    monkeypatch.setattr(cli, "solve", lambda *arguments, **options: pytest.fail("trained"))
    assert cli.main(["solve", "infinite_well", "--output", str(tmp_path)]) == 2
    assert "nothing was overwritten" in capsys.readouterr().err


def test_interrupt_is_no_traceback(monkeypatch, capsys):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "solve", interrupted)
    assert cli.main(["solve", "infinite_well"]) == 130
    assert "interrupted" in capsys.readouterr().err
