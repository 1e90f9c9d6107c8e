"""What a potential of the plane says of itself: its walls, its regions and its shape."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from printed import check_html, check_text

from qwpinn.equation.plane_description import POINTS, grid, outlines
from qwpinn.potentials import Box2D, CircularDot, Disc, HenonHeiles, Plane, Rectangle

WALLS = (-3.0, 3.0, -2.0, 2.0)
RINGS = Plane(
    7.0,
    WALLS,
    [Rectangle((-2.5, -1.5, -1.0, 1.0), -1.25), Disc((1, 0.5), 1.0, lambda x, y: 3.0 * x + y)],
)


def test_walls_values_and_regions_are_in_the_table():
    text = check_text(RINGS)
    assert text.startswith("Plane(function=7.0, box=")
    assert RINGS.equation == "-(psi_xx + psi_yy) + V psi = E psi, hbar^2/2m = 1"
    assert RINGS.equation in text.splitlines()
    assert re.search(r"walls, x +-3 and 3\b", text)
    assert re.search(r"walls, y +-2 and 2\b", text)
    assert re.search(r"V +-1\.25 to 7\b", text)
    assert re.search(r"rectangle, x from -2\.5 to -1\.5, y from -1 to 1 +-1\.25\b", text)
    assert re.search(r"disc about \(1, 0\.5\), radius 1 +a function", text)
    check_html(RINGS, images=1)


def test_units_stand_in_the_headings():
    text = check_text(CircularDot(5.0, 200.0).in_units("nm", "meV", 0.067))
    assert "hbar^2/2m = 568.654" in text
    assert "mass 0.067" in text
    assert re.search(r"walls, x \(nm\) +-15 and 15\b", text)
    assert re.search(r"V \(meV\) +0 to 200\b", text)
    assert "(nm)" in text


def test_a_box_has_no_regions_and_of_many_some_are_left_out(monkeypatch):
    assert "region" not in check_text(Box2D())
    discs = [Disc((x, 0.1), 0.2, 0.3) for x in (-2.0, -1.0, 0.0, 1.0, 2.0)]
    monkeypatch.setattr("qwpinn.equation.plane_description.LISTED", 3)
    text = check_text(Plane(1.0, WALLS, discs))
    assert len(re.findall(r"disc about \(-?\d, 0\.1\), radius 0\.2 +0\.3\b", text)) == 3
    assert "and 2 more regions" in text


def test_a_grid_goes_from_wall_to_wall():
    x, y, v = grid(RINGS, 61)
    np.testing.assert_allclose(x, np.linspace(-3.0, 3.0, 61), rtol=1e-15)
    np.testing.assert_allclose(y, np.linspace(-2.0, 2.0, 41), rtol=1e-15)
    np.testing.assert_array_equal(v, RINGS(x[:, None], y))
    assert [axis.size for axis in grid(Box2D(1.0, 100.0))[:2]] == [3, POINTS]
    assert [axis.size for axis in grid(Box2D(1e-4, 1.0))[:2]] == [2, POINTS]


def test_where_v_is_not_finite_there_is_a_gap():
    x, y, v = grid(Plane(lambda x, y: 1.0 / (x + y), (-1, 1, -1, 1)), 5)
    np.testing.assert_array_equal(np.isnan(v), x[:, None] + y == 0.0)
    assert v[-1, -1] == 0.5


def test_figures_show_v_between_its_walls():
    figure = RINGS.plot()
    axes, bar = figure.axes
    (image,) = axes.images
    x0, x1 = WALLS[:2]
    assert (*image.axes.get_xlim(), *image.axes.get_ylim()) == WALLS
    # Nodes stand on the walls, each in the middle of its pixel.
    step = (x1 - x0) / (image.get_array().shape[1] - 1)
    assert image.get_extent()[0] == pytest.approx(x0 - step / 2)
    assert image.get_extent()[1] == pytest.approx(x1 + step / 2)
    assert image.origin == "lower"
    # Rows of the image are positions y, from below.
    np.testing.assert_array_equal(image.get_array(), grid(RINGS)[2].T)
    assert (axes.get_xlabel(), axes.get_ylabel(), bar.get_ylabel()) == ("x", "y", "V")
    assert axes.get_aspect() == 1.0


def test_figures_are_drawn_into_given_axes_with_units():
    axes = Figure().subplots()
    assert HenonHeiles().in_units("hartree").plot(axes) is axes.figure
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x (bohr)", "y (bohr)")
    assert axes.figure.axes[1].get_ylabel() == "V (hartree)"


def test_outlines_are_the_closed_boundaries_of_regions():
    axes = Figure().subplots()
    outlines(axes, RINGS, "white")
    assert len(axes.lines) == 2
    for line, region in zip(axes.lines, RINGS.regions, strict=True):
        points = line.get_xydata()
        np.testing.assert_array_equal(points[0], points[-1])
        np.testing.assert_allclose(region.distance(*points.T), 0.0, atol=1e-14)
        assert np.ptp(points, axis=0).tolist() == pytest.approx(
            [region.extent[1] - region.extent[0], region.extent[3] - region.extent[2]]
        )
        assert line.get_color() == "white"
