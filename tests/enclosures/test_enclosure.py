"""Enclosures against exact levels: trial functions of known error, and what must be refused."""

import numpy as np
import pytest
from mixtures import BOX, LEVELS, rotated, sines

import qwpinn
from qwpinn import references
from qwpinn.enclosures import Enclosure, NodeValues, enclose, kato_temple, lehmann, weinstein
from qwpinn.quadrature import gauss_legendre


def on_nodes(functions, potential=BOX):
    rule = gauss_legendre(np.linspace(*potential.interval, 11), 20)
    return NodeValues(*functions(rule.nodes), rule.weights * potential.weight(rule.nodes))


def test_residual_and_rayleigh_quotient_of_a_known_mixture():
    """Psi = cos(a) psi_0 + sin(a) psi_1: R and eta are the mean and the spread of two levels."""
    a = 0.1
    values = on_nodes(sines([[np.cos(a)], [np.sin(a)]]))
    mean = np.cos(a) ** 2 * LEVELS[0] + np.sin(a) ** 2 * LEVELS[1]
    spread = np.cos(a) * np.sin(a) * (LEVELS[1] - LEVELS[0])
    assert values.rayleigh_quotients == pytest.approx([mean], rel=1e-12)
    assert values.residuals == pytest.approx([spread], rel=1e-12)


def test_kato_temple_is_sharp_for_a_mixture_of_the_two_levels_beside():
    """For psi in the span of two eigenfunctions, and mu the upper level, it is the level."""
    a = 0.1
    values = on_nodes(sines([[np.cos(a)], [np.sin(a)]]))
    energy, residual = values.rayleigh_quotients[0], values.residuals[0]
    lower, _ = kato_temple(energy, residual, below=-1e9, above=LEVELS[1])
    assert lower == pytest.approx(LEVELS[0], rel=1e-12)
    assert weinstein(energy, residual)[0] < LEVELS[0]


@pytest.mark.parametrize("bad", [{"below": 3.0}, {"above": 1.0}, {"residual": 1.1}])
def test_kato_temple_refuses_what_proves_nothing(bad):
    arguments = {"energy": 2.0, "residual": 0.1, "below": 1.0, "above": 3.0} | bad
    with pytest.raises(ValueError, match=r"residual\^2 < \(energy - below\) \(above - energy\)"):
        kato_temple(**arguments)


@pytest.mark.parametrize("seed", range(5))
def test_lehmann_bounds_from_below_and_ritz_from_above(seed):
    values = on_nodes(sines(rotated(4, seed, 2e-3)))
    separation = 0.5 * (LEVELS[3] + LEVELS[4])
    lower, upper = lehmann(values, separation), values.ritz_values()
    assert lower.shape == upper.shape == (4,)
    assert np.all(lower <= LEVELS[:4] + 1e-9)
    assert np.all(LEVELS[:4] <= upper + 1e-9)
    assert 1e-6 < np.max(upper - lower) < 1.0


def test_lehmann_error_is_quadratic_in_that_of_psi():
    separation = 0.5 * (LEVELS[3] + LEVELS[4])
    gaps = []
    for strength in (1e-3, 1e-4):
        values = on_nodes(sines(rotated(4, 0, strength)))
        gaps.append(values.ritz_values() - lehmann(values, separation))
    np.testing.assert_allclose(gaps[0] / gaps[1], 100.0, rtol=0.3)


def test_lehmann_of_one_function_is_katos_and_temples():
    values = on_nodes(sines(rotated(1, 1, 0.01)))
    energy, residual = values.rayleigh_quotients[0], values.residuals[0]
    expected = kato_temple(energy, residual, below=-1e9, above=30.0)[0]
    assert lehmann(values, 30.0) == pytest.approx([expected], rel=1e-9)


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


def test_integrals_that_do_not_settle_prove_nothing():
    """A ripple finer than the finest rule: two rules with unrelated panels disagree about it."""

    def functions(x):
        psi, h_psi = sines(np.eye(12)[:, :5])(x)
        ripple = 1e-3 * np.sin(np.pi * 2e5 * x)[:, None]
        return psi + ripple, h_psi + (np.pi * 2e5) ** 2 * ripple

    found = enclose(BOX, functions, states=2)
    assert found.quantum_numbers.tolist() == [-1, -1]
    assert np.isneginf(found.lower).all()
    assert np.isposinf(found.upper).all()
    assert found.relative_width(0.0) == np.inf


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


def test_weight_enters_norm_and_hamiltonian():
    """A box of rho = 4 has a quarter of the levels."""
    heavy = qwpinn.PiecewiseConstant([0.0, 1.0], [0.0], [4.0])

    def functions(x):
        psi, h_psi = sines(rotated(5, 2, 1e-3))(x)
        return psi, h_psi / 4.0

    found = enclose(heavy, functions, states=2)
    assert np.all((found.lower < LEVELS[:2] / 4) & (LEVELS[:2] / 4 < found.upper))
