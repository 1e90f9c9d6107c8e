"""Adaptive points: their density, their weights, and what they save where V is narrow."""

import numpy as np
import pytest

import qwpinn
from qwpinn.techniques import AdaptivePoints
from qwpinn.techniques.adaptive import CELLS

# A narrow well in a wide box: nine tenths of even points have nothing to do.
NARROW = qwpinn.Gaussian(depth=400.0, width=0.2, box=6.0)

EXACT = qwpinn.references.legendre_galerkin(NARROW, 1).energies[0]


def middles():
    return (np.arange(CELLS) + 0.5) / CELLS


@pytest.mark.parametrize(("k", "c"), [(1.0, 1.0), (2.0, 0.5), (0.0, 1.0)])
def test_points_have_the_density_of_the_paper(k, c):
    """Of |r| = 1 + 9 [x > 0.8], 10^k times as many points a length there, and c more anywhere."""
    points = AdaptivePoints(1000, k=k, c=c)
    points.follow(np.where(middles() > 0.8, 10.0, 1.0))
    x, w = points.draw(0.0, 2.0, np.random.default_rng(0))
    mean = 0.8 + 0.2 * 10.0**k
    low, high = 1.0 / mean + c, 10.0**k / mean + c
    share = 0.2 * high / (0.8 * low + 0.2 * high)
    np.testing.assert_allclose(np.mean(x > 1.6), share, atol=0.003)
    np.testing.assert_allclose(w.sum(), 2.0, rtol=1e-14)
    # Each weight is one over the density and the number of points.
    np.testing.assert_allclose(w[0], 2.0 / (1000 * low / (1.0 + c)), rtol=1e-3)
    np.testing.assert_allclose(w[-1], 2.0 / (1000 * high / (1.0 + c)), rtol=1e-3)


def test_an_integral_stays_one_whatever_the_density():
    points, rng = AdaptivePoints(50, k=2.0, c=0.2), np.random.default_rng(1)
    sums = []
    for _ in range(400):
        points.follow(np.exp(-10.0 * middles()))
        x, w = points.draw(0.0, 1.0, rng)
        sums.append(w @ np.exp(x))
    np.testing.assert_allclose(np.mean(sums), np.expm1(1.0), atol=4.0 * np.std(sums) / 20.0)
    assert np.std(sums) < 0.03


def test_points_stay_until_they_are_drawn_anew():
    points = AdaptivePoints(60, every=2)
    data = qwpinn.collocation(NARROW, sampling=points)
    model = qwpinn.QuantumWellPINN.for_potential(NARROW, 1, units=10)
    model.compile("adam")
    seen = []

    def look():
        seen.append(next(iter(data))["x"].numpy())

    look()
    for _ in range(2):
        model.fit(data, epochs=1, callbacks=[points], verbose=0)
    look()
    np.testing.assert_array_equal(*seen)
    model.fit(data, epochs=2, callbacks=[points], verbose=0)
    look()
    assert not np.array_equal(seen[1], seen[2])


def test_a_device_has_points_of_its_own_coordinate():
    device = qwpinn.Heterostructure(
        [
            qwpinn.Layer(8.0, "Al0.3Ga0.7As"),
            qwpinn.Layer(9.0, "GaAs"),
            qwpinn.Layer(8.0, "Al0.3Ga0.7As"),
        ]
    )
    points = AdaptivePoints(300, every=1)
    model = qwpinn.QuantumWellPINN.for_potential(device, 2, units=24)
    model.compile(qwpinn.LevenbergMarquardt())
    data = qwpinn.collocation(device, sampling=points)
    model.fit(data, epochs=2, callbacks=[points], verbose=0)
    assert np.all(points.residual() > 0.0)
    assert model.status is qwpinn.Status.TRAINED


def trained(sampling, callbacks, seed):
    """The residual on a dense grid and the error of E, after 20 steps of Levenberg-Marquardt."""
    model = qwpinn.QuantumWellPINN.for_potential(NARROW, 1, units=20, seed=seed)
    model.compile(qwpinn.LevenbergMarquardt())
    data = qwpinn.collocation(NARROW, sampling=sampling)
    model.fit(data, epochs=20, callbacks=callbacks, verbose=0)
    dense = model.evaluate(qwpinn.collocation(NARROW, 800))["residual"]
    return dense, abs(float(model.energies[0]) / EXACT - 1.0)


def test_points_gather_where_v_is_narrow():
    """Of as many points: even ones, even ones that are drawn anew, and adaptive ones."""
    found = []
    for seed in range(3):
        even = trained(qwpinn.Uniform(140), [], seed)
        redrawn, adaptive = (AdaptivePoints(140, every=1, k=k, seed=seed) for k in (0.0, 1.0))
        found.append([even, trained(redrawn, [redrawn], seed), trained(adaptive, [adaptive], seed)])
    even, redrawn, adaptive = np.median(found, axis=0)
    # (residual, error of E). The midpoint rule is good at the energy of a smooth V.
    assert 4.0 * adaptive[0] < even[0]
    assert 4.0 * adaptive[0] < redrawn[0] and 20.0 * adaptive[1] < redrawn[1]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"points": 0}, ValueError, "`points` must be an integer of at least 1"),
        ({"every": 0}, ValueError, "`every` must be an integer of at least 1"),
        ({"k": -1.0}, ValueError, "`k` must be"),
        ({"c": 0.0}, ValueError, "`c` must be a positive, finite share"),
        ({"seed": "a"}, TypeError, "`seed` must be an integer"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        AdaptivePoints(**{"points": 4, **arguments})
