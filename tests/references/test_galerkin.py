"""The classical solvers: known numbers, orders, agreement of three roads, oscillation theorem."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from problems import PROBLEMS, SMOOTH, WELLS, Problem, gaas_well

from qwpinn.potentials import (
    CustomPotential,
    FiniteBarrier,
    FiniteWell,
    InfiniteWell,
    PiecewiseConstant,
    PiecewisePolynomial,
    Potential,
    Sampled,
    tabulate,
)
from qwpinn.quadrature import gauss_legendre, panels
from qwpinn.references import (
    Spectrum,
    count_below,
    exact,
    finite_differences,
    legendre_galerkin,
    pruefer_angle,
)

by_id = pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.id)
wells_by_id = pytest.mark.parametrize("problem", WELLS, ids=lambda problem: problem.id)
GRADED = PiecewisePolynomial(  # V and rho both vary, V jumps
    [0.0, 1.0, 2.5], [[3.0, 2.0], [-4.0, 1.0]], [[1.0, 0.3], [2.0, -0.5]], (1.0,)
)


def gram(potential: Potential, spectrum: Spectrum) -> NDArray[np.float64]:
    rule = gauss_legendre(panels(potential, 200), 12)
    psi = spectrum.wavefunctions(rule.nodes)
    return np.asarray(psi.T @ ((rule.weights * potential.weight(rule.nodes))[:, None] * psi))


@wells_by_id
def test_exact_levels(problem: Problem) -> None:
    energies = exact(problem.potential, problem.levels.size).energies
    np.testing.assert_allclose(energies, problem.levels, rtol=4e-15)


@by_id
def test_galerkin_levels(problem: Problem) -> None:
    energies = legendre_galerkin(problem.potential, problem.levels.size).energies
    np.testing.assert_allclose(energies, problem.levels, rtol=5e-14, atol=5e-13)


@by_id
def test_finite_difference_levels(problem: Problem) -> None:
    energies = finite_differences(problem.potential, problem.levels.size).energies
    np.testing.assert_allclose(energies, problem.levels, rtol=3e-9)


@pytest.mark.parametrize(
    ("solver", "problem"),
    [(exact, well) for well in WELLS] + [(legendre_galerkin, problem) for problem in PROBLEMS],
    ids=lambda value: getattr(value, "id", getattr(value, "__name__", "")),
)
def test_orthonormal(solver: Callable[[Potential, int], Spectrum], problem: Problem) -> None:
    spectrum = solver(problem.potential, 6)
    np.testing.assert_allclose(gram(problem.potential, spectrum), np.eye(6), atol=2e-14)


@pytest.mark.parametrize(
    "potential",
    [InfiniteWell(), FiniteWell(), FiniteBarrier(), FiniteWell(1e4), gaas_well(100.0, 200.0)],
    ids=lambda potential: potential.name,
)
def test_three_roads_agree(potential: Potential) -> None:
    x = np.linspace(*potential.interval, 501)
    closed, galerkin = exact(potential, 3), legendre_galerkin(potential, 3)
    grid = finite_differences(potential, 3, points=2001, refinements=2)
    size = np.max(np.abs(closed.wavefunctions(x)))
    np.testing.assert_allclose(galerkin.energies, closed.energies, rtol=2e-14)
    np.testing.assert_allclose(grid.energies, closed.energies, rtol=2e-6)
    np.testing.assert_allclose(
        galerkin.wavefunctions(x), closed.wavefunctions(x), atol=1e-11 * size
    )
    np.testing.assert_allclose(grid.wavefunctions(x), closed.wavefunctions(x), atol=2e-4 * size)


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


@pytest.mark.parametrize("potential", [FiniteWell(), FiniteBarrier(), GRADED], ids=lambda p: p.name)
@pytest.mark.parametrize(("refinements", "order", "margin"), [(0, 2.0, 0.1), (1, 4.0, 0.3)])
def test_finite_difference_order(
    potential: Potential, refinements: int, order: float, margin: float
) -> None:
    reference = legendre_galerkin(potential, 3).energies
    sizes = np.array([61, 121, 241])
    errors = [
        np.abs(finite_differences(potential, 3, int(size), refinements).energies - reference)
        for size in sizes
    ]
    slopes = np.polyfit(np.log(sizes - 1.0), np.log(errors), 1)[0]
    np.testing.assert_allclose(slopes, -order, atol=margin)


def test_galerkin_converges_exponentially_in_the_degree() -> None:
    exact_level = FiniteWell().levels(1)[0]
    errors = [
        legendre_galerkin(FiniteWell(), 1, degree=degree, panels=3).energies[0] - exact_level
        for degree in (4, 6, 8)
    ]
    assert all(error > 0.0 for error in errors)  # Ritz values lie above
    assert errors[1] < 2e-2 * errors[0]
    assert errors[2] < 2e-2 * errors[1]


def test_galerkin_handles_a_very_deep_well() -> None:
    for depth in (1e4, 1e8, 1e12):
        well = FiniteWell(depth=depth)
        energies = legendre_galerkin(well, 3).energies
        np.testing.assert_allclose(energies, well.levels(3), rtol=1e-12)
        np.testing.assert_allclose(exact(well, 3).energies, well.levels(3), rtol=1e-14)


def test_a_degenerate_pair_stays_orthonormal() -> None:
    barrier = FiniteBarrier(height=1e6, width=0.2, box=1.0)  # the splitting is below round-off
    spectrum = exact(barrier, 4)
    np.testing.assert_allclose(spectrum.energies, barrier.levels(4), rtol=1e-14)
    np.testing.assert_allclose(gram(barrier, spectrum), np.eye(4), atol=1e-13)


def test_semiconductor_layers_with_position_dependent_mass() -> None:
    # P. Harrison, Quantum Wells, Wires and Dots: GaAs / Al0.2Ga0.8As, meV, BenDaniel-Duke.
    for width, levels in {100.0: [27.8846629933, 106.557370154], 60.0: [53.2761986911]}.items():
        well = gaas_well(width)
        for solver in (exact, legendre_galerkin):
            energies = solver(well, len(levels)).energies
            np.testing.assert_allclose(energies, levels, rtol=1e-10)
        assert count_below(well, levels[0] - 1e-6) == 0
        assert count_below(well, levels[0] + 1e-6) == 1


def test_varying_weight() -> None:
    galerkin = legendre_galerkin(GRADED, 4)
    grid = finite_differences(GRADED, 4)
    np.testing.assert_allclose(grid.energies, galerkin.energies, rtol=1e-8)
    np.testing.assert_allclose(gram(GRADED, galerkin), np.eye(4), atol=1e-13)
    for n, energy in enumerate(galerkin.energies):
        assert count_below(GRADED, energy - 1e-9) == n
        assert count_below(GRADED, energy + 1e-9) == n + 1


@by_id
def test_count_below_just_around_each_level(problem: Problem) -> None:
    for n, level in enumerate(problem.levels):
        offset = 3e-12 * abs(level) + (1e-13 if problem in WELLS else 1e-9)
        assert count_below(problem.potential, level - offset) == n
        assert count_below(problem.potential, level + offset) == n + 1


def test_count_below_in_deep_barriers() -> None:
    barrier = FiniteBarrier(height=1e4, width=0.2, box=1.0)  # pairs split by 3e-10
    for n, level in enumerate(barrier.levels(6)):
        assert count_below(barrier, level * (1.0 - 1e-13)) == n
        assert count_below(barrier, level * (1.0 + 1e-13)) == n + 1
    assert count_below(FiniteWell(depth=1e12), 10.0) == 2
    assert count_below(InfiniteWell(), -1e6) == 0


def test_pruefer_angle_of_free_motion() -> None:
    # psi = sin(k x): tan(theta) = tan(k) / k at x = 1.
    for k in (0.3, 1.0, 4.0, 20.0):
        theta = pruefer_angle(InfiniteWell(width=1.0), k**2)
        assert math.tan(theta) == pytest.approx(math.tan(k) / k, rel=1e-11)
        assert math.floor(theta / math.pi) == math.floor(k / math.pi)
    assert pruefer_angle(InfiniteWell(), 0.0) == pytest.approx(math.pi / 4, rel=1e-15)
    assert math.tan(pruefer_angle(InfiniteWell(), -4.0)) == pytest.approx(math.tanh(2) / 2)


@settings(max_examples=15, deadline=None)
@given(energy=st.floats(-30.0, 200.0))
def test_angle_of_smooth_and_layered_routes_agree(energy: float) -> None:
    layered = FiniteBarrier(height=50.0, width=0.2, box=1.0)
    smooth = CustomPotential(layered, layered.interval, layered.breakpoints)
    assert pruefer_angle(smooth, energy) == pytest.approx(pruefer_angle(layered, energy), abs=1e-10)


def test_count_of_a_hidden_jump_is_refused() -> None:
    hidden = CustomPotential(lambda x: np.where(x < 0.123, 0.0, 50.0), interval=(0, 1))
    with pytest.raises(ArithmeticError, match=r"smooth between its breakpoints. .*x=0.1"):
        count_below(hidden, 40.0)


@st.composite
def stacks(draw: Any) -> PiecewiseConstant:
    count = draw(st.integers(1, 6))
    widths = draw(st.lists(st.floats(0.05, 1.0), min_size=count, max_size=count))
    values = draw(st.lists(st.floats(-50.0, 500.0), min_size=count, max_size=count))
    weights = draw(st.lists(st.floats(0.2, 5.0), min_size=count, max_size=count))
    return PiecewiseConstant(np.cumsum([0.0, *widths]).tolist(), values, weights)


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


def test_table_and_samples_have_the_levels_of_their_source() -> None:
    source = CustomPotential(lambda x: 50.0 * x, interval=(-0.5, 0.5))
    levels = legendre_galerkin(source, 3).energies
    for copy in (tabulate(source), Sampled([-0.5, 0.0, 0.5], [-25.0, 0.0, 25.0])):
        np.testing.assert_allclose(legendre_galerkin(copy, 3).energies, levels, rtol=1e-13)


def test_columns_are_accepted_and_points_outside_refused() -> None:
    for solver in (exact, finite_differences, legendre_galerkin):
        spectrum = solver(InfiniteWell(), 2)
        x = np.array([[0.25], [0.5]])
        expected = math.sqrt(2.0) * np.sin(np.pi * np.outer(x, [1, 2]))
        np.testing.assert_allclose(spectrum.wavefunctions(x), expected, atol=1e-5)
        with pytest.raises(ValueError, match=r"closed interval \[0.0, 1.0\]. Received: 1.5"):
            spectrum.wavefunctions([1.5])


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match=r"Use qwpinn.references.legendre_galerkin"):
        exact(SMOOTH[0].potential, 1)
    with pytest.raises(ValueError, match=r"must not exceed the 9 inner nodes. Received: states=10"):
        finite_differences(InfiniteWell(), 10, points=11)
    with pytest.raises(ValueError, match=r"must not exceed the 7 basis functions"):
        legendre_galerkin(InfiniteWell(), 8, degree=2, panels=4)
    with pytest.raises(ValueError, match=r"`degree` must be an integer of at least 2"):
        legendre_galerkin(InfiniteWell(), 1, degree=1)
    with pytest.raises(TypeError, match=r"`states` must be an integer"):
        exact(InfiniteWell(), 1.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"`energy` must be finite"):
        count_below(InfiniteWell(), math.nan)
