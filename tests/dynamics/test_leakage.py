"""What a drive takes out of the states: both bounds hold, and the second is the sharper."""

import moved
import numpy as np
import pytest

from qwpinn import Pulse
from qwpinn.dynamics.basis import size
from qwpinn.dynamics.carrying import Journey
from qwpinn.dynamics.drive import Drive
from qwpinn.dynamics.leakage import Leakage
from qwpinn.dynamics.magnus import Propagator, Step
from qwpinn.references import exact

DRIVE = Drive.of(("x", Pulse(3.0, 2.0)), moved.BOX)


def test_y_solves_its_equation_and_is_small():
    basis = moved.basis("box")
    found = Leakage.of(basis, DRIVE)
    lowest = np.eye(16)[0]
    assert size(found.missed, lowest) < 1e-3 * size(found.direct, lowest)
    # By the energy of the first level above the states, about.
    above = np.pi**2 / 2.0 * (17.0**2 - 1.0)
    assert size(found.stirred, lowest) < 1.5 * size(found.direct, lowest) / above
    dipoles = basis.solution.observables.dipoles
    np.testing.assert_allclose(found.coupling, dipoles, atol=1e-9)


def test_what_is_lost_is_the_norm_of_what_no_state_holds():
    basis = moved.basis("box")
    found = Leakage.of(basis, DRIVE)
    for k in (0, 5, 15):
        x2 = basis.solution.expectation("x^2")[k]
        # |W psi_k|^2 less what the states have of it.
        lost = np.sqrt(max(x2 - np.sum(found.coupling[:, k] ** 2), 0.0))
        assert size(found.direct, np.eye(16)[k]) == pytest.approx(lost, rel=1e-4)


def test_a_step_adds_what_its_drive_and_its_states_say():
    found = Leakage.of(moved.basis("box"), DRIVE)
    c = np.eye(16, dtype=complex)[1]
    step = Step(0.0, 0.1, 0.1, (c, c, c), np.array([0.0, 1.0, -2.0, 0.5, 1.0, 1.0]), 0.0)
    direct, second = found.added(step)
    assert direct == pytest.approx(0.1 * 2.0 * size(found.direct, c))
    varied = 1.2 * (1.0 + 3.0 + 2.5 + 0.5 + 0.0)
    twice = 4.0 * size(found.twice, c) + 2.0 * size(found.missed, c)
    assert second == pytest.approx(0.1 * twice + varied * size(found.stirred, c))
    columns = found.added(step._replace(states=(np.stack([c, 0.0 * c], axis=1),) * 3))
    np.testing.assert_allclose(columns, [[direct, 0.0], [second, 0.0]])


def test_a_driven_box_is_within_its_bound_of_one_in_many_more_states():
    times = np.array([0.0, 0.3, 0.8])
    journey = Journey(np.array([0.6, 0.8j]), times, 1e-4, DRIVE)
    found = journey.carried(moved.basis("box"))[0]
    reference, x = exact(moved.BOX, 30), np.linspace(0.0, 1.0, 2001)
    psi = reference.wavefunctions(x)
    w = np.trapezoid(psi[:, :, None] * x[:, None, None] * psi[:, None, :], x, axis=0)
    many = Propagator(reference.energies, w, DRIVE.strength, 1.0)
    start = np.zeros(30, complex)
    start[:2] = [0.6, 0.8j]
    ends = {step.end: step.states[2] for step in many.steps(start, times, 1e-6)}
    truth = np.array([start, *(ends[t] for t in times[1:].tolist())]) @ psi.T
    error = moved.norm(x, found(x) - truth)
    assert np.all(error <= found.errors + 1e-6)
    assert found.errors[-1] < 1e-3
    # The plain bound, the integral of |f| ||(1 - P) W Psi||, would be far more.
    plain = 0.8 * 2.0 / np.pi * 3.0 * size(Leakage.of(moved.basis("box"), DRIVE).direct, start[:16])
    assert found.errors[-1] < 0.1 * plain
