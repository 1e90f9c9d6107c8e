"""Quadrature by columns: orders, and areas of what it is cut along."""

import numpy as np
import pytest
from scipy.integrate import quad

from qwpinn.equation.columns import Columns, Corner
from qwpinn.equation.regions import Disc, Rectangle

BOX = (-3.0, 2.5, -2.0, 2.2)
DISCS = [Disc((-1.0, 0.1), 0.8, 0.0), Disc((1.1, -0.3), 0.7, 0.0), Disc((1.1, -0.3), 0.3, 0.0)]


def test_weights_are_positive_and_areas_exact():
    rule = Columns(BOX, DISCS).rule(2000, 10)
    assert rule.weights.min() > 0.0
    assert rule.weights.sum() == pytest.approx(5.5 * 4.2, rel=1e-14)
    for disc in DISCS:
        area = rule.weights[disc.contains(*rule.nodes.T)].sum()
        assert area == pytest.approx(np.pi * disc.radius**2, rel=1e-9)


def test_what_jumps_at_circles_is_integrated_to_rounding():
    """exp(x) within the disc: 2 pi R I_1(R) about its centre."""
    from scipy.special import iv

    disc = DISCS[0]
    rule = Columns(BOX, DISCS).rule(3000, 10)
    x, y = rule.nodes.T
    found = rule.weights @ np.where(disc.contains(x, y), np.exp(x - disc.centre[0]), 0.0)
    assert found == pytest.approx(2.0 * np.pi * disc.radius * iv(1, disc.radius), rel=1e-12)


def test_rows_increase_and_two_boundaries_on_one_line_are_one():
    halves = [Rectangle((-1, 1, -1, 0), 0.0), Rectangle((-1, 1, 0, 1), 0.0)]
    rule = Columns(BOX, halves).rule(500, 8)
    x, y = rule.nodes.T
    assert np.all((np.diff(x) > 0) | ((np.diff(x) == 0) & (np.diff(y) > 0)))
    assert rule.weights.sum() == pytest.approx(5.5 * 4.2, rel=1e-14)


def test_more_nodes_in_the_same_panels_are_other_nodes():
    columns = Columns(BOX, DISCS)
    first, second = columns.rule(1000, 8), columns.rule(1000, 8, more=2)
    # In small panels there are fewer to begin with.
    assert (10 / 8) ** 2 < len(second.nodes) / len(first.nodes) < (6 / 4) ** 2
    assert not np.isin(first.nodes[:, 0], second.nodes[:, 0]).any()


def test_panels_are_as_wide_as_asked():
    """The error of a smooth function falls like a power of the panels' number."""
    columns = Columns((0.0, 1.0, 0.0, 1.0), [])
    exact = (np.sin(20.0) / 20.0) ** 2
    errors = []
    for points in (64, 256, 1024):
        rule = columns.rule(points, 4)
        errors.append(abs(rule.weights @ np.prod(np.cos(20.0 * rule.nodes), axis=1) - exact))
    assert errors[0] / errors[1] > 50.0
    assert errors[1] / errors[2] > 100.0


def test_what_jumps_along_whole_lines_is_integrated_to_rounding():
    """A cubic on each of six rectangles, by two nodes a panel and direction."""
    columns = Columns(BOX, [], lines=([-1.3, 0.7], [0.4]))
    x, y = (rule := columns.rule(50, 2)).nodes.T
    steps = np.where(x < -1.3, 1.0, np.where(x < 0.7, 5.0, -2.0)) * np.where(y < 0.4, 3.0, 7.0)
    along = [(b**4 - a**4) / 4 for a, b in ((-3.0, -1.3), (-1.3, 0.7), (0.7, 2.5))]
    up = [b - a for a, b in ((-2.0, 0.4), (0.4, 2.2))]
    expected = np.dot([1.0, 5.0, -2.0], along) * np.dot([3.0, 7.0], up)
    assert rule.weights @ (steps * x**3) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    ("line", "nodes"), [(0.6, (8, 6)), (0.85, (8, 5)), (0.95, (8, 4)), (0.5, (6, 6))]
)
def test_smaller_panels_have_fewer_nodes(line, nodes):
    """One panel of width 1 is cut in two by a line; upwards it is as tall as asked."""
    columns = Columns((0.0, 1.0, 0.0, 1.0), [], lines=([line], []))
    for more in (0, 1):
        x, y = columns.rule(64, 8, more).nodes.T
        found = [np.unique(x[side]).size for side in (x < line, x > line)]
        assert found == [count + more for count in nodes]
        assert np.unique(y).size == 8 + more
    # Two at the least, and then those that are asked for beside.
    for more in (0, 1):
        x = columns.rule(16, 4, more).nodes[:, 0]
        found = [np.unique(x[side]).size for side in (x < line, x > line)]
        assert found == [max(2, count - 4) + more for count in nodes]


def test_panels_at_a_corner_are_hardly_larger_than_their_distance():
    """The unit square is halved to three: two of half its side, and one of half its width."""
    columns = Columns((0.0, 1.0, 0.0, 1.0), [], [Corner(0.0, 0.0, 0.25)])
    rule = columns.rule(64, 8)
    x, y = rule.nodes.T
    assert [np.sum((x < 0.5) & (y < 0.5)), np.sum((x < 0.5) & (y > 0.5)), np.sum(x > 0.5)] == [
        6 * 6,
        6 * 6,
        6 * 8,
    ]
    assert rule.weights.sum() == pytest.approx(1.0, rel=1e-14)
    finer = Columns((0.0, 1.0, 0.0, 1.0), [], [Corner(0.0, 0.0, 0.125)]).rule(64, 8)
    assert len(finer.nodes) > len(rule.nodes)
    assert np.sum(np.hypot(*finer.nodes.T) < 0.2) > np.sum(np.hypot(*rule.nodes.T) < 0.2)


def test_towards_a_corner_a_logarithm_is_integrated():
    """ln r over a square: in polar coordinates R^2 (2 ln R - 1) / 4 up to R = 1 / cos phi."""

    def ray(angle):
        r = 1.0 / np.cos(angle)
        return r**2 * (2.0 * np.log(r) - 1.0) / 4.0

    exact = 8.0 * quad(ray, 0.0, np.pi / 4.0, epsabs=1e-13)[0]
    errors = []
    for least in (1.0, 1e-1, 1e-2, 1e-3):
        square = Rectangle((0.0, 0.5, 0.0, 0.5), 0.0)
        rule = Columns((-1.0, 1.0, -1.0, 1.0), [square], [Corner(0.0, 0.0, least)]).rule(400, 10)
        assert rule.weights.min() > 0.0
        assert rule.weights.sum() == pytest.approx(4.0, rel=1e-13)
        errors.append(abs(rule.weights @ np.log(np.hypot(*rule.nodes.T)) - exact))
    assert errors[0] > 10.0 * errors[1] > 200.0 * errors[2] > 4000.0 * errors[3]
    assert errors[3] < 1e-8
