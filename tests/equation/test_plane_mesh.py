"""The mesh of a plane: rules, counts, and what it says of networks' sizes."""

import numpy as np
import pytest
from scipy.special import iv

from qwpinn.equation.plane_counting import PlaneCount
from qwpinn.equation.plane_mesh import LEAST, OTHER, STEEP, PlaneMesh
from qwpinn.equation.plane_scaling import PlaneScaling
from qwpinn.equation.regions import Disc, Rectangle
from qwpinn.potentials import Box2D, CircularDot, CoupledDots, Harmonic2D, Plane

DISC = Disc((0.4, -0.3), 0.8, lambda x, y: np.exp(x - 0.4))
DOT = Plane(0.0, (-2.0, 3.0, -2.0, 1.5), [DISC])
NESTED = Plane(
    5.0,
    (0.0, 4.0, 0.0, 3.0),
    [
        Rectangle((0.5, 3.5, 0.5, 2.5), 2.0),
        Disc((1.2, 1.5), 0.5, 0.0),
        Rectangle((2.2, 3.1, 1.0, 2.0), -1.0),
    ],
)
AREAS = 12.0 - 6.0, 6.0 - np.pi / 4.0 - 0.9, np.pi / 4.0, 0.9


@pytest.mark.parametrize("begun", [0.0, 0.5])
def test_rules_integrate_what_jumps_at_a_circle_to_rounding(begun):
    """Area pi R^2, and exp(x) within the disc: 2 pi R I_1(R)."""
    rule = PlaneMesh(DOT, 3).quadrature(3000, 10, begun)
    inside = DISC.contains(*rule.nodes.T)
    assert rule.weights.min() > 0.0
    assert rule.weights.sum() == pytest.approx(17.5, rel=1e-13)
    assert rule.weights[inside].sum() == pytest.approx(np.pi * 0.64, rel=1e-12)
    found = rule.weights @ DOT(rule.nodes)
    assert found == pytest.approx(2.0 * np.pi * 0.8 * iv(1, 0.8), rel=1e-12)


@pytest.mark.parametrize("begun", [0.0, 0.5])
def test_rules_know_the_areas_of_regions_within_each_other(begun):
    rule = PlaneMesh(NESTED, 3).quadrature(4000, 10, begun)
    v = NESTED(rule.nodes)
    for value, area in zip((5.0, 2.0, 0.0, -1.0), AREAS, strict=True):
        assert rule.weights[v == value].sum() == pytest.approx(area, rel=1e-11)


def test_the_other_rule_has_other_nodes_in_the_same_panels():
    mesh = PlaneMesh(CoupledDots(), 2)
    first, second = mesh.quadrature(2000, 8), mesh.quadrature(2000, 8, begun=0.5)
    # By as many in each panel and direction, of 8 nodes or of fewer.
    assert (1.0 + OTHER / 8) ** 2 < len(second.nodes) / len(first.nodes) < (1.0 + OTHER / 4) ** 2
    whole = PlaneMesh(Plane(1.0, (0.0, 2.0, 0.0, 1.0)), 2)
    counts = [len(whole.quadrature(1024, 8, begun).nodes) for begun in (0.0, 0.5)]
    assert counts == [18 * 8**2, 18 * (8 + OTHER) ** 2]
    assert not np.isin(first.nodes[:, 0], second.nodes[:, 0]).any()


def test_about_as_many_nodes_as_asked():
    smooth = PlaneMesh(Harmonic2D(1.0, 2.0), 3)
    for points in (1000, 6000, 20_000):
        assert points <= len(smooth.quadrature(points, 10).nodes) < 1.5 * points
    assert len(smooth.for_units(50).nodes) == len(smooth.quadrature(1000, 8).nodes)
    assert len(smooth.for_units(400).nodes) == len(smooth.quadrature(4000, 8).nodes)
    assert len(smooth.for_units(500).nodes) == len(smooth.quadrature(5000, 10).nodes)
    # Half as many again where boundaries are near each other.
    one, two = PlaneMesh(CircularDot(), 3), PlaneMesh(CoupledDots(), 3)
    assert len(one.for_units(400).nodes) == len(one.quadrature(4000, 8).nodes)
    assert len(two.for_units(400).nodes) == len(two.quadrature(6000, 8).nodes)


