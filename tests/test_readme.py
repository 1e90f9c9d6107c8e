"""What a stranger does first: the README's snippets, the committed models, the packaging."""

import configparser
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import qwpinn
from qwpinn import references
from qwpinn.cli import main
from qwpinn.reproduction import wells

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


@pytest.mark.filterwarnings("ignore:Model failed to serialize as JSON")
def test_snippets_run_and_print_what_they_say(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "savedmodels", tmp_path / "savedmodels")
    monkeypatch.chdir(tmp_path)
    snippets = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(snippets) == 5
    names = {}
    for snippet in snippets[:2]:
        exec(compile(snippet, "README.md", "exec"), names)  # the README is ours
    exact = references.exact(names["well"], 3).energies
    for claim in re.findall(r"\.energies +# \[(.*?)\]", README):
        np.testing.assert_allclose(np.fromstring(claim, sep=","), exact, atol=1e-10)
    assert names["solution"].quantum_numbers.tolist() == [0, 1, 2]
    assert np.max(names["enclosures"]) < 1e-6
    np.testing.assert_allclose(names["model"].energies, exact, rtol=1e-9)
    np.testing.assert_allclose(names["solution"].energies, exact, rtol=1e-9)
    assert (tmp_path / "well.png").stat().st_size > 10_000
    assert list((tmp_path / "logs" / "mine").rglob("*tfevents*"))
    names.clear()
    exec(compile(snippets[4], "README.md", "exec"), names)
    np.testing.assert_allclose(names["model"].energies(), wells()["finite_well"].levels(5))


@pytest.mark.filterwarnings("ignore:Model failed to serialize as JSON")
def test_the_familys_snippet_says_what_comes_out(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "savedmodels", tmp_path / "savedmodels")
    monkeypatch.chdir(tmp_path)
    snippet = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[3]
    names = {}
    exec(compile(snippet, "README.md", "exec"), names)  # the README is ours
    model, p = names["model"], names["p"]
    exact = np.array([references.exact(model.family.potential(row), 3).energies for row in p])
    claim = re.search(r"first row \[(.*?)\]", snippet)[1]
    np.testing.assert_allclose(np.fromstring(claim, sep=","), exact[0], atol=1e-10)
    np.testing.assert_allclose(model.energies(p, refine=True), exact, rtol=1e-9)
    np.testing.assert_allclose(model.energies(p), exact, rtol=1e-5)
    np.testing.assert_allclose(model.gradients(p), model.gradients(p, refine=True), rtol=2e-4)
    enclosures, design = names["enclosures"], names["design"]
    assert np.all((enclosures.lower <= exact) & (exact <= enclosures.upper))
    assert design.converged
    np.testing.assert_allclose(design.verified, [[4.8, 7.44]], rtol=1e-4)


def test_the_devices_snippet_says_what_comes_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    snippet = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[2]
    names = {"qwpinn": qwpinn}
    exec(compile(snippet, "README.md", "exec"), names)  # the README is ours
    subbands, sweep = names["subbands"], names["sweep"]
    claim = re.search(r"subbands\.energies +# meV: \[(.*?)\]", snippet)[1]
    np.testing.assert_allclose(np.fromstring(claim, sep=","), subbands.energies, atol=2e-10)
    assert subbands.localised.tolist() == [True, False, False]
    claim = re.search(r"# meV: \[(-[\d.]+), nan, nan\]", snippet)[1]
    assert qwpinn.stark_shift(subbands)[0] == pytest.approx(float(claim), abs=1e-4)
    assert sweep.converged
    np.testing.assert_allclose(sweep.energies[3], subbands.energies, atol=1e-7)
    assert (tmp_path / "fields.csv").read_text().startswith("field,E_0,")


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
        for path in (ROOT / "qwpinn").glob("*.py")
        for name in re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(), re.MULTILINE)
    }
    third_party = {"keras", "matplotlib", "numpy", "rich", "scipy", "tensorflow", "threadpoolctl"}
    assert third_party <= required
    assert {name for name in imported if name in required} == third_party
    assert "tensorboard" in required
