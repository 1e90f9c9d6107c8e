"""Waves: what starts and drives them, when they are asked, and what is kept."""

import numpy as np
import pytest

from qwpinn.inputs import limits
from qwpinn.potentials import InfiniteWell
from qwpinn.references import crank_nicolson
from qwpinn.references.waves import Driving, Propagated, moments, recorded, start

X = np.array([0.0, 0.5, 1.0])


def test_norm_and_values():
    wave = Propagated(
        np.array([0.0, 1.0]),
        X,
        np.array([[0.0, 2.0, 0.0], [0.0, 1.0 + 1.0j, 0.0]]),
        np.array([0.0, 0.5, 0.0]),
        lambda x: np.array([x, 1j * x]),
    )
    np.testing.assert_allclose(wave.norm, [2.0, 1.0], rtol=1e-15)
    np.testing.assert_array_equal(wave([[0.25], [1.0]]), [[0.25, 1.0], [0.25j, 1.0j]])
    with pytest.raises(ValueError, match=r"`x` must lie in the closed interval \[0.0, 1.0\]"):
        wave([1.5])
    with pytest.raises(ValueError, match=r"`x` must have shape"):
        wave([[0.1, 0.2]])


def test_every_stretch_has_its_share_of_the_steps():
    calls = []

    def advance(psi, now, step, count):
        calls.append((now, step, count))
        return psi + count * step

    found = recorded(np.zeros(1, complex), np.array([0.0, 0.3, 1.0]), 10, advance)
    np.testing.assert_allclose(found[:, 1], [0.0, 0.3, 1.0], rtol=1e-15)
    np.testing.assert_array_equal(found[:, [0, 2]], 0.0)
    assert [(now, count) for now, _, count in calls] == [(0.0, 3), (0.3, 7)]
    recorded(np.zeros(1, complex), np.array([0.001, 1.0]), 2, advance)
    assert [count for _, _, count in calls[2:]] == [1, 2]
    recorded(np.zeros(1, complex), np.zeros(1), 2, advance)
    assert len(calls) == 4


def test_moments():
    np.testing.assert_array_equal(moments([0, 1, 2.5], 10), [0.0, 1.0, 2.5])
    with pytest.raises(ValueError, match=r"`times` must not be negative.*Received: -1"):
        moments([-1.0, 1.0], 10)
    with pytest.raises(ValueError, match=r"`times` must increase strictly"):
        moments([0.0, 1.0, 1.0], 10)
    with pytest.raises(ValueError, match=r"`times` must be a sequence of at least 1 numbers"):
        moments(1.0, 10)
    with pytest.raises(ValueError, match=r"at most 20000000 numbers, times x points"):
        moments(np.arange(3.0), limits.EVOLVED)


def test_a_start_is_real_or_complex():
    np.testing.assert_array_equal(start(lambda x: x + 1, X), X + 1.0)
    np.testing.assert_array_equal(start(lambda x: x * 1j, X), 1j * X)
    assert start(np.sin, X).dtype == np.complex128
    with pytest.raises(TypeError, match=r"`psi0` must be a function of positions"):
        start(X, X)
    with pytest.raises(TypeError, match=r"`psi0\(x\)` must hold real numbers"):
        start(lambda x: None, X)
    with pytest.raises(ValueError, match=r"`psi0\(x\)` must have the shape of x, \(3,\)"):
        start(lambda x: x[:2], X)
    with pytest.raises(ValueError, match=r"psi0\(0\) = inf"):
        start(lambda x: 1.0 / x, X)


def test_drives():
    still = Driving.of(None, InfiniteWell())
    np.testing.assert_array_equal(still.shape(X), 0.0)
    np.testing.assert_array_equal(still.strengths(X), 0.0)
    # Of one time each: an `if`, a constant, and np.where, which returns an array of no dimension.
    for f in (lambda t: t if t < 0.7 else 0.0, lambda t: np.where(t < 0.7, t, 0)):
        found = Driving.of((lambda x: x**2, f), InfiniteWell()).strengths(
            np.array([[0.0, 0.5], [0.6, 1.0]])
        )
        np.testing.assert_array_equal(found, [[0.0, 0.5], [0.6, 0.0]])
    np.testing.assert_array_equal(Driving.of((lambda x: 3, abs), InfiniteWell()).shape(X), 3.0)
    np.testing.assert_array_equal(Driving.of(("x", abs), InfiniteWell()).shape(X), X)


@pytest.mark.parametrize(
    ("pair", "error", "match"),
    [
        (np.cos, TypeError, r"`drive` must be a pair \(W, f\)"),
        ((np.cos,), TypeError, r"`drive` must be a pair \(W, f\)"),
        ((1.0, np.cos), TypeError, r"`drive\[0\]` must be a function of x, W"),
        ((np.cos, 1.0), TypeError, r"`drive\[1\]` must be a function of a time, f"),
        ((lambda x: 1j * x, np.cos), TypeError, r"`drive\[0\]` must hold real numbers"),
        ((lambda x: x[1:], np.cos), ValueError, r"`drive\[0\]` must have the shape of x"),
        ((lambda x: 1 / (x - 0.5), np.cos), ValueError, r"`drive\[0\]` must be finite everywhere"),
        ((np.cos, lambda t: 1j), TypeError, r"`drive\[1\]` must return one real number"),
        ((np.cos, lambda t: np.nan), ValueError, r"`drive\[1\]` must be finite"),
        ((np.cos, lambda t: [t, t]), TypeError, r"`drive\[1\]` must return one real number"),
    ],
)
def test_bad_drives(pair, error, match):
    with pytest.raises(error, match=match):
        # Five nodes about: one at 0.5, or an ulp beside it.
        driving = Driving.of(pair, InfiniteWell())
        driving.shape(X)
        driving.strengths(X)


def test_a_wave_of_one_time_at_the_start_is_psi0():
    found = crank_nicolson(InfiniteWell(), lambda x: np.sin(np.pi * x), [0.0], points=9)
    np.testing.assert_allclose(found.psi[0], np.sin(np.pi * found.x), atol=1e-15)
    assert found.psi.shape == (1, 9)
