"""Killed in mid-training, a solution goes on where it was."""

import json
import shutil
import signal

import numpy as np
import processes
import pytest
from kills import epochs_in, killing

import qwpinn
from qwpinn.cli import parser
from qwpinn.cli.backup import EPOCH, PROBLEM, backed_up
from qwpinn.cli.kept import Backup, Values
from qwpinn.storage.contents import is_sweep_folder

# Graphs are written by the programs that are killed, and not by what goes on here.
pytestmark = pytest.mark.usefixtures("without_graphs")
EPOCHS = 8
SOLVE = ["solve", "finite_well", "--units", "20", "--epochs", str(EPOCHS), "--rtol", "1e-11"]
TWO = {"potential": {"class": "FiniteWell", "depth": 20.0}, "states": 2, "x": None}


def stopped(output, how, epochs, code):
    """The command, which gets a signal after so many epochs; its backup, and its errors."""
    command = processes.program(processes.stopping(epochs, how), *SOLVE, "--output", output)
    found = processes.run(command, code=code)
    return output.with_name(f".{output.name}-backup"), found.stderr


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    output = tmp_path_factory.mktemp("whole") / "well"
    assert parser.main([*SOLVE, "--output", str(output)]) == 1
    return json.loads((output / "result.json").read_text())


@pytest.mark.kills
def test_killed_it_goes_on_from_its_last_epoch(tmp_path, uninterrupted, capsys):
    output = tmp_path / "well"
    backup, _ = stopped(output, signal.SIGKILL, epochs=3, code=-signal.SIGKILL)
    assert not output.exists()
    done = epochs_in(backup)
    assert done == 3

    # Another problem is refused, and nothing is lost by the attempt.
    other = [*SOLVE, "--depth", "21", "--states", "2", "--output", str(output), "--resume"]
    assert parser.main(other) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "another potential.depth (20.0 there, 21.0 here); another states" in error
    assert epochs_in(backup) == done

    assert parser.main([*SOLVE, "--output", str(output), "--resume"]) == 1
    assert f"Going on after epoch {done} of the backup." in capsys.readouterr().out
    resumed = json.loads((output / "result.json").read_text())
    assert resumed["resumed_from"] == done
    assert resumed["epochs"] == uninterrupted["epochs"] == EPOCHS
    assert resumed["trace"][1]["epoch"] == done + 1
    for one, other in zip(resumed["states"], uninterrupted["states"], strict=True):
        assert one["lower"] <= other["energy"] <= one["upper"]
        assert other["lower"] <= one["energy"] <= other["upper"]
        # Everything but the order of threads is the same.
        assert one["energy"] == pytest.approx(other["energy"], rel=1e-9)
    assert qwpinn.load(output).energies.shape == (3,)
    assert [path.name for path in tmp_path.iterdir()] == ["well"]


@pytest.mark.kills
def test_ctrl_c_says_how_to_go_on(tmp_path):
    backup, errors = stopped(tmp_path / "well", signal.SIGINT, epochs=2, code=130)
    assert errors == (
        "qwpinn: interrupted; the same command with --resume goes on after epoch 2.\n"
    )
    assert epochs_in(backup) == 2
    assert [path.name for path in tmp_path.iterdir()] == [backup.name]


def interrupted(output, model, problem=TWO, epochs=3, resume=False):
    """Train under a backup, and leave the block by an exception; what was said."""
    said = []
    with (
        pytest.raises(KeyboardInterrupt),
        backed_up(output, problem, resume, said.append) as folder,
    ):
        backup = Backup(folder, said.append)
        data = qwpinn.collocation(model.potential)
        model.fit(data, epochs=epochs, callbacks=[backup], verbose=0)
        raise KeyboardInterrupt
    return output.with_name(f".{output.name}-backup"), said


def fresh(finite_well):
    model = qwpinn.QuantumWellPINN.for_potential(finite_well, states=2, units=16, seed=3)
    model.compile(optimizer=qwpinn.LevenbergMarquardt())
    return model


def resumed(output, model, problem=TWO, epochs=3):
    """Train on from a backup; the callback, and what was said."""
    said = []
    with backed_up(output, problem, True, said.append) as folder:
        backup = Backup(folder, said.append)
        data = qwpinn.collocation(model.potential)
        model.fit(data, epochs=epochs, callbacks=[backup], verbose=0)
    return backup, said


