"""What a stranger does first: the README's snippets, the committed models, the packaging."""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import processes
import pytest
import snippets
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import qwpinn
from qwpinn import references
from qwpinn.cli import parser, targets
from qwpinn.cli.parser import main
from qwpinn.potentials.square_wells import wells

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = [block for document in DOCUMENTS for block in snippets.blocks(document)]
PYTHON = [block for block in BLOCKS if block.kind == "python"]
CONSOLE = [block for block in BLOCKS if block.kind == "console"]


def named(block):
    return f"{block.document}:{block.line}"


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """What a stranger has: the clone's folders, an empty home, and nothing set."""
    clone, home, temporary = (tmp_path / name for name in ("clone", "home", "tmp"))
    for folder in (clone, home, temporary):
        folder.mkdir()
    for folder in ("savedmodels", "examples"):
        shutil.copytree(ROOT / folder, clone / folder)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TMPDIR", str(temporary))
    # TensorFlow compiles what it writes there to save a model, and deletes the source alone.
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    # Finding the fonts of a machine, once, takes so long that Matplotlib says so.
    monkeypatch.setenv("MPLCONFIGDIR", matplotlib.get_configdir())
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), *sys.path]))
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")
    return clone


def contents(folder):
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.programs
@pytest.mark.parametrize("block", PYTHON, ids=named)
def test_each_block_runs_alone_and_gives_what_it_promises(block, clone, tmp_path):
    assert block.text.startswith("import qwpinn"), "TensorFlow is quiet only if it stands first"
    source, results = tmp_path / "block.py", tmp_path / "results.json"
    source.write_text(block.text, encoding="utf-8")
    before = contents(clone)
    found = processes.run(processes.program(snippets.RUNNER, source, results), cwd=clone)
    assert found.stderr == ""
    if block.printed is not None:
        assert snippets.printed(block.printed, found.stdout), found.stdout
    given = json.loads(results.read_text(encoding="utf-8"))
    for promise in snippets.promises(block.text):
        snippets.check(promise, given[str(promise.line)])
    # What is left behind is what the block names, and nothing else anywhere.
    left = contents(clone)
    assert before <= left
    names = re.findall(r'"([\w./-]+)"', block.text)
    assert [
        path
        for path in left - before
        if not any(path.as_posix() == name or path.is_relative_to(name) for name in names)
    ] == []
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.programs
@pytest.mark.parametrize(
    ("block", "command", "output"),
    [
        pytest.param(block, command, output, id=f"{named(block)} {command}")
        for block in CONSOLE
        for command, output in snippets.commands(block.text)
        if output
    ],
)
def test_each_command_prints_what_is_shown(block, command, output, clone):
    program, *arguments = shlex.split(command)
    assert program == "qwpinn", block
    found = subprocess.run(
        [sys.executable, "-m", "qwpinn", *arguments],
        cwd=clone, capture_output=True, text=True, check=False, timeout=processes.LIMIT,
    )  # fmt: skip
    assert found.stderr == ""
    assert snippets.printed(output, found.stdout), found.stdout


def test_commands_of_the_documents_are_understood():
    lines = [line.removeprefix("$ ") for block in CONSOLE for line in block.text.splitlines()]
    written = [line.split("#")[0] for line in lines if line.startswith("qwpinn ")]
    assert len(written) > 5
    for line in written:
        options = parser._parsed(parser._joined(shlex.split(line)[1:]))
        if "rtol" in options:  # it has a target
            targets.check_names(options)


def test_promises_of_the_readme_are_found():
    found = [promise for block in PYTHON for promise in snippets.promises(block.text)]
    assert len([promise for promise in found if promise.value is not None]) >= 5
    levels = "[1.6394801885, 6.4418814544, 13.8917817498]"
    assert levels in [promise.value for promise in found]


