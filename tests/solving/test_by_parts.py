"""Planes V1(x) + V2(y), solved by their parts: against exact and classical levels."""

from concurrent.futures import Future

import numpy as np
import pytest

import qwpinn
from qwpinn import Status, references
from qwpinn.potentials import Box2D, CustomPotential, DoubleWell, FiniteWell, InfiniteWell, Plane
from qwpinn.references import spectral_elements
from qwpinn.solving import by_parts, many, workers
from qwpinn.solving.recipes import Precise

START = Precise(epochs=0)
SQUARE = Plane.sum(InfiniteWell(width=1.0), InfiniteWell(width=1.0))
WIRE = Plane.sum(FiniteWell(), DoubleWell())


def sums_of(first, second, states):
    """Levels of a sum by Galerkin's method for each part."""
    one, other = (references.legendre_galerkin(well, states).energies for well in (first, second))
    return np.sort((one[:, None] + other).ravel())[:states]


@pytest.fixture(scope="module")
def square():
    return qwpinn.solve(SQUARE, 6, recipe=START)


@pytest.fixture(scope="module")
def wire():
    return qwpinn.solve(WIRE, 5, recipe=START)


def test_degenerate_levels_are_numbered_and_enclosed(square):
    exact = Box2D().levels(6)
    assert square.converged
    assert square.quantum_numbers.tolist() == [0, 1, 2, 3, 4, 5]
    assert np.all((square.lower <= exact) & (exact <= square.upper))
    np.testing.assert_allclose(square.energies, exact, rtol=1e-9)
    assert np.max(square.relative_widths) < 1e-6
    assert square.enclosure.separation == pytest.approx(13.0 * np.pi**2, rel=1e-6)


def test_states_of_degenerate_levels_are_said_to_be_mixed(square):
    mixed = [status is Status.MIXED for status in square.state_statuses]
    assert mixed == [False, True, True, False, True, True]
    assert square.clusters == [[0], [1, 2], [3], [4, 5]]
    assert np.all(square.state_errors[[0, 3]] < 1e-3)
    assert any("1, 2" in note and "degenerate" in note for note in square.notes)
    # V is not sampled: either part is counted exactly.
    assert not any("values alone" in note for note in square.notes)


@pytest.mark.parametrize(
    ("first", "second", "states"),
    [
        (FiniteWell(), DoubleWell(), 5),
        (DoubleWell(), FiniteWell(depth=8.0, width=0.5, box=3.0), 4),
        (InfiniteWell(width=4.0), FiniteWell(depth=30.0, width=3.0, box=5.0), 9),
    ],
    ids=["well", "tunnelling", "wire"],
)
def test_levels_are_those_of_galerkins_method(first, second, states):
    found = qwpinn.solve(Plane.sum(first, second), states, recipe=START)
    exact = sums_of(first, second, states)
    assert found.converged
    slack = 1e-11 * np.abs(exact)
    assert np.all((found.lower - slack <= exact) & (exact <= found.upper + slack))
    floor = first.minimum + second.minimum
    assert np.max(np.abs(found.energies - exact) / (exact - floor)) < 1e-8
    assert found.enclosure.separation > exact[-1] - slack[-1]


def test_they_are_levels_of_the_plane_by_elements_that_know_of_no_parts():
    well = Plane.sum(FiniteWell(depth=9.0, width=1.0, box=3.0), InfiniteWell(width=2.0))
    found = qwpinn.solve(well, 4, recipe=START)
    np.testing.assert_allclose(found.energies, spectral_elements(well, 4, 10).energies, rtol=1e-7)


def test_moments_along_x_and_y_are_those_of_the_parts(wire):
    along, up = (qwpinn.solve(well, 3, recipe=START) for well in WIRE.summands)
    i, j = wire.model.pairs.T
    np.testing.assert_allclose(wire.expectation("x^2"), along.expectation("x^2")[i], rtol=1e-6)
    np.testing.assert_allclose(wire.expectation("y^2"), up.expectation("x^2")[j], rtol=1e-6)
    potential = along.expectation("V")[i] + up.expectation("V")[j]
    np.testing.assert_allclose(wire.expectation("V"), potential, rtol=1e-6)
    assert wire.plot(states=[0, 3]).axes


def test_one_level_above_others(wire):
    found = qwpinn.solve(WIRE, level=4, recipe=START)
    assert found.numbers.tolist() == found.quantum_numbers.tolist() == [4]
    np.testing.assert_allclose(found.energies, wire.energies[4:], rtol=1e-7)
    np.testing.assert_array_equal(found.model.pairs, wire.model.pairs[4:])


