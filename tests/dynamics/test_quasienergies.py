"""Floquet: quasi-energies against closed forms and references, modes, refusals."""

from functools import cache

import moved
import numpy as np
import pytest

import qwpinn
from qwpinn import Pulse


@cache
def driven_box():
    """-1/2 d2/dx2 + 5 x cos(10 t) on [0, 1]."""
    return qwpinn.floquet(moved.solved("box"), ("x", Pulse(5.0, 10.0)))


def test_a_drive_of_nothing_leaves_the_levels_folded():
    found = qwpinn.floquet(moved.solved("box"), ("x", Pulse(0.0, 7.0)))
    folded = (found.solution.energies + 3.5) % 7.0 - 3.5
    np.testing.assert_allclose(found.quasienergies, folded, atol=1e-8)
    np.testing.assert_allclose(found.overlaps, 1.0, atol=1e-12)
    assert found.zone == pytest.approx(7.0)


def test_the_quasienergies_of_a_driven_box_are_the_known_ones():
    # Eight digits, of an independent computation.
    np.testing.assert_allclose(
        driven_box().quasienergies[:3], [4.88473517, -0.23374356, 4.42055558], atol=1e-7
    )
    assert np.all(driven_box().errors[:3] < 1e-3)


def test_a_driven_oscillator_is_shifted_as_a_whole():
    # eps_n = E_n + A^2 / (4 (w^2 - 1)) for f = A cos(w t), of mass and frequency 1.
    found = qwpinn.floquet(moved.solved("oscillator"), ("x", Pulse(0.2, 1.7)))
    expected = 0.5 + 0.2**2 / (4.0 * (1.7**2 - 1.0))
    assert found.quasienergies[0] == pytest.approx(expected, abs=1e-8)
    for k in range(1, 5):
        apart = (k + 0.85) % 1.7 - 0.85
        assert found.gap(0, k) == pytest.approx(apart, abs=1e-7)


def test_a_mode_comes_back_but_for_its_phase():
    found = driven_box()
    modes = found.modes
    np.testing.assert_allclose(modes.conj().T @ modes, np.eye(16), atol=1e-10)
    start = modes[:, 1]
    back = qwpinn.evolve(found.solution, start, [found.period], drive=("x", Pulse(5.0, 10.0)))
    phase = np.exp(-1j * found.quasienergies[1] * found.period)
    np.testing.assert_allclose(back.coefficients[0], phase * start, atol=1e-7)
    x = np.linspace(0.0, 1.0, 5)
    np.testing.assert_allclose(
        found.wavefunctions(x), found.solution.wavefunctions(x) @ modes, atol=1e-14
    )


def test_the_table_says_the_zone_and_the_period():
    said = str(driven_box())
    assert "Modulo 10, the drive's period is 0.6283185307." in said
    assert said.splitlines()[2].split()[1].startswith("4.88473517")


@pytest.mark.parametrize(
    ("drive", "period", "error", "message"),
    [
        (("x", np.cos), None, ValueError, r"`period` must be given for a drive.*2 \* np\.pi"),
        (("x", Pulse(1.0)), None, ValueError, r"`period` must be given"),
        (("x", Pulse(1.0, 2.0, np.cos)), None, ValueError, r"`period` must be given"),
        (("x", Pulse(1.0, 2.0)), 3.0, ValueError, r"`period` must be one of the drive.*period=3"),
        (("x", np.cos), -1.0, ValueError, r"`period` must be a positive, finite time"),
        (np.cos, 1.0, TypeError, r"`drive` must be a pair"),
    ],
)
def test_a_drive_without_its_period_is_refused(drive, period, error, message):
    with pytest.raises(error, match=message):
        qwpinn.floquet(moved.solved("box"), drive, period)


def test_modes_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match=r"`j` must be at most 15"):
        driven_box().gap(0, 16)
