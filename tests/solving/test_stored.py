"""A solution that is stored goes on, number for number."""

import numpy as np
import pytest

import qwpinn
from qwpinn.solving.stored import restored, stored


def test_a_plane_comes_back_number_for_number(tmp_path):
    well = qwpinn.Plane(0.0, (0.0, 1.0, 0.0, 1.2), [qwpinn.Disc((0.5, 0.6), 0.3, 4.0)])
    well = well.in_units("nm", "eV")
    solution = qwpinn.solve(well, 2, rtol=1e-2, recipe=qwpinn.Precise(units=60, epochs=0))
    stored(solution, tmp_path / "one")
    again = restored(tmp_path / "one")
    assert type(again) is qwpinn.PlaneSolution
    assert again.potential == well
    for name in ("energies", "lower", "upper", "quantum_numbers", "residuals"):
        np.testing.assert_array_equal(getattr(again, name), getattr(solution, name))
    points = np.random.default_rng(0).uniform(0.0, 1.0, (20, 2))
    np.testing.assert_array_equal(again.wavefunctions(points), solution.wavefunctions(points))
    assert again.state_statuses == solution.state_statuses
    # It goes on from there.
    next_one = well.varied("mass", 1.01)
    seen = []
    qwpinn.solve(
        next_one,
        2,
        rtol=1e-2,
        recipe=qwpinn.Precise(units=60, epochs=0),
        start=again,
        report=lambda model, _: seen.append(model.units),
    )
    assert seen == [60]


def test_a_solution_comes_back_number_for_number(tmp_path):
    well = qwpinn.CustomPotential(np.square, (-4.0, 4.0))
    solution = qwpinn.solve(well, 2, rtol=1e-3, recipe=qwpinn.Precise(units=20, epochs=0))
    stored(solution, tmp_path / "one.value")
    names = {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")}
    assert names == {"one.value.json", "one.value.weights.h5"}
    again = restored(tmp_path / "one.value")
    np.testing.assert_array_equal(again.energies, solution.energies)
    for name in ("lower", "upper", "quantum_numbers", "residuals"):
        found, kept = getattr(again.enclosure, name), getattr(solution.enclosure, name)
        np.testing.assert_array_equal(found, kept)
        assert found.dtype == kept.dtype
    x = np.linspace(-4.0, 4.0, 9)
    np.testing.assert_array_equal(again.wavefunctions(x), solution.wavefunctions(x))
    assert (again.rtol, again.seconds, again.status) == (1e-3, solution.seconds, solution.status)
    (tmp_path / "one.value.json").write_text("{")
    with pytest.raises(ValueError, match=r"'one\.value\.json' is unreadable"):
        restored(tmp_path / "one.value")
