"""The packet: its moments, and what is no packet."""

import numpy as np
import pytest

from qwpinn import Packet


def test_mean_spread_and_momentum_are_those_that_were_given():
    packet = Packet(centre=0.7, momentum=-2.5, width=0.4)
    x = np.linspace(-4.0, 5.0, 9001)
    psi = packet(x)
    density = np.abs(psi) ** 2
    slope = np.gradient(psi, x)
    assert np.trapezoid(density, x) == pytest.approx(1.0, abs=1e-12)
    assert np.trapezoid(x * density, x) == pytest.approx(0.7, abs=1e-10)
    assert np.trapezoid((x - 0.7) ** 2 * density, x) == pytest.approx(0.16, abs=1e-10)
    momentum = np.trapezoid(psi.conj() * -1j * slope, x)
    assert momentum == pytest.approx(-2.5, abs=1e-5)
    kinetic = np.trapezoid(np.abs(slope) ** 2, x)
    assert kinetic == pytest.approx(2.5**2 + 1.0 / (4.0 * 0.16), abs=1e-4)


def test_a_packet_at_its_centre_is_real_and_says_what_it_is():
    assert Packet(1.0, 3.0, 0.5)(1.0) == pytest.approx((2.0 * np.pi * 0.25) ** -0.25)
    assert repr(Packet(1, width=2)) == "Packet(centre=1.0, momentum=0.0, width=2.0)"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0.0, 1.0, 0.0), ValueError, r"`width` must be a positive, finite length.*width=0"),
        ((np.nan,), ValueError, r"`centre` must be finite"),
        ((0.0, "2"), TypeError, r"`momentum` must be a real number.*'2'"),
    ],
)
def test_bad_numbers_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        Packet(*arguments)
