"""The most trustworthy reference for a well, and the classical solvers beside a network."""

from types import SimpleNamespace

import numpy as np
import pytest

from qwpinn.potentials import FiniteWell, Harmonic, Quartic
from qwpinn.solving.comparison import GALERKIN, compared


@pytest.mark.parametrize(
    ("well", "source", "rivals"),
    [
        (FiniteWell(), "roots of the exact matching", ["finite differences", GALERKIN]),
        (Harmonic(), "levels in closed form", ["finite differences", GALERKIN]),
        (Quartic(), GALERKIN, ["finite differences"]),
    ],
)
def test_the_reference_is_the_best_that_there_is(well, source, rivals):
    solution = SimpleNamespace(potential=well, energies=np.array([9.0, 10.0]), seconds=3.0)
    found = compared(solution)
    assert found.source == source
    assert list(found.roads) == ["network", *rivals]
    assert found.roads["network"] == (solution.energies, 3.0)
    for name in rivals:
        energies, seconds = found.roads[name]
        np.testing.assert_allclose(energies, found.reference, rtol=1e-5)
        assert seconds > 0.0
