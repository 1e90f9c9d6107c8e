"""What every classical solver returns, and what it refuses."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from problems import PROBLEMS, SMOOTH, WELLS, Problem

from qwpinn.potentials import InfiniteWell, Potential
from qwpinn.quadrature import gauss_legendre, panels
from qwpinn.references import Spectrum, count_below, exact, finite_differences, legendre_galerkin


def gram(potential: Potential, spectrum: Spectrum) -> NDArray[np.float64]:
    rule = gauss_legendre(panels(potential, 200), 12)
    psi = spectrum.wavefunctions(rule.nodes)
    return np.asarray(psi.T @ ((rule.weights * potential.weight(rule.nodes))[:, None] * psi))


@pytest.mark.parametrize(
    ("solver", "problem"),
    [(exact, well) for well in WELLS] + [(legendre_galerkin, problem) for problem in PROBLEMS],
    ids=lambda value: getattr(value, "id", getattr(value, "__name__", "")),
)
def test_orthonormal(solver: Callable[[Potential, int], Spectrum], problem: Problem) -> None:
    spectrum = solver(problem.potential, 6)
    np.testing.assert_allclose(gram(problem.potential, spectrum), np.eye(6), atol=2e-14)


def test_columns_are_accepted_and_points_outside_refused() -> None:
    for solver in (exact, finite_differences, legendre_galerkin):
        spectrum = solver(InfiniteWell(), 2)
        x = np.array([[0.25], [0.5]])
        expected = math.sqrt(2.0) * np.sin(np.pi * np.outer(x, [1, 2]))
        np.testing.assert_allclose(spectrum.wavefunctions(x), expected, atol=1e-5)
        with pytest.raises(ValueError, match=r"closed interval \[0.0, 1.0\]. Received: 1.5"):
            spectrum.wavefunctions([1.5])


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match=r"Use qwpinn.references.legendre_galerkin"):
        exact(SMOOTH[0].potential, 1)
    with pytest.raises(ValueError, match=r"must not exceed the 9 inner nodes. Received: states=10"):
        finite_differences(InfiniteWell(), 10, points=11)
    with pytest.raises(ValueError, match=r"must not exceed the 7 basis functions"):
        legendre_galerkin(InfiniteWell(), 8, degree=2, panels=4)
    with pytest.raises(ValueError, match=r"`degree` must be an integer of at least 2"):
        legendre_galerkin(InfiniteWell(), 1, degree=1)
    with pytest.raises(TypeError, match=r"`states` must be an integer"):
        exact(InfiniteWell(), 1.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"`energy` must be finite"):
        count_below(InfiniteWell(), math.nan)
