"""Regions: their boundaries, and which cells they pass through."""

import numpy as np
import pytest

from qwpinn.equation.regions import REGIONS, Disc, Rectangle, Region

DISC = Disc((0.3, -0.2), 0.7, -5.0)
BOX = Rectangle((-0.5, 0.9, -0.3, 0.6), 2.0)


@pytest.mark.parametrize("region", [DISC, BOX], ids=["disc", "rectangle"])
def test_boundary_distance_and_crossings_agree(region):
    points = region.boundary(400)
    np.testing.assert_allclose(region.distance(*points.T), 0.0, atol=1e-13)
    left, right = region.turns
    x = np.linspace(left, right, 13)[1:-1]
    for y in region.crossings(x):
        np.testing.assert_allclose(region.distance(x, y), 0.0, atol=1e-13)
    middle = region.crossings(x).mean(axis=0)
    assert region.contains(x, middle).all()
    assert not region.contains(np.array([left - 0.1]), middle[:1]).any()


@pytest.mark.parametrize("region", [DISC, BOX], ids=["disc", "rectangle"])
def test_no_cell_is_missed_that_a_boundary_passes(region):
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-1.5, 1.5, (2, 4000))
    half = rng.uniform(0.01, 0.4, (2, 4000))
    told = region.meets(x, y, *half)
    points = region.boundary(4000)
    across = np.abs(points[:, :1] - x) < half[0]
    up = np.abs(points[:, 1:] - y) < half[1]
    passed = (across & up).any(axis=0)
    assert not (passed & ~told).any()
    # And few are told of that none passes.
    assert np.sum(told & ~passed) < 40


def test_cells_that_end_on_a_line_of_a_rectangle_are_whole():
    a, b, c, d = BOX.box
    inside = BOX.meets((a + b) / 2, (c + d) / 2, (b - a) / 2, (d - c) / 2)
    beside = BOX.meets(np.nextafter(b + 0.1, 9.0), 0.0, 0.1, 0.1)
    assert not inside
    assert not beside
    assert BOX.meets(b + 0.1, 0.0, 0.1001, 0.1)


@pytest.mark.parametrize(
    ("one", "two", "gap"),
    [
        (Disc((0, 0), 1.0, 0.0), Disc((3, 0), 0.5, 0.0), 1.5),
        (Disc((0, 0), 1.0, 0.0), Disc((0.1, 0), 0.5, 0.0), 0.4),
        (Rectangle((-1, 1, -1, 1), 0.0), Disc((0, 0), 0.5, 0.0), 0.5),
        (Rectangle((-1, 1, -1, 1), 0.0), Rectangle((1.25, 2, -3, 3), 0.0), 0.25),
        (Disc((0, 0), 1.0, 0.0), Disc((1.5, 0), 0.75, 0.0), -0.25),
    ],
)
def test_gaps(one, two, gap):
    assert one.gap(two) == pytest.approx(gap, abs=2e-3)
    assert two.gap(one) == pytest.approx(gap, abs=2e-3)


def test_a_region_holds_what_is_inside():
    assert Disc((0, 0), 1.0, 0.0).holds(Rectangle((-0.5, 0.5, -0.5, 0.5), 0.0))
    assert not Rectangle((-0.5, 0.5, -0.5, 0.5), 0.0).holds(Disc((0, 0), 1.0, 0.0))


@pytest.mark.parametrize("region", [DISC, BOX], ids=["disc", "rectangle"])
def test_scaled_and_described(region):
    scaled = region.scaled((0.5, 0.25), 2.0)
    points = region.boundary(50)
    np.testing.assert_allclose(scaled.distance(*((points - [0.5, 0.25]) / 2.0).T), 0.0, atol=1e-13)
    config = region.to_config()
    kind = REGIONS[config.pop("class")]
    fields = {name: tuple(v) if isinstance(v, list) else v for name, v in config.items()}
    assert kind(**fields) == region


def test_exchanged_is_mirrored_at_the_diagonal():
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-1.5, 1.5, (2, 200))
    for region in (DISC, BOX):
        np.testing.assert_array_equal(region.exchanged.contains(y, x), region.contains(x, y))
        assert region.exchanged.exchanged == region
    assert BOX.exchanged.box == (-0.3, 0.6, -0.5, 0.9)


def test_corners_are_those_of_rectangles():
    assert DISC.corners == []
    assert set(BOX.corners) == {(-0.5, -0.3), (-0.5, 0.6), (0.9, -0.3), (0.9, 0.6)}


def test_another_value_in_the_same_place():
    for region in (DISC, BOX):
        other = region.valued(7.0)
        assert (other.value, other.kink, type(other)) == (7.0, region.kink, type(region))
        assert other.valued(region.value) == region
    with pytest.raises(TypeError, match=r"`value` must be a real number"):
        DISC.valued("high")


def test_their_place_is_said_in_words():
    assert DISC.where == "disc about (0.3, -0.2), radius 0.7"
    assert BOX.where == "rectangle, x from -0.5 to 0.9, y from -0.3 to 0.6"


def test_values_may_be_functions():
    bowl = Disc((0, 0), 1.0, lambda x, y: x**2 + y)
    np.testing.assert_allclose(bowl.inside(np.array([2.0]), np.array([1.0])), [5.0])
    with pytest.raises(TypeError, match=r"`value` must hold numbers"):
        bowl.to_config()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Disc((0, 0), 0.0, 1.0), ValueError, r"`radius` must be a positive"),
        (lambda: Disc((0, 0, 0), 1.0, 1.0), ValueError, r"`centre` must be two numbers"),
        (lambda: Disc((0, 0), 1.0, "deep"), TypeError, r"`value` must be a real number"),
        (lambda: Disc((0, 0), 1.0, np.nan), ValueError, r"`value` must be finite"),
        (lambda: Rectangle((1, 0, 0, 1), 1.0), ValueError, r"`box` must be four numbers"),
        (lambda: Rectangle((0, 1), 1.0), ValueError, r"`box` must be four numbers"),
    ],
)
def test_bad_input(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_another_kind_is_one_more_class():
    assert set(Region.__abstractmethods__) >= {"crossings", "distance", "meets", "kink"}