@pytest.fixture(scope="module")
def broken_off(tmp_path_factory, finite_well):
    """A model after three epochs, and the folder of the backup that it left."""
    model = fresh(finite_well)
    folder, _ = interrupted(tmp_path_factory.mktemp("broken") / "well", model)
    return model, folder


@pytest.fixture
def backup_of(broken_off, tmp_path):
    """That backup, for the output "well" here."""
    model, folder = broken_off
    return model, shutil.copytree(folder, tmp_path / folder.name)


def test_weights_and_damping_come_back(tmp_path, backup_of, finite_well):
    model, folder = backup_of
    again = fresh(finite_well)
    backup, said = resumed(tmp_path / "well", again)
    assert backup.resumed_from == 3
    assert said == ["All 3 epochs are in the backup: nothing is left to train."]
    assert float(again.optimizer.damping) == float(model.optimizer.damping)
    for one, other in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not folder.exists()


def test_a_plane_goes_on_as_well(tmp_path):
    def plane():
        well = qwpinn.CircularDot()
        model = qwpinn.QuantumWellPINN.for_potential(well, states=2, units=30, seed=3)
        model.compile(optimizer=qwpinn.LevenbergMarquardt())
        return model

    model, again = plane(), plane()
    interrupted(tmp_path / "well", model, epochs=2)
    backup, said = resumed(tmp_path / "well", again, epochs=2)
    assert (backup.resumed_from, len(said)) == (2, 1)
    np.testing.assert_array_equal(again.energies, model.energies)
    for one, other in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_of_a_damaged_epoch_the_one_before_is_taken(tmp_path, broken_off, finite_well):
    folder = shutil.copytree(broken_off[1], tmp_path / ".well-backup")
    assert sorted(path.name for path in folder.glob("epoch_*")) == [
        EPOCH.format(2),
        EPOCH.format(3),
    ]
    content = (folder / EPOCH.format(3)).read_bytes()
    (folder / EPOCH.format(3)).write_bytes(content[: len(content) // 2])
    backup, said = resumed(tmp_path / "well", fresh(finite_well), epochs=2)
    assert backup.resumed_from == 2
    assert said == ["All 2 epochs are in the backup: nothing is left to train."]
    shutil.copytree(broken_off[1], folder)
    (folder / EPOCH.format(3)).write_bytes(b"")
    _, said = resumed(tmp_path / "well", fresh(finite_well))
    assert said == ["Going on after epoch 2 of the backup, for the one after it is damaged."]


def damage_epochs(folder):
    for path in folder.glob("epoch_*"):
        path.write_bytes(b"[")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (damage_epochs, r"damaged \(epoch 3, \w+: .*; epoch 2, .*Leave --resume out to start anew"),
        (
            lambda folder: (folder / PROBLEM).write_text("["),
            r"'problem\.json' is unreadable \(JSONDecodeError: .*nothing in it is removed",
        ),
        (
            lambda folder: (folder / PROBLEM).write_text("[" * 100_000),
            r"damaged \('problem\.json' is unreadable \(RecursionError: ",
        ),
        (lambda folder: (folder / PROBLEM).write_text("[]"), r"unreadable \(no table\)"),
        (lambda folder: (folder / PROBLEM).unlink(), r"damaged \(there is no 'problem\.json'\)"),
    ],
)
def test_damage_is_one_sentence_and_removes_nothing(
    tmp_path, backup_of, finite_well, damage, message
):
    _, folder = backup_of
    damage(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ValueError, match=message) as error:
        resumed(tmp_path / "well", fresh(finite_well))
    assert "\n" not in str(error.value)
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    # The problem is written anew once it is known to be the same.
    assert {**after, PROBLEM: 0} == {**before, PROBLEM: 0}


def test_a_failure_after_a_damaged_problem_keeps_the_weights(tmp_path, backup_of):
    """However the run ends: what is a backup is told by the weights alone."""
    _, folder = backup_of
    with (
        pytest.raises(ZeroDivisionError),
        backed_up(tmp_path / "well", TWO, True, print),
    ):
        (folder / PROBLEM).write_text("")
        raise ZeroDivisionError
    assert epochs_in(folder) == 3


