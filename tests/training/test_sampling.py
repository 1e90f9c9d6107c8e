"""Samplings: rules of quadrature, by their order; the same points, or new ones each epoch."""

import numpy as np
import pytest

import qwpinn
from qwpinn.training.sampling import Given

WELL = qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0)


def columns(data):
    return {name: column.numpy()[:, 0] for name, column in next(iter(data)).items()}


@pytest.mark.parametrize(
    "sampling",
    [qwpinn.Uniform(50), qwpinn.Sobol(50), qwpinn.Random(50), Given((-1.0, 0.5, 2.0, 2.5))],
)
def test_weights_cover_the_interval_and_data_are_the_wells(sampling):
    left, right = WELL.interval
    x, w = sampling.draw(left, right, np.random.default_rng(1))
    assert np.all((x >= left) & (x <= right)) and np.all(np.diff(x) > 0.0)
    np.testing.assert_allclose(w.sum(), right - left, rtol=1e-14)
    found = columns(qwpinn.collocation(WELL, sampling=sampling))
    np.testing.assert_array_equal(found["potential"], WELL(found["x"]))
    np.testing.assert_array_equal(found["weight"], 1.0)


def test_the_midpoint_rule_is_of_second_order():
    errors = []
    for points in (20, 40):
        x, w = qwpinn.Uniform(points).draw(0.0, 1.0, None)
        errors.append(abs(w @ np.exp(x) - np.expm1(1.0)))
    np.testing.assert_allclose(errors[0] / errors[1], 4.0, rtol=0.01)


def test_sobol_points_integrate_better_than_random_ones():
    def error(sampling):
        x, w = sampling.draw(0.0, 1.0, np.random.default_rng(sampling.seed))
        return abs(w @ np.exp(x) - np.expm1(1.0))

    sobol = [error(qwpinn.Sobol(256, seed)) for seed in range(20)]
    random = [error(qwpinn.Random(256, seed=seed)) for seed in range(20)]
    assert np.median(sobol) < 0.05 * np.median(random)


@pytest.mark.parametrize("resample", [True, False])
def test_random_points_are_new_in_each_epoch_if_they_are_to_be(resample):
    data = qwpinn.collocation(WELL, sampling=qwpinn.Random(20, resample=resample, seed=5))
    first, second = (columns(data)["x"] for _ in range(2))
    assert np.array_equal(first, second) is not resample
    again = columns(qwpinn.collocation(WELL, sampling=qwpinn.Random(20, resample, 5)))["x"]
    assert np.array_equal(again, first) or resample
    batches = [batch["x"].numpy() for batch in data.repeat(2)]
    assert np.array_equal(*batches) is not resample


def test_training_steps_on_the_points_that_were_drawn():
    """A step of Levenberg-Marquardt is judged on its own batch: the loss there does not rise."""
    model = qwpinn.QuantumWellPINN.for_potential(WELL, 1, units=10)
    model.compile(qwpinn.LevenbergMarquardt())
    data = qwpinn.collocation(WELL, sampling=qwpinn.Random(200, seed=2))
    history = model.fit(data, epochs=6, verbose=0).history
    assert all(np.isfinite(history["loss"])) and sum(history["accepted"]) >= 3
    assert model.status is qwpinn.Status.TRAINED


def test_points_of_ones_own_stand_where_they_were_put():
    found = columns(qwpinn.collocation(WELL, [0.5, -1.5, 2.0]))
    np.testing.assert_array_equal(found["x"], [-1.5, 0.5, 2.0])
    np.testing.assert_allclose(found["quadrature"], [2.5, 1.75, 1.75])
    device = qwpinn.Heterostructure([qwpinn.Layer(8.0, "Al0.4Ga0.6As"), qwpinn.Layer(9.0, "GaAs")])
    x = np.array([1.0, 8.5, 12.0])
    np.testing.assert_allclose(columns(qwpinn.collocation(device, x))["x"], device.to_normal(x))


@pytest.mark.parametrize("well", [WELL, WELL.in_units("nm", "eV")], ids=["pure", "units"])
def test_a_reference_stands_beside_the_points(well):
    exact = qwpinn.references.exact(well, 2)
    batch = next(iter(qwpinn.collocation(well, 60, reference=exact.wavefunctions)))
    expected = exact.wavefunctions(batch["x"].numpy()[:, 0])
    np.testing.assert_array_equal(batch["reference"], expected)


def test_a_reference_of_a_device_is_in_its_own_coordinate():
    device = qwpinn.Heterostructure(
        [
            qwpinn.Layer(8.0, "Al0.3Ga0.7As"),
            qwpinn.Layer(9.0, "GaAs"),
            qwpinn.Layer(5.0, "Al0.4Ga0.6As"),
        ]
    )
    batch = next(iter(qwpinn.collocation(device, 60, reference=lambda z: z[:, None])))
    own = batch["reference"].numpy()[:, 0]
    np.testing.assert_allclose(device.to_normal(own), batch["x"].numpy()[:, 0], rtol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"points": 30, "sampling": qwpinn.Uniform(3)}, ValueError, "`points` must be left out be"),
        ({"points": [0.1], "sampling": qwpinn.Uniform(3)}, ValueError, "`sampling` must be left"),
        ({"points": [0.1, 99.0]}, ValueError, "must lie in the closed interval"),
        ({"sampling": "sobol"}, TypeError, "`sampling` must be a qwpinn.training.Sampling. Rec"),
        ({"reference": 3.0}, TypeError, "`reference` must be"),
        ({"reference": np.cos}, ValueError, r"`reference` must give finite psi \(n, K\)"),
    ],
)
def test_bad_points_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        qwpinn.collocation(WELL, **arguments)


@pytest.mark.parametrize("kind", [qwpinn.Uniform, qwpinn.Sobol, qwpinn.Random])
def test_bad_sizes_are_refused(kind):
    with pytest.raises(ValueError, match="`points` must be an integer of at least 1"):
        kind(0)