def test_nodes_crowd_at_corners():
    box = (-1.0, 1.0, -1.0, 1.0)
    square = PlaneMesh(Plane(9.0, box, [Rectangle((-0.5, 0.5, -0.5, 0.5), 0.0)]), 2)
    rule = square.quadrature(2000, 10)
    near = np.abs(np.abs(rule.nodes) - 0.5).max(axis=1)
    assert np.sum(near < 0.02) >= 400
    # Discs have none.
    round_ = PlaneMesh(Plane(9.0, box, [Disc((0.0, 0.0), 0.5, 0.0)]), 2)
    assert round_.columns.curves == (Disc((0.0, 0.0), 0.5, 0.0),)
    assert round_.columns.corners == ()
    # The shorter side says how small panels are.
    long = [Rectangle((-0.9, 0.0, -0.5, 0.5), 0.0), Rectangle((0.01, 0.9, -0.1, 0.1), 0.0)]
    corners = PlaneMesh(Plane(9.0, box, long), 2).columns.corners
    assert {(corner.x, corner.y) for corner in corners} == {
        *((x, y) for x in (-0.9, 0.0) for y in (-0.5, 0.5)),
        *((x, y) for x in (0.01, 0.9) for y in (-0.1, 0.1)),
    }
    least = [corner.least for corner in corners]
    np.testing.assert_allclose(least, [LEAST * 0.9] * 4 + [LEAST * 0.2] * 4, rtol=1e-12)


def test_what_is_not_smooth_has_no_quadrature():
    step = PlaneMesh(Plane(lambda x, y: np.where(x < 0.3, 0.0, 5.0), (0.0, 1.0, 0.0, 1.0)), 1)
    for begun in (0.0, 0.5):
        with pytest.raises(
            ArithmeticError, match=r"`potential` must be smooth.* a jump at x=0\.3, y"
        ):
            step.quadrature(1000, 10, begun)


def test_nodes_of_a_rule_are_an_integer():
    with pytest.raises(TypeError, match=r"`points` must be an integer"):
        PlaneMesh(Box2D(), 1).quadrature(1e3, 10)


def test_counts_of_a_box_are_those_of_the_closed_form():
    well = Box2D(1.0, 1.2)
    mesh, levels = PlaneMesh(well, 3), well.levels(6)
    between = [0.5 * levels[0], *(levels[1:] + levels[:-1]) / 2]
    assert [mesh.count_below(float(energy)) for energy in between] == [0, 1, 2, 3, 4, 5]


def test_counts_are_never_too_small_and_are_kept(monkeypatch):
    mesh = PlaneMesh(Harmonic2D(1.0, 2.0), 3)
    assert mesh.count_below(3.0 * (1.0 + 1e-9)) >= 1
    assert mesh.count_below(7.0 * (1.0 + 1e-9)) >= 4
    assert mesh.count_below(8.0) == 4
    monkeypatch.setattr(PlaneCount, "below", None)
    assert mesh.count_below(8.0) == 4


def test_a_bound_that_is_nearly_right_is_made_finer():
    """Just below the doublet at 9, four levels; 80 cells say six."""
    mesh, energy = PlaneMesh(Harmonic2D(1.0, 2.0), 3), 9.0 * (1.0 - 1e-3)
    assert mesh.count_below(energy) == 6
    # It is as good as expected, or so far off that a finer one would not help.
    assert mesh.count_below(energy, 6) == mesh.count_below(energy, 3) == 6
    assert mesh.count_below(energy, 4) == 4


def test_what_cannot_be_counted_is_more_than_anyone_asks_for():
    assert PlaneMesh(Box2D(), 1).count_below(1e7) == 10**6


