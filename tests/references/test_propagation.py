"""Propagation: closed forms of moving waves, orders of both schemes, and what they conserve."""

import itertools
import math

import numpy as np
import pytest

from qwpinn import Heterostructure, Layer
from qwpinn.potentials import (
    CustomPotential,
    FiniteWell,
    Harmonic,
    InfiniteWell,
    PiecewiseConstant,
    PiecewisePolynomial,
)
from qwpinn.references import crank_nicolson, exact, legendre_galerkin, split_step

# hbar = m = omega = 1: H = -1/2 d^2/dx^2 + x^2/2.
OSCILLATOR = CustomPotential(
    lambda x: x**2 / 2, interval=(-12.0, 12.0), weight=lambda x: np.full_like(x, 2.0)
)
BOTH = pytest.mark.parametrize("solver", [crank_nicolson, split_step])
TIMES = [1.0, 3.0]


def ground(x, centre=0.0):
    return math.pi**-0.25 * np.exp(-((x - centre) ** 2) / 2)


def coherent(x, t, start=3.0):
    """The state that starts at rest about `start`: its centre swings as start cos t."""
    phase = t / 2 + start * math.sin(t) * x - start**2 * math.sin(2 * t) / 4
    return ground(x, start * math.cos(t)) * np.exp(-1j * phase)


def worst(found, closed):
    """The largest error of psi at any time."""
    rows = zip(found.psi, found.times, strict=True)
    return max(np.max(np.abs(psi - closed(found.x, t))) for psi, t in rows)


def order(errors):
    """By which every halving divides the error, as a power of two."""
    return np.log2(np.array(errors[:-1]) / errors[1:])


def mixed(potential, spectrum, clock=1.0):
    """A sum of three stationary states, and the same at all times."""
    share = np.array([0.6, 0.48, 0.64])

    def moved(x, t):
        return spectrum.wavefunctions(x) @ (share * np.exp(-1j * spectrum.energies * t / clock))

    return lambda x: spectrum.wavefunctions(x) @ share, moved


def test_crank_nicolson_has_order_two_in_both_steps():
    errors = [
        worst(
            crank_nicolson(OSCILLATOR, lambda x: ground(x, 3.0), TIMES, 600 * n + 1, 500 * n),
            coherent,
        )
        for n in (1, 2, 4)
    ]
    assert errors[-1] < 1e-3
    np.testing.assert_allclose(order(errors), 2.0, atol=0.03)


@pytest.mark.parametrize(("points", "steps"), [(2401, 200), (201, 4000)])
def test_crank_nicolson_has_order_two_in_either_step(points, steps):
    # Only one of both is halved: differences of solutions cancel what the other costs.
    found = [
        crank_nicolson(
            OSCILLATOR,
            lambda x: ground(x, 2.0),
            [1.0],
            points if steps == 200 else 1 + (points - 1) * n,
            steps * n if steps == 200 else steps,
        )([[-1.0], [0.0], [1.25]])
        for n in (1, 2, 4)
    ]
    changes = [np.max(np.abs(fine - coarse)) for coarse, fine in itertools.pairwise(found)]
    np.testing.assert_allclose(order(changes), 2.0, atol=0.1)


def test_split_step_has_order_four_in_time():
    errors = [
        worst(split_step(OSCILLATOR, lambda x: ground(x, 3.0), TIMES, 257, steps), coherent)
        for steps in (12, 24, 48, 96)
    ]
    assert errors[-1] < 1e-9
    np.testing.assert_allclose(order(errors), 4.0, atol=0.3)


def test_split_step_is_spectral_in_space():
    errors = [
        worst(split_step(OSCILLATOR, lambda x: ground(x, 3.0), TIMES, points, 400), coherent)
        for points in (33, 65, 129)
    ]
    assert errors[0] > 1e-3
    assert errors[1] < 1e-7
    assert errors[2] < 2e-12


