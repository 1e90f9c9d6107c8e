"""Matching: exact levels and eigenfunctions of constant layers."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import PROBLEMS, WELLS, Problem, gaas_well
from wells import stacks

from qwpinn.potentials import PiecewiseConstant
from qwpinn.references import count_below, exact, legendre_galerkin

by_id = pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.id)


wells_by_id = pytest.mark.parametrize("problem", WELLS, ids=lambda problem: problem.id)


@wells_by_id
def test_exact_levels(problem: Problem) -> None:
    energies = exact(problem.potential, problem.levels.size).energies
    np.testing.assert_allclose(energies, problem.levels, rtol=4e-15)


@wells_by_id
def test_exact_eigenfunctions_solve_the_equation(problem: Problem) -> None:
    spectrum = exact(problem.potential, 5)
    left_wall, right_wall = problem.potential.interval
    edges = (left_wall, *problem.potential.breakpoints, right_wall)
    for left, right in itertools.pairwise(edges):
        # psi'' of the Chebyshev interpolant: spectral accuracy within the layer.
        t = np.cos(np.pi * (np.arange(32) + 0.5) / 32)
        x = 0.5 * (left + right) + 0.5 * (right - left) * t
        psi = spectrum.wavefunctions(x)
        series = np.polynomial.chebyshev.chebfit(t, psi, 31)
        second = np.polynomial.chebyshev.chebder(series, 2, scl=2.0 / (right - left))
        curvature = np.polynomial.chebyshev.chebval(t, second).T
        residual = -curvature + (problem.potential(x)[:, None] - spectrum.energies) * psi
        assert np.max(np.abs(residual)) < 1e-8 * spectrum.energies[-1]


@wells_by_id
def test_exact_eigenfunctions_are_c1_and_vanish_at_the_walls(problem: Problem) -> None:
    spectrum, step = exact(problem.potential, 5), 1e-6
    assert np.max(np.abs(spectrum.wavefunctions(problem.potential.interval))) < 1e-14
    for point in problem.potential.breakpoints:
        around = spectrum.wavefunctions(point + step * np.array([-2.0, -1.0, 0.0, 1.0, 2.0]))
        left = (3.0 * around[2] - 4.0 * around[1] + around[0]) / (2.0 * step)
        right = (-3.0 * around[2] + 4.0 * around[3] - around[4]) / (2.0 * step)
        np.testing.assert_allclose(left, right, atol=1e-7)


@by_id
def test_nodes_count_the_states(problem: Problem) -> None:
    a, b = problem.potential.interval
    psi = legendre_galerkin(problem.potential, 5).wavefunctions(np.linspace(a, b, 4001))
    for state in range(5):
        visible = psi[np.abs(psi[:, state]) > 1e-9, state]
        assert visible[0] > 0.0
        assert np.count_nonzero(np.diff(np.sign(visible))) == state


def test_semiconductor_layers_with_position_dependent_mass() -> None:
    # P. Harrison, Quantum Wells, Wires and Dots: GaAs / Al0.2Ga0.8As, meV, BenDaniel-Duke.
    for width, levels in {100.0: [27.8846629933, 106.557370154], 60.0: [53.2761986911]}.items():
        well = gaas_well(width)
        for solver in (exact, legendre_galerkin):
            energies = solver(well, len(levels)).energies
            np.testing.assert_allclose(energies, levels, rtol=1e-10)
        assert count_below(well, levels[0] - 1e-6) == 0
        assert count_below(well, levels[0] + 1e-6) == 1


@settings(max_examples=40, deadline=None)
@given(stack=stacks())
def test_count_and_roots_agree_with_galerkin(stack: PiecewiseConstant) -> None:
    levels = legendre_galerkin(stack, 5, panels=10).energies
    spread = levels[-1] - min(stack.values)
    np.testing.assert_allclose(exact(stack, 5).energies, levels, atol=1e-11 * spread)
    for n, level in enumerate(levels):
        assert count_below(stack, level - 1e-10 * spread) <= n
        assert count_below(stack, level + 1e-10 * spread) >= n + 1


@settings(max_examples=25, deadline=None)
@given(stack=stacks(), shift=st.floats(-100.0, 100.0))
def test_levels_follow_a_constant(stack: PiecewiseConstant, shift: float) -> None:
    lifted = PiecewiseConstant(
        stack.edges, [value + shift for value in stack.values], stack.weights
    )
    levels = exact(stack, 4).energies
    scale = levels[-1] - min(stack.values) + abs(shift)
    np.testing.assert_allclose(exact(lifted, 4).energies, levels + shift, atol=1e-13 * scale)


@settings(max_examples=15, deadline=None)
@given(stack=stacks())
def test_levels_of_the_mirror_image(stack: PiecewiseConstant) -> None:
    assert stack.weights is not None
    mirrored = PiecewiseConstant(
        [-edge for edge in stack.edges[::-1]], stack.values[::-1], stack.weights[::-1]
    )
    levels = exact(stack, 4).energies
    atol = 1e-12 * (levels[-1] - min(stack.values))
    np.testing.assert_allclose(exact(mirrored, 4).energies, levels, atol=atol)
