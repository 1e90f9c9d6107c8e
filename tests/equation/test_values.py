"""Values: numbers and functions of x and y, pairs and boxes, or one line of what is wrong."""

import math

import numpy as np
import pytest

from qwpinn.equation.values import box_of, energy_or_function, evaluated, pair

X, Y = np.array([[0.0], [1.0], [2.0]]), np.array([0.5, 1.5])


def test_numbers_and_functions_have_the_shape_of_points():
    for value, expected in (
        (2, np.full((3, 2), 2.0)),
        (lambda x, y: x * y, X * Y),
        (lambda x, y: 3, np.full((3, 2), 3.0)),
        (lambda x, y: (x > y).astype(int), (X > Y).astype(float)),
        # What is not finite is for those to refuse who know where it matters.
        (lambda x, y: x / (y - 0.5), np.array([[np.nan, 0.0], [np.inf, 1.0], [np.inf, 2.0]])),
    ):
        found = evaluated("value", value, X, Y)
        assert found.dtype == np.float64
        np.testing.assert_array_equal(found, expected)
    assert evaluated("value", lambda x, y: x - y, 3, 1).shape == ()
    assert evaluated("value", lambda x, y: x - y, 3, 1) == 2.0


def test_a_number_or_a_function_stands_for_itself():
    assert energy_or_function("depth", math.hypot) is math.hypot
    assert type(energy_or_function("depth", np.int64(3))) is float


def test_pairs_and_boxes_are_tuples_of_floats():
    for value in ((1, 2), [1.0, 2.0], np.array([1, 2])):
        assert pair("centre", value) == (1.0, 2.0)
        assert {type(one) for one in pair("centre", value)} == {float}
    for value in ((-1, 1, 0, 2), np.array([-1.0, 1.0, 0.0, 2.0])):
        assert box_of("box", value) == (-1.0, 1.0, 0.0, 2.0)
        assert {type(one) for one in box_of("box", value)} == {float}


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: energy_or_function("depth", "deep"), TypeError, r"`depth` must be a real number"),
        (lambda: energy_or_function("depth", np.nan), ValueError, r"`depth` must be finite"),
        (
            lambda: evaluated("depth", lambda x, y: x[:1], X, Y),
            ValueError,
            r"`depth` must have the shape of x, \(3, 2\). Received: shape=\(1, 2\)",
        ),
        (
            lambda: evaluated("depth", lambda x, y: 1j * x, X, Y),
            TypeError,
            r"`depth` must hold real numbers.*complex",
        ),
        (
            lambda: evaluated("depth", lambda x, y: 1.0 if x < y else 0.0, X, Y),
            ValueError,
            r"`depth` must take an array of positions at once.*np\.where",
        ),
        (
            lambda: evaluated("depth", lambda x, y: math.exp(x), X, Y),
            TypeError,
            r"`depth` must take an array of positions at once.*np\.exp",
        ),
        (lambda: evaluated("depth", lambda x, y: None, X, Y), TypeError, r"`depth`.*None"),
        (
            lambda: pair("centre", (1.0, 2.0, 3.0)),
            ValueError,
            r"`centre` must be two numbers, x and y. Received: shape=\(3,\).*centre=\(0\.0, 0\.0\)",
        ),
        (lambda: pair("centre", (1.0, np.inf)), ValueError, r"`centre` must hold finite numbers"),
        (lambda: pair("centre", "xy"), TypeError, r"`centre` must hold real numbers"),
        (
            lambda: box_of("walls", (0.0, 0.0, 0.0, 1.0)),
            ValueError,
            r"`walls` must be four numbers \(x0, x1, y0, y1\).*: \(0\.0, 0\.0, 0\.0, 1\.0\)",
        ),
        (lambda: box_of("box", (0, 1, 2, 1)), ValueError, r"x0 < x1 and y0 < y1"),
        (lambda: box_of("box", (0, 1, 2, 2)), ValueError, r"x0 < x1 and y0 < y1"),
        (lambda: box_of("box", ((0, 1), (0, 1))), ValueError, r"`box` must be four numbers"),
        (lambda: box_of("box", (0, 1, 0, np.nan)), ValueError, r"`box` must hold finite numbers"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