@pytest.mark.usefixtures("backup_of")
def test_without_resume_an_earlier_backup_is_discarded(tmp_path, finite_well):
    folder, said = interrupted(tmp_path / "well", fresh(finite_well), epochs=1)
    assert said == ["The backup of an earlier run, 3 epochs, is discarded without --resume."]
    assert epochs_in(folder) == 1


def test_with_nothing_to_resume_it_starts_from_the_beginning(tmp_path, finite_well):
    backup, said = resumed(tmp_path / "well", fresh(finite_well), epochs=1)
    assert said == ["There is no backup to resume: starting from the beginning."]
    assert backup.resumed_from == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("problem", "difference"),
    [
        ({**TWO, "states": 3}, r"another states \(2 there, 3 here\)"),
        ({**TWO, "x": 5}, r"another x \(none there, 5 here\)"),
        (
            {**TWO, "potential": {"class": "Quartic"}},
            r"another potential \(FiniteWell there, Quartic here\)\. Give",
        ),
        ({**TWO, "states": [0.123456789] * 99}, r"another states\. Give"),
    ],
)
def test_another_problem_is_refused_by_what_differs(tmp_path, problem, difference):
    folder = tmp_path / ".well-backup"
    folder.mkdir()
    (folder / PROBLEM).write_text(json.dumps(TWO))
    with (
        pytest.raises(ValueError, match=difference),
        backed_up(tmp_path / "well", problem, True, print),
    ):
        pass
    assert (folder / PROBLEM).is_file()


@pytest.mark.parametrize("resume", [False, True])
def test_files_of_others_are_never_removed(tmp_path, resume):
    folder = tmp_path / ".well-backup"
    folder.mkdir()
    (folder / "notes.txt").write_text("dear")
    with (
        pytest.raises(ValueError, match="nothing was removed"),
        backed_up(tmp_path / "well", TWO, resume, print),
    ):
        pass
    assert (folder / "notes.txt").read_text() == "dear"


QUICK = ["solve", "finite_well", "--units", "14", "--epochs", "3", "--states", "1"]


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """The energies that the unbroken command finds."""
    output = tmp_path_factory.mktemp("quick") / "well"
    parser.main([*QUICK, "--output", str(output)])
    return qwpinn.load(output).energies.numpy()


@pytest.mark.kills
@pytest.mark.parametrize(
    ("event", "earlier", "said"),
    [
        ("after a checkpoint", False, "Going on after epoch 1 of the backup."),
        ("in the middle of a checkpoint", False, "nothing in the backup yet"),
        ("between the two halves of the exchange", True, "All 3 epochs are in the backup"),
        ("with the result in place, before the backup goes", True, "Nothing left to do"),
    ],
)
def test_killed_at_an_event(tmp_path, quick, capsys, event, earlier, said):
    """Nothing is half-written, what was there is not lost, and all goes on as if unbroken."""
    output = tmp_path / "well"
    if earlier:
        assert parser.main([*QUICK, "--output", str(output), "--seed", "1"]) in (0, 1)
        was = qwpinn.load(output).energies.numpy()
    command = killing(event, *QUICK, "--output", output)
    processes.run(command, code=-signal.SIGKILL)
    left = {path.name for path in tmp_path.iterdir()}
    assert ".well-backup" in left
    if "exchange" in event:
        # What was there lies beside it, whole, until the next run puts it back.
        aside = tmp_path / ".well.qwpinn-previous"
        np.testing.assert_array_equal(qwpinn.load(aside).energies, was)
    elif output.exists():
        qwpinn.load(output)
    capsys.readouterr()
    assert parser.main([*QUICK, "--output", str(output), "--resume"]) in (0, 1)
    assert said in " ".join(capsys.readouterr().out.split())
    np.testing.assert_allclose(qwpinn.load(output).energies, quick, rtol=1e-12)
    assert [path.name for path in tmp_path.iterdir()] == ["well"]


