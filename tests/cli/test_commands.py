import contextlib
import csv
import inspect
import io
import json
import re
import sys
import warnings
from dataclasses import MISSING, fields, replace
from functools import partial

import numpy as np
import processes
import pytest
from rich.console import Console
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray

import qwpinn
from qwpinn import references
from qwpinn.cli import commands, parser, targets
from qwpinn.potentials.square_wells import wells
from qwpinn.progress import bars
from qwpinn.sheets import digits
from qwpinn.solving import comparison
from qwpinn.solving.paper import Paper
from qwpinn.solving.recipes import Precise


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("cli") / "well"
    model = qwpinn.QuantumWellPINN.for_potential(qwpinn.FiniteWell(), states=2, units=16)
    model.export(path)
    return model, path


def test_reproduce_leaves_models_traces_figures_and_a_table(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(commands, "Precise", lambda **options: Precise(epochs=2))
    monkeypatch.setattr(commands, "learner", lambda states: Precise(units=12, epochs=4))
    assert parser.main(["reproduce", "--output", str(tmp_path), "--states", "2"]) == 0
    printed = capsys.readouterr().out
    for name, well in wells().items():
        model = qwpinn.load(tmp_path / "savedmodels" / name)
        np.testing.assert_allclose(model.energies, well.levels(2), rtol=1e-6)
        assert (tmp_path / "savedmodels" / name / "saved_model.pb").is_file()
        assert (tmp_path / "figures" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        logs = EventAccumulator(str(tmp_path / "logs" / name / "train"))
        logs.Reload()
        assert {"epoch_energy_1_error", "epoch_damping"} <= set(logs.Tags()["tensors"])
        # The trace is that of the narrow network, which learns.
        losses = [make_ndarray(event.tensor_proto) for event in logs.Tensors("epoch_loss")]
        assert len(losses) == 4
        assert losses[-1] < 0.7 * losses[0]
        assert name in printed
        assert f"{well.levels(2)[1]:.6f}" in printed
    assert max(len(line) for line in printed.splitlines()) <= 80
    assert "2/2" in printed


@pytest.mark.usefixtures("without_graphs")
def test_reproduce_with_the_papers_recipe_writes_elsewhere(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Paper, "naive", lambda: Paper(epochs=1, steps=2, kinks=False))
    assert parser.main(["reproduce", "--recipe", "paper", "--naive"]) == 0
    assert qwpinn.load("runs/naive/savedmodels/finite_well").trial.features.breakpoints == ()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runs"]
    assert "held" in capsys.readouterr().out


def test_evaluate_writes_the_wavefunctions(saved, tmp_path, capsys):
    model, path = saved
    output = tmp_path / "psi.csv"
    assert parser.main(["evaluate", str(path), "--grid=-3:3:601", "--output", str(output)]) == 0
    with output.open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["x", "psi_0", "psi_1"]
    numbers = np.array(rows[1:], float)
    np.testing.assert_array_equal(numbers[:, 0], np.linspace(-3, 3, 601))
    np.testing.assert_array_equal(numbers[:, 1:], model.predict(numbers[:, 0], verbose=0))
    assert f"E_1 = {float(model.energies[1]):.12g}" in capsys.readouterr().out


def test_evaluate_prints_csv_without_an_output(saved, capsys):
    _, path = saved
    assert parser.main(["evaluate", str(path), "--grid=0:1:3"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "x,psi_0,psi_1"


PLANE = ["box2d", "--height", "1.2", "--states", "2", "--units", "60", "--epochs", "0"]


@pytest.fixture(scope="module")
def saved_plane(tmp_path_factory):
    """A plane that ``qwpinn solve`` has solved, and what it printed."""
    path = tmp_path_factory.mktemp("cli") / "plane"
    console = io.StringIO()
    with contextlib.redirect_stdout(console), pytest.MonkeyPatch.context() as patch:
        patch.setattr("qwpinn.networks.saved_model.write_saved_model", lambda *given: None)
        assert parser.main(["solve", *PLANE, "--output", str(path)]) == 0
    return path, console.getvalue()


def test_a_plane_is_solved_and_written(saved_plane):
    path, printed = saved_plane
    levels = qwpinn.Box2D(1.0, 1.2).levels(2)
    result = json.loads((path / "result.json").read_text())
    assert result["potential"] == {"class": "Box2D", "width": 1.0, "height": 1.2}
    assert result["box"] == [0.0, 1.0, 0.0, 1.2]
    assert result["converged"] is True
    for k, state in enumerate(result["states"]):
        assert state["lower"] <= levels[k] <= state["upper"]
        assert (state["quantum_number"], state["cluster"]) == (k, [k])
    with np.load(path / "wavefunctions.npz") as kept:
        assert kept["psi"].shape == (2, kept["x"].size, kept["y"].size)
    assert "Box2D(width=1.0, height=1.2)" in printed
    rows = [row for row in table(printed) if len(row) == 6]
    assert [row[:1] + row[3:4] + row[5:] for row in rows] == [
        [str(k), str(k), "converged"] for k in range(2)
    ]
    assert max(len(line) for line in printed.splitlines()) <= 80


def test_a_plane_that_was_solved_is_shown_again(saved_plane, monkeypatch, capsys):
    path, printed = saved_plane
    monkeypatch.setattr(commands, "solve", lambda *arguments, **options: pytest.fail("trained"))
    assert parser.main(["solve", *PLANE, "--output", str(path), "--resume"]) == 0
    again = capsys.readouterr().out
    assert [row[0] for row in table(again)] == ["0", "1"]
    assert [row[1] for row in table(again)] == [row[1] for row in table(printed)]


def test_evaluate_takes_a_grid_of_the_plane(saved_plane, tmp_path, capsys):
    path, _ = saved_plane
    output, grids = tmp_path / "psi.csv", ["--grid=0:1:5", "--grid-y=0.2:1.0:3"]
    assert parser.main(["evaluate", str(path), *grids, "--output", str(output)]) == 0
    assert "Wavefunctions at 15 points" in capsys.readouterr().out
    with output.open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["x", "y", "psi_0", "psi_1"]
    numbers = np.array(rows[1:], float)
    x, y = np.meshgrid(np.linspace(0, 1, 5), np.linspace(0.2, 1.0, 3), indexing="ij")
    np.testing.assert_array_equal(numbers[:, :2], np.stack([x.ravel(), y.ravel()], axis=-1))
    expected = np.sin(np.pi * x.ravel()) * np.sin(np.pi * y.ravel() / 1.2) * 2.0 / 1.2**0.5
    np.testing.assert_allclose(np.abs(numbers[:, 2]), expected, atol=1e-5)
    assert parser.main(["evaluate", str(path), grids[0]]) == 2
    error = capsys.readouterr().err
    assert "`--grid` must come with --grid-y for a model of the plane" in error
    assert parser.main(["evaluate", str(path), "--grid=0:2:3", grids[1]]) == 2
    assert "must lie in the box" in capsys.readouterr().err


def test_sweep_varies_a_number_of_a_plane(tmp_path, capsys):
    """Dots farther apart have a higher ground state; that at 2.2 is of spectral elements."""
    command = ["sweep", "coupled_dots", "--parameter", "distance", "--values", "2.2,2.5"]
    command += ["--states", "1", "--units", "100", "--epochs", "0", "--rtol", "0.1"]
    assert parser.main([*command, "--output", str(tmp_path / "sweep")]) == 0
    assert "Varied: distance, from 2.2 on." in capsys.readouterr().out
    with (tmp_path / "sweep" / "sweep.csv").open() as file:
        near, far = list(csv.DictReader(file))
    assert (near["distance"], far["distance"]) == ("2.2", "2.5")
    assert float(near["E_0_lower"]) <= 6.4709332820917 <= float(near["E_0_upper"])
    assert float(near["E_0"]) == pytest.approx(6.4709332820917, rel=2e-3)
    assert float(near["E_0"]) < float(far["E_0"])


def table(printed):
    """The rows of a printed table of states, split into cells."""
    lines = [line.split() for line in printed.splitlines()]
    return [cells for cells in lines if cells and cells[0].isdigit()]


def test_solve_prints_the_levels_with_their_error_bars(capsys):
    assert parser.main(["solve", "finite_well", "--depth", "30", "--states", "2"]) == 0
    printed = capsys.readouterr().out
    levels = qwpinn.FiniteWell(depth=30.0).levels(2)
    rows = table(printed)
    assert len(rows) == 2
    for k, (state, energy, width, level, nodes, _, status) in enumerate(rows):
        value, doubt = re.fullmatch(r"([\d.]+)\((\d+)\)", energy).groups()
        unit = 10.0 ** -len(value.partition(".")[2])
        assert abs(float(value) - levels[k]) <= int(doubt) * unit
        assert float(width) <= 1e-6
        assert (state, level, nodes, status) == (str(k), str(k), str(k), "converged")
    assert max(len(line) for line in printed.splitlines()) <= 80
    assert "enclosure" in printed


def test_solve_says_up_front_which_states_the_box_holds(capsys):
    options = ["--states", "4", "--units", "40", "--epochs", "0"]
    parser.main(["solve", "finite_well", "--depth", "7", *options])
    said = "2 of the 4 states lie below V at the walls; the box holds the others.\n"
    assert capsys.readouterr().out.index(said) < 200
    parser.main(["solve", "harmonic", *options])
    assert "states lie below" not in capsys.readouterr().out


@pytest.mark.usefixtures("without_graphs")
def test_a_tolerance_out_of_reach_is_exit_code_1_and_written_all_the_same(tmp_path, capsys):
    output = tmp_path / "well"
    small = ["--units", "12", "--epochs", "1", "--rtol", "1e-11"]
    assert parser.main(["solve", "finite_well", *small, "--output", str(output)]) == 1
    printed = capsys.readouterr().out
    assert [row[-2:] for row in table(printed)] == [["too", "wide"]] * 3
    assert "states 0, 1, 2: The enclosure holds its level, but is wider than" in printed
    assert max(len(line) for line in printed.splitlines()) <= 80
    assert json.loads((output / "result.json").read_text())["status"] == "TOO_WIDE"
    assert [path.name for path in tmp_path.iterdir()] == ["well"]


@pytest.mark.usefixtures("without_graphs")
def test_solve_takes_descriptions_and_options_win_over_them(tmp_path, capsys):
    file = tmp_path / "well.toml"
    file.write_text(
        "[potential]\nkind = 'infinite_well'\n[solve]\nstates = 2\nrtol = 1e-3\nseed = 5\n"
    )
    output = tmp_path / "result"
    small = ["--units", "20", "--epochs", "0", "--states", "1"]
    assert parser.main(["solve", str(file), *small, "--output", str(output)]) == 0
    # The path may be of any length: its line breaks somewhere.
    assert "well.toml(infinite_well)" in "".join(capsys.readouterr().out.split())
    settings = json.loads((output / "result.json").read_text())["settings"]
    assert settings == {"states": 1, "rtol": 1e-3, "seed": 5, "units": 20, "epochs": 0}


def test_solve_takes_tables(tmp_path, capsys):
    file = tmp_path / "ramp.csv"
    file.write_text("x,V\n0,0\n2,0\n4,3\n")
    assert parser.main(["solve", str(file), "--states", "1", "--epochs", "0"]) == 0
    sampled = qwpinn.Sampled([0, 2, 4], [0, 0, 3])
    exact = references.legendre_galerkin(sampled, 1).energies[0]
    np.testing.assert_allclose(
        float(table(capsys.readouterr().out)[0][1].partition("(")[0]), exact, rtol=1e-6
    )


def test_every_ready_potential_is_a_target():
    """All that need only numbers, with the fields of each as options."""
    plain = {
        name
        for name in qwpinn.__all__
        if inspect.isclass(cls := getattr(qwpinn, name))
        and issubclass(cls, qwpinn.Potential | qwpinn.PlanePotential)
        and cls not in (qwpinn.Potential, qwpinn.PlanePotential)
        and all(field.default is not MISSING for field in fields(cls))
    }
    assert {kind.__name__ for kind in targets.READY.values()} == plain
    assert targets.numbers(qwpinn.Morse) == {"depth": float, "alpha": float, "minimum": float}
    assert targets.numbers(qwpinn.KronigPenney)["wells"] is int
    for name, kind in targets.READY.items():
        assert kind().name == name


@pytest.mark.parametrize(
    ("target", "source"),
    [
        ("kronig_penney", "roots of the exact matching"),
        ("harmonic", "levels in closed form"),
        ("quartic", "Legendre-Galerkin"),
    ],
)
def test_compare_sets_the_network_beside_the_classical_solvers(capsys, target, source):
    command = ["compare", target, "--states", "2", "--epochs", "0", "--rtol", "1e-8"]
    assert parser.main(command) == 0
    printed = capsys.readouterr().out
    assert f"the reference, {source}," in printed
    methods = 3 if source != "Legendre-Galerkin" else 2
    for state, _, *distances, enclosure in table(printed):
        assert len(distances) == methods, state
        assert max(map(float, distances)) < 1e-7
        assert float(distances[0]) <= float(enclosure) <= 1e-8
    assert max(len(line) for line in printed.splitlines()) <= 80


def test_compare_knows_planes(monkeypatch, capsys):
    rougher = partial(references.plane_differences, points=60)
    finest = partial(references.spectral_elements, degree=6)
    monkeypatch.setitem(comparison.ROUGHER, 2, ("finite differences", rougher))
    monkeypatch.setitem(comparison.FINEST, 2, ("spectral elements", finest))
    assert parser.main(["compare", *PLANE]) == 0
    printed = capsys.readouterr().out
    assert "the reference, levels in closed form," in printed
    rows = table(printed)
    assert len(rows) == 2
    for _, _, *distances, enclosure in rows:
        network, rough, fine = map(float, distances)
        assert network <= float(enclosure) < 1e-8
        assert fine < 1e-7 < rough < 1e-3


def test_help_says_whose_the_fields_are(capsys):
    with pytest.raises(SystemExit, match="0"):
        parser.main(["solve", "--help"])
    printed = capsys.readouterr().out
    assert re.search(r"--omega X +harmonic\n", printed)
    assert re.search(r"--well-width X +kronig_penney\n", printed)


def test_the_bar_fills_as_the_enclosure_shrinks(small_model):
    enclosure = qwpinn.certify(small_model)
    display = bars.enclosure_display(Console(file=io.StringIO()))
    bar = bars.EnclosureBar(display, rtol=1e-30)
    (task,) = display.tasks
    assert task.completed == 0.0
    bar.report(small_model, enclosure)
    width = enclosure.relative_width(0.0)
    assert task.description == f"16 units, enclosure {width:.1e}"
    assert task.completed == pytest.approx(np.log10(width) / -30.0)
    bar.on_epoch_begin(6)
    assert "16 units, epoch 7, enclosure" in task.description
    unproven = replace(enclosure, quantum_numbers=np.array([0, -1]))
    bar.report(small_model, unproven)
    assert (task.completed, task.description) == (0.0, "16 units, epoch 7, level unproven")


@pytest.mark.parametrize(
    ("energy", "lower", "upper", "expected"),
    [
        (1.6394801885, 1.63948009, 1.63948022, "1.63948019(11)"),
        (-20.5, -20.5000001, -20.4999999, "-20.50000000(11)"),
        (1234.0, 200.0, 1300.0, "1234(1034)"),
        (0.0, -0.0009, 0.00099, "0.00000(99)"),
        (2.0, 2.0, 2.0, "2"),
        (2.0, -np.inf, 2.0, "2"),
    ],
)
def test_uncertainties_are_rounded_up(energy, lower, upper, expected):
    assert digits.with_uncertainty(energy, lower, upper) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["solve", "finite_well", "--width=-1"], "`width` must be"),
        (["solve", "finite_well", "--depth=nan"], "`depth` must be"),
        (["solve", "finite_barrier", "--width", "2"], "`width` must be"),
        (["solve", "infinite_well", "--depth", "2"], "given by --width. Received: --depth"),
        (
            ["solve", "kronig_penney", "--wells", "2.5"],
            "--wells: must be a whole number, e.g. 12",
        ),
        (["solve", "infinite_well", "--states", "0"], "`states` must be"),
        (["solve", "infinite_well", "--rtol", "nan"], "`rtol` must be"),
        (["solve", "infinite_well", "--seed=-1"], "`seed` must be"),
        (["solve", "infinite_well", "--epochs=-1", "--output", "new"], "`epochs` must be"),
        (["solve", "infinite_well", "--units", "2", "--output", "new"], "`states` must be at most"),
        (["solve", "infinite_well", "--width", "1e-200"], "for floating point to hold its levels"),
        (["solve", "infinite_well", "--resume"], "`--resume` must come with the --output"),
        (["solve", "infinit_well"], "one of infinite_well, finite_well,"),
        (["solve", "well.txt"], "or a file that ends in .csv or .toml. Received: well.txt"),
        (["solve", "nowhere.csv"], "nowhere.csv"),
        (["solve", "infinite_well", "--widht", "2"], "unrecognized arguments: --widht"),
        (["solve"], "required: TARGET. See qwpinn solve --help"),
        (["--seed"], "required: command"),
        (["compare", "quartic", "--depth", "2"], "Received: --depth"),
        (["reproduce", "--naive"], "`--naive` must come with --recipe paper"),
        (["reproduce", "--states", "0"], "`states` must be"),
        (["evaluate", "nowhere", "--grid=0:1:5"], "nothing there"),
        (["evaluate", "MODEL", "--grid=0:1"], "`--grid` must be FROM:TO:POINTS"),
        (["evaluate", "MODEL", "--grid=0:nan:5"], "`--grid` must be FROM:TO:POINTS"),
        (["evaluate", "MODEL", "--grid=0:1:0"], "`--grid` must be FROM:TO:POINTS"),
        (["evaluate", "MODEL", "--grid=-9:9:5"], "-9"),
        (["evaluate", "MODEL", "--grid=0:1:5", "--output", "MODEL"], "a file to replace"),
        (
            ["evaluate", "MODEL", "--grid=0:1:5", "--grid-y=0:1:5"],
            "`--grid` must come without --grid-y for a model of one dimension",
        ),
        (["evaluate", "MODEL", "--grid=0:1:5", "--grid-y=0:1"], "`--grid-y` must be FROM:TO:POIN"),
        (["solve", "box2d", "--depth", "2"], "given by --width, --height. Received: --depth"),
        (["solve", "circular_dot", "--half", "0.5"], "`regions` must be inside the box"),
        (["solve", "box2d", "--states", "190"], "`states` must be at most 166, for networks of"),
        (["solve", "harmonic", "--units", "nmm,eV"], "`length` must be a unit of nm"),
        (
            ["solve", "harmonic", "--units", "nm,eV,kg"],
            "`--units` must be a unit of length and one",
        ),
        (["solve", "harmonic", "--units", "nm,eV", "--mass", "heavy"], "`mass` must be a number"),
        (["solve", "harmonic", "--mass", "0.067"], "`--mass` must come with --units"),
        (["solve", "finite_well", "--depth", "5 eV"], "`--depth` must be a number where no units"),
        (["solve", "finite_well", "--depth", "5 nm", "--units", "nm,eV"], "the unit nm"),
        (
            ["solve", "finite_well", "--depth", "deep"],
            "must be a number, e.g. 1.5 or 2e-3. Received: 'deep'",
        ),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    saved, tmp_path, monkeypatch, capsys, arguments, message
):
    _, path = saved
    monkeypatch.chdir(tmp_path)
    arguments = [str(path) if argument == "MODEL" else argument for argument in arguments]
    assert parser.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("qwpinn: error: ")
    assert error.count("\n") == 1
    assert message in error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("bad.csv", "x,V\n0,1\n1,two\n", "bad.csv`, line 3, must hold two finite numbers"),
        ("bad.csv", "0,1\n1,nan\n", "bad.csv`, line 2, must hold two finite numbers"),
        ("bad.csv", "0,1\n0,2\n", "bad.csv`, line 2, must lie to the right"),
        ("bad.csv", "", "must hold at least 2 samples"),
        ("bad.toml", "[potential]\nkind = finite_well\n", "at line 2"),
        ("bad.toml", "potential = {kind = 'finite_well', depth = nan}", "`depth` must be"),
        ("bad.toml", "potential = {kind = 'finite'}", "`kind` must be one of"),
        ("bad.toml", "potential = {kind = 'quartic'}\nsolve = {rtol = 0}", "`rtol` must be"),
    ],
)
def test_a_bad_file_is_one_line_and_exit_code_2(tmp_path, capsys, name, content, message):
    file = tmp_path / name
    file.write_text(content)
    assert parser.main(["solve", str(file), "--output", str(tmp_path / "new")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("qwpinn: error: ")
    assert error.count("\n") == 1
    assert message in error
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_gives_its_fields_itself(tmp_path, capsys):
    file = tmp_path / "well.csv"
    file.write_text("0,0\n1,0\n")
    assert parser.main(["solve", str(file), "--width", "2"]) == 2
    assert "must give the fields of its potential itself. Received: --width" in (
        capsys.readouterr().err
    )


def test_reproduce_does_not_overwrite_what_is_not_its_own(tmp_path, capsys):
    (tmp_path / "savedmodels" / "infinite_well").mkdir(parents=True)
    (tmp_path / "savedmodels" / "infinite_well" / "notes.txt").write_text("dear")
    assert parser.main(["reproduce", "--output", str(tmp_path)]) == 2
    assert "nothing was overwritten" in capsys.readouterr().err
    assert (tmp_path / "savedmodels" / "infinite_well" / "notes.txt").read_text() == "dear"
    assert not (tmp_path / "logs" / "infinite_well").exists()


@pytest.mark.programs
def test_the_command_is_quiet_and_has_exit_code_2():
    command = [sys.executable, "-m", "qwpinn", "evaluate", "nowhere", "--grid=0:1:2"]
    result = processes.run(command, code=2)
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("qwpinn: error: `path` must be a folder with a saved qwpinn")


def test_solve_refuses_a_taken_place_before_it_trains(tmp_path, monkeypatch, capsys):
    (tmp_path / "notes.txt").write_text("dear")
    monkeypatch.setattr(commands, "solve", lambda *arguments, **options: pytest.fail("trained"))
    assert parser.main(["solve", "infinite_well", "--output", str(tmp_path)]) == 2
    assert "nothing was overwritten" in capsys.readouterr().err


def test_interrupt_is_no_traceback(monkeypatch, tmp_path, capsys):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "solve", interrupted)
    assert parser.main(["solve", "infinite_well"]) == 130
    assert "interrupted" in capsys.readouterr().err
    assert parser.main(["solve", "infinite_well", "--output", str(tmp_path / "well")]) == 130
    assert "before the first epoch was backed up" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_warnings_are_one_line_and_those_of_arithmetic_none(monkeypatch, capsys):
    def warned(*arguments, **options):
        warnings.warn("overflow", RuntimeWarning, stacklevel=1)
        warnings.warn("look out\nthere", stacklevel=1)
        raise MemoryError

    monkeypatch.setattr(commands, "solve", warned)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert parser.main(["solve", "infinite_well"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "qwpinn: warning: look out",
        "qwpinn: error: the memory is full. Ask for fewer states or units, or a larger rtol.",
    ]


def device_file(folder, **changes):
    text = (
        'potential = { kind = "heterostructure", field = "120 kV/cm", layers = [\n'
        '{ thickness = "20 nm", material = "Al0.2Ga0.8As" },\n'
        '{ thickness = "6 nm", material = "GaAs", name = "well" },\n'
        '{ thickness = "20 nm", material = "Al0.2Ga0.8As" } ] }\n'
        "[solve]\nstates = 2\n"
    )
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    path = folder / "device.toml"
    path.write_text(text)
    return str(path)


def test_solve_shows_what_a_device_is_made_of_and_which_states_are_its_own(tmp_path, capsys):
    assert parser.main(["solve", device_file(tmp_path), "--epochs", "0"]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"1 +20 - 46|well +20 - 26 +6 +GaAs +0\.0000 +0\.067 +yes", printed)
    assert re.search(r"0 - 20 +20 +Al0\.2Ga0\.8As +188\.4000 +0\.0836", printed)
    assert "Field 120 kV/cm; bands: parabolic." in printed
    assert "doi:10.1063/1.1368156" in "".join(printed.split())
    assert re.search(r"energy +<z>\s+state +\(meV\)", printed)
    assert re.search(r"0 %\* +box +converged", printed)
    assert "less than half in the active layers" in printed
    assert re.search(r"Stark shift \(meV\): E_1 -\d\.\d{4}", printed)


def test_compare_knows_devices_with_and_without_a_field(tmp_path, capsys):
    assert parser.main(["compare", device_file(tmp_path), "--epochs", "0"]) == 0
    assert "Legendre-Galerkin, in units" in capsys.readouterr().out
    flat = device_file(tmp_path, field=("120 kV/cm", "0 kV/cm"))
    assert parser.main(["compare", flat, "--epochs", "0"]) == 0
    assert "roots of the exact matching" in capsys.readouterr().out


@pytest.mark.usefixtures("without_graphs")
def test_bands_that_are_not_parabolic_need_no_backup(tmp_path, capsys):
    path = device_file(tmp_path, kind=('field = "120 kV/cm"', "nonparabolic = true"))
    output = tmp_path / "out"
    command = ["solve", path, "--epochs", "0", "--output", str(output)]
    assert parser.main(command) == 0
    assert "bands: mass (1 + (E - V) / gap)" in capsys.readouterr().out
    result = json.loads((output / "result.json").read_text())
    assert result["device"]["nonparabolic"] is True
    assert [step["relative_width"] is None for step in result["trace"]] == [True, True, False]
    assert parser.main([*command, "--resume"]) == 2
    assert "`--resume` must come with bands that are parabolic" in capsys.readouterr().err


def test_sweep_prints_a_table(tmp_path, capsys):
    command = ["sweep", device_file(tmp_path), "--parameter", "well.thickness", "--epochs", "0"]
    assert parser.main([*command, "--values", "6,6.5,7"]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"well\.\s.*\n? *thickness", printed)
    assert "Varied: well.thickness, from 6 on." in printed
    assert re.findall(r"^ +(6|6\.5|7) +\d+\.\d{6}", printed, re.MULTILINE) == ["6", "6.5", "7"]
    command = ["sweep", "finite_well", "--parameter", "depth", "--epochs", "0"]
    assert parser.main([*command, "--values", "10:20:2"]) == 0
    assert re.search(r"10 +1\.407225 ", capsys.readouterr().out)


@pytest.mark.programs
def test_sweep_by_workers_leaves_the_same_table_for_every_number_of_them(tmp_path, monkeypatch):
    monkeypatch.setattr("qwpinn.solving.sweeps.LENGTH", 2)
    command = ["sweep", "finite_well", "--parameter", "depth", "--epochs", "0", "--states", "1"]
    command += ["--values", "10,12,14"]
    for number in ("1", "2"):
        output = ["--workers", number, "--output", str(tmp_path / number)]
        assert parser.main([*command, *output]) == 0
    tables = [(tmp_path / number / "sweep.csv").read_bytes() for number in ("1", "2")]
    assert tables[0] == tables[1]
    assert tables[0].count(b"\n") == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--parameter", "field", "--values", "0:1:2", "--workers", "0"],
            "`--workers` must be an i",
        ),
        (["--parameter", "voltage", "--values", "0:1:2"], "`parameter` must be field"),
        (["--parameter", "field", "--values", "0:1"], "`--values` must be FROM:TO:POINTS"),
        (["--parameter", "field", "--values", "0,a"], "`--values` must be FROM:TO:POINTS"),
        (["--parameter", "field", "--values", "0:9000:3"], "`field` must leave a state bound"),
        (["--parameter", "well.thickness", "--values", "0:9:3"], "`thickness` must be a positive"),
        (["--parameter", "field"], "--values"),
    ],
)
def test_sweep_refuses_in_one_line(options, message, tmp_path, capsys):
    assert parser.main(["sweep", device_file(tmp_path), *options]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_states_of_the_box_alone_are_said(tmp_path, capsys):
    path = device_file(tmp_path, field=("120 kV/cm", "400 kV/cm"))
    assert parser.main(["solve", path, "--epochs", "0"]) == 0
    assert "No state is in the active layers" in capsys.readouterr().out


def test_negative_values_need_no_equals_sign(tmp_path, capsys):
    command = ["sweep", device_file(tmp_path), "--parameter", "field", "--epochs", "0"]
    assert parser.main([*command, "--values", "-10:10:2", "--states", "1"]) == 0
    low, high = re.findall(r"^ +-?10 +(\d+\.\d{6})", capsys.readouterr().out, re.MULTILINE)
    assert low == high


def test_sweep_does_not_overwrite(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    command = ["sweep", device_file(tmp_path), "--parameter", "field", "--values", "0,1"]
    assert parser.main([*command, "--output", str(tmp_path)]) == 2
    assert "nothing was overwritten" in capsys.readouterr().err
