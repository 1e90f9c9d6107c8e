"""The search of a plane: what jumps or has a kink is found, boundaries of regions are not."""

import numpy as np
import pytest

from qwpinn.equation.plane_search import refuse_rough
from qwpinn.potentials import (
    Box2D,
    CircularDot,
    Disc,
    FiniteWell,
    Gaussians2D,
    Harmonic,
    Harmonic2D,
    HenonHeiles,
    InfiniteWell,
    Plane,
    Rectangle,
)

WALLS = (-3.0, 3.0, -2.0, 2.0)
GROUND = 1.0


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x, y: np.where(x < 0.25, 0.0, 5.0) + y, r"a jump at x=0\.25, y=-?\d"),
        (lambda x, y: np.where(y < -0.3, 0.0, 5.0) + x, r"a jump at x=-?\d[\d.]*, y=-0\.3\b"),
        (lambda x, y: np.abs(x - 0.7), r"a kink at x=0\.7, y="),
        (lambda x, y: 3.0 * np.maximum(y, 0.1), r"a kink at x=-?\d[\d.]*, y=0\.1\b"),
        (lambda x, y: np.where(np.hypot(x, y) < 1.0, 0.0, 1.0), r"a jump"),
        (lambda x, y: np.abs(x + y), r"a kink"),
    ],
)
def test_jumps_and_kinks_are_refused_with_their_place(function, message):
    for offset in (0.0, 1e3):
        well = Plane(lambda x, y, up=offset: function(x, y) + up, WALLS)
        with pytest.raises(ArithmeticError, match=message) as caught:
            refuse_rough(well, GROUND)
    told = str(caught.value)
    assert told.startswith("`potential` must be smooth but at the boundaries of its regions. ")
    assert "Received: Plane with" in told
    assert told.endswith("round it off.")
    assert "\n" not in told


@pytest.mark.parametrize(
    "well",
    [
        Harmonic2D(1.0, 2.0),
        HenonHeiles(),
        Gaussians2D(),
        Gaussians2D([(0.3, 0.2)], [100.0], [0.4]),
        Plane(lambda x, y: np.cos(5.0 * x) * np.sin(3.0 * y), WALLS),
        Plane(lambda x, y: 1e-8 * np.cos(x) + 1e6, WALLS),
    ],
    ids=["harmonic", "henon_heiles", "gaussians", "narrow", "waves", "lifted"],
)
def test_what_is_smooth_is_not_refused(well):
    assert refuse_rough(well, GROUND) is None


def test_boundaries_of_regions_are_known():
    regions = [
        Rectangle((-2.2, -0.4, -1.1, 1.3), lambda x, y: np.cos(x)),
        Disc((-1.3, 0.1), 0.5, lambda x, y: 3.0 * x * y),
        Disc((1.1, -0.2), 1.2, -7.0),
        Rectangle((0.7, 1.5, -0.6, 0.3), lambda x, y: np.exp(y)),
    ]
    refuse_rough(Plane(lambda x, y: np.sin(x), WALLS, regions), GROUND)
    refuse_rough(CircularDot() + Plane(lambda x, y: 2.0 * x, CircularDot().box), GROUND)
    # And so are lines from wall to wall, of either axis.
    for one, other in ((FiniteWell(), InfiniteWell()), (InfiniteWell(), FiniteWell())):
        stairs = Plane.sum(one, other)
        assert sum(map(len, stairs.lines)) == 2
        refuse_rough(stairs + Plane(lambda x, y: x * y, stairs.box), GROUND)
    # Within one of them, V may be rough as well.
    rough = regions[2].valued(lambda x, y: np.abs(y + 0.05))
    with pytest.raises(ArithmeticError, match=r"a kink at x=-?[\d.]+, y=-0\.05\b"):
        refuse_rough(Plane(lambda x, y: np.sin(x), WALLS, [rough]), GROUND)


def test_numbers_and_sums_of_parts_are_not_searched(monkeypatch):
    monkeypatch.setattr("qwpinn.equation.plane_search.irregularities", None)
    for well in (Box2D(), CircularDot(), Plane.sum(Harmonic(), InfiniteWell())):
        refuse_rough(well, GROUND)
    with pytest.raises(TypeError):
        refuse_rough(Harmonic2D(), GROUND)


def test_what_moves_levels_by_less_than_rounding_is_left_out():
    well = Plane(lambda x, y: 1e-11 * np.abs(x - 0.7), WALLS)
    refuse_rough(well, GROUND)
    jump = Plane(lambda x, y: np.where(x < 0.7, 0.0, 1e-6) + 0.0 * y, WALLS)
    with pytest.raises(ArithmeticError, match="a jump"):
        refuse_rough(jump, GROUND)
    refuse_rough(jump, 1e4)


def test_v_that_is_not_finite_is_told_with_its_place():
    with pytest.raises(ValueError, match=r"`potential` must be finite in its box"):
        refuse_rough(Plane(lambda x, y: np.log(x), WALLS), GROUND)


@pytest.mark.parametrize("half", [0.04, 0.01, 0.005])
def test_squares_between_the_lines_are_found_by_the_grid(half):
    def function(x, y):
        return np.where((np.abs(x - 0.1) < half) & (np.abs(y - 0.2) < half), -5000.0, 0.0 * x)

    with pytest.raises(ArithmeticError, match=r"narrower than a hundredth of the box"):
        refuse_rough(Plane(function, (-2.0, 2.0, -2.0, 2.0)), GROUND)


@pytest.mark.parametrize("region", [Rectangle, Disc])
def test_small_regions_are_searched_by_themselves(region):
    place = (0.27, 0.33, 0.27, 0.33) if region is Rectangle else ((0.3, 0.3), 0.03)
    given = (place,) if region is Rectangle else place
    rough = region(*given, lambda x, y: np.where(x > 0.3, -2.0, -1.0) + 0.0 * y)
    with pytest.raises(ArithmeticError, match=r"a jump.* at x=0\.(28|29|3)"):
        refuse_rough(Plane(0.0, (-2.0, 2.0, -2.0, 2.0), [rough]), GROUND)


@pytest.mark.parametrize("width", [1.0, 0.1, 0.03])
def test_gaussians_that_nodes_can_see_are_smooth(width):
    depth = 4.0 / (2.0 * np.pi * width**2)
    refuse_rough(Gaussians2D([(0.304, 0.046)], [depth], [width], (-2, 2, -2, 2)), GROUND)
    narrow = Gaussians2D([(0.304, 0.046)], [1e5], [0.002], (-2, 2, -2, 2))
    with pytest.raises(ArithmeticError, match="narrower than a hundredth"):
        refuse_rough(narrow, GROUND)
