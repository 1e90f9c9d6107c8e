"""How tables are joined, and what leaving out every second sample says of the levels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qwpinn
from qwpinn import CustomPotential, FiniteWell, Harmonic, Precise, Sampled, solve
from qwpinn.potentials import Morse, potential_from_config

START = Precise(epochs=0)


@pytest.mark.parametrize(
    ("v", "kind", "breakpoints"),
    [
        (lambda x: x**2, "cubic", 0),
        (lambda x: np.where(np.abs(x) < 1.0, 0.0, 20.0), "cubic", 4),
        (lambda x: np.random.default_rng(0).normal(size=x.size), "linear", 199),
        (lambda x: np.ones_like(x), "cubic", 0),
        (lambda x: np.round(x**2, 3), "cubic", 0),
    ],
    ids=["curve", "steps", "noise", "plateau", "digits"],
)
def test_the_samples_choose_how_they_are_joined(v, kind, breakpoints):
    x = np.linspace(-3, 3, 201)
    table = Sampled(x, v(x))
    assert (table.kind, len(table.breakpoints)) == (kind, breakpoints)
    assert potential_from_config(table.to_config()) == table
    assert table.to_config()["kind"] == kind
    assert Sampled(x[:7], v(x[:7])).kind == "linear"


def test_notes_say_how_samples_are_joined():
    x = np.linspace(-3, 3, 61)
    assert Sampled(x, x**2).notes == ("The 61 samples of V are joined by cubic splines.",)
    well = Sampled(x, np.where(np.abs(x) < 1.05, 0.0, 20.0))
    assert well.notes == (
        "The 61 samples of V are joined by cubic splines between 4 breakpoints, kinks or jumps.",
        "Between -1.1 and -1, and in 1 more cells, V jumps or has a kink at a place that the "
        "samples do not tell: it is a line there.",
    )
    assert (2.0 * Sampled([0, 1], [0, 1])).notes == (
        "The 2 samples of V are joined by straight lines.",
    )


def test_every_second_sample_is_left_out_but_what_is_known_exactly_stays():
    x = np.linspace(-3, 3, 61)
    assert Sampled(x, x**2).coarser == Sampled(x[::2], x[::2] ** 2)
    # The two samples of a jump stay; so does a corner of straight lines.
    assert Sampled([0, 1, 2], [0, 1, 0]).coarser is None
    jump = Sampled([0, 1, 2, 3 - 1e-5, 3, 4, 5, 6], [0, 0, 0, 0, 9, 9, 9, 9]).coarser
    assert {3 - 1e-5, 3} < set(jump.x)
    assert jump.breakpoints == (0.5 * (3 - 1e-5 + 3),)
    # In a jump somewhere in a cell, the lower sample goes on either side: the well is narrower.
    well = Sampled(x, np.where(np.abs(x) < 1.05, 0.0, 20.0))
    assert np.all(well.coarser(x) >= well(x) - 1e-12)
    np.testing.assert_allclose(well.coarser(1.0), 10.0)
    for formula in (Harmonic(), FiniteWell(), Harmonic() + 1.0):
        assert formula.coarser is None
    table = Sampled(x, x**2)
    assert (2.0 * table).coarser == 2.0 * table.coarser
    assert table.shifted(1.0).coarser == table.coarser.shifted(1.0)
    line = CustomPotential(lambda x: 3.0 * x, (-3, 3))
    assert (line + table).coarser == line + table.coarser


MORSE = Morse()
CURVES = {
    "harmonic": (lambda x: x**2, (-8.0, 8.0), np.array([1.0, 3.0])),
    "morse": (MORSE, MORSE.interval, MORSE.levels(2)),
    "finite_well": (FiniteWell(), FiniteWell().interval, FiniteWell().levels(2)),
}


@settings(deadline=None)
@given(st.integers(3, 60), st.integers(0, 2**32 - 1), st.sampled_from(["linear", "cubic"]))
def test_what_stays_are_samples_from_wall_to_wall(samples, seed, kind):
    rng = np.random.default_rng(seed)
    x = np.cumsum(rng.uniform(0.1, 1.0, samples))
    v = np.where(rng.uniform(size=samples) < 0.1, 9.0, 0.0).cumsum() % 18.0
    table = Sampled(x, v, kind)
    coarser = table.coarser
    if coarser is None:
        assert kind == "linear" or samples == 3 or len(table.breakpoints) > 0
        return
    assert coarser.interval == table.interval
    assert set(coarser.x) < set(table.x)
    assert coarser.kind == kind
    np.testing.assert_allclose(coarser(coarser.x), table(coarser.x), atol=1e-12)


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
    assert f"Without every second sample the levels move by {moved}: " in solution.notes[1]
    formula = solve(Harmonic(), 1, recipe=START)
    assert formula.data_shift is None
    assert formula.notes == ()
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


def test_an_old_config_means_what_it_meant():
    config = {"class": "Sampled", "x": [0, 1, 2, 3], "v": [0, 1, 4, 9], "kind": "linear"}
    assert potential_from_config(config) == Sampled([0, 1, 2, 3], [0, 1, 4, 9], "linear")
    assert qwpinn.Sampled([0, 1], [0, 1]).kind == "linear"
