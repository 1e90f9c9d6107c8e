"""Drives as they are stored: tables of f and W, that know where these are not smooth."""

import json

import numpy as np
import pytest
from packets import OSCILLATOR

import qwpinn
from qwpinn.networks.time_drive import drive_config, drive_from_config, stored_drive
from qwpinn.potentials import CustomPotential, FiniteWell
from qwpinn.training.space_time import SpaceTime

X, T = np.linspace(-6.9, 6.9, 50), np.linspace(0.0, 2.0, 50)


def driven(strength, coupling=np.tanh, well=OSCILLATOR):
    return stored_drive(SpaceTime.of(well, 2.0, (coupling, strength)))


def test_a_stored_drive_is_the_same():
    """A pulse that is switched on at t = 0.5, which is an end of panels."""
    pulse = CustomPotential(lambda t: np.where(t < 0.5, 0.0, np.sin(3.0 * t)), (0.0, 2.0), (0.5,))
    motion = driven(pulse)
    expected = X**2 / 2.0 + np.where(T < 0.5, 0.0, np.sin(3.0 * T)) * np.tanh(X)
    np.testing.assert_allclose(motion.values(X, T), expected, rtol=1e-14)
    config = json.loads(json.dumps(drive_config(motion.drive)))
    again = stored_drive(SpaceTime.of(OSCILLATOR, 2.0, drive_from_config(config)))
    np.testing.assert_allclose(again.values(X, T), expected, rtol=1e-11, atol=1e-11)
    assert again.drive.strength.breakpoints == (0.5,)
    nodes = again.in_time(24).nodes
    assert (nodes < 0.5).sum() == 12 and nodes.size == 24


def test_no_drive_is_none():
    assert drive_config(stored_drive(SpaceTime.of(OSCILLATOR, 2.0)).drive) is None
    assert drive_from_config(None) is None


@pytest.mark.parametrize(
    ("strength", "coupling", "message"),
    [
        (
            lambda t: np.abs(t - 0.7),
            np.tanh,
            r"`drive` must be smooth .* f with .* at t=0\.7.*Give f as a CustomPotential on \(0, 2",
        ),
        (
            np.sin,
            lambda x: np.abs(x - 2.0),
            r"`drive` must be smooth .* W with .* at x=2\..*Give the well with this breakpoint",
        ),
    ],
)
def test_what_is_not_smooth_is_found(strength, coupling, message):
    with pytest.raises(ArithmeticError, match=message):
        driven(strength, coupling)


def test_w_may_jump_where_v_does():
    well = FiniteWell(depth=20.0, width=2.0, box=6.0)
    motion = driven(np.cos, lambda x: np.where(np.abs(x) < 1.0, 1.0, 0.0), well)
    assert motion.drive.coupling.breakpoints == (-1.0, 1.0)
    np.testing.assert_allclose(motion.values(X / 3.0, T), well(X / 3.0) + np.cos(T) * (
        np.abs(X / 3.0) < 1.0))  # fmt: skip


def test_a_field_and_a_pulse_are_stored():
    """-e F z of 3 cos(0.1 t) kV/cm on 10 nm, from the middle: 1 kV/cm is 0.1 meV/nm."""
    device = qwpinn.Heterostructure([qwpinn.Layer(10.0, offset=0.0, mass=0.067)])
    pulse = qwpinn.Pulse(3.0, 0.1, envelope=lambda t: 1.0 if t < 1e9 else 0.0)
    motion = driven(pulse, "field", device)
    again = stored_drive(SpaceTime.of(device, 2.0, drive_from_config(drive_config(motion.drive))))
    x = np.linspace(*device.normal_form.interval, 5)
    tilt = motion.values(x, np.zeros(5))
    np.testing.assert_allclose(np.abs(np.diff(tilt)), 3.0 * 0.1 * 2.5, rtol=1e-10)
    for at in (motion, again):
        np.testing.assert_allclose(
            at.values(x, np.full(5, 1.7)), np.cos(0.17) * tilt, rtol=1e-11, atol=1e-11
        )


def test_a_pulse_takes_times_one_or_many():
    """Elementwise, of an envelope that takes numbers only too; a number gives a float."""
    pulse = qwpinn.Pulse(2.0, 3.0, envelope=lambda t: t if t < 1.0 else 1.0, phase=0.5)
    t = np.array([[0.0, 0.5], [1.0, 4.0]])
    expected = 2.0 * np.minimum(t, 1.0) * np.cos(3.0 * t + 0.5)
    np.testing.assert_allclose(pulse(t), expected, rtol=1e-15)
    assert (
        type(pulse(0.5)) is type(pulse(np.float64(0.5))) is float and pulse(0.5) == pulse(t)[0, 1]
    )
    with pytest.raises(TypeError, match=r"`envelope` must return one real number .*'a' at t=0\."):
        qwpinn.Pulse(1.0, envelope=lambda t: "a")(t)
