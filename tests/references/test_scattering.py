"""Transmission: textbook formulas, limits, symmetries, and barriers that no float can hold."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import gaas_well
from wells import stacks

from qwpinn.potentials import (
    CustomPotential,
    FiniteBarrier,
    FiniteWell,
    InfiniteWell,
    PiecewiseConstant,
)
from qwpinn.references import reflection, transmission

DOUBLE_BARRIER = PiecewiseConstant([0.0, 2.0, 2.3, 3.3, 3.6, 5.6], [0.0, 60.0, 0.0, 60.0, 0.0])


@pytest.mark.parametrize(("height", "width"), [(50.0, 0.2), (20.0, 1.0), (400.0, 0.5)])
def test_rectangular_barrier(height: float, width: float) -> None:
    barrier = FiniteBarrier(height, width, box=width + 1.0)
    below = height * np.array([1e-6, 0.1, 0.5, 0.9, 1.0 - 1e-9])
    sinh = np.sinh(np.sqrt(height - below) * width)
    expected = 1.0 / (1.0 + (height * sinh) ** 2 / (4.0 * below * (height - below)))
    np.testing.assert_allclose(transmission(barrier, below), expected, rtol=1e-13)
    above = height * np.array([1.0 + 1e-9, 1.1, 2.0, 30.0])
    sin = np.sin(np.sqrt(above - height) * width)
    expected = 1.0 / (1.0 + (height * sin) ** 2 / (4.0 * above * (above - height)))
    np.testing.assert_allclose(transmission(barrier, above), expected, rtol=1e-13)
    # At the very top psi is a straight line inside.
    top = 1.0 / (1.0 + 0.25 * height * width**2)
    np.testing.assert_allclose(transmission(barrier, height), top, rtol=1e-14)


def test_step() -> None:
    step = PiecewiseConstant([-1.0, 0.0, 1.0], [0.0, 3.0])
    energies = np.array([3.0 + 1e-9, 4.0, 100.0])
    left, right = np.sqrt(energies), np.sqrt(energies - 3.0)
    expected = 4.0 * left * right / (left + right) ** 2
    np.testing.assert_allclose(transmission(step, energies), expected, rtol=1e-13)
    expected = ((left - right) / (left + right)) ** 2
    np.testing.assert_allclose(reflection(step, energies), expected, rtol=1e-13)


def test_step_of_the_mass_reflects_by_the_ratio_of_velocities() -> None:
    # -psi'' / rho: k = sqrt(rho E), so that a step of rho alone turns waves back too.
    step = PiecewiseConstant([-1.0, 0.0, 1.0], [0.0, 0.0], weights=[1.0, 9.0])
    np.testing.assert_allclose(reflection(step, [1.0, 77.0]), 0.25, rtol=1e-14)


def test_quarter_wave_layer_matches_two_weights() -> None:
    # k = 2 between k = 1 and k = 4: without reflection where it is a quarter of a wave thick.
    layer = PiecewiseConstant([0.0, 1.0, 1.0 + 0.25 * math.pi, 3.0], [0.0] * 3, [1.0, 4.0, 16.0])
    assert transmission(layer, 1.0) == pytest.approx(1.0, rel=1e-15)
    assert reflection(layer, 1.0) < 1e-30
    assert transmission(layer, 4.0) == pytest.approx(0.64, rel=1e-14)  # half a wave: as if absent


def test_a_well_is_transparent_where_half_waves_fit() -> None:
    well = FiniteWell(depth=20.0, width=2.0, box=6.0)
    resonances = (np.arange(3, 8) * math.pi / 2.0) ** 2
    np.testing.assert_allclose(transmission(well, resonances), 1.0, rtol=1e-14)
    assert np.max(transmission(well, 0.5 * (resonances[1:] + resonances[:-1]))) < 0.99


def test_double_barrier_lets_its_resonance_through() -> None:
    energies = np.linspace(5.0, 8.0, 30001)
    passed = transmission(DOUBLE_BARRIER, energies)
    single = PiecewiseConstant([0.0, 2.0, 2.3, 3.3], [0.0, 60.0, 0.0])
    peak = int(np.argmax(passed))
    assert passed[peak] > 0.999
    assert transmission(single, energies[peak]) < 0.02
    # Between the barriers the wave is that of the lowest level of the finite well.
    level = FiniteWell(depth=60.0, width=1.0, box=5.0).levels(1)[0]
    assert energies[peak] == pytest.approx(level, rel=1e-2)


def test_no_barrier_is_no_obstacle() -> None:
    np.testing.assert_array_equal(transmission(InfiniteWell(), [1e-9, 1.0, 1e9]), 1.0)
    np.testing.assert_array_equal(transmission(FiniteBarrier(height=0.0), [1e-9, 1.0]), 1.0)


def test_below_an_outer_layer_nothing_passes() -> None:
    step = PiecewiseConstant([-1.0, 0.0, 1.0], [0.0, 3.0])
    energies = [-1.0, 0.0, 1.5, 3.0]
    np.testing.assert_array_equal(transmission(step, energies), 0.0)
    np.testing.assert_array_equal(reflection(step, energies), 1.0)


def test_thick_barriers_neither_overflow_nor_vanish_early() -> None:
    huge = PiecewiseConstant([0.0, 1.0, 11.0, 12.0], [0.0, 1e6, 0.0])
    below, top, above = transmission(huge, [1.0, 1e6, 2e6])
    assert below == 0.0  # exp(-20000)
    assert top == pytest.approx(1.0 / (1.0 + 0.25e6 * 100.0), rel=1e-14)
    assert 0.9 < above < 1.0
    # 16 E (V - E) / V^2 exp(-2 kappa width), at the brink of what a float can hold.
    thick = PiecewiseConstant([0.0, 1.0, 35.5, 36.5], [0.0, 101.0, 0.0])
    expected = 16.0 * 100.0 / 101.0**2 * math.exp(-690.0)
    assert expected < 1e-299
    assert transmission(thick, 1.0) == pytest.approx(expected, rel=1e-12, abs=0.0)


def test_shape_follows_the_energies() -> None:
    for energies in (5.0, [5.0], [[5.0, 50.0, -1.0]], np.zeros((0, 2))):
        assert transmission(FiniteBarrier(), energies).shape == np.shape(energies)
    assert transmission(FiniteBarrier(), 5).dtype == np.float64


def energies_above(stack: PiecewiseConstant) -> Any:
    return max(stack.values[0], stack.values[-1]) + np.array([1e-3, 0.7, 20.0, 300.0])


@settings(max_examples=60, deadline=None)
@given(stack=stacks())
def test_mirror_image_transmits_the_same(stack: PiecewiseConstant) -> None:
    assert stack.weights is not None
    mirrored = PiecewiseConstant(
        [-edge for edge in stack.edges[::-1]], stack.values[::-1], stack.weights[::-1]
    )
    energies = energies_above(stack)
    passed = transmission(stack, energies)
    np.testing.assert_allclose(transmission(mirrored, energies), passed, rtol=1e-8, atol=0.0)
    np.testing.assert_allclose(passed + reflection(stack, energies), 1.0, rtol=1e-15)
    assert np.all((passed > 0.0) & (passed <= 1.0))


@settings(max_examples=60, deadline=None)
@given(stack=stacks(), part=st.floats(0.1, 0.9), layer=st.integers(0, 5))
def test_a_layer_cut_in_two_is_the_same_layer(
    stack: PiecewiseConstant, part: float, layer: int
) -> None:
    assert stack.weights is not None
    layer %= len(stack.values)
    left, right = stack.edges[layer : layer + 2]
    cut = PiecewiseConstant(
        [*stack.edges[: layer + 1], left + part * (right - left), *stack.edges[layer + 1 :]],
        [*stack.values[: layer + 1], *stack.values[layer:]],
        [*stack.weights[: layer + 1], *stack.weights[layer:]],
    )
    energies = energies_above(stack)
    np.testing.assert_allclose(
        transmission(cut, energies), transmission(stack, energies), rtol=1e-8, atol=0.0
    )


def test_semiconductor_well_by_its_waves() -> None:
    # Independent of the transfer matrix: amplitudes of plane waves from continuity at both edges.
    well = gaas_well(100.0)
    energy = 200.0
    k = np.sqrt(well.layers.weights * (energy - well.layers.values))
    matrix, source = np.zeros((4, 4), complex), np.zeros(4, complex)
    # Unknowns r, a, b, t: a wave comes in from the left with amplitude 1, phases from each edge.
    width = well.layers.edges[2] - well.layers.edges[1]
    there = np.exp(1j * k[1] * width)
    matrix[0], source[0] = [-1.0, 1.0, 1.0, 0.0], 1.0
    matrix[1], source[1] = [k[0], k[1], -k[1], 0.0], k[0]
    matrix[2] = [0.0, there, 1.0 / there, -1.0]
    matrix[3] = [0.0, k[1] * there, -k[1] / there, -k[2]]
    amplitudes = np.linalg.solve(matrix, source)
    expected = abs(amplitudes[3]) ** 2 * k[2] / k[0]
    assert transmission(well, energy) == pytest.approx(expected, rel=1e-12)
    assert reflection(well, energy) == pytest.approx(abs(amplitudes[0]) ** 2, rel=1e-11)


def test_bad_arguments() -> None:
    smooth = CustomPotential(lambda x: x**2, interval=(-1.0, 1.0))
    for probability, energies in itertools.product((transmission, reflection), (1.0, [2.0])):
        with pytest.raises(ValueError, match=r"Received: CustomPotential. Cut it into layers"):
            probability(smooth, energies)
    with pytest.raises(ValueError, match=r"`energies` must hold finite numbers. Received: nan"):
        transmission(FiniteBarrier(), [1.0, math.nan])
    with pytest.raises(TypeError, match=r"`energies` must hold real numbers"):
        transmission(FiniteBarrier(), [1.0 + 1.0j])
