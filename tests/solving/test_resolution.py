"""How far levels move when every second sample of a table is left out."""

import numpy as np
import pytest

from qwpinn import FiniteWell, Harmonic, Precise, Sampled, solve
from qwpinn.potentials import Morse

START = Precise(epochs=0)


MORSE = Morse()


CURVES = {
    "harmonic": (lambda x: x**2, (-8.0, 8.0), np.array([1.0, 3.0])),
    "morse": (MORSE, MORSE.interval, MORSE.levels(2)),
    "finite_well": (FiniteWell(), FiniteWell().interval, FiniteWell().levels(2)),
}


@pytest.mark.parametrize("name", sorted(CURVES))
@pytest.mark.parametrize("samples", [50, 211])
def test_the_shift_tells_how_far_the_table_is_from_its_curve(name, samples):
    curve, interval, exact = CURVES[name]
    x = np.linspace(*interval, samples)
    solution = solve(Sampled(x, curve(x)), 2, rtol=1e-3, recipe=Precise(units=80, epochs=0))
    error = np.abs(solution.energies - exact)
    # The enclosure of V as joined is not what is asked here.
    proven = solution.enclosure.widths + 1e-11 * exact
    assert np.all(error <= 1.5 * np.abs(solution.data_shift) + proven)


def test_a_solution_says_how_far_its_samples_determine_it():
    x = np.linspace(-8, 8, 81)
    table = Sampled(x, x**2 + 0.1 * x**4)
    solution = solve(table, 2, recipe=START)
    again = solve(table.coarser, 2, recipe=START)
    shift = again.energies - solution.energies
    np.testing.assert_allclose(solution.data_shift, shift, rtol=0.05)
    assert solution.notes[0] == "The 81 samples of V are joined by cubic splines."
    moved = ", ".join(f"{s:.1e}" for s in np.abs(solution.data_shift))
    assert any(f"second sample the levels move by {moved}: " in note for note in solution.notes)
    formula = solve(Harmonic(), 1, recipe=START)
    assert formula.data_shift is None
    assert not any("sample" in note for note in formula.notes)
    from qwpinn.solving.results import as_dict
    from qwpinn.solving.settings import Settings

    states = as_dict(solution, Settings(states=2))["states"]
    assert [state["data_shift"] for state in states] == solution.data_shift.tolist()
    assert as_dict(formula, Settings(states=1))["states"][0]["data_shift"] is None


def test_a_large_shift_is_not_of_first_order():
    x = np.linspace(-4, 4, 17)
    table = Sampled(x, 30.0 * x**2 - 60.0 * np.exp(-(x**2)), "linear")
    solution = solve(table, 2, recipe=START)
    shift = solve(table.coarser, 2, recipe=START).energies - solution.energies
    assert np.all(np.abs(shift) > 1.0)
    np.testing.assert_allclose(solution.data_shift, shift, rtol=0.05)
