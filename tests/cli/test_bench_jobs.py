"""What ``qwpinn bench`` is asked is refused before anything runs, and nothing is left behind."""

import shutil
from pathlib import Path

import pytest
from rich.console import Console

from qwpinn.bench.names import PEERS, TECHNIQUES
from qwpinn.bench.problems import WELLS
from qwpinn.cli import bench_jobs
from qwpinn.cli.options import parser

EXAMPLES = Path(__file__).parents[2] / "examples"
TRIANGLE = "x,V\n0,0\n1,2\n2,0\n"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bench_jobs, "python_of", lambda given, folder, say: given or str(folder))
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "text.tex").write_text("")
    (tmp_path / "earlier" / "runs").mkdir(parents=True)
    (tmp_path / "earlier" / "runs" / "a.json").write_text("{}")
    for place in (tmp_path, tmp_path / "thesis"):
        (place / "mine.csv").write_text(TRIANGLE)
    shutil.copy(EXAMPLES / "gaas_well.toml", "gaas.toml")


def job(*arguments):
    options = parser().parse_args(["bench", "--output", "new", *arguments])
    with bench_jobs.bench(options, Console()) as found:
        return found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--wells", "finit_well"],
            "`--wells` must be of .*Did you mean finite_well",
        ),
        (["--wells", "doublet,doublet"], "`--wells` must be names with commas, each once"),
        (["--wells", "doublet,"], "`--wells` must be names with commas, each once"),
        (["--wells", "missing.csv"], "No such file"),
        (
            ["--wells", "mine.csv,thesis/mine.csv"],
            "`--wells` must be wells that are called otherwise",
        ),
        (["--wells", "gaas.toml"], "gaas.toml, which has units"),
        (["--techniques", "gatd"], "`--techniques` must be of .*Did you mean gated"),
        (["--techniques", "precise+lm"], "Give it alone"),
        (["--seeds", "0"], "`--seeds` must be how many"),
        (["--seeds", "5:5"], "`--seeds` must be how many"),
        (["--seeds", "1,1"], "`--seeds` must be how many"),
        (["--seeds=-1,2"], "`--seeds` must be how many"),
        (["--seeds", "4294967296,1"], "`--seeds` must be how many"),
        (["--seeds", "many"], "`--seeds` must be how many"),
        (["--seeds", "100000"], "`runs` must hold at most"),
        (["--budget", "0"], "`--budget` must be seconds"),
        (["--budget", "nan"], "`--budget` must be seconds"),
        (["--budget", "15m"], "`--budget` must be seconds"),
        (["--budget", "1e9s"], "`--budget` must be seconds"),
        (["--workers", "0"], "`--workers` must be an integer"),
        (["--workers", "100000"], "`--workers` must be at most"),
        (["--output", "thesis"], "thesis"),
        (["--output", "earlier"], "Give --resume to keep"),
    ],
)
def test_what_cannot_be_run_is_refused(tmp_path, arguments, message):
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises((ValueError, OSError), match=message):
        job(*arguments)
    assert sorted(tmp_path.rglob("*")) == before


def test_by_default_all_of_ours_are_run_on_all_wells():
    found = job().contest
    assert list(found.wells) == list(WELLS)
    assert found.techniques == list(TECHNIQUES)
    assert (found.seeds, found.budget, found.deepxde) == ([0, 1, 2], 15.0, None)


@pytest.mark.parametrize(
    ("text", "seeds"), [("2", [0, 1]), ("100:103", [100, 101, 102]), ("7,3", [7, 3])]
)
def test_seeds_are_a_count_a_range_or_a_list(text, seeds):
    assert job("--seeds", text).contest.seeds == seeds


@pytest.mark.parametrize("text", ["2.5", "2.5s", "2.5 s"])
def test_a_budget_may_have_its_unit(text):
    assert job("--budget", text).contest.budget == 2.5


def test_peers_come_beside_what_is_asked_for(tmp_path):
    found = job("--techniques", "lm,deepxde", "--peers", "--workers", "1")
    others = [name for name in PEERS if name != "deepxde"]
    assert found.contest.techniques == ["lm", "deepxde", *others]
    assert found.contest.deepxde == str(tmp_path / "new" / "deepxde")
    assert len(found.cores) == 1
    assert job("--peers", "--deepxde", "/my/python").contest.deepxde == "/my/python"


def test_wells_may_be_ready_ones_and_files():
    wells = job("--wells", "doublet,morse", "mine.csv").contest.wells
    assert list(wells) == ["doublet", "morse", "mine"]
    assert wells["mine"].potential.interval == (0.0, 2.0)


def test_earlier_runs_may_be_kept_or_replaced():
    assert job("--output", "earlier", "--resume").place.name == "earlier"
    assert job("--output", "earlier", "--force").place.name == "earlier"
