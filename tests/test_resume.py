"""Killed in mid-training, a solution goes on where it was."""

import json
import signal

import numpy as np
import processes
import pytest

import qwpinn
from qwpinn import cli
from qwpinn.backup import EPOCH, PREVIOUS, PROBLEM, WEIGHTS, backed_up

EPOCHS = 40
SOLVE = ["solve", "finite_well", "--units", "20", "--epochs", str(EPOCHS), "--rtol", "1e-11"]
TWO = {"potential": {"class": "FiniteWell", "depth": 20.0}, "states": 2, "x": None}


def epochs_in(folder):
    try:
        return json.loads((folder / EPOCH).read_text())["epoch"]
    except (OSError, ValueError):
        return 0


def stopped(output, how, epochs, code):
    """The command, which gets a signal after so many epochs; its backup, and its errors."""
    command = processes.program(processes.stopping(epochs, how), *SOLVE, "--output", output)
    found = processes.run(command, code=code)
    return output.with_name(f".{output.name}-backup"), found.stderr


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    output = tmp_path_factory.mktemp("whole") / "well"
    assert cli.main([*SOLVE, "--output", str(output)]) == 1
    return json.loads((output / "result.json").read_text())


def test_killed_it_goes_on_from_its_last_epoch(tmp_path, uninterrupted, capsys):
    output = tmp_path / "well"
    backup, _ = stopped(output, signal.SIGKILL, epochs=3, code=-signal.SIGKILL)
    assert not output.exists()
    done = epochs_in(backup)
    assert done == 3

    # Another problem is refused, and nothing is lost by the attempt.
    other = [*SOLVE, "--depth", "21", "--states", "2", "--output", str(output), "--resume"]
    assert cli.main(other) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "another potential.depth (20.0 there, 21.0 here); another states" in error
    assert epochs_in(backup) == done

    assert cli.main([*SOLVE, "--output", str(output), "--resume"]) == 1
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
        backed_up(output, problem, resume, said.append) as backup,
    ):
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
    with backed_up(output, problem, True, said.append) as backup:
        data = qwpinn.collocation(model.potential)
        model.fit(data, epochs=epochs, callbacks=[backup], verbose=0)
    return backup, said


def test_weights_and_damping_come_back(tmp_path, small_model, finite_well):
    folder, _ = interrupted(tmp_path / "well", small_model)
    again = fresh(finite_well)
    backup, said = resumed(tmp_path / "well", again)
    assert backup.resumed_from == 3
    assert said == ["Going on after epoch 3 of the backup."]
    assert float(again.optimizer.damping) == float(small_model.optimizer.damping)
    for one, other in zip(again.get_weights(), small_model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not folder.exists()


@pytest.mark.parametrize("name", [WEIGHTS, EPOCH])
def test_killed_while_it_wrote_the_epoch_before_is_taken(tmp_path, small_model, finite_well, name):
    folder, _ = interrupted(tmp_path / "well", small_model)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    backup, _ = resumed(tmp_path / "well", fresh(finite_well), epochs=2)
    assert backup.resumed_from == 2


@pytest.mark.parametrize("name", [WEIGHTS, EPOCH, PROBLEM])
def test_damage_is_one_sentence_with_a_cure(tmp_path, small_model, finite_well, name):
    folder, _ = interrupted(tmp_path / "well", small_model)
    for path in (folder / name, folder / (name + PREVIOUS)):
        path.write_bytes(b"[")
    if name == PROBLEM:
        (folder / (name + PREVIOUS)).unlink()
    with pytest.raises(ValueError, match=r"damaged \(.*Leave --resume out to start anew") as error:
        resumed(tmp_path / "well", fresh(finite_well))
    assert "\n" not in str(error.value)


def test_without_resume_an_earlier_backup_is_discarded(tmp_path, small_model, finite_well):
    interrupted(tmp_path / "well", small_model)
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
        ({**TWO, "potential": {"class": "Quartic"}}, r"another potential\.class .*another poten"),
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
