"""Couplings: what names stand for, and what W and f must give."""

import numpy as np
import pytest

import qwpinn
from qwpinn.equation.couplings import at_positions, at_time, at_times, coupled

DEVICE = qwpinn.Heterostructure([qwpinn.Layer(10.0, offset=0.0, mass=0.067)])
BOX = qwpinn.InfiniteWell()
Z = np.array([0.0, 4.0, 10.0])


def test_names_stand_for_functions():
    for name in ("x", "z"):
        coupling, f = coupled((name, np.sin), DEVICE)
        np.testing.assert_array_equal(at_positions(coupling, Z), Z)
        assert f is np.sin
    coupling, _ = coupled(["field", np.sin], DEVICE)
    np.testing.assert_allclose(np.abs(np.diff(at_positions(coupling, Z))), [0.4, 0.6], rtol=1e-12)
    assert coupled((np.tanh, np.sin), BOX)[0] is np.tanh


def test_a_function_of_one_time_is_asked_at_each():
    """One with an `if` too; a potential is asked at all at once."""
    t = np.array([[0.0, 1.0], [2.0, 3.0]])
    expected = [[0.0, 0.0], [2.0, 2.0]]
    np.testing.assert_array_equal(at_times("f", lambda t: 2 if t > 1.5 else 0.0, t), expected)
    step = qwpinn.PiecewiseConstant((0.0, 1.5, 3.0), (0.0, 2.0))
    np.testing.assert_array_equal(at_times("f", step, t), expected)
    assert type(at_time("f", lambda t: np.array(t), 1.0)) is float
    assert at_times("f", np.sin, np.zeros(0)).shape == (0,)


@pytest.mark.parametrize(
    ("drive", "error", "message"),
    [
        (np.sin, TypeError, r"`drive` must be a pair \(W, f\) of functions.*Give e\.g\. drive="),
        (("x",), TypeError, r"`drive` must be a pair \(W, f\) of functions"),
        (("y", np.sin), ValueError, r"begin with a function of z, or .*'field' or 'x' or 'z'.*'y'"),
        ((2.0, np.sin), TypeError, r"`drive\[0\]` must be a function of z, W\. Received: 2\.0"),
        (("x", 2.0), TypeError, r"`drive\[1\]` must be a function of a time, f\. Received: 2\.0"),
    ],
)
def test_what_is_no_pair_is_refused(drive, error, message):
    with pytest.raises(error, match=message) as caught:
        coupled(drive, DEVICE)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("function", "error", "message"),
    [
        (lambda t: "a", TypeError, r"`f` must return one real number .*Received: 'a' at t=2\."),
        (lambda t: True, TypeError, r"`f` must return one real number .*Received: True"),
        (lambda t: [t], TypeError, r"`f` must return one real number"),
        (lambda t: 1j, TypeError, r"`f` must return one real number"),
        (lambda t: np.inf, ValueError, r"`f` must be finite at all times .*: inf at t=2\."),
    ],
)
def test_what_f_gives_is_looked_at(function, error, message):
    with pytest.raises(error, match=message):
        at_time("f", function, 2.0)


def test_what_w_gives_is_looked_at():
    with pytest.raises(ValueError, match=r"`drive\[0\]` must be finite .*W\(0\) = -inf"):
        at_positions(np.log, Z)
    with pytest.raises(ValueError, match=r"`drive\[0\]` must have the shape of x"):
        at_positions(lambda x: x[1:], Z)
