"""Families: boxes of parameters, their members, the frame that moves with them."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

import qwpinn
from qwpinn.families.frame import Frame, MovingFrame
from qwpinn.families.points import family_collocation, members, paired, relative_nodes

WELLS = qwpinn.Family(qwpinn.FiniteWell, depth=(5, 50), width=(1.2, 2.8), box=6.0)


def gaas(**ranges):
    barrier = qwpinn.Layer(20.0, "Al0.3Ga0.7As")
    layers = [barrier, qwpinn.Layer(8.0, "GaAs", name="well"), barrier]
    return qwpinn.Family(qwpinn.Heterostructure(layers), **ranges)


def test_members_of_a_class_and_of_a_potential_are_the_same():
    of_potential = qwpinn.Family(qwpinn.FiniteWell(box=6.0), depth=(5, 50), width=(1.2, 2.8))
    p = [7.0, 1.5]
    assert WELLS.potential(p) == of_potential.potential(p) == qwpinn.FiniteWell(7.0, 1.5, 6.0)


def test_a_function_gives_members_too():
    def step(height, place):
        return qwpinn.PiecewiseConstant((0.0, place, 1.0), (0.0, height))

    family = qwpinn.Family(step, height=(1.0, 9.0), place=(0.4, 0.6))
    assert family.potential([2.0, 0.5]) == qwpinn.PiecewiseConstant((0.0, 0.5, 1.0), (0.0, 2.0))
    with pytest.raises(TypeError, match=r"`template` must be a class of potentials.*dataclass"):
        family.to_config()


def test_members_of_a_device_are_varied_in_their_units():
    family = gaas(field=(0.0, 50.0), **{"well.thickness": (5.0, 12.0)})
    member = family.potential([10.0, 7.0])
    assert (member.field, member.layers[1].thickness) == (10.0, 7.0)
    assert not family.logarithmic[0]
    assert family.logarithmic[1]


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=5))
def test_scaled_parameters_go_there_and_back(rows):
    u = np.array(rows)
    np.testing.assert_allclose(WELLS.scaled(WELLS.unscaled(u)), u, atol=1e-12)


def test_slopes_of_the_scale_are_its_derivatives():
    family = gaas(field=(-5.0, 50.0), **{"well.thickness": (5.0, 12.0)})
    p, h = np.array([[10.0, 7.0]]), 1e-6
    u = family.scaled(p)
    for i in range(2):
        step = h * np.eye(2)[i]
        slope = (family.unscaled(u + step) - family.unscaled(u - step))[0, i] / (2 * h)
        assert slope == pytest.approx(family.stretch(p)[0, i], rel=1e-8)


def test_training_points_fill_the_box_and_follow_the_seed():
    p = WELLS.points(256, seed=1)
    assert p.shape == (256, 2)
    np.testing.assert_array_equal(p, WELLS.points(256, seed=1))
    assert not np.array_equal(p, WELLS.points(256, seed=2))
    u = WELLS.scaled(p)
    # The arcsine law: a third of the points in the outer quarters of each range.
    assert np.mean(np.abs(u) > np.sin(np.pi / 3)) == pytest.approx(1 / 3, abs=0.02)


def test_configs_restore_families():
    for family in (WELLS, gaas(field=(0.0, 50.0))):
        again = qwpinn.Family.from_config(family.to_config())
        p = family.points(3)
        assert again.names == family.names
        np.testing.assert_array_equal(again.points(3), p)
        assert again.potential(p[0]) == family.potential(p[0])
    with pytest.raises(ValueError, match=r"`template` must be one of .*Received: Nothing\. Import"):
        qwpinn.Family.from_config({"template": "Nothing", "ranges": {}, "fixed": {}})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, r"`parameters` must hold at least one range.*Received: none\. Give e\.g\. depth"),
        ({"depth": 5.0}, r"at least one range, a pair of numbers\. Received: depth\. Give"),
        ({"depth": (5, 5)}, r"`depth` must be a range .*lowest < highest\. Received: \(5, 5\)"),
        ({"depth": (50, 5)}, r"`depth` must be a range .*Received: \(50, 5\)\. Give one number"),
        ({"depth": (5, np.nan)}, r"`depth` must be .*finite.*Received: .*nan"),
        ({"width": (1.0, 8.0), "box": 6.0}, r"at width=8: `width` must be .*box"),
    ],
)
def test_bad_ranges_are_one_clear_line(arguments, message):
    with pytest.raises(ValueError, match=message) as info:
        qwpinn.Family(qwpinn.FiniteWell, **arguments)
    assert "\n" not in str(info.value)


def test_templates_that_are_none_are_refused():
    with pytest.raises(TypeError, match=r"`template` must give a qwpinn\.Potential\. Received: f"):
        qwpinn.Family(lambda x: x, x=(0.0, 1.0))
    barrier = qwpinn.Layer(20.0, "Al0.3Ga0.7As")
    bent = qwpinn.Heterostructure([barrier, qwpinn.Layer(8.0, "GaAs"), barrier], nonparabolic=True)
    with pytest.raises(ValueError, match=r"must have masses that do not depend on the energy"):
        qwpinn.Family(bent, thickness=(5.0, 9.0))
    with pytest.raises(ValueError, match=r"must leave the number of breakpoints alone.*between"):
        qwpinn.Family(lambda n: qwpinn.KronigPenney(int(n)), n=(2.0, 4.0))


@pytest.mark.parametrize(
    ("p", "message"),
    [
        ([20.0, 2.0], r"`p` must have shape \(n, 2\), a row \(depth, width\).*shape=\(2,\)"),
        ([[20.0]], r"shape \(n, 2\).*Received: shape=\(1, 1\)"),
        (np.empty((0, 2)), r"shape \(n, 2\).*Received: shape=\(0, 2\)"),
        ([[20.0, np.nan]], r"`p` must hold finite numbers.*nan"),
        ([[20.0, 2.0], [60.0, 2.0]], r"in the box that was trained\. Received: depth=60 in row 1"),
    ],
)
def test_bad_parameters_are_one_clear_line(p, message):
    with pytest.raises(ValueError, match=message) as info:
        WELLS.checked(p)
    assert "\n" not in str(info.value)


def test_extrapolation_is_asked_for_and_warned_of():
    with pytest.warns(UserWarning, match=r"Received: depth=60 in row 0.*Nothing is known"):
        p = WELLS.checked([[60.0, 2.0]], extrapolate=True)
    np.testing.assert_array_equal(p, [[60.0, 2.0]])
    slightly = [[50.0 * (1 + 1e-15), 2.0]]
    np.testing.assert_array_equal(WELLS.checked(slightly), [[50.0, 2.0]])


def edges_of(potential):
    return np.array([potential.interval[0], *potential.breakpoints, potential.interval[1]])


@pytest.mark.parametrize(
    "family",
    [
        WELLS,
        qwpinn.Family(qwpinn.FiniteBarrier, width=(0.1, 0.3), box=(0.8, 1.5)),
        gaas(**{"well.thickness": (5.0, 12.0), "0.composition": (0.2, 0.4)}),
    ],
    ids=["finite well", "finite barrier", "heterostructure"],
)
def test_the_frame_gives_the_edges_of_unseen_members(family):
    moving = MovingFrame(Frame.of(family), family.lower, family.upper)
    for p in family.points(9, seed=5):
        member, row = family.potential(p), tf.constant(p[None])
        normal = edges_of(member.normal_form)
        length = np.ptp(normal)
        np.testing.assert_allclose(moving.edges(row).numpy()[0], normal, atol=1e-10 * length)
        own = edges_of(member)
        np.testing.assert_allclose(
            moving.edges(row, own=True).numpy()[0], own, atol=1e-10 * np.ptp(own)
        )
        x = np.linspace(own[0], own[-1], 31)
        carried = moving.to_normal(tf.constant(x[:, None]), np.repeat(p[None], 31, axis=0))
        np.testing.assert_allclose(carried.numpy()[:, 0], member.to_normal(x), atol=1e-9 * length)


def test_edges_that_do_not_move_smoothly_are_refused():
    family = qwpinn.Family(
        lambda h: qwpinn.PiecewiseConstant((0.0, 0.3 + 0.2 * (h > 0.5), 1.0), (0.0, 5.0)),
        h=(0.0, 1.0),
    )
    with pytest.raises(ValueError, match=r"must move its walls and breakpoints smoothly.*\(h\)"):
        Frame.of(family)


def test_in_the_common_frame_all_members_have_their_edges_in_one_place():
    frame = Frame.of(WELLS)
    moving = MovingFrame(frame, WELLS.lower, WELLS.upper)
    for p in WELLS.points(5, seed=3):
        edges = edges_of(WELLS.potential(p))[:, None]
        at = moving(tf.constant(edges), np.repeat(p[None], 4, axis=0))
        np.testing.assert_allclose(moving.common(at).numpy()[:, 0], frame.knots, atol=1e-12)


def test_the_common_coordinate_is_increasing_with_a_continuous_slope():
    moving = MovingFrame(Frame.of(WELLS), WELLS.lower, WELLS.upper)
    p = np.array([[10.0, 1.25]])
    x = np.linspace(-3.0, 3.0, 4001)
    y = moving.common(moving(tf.constant(x[:, None]), np.repeat(p, x.size, axis=0))).numpy()[:, 0]
    slope = np.gradient(y, x)
    assert slope.min() > 0.05
    # A kink of the slope would jump by tenths between two neighbours; a smooth one by 1e-3.
    assert np.abs(np.diff(slope)).max() < 5e-3


def test_nodes_follow_the_layers_and_integrate_them():
    at = relative_nodes(WELLS, 3, 96)
    found = members(WELLS, np.array([[20.0, 2.0], [9.0, 1.3]]), at)
    for row, width in enumerate((2.0, 1.3)):
        inside = np.abs(found.x[row]) < width / 2
        assert found.quadrature[row] @ inside == pytest.approx(width, rel=1e-12)
        np.testing.assert_array_equal(found.potential[row] == 0.0, inside)
    square = found.quadrature @ np.ones(96)
    np.testing.assert_allclose(square, 6.0, rtol=1e-12)


def test_shards_are_the_whole_and_batches_are_divided():
    def rows(**options):
        data = family_collocation(WELLS, 8, 24, 2, **options)
        return [batch["p"].numpy() for batch in data]

    (whole,) = rows()
    halves = [rows(shard=i, shards=2)[0] for i in (0, 1)]
    np.testing.assert_array_equal(np.stack(halves, axis=1).reshape(8, 2), whole)
    assert [len(batch) for batch in rows(batch_size=4, shard=1, shards=2)] == [2, 2]
    with pytest.raises(ValueError, match=r"must be divisible by the 3 workers.*8 members"):
        family_collocation(WELLS, 8, 24, 2, shard=0, shards=3)


def test_positions_are_paired_with_members():
    walls = np.array([[0.0, 1.0], [0.0, 2.0]])
    for x, shape, member in (
        ([0.5, 1.5], (2,), [0, 1]),
        ([[0.1, 0.2, 0.3]], (2, 3), [0, 0, 0, 1, 1, 1]),
        ([[0.5], [1.5]], (2, 1), [0, 1]),
    ):
        positions, found = paired(x, walls)
        assert positions.shape == shape
        assert found.tolist() == member
    positions, found = paired([0.1, 0.2, 0.9], walls[:1])
    assert (positions.shape, found.tolist()) == ((3,), [0, 0, 0])
    with pytest.raises(ValueError, match=r"between the walls of its member, \[0, 1\].*: 1\.5"):
        paired([1.5, 1.5], walls)
    with pytest.raises(
        ValueError, match=r"`x` must have shape \(2,\).*shape=\(3,\)\. For the same"
    ):
        paired([0.1, 0.2, 0.3], walls)