@BOTH
def test_norm_stays_to_rounding(solver):
    times = np.linspace(0.0, 3.0, 7)
    found = solver(OSCILLATOR, lambda x: ground(x, 3.0), times, 257, 300)
    # Integral rho |psi|^2 dx with rho = 2, as of a `Spectrum`.
    np.testing.assert_allclose(found.norm[0], 2.0, rtol=1e-13)
    np.testing.assert_allclose(found.norm, found.norm[0], rtol=1e-12)
    driven = solver(
        OSCILLATOR, lambda x: ground(x, 3.0), times, 257, 300, drive=(lambda x: x, np.cos)
    )
    np.testing.assert_allclose(driven.norm, found.norm[0], rtol=1e-12)
    assert np.max(np.abs(driven.psi - found.psi)) > 0.1


def test_psi_between_the_nodes():
    x = np.linspace(-12.0, 12.0, 101)
    fine = split_step(OSCILLATOR, lambda x: ground(x, 3.0), TIMES, 257, 200)
    expected = [coherent(x, t) for t in TIMES]
    np.testing.assert_allclose(fine(x), expected, atol=1e-10)
    for found in (fine, crank_nicolson(OSCILLATOR, lambda x: ground(x, 3.0), TIMES, 301, 50)):
        np.testing.assert_allclose(found(found.x), found.psi, atol=1e-13)
        assert found(x[:0]).shape == (2, 0)
        with pytest.raises(
            ValueError, match=r"`x` must lie in the closed interval \[-12.0, 12.0\]"
        ):
            found([12.1])


@BOTH
def test_times_that_are_asked_change_nothing(solver):
    def start(x):
        return ground(x, 1.0) * np.exp(2j * x)

    often = solver(OSCILLATOR, start, [0.0, 0.25, 0.5, 1.0], 201, 80)
    once = solver(OSCILLATOR, start, [1.0], 201, 80)
    np.testing.assert_allclose(often.psi[0], start(often.x), atol=1e-15)
    np.testing.assert_allclose(often.psi[-1], once.psi[0], atol=1e-13)
    # Backwards: conj(psi) returns to conj(psi0).
    end = once.psi[0]
    back = solver(OSCILLATOR, lambda x: np.conj(end[1:-1]), [1.0], 201, 80)
    np.testing.assert_allclose(back.psi[0], np.conj(start(back.x)), atol=1e-12)


def test_stationary_states_of_a_well_that_jumps():
    well = FiniteWell(depth=20.0, width=2.0, box=6.0)
    start, moved = mixed(well, exact(well, 3))
    errors = [
        worst(crank_nicolson(well, start, [0.5, 1.0], 150 * n + 1, 200 * n), moved)
        for n in (1, 2, 4)
    ]
    np.testing.assert_allclose(order(errors), 2.0, atol=0.1)
    # The jump at x = 2 or -1 is a node of some grids, and between two nodes of others.
    for grids in ((37, 73, 145), (39, 78, 155)):
        errors = [
            worst(split_step(well, start, [0.25], n, round((n - 1) ** 2 / 60)), moved)
            for n in grids
        ]
        assert errors[-1] < 0.006
        np.testing.assert_allclose(order(errors), 2.0, atol=0.35)


@pytest.mark.parametrize(
    "potential",
    [
        PiecewiseConstant([0.0, 1.0, 1.5, 3.0], [0.0, 30.0, 5.0], weights=[1.0, 0.5, 2.0]),
        PiecewisePolynomial(
            [0.0, 1.0, 2.5], [[3.0, 2.0], [-4.0, 1.0]], [[1.0, 0.3], [2.0, -0.5]], (1.0,)
        ),
    ],
    ids=["layers", "graded"],
)
def test_crank_nicolson_where_rho_varies(potential):
    start, moved = mixed(potential, legendre_galerkin(potential, 3))
    found = [crank_nicolson(potential, start, [0.4], 100 * n + 1, 60 * n) for n in (1, 2, 4)]
    np.testing.assert_allclose(order([worst(f, moved) for f in found]), 2.0, atol=0.1)
    np.testing.assert_allclose(found[-1].norm, 1.0, atol=1e-4)


