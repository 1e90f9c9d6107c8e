"""Surfaces on which two neighbouring levels of a family repel each other."""

import numpy as np

from qwpinn.families.anticrossings import Anticrossings, find_anticrossings, none


def test_distances_are_those_from_a_flat_surface():
    along = np.linspace(-1.0, 1.0, 9)
    places = np.column_stack([np.full(9, 0.2), along])
    found = Anticrossings(
        np.ones(9, np.intp), places, np.tile([1.0, 0.0], (9, 1)), np.ones(9), np.ones(9)
    )
    u = np.array([[0.2, 0.11], [0.5, -0.33], [-0.1, 0.8]])
    np.testing.assert_allclose(found.distances(u, 1), [0.0, 0.3, 0.3], atol=1e-12)
    np.testing.assert_array_equal(found.distances(u, 0), np.inf)
    assert found.of(1).pairs.size == 9
    assert found.taken(slice(2)).places.shape == (2, 2)


def test_without_any_every_member_is_infinitely_far():
    found = none(3)
    assert found.places.shape == (0, 3)
    np.testing.assert_array_equal(found.distances(np.zeros((2, 3)), 0), np.inf)


def test_a_gap_is_found_between_two_samples_of_one_parameter():
    """sqrt(g^2 + (D (u - u0))^2), of which the samples, half an axis apart, see straight lines."""
    gap, steepness, place = 1e-6, 3.0, 0.123

    def levels(u):
        off = steepness * (u - place)
        half = np.hypot(gap, off) / 2.0
        slope = steepness * off / (4.0 * half)
        return np.hstack([-half, half]), np.stack([-slope, slope], axis=1)

    u = np.linspace(-1.0, 1.0, 5)[:, None]
    found = find_anticrossings(levels, u, *levels(u))
    assert found.pairs.tolist() == [0]
    np.testing.assert_allclose(found.places, [[place]], atol=1e-6)
    np.testing.assert_allclose(found.gaps, gap, rtol=1e-2)
    np.testing.assert_allclose(found.widths, gap / steepness, rtol=1e-2)
    np.testing.assert_allclose(np.abs(found.normals), 1.0)
