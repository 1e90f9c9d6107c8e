"""Algebra: values, breakpoints, layers, weights and levels of what operators make."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import gaas_well
from wells import STEPS, WELL, field

from qwpinn.potentials import (
    CustomPotential,
    FiniteBarrier,
    FiniteWell,
    PiecewiseConstant,
    PiecewisePolynomial,
    Potential,
    Sum,
)
from qwpinn.potentials.square_wells import jumps
from qwpinn.references import count_below, exact, finite_differences, legendre_galerkin

KINK = CustomPotential(lambda x: np.abs(x - 1.0) + (x >= 2.0), (0, 4), (1.0, 2.0))


def test_sum_of_functions() -> None:
    tilted = WELL + field(2.0)
    assert isinstance(tilted, Sum)
    assert tilted.interval == (-3.0, 3.0)
    assert tilted.breakpoints == (-1.0, 1.0)
    assert tilted.layers is None
    np.testing.assert_allclose(tilted([-2, -1, 0.5, 1, 3]), [16, -2, 1, 22, 26], rtol=2e-14)
    assert tilted([[0.0], [1.0]]).shape == (2, 1)
    assert tilted(0.0).shape == ()
    ground = legendre_galerkin(tilted, 1).energies[0]
    whole = CustomPotential(lambda x: WELL(x) + 2.0 * x, (-3, 3), (-1, 1))
    assert ground == pytest.approx(legendre_galerkin(whole, 1).energies[0], rel=1e-13)
    assert ground < WELL.levels(1)[0]  # in second order, a field only lowers the ground state
    assert count_below(tilted, ground * (1.0 + 1e-9)) == 1


def test_layers_of_a_sum_have_the_edges_of_both() -> None:
    other = PiecewiseConstant([-3, 0, 1, 3], [1, -4, 2])
    layers = (WELL + other).layers
    assert layers is not None
    np.testing.assert_array_equal(layers.edges, [-3, -1, 0, 1, 3])
    np.testing.assert_array_equal(layers.values, [21, 1, -4, 22])
    np.testing.assert_array_equal(layers.weights, np.ones(4))
    np.testing.assert_allclose(
        exact(WELL + other, 3).energies, legendre_galerkin(WELL + other, 3).energies, rtol=1e-11
    )
    barrier = PiecewiseConstant([-3, -1, 1, 3], [0, 20, 0])
    assert (WELL + barrier).breakpoints == ()  # the steps cancel, and so do the breakpoints
    np.testing.assert_allclose(
        exact(WELL + barrier, 2).energies, 20.0 + (np.arange(1, 3) * np.pi / 6.0) ** 2, rtol=1e-13
    )


def test_edges_equal_up_to_round_off_are_one() -> None:
    tenths = PiecewiseConstant([0.0, 0.1 + 0.2, 0.7, 1.0], [0, 1, 0])
    other = PiecewiseConstant([0.0, 0.3, 0.1 * 7, 1.0], [0, 1, 0])
    layers = (tenths + other).layers
    assert layers is not None
    np.testing.assert_array_equal(layers.values, [0, 2, 0])
    curves = [CustomPotential(step, step.interval, step.breakpoints) for step in (tenths, other)]
    total = curves[0] + curves[1]
    assert len(total.breakpoints) == 2
    point = total.breakpoints[0]
    assert [total(p) for p in (point - 1e-12, point, np.nextafter(point, 1))] == [0, 2, 2]
    assert total(np.nextafter(point, 0)) == 0.0


@pytest.mark.parametrize("potential", [WELL, STEPS, KINK], ids=["well", "steps", "kink"])
@pytest.mark.parametrize(
    "move",
    [
        lambda v: v.shifted(0.1),
        lambda v: v.shifted(1e3 / 3.0),
        lambda v: v.stretched(1.0 / 3.0),
        lambda v: v.mirrored(),
        lambda v: v.mirrored().shifted(-0.7).stretched(3.3),
        lambda v: 3.0 * (v.mirrored() + v) - 0.5,
    ],
    ids=["shifted", "far", "stretched", "mirrored", "chain", "sum"],
)
def test_a_jump_belongs_to_the_right_wherever_it_goes(
    potential: Potential, move: Callable[[Potential], Potential]
) -> None:
    if potential is STEPS:
        potential = dataclasses.replace(STEPS, weights=None)
    moved = move(potential)
    points = np.array(moved.breakpoints)
    assert points.size > 0
    gap = 1e-9 * (moved.interval[1] - moved.interval[0])
    np.testing.assert_allclose(moved(points), moved(points + gap), atol=1e-6)
    np.testing.assert_allclose(moved(np.nextafter(points, -np.inf)), moved(points - gap), atol=1e-6)
    assert np.isfinite(moved(np.array(moved.interval))).all()
    if moved.layers is not None:
        assert jumps(moved.layers) == moved.breakpoints
        assert (moved.layers.edges[0], moved.layers.edges[-1]) == moved.interval
        middles = 0.5 * (moved.layers.edges[:-1] + moved.layers.edges[1:])
        np.testing.assert_array_equal(moved(middles), moved.layers.values)
        np.testing.assert_array_equal(moved.weight(middles), moved.layers.weights)


def test_mirrored_keeps_the_walls_and_turns_the_layers() -> None:
    mirrored = STEPS.mirrored()
    assert mirrored.interval == (0.0, 4.0)
    assert mirrored.breakpoints == (1.5, 3.0)
    layers = mirrored.layers
    assert layers is not None
    np.testing.assert_array_equal(layers.edges, [0, 1.5, 3, 4])
    np.testing.assert_array_equal(layers.values, [1, 5, 0])
    np.testing.assert_array_equal(layers.weights, [2, 0.5, 1])
    np.testing.assert_array_equal(mirrored.weight([0.0, 1.5, 3.5]), [2.0, 0.5, 1.0])
    x = np.linspace(0, 4, 97)[1:-1:2]
    np.testing.assert_allclose(KINK.mirrored()(x), KINK(4.0 - x), rtol=1e-14)
    assert KINK.mirrored()(2.0) == pytest.approx(1.0)  # not 2: the jump now is a step down


def test_a_function_is_never_called_outside_its_walls() -> None:
    def narrow(x: Any) -> Any:
        assert np.all((x >= 0.1) & (x <= 0.3))
        return np.sqrt((x - 0.1) * (0.3 - x))

    root = CustomPotential(narrow, (0.1, 0.3))
    for moved in (root.shifted(1e4), root.mirrored(), root.stretched(7.7), root + root.mirrored()):
        assert np.isfinite(moved(np.linspace(*moved.interval, 101))).all()


@pytest.mark.parametrize("potential", [STEPS, gaas_well(60.0)], ids=["steps", "gaas"])
def test_weights_move_along(potential: Potential) -> None:
    levels = exact(potential, 3).energies
    for moved in (potential.shifted(-2.5), potential.mirrored(), potential.mirrored().mirrored()):
        np.testing.assert_allclose(exact(moved, 3).energies, levels, rtol=1e-11)
    np.testing.assert_allclose(exact(potential + 7.5, 3).energies, levels + 7.5, rtol=1e-11)
    np.testing.assert_allclose(
        exact((potential / 4.0).stretched(2.0), 3).energies, levels / 4.0, rtol=1e-11
    )
    table = PiecewisePolynomial([0, 4], [[1, 1]], [[2.0, 0.5]])
    np.testing.assert_allclose(table.stretched(2.0).weight([0, 4, 8]), [1.5, 2.0, 2.5])
    np.testing.assert_allclose((2.0 * table.shifted(1.0)).weight([1, 5]), [1.5, 2.5])


@settings(max_examples=30, deadline=None)
@given(c=st.floats(-50.0, 50.0), distance=st.floats(-20.0, 20.0), depth=st.floats(0.0, 100.0))
def test_levels_follow(c: float, distance: float, depth: float) -> None:
    well = FiniteWell(depth=depth)
    levels = well.levels(4)
    for moved in (well.shifted(distance), well.mirrored(), well.mirrored().shifted(distance)):
        np.testing.assert_array_equal(moved.levels(4), levels)
    np.testing.assert_allclose((well + c).levels(4), levels + c, rtol=1e-14, atol=1e-13)
    np.testing.assert_allclose((c - (-well)).levels(4), levels + c, rtol=1e-14, atol=1e-13)
    moved = (c + well.mirrored()).shifted(distance)
    np.testing.assert_allclose(exact(moved, 4).energies, levels + c, rtol=1e-11, atol=1e-11)


@settings(max_examples=20, deadline=None)
@given(factor=st.floats(0.1, 10.0), depth=st.floats(0.1, 100.0))
def test_a_scaled_problem_has_scaled_levels(factor: float, depth: float) -> None:
    well = FiniteWell(depth=depth)
    scaled = (well / factor**2).stretched(factor)
    np.testing.assert_allclose(exact(scaled, 3).energies * factor**2, well.levels(3), rtol=1e-11)
    np.testing.assert_allclose(scaled.interval, (-3.0 * factor, 3.0 * factor), rtol=1e-15)


@settings(max_examples=25, deadline=None)
@given(
    edges=st.lists(st.floats(0.01, 0.99), min_size=1, max_size=4, unique=True),
    heights=st.lists(st.floats(-50.0, 50.0), min_size=5, max_size=5),
    factor=st.floats(-3.0, 3.0),
    x=st.floats(0.0, 1.0),
)
def test_sums_are_pointwise_and_commute(
    edges: list[float], heights: list[float], factor: float, x: float
) -> None:
    first = FiniteBarrier(height=10.0, width=0.5, box=1.0)
    ends = np.unique(np.round([0.0, *edges, 1.0], 6))
    second = PiecewiseConstant(ends, heights[: ends.size - 1])
    total = first + factor * second
    np.testing.assert_allclose(total(x), first(x) + factor * second(x), rtol=1e-13, atol=1e-13)
    assert (factor * second + first).breakpoints == total.breakpoints
    assert total.layers is not None
    assert set(total.breakpoints) <= {*first.breakpoints, *second.breakpoints}
    np.testing.assert_allclose(
        exact(total, 2).energies, finite_differences(total, 2, 401).energies, rtol=1e-5, atol=1e-5
    )


def test_higher_is_higher() -> None:
    bump = CustomPotential(lambda x: np.exp(-np.square(x)), (-3, 3))
    levels = [legendre_galerkin(WELL + c * bump, 3).energies for c in (-1.0, 0.0, 1.0)]
    assert np.all(levels[0] < levels[1])
    assert np.all(levels[1] < levels[2])
