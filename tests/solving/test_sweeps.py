import csv

import numpy as np
import pytest
from devices import DOUBLE, double_well, single_well
from printed import RITZ, check_html, check_text

import qwpinn
from qwpinn import references
from qwpinn.solving.sweeps import Sweep


@pytest.fixture(scope="module")
def fields():
    return qwpinn.sweep(double_well(), "field", [0.0, 20.0, 40.0, 60.0], states=4)


def test_a_sweep_is_as_good_as_single_solutions(fields):
    assert fields.converged
    for i, field in enumerate([0.0, 20.0, 40.0, 60.0]):
        exact = references.legendre_galerkin(double_well(field), 4).energies
        np.testing.assert_allclose(fields.energies[i], exact, rtol=0, atol=1e-7)
        assert np.all((fields.lower[i] <= exact + 1e-9) & (exact - 1e-9 <= fields.upper[i]))
        assert fields.solutions[i].potential == double_well(field)
        assert fields.solutions[i].quantum_numbers.tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(fields.energies[0, :2], DOUBLE, atol=1e-6)


def test_each_solution_starts_from_the_last(fields):
    first, *others = (s.model.trial.hidden.get_weights() for s in fields.solutions)
    assert [len(s.history) > 0 for s in fields.solutions] == [True, False, False, False]
    for weights in others:
        for a, b in zip(first, weights, strict=True):
            np.testing.assert_array_equal(a, b)


def test_interfaces_move_with_the_network():
    """The hidden weights stay, the kinks follow the layers."""
    found = qwpinn.sweep(double_well(), "left.thickness", [6.0, 5.5], states=2)
    kinks = [solution.model.trial.features.breakpoints for solution in found.solutions]
    assert kinks[0] != kinks[1]
    exact = references.exact(double_well().varied("left.thickness", 5.5), 2).energies
    np.testing.assert_allclose(found.energies[1], exact, rtol=0, atol=1e-6)
    assert not found.solutions[1].history


def test_a_start_that_does_not_help_is_forgotten():
    narrow = qwpinn.solve(qwpinn.FiniteWell(depth=20.0), states=2)
    deep = qwpinn.FiniteWell(depth=5000.0, width=0.4)
    found = qwpinn.solve(deep, states=2, start=narrow)
    assert found.converged
    np.testing.assert_allclose(found.energies, deep.levels(2), rtol=1e-7)
    other = qwpinn.solve(qwpinn.InfiniteWell(), states=2, start=narrow)
    np.testing.assert_allclose(other.energies, [np.pi**2, 4 * np.pi**2], rtol=1e-9)


def test_starts_that_do_not_fit_are_refused(fields):
    with pytest.raises(ValueError, match=r"`start` must have 2 states.*Received: 4 states"):
        qwpinn.solve(double_well(), states=2, start=fields.solutions[0])


def test_other_potentials_and_whole_numbers():
    found = qwpinn.sweep(qwpinn.KronigPenney(), "wells", [1, 2], 1)
    assert [solution.potential.wells for solution in found.solutions] == [1, 2]
    assert found.localisation is None
    assert found.label == "wells"
    exact = [references.exact(s.potential, 1).energies for s in found.solutions]
    np.testing.assert_allclose(found.energies, exact, rtol=1e-8)
    assert len(found.plot().axes) == 1


def test_the_table(fields, tmp_path):
    path = tmp_path / "table.csv"
    fields.to_csv(path)
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:5] == ["field", "E_0", "E_0_lower", "E_0_upper", "P_0"]
    assert [float(row["field"]) for row in rows] == [0.0, 20.0, 40.0, 60.0]
    np.testing.assert_array_equal([float(row["E_3"]) for row in rows], fields.energies[:, 3])
    assert float(rows[3]["P_1"]) == fields.solutions[3].localisation[1]
    assert float(rows[2]["E_0-1"]) == fields.solutions[2].transitions[0, 1]
    assert float(rows[2]["z_0-1"]) == abs(fields.solutions[2].dipoles[0, 1])
    assert float(rows[2]["f_0-3"]) == fields.solutions[2].oscillator_strengths[0, 3]
    np.testing.assert_array_equal(fields.localised[3], fields.solutions[3].localised)


def test_the_figure(fields):
    axes, bar = fields.plot().axes
    assert axes.get_xlabel() == "field (kV/cm)"
    assert axes.get_ylabel() == "energy (meV)"
    assert bar.get_ylabel() == "probability in the active layers"
    np.testing.assert_allclose(axes.lines[1].get_ydata(), fields.energies[:, 1])


def test_the_folder(fields, tmp_path):
    fields.save(tmp_path / "sweep")
    fields.save(tmp_path / "sweep")
    assert sorted(p.name for p in (tmp_path / "sweep").iterdir()) == ["sweep.csv", "sweep.png"]
    (tmp_path / "sweep" / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="nothing was overwritten"):
        fields.save(tmp_path / "sweep")


def test_reports(fields):
    seen = []
    qwpinn.sweep(
        single_well(), "field", [0.0, 1.0],
        recipe=qwpinn.Precise(epochs=0), report=lambda i, s: seen.append((i, s.energies[0])),
    )  # fmt: skip
    assert [index for index, _ in seen] == [0, 1]
    assert isinstance(fields, Sweep)


@pytest.mark.parametrize(
    ("parameter", "values", "message"),
    [
        ("voltage", [1.0], "`parameter` must be field, or LAYER.NUMBER"),
        ("field", [], "`values` must hold at least one number"),
        ("field", [0.0, np.nan], "`values` must hold finite numbers"),
        ("field", [0.0, 5000.0], "`field` must leave a state bound"),
        ("left.thickness", [1.0, 0.0], "`thickness` must be a positive"),
    ],
)
def test_bad_values_are_refused_before_any_is_solved(parameter, values, message, monkeypatch):
    monkeypatch.setattr("qwpinn.solving.workers.solve", lambda *_, **__: pytest.fail("solved"))
    with pytest.raises(ValueError, match=message):
        qwpinn.sweep(double_well(), parameter, values)


@pytest.fixture(scope="module")
def printed_depths():
    return qwpinn.sweep(qwpinn.FiniteWell(), "depth", [10.0, 20.0], 5, recipe=RITZ)


def test_a_sweep_shows_every_value(printed_depths):
    text = check_text(printed_depths)
    assert "Varied: depth, from 10 on." in text
    rows = [line.split() for line in text.splitlines() if line.startswith("   ")][-2:]
    np.testing.assert_allclose([[float(e) for e in row[1:5]] for row in rows],
                               printed_depths.energies[:, :4], atol=6e-7)  # fmt: skip
    assert "and 1 more states; the CSV table has all of them." in text
    assert repr(printed_depths).endswith("depth: 2 from 10 to 20, states=5, CONVERGED)")
    check_html(printed_depths, images=1)
