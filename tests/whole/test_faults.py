"""Faults of commands that end well: one line, exit code 2, and nothing lost."""

import json
import re

import numpy as np
import pytest

import qwpinn
from qwpinn.cli import commands, parser
from qwpinn.solving.recipes import Precise
from qwpinn.storage import runs

# Where a fault is found, no graph is asserted.
pytestmark = pytest.mark.usefixtures("without_graphs")
QUICK = ["--units", "14", "--epochs", "0", "--states", "1"]


@pytest.fixture
def unsolved(monkeypatch):
    """Nothing may be solved: what is wrong is found before the work."""
    monkeypatch.setattr("qwpinn.cli.commands.solve", lambda *_, **__: pytest.fail("solved"))
    monkeypatch.setattr("qwpinn.solving.workers.solve", lambda *_, **__: pytest.fail("solved"))
    monkeypatch.setattr("qwpinn.solving.reproduction.solve", lambda *_, **__: pytest.fail("solved"))


def refused(capsys, *arguments):
    """The one line that a command ends with."""
    assert parser.main([str(argument) for argument in arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("qwpinn: error: ")
    assert error.count("\n") == 1
    return error.removeprefix("qwpinn: error: ").rstrip()


def test_the_result_of_another_problem_stays_without_force(tmp_path, capsys):
    output = tmp_path / "well"
    solve = ["solve", "finite_well", *QUICK, "--output", str(output)]
    parser.main(solve)
    before = (output / "result.json").read_bytes()
    assert refused(capsys, *solve, "--depth", "30") == (
        "`--output` must be new, empty or an earlier result of the same problem. Received: "
        f"'{output}', a result of another potential.depth (20.0 there, 30.0 here). Choose another "
        "output, or give --force to replace it; nothing was overwritten."
    )
    assert "a result of another potential (FiniteWell there, Morse here). Choose" in refused(
        capsys, "solve", "morse", *QUICK, "--output", output
    )
    assert (output / "result.json").read_bytes() == before
    # Other settings are the same problem: the command can be given again, and better.
    assert parser.main([*solve, "--seed", "1"]) in (0, 1)
    assert json.loads((output / "result.json").read_text())["settings"]["seed"] == 1
    assert parser.main([*solve, "--depth", "30", "--force"]) in (0, 1)
    assert json.loads((output / "result.json").read_text())["potential"]["depth"] == 30.0
    assert qwpinn.load(output).potential == qwpinn.FiniteWell(depth=30.0)


def test_a_model_that_python_wrote_has_a_problem_too(tmp_path, capsys, unsolved, small_model):
    output = tmp_path / "well"
    small_model.export(output)
    found = refused(capsys, "solve", "infinite_well", "--output", output)
    assert "a result of another potential (FiniteWell there, InfiniteWell here). Choo" in found
    (output / "qwpinn.json").write_text("[" * 100_000)
    found = refused(capsys, "solve", "finite_well", "--output", output)
    assert "a result whose problem cannot be told: 'qwpinn.json' is unreadable (Recur" in found
    assert (output / "qwpinn.weights.h5").is_file()


def test_breakpoints_that_were_found_make_no_other_problem(tmp_path):
    """A jump that a table does not declare: the model has it, the file has not."""
    well = qwpinn.FiniteWell()
    stored = runs._physics({"potential": well.with_breakpoints([0.5]).to_config()})
    assert stored == runs._physics({"potential": well.to_config(), "states": 3})


def test_a_sweep_of_another_parameter_stays(tmp_path, capsys):
    output = tmp_path / "sweep"
    sweep = ["sweep", "finite_well", *QUICK, "--output", str(output), "--values", "2,3"]
    parser.main([*sweep, "--parameter", "width"])
    capsys.readouterr()
    found = refused(capsys, *sweep, "--parameter", "box", "--values", "7,8")
    assert "another parameter (width there, box here)" in found
    # Another potential of the same name too; more values are the same problem.
    assert "another potential.depth" in refused(
        capsys, *sweep, "--parameter", "width", "--depth", "9"
    )
    assert parser.main([*sweep[:-1], "2,2.5,3", "--parameter", "width"]) in (0, 1)
    assert len((output / "sweep.csv").read_text().splitlines()) == 4
    # One of which nothing is known is another's.
    (output / "run.json").unlink()
    found = refused(capsys, *sweep, "--parameter", "width")
    assert "whose problem cannot be told: it has neither 'run.json' nor 'qwpinn.json'" in found
    assert parser.main([*sweep, "--parameter", "width", "--force"]) in (0, 1)


def test_reproduce_keeps_what_is_of_another_well(tmp_path, capsys, unsolved, small_model):
    small_model.export(tmp_path / "savedmodels" / "finite_barrier")
    found = refused(capsys, "reproduce", "--output", tmp_path)
    assert (
        "finite_barrier', a result of another potential (FiniteWell there, FiniteBarrier here)"
        in found
    )
    # Neither the locks nor the drafts of the wells before it are left.
    assert sorted(path.name for path in tmp_path.rglob(".*")) == []


def test_a_family_that_is_another_stays(tmp_path, capsys, small_model):
    file = tmp_path / "wells.toml"
    file.write_text("potential.kind = 'infinite_well'\nfamily.width = [1, 2]")
    small_model.export(tmp_path / "model")
    found = refused(capsys, "train-family", file, "--output", tmp_path / "model")
    assert "a result of another family; another potential" in found


@pytest.mark.parametrize(
    "command",
    [
        ["solve", "infinite_well"],
        ["sweep", "infinite_well", "--parameter", "width", "--values", "1,2"],
        ["reproduce"],
        ["train-family", "wells.toml"],
    ],
)
@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("-", "`--output` must be a folder, which standard output cannot be. Received: --output -"),
        ("", "`--output` must be the name of a file or folder. Received: --output=''."),
    ],
)
def test_an_output_that_is_no_folder(
    tmp_path, monkeypatch, capsys, unsolved, command, output, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wells.toml").write_text("potential.kind='infinite_well'\nfamily.width=[1, 2]")
    assert refused(capsys, *command, "--output", output).startswith(message)
    assert [path.name for path in tmp_path.iterdir()] == ["wells.toml"]


def test_evaluate_takes_a_dash_for_standard_output(tmp_path, monkeypatch, capsys, small_model):
    monkeypatch.chdir(tmp_path)
    small_model.export("well")
    evaluate = ["evaluate", "well", "--grid=0:1:3"]
    assert parser.main(evaluate) == 0
    whole = capsys.readouterr().out
    assert parser.main([*evaluate, "--output", "-"]) == 0
    assert capsys.readouterr().out == whole
    assert whole.splitlines()[0] == "x,psi_0,psi_1"
    assert [path.name for path in tmp_path.iterdir()] == ["well"]


def test_whoever_reads_may_stop(tmp_path, monkeypatch, capsys, small_model):
    small_model.export(tmp_path / "well")

    def closed(text):
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(commands.sys.stdout, "write", closed)
    assert parser.main(["evaluate", str(tmp_path / "well"), "--grid=0:1:3"]) == 1
    monkeypatch.undo()
    assert capsys.readouterr().err == ""


DEEP = 20_000
MOVED = "{kind = 'moved', shift = 0.0, potential = "


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = " + "[" * DEEP + "]" * DEEP, "deep.toml` must nest its tables and lists less"),
        ("potential = " + MOVED * DEEP, "deep.toml` must nest its tables and lists less deeply"),
        # What can still be read is refused by what is missing in it.
        ("potential" + ".first" * 1_500 + " = 1", "must"),
    ],
)
@pytest.mark.parametrize("command", ["solve", "train-family"])
def test_toml_that_is_nested_too_deeply(tmp_path, capsys, text, message, command):
    file = tmp_path / "deep.toml"
    file.write_text(text)
    assert message in refused(capsys, command, file, "--output", tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["deep.toml"]


@pytest.mark.parametrize("depth", [50, 150])
def test_potentials_in_each_other(tmp_path, capsys, depth):
    """Those that can be read are solved, or are too deep for the solver: in one line."""
    file = tmp_path / "deep.toml"
    file.write_text(
        "potential = " + MOVED * depth + "{kind = 'infinite_well', width = 1.0}" + "}" * depth
    )
    code = parser.main(["solve", str(file), *QUICK])
    said = capsys.readouterr().err
    assert (code, said.count("\n")) in ((0, 0), (1, 0), (2, 1))


@pytest.mark.parametrize("depth", [300, 900, DEEP])
def test_json_that_is_nested_too_deeply(tmp_path, capsys, small_model, depth):
    small_model.export(tmp_path / "well")
    file = tmp_path / "well" / "qwpinn.json"
    config = json.loads(file.read_text())
    for place in ("potential", "scaling"):
        deep = json.dumps({**config, "questions": 0, "model": "@"}).replace(
            '"@"',
            f'{{"class_name": "QuantumWellPINN", "config": {{"{place}": '
            + '{"class": "Sum", "first": ' * depth + "1" + "}" * depth + "}}",
        )  # fmt: skip
        file.write_text(deep)
        with pytest.raises(ValueError, match=r"`.*must (nest|be a folder with a saved)") as error:
            qwpinn.load(tmp_path / "well")
        assert "\n" not in str(error.value)


def test_a_config_that_is_nested_too_deeply():
    config = {"class": "InfiniteWell"}
    for _ in range(5_000):
        config = {"class": "Moved", "potential": config, "shift": 0.0}
    with pytest.raises(ValueError, match="`config` must nest its tables and lists less deeply"):
        qwpinn.potentials.potential_from_config(config)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["solve", "finite_well", "--depth", "2_0"], "--depth: must be a number, e.g. 1.5 or 2e-3"),
        (["solve", "finite_well", "--depth", "0x10"], "--depth: must be a number"),
        (["solve", "finite_well", "--depth", "2,5"], "must be a number, .* Received: '2,5'"),
        (["solve", "finite_well", "--depth", "\uff12"], "--depth: must be a number"),
        (["solve", "finite_well", "--states", "1_0"], "--states: must be a whole number, e.g. 12"),
        (["solve", "finite_well", "--rtol", "1_0"], "--rtol: must be a number"),
        (["sweep", "finite_well", "--parameter", "depth", "--values", "0:1_0:3"], "FROM:TO:POINTS"),
        (["sweep", "finite_well", "--parameter", "depth", "--values", "0:10:1_0"], "FROM:TO:POI"),
        (["sweep", "finite_well", "--parameter", "depth", "--values", "1,1_0"], "FROM:TO:POINTS"),
        (["evaluate", "x", "--grid=0:1_0:3"], "`--grid` must be FROM:TO:POINTS"),
        (["design", "x", "--target", "E0=1_0"], "`--target` must be LEVEL=ENERGY"),
        (["design", "x", "--target", "E0=1", "--bounds", "depth=1:1_0"], "`--bounds` must be NAME"),
        (["train-family", "x.toml", "--output", "o", "--members", "1_0"], "--members: must be a w"),
    ],
)
def test_numbers_of_the_command_line_are_read_strictly(capsys, unsolved, arguments, message):
    assert re.search(message, refused(capsys, *arguments))


