"""The devices in examples/, by the command line as their first lines say."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

from qwpinn import read, references
from qwpinn.cli import main

EXAMPLES = Path(__file__).parent.parent / "examples"
# A level each of the published wells, and of the superlattice by another solver, meV.
LEVELS = {
    "gaas_well": (0, 51.486856),
    "double_well": (1, 57.715086),
    "superlattice": (2, 164.406866),
}
# Read by `qwpinn train-family`, and tested with it.
FAMILIES = {"finite_well_family", "gaas_well_family"}


def test_every_example_is_tested():
    devices = {path.stem for path in EXAMPLES.glob("*.toml")} - FAMILIES
    assert devices == set(LEVELS)


@pytest.mark.parametrize("name", LEVELS)
def test_the_example_is_solved(name, tmp_path, capsys):
    command = ["solve", str(EXAMPLES / f"{name}.toml"), "--epochs", "0"]
    assert main([*command, "--output", str(tmp_path / name)]) == 0
    printed = capsys.readouterr().out
    result = json.loads((tmp_path / name / "result.json").read_text())
    state, level = LEVELS[name]
    energies = np.array([entry["energy"] for entry in result["states"]])
    assert energies[state] == pytest.approx(level, abs=1e-3)
    device = read(EXAMPLES / f"{name}.toml")
    exact = references.legendre_galerkin(device, energies.size).energies
    np.testing.assert_allclose(energies, exact, rtol=0, atol=1e-4)
    # The masses and offsets that were used, on the screen and in the result.
    for offset, mass in zip(device.offsets, device.masses, strict=True):
        assert f"{offset:.4f}" in printed
        assert f"{mass:.6g}" in printed
    used = [(layer["offset"], layer["mass"]) for layer in result["device"]["layers"]]
    np.testing.assert_array_equal(used, np.stack([device.offsets, device.masses], axis=1))
    assert max(len(line) for line in printed.splitlines()) <= 80
    header = (tmp_path / name / "wavefunctions.csv").read_text().split("\n")[0]
    assert header.startswith("z (nm),V (meV),psi_0 (nm^-1/2)")


def test_the_stark_effect_is_swept_as_the_example_says(tmp_path, capsys):
    text = (EXAMPLES / "gaas_well.toml").read_text()
    command = re.search(r"qwpinn (sweep .*--values \S+)", text)[1].split()
    command[1] = str(EXAMPLES.parent / command[1])
    assert main([*command, "--epochs", "0", "--output", str(tmp_path / "sweep")]) == 0
    printed = capsys.readouterr().out
    with (tmp_path / "sweep" / "sweep.csv").open() as file:
        rows = list(csv.DictReader(file))
    fields = [float(row["field"]) for row in rows]
    np.testing.assert_allclose(fields, np.arange(0.0, 71.0, 10.0))
    found = {float(row["field"]): float(row["E_0"]) for row in rows}
    for field, level in {0.0: 53.276199, 10.0: 53.240935, 40.0: 52.707184, 70.0: 51.486856}.items():
        assert found[field] == pytest.approx(level, abs=1e-3)
    assert "field" in printed and "(kV/cm)" in printed
    assert max(len(line) for line in printed.splitlines()) <= 80
    assert (tmp_path / "sweep" / "sweep.png").stat().st_size > 10_000
