"""Enclosures against exact levels: trial functions of known error, and what must be refused."""

import numpy as np
import pytest
from mixtures import BOX, LEVELS, on_nodes, rotated, sines

import qwpinn
from qwpinn import references
from qwpinn.enclosures import Enclosure, enclose, lehmann
from qwpinn.equation.mesh import Mesh


@pytest.mark.parametrize("seed", range(3))
def test_enclosures_hold_the_levels_and_know_which(seed):
    found = enclose(BOX, sines(rotated(6, seed, 1e-4)), states=3)
    assert np.all(found.lower < LEVELS[:3])
    assert np.all(LEVELS[:3] < found.upper)
    assert np.max(found.widths / LEVELS[:3]) < 1e-4
    assert found.quantum_numbers.tolist() == [0, 1, 2]


def test_exact_functions_are_enclosed_to_rounding_and_never_to_nothing():
    found = enclose(BOX, sines(np.eye(12)[:, :5]), states=3)
    assert np.all((found.lower < LEVELS[:3]) & (LEVELS[:3] < found.upper))
    np.testing.assert_allclose(found.widths / LEVELS[:3], 2e-12, rtol=1.0)


def test_a_missed_level_is_noticed():
    """States 0 and 2 given for 0 and 1: the second is proven to be level 2."""
    found = enclose(BOX, sines(np.eye(12)[:, [0, 2, 3, 4]]), states=2)
    assert found.quantum_numbers.tolist() == [0, 2]
    assert found.lower[1] < LEVELS[2] < found.upper[1]


def test_an_excited_state_alone_gets_its_own_number():
    mixture = np.eye(12)[:, [3]] + 1e-4 * np.eye(12)[:, [5]]
    found = enclose(BOX, sines(mixture), states=1)
    assert found.quantum_numbers.tolist() == [3]
    assert found.lower[0] < LEVELS[3] < found.upper[0]
    assert found.widths[0] < 3e-3 * found.residuals[0]


def test_a_function_given_twice_proves_nothing_of_the_level_it_misses():
    """Of dependent functions the pencil has eigenvalues of rounding errors: they may fit."""
    twice = np.eye(12)[:, [1, 1, 2, 3]]
    twice[5, 1] = 1e-7
    found = enclose(BOX, sines(twice), states=1)
    assert found.quantum_numbers.tolist() == [1]
    assert found.lower[0] < LEVELS[1] < found.upper[0]
    assert on_nodes(sines(twice)).ritz_values().size == 0
    assert lehmann(on_nodes(sines(twice)), 30.0).size == 0


def test_a_bad_function_proves_nothing_but_holds_some_level():
    mixture = np.eye(12)[:, [0]] + np.eye(12)[:, [4]]
    found = enclose(BOX, sines(mixture), states=1)
    assert found.quantum_numbers.tolist() == [-1]
    assert np.any((found.lower[0] < LEVELS) & (found.upper[0] > LEVELS))
    assert found.relative_width(0.0) == np.inf


def test_a_doublet_is_enclosed_far_below_its_residual():
    """Two states that rounding cannot tell apart, rotated into each other: the span has both."""
    well = qwpinn.PiecewiseConstant([-6, -4, -2, 2, 4, 6], [100, 0, 100, 0, 100])
    exact = references.exact(well, 4)
    step = 1e-4

    def functions(x):
        turn = np.array([[1, 1], [-1, 1]]) / np.sqrt(2.0)
        full = np.kron(np.eye(2), turn)
        inside = np.clip(x, -6 + step, 6 - step)
        psi = exact.wavefunctions(inside) @ full
        return psi, (exact.wavefunctions(inside) * exact.energies) @ full

    found = enclose(well, functions, states=2)
    assert np.all((found.lower <= exact.energies[:2]) & (exact.energies[:2] <= found.upper))
    assert found.quantum_numbers.tolist() == [0, 1]
    assert np.max(found.widths) < 1e-7


def test_widths_are_in_units_of_the_kinetic_energy_where_e_is_not_above_the_floor():
    found = enclose(BOX, sines(rotated(5, 0, 1e-3)), states=2)
    assert found.kinetic == pytest.approx(LEVELS[:2], rel=1e-3)
    low = Enclosure(
        np.array([-1.0]), np.array([1.0]), np.array([0]), np.ones(1), kinetic=np.ones(1)
    )
    assert low.relative_widths(0.0) == pytest.approx([2.0])


def test_fewer_functions_than_states_are_refused():
    with pytest.raises(ValueError, match=r"at least 3 columns.*Received: 2"):
        enclose(BOX, sines(np.eye(12)[:, :2]), states=3)


def test_relative_width_counts_from_the_floor_and_needs_every_number():
    numbers = np.arange(2)
    found = Enclosure(np.array([1.0, 3.0]), np.array([1.1, 3.1]), numbers, np.ones(2))
    assert found.relative_width(0.0) == pytest.approx(0.1)
    assert found.relative_width(-4.0) == pytest.approx(0.02)
    assert found.relative_width(1.0) == found.relative_width(2.0) == np.inf
    swapped = Enclosure(found.lower, found.upper, numbers[::-1], found.residuals)
    assert swapped.relative_width(0.0) == np.inf


def test_functions_that_have_hardly_changed_are_proven_by_the_same_count():
    asked = []

    class Asked(Mesh):
        def count_below(self, energy, expected=None):
            asked.append(energy)
            return super().count_below(energy)

    for change in (0.0, 1e-6, -1e-5):
        functions = sines(rotated(6, 0, 1e-4 * (1.0 + change)))
        found = enclose(BOX, functions, states=3, mesh=Asked(BOX, 3))
        assert found.quantum_numbers.tolist() == [0, 1, 2]
    assert len(asked) == 3
    (separation,) = set(asked)
    assert LEVELS[2] < separation < LEVELS[5]
    assert separation % 2.0 == 0.0  # gaps are 69 and more
