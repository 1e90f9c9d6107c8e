"""Drives as they are stored: tables of f and W, that know where these are not smooth."""

import json

import numpy as np
import pytest
from packets import OSCILLATOR

from qwpinn.networks.time_drive import drive_config, drive_from_config, stored_drive
from qwpinn.potentials import CustomPotential, FiniteWell
from qwpinn.training.time_points import Evolution

X, T = np.linspace(-6.9, 6.9, 50), np.linspace(0.0, 2.0, 50)


def driven(signal, profile=np.tanh, well=OSCILLATOR):
    return stored_drive(Evolution.of(well, 2.0, (signal, profile)))


def test_a_stored_drive_is_the_same():
    """A pulse that is switched on at t = 0.5, which is an end of panels."""
    pulse = CustomPotential(lambda t: np.where(t < 0.5, 0.0, np.sin(3.0 * t)), (0.0, 2.0), (0.5,))
    evolution = driven(pulse)
    expected = X**2 / 2.0 + np.where(T < 0.5, 0.0, np.sin(3.0 * T)) * np.tanh(X)
    np.testing.assert_allclose(evolution.values(X, T), expected, rtol=1e-14)
    config = json.loads(json.dumps(drive_config(evolution.drive)))
    again = stored_drive(Evolution.of(OSCILLATOR, 2.0, drive_from_config(config)))
    np.testing.assert_allclose(again.values(X, T), expected, rtol=1e-11, atol=1e-11)
    assert again.drive.signal.breakpoints == (0.5,)
    nodes = again.in_time(24).nodes
    assert (nodes < 0.5).sum() == 12 and nodes.size == 24


def test_no_drive_is_none():
    assert drive_config(stored_drive(Evolution.of(OSCILLATOR, 2.0)).drive) is None
    assert drive_from_config(None) is None


@pytest.mark.parametrize(
    ("signal", "profile", "message"),
    [
        (
            lambda t: np.abs(t - 0.7),
            np.tanh,
            r"must be smooth .* CustomPotential with .* at x=0\.7",
        ),
        (np.sin, lambda x: np.abs(x - 2.0), r"must be smooth .* CustomPotential with .* at x=2\."),
    ],
)
def test_what_is_not_smooth_is_found(signal, profile, message):
    with pytest.raises(ArithmeticError, match=message):
        driven(signal, profile)


def test_w_may_jump_where_v_does():
    well = FiniteWell(depth=20.0, width=2.0, box=6.0)
    evolution = driven(np.cos, lambda x: np.where(np.abs(x) < 1.0, 1.0, 0.0), well)
    assert evolution.drive.profile.breakpoints == (-1.0, 1.0)
    np.testing.assert_allclose(evolution.values(X / 3.0, T), well(X / 3.0) + np.cos(T) * (
        np.abs(X / 3.0) < 1.0))  # fmt: skip