def test_a_network_sees_regions_in_scaled_units():
    mesh = PlaneMesh(NESTED, 3)
    name, (kinks,) = mesh.inputs
    assert name == "regions"
    assert [kind for kind, _ in kinks] == ["rectangle", "disc", "rectangle"]
    np.testing.assert_allclose(kinks[1][1], [(1.2 - 2.0) / 2.0, 0.0, 0.25], atol=1e-15)
    np.testing.assert_allclose(kinks[0][1], [-0.75, 0.75, -0.5, 0.5], atol=1e-15)
    other = PlaneMesh(NESTED, 3, PlaneScaling((0.0, 8.0, 0.0, 3.0)))
    np.testing.assert_allclose(other.inputs[1][0][1][1], [-0.7, 0.0, 0.125], atol=1e-15)


def test_psi_is_zero_at_the_walls():
    ends = PlaneMesh(Box2D(1.0, 0.5), 1).ends
    at = np.array([[0.0, 0.0], [1.0, 0.1], [0.3, -0.5]])
    np.testing.assert_array_equal(ends.factor(at), [[1.0], [0.0], [0.0]])


def test_networks_grow_by_a_quarter():
    assert [PlaneMesh.fewest_units(states) for states in (1, 16, 17, 50)] == [200, 200, 204, 600]
    units = [200]
    while units[-1] < 1000:
        units.append(PlaneMesh.widened(units[-1]))
    assert units == [200, 250, 312, 390, 487, 608, 760, 950, 1187]


def test_so_many_states_have_a_first_network_of_no_more_units():
    for units in (204, 215, 240, 600):
        states = PlaneMesh.most_states(units)
        assert PlaneMesh.fewest_units(states) <= units < PlaneMesh.fewest_units(states + 1)


def test_of_more_kinks_each_weighs_less():
    assert [PlaneMesh.kink_weights(count) for count in (0, 1, 2, 10)] == [0.25, 0.25, 0.125, 0.025]


def test_what_falls_short_of_a_tolerance():
    """Widths of 10^(-0.42 n^(1/2)), and a fiftieth of rtol is needed."""
    mesh = PlaneMesh(Box2D(), 1)
    wider = range(400, 1600, 25)
    told = [mesh.falls_short(400, 1e-3, n, 1e-6) for n in wider]
    assert told[0] is True
    assert told == sorted(told, reverse=True)
    enough = next(n for n, short in zip(wider, told, strict=True) if not short)
    assert enough**0.5 - 20.0 == pytest.approx(np.log10(1e-3 / 0.02e-6) / 0.42, abs=0.5)
    by_width = [mesh.falls_short(400, width, 700, 1e-6) for width in 10.0 ** np.arange(-9, 0)]
    by_rtol = [mesh.falls_short(400, 1e-3, 700, rtol) for rtol in 10.0 ** np.arange(-11, 0)]
    assert by_width == sorted(by_width)
    assert by_rtol == sorted(by_rtol, reverse=True)
    assert {*by_width} == {*by_rtol} == {True, False}
    # Of one that proves nothing, nothing is known.
    assert mesh.falls_short(400, np.inf, 401, 1e-11) is False
    assert mesh.falls_short(400, np.nan, 401, 1e-11) is False


def test_units_are_as_steep_as_has_been_settled():
    mesh = PlaneMesh(CircularDot(), 2)

    def steepest():
        at = mesh.placed(40, np.random.default_rng(3))
        return np.linalg.norm(at.slopes, axis=1).max()

    unsettled = steepest()
    found = {}
    for mesh.steepness in STEEP:
        found[mesh.steepness] = steepest()
    assert unsettled == found[STEEP[1]]
    assert found[STEEP[2]] / found[STEEP[0]] == pytest.approx(STEEP[2] / STEEP[0])


@pytest.mark.parametrize("well", [Box2D(1.0, 0.3), DOT, NESTED], ids=["box", "dot", "nested"])
def test_a_mesh_stands_for_its_well(well):
    mesh = PlaneMesh(well, 2)
    assert mesh.potential is mesh.well is well
    assert mesh.scaling == PlaneScaling.for_potential(well)
    assert mesh.cells.x[[0, -1]].tolist() == [-mesh.scaling.halves[0], mesh.scaling.halves[0]]
    assert mesh.refuse_wide(1e-11) is None
