"""Points in space and time: integrals over them, V with a drive, and what is refused."""

import batches
import keras
import numpy as np
import packets
import pytest
import tensorflow as tf
from packets import BOX, OSCILLATOR, Packet

import qwpinn

DRIVE = (lambda x: x, np.sin)


def columns(well=OSCILLATOR, duration=1.5, points=(24, 12), drive=None, /, **changes):
    data = qwpinn.time_collocation(well, duration, points, drive)
    batch = next(iter(data.as_numpy_iterator()))
    return batch | {name: change(batch[name]) for name, change in changes.items()}


def test_sums_are_integrals_over_space_and_time():
    """Halves of 6 nodes are exact to degree 11: x^10 t^11 on [-8.5, 8.5] x [0, 1.5]."""
    at = {name: column[:, 0] for name, column in columns().items()}
    assert at["x"].size == 24 * 12
    found = at["quadrature"] @ (at["x"] ** 10 * at["t"] ** 11)
    np.testing.assert_allclose(found, 2.0 * 8.5**11 / 11.0 * 1.5**12 / 12.0, rtol=1e-12)
    np.testing.assert_array_equal(at["potential"], at["x"] ** 2 / 2.0)
    np.testing.assert_array_equal(at["weight"], 2.0)


def test_a_drive_is_in_v():
    at = columns(drive := OSCILLATOR, 1.5, (24, 12), DRIVE)
    np.testing.assert_allclose(at["potential"], drive(at["x"]) + np.sin(at["t"]) * at["x"])


def test_no_panel_straddles_a_jump_of_v():
    """The integral of a V that jumps is exact: of depth 20, width 2 in a box of 6."""
    well = qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0)
    at = columns(well, 0.5, (36, 12))
    mean = np.sum(at["quadrature"] * at["potential"]) / 0.5
    exact = sum(well([x])[0] * width for x, width in ((-2.0, 2.0), (0.0, 2.0), (2.0, 2.0)))
    np.testing.assert_allclose(mean, exact, rtol=1e-13)


def test_no_two_times_have_the_same_positions():
    """Nor two panels of x the same times: what a product leaves out between its nodes is seen."""
    at = columns()
    assert np.unique(at["x"].round(12)).size == at["x"].size == 2 * 12 * 12
    assert np.unique(at["t"].round(12)).size == 2 * 12
    gaps = np.diff(np.sort(np.concatenate([at["x"][:, 0], OSCILLATOR.interval])))
    assert np.max(gaps) < 0.3  # Of the product it is 1.06.


def test_a_device_has_points_in_its_normal_form_and_a_drive_in_its_own():
    device = qwpinn.Heterostructure(
        [*(qwpinn.Layer(5.0, offset=0.0, mass=mass) for mass in (0.1, 0.05))]
    )
    at = columns(device, 0.1, (24, 12), (lambda z: z, np.ones_like))
    assert np.max(at["x"]) < device.normal_form.interval[1] < 1.0
    z = np.interp(at["x"], [0.0, 0.5, 0.75], [0.0, 5.0, 10.0])
    np.testing.assert_allclose(at["potential"], z, rtol=1e-12)


@pytest.fixture(scope="module")
def model():
    found = packets.network(Packet(0.5))
    found.compile(keras.optimizers.SGD(0.0), run_eagerly=True)
    return found


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (
            lambda: good(x=lambda x: 2.0 * x),
            r"`NAME` must lie in \[-8\.5, 8\.5\] .* own x\. .*x=-16\.",
        ),
        (lambda: good(t=lambda t: -t), r"`NAME` must lie in \[0, 1\.5\] .* own t\. .*t=-0\.0"),
        (lambda: columns(), r"`NAME` must be of the model's own well and drive\..*V\(-8\..*, 0\.0"),
        (lambda: good(weight=lambda w: 3.0 * w), r"rho\(.*\) = 6, where the model's is 2\."),
        (
            lambda: good(quadrature=lambda w: 0.5 * w),
            r"`NAME` .* interval \[-8\.5, 8\.5\] x \[0, 1\.5\] of .* to 25\.5\. Received: 12\.75",
        ),
        (lambda: good(t=np.ravel), r"columns of shape \(n, 1\).*\(288,\) for 't'"),
        (lambda: good(potential=batches.put(np.nan)), r"`NAME` .* finite\. Received: nan"),
    ],
)
def test_data_of_another_motion_are_refused(model, bad, message):
    """By what looks at them in the graph, and by what says why."""
    guard, data = model.guard(), bad()
    # That asks the equation of the first batch alone, and shapes of the data's.
    if "of the model's own well" not in message and "rho" not in message and data["t"].ndim == 2:
        assert not guard.passes({name: tf.constant(column) for name, column in data.items()})
    with pytest.raises(ValueError, match=message.replace("NAME", "x")) as error:
        guard.check(data, "x")
    assert "\n" not in str(error.value)


def test_they_are_refused_wherever_they_are_given(model):
    assert bool(model.guard().passes(next(iter(tf.data.Dataset.from_tensors(good())))))
    batches.refused(model, good(), good(x=lambda x: 2.0 * x), r"`NAME` must lie .* own x\.")


def good(**changes):
    return columns(OSCILLATOR, 1.5, (24, 12), Packet(0.5).drive, **changes)


def test_data_of_a_well_alone_are_refused(model):
    with pytest.raises(TypeError, match="`x` must hold dicts with x, t, potential, weight"):
        model.fit(qwpinn.collocation(BOX), verbose=0)


@pytest.mark.parametrize(
    ("points", "error", "message"),
    [
        (300, TypeError, r"`points` must be how many in x and in t"),
        ((24, 12, 3), ValueError, r"`points` must be two numbers"),
        ((2, 24), ValueError, r"`points` must be an integer of at least 3"),
        ((1000, 24), ValueError, r"`points` must hold at most 20000 in all\. Received: 24000"),
    ],
)
def test_points_are_two_numbers(points, error, message):
    with pytest.raises(error, match=message):
        qwpinn.time_collocation(BOX, 1.0, points)
