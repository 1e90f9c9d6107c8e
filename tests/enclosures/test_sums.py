"""Enclosures of sums: they hold for exact levels of any two parts, and claim nothing else."""

import numpy as np
import pytest

from qwpinn.enclosures import Enclosure
from qwpinn.enclosures.sums import enclosed_sums


def exact_levels(rng, count):
    """Simple levels, some of them nearly degenerate and many sums equal."""
    steps = rng.choice([1.0, 2.0, 0.5, 1e-3], count)
    return np.cumsum(steps) + rng.integers(-3, 3)


def enclosed(rng, levels, states):
    """Enclosures with random widths of the lowest levels, or with one left out; some unproven."""
    found = np.delete(np.arange(states + 1), states if rng.random() < 0.8 else rng.integers(states))
    own = levels[found]
    numbers = np.where(rng.random(states) < rng.choice([0.0, 0.2]), -1, found)
    below, above = rng.choice([1e-9, 1e-9, 1e-4, 0.3, 2.0], (2, states)) * rng.random((2, states))
    # Where a state is unproven, what was found beyond may rest on the same integrals.
    separation = levels[states] + (1.0 if -1 in numbers else -rng.choice([0.0, 0.3, np.inf]))
    return own, Enclosure(
        own - below, own + above, numbers, below, separation, 0.3 * rng.random(states), 0.1 * own
    )


def lowest_pairs(first, second, states):
    """The pairs of the lowest sums of what was found."""
    sums = (first[:, None] + second).ravel()
    order = np.argsort(sums, kind="stable")[:states]
    return np.stack([order // second.size, order % second.size], axis=1)


def test_every_bound_holds_whatever_is_known_of_the_parts():
    rng = np.random.default_rng(1)
    proven = told = 0
    for _ in range(2000):
        levels = [exact_levels(rng, 14) for _ in range(2)]
        counts = rng.integers(1, 6, 2)
        each = [enclosed(rng, own, n) for own, n in zip(levels, counts, strict=True)]
        energies, parts = zip(*each, strict=True)
        lowest = int(rng.integers(0, 2)) if np.prod(counts) > 1 else 0
        states = int(rng.integers(1, np.prod(counts) - lowest + 1))
        pairs = lowest_pairs(*energies, lowest + states)[lowest:]
        found = enclosed_sums(*parts, pairs, lowest)
        sums = np.sort((levels[0][:, None] + levels[1]).ravel())
        # What is exact here is a sum in floating point itself.
        slack = 1e-14
        for k, number in enumerate(found.quantum_numbers.tolist()):
            if number >= 0:
                assert number == lowest + k
                assert found.lower[k] - slack <= sums[number] <= found.upper[k] + slack
            own = energies[0][pairs[k, 0]] + energies[1][pairs[k, 1]]
            assert found.lower[k] - slack <= own <= found.upper[k] + slack or number >= 0
            if found.state_errors[k] < np.sqrt(2.0):
                # Only where the product is of that level, and of no other.
                assert abs(own - sums[lowest + k]) < slack
                assert np.sum(np.abs(sums - own) < 1e-9) == 1
                told += 1
        assert found.separation <= sums[lowest + states] + slack
        proven += int(np.sum(found.quantum_numbers >= 0))
    assert proven > 4000
    assert told > 200


def part(*levels, width=1e-6, separation=1e3):
    e = np.array(levels)
    return Enclosure(
        e - width, e + width, np.arange(e.size), 0.1 * e, separation, 0.01 * e, 0.5 * e
    )


def test_levels_that_were_not_found_count_from_below():
    pairs = np.array([[0, 0], [0, 1], [0, 2]])
    near = enclosed_sums(part(1.0, separation=1.5), part(1.0, 2.0, 3.0), pairs)
    # E_1 and E_2 may be just above 1.5: then 1 + 2 is the fourth sum.
    np.testing.assert_allclose(near.lower, [2.0, 2.5, 2.5], atol=1e-5)
    np.testing.assert_allclose(near.upper, [2.0, 3.0, 4.0], atol=1e-5)
    far = enclosed_sums(part(1.0, separation=4.0), part(1.0, 2.0, 3.0), pairs)
    np.testing.assert_allclose(far.lower, [2.0, 3.0, 4.0], atol=1e-5)
    assert far.quantum_numbers.tolist() == [0, 1, 2]


def test_degenerate_sums_are_enclosed_and_their_states_undetermined():
    pairs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    found = enclosed_sums(part(1.0, 4.0), part(1.0, 4.0), pairs)
    assert found.quantum_numbers.tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(found.widths, 4e-6, rtol=1e-6)
    np.testing.assert_allclose(found.state_errors[[0, 3]], [0.0201, 0.0816], rtol=1e-9)
    np.testing.assert_array_equal(found.state_errors[[1, 2]], np.sqrt(2.0))
    apart = enclosed_sums(part(1.0, 4.0), part(1.0, 4.001), pairs[[0, 2, 1, 3]])
    assert np.all(apart.state_errors < 0.1)


def test_residuals_and_kinetic_energies_are_those_of_a_product():
    found = enclosed_sums(part(1.0, 3.0), part(2.0, 4.5), np.array([[0, 0], [1, 0]]))
    np.testing.assert_allclose(found.residuals, [np.hypot(0.1, 0.2), np.hypot(0.3, 0.2)])
    np.testing.assert_allclose(found.kinetic, [1.5, 2.5])


@pytest.mark.parametrize("which", [0, 1])
def test_nothing_is_numbered_without_the_ground_state_of_either_part(which):
    parts = [part(1.0, 3.0), part(2.0, 4.5)]
    parts[which].quantum_numbers[0] = -1
    found = enclosed_sums(*parts, np.array([[0, 0], [1, 0]]))
    assert found.quantum_numbers.tolist() == [-1, -1]
    np.testing.assert_allclose(found.lower, [3.0, 5.0], atol=1e-5)
    np.testing.assert_array_equal(found.state_errors, np.sqrt(2.0))
