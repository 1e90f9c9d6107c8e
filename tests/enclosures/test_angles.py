"""How wrong psi can be: bounds that hold, and states that nobody can tell apart."""

import io
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mixtures import BOX, LEVELS, rotated, sines
from rich.console import Console

import qwpinn
from qwpinn import references
from qwpinn.enclosures import enclose
from qwpinn.enclosures.angles import distance
from qwpinn.solving.results import as_dict
from qwpinn.solving.settings import Settings
from qwpinn.status import Status

START = qwpinn.Precise(epochs=0)


def errors_of(mixture):
    """L2 distances of combinations of the box's eigenfunctions from the first of these."""
    states = np.eye(12)[:, : mixture.shape[1]]
    signs = np.sign(np.diag(mixture))
    return np.linalg.norm(mixture - states * signs, axis=0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(-6, -1.5))
def test_bounds_hold_for_functions_that_are_no_ritz_vectors(seed, exponent):
    mixture = rotated(6, seed, 10.0**exponent)
    found = enclose(BOX, sines(mixture), states=4)
    true = errors_of(mixture[:, :4])
    assert np.all(true <= found.state_errors * (1 + 1e-9))
    if exponent < -3:
        assert np.all(found.state_errors < 100.0 * true)


def test_an_excited_state_alone_is_bounded_too():
    mixture = np.eye(12)[:, [3]] + 1e-4 * np.eye(12)[:, [5]]
    found = enclose(BOX, sines(mixture), states=1)
    assert 1e-4 < found.state_errors[0] < 2e-3


def test_an_unproven_state_may_be_anything():
    found = enclose(BOX, sines(np.eye(12)[:, [0, 4]] @ [[0.6], [0.8]]), states=1)
    assert found.state_errors == pytest.approx([np.sqrt(2.0)])


def test_the_separation_is_below_the_next_level():
    found = enclose(BOX, sines(rotated(6, 0, 1e-4)), states=3)
    assert LEVELS[2] < found.separation <= LEVELS[3]


def test_distances_of_angles_and_norms():
    assert distance(np.array([0.0, 1.0]), np.array([1.0, 1.0])) == pytest.approx([0.0, np.sqrt(2)])
    assert distance(np.array([1e-9]), np.array([1.0])) == pytest.approx([1e-9], rel=1e-12)
    assert distance(np.array([0.0]), np.array([1.25])) == pytest.approx([0.25])


def detuned(splittings):
    """Two wells of width 1 with a barrier 100 high and 3 wide, detuned by multiples of 1.8e-12."""
    return qwpinn.PiecewiseConstant([0, 1, 4, 5], [0.0, 100.0, 1.8e-12 * splittings])


def test_wells_detuned_by_their_splitting_have_energies_but_no_states():
    solution = qwpinn.solve(detuned(1.0), states=2, recipe=START)
    assert solution.converged
    assert solution.state_statuses == (Status.MIXED, Status.MIXED)
    exact = references.exact(detuned(1.0), 2)
    assert np.all((solution.lower <= exact.energies) & (exact.energies <= solution.upper))
    assert any("states 0, 1" in note and "mixture" in note for note in solution.notes)


def test_the_table_says_that_psi_is_mixed():
    solution = qwpinn.solve(detuned(1.0), states=2, recipe=START)
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(solution.table())
    printed = console.export_text()
    assert len(re.findall(r"\d\? .*psi mixed", printed)) == 2
    assert "only sums over all of these states" in " ".join(printed.split())
    assert [state["state_status"] for state in as_dict(solution, Settings())["states"]] == [
        "MIXED",
        "MIXED",
    ]


def test_wells_that_are_even_by_construction_have_states_all_the_same():
    solution = qwpinn.solve(detuned(0.0), states=2, recipe=START)
    assert solution.state_statuses == (Status.CONVERGED, Status.CONVERGED)
    assert np.all(solution.state_errors < 1e-4)
    np.testing.assert_allclose(solution.probability(0.0, 2.5), 0.5, atol=1e-6)


def test_wells_detuned_a_million_times_more_are_told_apart():
    solution = qwpinn.solve(detuned(1e6), states=2, recipe=START)
    assert np.all(solution.state_errors < 0.01)
    np.testing.assert_allclose(solution.probability(0.0, 2.5), [1.0, 0.0], atol=1e-4)


@pytest.mark.parametrize(
    "well",
    [
        qwpinn.FiniteWell(),
        qwpinn.FiniteBarrier(),
        qwpinn.KronigPenney(),
        qwpinn.Harmonic(),
        qwpinn.Heterostructure([qwpinn.Layer(5.3, "GaAs")]),
        (2.0 * qwpinn.DoubleWell() + 1.0).mirrored(),
        qwpinn.FiniteWell().shifted(0.25),
        qwpinn.FiniteWell() + qwpinn.FiniteWell(),
    ],
)
def test_wells_that_are_even_by_construction(well):
    assert well.even


@pytest.mark.parametrize(
    "well",
    [
        qwpinn.Morse(),
        qwpinn.CustomPotential(lambda x: x**2, (-1, 1)),
        qwpinn.PiecewiseConstant([0, 1, 4, 5], [0.0, 100.0, 1e-300]),
        qwpinn.PiecewiseConstant([0, 1, 4, 5 + 1e-15], [0.0, 100.0, 0.0]),
        # Sums of the edges agree, the widths of the wells do not.
        qwpinn.PiecewiseConstant([0, 1, 3.74113359712763, 4.74113359712763], [0.0, 100.0, 0.0]),
        qwpinn.DoubleWell().shifted(0.3),
        qwpinn.PiecewiseConstant([0, 1, 2], [0.0, 0.0], [1.0, 2.0]),
        qwpinn.Heterostructure([qwpinn.Layer(5.0, "GaAs"), qwpinn.Layer(6.0, "Al0.2Ga0.8As")]),
    ],
)
def test_wells_of_which_nobody_knows_that_they_are_even(well):
    assert not well.even


@pytest.mark.parametrize("name", ["finite_well", "double_well", "morse", "kronig_penney"])
def test_bounds_of_solutions_hold(name):
    well = {
        "finite_well": qwpinn.FiniteWell(),
        "double_well": qwpinn.DoubleWell(),
        "morse": qwpinn.Morse(),
        "kronig_penney": qwpinn.KronigPenney(wells=4),
    }[name]
    solution = qwpinn.solve(well, states=4, recipe=START)
    assert np.all(solution.error(references.legendre_galerkin(well, 4)) <= solution.state_errors)
    assert np.all(solution.state_errors < 1e-2)
