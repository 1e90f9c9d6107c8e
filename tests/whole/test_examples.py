"""The devices in examples/, by the command line as their first lines say."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

import qwpinn
from qwpinn import read, references
from qwpinn.cli.parser import main

# What is asserted of a result is not its graph.
pytestmark = pytest.mark.usefixtures("without_graphs")
EXAMPLES = Path(__file__).parents[2] / "examples"
# A level each of the published wells, and of the superlattice by another solver, meV.
LEVELS = {
    "gaas_well": (0, 51.486856),
    "double_well": (1, 57.715086),
    "superlattice": (2, 164.406866),
}
# Read by `qwpinn train-family`, and tested with it.
FAMILIES = {"finite_well_family", "gaas_well_family"}
# Spectral elements of degree 22, meV, from above.
DOTS = np.array([21.536774451, 22.23382222, 52.698690707])
# An electron's levels, eV, and a molecule's, cm^-1.
ELECTRON = [0.271803774, 1.077395914, 2.379205562]
MORSE = qwpinn.Morse(70250.0, 2.68, 1.1164, (0.6, 3.0)).in_units("A", "cm^-1", mass="7.0015 u")


def test_every_example_is_tested():
    devices = {path.stem for path in EXAMPLES.glob("*.toml")} - FAMILIES
    assert devices == {*LEVELS, "electron_well", "coupled_dots"}
    assert {path.stem for path in EXAMPLES.glob("*.csv")} == {"n2_cation"}


def energies_and_text(command, output, capsys):
    """The energies in result.json, all of it, and what was printed."""
    assert main(["solve", *command, "--epochs", "0", "--output", str(output)]) == 0
    result = json.loads((output / "result.json").read_text())
    printed = " ".join(capsys.readouterr().out.split())
    return np.array([state["energy"] for state in result["states"]]), result, printed


def test_an_electron_in_a_well_by_python_by_file_and_by_command(tmp_path, capsys):
    well = qwpinn.FiniteWell(depth=5.0, width=1.0, box=5.0).in_units("nm", "eV")
    solution = qwpinn.solve(well, states=3, recipe=qwpinn.Precise(epochs=0))
    np.testing.assert_allclose(solution.energies, ELECTRON, rtol=1e-8)
    equation = "-(hbar^2/2m) psi'' + V psi = E psi, hbar^2/2m = 0.0380998 eV nm^2 (mass 1)"
    text = (EXAMPLES / "electron_well.toml").read_text()
    options = re.search(r"qwpinn solve (finite_well .*)", text)[1].split()
    for name, command in {
        "file": [str(EXAMPLES / "electron_well.toml")],
        "options": [*options, "--states", "3"],
        "quantities": [*options[:1], "--depth", "5000 meV", "--width", "10 A", "--box", "5 nm",
                       "--units", "nm,eV", "--states", "3"],
    }.items():  # fmt: skip
        energies, result, printed = energies_and_text(command, tmp_path / name, capsys)
        np.testing.assert_array_equal(energies, solution.energies)
        assert result["equation"] == well.equation == equation
        assert (result["length_unit"], result["energy_unit"]) == ("nm", "eV")
        assert equation in printed
        assert "(eV)" in printed
    header = (tmp_path / "file" / "wavefunctions.csv").read_text().split("\n")[0]
    assert header.startswith("x (nm),V (eV),psi_0 (nm^-1/2),psi_1 (nm^-1/2)")
    assert main(["evaluate", str(tmp_path / "file"), "--grid=-1:1:3"]) == 0
    assert capsys.readouterr().out.startswith("x (nm),psi_0 (nm^-1/2),")


def test_the_mass_of_an_electron_is_swept_as_the_example_says(tmp_path, capsys):
    text = (EXAMPLES / "electron_well.toml").read_text()
    command = re.search(r"qwpinn (sweep .*--values) \S+", text)[1].split()
    command[1] = str(EXAMPLES.parent / command[1])
    options = ["0.5,1", "--epochs", "0", "--output", str(tmp_path / "sweep")]
    assert main([*command, *options]) == 0
    with (tmp_path / "sweep" / "sweep.csv").open() as file:
        rows = list(csv.DictReader(file))
    well = qwpinn.FiniteWell(depth=5.0, width=1.0, box=5.0)
    for row in rows:
        level = well.in_units("nm", "eV", float(row["mass"])).levels(1)[0]
        assert float(row["E_0"]) == pytest.approx(level, rel=1e-8)
    printed = capsys.readouterr().out
    assert "(m0)" in printed and "(eV)" in printed


def test_a_molecule_from_53_samples_with_their_doubt(tmp_path, capsys):
    path = EXAMPLES / "n2_cation.csv"
    assert len(qwpinn.read(path).potential.x) == 53
    command = [str(path), "--mass", "7.0015 u", "--states", "5"]
    energies, result, printed = energies_and_text(command, tmp_path / "molecule", capsys)
    exact = MORSE.levels(5)
    assert exact[:2] == pytest.approx([1097.87735, 3267.69226], abs=1e-5)
    doubts = np.abs([state["data_shift"] for state in result["states"]])
    # The table is as good as it says, and not much worse than it could say.
    assert np.all(np.abs(energies - exact) < doubts)
    assert np.all(doubts < 1.0)
    assert "hbar^2/2m = 2.40772 cm^-1 A^2 (mass 7.0015 u)" in printed
    moved = ", ".join(f"{doubt:.1e}" for doubt in doubts)
    assert f"Without every second sample the levels move by {moved} cm^-1" in printed
    python = qwpinn.Sampled.from_csv(path, mass="7.0015 u")
    assert python == qwpinn.read(path).in_units(mass="7.0015 u")
    found = references.legendre_galerkin(python, 5).energies
    np.testing.assert_allclose(energies, found, rtol=1e-8)


@pytest.mark.slow
def test_two_dots_have_the_levels_of_spectral_elements(tmp_path, capsys):
    path = EXAMPLES / "coupled_dots.toml"
    energies, result, printed = energies_and_text([str(path)], tmp_path / "dots", capsys)
    np.testing.assert_allclose(energies, DOTS, rtol=1e-7)
    lower, upper = (np.array([s[end] for s in result["states"]]) for end in ("lower", "upper"))
    assert np.all((lower <= DOTS) & (upper * (1.0 + 1e-8) >= DOTS))
    assert [state["quantum_number"] for state in result["states"]] == [0, 1, 2]
    assert "(meV)" in printed
    with np.load(tmp_path / "dots" / "wavefunctions.npz") as waves:
        area = np.diff(waves["x"][:2]) * np.diff(waves["y"][:2])
        np.testing.assert_allclose(np.sum(waves["psi"] ** 2, axis=(1, 2)) * area, 1.0, rtol=1e-4)


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