def test_what_was_exchanged_half_is_put_back(tmp_path, small_model):
    small_model.export(tmp_path / "well")
    shutil.move(tmp_path / "well", tmp_path / ".well.qwpinn-previous")
    (tmp_path / ".well.qwpinn-draft").mkdir()
    with pytest.raises(KeyboardInterrupt), backed_up(tmp_path / "well", TWO, False, print):
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["well"]
    qwpinn.load(tmp_path / "well")


def test_a_run_resumed_at_its_end_shows_so(tmp_path, capsys, monkeypatch):
    output = str(tmp_path / "well")
    code = parser.main([*QUICK, "--output", output])
    whole = capsys.readouterr().out
    monkeypatch.setattr("qwpinn.cli.commands.solve", lambda *_, **__: pytest.fail("solved again"))
    assert parser.main([*QUICK, "--output", output, "--resume"]) == code
    again = capsys.readouterr().out
    assert "Nothing left to do: this run had finished. Its result:" in again
    # The same table, to the last digit of every doubt.
    assert again[again.index("state ") :] == whole[whole.index("state ") :]


SWEEP = ["sweep", "finite_well", "--parameter", "depth", "--epochs", "2", "--units", "40"]
SWEEP += ["--values", "5,10,15,20", "--states", "2"]


@pytest.mark.kills
def test_a_sweep_that_was_killed_goes_on_after_its_last_value(tmp_path, capsys):
    parser.main([*SWEEP, "--output", str(tmp_path / "whole")])
    output = tmp_path / "sweep"
    killed = killing("in the middle of a value", *SWEEP, "--output", output, count=5)
    processes.run(killed, code=-signal.SIGKILL)
    folder = tmp_path / ".sweep-backup"
    assert len(list(folder.glob("value_*.json"))) == 2
    assert not output.exists()
    resume = [*SWEEP, "--output", str(output), "--resume"]
    assert parser.main([*resume, "--seed", "1"]) == 2
    assert "another seed (0 there, 1 here)" in capsys.readouterr().err
    parser.main(resume)
    printed = capsys.readouterr().out
    assert "Going on after value 2 of the backup." in printed
    one, other = ((tmp_path / name / "sweep.csv").read_text() for name in ("whole", "sweep"))
    np.testing.assert_allclose(numbers(one), numbers(other), rtol=1e-9, atol=1e-11)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sweep", "whole"]
    parser.main(resume)
    again = capsys.readouterr().out
    assert "Nothing left to do: this run had finished. Its result:" in again
    assert [line.split()[:3] for line in again.splitlines() if line.startswith("    5")] == [
        line.split()[:3] for line in printed.splitlines() if line.startswith("    5")
    ]


def numbers(text):
    return np.array([line.split(",") for line in text.splitlines()[1:]], float)


def test_a_damaged_value_is_said_and_kept(tmp_path):
    well = qwpinn.FiniteWell()
    first = qwpinn.solve(well, recipe=qwpinn.Precise(units=16, epochs=0))
    with (
        pytest.raises(KeyboardInterrupt, match="goes on after value 1"),
        backed_up(tmp_path / "sweep", TWO, False, print, is_sweep_folder, "value") as folder,
    ):
        Values(folder, print).keep(0, first)
        raise KeyboardInterrupt
    said = []
    with pytest.raises(ZeroDivisionError):
        again(tmp_path, said)
    assert said == ["Going on after value 1 of the backup."]
    (weights,) = (tmp_path / ".sweep-backup").glob("value_*.weights.h5")
    weights.write_bytes(b"[")
    with pytest.raises(ValueError, match=r"damaged \(value 1, OSError: .*nothing in it is removed"):
        again(tmp_path, said)
    assert weights.read_bytes() == b"["


def again(folder, said):
    """Restore a sweep of two values, number for number, and fail."""
    well = qwpinn.FiniteWell()
    place = folder / "sweep"
    with backed_up(place, TWO, True, said.append, is_sweep_folder, "value") as backup:
        (one,) = Values(backup, said.append).restored(2)
        first = qwpinn.solve(well, recipe=qwpinn.Precise(units=16, epochs=0))
        assert one.potential == well
        np.testing.assert_array_equal(one.energies, first.energies)
        np.testing.assert_array_equal(one.lower, first.lower)
        np.testing.assert_array_equal(one.quantum_numbers, first.quantum_numbers)
        raise ZeroDivisionError
