"""Argument checks: what they let through, what they refuse, and what they say."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from qwpinn.inputs import check as _check


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2.0), np.int64(2)])
def test_numbers_become_floats(value: object) -> None:
    for check in (_check.finite, _check.positive, _check.not_negative):
        number = check("width", value)
        assert type(number) is float
        assert number == 2.0


@pytest.mark.parametrize(
    ("check", "value", "error", "message"),
    [
        (_check.finite, math.nan, ValueError, r"`a` must be finite. Received: a=nan"),
        (_check.finite, "1", TypeError, r"`a` must be a real number. Received: a='1' of type str"),
        (_check.finite, True, TypeError, r"must be a real number. Received: a=True"),
        (_check.finite, 1j, TypeError, r"of type complex"),
        (_check.positive, -1.0, ValueError, r"positive, finite length. Received: a=-1.0. Give"),
        (_check.positive, 0, ValueError, r"Received: a=0.0"),
        (_check.positive, math.inf, ValueError, r"Received: a=inf"),
        (_check.positive, None, TypeError, r"of type NoneType"),
        (_check.not_negative, -1e-300, ValueError, r"not negative. Received: a=-1e-300"),
        (_check.integer, 2.5, TypeError, r"`a` must be an integer. Received: a=2.5"),
        (_check.integer, 3.0, TypeError, r"Received: a=3.0 of type float"),
        (_check.integer, True, TypeError, r"Received: a=True of type bool"),
        (_check.integer, 0, ValueError, r"at least 1. Received: a=0"),
    ],
)
def test_scalars_refused(
    check: Callable[[str, object], object], value: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        check("a", value)
    assert "\n" not in str(caught.value)


def test_kind_and_minimum_are_named() -> None:
    with pytest.raises(ValueError, match="positive, finite energy"):
        _check.positive("depth", -1.0, kind="energy")
    with pytest.raises(ValueError, match="at least 3"):
        _check.integer("points", 2, minimum=3)
    assert _check.integer("n", np.int32(4)) == 4
    assert _check.not_negative("depth", 0) == 0.0


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ([0.0], ValueError, r"at least 2 numbers. Received: shape=\(1,\)"),
        ([[0.0, 1.0]], ValueError, r"Received: shape=\(1, 2\)"),
        ([0.0, 2.0, 2.0], ValueError, r"Received: 2.0 followed by 2.0 at index 2"),
        ([0.0, math.inf], ValueError, r"finite numbers. Received: inf at index 1"),
        (["a", "b"], TypeError, r"must hold real numbers"),
        ([True, False], TypeError, r"Received: dtype=bool"),
    ],
)
def test_increasing_refuses(values: list[float], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        _check.increasing("edges", values, 2)


def test_interval_and_interior() -> None:
    assert _check.interval("interval", (0, 2)) == (0.0, 2.0)
    with pytest.raises(ValueError, match=r"two numbers, its left and right end. Received: 3"):
        _check.interval("interval", (0, 1, 2))
    assert _check.interior("breakpoints", (), (0.0, 1.0)).shape == (0,)
    for wall in (0.0, 1.0, 1.5):
        with pytest.raises(ValueError, match=rf"strictly inside .* Received: {wall}"):
            _check.interior("breakpoints", [wall], (0.0, 1.0))


def test_points_take_rows_and_columns_of_any_real_dtype() -> None:
    row = _check.points(np.array([0, 1]), (0.0, 1.0))
    column = _check.points(np.array([[0.0], [1.0]], dtype=np.float32), (0.0, 1.0))
    assert row.dtype == column.dtype == np.float64
    np.testing.assert_array_equal(row, column)


def test_points_clip_round_off_only() -> None:
    assert _check.points([1.0 + 5e-13], (0.0, 1.0))[0] == 1.0
    with pytest.raises(ValueError, match=r"closed interval \[0.0, 1.0\]. Received: 1.1"):
        _check.points([0.5, 1.1, 1.2], (0.0, 1.0))


@pytest.mark.parametrize("x", [0.5, np.zeros((2, 2)), np.zeros((1, 2, 1))])
def test_points_refuse_other_shapes(x: object) -> None:
    with pytest.raises(ValueError, match=r"shape \(n,\) or \(n, 1\). Received: shape="):
        _check.points(x, (0.0, 1.0))  # type: ignore[arg-type]


def test_points_refuse_nan() -> None:
    with pytest.raises(ValueError, match="Received: nan at index 1"):
        _check.points([0.5, math.nan], (0.0, 1.0))
