"""What a folder of results says of itself, and whether it is of the same problem."""

import pytest

from qwpinn.storage.runs import backup_of, differences, finished, folder, refuse_another, sign

WELL = {"class": "FiniteWell", "depth": 20.0, "width": 2.0}
PROBLEM = {"potential": WELL, "states": 3}


def test_differences_are_said_key_by_key():
    assert differences(PROBLEM, PROBLEM) == []
    deeper = {"potential": {**WELL, "depth": 21.0}, "seed": 1}
    assert differences(PROBLEM, deeper) == [
        "potential.depth (20.0 there, 21.0 here)",
        "seed (none there, 1 here)",
        "states (3 there, none here)",
    ]
    other = {"potential": {"class": "Morse", "depth": 20.0}, "states": 3}
    assert differences(PROBLEM, other) == ["potential (FiniteWell there, Morse here)"]
    assert differences({"x": "a" * 60}, {"x": "b"}) == ["x"]


def test_a_run_is_finished_where_it_is_of_just_this_problem(tmp_path):
    assert finished(tmp_path, PROBLEM) is None
    for converged in (True, False):
        sign(tmp_path, PROBLEM, converged)
        assert finished(tmp_path, PROBLEM) is converged
    assert finished(tmp_path, {**PROBLEM, "states": 4}) is None
    (tmp_path / "run.json").write_text("[]")
    with pytest.raises(ValueError, match=r"'run.json' is unreadable \(no table\)"):
        finished(tmp_path, PROBLEM)


def test_only_another_problem_is_refused(tmp_path):
    refuse_another(tmp_path / "new", PROBLEM)
    refuse_another(tmp_path, PROBLEM)
    sign(tmp_path, PROBLEM, True)
    refuse_another(tmp_path, {**PROBLEM, "states": 9})
    # Breakpoints that were found in solving make no other problem.
    refuse_another(tmp_path, {"potential": {"class": "Segmented", "potential": WELL}})
    with pytest.raises(ValueError, match=r"a result of another potential.width \(2.0 there, 3.0"):
        refuse_another(tmp_path, {"potential": {**WELL, "width": 3.0}})
    (tmp_path / "run.json").unlink()
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ValueError, match=r"it has neither 'run.json' nor 'qwpinn.json'"):
        refuse_another(tmp_path, PROBLEM)


def test_an_output_is_a_folder(tmp_path):
    assert folder("runs/well") == "runs/well"
    with pytest.raises(ValueError, match=r"`--output` must be a folder.*--output -"):
        folder("-")
    assert backup_of(tmp_path / "well") == tmp_path / ".well-backup"
