"""Tables: Legendre series on panels, as few as the potential needs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from problems import gaas_well
from wells import CONFIGURABLE

from qwpinn.potentials import CustomPotential, FiniteWell, PiecewisePolynomial, Potential, tabulate


@pytest.mark.parametrize("potential", CONFIGURABLE, ids=lambda p: p.name)
def test_tabulate_reproduces_values(potential: Potential) -> None:
    table = tabulate(potential)
    a, b = potential.interval
    x = np.append(np.linspace(a, b, 1001), potential.breakpoints)
    np.testing.assert_allclose(table(x), potential(x), atol=1e-13 * np.max(potential(x)) + 1e-15)
    np.testing.assert_allclose(table.weight(x), potential.weight(x), rtol=1e-13)
    assert table.breakpoints == potential.breakpoints
    assert table.interval == potential.interval


def test_tabulate_is_economical() -> None:
    assert tabulate(FiniteWell()).coefficients == ((20.0,), (0.0,), (20.0,))
    assert tabulate(FiniteWell()).weights is None
    assert tabulate(gaas_well(100.0)).layers is not None
    quartic = tabulate(CustomPotential(lambda x: x**4, interval=(-5, 5)))
    assert np.shape(quartic.coefficients) == (1, 5)


def test_tabulate_halves_until_resolved() -> None:
    def kink(x: Any) -> Any:
        return np.exp(-np.abs(x)) * np.sin(9.0 * x)

    table = tabulate(CustomPotential(kink, (-5, 5), breakpoints=(0.0,)))
    x = np.linspace(-5, 5, 2001)
    assert np.max(np.abs(table(x) - kink(x))) < 1e-13
    hidden = tabulate(CustomPotential(lambda x: np.abs(x - 0.1), (0, 1)))
    assert len(hidden.edges) < 30  # only the panel of the kink was halved, 12 times


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PiecewisePolynomial([0, 1], [[1], [2]]), r"must have shape \(1, degree \+ 1\)"),
        (lambda: PiecewisePolynomial([0, 1, 2], [[1], [2, 3]]), r"rows of one length"),
        (lambda: PiecewisePolynomial([0, 1], [[1]], None, (0.5,)), r"must be among `edges`"),
    ],
)
def test_bad_arguments(make: Callable[[], Potential], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