@pytest.mark.parametrize(
    ("line", "good", "bad"),
    [
        ("x.energies  # [1.64, 6.44]", [1.6395, 6.4419], [1.6395, 6.4519]),
        ("x.energies  # meV: [51.5, nan]", [51.487, float("nan")], [51.487, 1.0]),
        ("x.bound  # [True, False]: the second leaks", [True, False], [True, True]),
        ("x.numbers  # [0, 1, 2], proven", [0, 1, 2], [0, 2, 1]),
        ("x(p)  # first row [1.5, 2.5]", [[1.5, 2.5], [3, 4]], [[1.5, 2.6], [3, 4]]),
        ("x(p)  # dE/dp, shape (2, 1)", [[1], [2]], [[1, 2]]),
        ("x.converged  # True: confirmed", True, False),
        ("x.width  # 2e-3 at most", 0.002, 0.003),
    ],
)
def test_a_promise_that_is_not_kept_is_found(line, good, bad):
    (promise,) = snippets.promises(line)

    def given(value):
        array = np.asarray(value)
        return {"text": str(value), "repr": repr(value), "value": array.tolist(),
                "shape": array.shape}  # fmt: skip

    snippets.check(promise, given(good))
    with pytest.raises(AssertionError):
        snippets.check(promise, given(bad))


def test_blocks_and_their_output_are_read(tmp_path):
    document = tmp_path / "page.md"
    document.write_text("a\n```python\nx  # 1\n```\n\n```text\nout 0.5 s\n```\n"
                        "```console\n$ qwpinn --version  # which\nqwpinn ...\n```\n")  # fmt: skip
    python, text, console = snippets.blocks(document)
    assert (python.line, python.text, python.printed) == (3, "x  # 1\n", "out 0.5 s\n")
    assert text.printed is None
    assert snippets.commands(console.text) == [("qwpinn --version", "qwpinn ...")]
    assert snippets.printed("qwpinn ...", "qwpinn 0.1.0\n")
    assert not snippets.printed("qwpinn ...", "pwqinn 0.1.0\n")


@pytest.mark.parametrize("name", wells())
def test_committed_models_load_and_hold_the_levels(name):
    exact = references.exact(wells()[name], 5)
    model = qwpinn.load(ROOT / "savedmodels" / name)
    np.testing.assert_allclose(model.energies, exact.energies, rtol=1e-9)
    assert model.potential == wells()[name]
    x = np.linspace(*model.potential.interval, 101)
    np.testing.assert_allclose(model.predict(x, verbose=0), exact.wavefunctions(x), atol=1e-5)
    served = tf.saved_model.load(str(ROOT / "savedmodels" / name))
    np.testing.assert_allclose(served.serve(x), model.predict(x, verbose=0), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", wells())
def test_committed_traces_can_be_read(name):
    trace = EventAccumulator(str(ROOT / "logs" / name / "train"))
    trace.Reload()
    assert {"epoch_loss", "epoch_energy_4", "epoch_energy_4_error"} <= set(trace.Tags()["tensors"])


def test_committed_results_are_small():
    files = [file for folder in ("savedmodels", "logs") for file in (ROOT / folder).rglob("*")]
    assert sum(file.stat().st_size for file in files if file.is_file()) < 2_000_000


def test_evaluate_works_out_of_the_clone(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    output = tmp_path / "psi.csv"
    command = ["evaluate", "savedmodels/finite_well", "--grid=-3:3:601", "--output", str(output)]
    assert main(command) == 0
    psi = np.loadtxt(output, delimiter=",", skiprows=1)
    exact = references.exact(wells()["finite_well"], 5).wavefunctions(psi[:, 0])
    np.testing.assert_allclose(psi[:, 1:], exact, atol=1e-5)


def test_figures_and_files_that_the_readme_names_are_there():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert len(links) >= 4
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_versions_agree():
    citation = (ROOT / "CITATION.cff").read_text()
    assert f"version: {qwpinn.__version__}\n" in citation
    assert f"## {qwpinn.__version__} " in (ROOT / "CHANGELOG.md").read_text()


def test_requirements_name_what_is_imported():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    required = set(re.findall(r"^\w+", setup["options"]["install_requires"], re.MULTILINE))
    imported = {
        name
        for path in (ROOT / "qwpinn").rglob("*.py")
        for name in re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(), re.MULTILINE)
    }
    third_party = {
        "cloudpickle", "filelock", "keras", "lazy_loader", "loky", "matplotlib", "numpy", "rich",
        "scipy", "tensorboard", "tensorflow", "threadpoolctl",
    }  # fmt: skip
    assert third_party <= required
    assert {name for name in imported if name in required} == third_party
