"""Planes of one's own: values, regions within each other, descriptions, and what is refused."""

import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwpinn.equation.regions import Disc, Rectangle, Region
from qwpinn.potentials import InfiniteWell, Plane, SeparablePlane, potential_from_config

WALLS = (-3.0, 3.0, -2.0, 2.0)
EVERY = [
    Plane(4, WALLS),
    Plane(
        1.5,
        [-3, 3, -2, 2],
        [Rectangle((-1, 1, -1, 1), 0.5), Disc((0.2, 0), 0.5, -2), Disc((2, 1), 0.4, 7.0)],
    ),
]


@given(
    radii=st.lists(st.floats(0.05, 1.9), min_size=1, max_size=5),
    angle=st.floats(0.0, 6.28),
    r=st.floats(0.0, 1.95),
    order=st.randoms(use_true_random=False),
)
def test_of_nested_discs_the_innermost_counts(radii, angle, r, order):
    """In whatever order they are given; those too near to each other are refused."""
    discs = [Disc((0.1, -0.05), radius, -radius) for radius in radii]
    order.shuffle(discs)
    rising = sorted(radii)
    # Of 6, the longer side; boundaries are compared at points.
    apart = min(np.diff(rising), default=1.0)
    if apart < 0.00601:
        if apart < 0.00599:
            with pytest.raises(ValueError, match=r"disjoint or nested"):
                Plane(2.0, WALLS, discs)
        return
    well = Plane(2.0, WALLS, discs)
    x, y = 0.1 + r * np.cos(angle), -0.05 + r * np.sin(angle)
    distance = np.hypot(x - 0.1, y + 0.05)
    assert well(x, y) == next((-one for one in rising if distance < one), 2.0)


def test_a_function_outside_and_functions_inside():
    inner = Rectangle((-0.5, 0.5, -0.5, 0.5), lambda x, y: 100.0 + x)
    well = Plane(lambda x, y: x * y, WALLS, [Disc((0, 0), 1.0, lambda x, y: -(y**2)), inner])
    assert not well.constant_outside
    found = well([2.0, 0.0, 0.25], [0.5, 0.75, 0.25])
    np.testing.assert_allclose(found, [1.0, -0.5625, 100.25])
    # A function that returns a number stands for it everywhere.
    np.testing.assert_array_equal(Plane(lambda x, y: 3, WALLS)(np.zeros((2, 3)), 0.0), 3.0)


@pytest.mark.parametrize("well", EVERY, ids=["flat", "regions"])
def test_a_description_restores_them(well):
    text = json.dumps(well.to_config())
    again = potential_from_config(json.loads(text))
    assert type(again) is type(well)
    assert again == well
    assert hash(again) == hash(well)
    assert json.dumps(again.to_config()) == text
    x, y = np.random.default_rng(2).uniform(-0.9, 0.9, (2, 50))
    np.testing.assert_array_equal(again(x, y), well(x, y))
    assert pickle.loads(pickle.dumps(well)) == well


def test_functions_are_described_by_their_series():
    inner = Disc((0.5, -0.2), 0.8, lambda x, y: np.exp(-(x**2) - y) - 20.0)
    well = Plane(lambda x, y: np.cos(x) * y**2, WALLS, [inner])
    config = json.loads(json.dumps(well.to_config()))
    again = potential_from_config(config)
    x, y = np.random.default_rng(3).uniform(-1.0, 1.0, (2, 500)) * [[3.0], [2.0]]
    np.testing.assert_allclose(again(x, y), well(x, y), rtol=0.0, atol=1e-12)
    assert inner.contains(x, y).any()
    # A series describes itself.
    assert again.to_config() == config
    assert again == potential_from_config(config)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(again))(x, y), again(x, y))


def test_functions_that_no_series_resolves_are_not_described():
    with pytest.raises(ValueError, match=r"`function` must be smooth to be stored"):
        Plane(lambda x, y: np.abs(x - 0.1), WALLS).to_config()
    kink = Disc((0, 0), 1.0, lambda x, y: np.abs(y - 0.1))
    with pytest.raises(ValueError, match=r"`regions\[0\]\.value` must be smooth to be stored"):
        Plane(1.0, WALLS, [kink]).to_config()


