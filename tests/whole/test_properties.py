"""Theorems that hold for every potential, each tried on a few drawn by hypothesis."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import qwpinn
from qwpinn import references

# The Ritz start proves its bounds like any other network, in a tenth of the time of a training.
START = qwpinn.Precise(epochs=0)
few = settings(max_examples=4, deadline=None, derandomize=True)


@st.composite
def stacks(draw):
    """Two to five layers on [0, 1] with V up to a hundred times the box's ground state."""
    count = draw(st.integers(2, 5))
    widths = draw(st.lists(st.floats(0.1, 1.0), min_size=count, max_size=count))
    values = draw(st.lists(st.floats(0.0, 1000.0), min_size=count, max_size=count))
    edges = np.cumsum([0.0, *widths])
    return qwpinn.PiecewiseConstant((edges / edges[-1]).tolist(), values)


def solve(potential, states=2):
    solution = qwpinn.solve(potential, states, recipe=START)
    assert solution.converged, solution.failures
    return solution


@few
@given(stacks())
def test_enclosures_contain_the_levels(potential):
    solution = solve(potential, states=3)
    exact = references.exact(potential, 3).energies
    assert np.all((solution.lower <= exact) & (exact <= solution.upper))
    np.testing.assert_array_equal(solution.quantum_numbers, [0, 1, 2])


@few
@given(stacks(), st.floats(-1e3, 1e3))
def test_a_constant_shifts_all_energies(potential, constant):
    one, other = solve(potential), solve(potential + constant)
    width = np.max(one.enclosure.widths + other.enclosure.widths)
    np.testing.assert_allclose(other.energies, one.energies + constant, rtol=1e-12, atol=width)


@few
@given(stacks(), st.floats(0.01, 100.0))
def test_a_stretched_interval_scales_the_energies(potential, factor):
    """V(x / s) / s^2 on an interval s times as long has the energies E / s^2."""
    one, other = solve(potential), solve(potential.stretched(factor) / factor**2)
    np.testing.assert_allclose(other.energies * factor**2, one.energies, rtol=1e-8)
    assert np.all(other.lower * factor**2 <= one.upper)
    assert np.all(one.lower <= other.upper * factor**2)


@few
@given(stacks())
def test_the_mirror_image_has_the_same_levels(potential):
    one, other = solve(potential), solve(potential.mirrored())
    assert np.all((one.lower <= other.upper) & (other.lower <= one.upper))
    there = 1.0 - np.linspace(0.0, 1.0, 50)
    densities = one.wavefunctions(1.0 - there) ** 2, other.wavefunctions(there) ** 2
    gap = np.diff(references.exact(potential, 3).energies)
    if np.min(gap) > 1.0:  # In a doublet the two networks may mix the states.
        np.testing.assert_allclose(*densities, atol=1e-2)


@few
@given(stacks(), st.floats(0.0, 0.9), st.floats(0.0, 500.0))
def test_a_higher_potential_has_higher_levels(potential, start, height):
    bump = qwpinn.PiecewiseConstant([0.0, 0.05 + start, 0.1 + start, 1.0], [0.0, height, 0.0])
    below, above = solve(potential), solve(potential + bump)
    assert np.all(above.upper >= below.lower)
    exact = references.exact(potential + bump, 2).energies
    assert np.all(above.lower <= exact) and np.all(exact <= above.upper)


@few
@given(st.floats(0.5, 4.0), st.integers(0, 2**31))
def test_every_seed_encloses_the_oscillator(omega, seed):
    solution = qwpinn.solve(qwpinn.Harmonic(omega), 3, seed=seed, recipe=START)
    levels = omega * np.array([1.0, 3.0, 5.0])
    assert np.all((solution.lower <= levels) & (levels <= solution.upper))
    assert np.max(solution.enclosure.widths / levels) <= 1e-6
