"""Where units stand in a plane: Weyl's law, Agmon's distance, and crowds of centres."""

import numpy as np
import pytest

from qwpinn.equation.plane_density import CELLS, FACTORS, agmon, cells, density, level, placed
from qwpinn.equation.plane_scaling import PlaneScaling
from qwpinn.equation.regions import Rectangle
from qwpinn.potentials import Box2D, CircularDot, Harmonic2D, Plane


def of(well):
    return cells(well, PlaneScaling.for_potential(well))


@pytest.fixture(scope="module")
def dot():
    return of(CircularDot())


def units(at, seed=0, count=400, states=3, steepness=0.2):
    return placed(at, states, count, steepness, np.random.default_rng(seed))


def test_cells_hold_v_of_their_middles():
    well = Plane(lambda x, y: x + 10.0 * y, (2.0, 8.0, -1.0, 3.0))
    at = of(well)
    assert at.potential.shape == (CELLS, CELLS)
    assert (at.x[0], at.x[-1], at.y[0], at.y[-1]) == pytest.approx((-1, 1, -2 / 3, 2 / 3))
    assert at.area * CELLS**2 == pytest.approx(8.0 / 3.0)
    x, y = 2.0 + 6.0 * 4.5 / CELLS, -1.0 + 4.0 * 99.5 / CELLS
    # V - min V in units of 1 / h^2, and the first axis is x.
    assert at.potential[4, 99] == pytest.approx(9.0 * (x + 10.0 * y + 8.0), rel=1e-12)


@pytest.mark.parametrize("well", [Box2D(), Box2D(1.0, 0.4), Box2D(0.7, 1.0)])
@pytest.mark.parametrize("number", [0.5, 3.0, 20.0])
def test_the_energy_of_a_box_is_weyls(well, number):
    """A E / 4 pi - P E^(1/2) / 4 pi = N, in scaled units."""
    a, b = PlaneScaling.for_potential(well).halves
    area, edge = 4.0 * a * b, 4.0 * (a + b)
    root = (edge + np.sqrt(edge**2 + 16.0 * np.pi * area * number)) / (2.0 * area)
    assert level(of(well), number) == pytest.approx(root**2, rel=1e-9)


def test_walls_count_where_v_is_below_the_energy():
    """Two high strips at the ends of a box: the length of the other two walls between them."""
    well = Plane(lambda x, y: np.where(np.abs(x) > 0.9, 1e5, 0.0), (-1.0, 1.0, -0.4, 0.4))
    area, edge = 1.8 * 0.8, 2.0 * 1.8
    root = (edge + np.sqrt(edge**2 + 16.0 * np.pi * area * 5.0)) / (2.0 * area)
    assert level(of(well), 5.0) == pytest.approx(root**2, rel=1e-9)


def test_weyls_energy_is_near_to_levels():
    well = Box2D(1.0, 1.2)
    scaled = PlaneScaling.for_potential(well).energy(well.levels(40))
    found = [level(of(well), n + 0.5) for n in range(40)]
    np.testing.assert_allclose(found[10:], scaled[10:], rtol=0.15)
    assert np.all(np.diff(found) > 0.0)


def test_weyls_energy_of_an_oscillator():
    """Without walls in reach, (1/4 pi) int (E - V)_+ = E^2 / (8 a b)."""
    well = Harmonic2D(1.0, 2.0)
    scaling = PlaneScaling.for_potential(well)
    for number in (0.5, 4.0, 12.0):
        found = scaling.own_energy(level(of(well), number))
        assert found == pytest.approx(np.sqrt(8.0 * 2.0 * number), rel=2e-3)


