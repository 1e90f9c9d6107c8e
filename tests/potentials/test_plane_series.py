"""Series of the plane: a function as panels of Legendre series, to rounding or not at all."""

import json

import numpy as np
import pytest

from qwpinn.potentials.config import value_from_json
from qwpinn.potentials.plane_series import Panel, PlaneSeries, series_of

BOX = (-3.0, 3.0, -2.0, 2.5)


def points(count=3000):
    return np.random.default_rng(0).uniform([[-3.0], [-2.0]], [[3.0], [2.5]], (2, count))


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: 3.0 + 0.0 * x,
        lambda x, y: 5,
        lambda x, y: x**3 * y - 2.0 * y**4,
        lambda x, y: np.cos(9.0 * x) * np.exp(y) + np.sin(x * y),
        lambda x, y: 1.0 / (1.0 + x**2 + 4.0 * y**2),
        lambda x, y: -np.exp(-((x - 0.4) ** 2 + (y + 0.3) ** 2) / (2.0 * 0.1**2)),
        lambda x, y: np.tanh(6.0 * (x + y / 3.0)),
        lambda x, y: 1e9 * np.exp(-x) * np.cos(y),
    ],
    ids=["flat", "number", "quartic", "waves", "bell", "narrow", "steep", "large"],
)
def test_smooth_functions_are_resolved_to_rounding(function):
    series = series_of(function, BOX, "f")
    x, y = points()
    expected = np.broadcast_to(function(x, y), x.shape)
    largest = np.max(np.abs(expected))
    np.testing.assert_allclose(series(x, y), expected, rtol=0.0, atol=1e-12 * largest)
    again = value_from_json(json.loads(json.dumps(series.to_config())))
    assert type(again) is PlaneSeries
    np.testing.assert_array_equal(again(x, y), series(x, y))
    assert again.to_config() == series.to_config()
    assert again == series
    assert hash(again) == hash(series)


def test_panels_stand_where_the_function_is_steep():
    one = series_of(lambda x, y: x**3 * y - 2.0 * y**4, BOX, "f")
    assert one.panels == (Panel(0, 0, 0),)
    assert np.shape(one.coefficients[0]) == (4, 5)
    narrow = series_of(lambda x, y: np.exp(-((x - 1.5) ** 2 + (y - 1.4) ** 2) * 200.0), BOX, "f")
    most = max(panel.halvings for panel in narrow.panels)
    finest = [panel for panel in narrow.panels if panel.halvings == most]
    assert most > 1
    for panel in finest:
        a, b, c, d = panel.extent(BOX)
        assert np.hypot(max(a - 1.5, 1.5 - b, 0.0), max(c - 1.4, 1.4 - d, 0.0)) < 1.0
    # They fill the box.
    areas = [(b - a) * (d - c) for a, b, c, d in (panel.extent(BOX) for panel in narrow.panels)]
    assert sum(areas) == pytest.approx(27.0, rel=1e-14)


def test_a_panel_has_four_quarters():
    quarters = Panel(1, 1, 0).quarters()
    assert quarters == [Panel(2, 2, 0), Panel(2, 2, 1), Panel(2, 3, 0), Panel(2, 3, 1)]
    assert Panel(1, 1, 0).extent((0.0, 4.0, 0.0, 2.0)) == (2.0, 4.0, 0.0, 1.0)
    assert quarters[3].extent((0.0, 4.0, 0.0, 2.0)) == (3.0, 4.0, 0.5, 1.0)


def test_legendre_polynomials_are_their_coefficients():
    """P_1(s) and P_2(t) on the lower half, numbers on the upper one."""
    series = PlaneSeries(
        (0.0, 2.0, 0.0, 4.0),
        [(1, 0, 0), (1, 1, 0), (1, 0, 1), (1, 1, 1)],
        [[[0.0], [2.0]], [[0.0, 0.0, 3.0]], [[1.0]], [[-1.0]]],
    )
    x = np.array([0.25, 1.5, 0.5, 1.5])
    y = np.array([1.0, 0.5, 3.0, 3.0])
    expected = [2.0 * -0.5, 3.0 * (3.0 * 0.25 - 1.0) / 2.0, 1.0, -1.0]
    np.testing.assert_allclose(series(x, y), expected, rtol=1e-14)
    # Beyond the box there are the values of its edges.
    assert series(-9.0, 3.0) == 1.0
    assert series(9.0, 9.0) == -1.0
    assert series(np.zeros((2, 1)), np.zeros(3)).shape == (2, 3)
    np.testing.assert_array_equal(series([np.nan, 0.25], [3.0, 3.0]), [np.nan, 1.0])
    assert np.isfinite(series(*np.meshgrid(np.linspace(0, 2, 9), np.linspace(0, 4, 9)))).all()


def test_what_can_be_stored_stands_for_itself():
    assert series_of(3.5, BOX, "f") == 3.5
    series = series_of(np.hypot, (1.0, 2.0, 1.0, 2.0), "f")
    assert series_of(series, BOX, "f") is series


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: np.abs(x - 0.1),
        lambda x, y: np.where(x + y < 0.1, 0.0, 1.0),
        lambda x, y: np.hypot(x, y - 0.1),
        lambda x, y: np.maximum(0.0, y - 0.3) ** 2,
    ],
    ids=["kink", "jump", "cone", "bend"],
)
def test_what_is_not_smooth_is_refused(function):
    with pytest.raises(ValueError, match=r"`f` must be smooth to be stored. .*terms on panels of"):
        series_of(function, BOX, "f")


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: series_of(lambda x, y: np.log(x - 1.0), BOX, "f"),
            ValueError,
            r"`f` must be finite in its rectangle",
        ),
        (lambda: series_of(lambda x, y: x[:1], BOX, "f"), ValueError, r"`f` must have the shape"),
        (
            lambda: PlaneSeries(BOX, [(0, 0, 0)], []),
            ValueError,
            r"`coefficients` must be a table for each of the panels. Received: 0 for 1",
        ),
        (lambda: PlaneSeries(BOX, [], []), ValueError, r"Received: 0 for 0"),
        (lambda: PlaneSeries(BOX, [(0, 0, 0)], [[1.0]]), ValueError, r"must be a table for each"),
        (lambda: PlaneSeries(BOX, [(0, 0, 0)], [["a"]]), TypeError, r"`coefficients` must hold"),
        (lambda: PlaneSeries((0, 1), [(0, 0, 0)], [[[1.0]]]), ValueError, r"`box` must be four"),
    ],
)
def test_bad_input(make, error, message):
    with pytest.raises(error, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
