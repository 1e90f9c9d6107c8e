"""The plane: values, the least of them, and regions in their order."""

import numpy as np
import pytest

from qwpinn.equation.plane import PlanePotential, finite, ordered
from qwpinn.equation.regions import Disc, Rectangle
from qwpinn.potentials import Box2D, CircularDot, Harmonic2D, HenonHeiles, Plane

WALLS = (-2.0, 2.0, -1.5, 1.5)


def test_the_innermost_region_has_its_value_in_whatever_order_they_are_given():
    rings = [Disc((0, 0), r, -r) for r in (0.3, 1.2, 0.7)]
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-1.4, 1.4, (2, 300))
    r = np.hypot(x, y)
    expected = np.select([r < 0.3, r < 0.7, r < 1.2], [-0.3, -0.7, -1.2], 5.0)
    for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2]):
        well = Plane(5.0, WALLS, [rings[i] for i in order])
        np.testing.assert_array_equal(well(x, y), expected)
        np.testing.assert_array_equal(well(np.stack([x, y], axis=-1)), expected)


def test_the_minimum_of_a_formula_and_of_regions():
    assert Plane(lambda x, y: (x - 0.123) ** 2 + (y + 0.456) ** 2, WALLS).minimum < 1e-12
    assert CircularDot(depth=30.0).minimum == 0.0
    inner = Disc((0.3, 0.2), 0.4, lambda x, y: -7.0 + (x - 0.31) ** 2 + (y - 0.22) ** 2)
    assert Plane(1.0, WALLS, [inner]).minimum == pytest.approx(-7.0, abs=1e-10)
    # V is lower at two walls than in the middle.
    assert HenonHeiles(strength=0.12, half=7.0).minimum == pytest.approx(
        min(0.0, 49.0 - 0.24 * 343.0 / 3.0), abs=1e-9
    )


@pytest.mark.parametrize(
    ("regions", "message"),
    [
        ([Disc((0, 0), 1.6, 0.0)], r"`regions` must be inside the box.*regions\[0\]"),
        ([Disc((0, 0), 1.4999, 0.0)], r"0\.001 of it or more from the walls"),
        (
            [Disc((-0.5, 0), 0.6, 0.0), Disc((0.5, 0), 0.6, 0.0)],
            r"disjoint or nested.*regions\[1\]",
        ),
        ([Disc((-0.5, 0), 0.499, 0.0), Disc((0.5, 0), 0.499, 0.0)], r"0\.002 apart"),
    ],
)
def test_boundaries_that_meet_are_refused(regions, message):
    with pytest.raises(ValueError, match=message):
        ordered(regions, WALLS)


def test_what_is_not_finite_is_told_with_its_place():
    pole = Plane(lambda x, y: 1.0 / np.hypot(x, y), WALLS)
    with pytest.raises(ValueError, match=r"`potential` must be finite in its box.* at x=0, y=0"):
        pole.minimum  # noqa: B018


def test_rectangles_stand_for_themselves():
    well = Plane(3.0, WALLS, [Rectangle((-1, 1, -1, 1), lambda x, y: x * y)])
    np.testing.assert_allclose(well([0.5, 1.5], [0.5, 0.5]), [0.25, 3.0])
    assert repr(CircularDot()) == "CircularDot(radius=1.0, depth=50.0, half=None)"


class Tilted(PlanePotential):
    """One of a user's own."""

    box = (0.0, 2.0, -1.0, 1.0)

    def outside(self, x, y):
        return 3.0 * x + y


class Heavy(Tilted):
    rho = 4.0


def test_a_class_of_ones_own_needs_walls_and_v_alone():
    well = Tilted()
    assert well([1.0, 0.5], [0.5, -0.5]).tolist() == [3.5, 1.0]
    assert well.minimum == -1.0
    assert (well.regions, well.lines, well.summands, well.notes) == ((), ((), ()), (), ())
    assert well.between == well.outside
    assert not well.constant_everywhere
    assert well.counted_from_samples
    assert well.weight(np.zeros((3, 2))).tolist() == [1.0] * 3
    assert well.equation == "-(psi_xx + psi_yy) + V psi = E psi, hbar^2/2m = 1"
    with pytest.raises(LookupError, match=r"`Tilted` must have a closed form.*spectral_elements"):
        well.levels(1)
    with pytest.raises(TypeError, match=r"abstract method '?outside"):
        type("Nowhere", (PlanePotential,), {"box": WALLS})()