def test_regions_are_in_their_own_order():
    small, large = Disc((0, 0), 0.5, 1.0), Rectangle((-1, 1, -1, 1), 2.0)
    assert Plane(0.0, WALLS, (small, large)).regions == (large, small)
    assert Plane(0.0, WALLS, large).regions == (large,)


def test_sums_of_wells_along_x_and_y():
    found = Plane.sum(InfiniteWell(2.0), InfiniteWell(3.0))
    assert found == SeparablePlane(InfiniteWell(2.0), InfiniteWell(3.0))
    assert found.levels(1)[0] == pytest.approx(np.pi**2 * (1 / 4 + 1 / 9), rel=1e-14)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Plane("deep", WALLS), TypeError, r"`function` must be a real number"),
        (lambda: Plane(np.nan, WALLS), ValueError, r"`function` must be finite. Received: .*nan"),
        (lambda: Plane(0.0, (0, 1, 1, 0)), ValueError, r"`box` must be four numbers \(x0, x1, y0"),
        (lambda: Plane(0.0, (0, 1)), ValueError, r"`box` must be four numbers"),
        (lambda: Plane(0.0, (0, np.inf, 0, 1)), ValueError, r"`box` must hold finite numbers"),
        (lambda: Plane(0.0, "walls"), TypeError, r"`box` must hold real numbers"),
        (lambda: Plane(0.0, WALLS, [3.0]), TypeError, r"`regions` must hold.*regions\[0\]=3\.0"),
        (lambda: Plane(0.0, WALLS, None), TypeError, r"`regions` must hold.*regions\[0\]=None"),
        (
            lambda: Plane(0.0, WALLS, [Disc((0, 0), 1, 0), Disc]),
            TypeError,
            r"`regions` must hold.*regions\[1\]=<class",
        ),
        (
            lambda: Plane(0.0, WALLS, [Disc((0, 0), 0.1, 1.0)] * 31),
            ValueError,
            r"`regions` must be at most 30.*regions=31",
        ),
        (
            lambda: Plane(0.0, WALLS, [Disc((0, 0), 2.5, 1.0)]),
            ValueError,
            r"`regions` must be inside the box.*regions\[0\] from \(-2\.5, -2\.5\)",
        ),
        (
            lambda: Plane(0.0, WALLS, [Rectangle((-1, 1, -1.999, 1), 1.0)]),
            ValueError,
            r"0\.001 of it or more from the walls",
        ),
        (
            lambda: Plane(0.0, WALLS, [Disc((0, 0), 1, 1.0), Rectangle((0, 2, 0, 1), 1.0)]),
            ValueError,
            r"`regions` must be disjoint or nested.*regions\[0\] and regions\[1\], -",
        ),
        (
            lambda: Plane(0.0, WALLS, [Disc((0, 0), 1, 1.0), Disc((0, 0), 0.996, 1.0)]),
            ValueError,
            r"0\.006 or more from each other.*0\.004 apart",
        ),
        (
            lambda: Plane(lambda x, y: x[:2], WALLS)(np.zeros(3), np.zeros(3)),
            ValueError,
            r"`function` must have the shape of x, \(3,\)",
        ),
        (
            lambda: Plane(0.0, WALLS, mass=0.067),
            TypeError,
            r"`Plane` must be given by function, box, regions.*in_units",
        ),
    ],
)
def test_bad_input(make, error, message):
    with pytest.raises(error, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_bad_descriptions():
    with pytest.raises(ValueError, match=r"only the fields box, function, regions. Received: rad"):
        potential_from_config({"class": "Plane", "radius": 1.0})
    with pytest.raises(ValueError, match=r"Received: none for box"):
        potential_from_config({"class": "Plane", "function": 1.0})


def test_a_region_of_ones_own_is_a_region():
    class Hole(Disc):
        """The same, by another name."""

    well = Plane(1.0, WALLS, [Hole((0, 0), 0.5, 0.0)])
    assert isinstance(well.regions[0], Region)
    np.testing.assert_array_equal(well([0.0, 1.0], [0.0, 0.0]), [0.0, 1.0])
