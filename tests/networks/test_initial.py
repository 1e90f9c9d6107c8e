"""Initial states: their series, energy and spread in closed form, and what is refused."""

import json

import numpy as np
import packets
import pytest
import tensorflow as tf
from packets import BOX, OSCILLATOR, Beats, Packet

import qwpinn
from qwpinn.equation.scaling import Scaling
from qwpinn.networks.initial import InitialState
from qwpinn.training.space_time import SpaceTime


def initial(function, well=BOX, drive=None):
    motion = SpaceTime.of(well, 1.0, drive)
    return InitialState.of(function, motion, Scaling.for_potential(well.normal_form))


def test_states_of_a_box_are_single_terms():
    """(phi_1 + i phi_3) / 2^(1/2): E = 5 pi^2 with a deviation of 4 pi^2."""
    state = initial(lambda x: np.sin(np.pi * x) + 1j * np.sin(3.0 * np.pi * x))
    np.testing.assert_allclose(state.real, [1.0, 0.0, 0.0], atol=1e-14)
    np.testing.assert_allclose(state.imaginary, [0.0, 0.0, 1.0], atol=1e-14)
    np.testing.assert_allclose(state.norm, 1.0, rtol=1e-13)
    np.testing.assert_allclose(
        [state.energy, state.spread], [5.0 * np.pi**2, 4.0 * np.pi**2], rtol=1e-12
    )
    assert state.missed < 1e-13


def test_a_displaced_ground_state_has_the_energy_of_a_coherent_one():
    """1/2 + |alpha|^2 with the deviation |alpha|, alpha = 2^(-1/2); norm 2^(1/2), for rho is 2."""
    state = initial(Packet().initial, OSCILLATOR)
    found = [state.energy, state.spread, state.norm]
    np.testing.assert_allclose(found, [1.0, 2.0**-0.5, 2.0**0.5], rtol=1e-11)
    assert state.missed < 1e-11


def test_what_is_left_out_at_the_walls_is_measured():
    """psi falls to 1.5e-8 there, and a straight line of that height is not in the series."""
    well = qwpinn.CustomPotential(lambda x: x**2 / 2, (-7.0, 7.0))
    function = Packet().initial
    state = initial(function, well)
    x = np.linspace(-7.0, 7.0, 4001)
    series = state.parts(tf.constant(x[:, None] / 7.0)).numpy()[:, 0] * state.norm
    missed = np.sqrt(np.sum((function(x) - series) ** 2) * 14.0 / 4000.0)
    np.testing.assert_allclose(state.missed, missed, rtol=1e-3)
    assert 1e-8 < state.missed < 1e-7


def test_a_drive_that_begins_at_once_is_in_the_energy():
    """+ f(0) <x> = 0.3: the packet is at x = 1."""
    drive = (lambda x: x, lambda t: 0.3 * np.cos(t))
    state = initial(Packet().initial, OSCILLATOR, drive)
    np.testing.assert_allclose(state.energy, 1.3, rtol=1e-11)


def test_values_and_curvatures_in_the_graph_are_those_of_the_function(rng):
    state = initial(Packet().initial, OSCILLATOR)
    xi = rng.uniform(-1.0, 1.0, (50, 1))
    psi, bend = state.with_curvature(tf.constant(xi))
    x = 8.5 * xi[:, 0]
    expected = Packet().initial(x) / 2.0**0.5
    np.testing.assert_allclose(state.parts(tf.constant(xi)), psi, atol=1e-15)
    np.testing.assert_allclose(psi[:, 0], expected, atol=1e-11)
    np.testing.assert_allclose(bend[:, 0], 8.5**2 * ((x - 1.0) ** 2 - 1.0) * expected, atol=1e-8)
    np.testing.assert_allclose(psi[:, 1], 0.0, atol=1e-15)


def test_the_series_converges_faster_than_any_power():
    """A packet that the walls do not see needs terms as its width says, and no more."""
    narrow, wide = (
        initial(lambda x, w=w: np.exp(-(((x - 0.5) / w) ** 2) / 2.0)) for w in (0.02, 0.06)
    )
    assert len(narrow.real) == pytest.approx(3 * len(wide.real), rel=0.5)
    assert max(narrow.missed, wide.missed) < 1e-11


def test_a_config_restores_it():
    state = initial(lambda x: np.exp(2j * x) * np.sin(np.pi * x) ** 3)
    assert InitialState.from_config(json.loads(json.dumps(state.to_config()))) == state


@pytest.mark.parametrize(
    ("function", "error", "message"),
    [
        (3.0, TypeError, r"`psi0` must be a function of positions, as a qwpinn\.Packet is"),
        (lambda x: None, TypeError, r"`psi0` must hold real numbers"),
        (lambda x: x[:-1], ValueError, r"`psi0` must have the shape of x"),
        (lambda x: np.log(x), ValueError, r"`psi0` must be finite .*psi\(0\) = -inf"),
        (np.zeros_like, ValueError, r"`psi0` must be a psi that is not zero everywhere"),
        (np.cos, ValueError, r"`psi0` must vanish at the walls, to 1e-06 .* Received: 1 of it"),
        (
            lambda x: x * (1.0 - x),
            ValueError,
            r"`psi0` must be given by 512 sine functions .* miss by \d.*e-0[67]\.",
        ),
    ],
)
def test_what_is_no_initial_state_is_refused(function, error, message):
    with pytest.raises(error, match=message) as caught:
        initial(function)
    assert "\n" not in str(caught.value)


def test_a_device_gives_psi_in_its_own_coordinate():
    """One layer of GaAs between walls: E_1 = hbar^2 pi^2 / (2 m L^2) in meV."""
    layer = qwpinn.Layer(10.0, offset=0.0, mass=0.067)
    device = qwpinn.Heterostructure([layer])
    problem = Beats()
    state = initial(lambda z: problem.initial(z / 10.0), device)
    ground = 1000.0 * 0.0380998212 / 0.067 * (np.pi / 10.0) ** 2
    np.testing.assert_allclose(
        [state.energy, state.spread], [2.5 * ground, 1.5 * ground], rtol=1e-6
    )


def test_the_problems_of_the_tests_are_solutions_at_the_beginning(rng):
    x = rng.uniform(0.0, 1.0, 20)
    for problem in (Packet(0.7), Beats()):
        psi = problem(tf.constant(x), tf.zeros(20, tf.float64)).numpy()
        np.testing.assert_allclose(psi, problem.initial(x), atol=1e-15)
    assert packets.network(problem).initial.spread > 1.0