def test_heterostructures_move_in_fs_in_their_own_coordinate():
    layers = [(12.0, 0.0836, 167.0), (6.0, 0.067, 0.0), (3.0, 0.0836, 167.0), (7.0, 0.067, 0.0)]
    device = Heterostructure(
        [Layer(w, mass=m, offset=v) for w, m, v in [*layers, (12.0, 0.0836, 167.0)]]
    )
    start, moved = mixed(device, exact(device, 3), clock=658.2119569509)
    found = [crank_nicolson(device, start, [20.0, 50.0], 200 * n + 1, 100 * n) for n in (1, 2, 4)]
    np.testing.assert_allclose(order([worst(f, moved) for f in found]), 2.0, atol=0.1)
    np.testing.assert_allclose(found[-1].norm, 1.0, atol=1e-4)
    # Between nodes psi' has a kink where the mass jumps, which no spline in z could follow.
    x = 12.0 + np.linspace(-0.4, 0.4, 9)
    np.testing.assert_allclose(found[-1](x)[1], moved(x, 50.0), atol=2e-3)


def test_split_step_of_one_mass_in_layers():
    device = Heterostructure(
        [Layer(w, mass=0.067, offset=v) for w, v in ((9.0, 167.0), (7.0, 0.0), (11.0, 167.0))]
    )
    start, moved = mixed(device, exact(device, 3), clock=658.2119569509)
    errors = [worst(split_step(device, start, [20.0], n, n**2 // 60), moved) for n in (109, 217)]
    assert errors[1] < 2e-3
    np.testing.assert_allclose(order(errors), 2.0, atol=0.5)


@BOTH
def test_named_units_have_times_in_fs(solver):
    # Half a turn of the lowest state of 10 nm: E = hbar^2 pi^2 / (2 m L^2), 56.1 meV for 0.067.
    well = InfiniteWell(width=10.0).in_units("nm", "eV", mass=0.067)
    energy = 6.62607015e-34**2 / (8.0 * 0.067 * 9.1093837139e-31 * 1e-16) / 1.602176634e-19
    half = math.pi * 0.6582119569509 / energy
    found = solver(well, lambda x: np.sin(np.pi * x / 10.0), [half], 513, 512)
    np.testing.assert_allclose(found.psi[0], -np.sin(np.pi * found.x / 10.0), atol=3e-5)
    np.testing.assert_allclose(found.norm, 5.0, rtol=1e-12)
    atomic = Harmonic(omega=2.0).in_units("hartree")  # V = 4 x^2, E_0 = sqrt(2)
    spread = 2.0**0.75
    found = solver(atomic, lambda x: ground(spread * x), [math.pi / math.sqrt(2.0)], 513, 900)
    np.testing.assert_allclose(found([0.0]), -ground(0.0), atol=2e-3)


def test_a_resonant_drive_swings_an_oscillator_ever_higher():
    # q'' + q = -cos t from rest: q = -t sin(t) / 2, and the packet keeps its shape.
    end, drive = 4.0, (lambda x: x, math.cos)

    def error(found):
        expected = ground(found.x, -0.5 * end * math.sin(end)) ** 2
        return np.max(np.abs(np.abs(found.psi[0]) ** 2 - expected))

    found = [split_step(OSCILLATOR, ground, [end], 257, n, drive) for n in (10, 20, 40)]
    errors = [error(f) for f in found]
    assert errors[-1] < 1e-8
    np.testing.assert_allclose(order(errors), 4.0, atol=0.1)
    errors = [
        error(crank_nicolson(OSCILLATOR, ground, [end], 480 * n + 1, 160 * n, drive))
        for n in (1, 2, 4)
    ]
    np.testing.assert_allclose(order(errors), 2.0, atol=0.1)


@BOTH
def test_a_constant_drive_is_another_potential(solver):
    other = CustomPotential(
        lambda x: x**2 / 2 - 0.6 * x, OSCILLATOR.interval, weight=lambda x: np.full_like(x, 2.0)
    )
    driven = solver(OSCILLATOR, ground, [1.0], 201, 100, (lambda x: x, lambda t: -0.6))
    np.testing.assert_allclose(driven.psi, solver(other, ground, [1.0], 201, 100).psi, atol=1e-12)


def test_a_drive_of_a_heterostructure_is_of_its_own_positions():
    layers = [
        Layer(w, mass=m, offset=v)
        for w, m, v in ((20.0, 0.0836, 167.0), (8.0, 0.067, 0.0), (20.0, 0.0836, 167.0))
    ]
    # -e F (z - z_c) with F = 10 kV/cm, meV.
    drive = (lambda z: -(z - 24.0), lambda t: 1.0)

    def start(z):
        return ground((z - 24.0) / 3.0)

    driven = crank_nicolson(Heterostructure(layers), start, [50.0], 401, 100, drive)
    tilted = crank_nicolson(Heterostructure(layers, field=10.0), start, [50.0], 401, 100)
    np.testing.assert_allclose(driven.psi, tilted.psi, atol=1e-11)


@BOTH
def test_a_drive_that_is_the_same_everywhere_turns_the_phase(solver):
    still = solver(OSCILLATOR, ground, [0.5, 2.0], 101, 400)
    lifted = solver(OSCILLATOR, ground, [0.5, 2.0], 101, 400, (lambda x: 1.0, lambda t: 2.0 * t))
    phases = np.exp(-1j * np.square([[0.5], [2.0]]))
    np.testing.assert_allclose(lifted.psi, phases * still.psi, atol=1e-4)


def test_a_drive_may_jump_where_the_potential_does():
    # W is the well itself: with f = -1/2 half of it is left.
    well, shallow = FiniteWell(20.0, 2.0, 6.0), FiniteWell(10.0, 2.0, 6.0)
    for solver in (crank_nicolson, split_step):
        for points in (49, 57):
            found = solver(well, ground, [0.3], points, 40, (lambda x: well(x), lambda t: -0.5))
            expected = solver(shallow, ground, [0.3], points, 40)
            np.testing.assert_allclose(found.psi, expected.psi, atol=1e-12)


@BOTH
def test_bad_arguments(solver):
    nonparabolic = Heterostructure(
        [Layer(w, "GaAs" if w < 10 else "Al0.2Ga0.8As") for w in (20.0, 6.0, 20.0)],
        nonparabolic=True,
    )
    with pytest.raises(ValueError, match=r"`potential` must have masses that do not depend on"):
        solver(nonparabolic, ground, [1.0])
    with pytest.raises(TypeError, match=r"`potential` must be a qwpinn.Potential"):
        solver(3, ground, [1.0])
    with pytest.raises(ValueError, match=r"`points` must be an integer of at least 5"):
        solver(OSCILLATOR, ground, [1.0], points=4)
    with pytest.raises(ValueError, match=r"`points` must be at most 20000"):
        solver(OSCILLATOR, ground, [1.0], points=20001)
    with pytest.raises(ValueError, match=r"`steps` must be an integer of at least 1"):
        solver(OSCILLATOR, ground, [1.0], steps=0)
    with pytest.raises(TypeError, match=r"`drive` must be a pair \(W, f\)"):
        solver(OSCILLATOR, ground, [1.0], drive=np.cos)


def test_split_step_refuses_masses_that_vary():
    layers = PiecewiseConstant([0.0, 1.0, 2.0], [0.0, 0.0], weights=[1.0, 2.0])
    with pytest.raises(ValueError, match=r"constant rho.*rho from 1 to 2. Use .*crank_nicolson"):
        split_step(layers, ground, [1.0])
