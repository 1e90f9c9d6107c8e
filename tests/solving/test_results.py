import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

import qwpinn
from qwpinn.potentials import potential_from_config
from qwpinn.progress.trace import Trace
from qwpinn.solving import results
from qwpinn.solving.settings import Settings


@pytest.fixture(scope="module")
def settings():
    return Settings(states=3, rtol=1e-4, seed=2, units=28, epochs=2)


@pytest.fixture(scope="module")
def traced(settings):
    """A solution that is not all converged, and the way to it."""
    trace = Trace()
    solution = qwpinn.solve(
        qwpinn.FiniteWell(),
        settings.states,
        rtol=settings.rtol,
        seed=settings.seed,
        recipe=qwpinn.Precise(units=settings.units, epochs=settings.epochs),
        callbacks=[trace],
        report=trace.report,
    )
    return solution, trace.steps


def test_the_dict_says_what_the_solution_says(traced, settings):
    solution, steps = traced
    document = json.loads(json.dumps(results.as_dict(solution, settings, steps), allow_nan=False))
    assert potential_from_config(document["potential"]) == solution.potential
    assert tuple(document["interval"]) == solution.potential.interval
    assert (document["format"], document["qwpinn"]) == (1, qwpinn.__version__)
    assert Settings(**document["settings"]) == settings
    assert document["status"] == solution.status.name
    assert document["message"] == str(solution.status)
    assert document["converged"] is solution.converged
    assert (document["units"], document["epochs"], document["resumed_from"]) == (28, 2, 0)
    assert document["seconds"] == solution.seconds
    states = document["states"]
    for key, values in (
        ("energy", solution.energies),
        ("lower", solution.lower),
        ("upper", solution.upper),
        ("residual", solution.residuals),
        ("quantum_number", solution.quantum_numbers),
        ("nodes", solution.node_counts),
    ):
        np.testing.assert_array_equal([state[key] for state in states], values)
    assert [state["status"] for state in states] == [status.name for status in solution.statuses]
    for f in ("x", "x^2", "V"):
        means = [state["expectation"][f] for state in states]
        np.testing.assert_array_equal(means, solution.expectation(f))
    above = solution.lower - document["minimum"]
    widths = [state["relative_width"] for state in states]
    np.testing.assert_allclose(widths, solution.enclosure.widths / above, rtol=1e-12)


@pytest.fixture(scope="module")
def plane():
    well = qwpinn.Box2D(10.0, 12.0).in_units("nm", "meV", mass=0.067)
    return qwpinn.solve(well, 2, rtol=1e-3, recipe=qwpinn.Precise(units=60, epochs=0))


def test_the_dict_of_a_plane_says_what_the_solution_says(plane):
    asked = Settings(states=2, rtol=1e-3, seed=0, units=60, epochs=0)
    document = json.loads(json.dumps(results.as_dict(plane, asked), allow_nan=False))
    assert potential_from_config(document["potential"]) == plane.potential
    assert document["box"] == [0.0, 10.0, 0.0, 12.0]
    assert document["minimum"] == 0.0
    assert document["equation"] == plane.potential.equation
    assert (document["length_unit"], document["energy_unit"]) == ("nm", "meV")
    assert (document["converged"], document["status"], document["notes"]) == (True, "CONVERGED", [])
    assert not {"interval", "device"} & set(document)
    states = document["states"]
    assert not {"nodes", "data_shift"} & set(states[0])
    assert [(state["wall_shift"], state["bound"]) for state in states] == [(0.0, True)] * 2
    assert [state["cluster"] for state in states] == [[0], [1]]
    for key, values in (
        ("energy", plane.energies),
        ("lower", plane.lower),
        ("upper", plane.upper),
        ("residual", plane.residuals),
        ("relative_width", plane.relative_widths),
        ("quantum_number", [0, 1]),
    ):
        np.testing.assert_array_equal([state[key] for state in states], values)
    for f in ("x", "y", "x^2", "y^2", "V"):
        means = [state["expectation"][f] for state in states]
        np.testing.assert_array_equal(means, plane.expectation(f))


