"""Quadrature: exactness, convergence past jumps, and where the panels lie."""

import numpy as np
import pytest

from qwpinn.potentials import FiniteBarrier, FiniteWell, InfiniteWell
from qwpinn.quadrature import apportioned, gauss_legendre, panels


@pytest.mark.parametrize("order", [1, 2, 5, 16, 40])
def test_exact_for_degree_two_order_minus_one(order: int) -> None:
    rule = gauss_legendre([-1.0, 0.25, 2.0], order)
    degree = 2 * order - 1
    exact = (2.0 ** (degree + 1) - (-1.0) ** (degree + 1)) / (degree + 1)
    assert rule.nodes.shape == rule.weights.shape == (2 * order,)
    assert rule.weights @ rule.nodes**degree == pytest.approx(exact, rel=1e-13)


def test_not_exact_beyond() -> None:
    rule = gauss_legendre([0.0, 1.0], 2)
    assert abs(rule.weights @ rule.nodes**4 - 0.2) == pytest.approx(1 / 180, rel=1e-12)


def test_weights_of_high_order_are_right() -> None:
    # The Legendre polynomials are orthogonal: an error in a weight shows in one of these sums.
    rule = gauss_legendre([-1.0, 1.0], 60)
    values = np.polynomial.legendre.legvander(rule.nodes, 59)
    gram = values.T @ (rule.weights[:, None] * values)
    np.testing.assert_allclose(gram, np.diag(2.0 / (2.0 * np.arange(60) + 1.0)), atol=1e-14)


def test_composite_order_is_twice_the_number_of_nodes() -> None:
    counts = np.array([4, 8, 16])
    errors = []
    for count in counts:
        rule = gauss_legendre(np.linspace(0.0, 3.0, count + 1), 2)
        errors.append(abs(rule.weights @ np.exp(rule.nodes) - np.expm1(3.0)))
    assert np.polyfit(np.log(counts), np.log(errors), 1)[0] == pytest.approx(-4.0, abs=0.1)


def test_jump_between_panels_costs_nothing() -> None:
    well = FiniteWell(depth=20.0, width=2.0, box=6.0)
    rule = gauss_legendre(panels(well, 3), 1)
    assert rule.weights @ well(rule.nodes) == pytest.approx(80.0, rel=1e-15)


def test_panels_contain_walls_and_breakpoints() -> None:
    barrier = FiniteBarrier(height=50.0, width=0.2, box=1.0)
    for count in (1, 3, 4, 10, 77):
        edges = panels(barrier, count)
        assert edges.size == max(count, 3) + 1
        assert set(edges) >= {0.0, 0.4, 0.6, 1.0}
        assert np.all(np.diff(edges) > 0.0)
    widths = np.diff(panels(barrier, 100))
    assert widths.max() / widths.min() < 1.06
    np.testing.assert_allclose(panels(InfiniteWell(2.0), 4), [0.0, 0.5, 1.0, 1.5, 2.0])


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match=r"`edges` must increase strictly"):
        gauss_legendre([0.0, 0.0], 2)
    with pytest.raises(TypeError, match=r"`order` must be an integer"):
        gauss_legendre([0.0, 1.0], 2.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"`count` must be an integer of at least 1"):
        panels(InfiniteWell(), 0)


def test_panels_go_one_by_one_to_the_fullest_stretch() -> None:
    random = np.random.default_rng(1)
    for stretches, count in ((1, 7), (5, 3), (5, 5), (5, 60), (12, 400)):
        shares = random.exponential(size=stretches) ** 3
        counts = np.ones(stretches, int)
        for _ in range(count - stretches):
            counts[np.argmax(shares / counts)] += 1
        assert apportioned(shares, count).tolist() == counts.tolist()
