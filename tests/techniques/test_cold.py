"""The cold start: from random weights to proven levels."""

import numpy as np
import pytest

import qwpinn
from qwpinn.techniques import cold
from qwpinn.techniques.cold import Cold

WELL = qwpinn.FiniteWell()


@pytest.mark.slow
def test_states_of_an_even_well_are_all_found():
    """Where its layers begin as odd functions, they would stay that."""
    well = qwpinn.InfiniteWell(width=2.0)
    for seed in (0, 1):
        solution = qwpinn.solve(well, states=3, recipe=Cold(), seed=seed)
        assert solution.converged
        exact = well.levels(3)
        assert np.all((solution.lower <= exact) & (exact <= solution.upper))
        np.testing.assert_allclose(solution.energies, exact, rtol=1e-6)


def test_energies_are_trained_from_where_the_descent_ended():
    seen = []
    solution = qwpinn.solve(
        WELL, states=1, rtol=1e-3, recipe=Cold(hidden=(12,), descent=3, steps=4), seed=2,
        report=lambda model, enclosure: seen.append(float(model.energies[0])),
    )  # fmt: skip
    assert solution.model.held_energies is None
    assert 1 <= len(solution.history["loss"]) <= 4
    assert solution.history["energy_0"][-1] == pytest.approx(float(solution.energies[0]))
    assert seen[-1] == float(solution.energies[0])
    again = qwpinn.solve(
        WELL, states=1, rtol=1e-3, recipe=Cold(hidden=(12,), descent=3, steps=4), seed=2
    )
    assert again.energies == solution.energies


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"hidden": 16}, "`hidden` must be the units of each hidden layer"),
        ({"hidden": (16, 0)}, "`hidden` must be an integer"),
        ({"descent": -1}, "`descent` must be an integer of at least 0"),
        ({"steps": 0}, "`steps` must be an integer"),
    ],
)
def test_what_cannot_be_trained_is_refused(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        Cold(**arguments)


def test_a_level_above_is_refused():
    with pytest.raises(ValueError, match="with the recipe Cold, which finds the lowest states"):
        qwpinn.solve(WELL, level=2, recipe=Cold())


def test_a_descent_that_was_too_short_goes_on_and_psi_does_not_vanish(monkeypatch):
    """In the double well sixty steps leave energies so far off that psi = 0 would be cheaper."""
    monkeypatch.setattr(cold, "ROUNDS", 3)
    seen = []

    def spy(self, *given):
        seen.append(original(self, *given))
        return seen[-1]

    original = cold.Cold._without_the_last
    monkeypatch.setattr(cold.Cold, "_without_the_last", spy)
    recipe = cold.Cold(hidden=(8,), descent=4, steps=3)
    solution = qwpinn.solve(qwpinn.DoubleWell(), states=1, recipe=recipe)
    squares = [square for _, square in seen]
    assert len(squares) == 3
    assert squares[-1] < squares[0]
    weight = solution.model.objective.loss.normalisation
    assert weight == pytest.approx(2.0 * squares[-1], rel=1e-12)
    # No step raises the loss, and psi = 0 costs the weight.
    assert all(loss < weight for loss in solution.history["loss"])
    assert solution.model.status is not qwpinn.Status.COLLAPSED
