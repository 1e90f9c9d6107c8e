"""Random grids: their moments, and that no residual hides between the points."""

import keras
import numpy as np
import pytest

import qwpinn
from qwpinn.techniques import RandomGrid

WELL = qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0)


def test_each_point_is_uniform_in_its_share_of_a_cell():
    rng = np.random.default_rng(0)
    drawn = [RandomGrid(4, spread=0.5).draw(-1.0, 3.0, rng) for _ in range(4000)]
    x = np.array([points for points, _ in drawn])
    centres = np.array([-0.5, 0.5, 1.5, 2.5])
    assert np.all(np.abs(x - centres) <= 0.25)
    np.testing.assert_allclose(x.mean(axis=0), centres, atol=0.01)
    np.testing.assert_allclose(x.std(axis=0), 0.5 / 12.0**0.5, rtol=0.03)
    np.testing.assert_array_equal(drawn[0][1], np.ones(4))


def test_the_variance_of_an_integral_falls_like_the_third_power():
    def spread(sampling):
        rng = np.random.default_rng(1)
        sums = [w @ np.exp(x) for x, w in (sampling.draw(0.0, 1.0, rng) for _ in range(2000))]
        np.testing.assert_allclose(np.mean(sums), np.expm1(1.0), atol=4.0 * np.std(sums) / 40.0)
        return np.var(sums)

    assert 6.0 < spread(RandomGrid(8)) / spread(RandomGrid(16)) < 10.5
    assert spread(RandomGrid(16)) < 0.05 * spread(qwpinn.Random(16))


def test_each_reading_has_its_own_grid_unless_none_is_moved():
    data = qwpinn.collocation(WELL, sampling=RandomGrid(10, seed=2))
    first, second = (next(iter(data))["x"].numpy() for _ in range(2))
    assert not np.array_equal(first, second)
    still = qwpinn.collocation(WELL, sampling=RandomGrid(10, spread=0.0))
    even = qwpinn.collocation(WELL, sampling=qwpinn.Uniform(10))
    np.testing.assert_allclose(next(iter(still))["x"], next(iter(even))["x"], atol=1e-14)
    again = qwpinn.collocation(WELL, sampling=RandomGrid(10, seed=2))
    np.testing.assert_array_equal(next(iter(again))["x"], first)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"points": 0}, ValueError, "`points` must be an integer of at least 1"),
        ({"spread": 1.5}, ValueError, r"`spread` must be in \[0, 1\].*Received: spread=1.5"),
        ({"spread": -0.1}, ValueError, "`spread` must be"),
        ({"seed": -1}, ValueError, "`seed` must be"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        RandomGrid(**{"points": 4, **arguments})


def trained(sampling, seed):
    """Residuals on the grid and on a dense one, and the error of E, after 200 steps of Adam."""
    model = qwpinn.QuantumWellPINN.for_potential(WELL, 1, units=12, seed=seed)
    model.compile(keras.optimizers.Adam(3e-3), steps_per_execution=20)
    data = qwpinn.collocation(WELL, sampling=sampling)
    model.fit(data.repeat(20), epochs=10, verbose=0)
    own, dense = (model.evaluate(x)["residual"] for x in (data, qwpinn.collocation(WELL, 800)))
    exact = qwpinn.references.exact(WELL, 1).energies[0]
    return own, dense, abs(float(model.energies[0]) / exact - 1.0)


def test_no_residual_hides_between_points_that_move():
    own, dense, error = trained(qwpinn.Uniform(16), seed=0)
    assert dense > 5.0 * own
    own_moved, dense_moved, error_moved = trained(RandomGrid(16), seed=0)
    assert dense_moved < 2.0 * own_moved
    assert dense_moved < dense / 1.8 and error_moved < error / 4.0
