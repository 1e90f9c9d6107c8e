"""What a command is asked is refused before TensorFlow is loaded, and nothing is left behind."""

import json

import processes
import pytest

OTHER = {"format": 1, "problem": {"potential": {"class": "FiniteWell", "depth": 5.0}}}
WELL = "potential = {kind = 'finite_well'}\n"
FAMILY = f"{WELL}family = {{depth = [5, 9]}}\n"
FILES = {
    "bad.toml": "[potential",
    "odd.toml": "potential = {kind = 'finit_well'}",
    "bad.csv": "0,1\n1,nan\n",
    "family.toml": FAMILY,
    "odd_family.toml": f"{WELL}family = {{dept = [5, 9]}}",
    "taken/thesis.tex": "",
    "other/run.json": json.dumps(OTHER),
    "other/qwpinn.json": "{}",
    "broken/qwpinn.json": "[",
    ".well-backup/problem.json": json.dumps(OTHER["problem"]),
    ".well-backup/epoch_000003.weights.h5": "",
}
SWEEP = ["sweep", "finite_well", "--parameter"]
EVOLVE = ["evolve", "--until", "1"]
MOVED = [*EVOLVE, "harmonic", "--packet=0,0,0.7"]
REFUSED = [
    (["solve", "missing.toml"], "No such file or directory"),
    (["solve", "bad.toml"], "must be a TOML file"),
    (["solve", "odd.toml"], "Did you mean finite_well?"),
    (["compare", "bad.csv"], "line 2, must hold two finite numbers"),
    (["solve", "finite_well", "--depth=-1"], "`depth` must be"),
    (["solve", "finite_well", "--states", "0"], "`states` must be"),
    (["solve", "finite_well", "--units", "0"], "`units` must be an integer of at least 1"),
    (["solve", "finite_well", "--epochs=-1"], "`epochs` must be"),
    (["solve", "finite_well", "--rtol", "nan"], "`rtol` must be"),
    (["solve", "finite_well", "--units", "nmm,eV"], "`length` must be a unit of nm"),
    (["solve", "finite_well", "--mass", "2"], "`--mass` must come with --units"),
    (["solve", "finite_well", "--resume"], "`--resume` must come with the --output"),
    (["solve", "finite_well", "--output", "taken"], "taken"),
    (["solve", "finite_well", "--output", "other"], "another potential.depth (5.0 there, 20.0"),
    (["solve", "finite_well", "--output", "well", "--resume"], "the problem of the backup"),
    (["solve", "finite_well", "--output", "-"], "`--output` must be a folder"),
    ([*SWEEP, "depth", "--values", "1:2"], "`--values` must be FROM:TO:POINTS"),
    ([*SWEEP, "dept", "--values", "1:2:3"], "Did you mean depth?"),
    ([*SWEEP, "depth", "--values", "1:2:3", "--output", "taken"], "taken"),
    (["reproduce", "--naive"], "`--naive` must come with --recipe paper"),
    (["reproduce", "--states", "0"], "`states` must be"),
    ([*EVOLVE, "harmonic", "--packet=0,0"], "`--packet` must be CENTRE,MOMENTUM,WIDTH, 3 numb"),
    ([*EVOLVE, "harmonic", "--packet=0,0,x"], "Received: --packet=0,0,x. For example"),
    ([*EVOLVE, "harmonic", "--packet=0,0,0"], "`width` must be a positive"),
    ([*EVOLVE, "harmonic", "--packet=9,0,1"], "`psi0` must vanish at the walls"),
    ([*EVOLVE, "harmonic"], "required: --packet"),
    (["evolve", "harmonic", "--packet=0,0,1"], "required: --until"),
    ([*MOVED, "--until=-1"], "`--until` must be a positive, finite time"),
    ([*MOVED, "--tol", "0"], "`--tol` must be a positive, finite tolerance"),
    ([*MOVED, "--frames", "1"], "`frames` must be an integer of at least 2"),
    ([*MOVED, "--frames", "2000"], "`frames` must be at most 1736"),
    ([*MOVED, "--drive", "1"], "`--drive` must be AMPLITUDE,FREQUENCY, 2 numbers"),
    ([*MOVED, "--drive", "1,inf"], "`frequency` must be finite"),
    ([*MOVED, "--absorbing=-1"], "`--absorbing` must be a finite length that is not negative"),
    ([*MOVED, "--absorbing", "1,2,3"], "`--absorbing` must be LEFT,RIGHT, 2 numbers"),
    ([*MOVED, "--rtol", "1e-6"], "unrecognized arguments: --rtol"),
    ([*MOVED, "--output", "a.avi"], "`--output` must end in .gif, .html or .mp4 for a film, in"),
    ([*MOVED, "--output", "taken"], "taken"),
    ([*MOVED, "--output", "-"], "`--output` must be a folder, which standard output cannot"),
    ([*EVOLVE, "box2d", "--packet=0,0,1"], "`potential` must be of one dimension for qwpinn.ev"),
    (["evaluate", "missing", "--grid", "0:1:3"], "nothing there"),
    (["evaluate", "broken", "--grid", "0:1:3"], "an unreadable 'qwpinn.json'"),
    (["evaluate", "broken", "--grid", "0:1"], "`--grid` must be FROM:TO:POINTS"),
    (["train-family", "missing.toml", "--output", "new"], "No such file or directory"),
    (["train-family", "odd_family.toml", "--output", "new"], "Did you mean depth?"),
    (["train-family", "family.toml", "--output", "new", "--workers", "0"], "`--workers` must be"),
    (["train-family", "family.toml", "--output", "new", "--wait=-1"], "`--wait` must be"),
    (["train-family", "family.toml", "--output", "new", "--points", "2"], "`points` must be"),
    (["train-family", "family.toml", "--output", "new", "--workers", "7"], "divisible by the 7"),
    (["train-family", "family.toml", "--output", "taken"], "taken"),
    (["design", "missing", "--target", "E0=1"], "nothing there"),
    (["design", "broken", "--target", "E0"], "`--target` must be LEVEL=ENERGY"),
    (["design", "broken", "--target", "E0=1", "--bounds", "depth"], "`--bounds` must be NAME"),
]


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    """What each of the commands says, in one process; and the files before and after."""
    folder = tmp_path_factory.mktemp("refused")
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    found = processes.answers([arguments for arguments, _ in REFUSED], cwd=folder)
    left = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return found, left


@pytest.mark.parametrize("index", range(len(REFUSED)), ids=[" ".join(a) for a, _ in REFUSED])
def test_bad_input_is_refused_in_one_line_without_tensorflow(refused, index):
    _, message = REFUSED[index]
    code, _, error, loaded = refused[0][index]
    assert code == 2
    assert error.startswith("qwpinn: error: ")
    assert error.count("\n") == 1
    assert message in error
    assert not {"tensorflow", "keras"} & set(loaded)


def test_nothing_is_left_behind_and_nothing_is_lost(refused):
    assert refused[1] == set(FILES)