def test_a_position_twice_is_told_how_jumps_are_given():
    message = (
        r"`x` must increase strictly\. Received: 1\.0 twice\. If V jumps there, give its value on "
        r"the left at 1\.0 and that on the right 1e-5 of the interval further, at 1\.00002; else"
    )
    with pytest.raises(ValueError, match=message):
        qwpinn.Sampled([0.0, 1.0, 1.0, 2.0], [0.0, 0.0, 5.0, 5.0])
    jump = qwpinn.Sampled([0.0, 1.0, 1.00002, 2.0], [0.0, 0.0, 5.0, 5.0])
    assert jump.breakpoints == (1.00001,)
    np.testing.assert_array_equal(jump([0.5, 1.000009, 1.000011, 1.5]), [0.0, 0.0, 5.0, 5.0])
    np.testing.assert_array_equal(jump([0.999, 1.0001]), [0.0, 5.0])


def test_more_solutions_than_values_are_refused():
    first = qwpinn.solve(qwpinn.FiniteWell(), recipe=Precise(units=14, epochs=0))
    with pytest.raises(
        ValueError, match=r"`done` must hold at most one .* Received: 2 of 1 values"
    ):
        qwpinn.sweep(qwpinn.FiniteWell(), "depth", [20.0], done=[first, first])
    found = qwpinn.sweep(qwpinn.FiniteWell(), "depth", [20.0], done=[first])
    assert found.solutions == (first,)
