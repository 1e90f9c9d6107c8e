"""Least squares in scaled parameters, for a family whose levels are known."""

from types import SimpleNamespace

import numpy as np

from qwpinn.families.search import Search, survey


def levels(p):
    """E_0 = a b and E_1 = a^2 + b, with their slopes."""
    a, b = p.T
    energies = np.column_stack([a * b, a**2 + b])
    slopes = np.stack([np.column_stack([b, a]), np.column_stack([2 * a, 1 + 0 * b])], axis=1)
    return energies, slopes


def model():
    """p = 3 + u in both parameters."""
    family = SimpleNamespace(unscaled=lambda u: 3.0 + u, stretch=np.ones_like)
    surface = SimpleNamespace(energies=lambda p: levels(p)[0], with_slopes=levels)
    refinement = SimpleNamespace(
        energies=lambda p: levels(p)[0],
        states=lambda p: SimpleNamespace(energies=levels(p)[0], forces=levels(p)[1]),
    )
    return SimpleNamespace(
        family=family, surface=surface, refinement=refinement, floor=0.0, errors=None
    )


BOX = np.full(2, -1.0), np.full(2, 1.0)


def test_all_guesses_are_solved_at_once():
    """E_0 = 8.75 and E_1 - E_0 = 1, at a = 2.5 and b = 3.5."""
    a, b = 2.5, 3.5
    weights = np.array([[1.0, 0.0], [-1.0, 1.0]])
    goals = weights @ levels(np.array([[a, b]]))[0][0]
    search = Search(model(), weights, goals, BOX)
    for refine in (False, True):
        found = search.solved(np.array([[0.0, 0.0], [-0.9, 0.9]]), refine)
        for u, error in found:
            np.testing.assert_allclose(3.0 + u, [a, b], rtol=1e-7)
            assert error < 1e-7


def test_what_is_out_of_the_box_is_off():
    search = Search(model(), np.array([[1.0, 0.0]]), np.array([32.0]), BOX)
    ((u, error),) = search.solved(np.array([[0.0, 0.0]]))
    np.testing.assert_allclose(u, 1.0, atol=1e-4)
    assert abs(error - 0.5) < 1e-3


def test_a_survey_has_the_corners():
    search = Search(model(), np.array([[1.0, 0.0]]), np.array([9.0]), BOX)
    u, values, exact = survey(search, seed=0)
    assert (u.shape, values.shape) == ((2052, 2), (2052, 1))
    np.testing.assert_array_equal(np.unique(u[-4:]), [-1.0, 1.0])
    assert (values.min(), values.max()) == (4.0, 16.0)
    assert not exact.any()


def test_the_tolerance_is_what_a_small_target_needs():
    for goal, tolerance in ((9.0, 1e-6), (9e-3, 1e-4 * 9e-3 / 12.0 / 8.0), (1e-9, 1e-10)):
        search = Search(model(), np.array([[1.0, 0.0]]), np.array([goal]), BOX)
        np.testing.assert_allclose(search.tolerance(np.array([[3.0, 3.0]])), tolerance, rtol=1e-12)
