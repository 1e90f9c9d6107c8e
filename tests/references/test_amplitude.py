"""Amplitudes: phases and delays in closed form, against 60 digits, and what no wave can break."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wells import stacks

from qwpinn import Heterostructure, Layer
from qwpinn.potentials import (
    CustomPotential,
    FiniteBarrier,
    FiniteWell,
    InfiniteWell,
    PiecewiseConstant,
)
from qwpinn.references import amplitude, group_delay, transmission

BARRIER = FiniteBarrier(height=1.0, width=2.0, box=4.0)
THICK = PiecewiseConstant([0.0, 1.0, 11.0, 12.0], [0.0, 1e6, 0.0])
DOUBLE = PiecewiseConstant([0.0, 2.0, 2.3, 3.3, 3.6, 5.6], [0.0, 60.0, 0.0, 60.0, 0.0])


def wave_numbers(stack, energies):
    """k in the first and in the last layer."""
    layers = stack.layers
    squares = layers.weights[[0, -1], None] * (energies - layers.values[[0, -1], None])
    return np.sqrt(squares)


def energies_above(stack):
    return max(stack.values[0], stack.values[-1]) + np.array([0.1, 0.7, 20.0, 300.0])


def plane_waves(k, slopes, edges):
    """t of layers by continuity of psi and slopes psi' at all edges, with phases from x = 0.

    Independent of any transfer matrix: one linear system for all amplitudes.
    """
    count = 2 * len(edges)
    matrix, source = np.zeros((count, count), complex), np.zeros(count, complex)
    for i, x in enumerate(edges):
        for layer, sign in ((i, 1.0), (i + 1, -1.0)):
            for way, direction in ((0, 1.0), (1, -1.0)):
                wave = sign * np.exp(1j * direction * k[layer] * x)
                column = np.array([wave, wave * 1j * direction * k[layer] * slopes[layer]])
                unknown = 2 * layer + way - 1  # r, (a, b) of each inner layer, t
                if (layer, way) == (0, 0):
                    source[2 * i : 2 * i + 2] -= column
                elif unknown < count:
                    matrix[2 * i : 2 * i + 2, unknown] += column
    return np.linalg.solve(matrix, source)[-1]


def test_rectangular_barrier_has_the_textbooks_amplitude():
    height, width, energies = 50.0, 0.2, np.array([1.0, 25.0, 49.0, 51.0, 400.0])
    barrier = FiniteBarrier(height, width, box=1.0)
    k, q = np.sqrt(energies), np.emath.sqrt(energies - height)
    closed = np.exp(-1j * k * width) / (
        np.cos(q * width) - 0.5j * (k / q + q / k) * np.sin(q * width)
    )
    np.testing.assert_allclose(amplitude(barrier, energies), closed, rtol=1e-13)


def test_delays_of_a_barrier_to_all_digits():
    # Of arg t in closed form, by differences in 60 digits; hbar = m = 1.
    energies = [0.25, 0.5, 0.9, 1.1, 2.0]
    expected = [2.31298642529, 1.92805516015, 1.93180675345, 1.99197105701, 1.50801519687]
    found = group_delay(BARRIER.in_units("hbar=m=1"), energies)
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=5e-12)
    # With hbar^2/2m = 1, E and the clock stay and lengths are longer by the root of 2.
    longer = FiniteBarrier(height=1.0, width=2.0 * math.sqrt(2.0), box=8.0)
    np.testing.assert_allclose(group_delay(longer, energies), expected, rtol=0.0, atol=5e-12)


def test_through_the_top_of_a_barrier_the_delay_is_smooth():
    barrier = BARRIER.in_units("hbar=m=1")
    steps = np.array([-2e-3, -1e-3, 0.0, 1e-3, 2e-3])
    below, near, top, above, beyond = group_delay(barrier, 1.0 + steps)
    assert top == pytest.approx((4.0 * (near + above) - below - beyond) / 6.0, abs=1e-11)
    around = group_delay(barrier, 1.0 + np.array([-1e-12, 1e-12]))
    np.testing.assert_allclose(around, top, rtol=1e-11)
    # Where the series gives way to the closed form, |E - V| width^2 rho = 1.
    sides = 1.0 + 0.125 * np.array([-1.0 - 1e-9, -1.0 + 1e-9, 1.0 - 1e-9, 1.0 + 1e-9])
    delays = group_delay(barrier, sides)
    np.testing.assert_allclose(delays[[0, 2]], delays[[1, 3]], rtol=1e-9)
    np.testing.assert_allclose(amplitude(barrier, 1.0), amplitude(barrier, 1.0 + 1e-13), rtol=1e-12)


def test_opaque_barriers_delay_no_longer_the_thicker_they_are():
    # Hartman: 2 / (k kappa) d(E)/d(..), here of -psi'': tau = 1 / sqrt(E (V - E)).
    energies = np.array([1.0, 3e5, 0.999e6])
    expected = 1.0 / np.sqrt(energies * (1e6 - energies))
    np.testing.assert_allclose(group_delay(THICK, energies), expected, rtol=1e-11)
    assert amplitude(THICK, 1.0) == 0.0  # exp(-10000)
    thicker = PiecewiseConstant([0.0, 1.0, 1001.0, 1002.0], [0.0, 1e6, 0.0])
    np.testing.assert_allclose(group_delay(thicker, energies), expected, rtol=1e-9)


def test_a_resonance_delays_by_its_lifetime():
    # t = (i Gamma / 2) / (E - E0 + i Gamma / 2): tau = 2 / Gamma where T = 1.
    energies = np.linspace(6.0, 6.8, 80001)
    delays, passed = group_delay(DOUBLE, energies), transmission(DOUBLE, energies)
    wide = np.ptp(energies[passed > 0.5])
    assert np.max(delays) == pytest.approx(2.0 / wide, rel=0.02)
    # The phase goes up by about pi, and the delay is its slope.
    phase = np.unwrap(np.angle(amplitude(DOUBLE, energies) * np.exp(1j * np.sqrt(energies) * 1.6)))
    gained = np.sum(0.5 * (delays[1:] + delays[:-1]) * np.diff(energies))
    assert phase[-1] - phase[0] == pytest.approx(gained, rel=1e-7)


def test_no_barrier_neither_turns_nor_delays():
    energies = np.array([1e-3, 1.0, 1e4])
    np.testing.assert_allclose(amplitude(InfiniteWell(), energies), 1.0, rtol=1e-15)
    np.testing.assert_array_equal(group_delay(InfiniteWell(), energies), 0.0)
    flat = PiecewiseConstant([-3.0, -1.0, 0.5, 4.0], [2.0, 2.0, 2.0], [3.0, 3.0, 3.0])
    np.testing.assert_allclose(amplitude(flat, 2.0 + energies), 1.0, rtol=1e-13)
    speeds = 2.0 * np.sqrt(energies / 3.0)  # dE/dk of E = V + k^2 / rho
    np.testing.assert_allclose(group_delay(flat, 2.0 + energies), 1.5 / speeds, rtol=1e-12)


def test_a_step_has_the_phases_of_its_place():
    step = PiecewiseConstant([-1.0, 0.5, 1.0], [0.0, 3.0])
    left, right = 2.0, 1.0
    expected = 2.0 * left / (left + right) * np.exp(0.5j * (left - right))
    np.testing.assert_allclose(amplitude(step, 4.0), expected, rtol=1e-14)
    assert group_delay(step, 4.0) == 0.0


def test_where_no_wave_travels_nothing_passes_and_nothing_is_delayed():
    step = PiecewiseConstant([-1.0, 0.0, 0.5, 1.0], [0.0, 5.0, 3.0])
    energies = [-1.0, 0.0, 1.5, 3.0]
    np.testing.assert_array_equal(amplitude(step, energies), 0.0)
    assert np.all(np.isnan(group_delay(step, energies)))
    assert np.all(np.isfinite(group_delay(step, [3.1, 5.0])))


def test_a_heterostructure_has_phases_in_its_own_coordinate_and_delays_in_fs():
    layers = [(10.0, 0.0836, 30.0), (6.0, 0.067, 0.0), (3.0, 0.1, 90.0), (8.0, 0.05, 10.0)]
    structure = Heterostructure([Layer(w, mass=m, offset=v, contact=False) for w, m, v in layers])
    mass, offset = (np.array(column) for column in list(zip(*layers, strict=True))[1:])
    kinetic = 38.0998212  # hbar^2 / 2 m0 in meV nm^2
    for energy in (40.0, 90.0 + 1e-7, 200.0):
        k = np.emath.sqrt(mass * (energy - offset) / kinetic)
        expected = plane_waves(k, 1.0 / mass, [10.0, 16.0, 19.0])
        np.testing.assert_allclose(amplitude(structure, energy), expected, rtol=1e-7)
        speeds = (k / mass).real
        passed = abs(expected) ** 2 * speeds[-1] / speeds[0]
        assert transmission(structure, energy) == pytest.approx(passed, rel=1e-7)
    # Free: 0.2 eV above the edge in GaAs, v = sqrt(2 E / m) = 1.02 nm / fs.
    free = Heterostructure([Layer(w, mass=0.067, offset=0.0) for w in (5.0, 20.0, 5.0)])
    assert group_delay(free, 200.0) == pytest.approx(0.0, abs=1e-15)  # joined to one layer
    heights = ((5.0, 100.0), (20.0, 100.0 + 1e-9), (5.0, 100.0))
    bump = Heterostructure([Layer(w, mass=0.067, offset=v) for w, v in heights])
    speed = math.sqrt(2.0 * 0.2 * 1.602176634e-19 / (0.067 * 9.1093837139e-31)) * 1e-6
    assert group_delay(bump, 300.0) == pytest.approx(20.0 / speed, rel=1e-8)


@settings(max_examples=40, deadline=None)
@given(stack=stacks())
def test_amplitudes_agree_with_plane_waves_and_the_transmission(stack):
    energies = energies_above(stack)
    left, right = wave_numbers(stack, energies)
    t = amplitude(stack, energies)
    passed = transmission(stack, energies)
    np.testing.assert_allclose(np.abs(t) ** 2 * right / left, passed, rtol=1e-12)
    layers = stack.layers
    if layers.values.size > 1:
        for energy, found in zip(energies, t, strict=True):
            k = np.emath.sqrt(layers.weights * (energy - layers.values)).astype(complex)
            k[k == 0.0] = 1e-9
            expected = plane_waves(k, np.ones_like(k), layers.edges[1:-1])
            np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-14)


@settings(max_examples=40, deadline=None)
@given(stack=stacks())
def test_the_mirror_image_has_the_same_amplitude_and_delay(stack):
    mirrored = PiecewiseConstant(
        [-edge for edge in stack.edges[::-1]], stack.values[::-1], stack.weights[::-1]
    )
    energies = energies_above(stack)
    left, right = wave_numbers(stack, energies)
    one, other = amplitude(stack, energies), amplitude(mirrored, energies)
    np.testing.assert_allclose(
        one * np.sqrt(right / left), other * np.sqrt(left / right), rtol=1e-8, atol=0.0
    )
    np.testing.assert_allclose(
        group_delay(mirrored, energies), group_delay(stack, energies), rtol=1e-8, atol=1e-13
    )


@settings(max_examples=40, deadline=None)
@given(stack=stacks())
def test_the_delay_is_the_slope_of_the_phase(stack):
    energies = energies_above(stack)
    edges = stack.layers.edges
    first, last = edges[1], edges[max(1, edges.size - 2)]

    def phase(energy):
        left, right = wave_numbers(stack, energy)
        return amplitude(stack, energy) * np.exp(1j * (right * last - left * first))

    def slope(step):
        return np.angle(phase(energies + step) / phase(energies - step)) / (2.0 * step)

    h = 1e-3 * np.ones_like(energies)
    once, twice, thrice = slope(h), slope(0.5 * h), slope(0.25 * h)
    better = (4.0 * twice - once) / 3.0, (4.0 * thrice - twice) / 3.0
    richardson = (16.0 * better[1] - better[0]) / 15.0
    np.testing.assert_allclose(group_delay(stack, energies), richardson, rtol=1e-5, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(stack=stacks(), part=st.floats(0.1, 0.9), layer=st.integers(0, 5))
def test_a_layer_cut_in_two_has_the_same_amplitude(stack, part, layer):
    layer %= len(stack.values)
    left, right = stack.edges[layer : layer + 2]
    cut = PiecewiseConstant(
        [*stack.edges[: layer + 1], left + part * (right - left), *stack.edges[layer + 1 :]],
        [*stack.values[: layer + 1], *stack.values[layer:]],
        [*stack.weights[: layer + 1], *stack.weights[layer:]],
    )
    energies = energies_above(stack)
    np.testing.assert_allclose(
        amplitude(cut, energies), amplitude(stack, energies), rtol=1e-8, atol=0.0
    )
    if 0 < layer < len(stack.values) - 1:
        np.testing.assert_allclose(
            group_delay(cut, energies), group_delay(stack, energies), rtol=1e-8, atol=1e-13
        )


def test_shape_follows_the_energies():
    well = FiniteWell(20.0, 2.0, 6.0)
    for energies in (25.0, [25.0], [[25.0, 50.0, -1.0]], np.zeros((0, 2))):
        assert amplitude(well, energies).shape == np.shape(energies)
        assert group_delay(well, energies).shape == np.shape(energies)
    assert amplitude(well, 25).dtype == np.complex128
    assert group_delay(well, 25).dtype == np.float64


@pytest.mark.parametrize("function", [amplitude, group_delay])
def test_bad_arguments(function):
    smooth = CustomPotential(lambda x: x**2, interval=(-1.0, 1.0))
    with pytest.raises(ValueError, match=r"Received: CustomPotential. Cut it into layers"):
        function(smooth, 1.0)
    with pytest.raises(ValueError, match=r"`energies` must hold finite numbers. Received: nan"):
        function(FiniteBarrier(), [1.0, math.nan])
    with pytest.raises(TypeError, match=r"`energies` must hold real numbers"):
        function(FiniteBarrier(), [1.0 + 1.0j])
    with pytest.raises(TypeError, match=r"`potential` must be a qwpinn.Potential"):
        function(3, [1.0])