def test_agmons_distance_from_a_step_is_a_straight_line():
    """V = 40 for x > 0, whatever y: (40 - E)^(1/2) x in own units."""
    well = Plane(40.0, (-2.0, 2.0, -1.0, 1.0), [Rectangle((-1.99, 0.0, -0.99, 0.99), 0.0)])
    scaling = PlaneScaling.for_potential(well)
    at = of(well)
    far = agmon(at, scaling.energy(4.0))
    middle = (at.x[1:] + at.x[:-1]) / 2
    rows = far[:, CELLS // 2]
    inside = (middle < 0.0) & (middle > -0.99)
    np.testing.assert_allclose(rows[inside], 0.0, atol=1e-9)
    out = middle > 0.0
    expected = np.sqrt(scaling.energy(40.0) - scaling.energy(4.0)) * middle[out]
    np.testing.assert_allclose(rows[out], expected, rtol=1e-9, atol=1e-9)


def test_agmons_distance_grows_along_a_slope_as_its_integral():
    well = Plane(lambda x, y: np.maximum(x, 0.0), (-1.0, 1.0, -1.0, 1.0))
    at = of(well)
    middle = (at.x[1:] + at.x[:-1]) / 2
    found = agmon(at, 0.0)[:, CELLS // 3]
    right = middle > 0.2
    np.testing.assert_allclose(found[right], 2.0 / 3.0 * middle[right] ** 1.5, rtol=0.02)


def test_no_detour_is_longer_than_an_eighth_of_a_turn_makes_it(dot):
    """Paths run along cells and diagonals: at most 1.083 times as long as straight ones."""
    energy = 9.0 * 4.42
    far = agmon(dot, energy) / np.sqrt(9.0 * 50.0 - energy)
    x, y = np.meshgrid((dot.x[1:] + dot.x[:-1]) / 2, (dot.y[1:] + dot.y[:-1]) / 2, indexing="ij")
    straight = np.maximum(np.hypot(x, y) - 1.0 / 3.0, 0.0)
    beyond = straight > 0.1
    cell = dot.x[1] - dot.x[0]
    assert np.all(far[beyond] >= straight[beyond] - 1.5 * cell)
    assert np.all(far[beyond] <= 1.083 * straight[beyond] + 1.5 * cell)


def test_an_energy_below_v_is_measured_from_its_least_cell(dot):
    far = agmon(dot, -1.0)
    assert np.isfinite(far).all()
    np.testing.assert_allclose(far[dot.potential == 0.0], 0.0, atol=1e-9)


def test_a_box_is_crowded_evenly():
    crowd, waves = density(of(Box2D()), 3)
    np.testing.assert_allclose(crowd, crowd[0, 0], rtol=1e-9)
    # Of level K, which is the shorter wave.
    energy = level(of(Box2D()), 3)
    np.testing.assert_allclose(waves, np.sqrt(energy + (np.pi / 2) ** 2), rtol=1e-9)


def test_a_dot_is_crowded_inside_and_empty_far_away(dot):
    crowd, waves = density(dot, 3)
    assert crowd.min() > 0.0
    assert crowd[CELLS // 2, CELLS // 2] > 100.0 * crowd[0, 0]
    # Nothing is as steep as V far up a wall.
    energy = level(dot, 3)
    assert waves.max() <= np.sqrt(8.0 * energy + (np.pi / 2) ** 2) * (1.0 + 1e-12)


def test_most_units_stand_where_the_states_are_and_none_outside(dot):
    at = units(dot)
    assert np.max(np.abs(at.centres)) <= 1.0
    r = np.hypot(*at.centres.T) * 3.0
    # The disc is a twelfth of the box.
    assert np.mean(r < 1.0) > 0.5
    assert np.mean(r < 1.4) > 0.9
    narrow = units(of(Box2D(1.0, 0.4)))
    assert np.all(np.abs(narrow.centres) <= [1.0, 0.4 + 1e-15])


@pytest.mark.parametrize("count", [100, 400])
def test_the_centres_of_a_box_are_spread_evenly(count):
    """As many in each sixteenth as its share, but for a few."""
    x, y = units(of(Box2D(1.0, 0.4)), count=count).centres.T
    found, _, _ = np.histogram2d(x, y, 4, [[-1.0, 1.0], [-0.4, 0.4]])
    np.testing.assert_allclose(found, count / 16.0, atol=4.0)


def test_slopes_turn_to_all_directions_and_are_as_steep_as_waves():
    at = units(of(Box2D()), steepness=0.2)
    angle = np.arctan2(at.slopes[:, 1], at.slopes[:, 0])
    assert 0.0 <= angle.min() < angle.max() < np.pi
    found, _ = np.histogram(angle, 8, (0.0, np.pi))
    np.testing.assert_allclose(found, 50.0, atol=3.0)
    wave = np.sqrt(level(of(Box2D()), 3) + (np.pi / 2) ** 2)
    shares = np.linalg.norm(at.slopes, axis=1) / (0.2 * wave)
    assert FACTORS[0] <= shares.min() < 0.65
    assert 1.35 < shares.max() <= FACTORS[1]


def test_a_seed_repeats_them(dot):
    first, again, other = units(dot, seed=7), units(dot, seed=7), units(dot, seed=8)
    for one, two, three in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(one, two)
        assert np.abs(one - three).max() > 1e-3
