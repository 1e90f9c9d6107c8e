"""The lessons run from an empty folder, and arrive at the numbers that their text speaks of."""

import ast
import json
import os
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient

import qwpinn

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LARGEST = 400_000  # bytes, outputs included


def test_six_lessons_are_found() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "01_infinite_well",
        "02_finite_well",
        "03_finite_barrier",
        "04_heterostructure",
        "05_plane",
        "06_time",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_stored_as_run_and_without_noise(path: Path) -> None:
    assert path.stat().st_size < LARGEST
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert {output.output_type for output in outputs} <= {"display_data", "execute_result"}
    assert sum("image/png" in output.data for output in outputs) >= 4
    assert notebook.metadata.kernelspec.name == "python3"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_uses_public_names_only(path: Path) -> None:
    cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    lines = "\n".join(cell.source for cell in cells).splitlines()
    tree = ast.parse("\n".join(line for line in lines if not line.startswith("%")))
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    ours = [node for node in imported if str(node.module).startswith("qwpinn")]
    assert [node.module for node in ours] == ["qwpinn"]
    assert {alias.name for node in ours for alias in node.names} == {"plotting", "references"}
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "qwpinn"
    }
    assert used
    assert used <= set(qwpinn.__all__)


def run(path: Path, folder: Path, limit: int = 300, **numbers: str) -> dict[str, Any]:
    """Executes a notebook in `folder` and evaluates expressions of its variables at the end.

    The kernel is that of this interpreter, whatever kernels the user has installed, and imports
    the qwpinn that is under test. A cell may take `limit` seconds, many times what it takes on a
    free core.
    """
    notebook = nbformat.read(path, as_version=4)
    pairs = ", ".join(f"{name!r}: np.asarray({code}).tolist()" for name, code in numbers.items())
    source = f"import json\njson.dumps({{{pairs}}})"
    notebook.cells.append(nbformat.v4.new_code_cell(source))
    client = NotebookClient(
        notebook,
        km=AsyncKernelManager(
            kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[])
        ),
        timeout=limit,
        resources={"metadata": {"path": str(folder)}},
    )
    paths = [str(Path(qwpinn.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    client.execute(
        cleanup_kc=True,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "IPYTHONDIR": str(folder / "ipython"),
        },
    )
    noise = [
        output.text
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and "Warning" in output.text
    ]
    assert not noise
    left = {item.name for item in folder.iterdir()} - {"ipython"}
    assert not left, f"{path.name} left {left} in the working folder"
    return dict(json.loads(ast.literal_eval(notebook.cells[-1].outputs[0].data["text/plain"])))


def lesson(stem: str) -> Path:
    return ROOT / "notebooks" / f"{stem}.ipynb"


@pytest.mark.notebooks
def test_infinite_well(tmp_path: Path) -> None:
    found = run(
        lesson("01_infinite_well"),
        tmp_path,
        at_walls="at_walls",
        errors="errors",
        nodes="nodes",
        trap_error="trap_error",
        collapsed="collapsed_norm",
        runs="[energy / np.pi**2 for energy in run_energies.values()]",
        run_nodes="list(run_nodes.values())",
        psi_errors="list(psi_errors.values())",
    )
    assert found["at_walls"] == 0.0
    assert max(found["errors"]) < 1e-11
    assert found["nodes"] == [0, 1, 2, 3, 4]
    # The network finds what the formula of the trap says, the zero function included.
    assert found["trap_error"] < 1e-4
    assert found["collapsed"] < 1e-6
    # Levenberg-Marquardt with a trained energy converges to the excited state; its node shows it.
    assert found["runs"] == pytest.approx([1.0, 1.0, 4.0, 1.0], rel=1e-7)
    assert found["run_nodes"] == [0, 0, 1, 0]
    adam, held, excited, ritz = found["psi_errors"]
    assert adam < 0.05
    assert held < 1e-5 * excited
    assert ritz < 1e-6
    assert held < 1e-3 * adam


@pytest.mark.notebooks
def test_finite_well(tmp_path: Path) -> None:
    found = run(
        lesson("02_finite_well"),
        tmp_path,
        energies="energies",
        errors="errors",
        psi_errors="psi_errors['last Ritz step']",
        jump="s_second[t > 0][0] - s_second[t < 0][-1]",
        smooth="list(smooth_errors.values())",
        norms="list(norms.values())",
        logged="logged('energy_2_error')",
        outside="outside",
        outside_error="np.max(np.abs(outside - outside_exact))",
        returncode="process.returncode",
        saved_difference="saved_difference",
        saved_dtype="saved_dtype",
    )
    assert found["energies"] == pytest.approx(
        [1.6394801885459707, 6.4418814543604685, 13.891781749825574], rel=1e-9
    )
    assert max(found["errors"]) < 1e-9
    assert max(found["psi_errors"]) < 1e-5
    assert found["jump"] == pytest.approx(4.0, abs=1e-6)
    smooth, kinked = found["smooth"]
    assert smooth > 1e-5
    assert kinked < 1e-9
    assert found["norms"][0] < 0.95
    assert found["norms"][1] == pytest.approx(1.0, abs=1e-4)
    assert len(found["logged"]) == 90
    assert found["logged"][-1] < 1e-3 * found["logged"][0]
    assert found["outside"] == pytest.approx([0.01551091, 0.06879136, 0.19992895], abs=1e-7)
    assert found["outside_error"] < 1e-6
    assert found["returncode"] == 0
    assert found["saved_difference"] < 1e-12
    assert found["saved_dtype"] == "float64"


@pytest.mark.notebooks
def test_finite_barrier(tmp_path: Path) -> None:
    found = run(
        lesson("03_finite_barrier"),
        tmp_path,
        ground="energies[0]",
        errors="errors",
        splittings="splittings",
        splitting_errors="splitting_errors",
        estimate="estimate[-1] / (curves[-1, 1] - curves[-1, 0])",
        left="left_probabilities",
        bounds="np.abs(energies - exact_energies) <= residuals",
        resolved="resolved",
        loaded="[loaded_difference, loaded_damping]",
        resumed="more['loss'][0] / hardest.history['loss'][-1]",
        residuals="trained_on.residuals / residuals[-1]",
        inside="inside",
        numbers="numbers",
        counts="[between, above]",
        narrower="2 * hardest.residuals / (upper - lower)",
        apart="upper[0] < lower[1]",
        gained="hardest.enclosure.widths.max() / trained_on.widths.max()",
        separated="separated",
    )
    assert found["ground"] == pytest.approx([25.059686290157973, 41.633531429469555], rel=1e-9)
    assert max(max(pair) for pair in found["errors"]) < 1e-9
    assert found["splittings"] == pytest.approx(
        [16.573845139311583, 3.764759176, 0.137134990, 0.009712369], rel=1e-6
    )
    assert max(found["splitting_errors"]) < 1e-6
    assert found["estimate"] == pytest.approx(1.0, abs=0.02)
    assert found["left"] == pytest.approx([0.964335, 0.996506, 0.999976, 0.999999], abs=2e-6)
    assert all(holds for pair in found["bounds"] for holds in pair)
    # The residuals tell the closest pair apart only after the training that follows loading.
    assert found["resolved"] == [True, True, True, False]
    # The count and Lehmann's bounds tell it apart before.
    assert found["inside"] == [True, True]
    assert found["numbers"] == [0, 1]
    assert found["counts"] == [1, 2]
    assert found["apart"] is True
    assert min(found["narrower"]) > 3e4
    assert found["gained"] > 3.0
    assert found["loaded"] == [0.0, 0.0]
    assert found["resumed"] < 10.0
    assert max(found["residuals"]) < 0.6
    assert found["separated"] is True


@pytest.mark.notebooks
def test_heterostructure(tmp_path: Path) -> None:
    found = run(
        lesson("04_heterostructure"),
        tmp_path,
        errors="np.abs(solution.energies - published)",
        ratios="[slope_ratio, flux_ratio]",
        dipole="lines['one well, 10 nm'].dipoles[0, 1] ** 2",
        proven="all_proven",
        shift="shift",
        localised="strongest.localised",
        bent="bent.energies",
        straight="straight.energies",
        crossing="[np.interp(bent.energies[k], energies, curves[:, k]) for k in range(2)]",
        line="np.diff(straight.energies)[0] - np.diff(bent.energies)[0]",
    )
    assert max(found["errors"]) < 1e-3
    # The mass jumps from 0.0836 to 0.067; the flux does not.
    assert found["ratios"] == pytest.approx([0.0836 / 0.067, 1.0], rel=1e-5)
    assert found["dipole"] == pytest.approx(2.65638**2, abs=1e-4)
    assert found["proven"] is True
    assert found["localised"] == [True, False, True, False]
    assert found["shift"][0] == pytest.approx(-32.7731, abs=1e-3)
    assert found["bent"][0] > found["straight"][0]
    assert found["crossing"] == pytest.approx(found["bent"], abs=0.5)
    assert found["line"] == pytest.approx(72.72, abs=0.02)


@pytest.mark.notebooks
def test_plane(tmp_path: Path) -> None:
    found = run(
        lesson("05_plane"),
        tmp_path,
        limit=180,
        tapes="[tape_error, at_walls]",
        square_errors="square_errors",
        clustered="[len(cluster) for cluster in square.clusters]",
        pairs="[*pair_errors, on_diagonal]",
        longer="longer_errors.max(axis=1)",
        pair_gap="pair_gap",
        cold_norms="list(cold_norms.values())",
        cold_errors="list(cold_errors.values())",
        ritz="[errors[-1] for errors in ritz.values()]",
        rates="list(rates.values())",
        trainings="trainings",
        dot_levels="dot_levels",
        dot_errors="[smooth_errors[-1], kinked_errors[-1], step_error]",
        molecule="np.abs(molecule.energies / two_dots - 1)",
        splittings="splittings",
        herring="herring_errors",
        counts="counts",
        numbers="pair.quantum_numbers",
        disjoint="disjoint",
        widths="[np.max(proven) / splittings[-1], np.min(weinstein) / splittings[-1]]",
        beside="np.transpose(errors)",
        inside="(one_dot.lower <= dot_levels) & (dot_levels <= one_dot.upper)",
        served="[served_difference, loaded_difference, energy_difference]",
    )
    assert max(found["tapes"]) < 1e-9
    assert max(found["square_errors"]) < 1e-10
    assert found["clustered"] == [1, 2, 1, 2]
    assert max(found["pairs"]) < 1e-4
    assert max(found["longer"]) < 1e-9
    assert found["pair_gap"] == pytest.approx(3 * np.pi**2 * (1 - 1 / 1.21), rel=1e-8)
    # With too small a weight psi is zero, as the formula of notebook 1 says.
    collapsed, norm = found["cold_norms"]
    assert collapsed < 1e-4
    assert norm == pytest.approx(1.0, abs=0.01)
    assert found["cold_errors"][0] > 0.3
    assert found["cold_errors"][1] < 0.05
    square, oscillator = found["ritz"]
    assert square < 1e-10
    assert oscillator < 1e-6
    assert found["rates"][1] == pytest.approx(-0.44, abs=0.1)
    # Columns: error before and after, distance from orthonormal, loss, seconds.
    by_default, *weighted = found["trainings"]
    assert by_default[2] == pytest.approx(6**0.5, abs=1e-3)
    assert all(after < 0.3 * before for before, after, *_ in weighted)
    assert found["dot_levels"] == pytest.approx(
        [4.4212888842, 11.1606351044, 11.1606351044, 19.9067814621, 19.9067814621, 22.8247877556],
        rel=1e-10,
    )
    smooth, kinked, step = found["dot_errors"]
    assert smooth > 1e-3
    assert kinked < 1e-6
    assert step < 0.2
    assert max(found["molecule"]) < 1e-6
    assert found["splittings"][0] == pytest.approx(0.0583624, rel=1e-4)
    assert found["splittings"][1] == pytest.approx(3.81005e-3, rel=1e-4)
    assert max(found["herring"]) < 1e-3
    assert found["counts"] == [0, 2, 2, 6]
    assert found["numbers"] == [0, 1]
    assert found["disjoint"] is True
    # Weinstein's intervals are far wider than the splitting, the proven ones narrower.
    assert found["widths"][0] < 0.5
    assert found["widths"][1] > 100.0
    differences, elements, network = found["beside"]
    assert min(differences) > 1e-4
    assert max(elements) < 1e-6
    assert max(network) < 1e-6
    assert all(found["inside"])
    assert max(found["served"]) < 1e-9


@pytest.mark.notebooks
def test_time(tmp_path: Path) -> None:
    found = run(
        lesson("06_time"),
        tmp_path,
        splitting="[splitting, beat * splitting / (2 * np.pi)]",
        left="at_beat.probability(double_well.interval[0], 0.0)",
        bounds="[*at_beat.errors, *errors]",
        two_states="np.max(np.abs(left - two_states))",
        passed="np.abs(transmitted - averaged)",
        transmitted="transmitted",
        delays="np.abs(inside - expected)",
        inside="inside",
        rabi="np.max(np.abs(away)) / (rabi / (4 * resonant))",
        back="upper[[100, 200, 400]]",
        driven="[driven.errors[-1], *(run.errors[-1] for run in runs_driven.values())]",
        gaps="np.abs(gaps - formula)",
        crossing="crossing",
        stays="[there.min() for there in stays.values()]",
    )
    assert found["splitting"] == pytest.approx([0.1594673989505, 1.0], rel=1e-9)
    assert found["left"] == pytest.approx([0.99986, 0.01776, 0.97590, 0.99058], abs=2e-5)
    assert max(found["bounds"]) < 1e-4
    assert found["two_states"] < 0.04
    # As many pass as the packet's mean of T says, and as late as the phase of t does.
    assert found["transmitted"] == pytest.approx([0.2101, 0.2882, 0.3828, 0.4903], abs=1e-4)
    assert max(found["passed"]) < 2e-4
    assert found["inside"] == pytest.approx([0.346, 0.330, 0.316, 0.303], abs=1e-3)
    assert max(found["delays"]) < 2e-3
    # What the rotating wave leaves out is a ripple of its own height.
    assert found["rabi"] == pytest.approx(1.08, abs=0.05)
    assert found["back"] == pytest.approx([1.0, 0.0, 0.0], abs=0.02)
    assert max(found["driven"]) < 0.02
    assert max(found["gaps"]) < 0.01
    assert found["crossing"] == pytest.approx(0.42532, abs=2e-4)
    assert found["stays"] == pytest.approx([0.0, 0.005, 0.864], abs=2e-3)
