"""The integrator: its order, what it conserves, and both ways to an exponential."""

import numpy as np
import pytest
from scipy.linalg import expm

from qwpinn.dynamics import magnus
from qwpinn.dynamics.magnus import Propagator

RNG = np.random.default_rng(5)
ENERGIES = np.sort(RNG.uniform(0.0, 12.0, 6))
COUPLING = RNG.standard_normal((6, 6))
COUPLING = COUPLING + COUPLING.T
START = np.eye(6, dtype=complex)[0]


def moved(propagator, steps, end=2.0):
    """c after so many equal steps, by halves of each."""
    propagator.longest = end / steps
    *_, last = propagator.steps(START, np.array([0.0, end]), np.inf)
    return last.states[2]


def test_the_order_is_four():
    def after(steps):
        return moved(Propagator(ENERGIES, COUPLING, lambda t: np.sin(3.0 * t), 1.0), steps)

    exact = after(800)
    errors = [np.linalg.norm(after(steps) - exact) for steps in (20, 40, 80)]
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    np.testing.assert_allclose(orders, 4.0, atol=0.2)


def test_a_constant_drive_is_exact_in_one_step_whatever_hbar():
    found = moved(Propagator(ENERGIES, COUPLING, lambda t: 0.7, 0.3), 1)
    exact = expm(-1j * 2.0 / 0.3 * (np.diag(ENERGIES) + 0.7 * COUPLING)) @ START
    np.testing.assert_allclose(found, exact, atol=1e-12)


def test_the_error_of_the_steps_is_above_the_true_one_and_within_what_is_allowed():
    exact = moved(Propagator(ENERGIES, COUPLING, lambda t: np.sin(3.0 * t), 1.0), 800)
    for rate in (1e-4, 1e-7):
        propagator = Propagator(ENERGIES, COUPLING, lambda t: np.sin(3.0 * t), 1.0)
        times = np.array([0.0, 0.3, 2.0])
        steps = list(propagator.steps(START, times, rate))
        assert {0.3, 2.0} <= {step.end for step in steps}
        said = sum(step.error for step in steps)
        true = np.linalg.norm(steps[-1].states[2] - exact)
        assert true < said < 2.0 * rate
        assert abs(np.linalg.norm(steps[-1].states[2]) - 1.0) < 1e-12


@pytest.mark.parametrize("lost", [None, 0.2 * np.eye(6) + 0.05])
def test_the_series_and_the_exponential_agree(monkeypatch, lost):
    def found():
        return moved(Propagator(ENERGIES, COUPLING, np.cos, 1.0, lost), 40)

    summed = found()
    monkeypatch.setattr(magnus, "SERIES", 0.0)
    np.testing.assert_allclose(found(), summed, atol=1e-13)
    if lost is not None:
        hamiltonian = np.diag(ENERGIES) - 1j * lost
        still = moved(Propagator(ENERGIES, 0.0 * COUPLING, lambda t: 0.0, 1.0, lost), 3)
        np.testing.assert_allclose(still, expm(-2j * hamiltonian) @ START, atol=1e-12)


def test_several_columns_are_moved_as_each_alone():
    propagator = Propagator(ENERGIES, COUPLING, np.cos, 1.0, longest=0.1)
    *_, together = propagator.steps(np.eye(6, dtype=complex), np.array([0.0, 1.0]), np.inf)
    *_, alone = propagator.steps(START, np.array([0.0, 1.0]), np.inf)
    np.testing.assert_allclose(together.states[2][:, 0], alone.states[2], atol=1e-13)


def test_a_drive_that_takes_too_many_steps_is_refused(monkeypatch):
    monkeypatch.setattr(magnus, "MOST_STEPS", 30)
    propagator = Propagator(ENERGIES, COUPLING, lambda t: np.sin(90.0 * t), 1.0)
    with pytest.raises(ArithmeticError, match=r"`drive` must be smooth enough for 30 steps"):
        list(propagator.steps(START, np.array([0.0, 5.0]), 1e-9))


def exact(pieces):
    """c after constant drives, each with its duration."""
    c = START
    for f, duration in pieces:
        c = expm(-1j * duration * (np.diag(ENERGIES) + f * COUPLING)) @ c
    return c


@pytest.mark.parametrize(
    ("strength", "pieces"),
    [
        # Of a step of length 10 no Gauss node lies in the last tenth, nor in the first.
        (lambda t: 1.0 if 2.0 <= t <= 3.0 else 0.0, [(0.0, 2.0), (1.0, 1.0), (0.0, 7.0)]),
        (lambda t: 1.0 if t < 9.9 else 1.2, [(1.0, 9.9), (1.2, 0.1)]),
        (lambda t: 0.0 if t < 5.003 else 1.0, [(0.0, 5.003), (1.0, 4.997)]),
        (lambda t: 1.0 + 0.24 * (4.0 <= t <= 4.1), [(1.0, 4.0), (1.24, 0.1), (1.0, 5.9)]),
    ],
)
def test_a_drive_that_jumps_is_followed_to_its_jumps(strength, pieces):
    t = np.linspace(0.0, 10.0, 257)
    looked = t, np.array([strength(at) for at in t.tolist()])
    for rate in (1e-3, 1e-7):
        propagator = Propagator(ENERGIES, COUPLING, strength, 1.0, looked=looked)
        steps = list(propagator.steps(START, np.array([0.0, 10.0]), rate))
        true = np.linalg.norm(steps[-1].states[2] - exact(pieces))
        assert true < sum(step.error for step in steps) + 1e-12 < 20.0 * rate


def test_a_late_ramp_between_the_nodes_is_seen():
    def strength(t):
        return 1.0 + 0.26 * max(0.0, t - 9.0)

    def after(count):
        middles = (np.arange(count) + 0.5) / count
        return exact([(1.0, 9.0), *((1.0 + 0.26 * s, 1.0 / count) for s in middles)])

    propagator = Propagator(ENERGIES, COUPLING, strength, 1.0)
    steps = list(propagator.steps(START, np.array([0.0, 10.0]), 1e-7))
    # Of order two, extrapolated.
    true = np.linalg.norm(steps[-1].states[2] - (4.0 * after(800) - after(400)) / 3.0)
    assert true < sum(step.error for step in steps) < 2e-6


def test_a_step_says_all_that_was_seen_of_f_in_its_order():
    looked = np.array([0.0, 0.3, 0.9, 2.0]), np.array([55.0, 6.0, 7.0, 8.0])
    propagator = Propagator(ENERGIES, COUPLING, lambda t: 10.0 * t, 1.0, looked=looked)
    values, apart = propagator._seen(0.0, 1.0, 10.0 * magnus.HALVES)
    assert (values[0], values[-1]) == (0.0, 10.0)
    assert {6.0, 7.0} <= set(values.tolist())
    assert not {55.0, 8.0} & set(values.tolist())
    # 6 at 0.3, where the line through the nodes has 3.
    assert apart == pytest.approx(3.0)
