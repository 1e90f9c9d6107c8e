"""An evolution: what is asked of psi at all its times, against closed forms."""

from functools import cache

import moved
import numpy as np
import pytest

import qwpinn

TIMES = np.linspace(0.0, 2.0 * np.pi, 9)
X = np.linspace(-9.0, 9.0, 4001)


@cache
def coherent():
    start = qwpinn.Packet(2.0, 0.0, moved.GROUND)
    return qwpinn.evolve(moved.solved("oscillator"), start, TIMES)


@cache
def beating():
    return qwpinn.evolve(moved.solved("device"), [1.0, 1.0], np.linspace(0.0, 60.0, 301))


def test_psi_is_the_coherent_state_with_its_phase():
    found = coherent()
    psi = found(X)
    assert psi.shape == (9, X.size)
    assert np.max(moved.norm(X, psi - moved.coherent(X, TIMES))) < 1e-6
    np.testing.assert_allclose(found.norm, 1.0, atol=1e-10)


def test_means_and_spreads_follow_the_classical_path():
    found = coherent()
    np.testing.assert_allclose(found.expectation("x"), 2.0 * np.cos(TIMES), atol=1e-6)
    np.testing.assert_allclose(found.expectation("p"), -2.0 * np.sin(TIMES), atol=1e-6)
    np.testing.assert_allclose(found.spread, moved.GROUND, atol=1e-6)
    np.testing.assert_allclose(found.energy, 2.5, atol=1e-6)
    kinetic = 0.25 + 2.0 * np.sin(TIMES) ** 2
    np.testing.assert_allclose(found.expectation("T") + found.expectation("V"), 2.5, atol=1e-6)
    np.testing.assert_allclose(found.expectation("T"), kinetic, atol=1e-6)
    np.testing.assert_allclose(
        found.expectation(lambda x: x**2), found.expectation("x^2"), atol=1e-12
    )


def test_probabilities_and_correlations_are_those_of_norm_one():
    found = coherent()
    assert found.probability(0.0, 9.0)[0] == pytest.approx(0.997661, abs=1e-6)  # (1 + erf 2) / 2
    np.testing.assert_allclose(found.density(X) @ np.full(X.size, X[1] - X[0]), 1.0, atol=1e-9)
    # <alpha(0), alpha(t)> = exp(-i t / 2) exp(|alpha|^2 (e^{-i t} - 1)), |alpha|^2 = 2.
    expected = np.exp(-0.5j * TIMES + 2.0 * (np.exp(-1j * TIMES) - 1.0))
    np.testing.assert_allclose(found.autocorrelation, expected, atol=1e-6)
    assert found.transmitted(0.0)[0] == found.probability(0.0, 9.0)[0]
    assert found.reflected(0.0)[0] == pytest.approx(1.0 - 0.997661, abs=1e-6)


def test_what_flows_is_what_the_density_loses_also_where_the_mass_jumps():
    found, at = beating(), [8.0, 12.0, 17.0]
    inside = found.probability(8.0, 12.0), found.probability(12.0, 17.0)
    flow = found.current(at)
    for n, share in enumerate(inside):
        gained = np.gradient(share, found.times, edge_order=2)[2:-2]
        np.testing.assert_allclose(gained, (flow[:, n] - flow[:, n + 1])[2:-2], atol=2e-5)
    assert np.max(np.abs(flow)) > 1e-2
    # Ehrenfest: of one mass the current is the speed.
    speed = np.gradient(coherent().at(TIMES + 1e-4).expectation("x"), TIMES)
    assert speed.shape == (9,)


def test_periods_are_those_of_the_levels_in_fs():
    found = beating()
    apart = found.energies[1] - found.energies[0]
    assert found.beat_period() == pytest.approx(2.0 * np.pi * 658.2119569 / apart, rel=1e-9)
    again = found.at([0.0, found.beat_period()])
    assert abs(again.autocorrelation[1]) == pytest.approx(1.0, abs=1e-12)
    assert coherent().classical_period == pytest.approx(2.0 * np.pi, rel=1e-6)
    assert coherent().revival_period > 1e4


def test_other_times_are_those_of_a_new_evolution():
    found = coherent().at([0.5, 1.5])
    np.testing.assert_allclose(found(X), moved.coherent(X, [0.5, 1.5]), atol=1e-6)
    np.testing.assert_array_equal(found.errors, coherent().error([0.5, 1.5]))
    assert found.at([0.5]).coefficients == pytest.approx(found.coefficients[:1])


def test_of_a_driven_well_a_time_between_has_the_later_bound():
    drive = "x", qwpinn.Pulse(0.1, 1.0)
    found = qwpinn.evolve(moved.solved("box"), [1.0], [0.0, 1.0, 2.0], drive=drive)
    np.testing.assert_array_equal(found.error([0.5, 1.0, 1.5]), found.errors[[1, 1, 2]])
    with pytest.raises(ValueError, match=r"`t` must be from 0 to 2\. Received: 3 to 3"):
        found.error(3.0)
    with pytest.raises(ValueError, match=r"Received: a well that is driven"):
        found.at([1.0])


def test_too_much_at_once_is_refused_before_it_is_made():
    with pytest.raises(ValueError, match=r"`x` must hold at most 20000000 values in all"):
        coherent()(np.zeros(2_300_000))
