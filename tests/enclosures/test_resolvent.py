"""The resolvent: (H - sigma)^-1 against closed forms, and what its iterates do to an error."""

import moved
import numpy as np
import pytest

import qwpinn
from qwpinn.enclosures.resolvent import Resolvent
from qwpinn.equation.mesh import Mesh


def resolvent(well, panels=60, states=8):
    mesh = Mesh(well, states)
    return Resolvent(mesh.potential, mesh.panels(panels), highest=40.0)


def test_of_an_eigenstate_it_is_a_number():
    made = resolvent(qwpinn.InfiniteWell(width=1.0))
    level = np.pi**2
    source = np.sqrt(2.0) * np.sin(np.pi * made.rule.nodes)[:, None]
    phi, h_phi = made(source)(x := np.linspace(0.0, 1.0, 101))
    exact = np.sqrt(2.0) * np.sin(np.pi * x)[:, None]
    np.testing.assert_allclose(phi, exact / (level - made.sigma), atol=1e-13)
    np.testing.assert_allclose(h_phi, level * phi, atol=1e-10)


@pytest.mark.parametrize("well", [moved.OSCILLATOR, moved.STEP, qwpinn.Quartic()])
def test_it_inverts_h_minus_sigma_between_the_nodes_too(well):
    made = resolvent(well)
    form, (a, b) = well.normal_form, well.interval

    def source(x):
        return ((x - a) * (b - x) * np.exp(-(x**2)))[:, None]

    x = np.linspace(a, b, 203)[1:-1]
    phi, h_phi = made(source(made.rule.nodes))(x)
    np.testing.assert_allclose(h_phi - made.sigma * phi, source(x), atol=1e-9)
    at_walls = made(source(made.rule.nodes))(np.array([a, b]))[0]
    np.testing.assert_allclose(at_walls, 0.0, atol=1e-14)
    assert made.sigma < form.minimum


def test_slopes_are_continuous_where_v_jumps():
    made = resolvent(moved.STEP)
    phi = made(np.ones((made.rule.nodes.size, 1)))
    beside = 0.5 + 1e-5 * np.array([-2.0, -1.0, 1.0, 2.0])
    values = phi(beside)[0][:, 0]
    before, after = (values[1] - values[0]) / 1e-5, (values[3] - values[2]) / 1e-5
    assert after == pytest.approx(before, rel=2e-4)


def test_an_iterate_loses_a_rough_error_and_keeps_the_state():
    well = qwpinn.InfiniteWell(width=1.0)
    made = resolvent(well)
    levels = (np.pi * np.array([1.0, 30.0])) ** 2

    def psi(x):
        return (np.sin(np.pi * x) + 1e-3 * np.sin(30.0 * np.pi * x))[:, None]

    phi = made.iterated(psi, levels[:1])(x := np.linspace(0.0, 1.0, 401))[0][:, 0]
    kept = (levels[0] - made.sigma) / (levels - made.sigma)
    expected = np.sin(np.pi * x) + 1e-3 * kept[1] ** 2 * np.sin(30.0 * np.pi * x)
    np.testing.assert_allclose(phi, expected, atol=1e-12)
    assert kept[1] < 2e-3


def test_functions_of_the_same_panels_are_subtracted():
    made = resolvent(moved.STEP)
    one = made(np.stack([np.cos(made.rule.nodes), np.sin(made.rule.nodes)], axis=1))
    matrix = np.array([[2.0, 0.0], [-1.0, 3.0]])
    x = np.linspace(-3.0, 3.0, 31)
    for found, values in zip(one.less(one, matrix)(x), one(x), strict=True):
        np.testing.assert_allclose(found, values - values @ matrix, atol=1e-12)
    np.testing.assert_allclose(one.first(1)(x)[0], one(x)[0][:, :1], atol=1e-15)
    np.testing.assert_allclose(one.at_nodes(), one(made.rule.nodes)[0], atol=1e-14)