def test_parts_have_as_many_states_as_the_sums_can_be_of():
    long = Plane.sum(InfiniteWell(width=10.0), InfiniteWell(width=1.0))
    found = qwpinn.solve(long, 12, recipe=START)
    assert [network.trial.states for network in found.model.networks] == [12, 2]
    np.testing.assert_allclose(found.energies, long.levels(12), rtol=1e-8)
    assert found.converged


def test_more_states_are_found_until_they_suffice():
    levels = [np.arange(20.0), 100.0 * np.arange(20.0)]
    asked = []

    def find(part, count):
        asked.append((part, count))
        return levels[part][:count]

    found = by_parts._enough(find, [1, 1], 7, lambda energies: energies)
    assert [one.size for one in found] == [7, 4]
    assert asked == [(0, 1), (1, 1), (0, 2), (1, 2), (0, 4), (1, 4), (0, 7)]


def test_widths_of_a_sum_are_within_the_tolerance_that_both_parts_meet(wire):
    """What is proven of sums is not better than what is asked, nor is more asked than that."""
    floors = [well.minimum for well in WIRE.summands]
    each = [network.certified() for network in wire.model.networks]
    shares = [part.shares(floor).max() for part, floor in zip(each, floors, strict=True)]
    assert np.max(wire.relative_widths) <= max(shares) * (1.0 + 1e-6)


def test_reports_on_the_way():
    seen = []
    qwpinn.solve(
        SQUARE, 2, recipe=START,
        report=lambda model, found: seen.append((model.units, found.quantum_numbers.tolist())),
    )  # fmt: skip
    units = [n for n, _ in seen]
    assert [numbers for _, numbers in seen] == [[-1, -1], [-1, -1], [0, 1]]
    assert units[2] == units[0] + units[1]


def test_training_is_logged_of_one_part_and_then_of_the_other():
    found = qwpinn.solve(SQUARE, 1, recipe=Precise(units=24, epochs=2))
    assert len(found.history["loss"]) == 4
    assert found.converged


def test_a_recipe_from_random_weights_claims_no_more_than_it_has():
    recipe = qwpinn.Paper(epochs=2, steps=20, hidden=(8,))
    well = Plane.sum(InfiniteWell(width=1.0), InfiniteWell(width=1.5))
    found, exact = qwpinn.solve(well, 2, recipe=recipe), well.levels(3)
    assert len(found.history["loss"]) == 4
    assert not found.converged
    for k, number in enumerate(found.quantum_numbers):
        assert number == -1 or found.lower[k] <= exact[number] <= found.upper[k]


def test_a_jump_within_a_part_is_placed():
    step = CustomPotential(lambda x: np.where(x < 0.3, 0.0, 20.0), (-1.0, 1.0))
    found = qwpinn.solve(Plane.sum(InfiniteWell(), step), 2, recipe=START)
    assert found.converged
    assert found.potential.lines[1] == pytest.approx((0.3,))
    assert any("0.3" in note for note in found.notes)


def test_the_networks_of_a_similar_sum_are_tried_first(wire):
    near = WIRE.varied("first.depth", 20.5)
    found = qwpinn.solve(near, 5, start=wire, recipe=START)
    assert found.converged
    np.testing.assert_allclose(found.energies, sums_of(*near.summands, 5), rtol=1e-8)
    for before, after in zip(wire.model.networks, found.model.networks, strict=True):
        np.testing.assert_array_equal(
            before.trial.hidden.get_weights()[0], after.trial.hidden.get_weights()[0]
        )


def test_a_start_that_is_no_sum_is_refused(square):
    with pytest.raises(ValueError, match="`start` must have 6 states"):
        qwpinn.solve(Box2D(), 6, start=square)
    with pytest.raises(ValueError, match="`start` must have 3 states"):
        qwpinn.solve(SQUARE, 3, start=square)


def test_a_sweep_of_a_number_of_one_part():
    swept = qwpinn.sweep(WIRE, "first.depth", [10.0, 20.0], 2, recipe=START)
    for well, energies in zip((10.0, 20.0), swept.energies, strict=True):
        exact = sums_of(FiniteWell(depth=well), DoubleWell(), 2)
        np.testing.assert_allclose(energies, exact, rtol=1e-8)
    assert "depth" in str(swept)


def test_workers_solve_them(monkeypatch):
    """What is sent and received, without the processes."""

    def spread(chains, count):
        for number, chain in enumerate(chains):
            done = Future()
            done.set_result(workers._worked(workers._sent(chain)))
            yield number, workers._received(done, chain)

    monkeypatch.setattr(many.processes, "spread", spread)
    found, other = qwpinn.solve_all([SQUARE, WIRE], 2, recipe=START)
    np.testing.assert_allclose(found.energies, SQUARE.levels(2), rtol=1e-8)
    assert other.potential is WIRE
    assert other.model.networks[0].potential == WIRE.first
