"""The drive: what a pulse is, what a pair means, and how long a step may be."""

import moved
import numpy as np
import pytest

import qwpinn
from qwpinn.dynamics.drive import Drive, Pulse

X = np.linspace(1.0, 24.0, 7)


def test_a_pulse_is_a_wave_in_an_envelope():
    pulse = Pulse(2.0, 3.0, envelope=lambda t: np.exp(-(t**2)), phase=0.5)
    assert pulse(0.7) == pytest.approx(2.0 * np.exp(-0.49) * np.cos(3.0 * 0.7 + 0.5))
    assert Pulse(2.0)(9.0) == 2.0
    assert Pulse(1.0, -4.0).period == pytest.approx(np.pi / 2.0)
    assert Pulse(1.0).period == np.inf


def test_names_stand_for_the_position_and_for_a_field():
    field = Drive.of(("field", Pulse(1.0)), moved.DEVICE).coupling(X)
    in_field = qwpinn.Heterostructure(moved.DEVICE.layers, field=1.0)
    np.testing.assert_allclose(field, in_field(X) - moved.DEVICE(X), atol=1e-12)
    for name in ("x", "z"):
        np.testing.assert_allclose(Drive.of((name, Pulse(1.0)), moved.DEVICE).coupling(X), X)


@pytest.mark.parametrize(
    ("drive", "error", "message"),
    [
        (np.sin, TypeError, r"`drive` must be a pair \(W, f\).*Give e\.g\. drive=\('x'"),
        (("y", np.sin), ValueError, r"`drive` must begin with.*'x'.*Received: 'y'"),
        (("field", np.sin), ValueError, r"'field'"),
        (("x", 3.0), TypeError, r"`drive\[1\]` must be a function of a time"),
        ((3.0, np.sin), TypeError, r"`drive\[0\]` must be a function of x"),
    ],
)
def test_what_is_no_pair_is_refused(drive, error, message):
    with pytest.raises(error, match=message):
        Drive.of(drive, moved.OSCILLATOR)


def test_what_returns_no_finite_numbers_is_refused():
    drive = Drive.of((lambda x: 1.0 / (x - X[0]), lambda t: 1.0 / (t - 1.0)), moved.DEVICE)
    with pytest.raises(ValueError, match=r"`drive\[0\]` must be finite.*W\(1\) = inf"):
        drive.coupling(X)
    with (
        np.errstate(divide="ignore"),
        pytest.raises(ValueError, match=r"`drive\[1\]` must be finite.*inf.*t=1"),
    ):
        drive.strength(np.float64(1.0))
    several = Drive.of(("x", lambda t: [t, t]), moved.DEVICE)
    with pytest.raises(TypeError, match=r"`drive\[1\]` must return one real.*\[2\.0, 2\.0\]"):
        several.strength(2.0)


def test_it_is_looked_at_on_even_times_before_any_step():
    t, f = Drive.of(("x", Pulse(2.0, 3.0)), moved.OSCILLATOR).looked(8.0)
    assert t.size == 4097
    assert (t[0], t[-1]) == (0.0, 8.0)
    np.testing.assert_allclose(f, 2.0 * np.cos(3.0 * t), atol=1e-14)
