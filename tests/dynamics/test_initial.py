"""psi0: what it must be, and how many states it is thought to take."""

import moved
import numpy as np
import pytest

import qwpinn
from qwpinn.dynamics.initial import Initial


@pytest.mark.parametrize(
    ("function", "error", "message"),
    [
        (lambda x: 0.0 * x, ValueError, r"`psi0` must not be zero everywhere"),
        (qwpinn.Packet(8.0), ValueError, r"`psi0` must vanish at the walls.*7\.8e-01.*x = 9 "),
        (lambda x: np.exp(-(x**2)) / (x - 9.0), ValueError, r"`psi0` must be finite"),
        (lambda x: x[:3], ValueError, r"`psi0` must have the shape of x"),
        (lambda x: None, TypeError, r"`psi0` must hold real numbers|must return an array"),
    ],
)
def test_what_is_no_state_is_refused(function, error, message):
    with np.errstate(divide="ignore"), pytest.raises(error, match=message):
        Initial(moved.OSCILLATOR, function, 1e-6)


def test_a_device_has_psi_in_its_normal_form():
    packet = qwpinn.Packet(12.0, 0.3, 1.2)
    initial = Initial(moved.DEVICE, packet, 1e-6)
    z = np.linspace(1.0, 24.0, 9)
    np.testing.assert_allclose(
        initial.normal(z) * moved.DEVICE.amplitude, packet(z), rtol=1e-14, atol=1e-30
    )


@pytest.mark.parametrize(
    ("packet", "tol", "needed"),
    [
        # Of the displaced ground state, |c_n|^2 is Poisson's of the mean 2 or 4.5.
        (qwpinn.Packet(2.0, 0.0, moved.GROUND), 1e-6, 19),
        (qwpinn.Packet(3.0, 0.0, moved.GROUND), 1e-3, 18),
        (qwpinn.Packet(0.0, 3.0, moved.GROUND), 1e-6, 26),
    ],
)
def test_about_as_many_states_are_thought_of_as_it_takes(packet, tol, needed):
    assert needed <= Initial(moved.OSCILLATOR, packet, tol).states() <= 1.7 * needed
