"""Operators of potentials: numbers on either side, and what is no operand."""

from collections.abc import Callable

import numpy as np
import pytest
from wells import STEPS, WELL, field

from qwpinn.potentials import (
    InfiniteWell,
    Moved,
    Scaled,
    Sum,
    potential_from_config,
)


def test_difference_and_number_on_either_side() -> None:
    x = np.array([-2.5, -0.5, 0.0, 2.0])
    np.testing.assert_allclose((WELL - field(2.0))(x), WELL(x) - 2.0 * x)
    np.testing.assert_array_equal((WELL + 3)(x), WELL(x) + 3.0)
    np.testing.assert_array_equal((3 + WELL)(x), WELL(x) + 3.0)
    np.testing.assert_array_equal((WELL - 3)(x), WELL(x) - 3.0)
    np.testing.assert_array_equal((3 - WELL)(x), 3.0 - WELL(x))
    np.testing.assert_array_equal((-WELL)(x), -WELL(x))
    np.testing.assert_array_equal((2 * WELL)(x), 2.0 * WELL(x))
    np.testing.assert_array_equal((WELL * 2)(x), 2.0 * WELL(x))
    np.testing.assert_array_equal((WELL / 4)(x), WELL(x) / 4.0)
    assert sum([WELL, WELL, field(1.0)])(2.0) == 42.0
    for number in (np.float64(2.0), np.int64(2), np.float32(2.0)):
        np.testing.assert_array_equal((number * WELL)(x), 2.0 * WELL(x))
        np.testing.assert_array_equal((number + WELL)(x), 2.0 + WELL(x))
        np.testing.assert_array_equal((number - WELL)(x), 2.0 - WELL(x))


def test_numbers_are_combined() -> None:
    assert 0.0 - (-WELL) == WELL + 0.0
    assert 2.0 * (WELL / 2.0) + 1.0 - 1.0 == WELL + 0.0
    assert Scaled(WELL, 1.0, 1.5) == (2.0 * WELL + 3.0) * 0.5
    assert WELL.shifted(1.0).stretched(2.0).shifted(3.0) == Moved(WELL, 2.0, 5.0)
    assert WELL.shifted(0.3).shifted(-0.3) == WELL.mirrored().mirrored() == Moved(WELL)
    assert WELL + 1.0 != WELL + 2.0
    assert hash(WELL + 1.0) == hash(1.0 + WELL)
    assert (0.0 * WELL).breakpoints == ()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: WELL + InfiniteWell(6.0), ValueError, r"the interval of `first`, \(-3.0, 3.0\)"),
        (lambda: STEPS + InfiniteWell(4.0), ValueError, r"must have the weight rho of `first`"),
        (lambda: STEPS + STEPS.mirrored(), ValueError, r"PiecewiseConstant and Moved of different"),
        (lambda: Sum(WELL, 3.0), TypeError, r"`second` must be a potential. .* type float"),
        (lambda: Scaled(3.0), TypeError, r"`potential` must be a potential. .* type float"),
        (lambda: Moved("V"), TypeError, r"`potential` must be a potential. .* type str"),
        (lambda: WELL * np.nan, ValueError, r"`factor` must be finite. Received: factor=nan"),
        (lambda: WELL + np.inf, ValueError, r"`offset` must be finite. Received: offset=inf"),
        (lambda: WELL / 0, ZeroDivisionError, r"divided by a number that is not 0. Received: 0"),
        (lambda: WELL.stretched(-1.0), ValueError, r"`factor` must be a positive, finite number"),
        (lambda: WELL.stretched("2"), TypeError, r"`factor` must be a real number"),
        (lambda: WELL.shifted(np.nan), ValueError, r"`distance` must be finite"),
        (lambda: WELL.shifted(1e17), ValueError, r"`moved edges` must increase strictly"),
        (lambda: Moved(WELL, 0.0), ValueError, r"`abs\(stretch\)` must be a positive"),
        (lambda: WELL + "3", TypeError, r"unsupported operand"),
        (lambda: WELL - None, TypeError, r"unsupported operand"),
        (lambda: WELL * WELL, TypeError, r"unsupported operand"),
        (lambda: WELL * True, TypeError, r"unsupported operand"),
        (lambda: 1.0 / WELL, TypeError, r"unsupported operand"),
        (lambda: np.array([1.0, 2.0]) * WELL, TypeError, r"unsupported operand"),
        (
            lambda: potential_from_config({"class": "Scaled", "potential": {"class": "Nothing"}}),
            ValueError,
            r"one of the classes .*class='Nothing'",
        ),
    ],
)
def test_bad_operands(make: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()
