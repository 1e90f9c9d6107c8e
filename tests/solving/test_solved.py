"""Solved: what a solution of a line and one of a plane have alike."""

import copy as copying
import dataclasses
import pickle

import numpy as np
import pytest

import qwpinn
from qwpinn.solving.solved import NotConverged, Solved, said
from qwpinn.status import Status

WELLS = {"line": qwpinn.InfiniteWell(width=1.2), "plane": qwpinn.Box2D(1.0, 1.2)}
POINTS = {"line": np.linspace(0.1, 1.1, 7), "plane": np.array([[0.2, 0.3], [0.5, 1.1]])}
SMALL = {"line": qwpinn.Precise(units=12, epochs=0), "plane": qwpinn.Precise(units=40, epochs=0)}


@pytest.fixture(scope="module", params=WELLS)
def place(request):
    return request.param


@pytest.fixture(scope="module")
def solution(place):
    return qwpinn.solve(WELLS[place], 2, recipe=qwpinn.Precise(epochs=0), rtol=1e-5)


def test_both_are_solved_and_say_so(solution, place):
    well = WELLS[place]
    assert isinstance(solution, Solved)
    assert repr(solution) == f"{type(solution).__name__}({well!r}, states=2, CONVERGED)"
    np.testing.assert_allclose(solution.energies, well.levels(2), rtol=1e-8)
    assert solution.splitting() == pytest.approx(np.diff(well.levels(2))[0], rel=1e-7)
    assert solution.splitting(1, 0) == -solution.splitting(0, 1)
    assert solution.converged
    assert solution.seconds > 0.0
    assert solution.history == {}
    with pytest.raises(ValueError, match=r"`j` must be below the number of states, 2"):
        solution.splitting(0, 2)


def test_a_pickle_holds_parts_and_makes_the_model_when_it_is_asked_for(solution, place):
    solution.expectation("x")
    again = pickle.loads(pickle.dumps(solution))
    names = {f.name for f in dataclasses.fields(solution)}
    assert set(vars(again)) == names - {"model"} | {"parts"}
    twice = pickle.loads(pickle.dumps(again))
    for one in (again, twice):
        assert type(one) is type(solution)
        assert str(one) == str(solution)
        found = one.wavefunctions(POINTS[place])
        np.testing.assert_array_equal(found, solution.wavefunctions(POINTS[place]))
        np.testing.assert_array_equal(one.lower, solution.lower)
        np.testing.assert_array_equal(one.state_errors, solution.state_errors)
    assert again.model is again.model
    assert again.model.potential is again.potential
    assert again.potential == WELLS[place]


def test_a_copy_shares_the_model_and_is_another_one(solution):
    shared = copying.copy(solution)
    assert shared.model is solution.model
    assert shared != solution
    assert len({solution, shared}) == 2


def test_a_saved_model_says_the_same(solution, place, tmp_path, without_graphs):
    solution.save(tmp_path / "model")
    model = qwpinn.load(tmp_path / "model")
    assert model.potential == WELLS[place]
    np.testing.assert_array_equal(model.energies.numpy(), solution.energies)
    psi = model.predict(POINTS[place], verbose=0)
    np.testing.assert_array_equal(psi, solution.wavefunctions(POINTS[place]))
    again = qwpinn.certify(model)
    np.testing.assert_allclose(again.lower, solution.lower, rtol=1e-9)


def test_what_is_not_as_asked_is_raised_with_its_solution(place):
    with pytest.raises(NotConverged, match=r"state 0 \(E = .*; state 1 \(E = ") as caught:
        qwpinn.solve(WELLS[place], 2, rtol=1e-11, recipe=SMALL[place], raise_on_failure=True)
    found = caught.value.solution
    assert not found.converged
    assert found.statuses == (Status.TOO_WIDE,) * 2
    exact = WELLS[place].levels(2)
    assert np.all((found.lower <= exact) & (exact <= found.upper))
    error = pickle.loads(pickle.dumps(caught.value))
    assert type(error) is NotConverged
    assert str(error) == str(caught.value)
    np.testing.assert_array_equal(error.solution.energies, found.energies)
    assert "states 0, 1: The enclosure holds its level, but is wider" in str(found)


@pytest.mark.parametrize(
    ("energy", "psi", "words"),
    [
        (Status.CONVERGED, Status.CONVERGED, "converged"),
        (Status.CONVERGED, Status.MIXED, "psi mixed"),
        (Status.TOO_WIDE, Status.MIXED, "too wide"),
        (Status.OTHER_LEVEL, Status.CONVERGED, "other level"),
        (Status.UNPROVEN, Status.UNPROVEN, "unproven"),
    ],
)
def test_a_state_is_said_in_two_words(energy, psi, words):
    assert said(energy, psi) == words
