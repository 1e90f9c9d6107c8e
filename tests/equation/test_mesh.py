"""The mesh: dense where the states are, split at the breakpoints."""

import numpy as np
import pytest

import qwpinn
from qwpinn.equation.mesh import Mesh, own_panels
from qwpinn.quadrature import gauss_legendre


def test_mesh_is_split_at_breakpoints_and_dense_in_a_narrow_well():
    well = qwpinn.FiniteWell(depth=50.0, width=1.0, box=40.0)
    edges = Mesh(well, states=2).panels(60)
    assert edges.size == 61
    assert {-0.5, 0.5} <= set(edges.tolist())
    assert np.all(np.diff(edges) > 0.0)
    assert np.sum(np.abs(edges) <= 1.0) > 20
    assert edges[[0, -1]].tolist() == [-20.0, 20.0]


def test_mesh_has_a_panel_between_any_two_breakpoints():
    noise = np.random.default_rng(0).uniform(0, 9, 60)
    table = qwpinn.Sampled(np.linspace(0, 1, 60), noise, "linear")
    rule = Mesh(table, states=1).quadrature(120, order=12)
    assert rule.nodes.size == 59 * 3
    assert rule.weights.sum() == pytest.approx(1.0)
    v = table(rule.nodes)
    exact = gauss_legendre(np.linspace(0, 1, 60), 8)
    assert rule.weights @ v**2 == pytest.approx(exact.weights @ table(exact.nodes) ** 2, rel=1e-13)


def test_mesh_knows_an_even_well_that_fills_one_cell():
    for centre, even in ((0.0, True), (1e-3, False)):
        well = qwpinn.CustomPotential(
            lambda x, centre=centre: (x - centre) ** 4 - 10.0 * x**2, (-1e3, 1e3)
        )
        assert Mesh(well, states=4).symmetric is even


def test_own_panels_hold_the_breakpoints_of_a_device():
    barrier, well = qwpinn.Layer(100.0, "AlGaAs", 0.3), qwpinn.Layer(5.0, "GaAs")
    device = qwpinn.Heterostructure([barrier, well, barrier])
    edges = own_panels(device, states=2, count=60)
    assert {0.0, *device.breakpoints, 205.0} <= set(edges.tolist())
    assert np.all(np.diff(edges) > 1e-9)
    assert np.sum(np.abs(edges - 102.5) < 10.0) > 20


def test_a_count_is_made_once():
    asked = []

    def parabola(x):
        asked.append(x.size)
        return x**2

    mesh = Mesh(qwpinn.CustomPotential(parabola, (-8.0, 8.0)), states=2)
    assert [mesh.count_below(2.0), mesh.count_below(4.0)] == [1, 2]
    evaluations = len(asked)
    assert [mesh.count_below(2.0), mesh.count_below(4.0)] == [1, 2]
    assert len(asked) == evaluations
    assert mesh.count_below(4.5) == 2
    assert len(asked) > evaluations
