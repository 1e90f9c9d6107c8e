import numpy as np
import pytest
import tensorflow as tf

import qwpinn
from qwpinn.equation import counting
from qwpinn.equation.ends import DIRICHLET, ENDS, Ends, Walls, ends_of
from qwpinn.networks.features import mlp
from qwpinn.networks.trial import TrialFunctions
from qwpinn.training.residuals import derivative, laplacian


class Neumann(Ends):
    """A factor that leaves psi as it is, and angles of psi' = 0."""

    name, start = "neumann", 0.5 * np.pi

    def factor(self, xi):
        return 1.0 + 0.0 * xi

    def jet(self, xi):
        return self.factor(xi), 0.0 * xi, 0.0 * xi

    def levels_below(self, angle):
        return max(0, int(np.ceil(angle / np.pi - 0.5)))


@pytest.mark.parametrize("ends", ENDS.values(), ids=ENDS)
def test_a_jet_is_what_tapes_find(ends):
    xi = np.linspace(-1.0, 1.0, 7)[:, None]
    value, slope, curvature = ends.jet(tf.constant(xi))
    first = derivative(ends.factor)
    np.testing.assert_allclose(value, ends.factor(xi), atol=1e-15)
    np.testing.assert_allclose(slope, first(tf.constant(xi)), atol=1e-15)
    np.testing.assert_allclose(curvature, derivative(first)(tf.constant(xi)), atol=1e-15)


def test_a_jet_in_the_plane_is_what_tapes_find():
    walls, rng = Walls(1.0, 0.7), np.random.default_rng(0)
    xi = rng.uniform(-0.7, 0.7, (9, 2))
    value, slope, bend = walls.jet(xi)
    at = tf.constant(xi)
    np.testing.assert_allclose(value, walls.factor(xi), atol=1e-15)
    for axis in range(2):
        np.testing.assert_allclose(slope[axis], derivative(walls.factor, axis)(at), atol=1e-15)
    np.testing.assert_allclose(bend, laplacian(walls.factor, 2)(at), atol=1e-14)
    assert ends_of(walls.to_config()).halves == (1.0, 0.7)


def test_walls_hold_psi_at_zero():
    assert DIRICHLET.factor(np.array([-1.0, 1.0])).tolist() == [0.0, 0.0]


def test_ends_of_another_kind_need_no_more_than_their_class(monkeypatch):
    monkeypatch.setitem(ENDS, "neumann", Neumann())
    layers = {"features": qwpinn.KinkFeatures(), "hidden": mlp([4], seed=0)}
    free = TrialFunctions(2, **layers, ends="neumann")
    again = TrialFunctions.from_config(free.get_config())
    assert (again.ends.name, free.get_config()["ends"]) == ("neumann", "neumann")
    at_walls = free.basis(tf.constant([[-1.0], [1.0]], "float64"))
    assert np.min(np.max(np.abs(at_walls), axis=1)) > 0.0


def test_saved_configs_name_other_ends_only():
    layers = {"features": qwpinn.KinkFeatures(), "hidden": mlp([4], seed=0)}
    assert "ends" not in TrialFunctions(2, **layers).get_config()


def test_a_count_asks_the_ends(monkeypatch):
    """Levels of psi' = 0 at both ends of a box of length 1: n^2 pi^2, from n = 0 on."""
    well = qwpinn.CustomPotential(lambda x: 0.0 * x, (0.0, 1.0))
    assert [counting.count_below(well, (n * np.pi) ** 2 + 1.0) for n in range(3)] == [0, 1, 2]
    monkeypatch.setattr(qwpinn.CustomPotential, "boundary_conditions", Neumann(), raising=False)
    assert [counting.count_below(well, (n * np.pi) ** 2 + 1.0) for n in range(3)] == [1, 2, 3]
    assert counting.count_below(well, -1.0) == 0