def test_a_weight_of_its_own_stands_in_the_equation():
    assert not Heavy().has_unit_weight
    assert Heavy().equation == "-(psi_xx + psi_yy) + rho (V - E) psi = 0"
    assert Heavy().weight(np.zeros((3, 2))).tolist() == [4.0] * 3
    assert Tilted().has_unit_weight


def test_numbers_in_every_region_are_known_as_such():
    numbers = Plane(3.0, WALLS, [Disc((0, 0), 1.0, 2.0)])
    assert numbers.constant_everywhere
    assert not numbers.counted_from_samples
    assert numbers.between == 3.0
    inside = Plane(3.0, WALLS, [Disc((0, 0), 1.0, lambda x, y: x)])
    assert inside.constant_outside
    assert not inside.constant_everywhere


def test_v_among_the_first_regions_alone():
    well = Plane(1.0, WALLS, [Disc((0, 0), 1.0, 2.0), Disc((0, 0), 0.5, 3.0)])
    at = np.array([0.0, 0.7, 1.2]), np.zeros(3)
    assert [well.among(well.regions[:k], *at).tolist() for k in range(3)] == [
        [1.0, 1.0, 1.0],
        [2.0, 2.0, 1.0],
        [3.0, 2.0, 1.0],
    ]


def test_moved_and_in_another_length():
    x, y = np.random.default_rng(0).uniform([[0.1], [-0.9]], [[1.9], [0.9]], (2, 50))
    well = Tilted()
    for made, at in (
        (well.shifted((2.0, 5.0)), (x + 2.0, y + 5.0)),
        (well.stretched(3.0), (3.0 * x, 3.0 * y)),
        (well.in_length(0.5), (2.0 * x, 2.0 * y)),
    ):
        np.testing.assert_allclose(made(*at), well(x, y), atol=1e-13)
    assert well.in_length(0.5).box == (0.0, 4.0, -2.0, 2.0)
    # What knows its levels is of the same class.
    assert Box2D(2.0, 3.0).in_length(0.5) == Box2D(4.0, 6.0)
    assert Harmonic2D(1.0, 2.0, 5.0).in_length(2.0) == Harmonic2D(2.0, 4.0, 5.0 / 2.0**0.5)


def test_finite_values_are_returned():
    x, y = np.array([0.5, 1.0]), np.array([0.0, 0.0])
    np.testing.assert_array_equal(finite(Tilted(), x, y), [1.5, 3.0])


def test_a_pole_is_no_minimum_and_a_cone_is():
    walls = (-2.0, 2.0, -2.0, 2.0)
    pole = Plane(lambda x, y: -1.0 / np.hypot(x - 0.10371, y - 0.20193), walls)
    with pytest.raises(ValueError, match=r"`potential` must have a lower bound.* near x=0\.103"):
        _ = pole.minimum
    cone = Plane(lambda x, y: 3.0 * np.hypot(x - 0.103, y - 0.201) - 7.0, walls)
    assert cone.minimum == pytest.approx(-7.0, abs=1e-8)


def test_a_function_that_works_in_place_moves_nobody_elses_positions():
    def function(x, y):
        x -= 1.0
        return x * x + y

    well = Plane(function, (-2.0, 2.0, -2.0, 2.0))
    x, y = np.array([0.5, 1.5]), np.array([0.0, 1.0])
    np.testing.assert_allclose(well(x, y), [0.25, 1.25])
    np.testing.assert_array_equal(x, [0.5, 1.5])


@pytest.mark.parametrize("shape", [(3,), (4, 3), ()])
def test_points_have_two_coordinates(shape):
    with pytest.raises(ValueError, match=r"`x` must be points of shape \(\.\.\., 2\)"):
        CircularDot()(np.zeros(shape))