def test_the_folder_of_a_plane_has_psi_on_a_grid(plane, tmp_path, without_graphs):
    output = tmp_path / "plane"
    results.write(output, plane, Settings(states=2, rtol=1e-3, seed=0, units=60, epochs=0))
    names = {path.name for path in output.iterdir()}
    assert names >= {"result.json", "wavefunctions.npz", "states.png", "enclosures.png"}
    assert "wavefunctions.csv" not in names
    np.testing.assert_array_equal(qwpinn.load(output).energies, plane.energies)
    with np.load(output / "wavefunctions.npz") as kept:
        np.testing.assert_array_equal(kept["energies"], plane.energies)
        points = np.stack(np.meshgrid(kept["x"], kept["y"], indexing="ij"), axis=-1)
        psi = plane.wavefunctions(points.reshape(-1, 2)).T
        np.testing.assert_array_equal(kept["psi"].reshape(2, -1), psi)


def test_the_trace_has_the_networks_and_the_epochs(traced, settings):
    solution, steps = traced
    assert [(step.units, step.epoch) for step in steps] == [(28, None), (28, 1), (28, 2)]
    trace = results.as_dict(solution, settings, steps)["trace"]
    history = solution.history["enclosure"]
    assert [entry["relative_width"] for entry in trace[1:]] == pytest.approx(history, rel=1e-12)


def test_what_json_cannot_say_is_null(traced, settings):
    solution, _ = traced
    enclosure = replace(
        solution.enclosure,
        lower=np.array([1.0, -np.inf, 13.0]),
        quantum_numbers=np.array([0, -1, 3]),
    )
    broken = replace(solution, enclosure=enclosure, seconds=float("nan"))
    document = results.as_dict(broken, settings)
    assert document["seconds"] is None
    states = document["states"]
    assert [state["quantum_number"] for state in states] == [0, None, 3]
    assert [state["relative_width"] is None for state in states] == [False, True, True]
    assert states[1]["lower"] is None
    assert [s["status"] for s in states] == ["TOO_WIDE", "UNPROVEN", "OTHER_LEVEL"]
    json.dumps(document, allow_nan=False)


def test_the_folder_is_a_model_with_figures_and_tables(traced, settings, tmp_path):
    solution, steps = traced
    output = tmp_path / "well"
    results.write(output, solution, settings, steps, resumed_from=3)
    model = qwpinn.load(output)
    np.testing.assert_array_equal(model.energies, solution.energies)
    served = tf.saved_model.load(str(output))
    np.testing.assert_array_equal(served.energies(), solution.energies)
    document = json.loads((output / "result.json").read_text())
    assert document == results.as_dict(solution, settings, steps, resumed_from=3)
    assert (document["epochs"], document["resumed_from"]) == (5, 3)
    for figure in ("states.png", "enclosures.png"):
        assert (output / figure).read_bytes().startswith(b"\x89PNG")
    with (output / "wavefunctions.csv").open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["x", "V", "psi_0", "psi_1", "psi_2"]
    numbers = np.array(rows[1:], float)
    np.testing.assert_array_equal(numbers[:, 1], solution.potential(numbers[:, 0]))
    np.testing.assert_array_equal(numbers[:, 2:], solution.wavefunctions(numbers[:, 0]))


def test_an_earlier_result_is_replaced_whole(traced, settings, tmp_path, without_graphs):
    solution, steps = traced
    results.write(tmp_path / "well", solution, settings, steps)
    results.write(tmp_path / "well", solution, replace(settings, seed=9), steps)
    assert json.loads((tmp_path / "well" / "result.json").read_text())["settings"]["seed"] == 9
    assert [path.name for path in tmp_path.iterdir()] == ["well"]


def test_files_of_the_same_names_are_no_result(traced, settings, tmp_path):
    solution, steps = traced
    (tmp_path / "result.json").write_text("mine")
    with pytest.raises(ValueError, match="nothing was overwritten"):
        results.write(tmp_path, solution, settings, steps)
    assert (tmp_path / "result.json").read_text() == "mine"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"states": 0}, "`states`"),
        ({"rtol": -1.0}, "`rtol`"),
        ({"seed": -1}, "`seed`"),
        ({"units": 0}, "`units`"),
        ({"epochs": -1}, "`epochs`"),
    ],
)
def test_settings_are_checked(wrong, message):
    with pytest.raises(ValueError, match=message):
        Settings(**wrong)
