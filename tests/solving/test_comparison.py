"""The most trustworthy reference for a well, and the classical solvers beside a network."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from qwpinn.potentials import Box2D, CircularDot, FiniteWell, Harmonic, Quartic
from qwpinn.references import plane_differences, spectral_elements
from qwpinn.solving.comparison import FINEST, ROUGHER, compared


@pytest.mark.parametrize(
    ("well", "source", "rivals"),
    [
        (FiniteWell(), "roots of the exact matching", ["finite differences", FINEST[1][0]]),
        (Harmonic(), "levels in closed form", ["finite differences", FINEST[1][0]]),
        (Quartic(), FINEST[1][0], ["finite differences"]),
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


@pytest.mark.parametrize(
    ("well", "source", "rivals"),
    [
        (Box2D(1.0, 1.2), "levels in closed form", ["finite differences", FINEST[2][0]]),
        (CircularDot(), FINEST[2][0], ["finite differences"]),
    ],
)
def test_in_the_plane_there_are_differences_and_spectral_elements(
    well, source, rivals, monkeypatch
):
    assert (FINEST[2][1], ROUGHER[2][1]) == (spectral_elements, plane_differences)
    monkeypatch.setitem(FINEST, 2, (FINEST[2][0], partial(spectral_elements, degree=6)))
    monkeypatch.setitem(ROUGHER, 2, (ROUGHER[2][0], partial(plane_differences, points=80)))
    solution = SimpleNamespace(potential=well, energies=np.array([9.0, 10.0]), seconds=3.0)
    found = compared(solution)
    assert found.source == source
    assert list(found.roads) == ["network", *rivals]
    for name in rivals:
        # Differences are of first order where V jumps.
        rtol = 0.1 if name == "finite differences" else 1e-7
        np.testing.assert_allclose(found.roads[name][0], found.reference, rtol=rtol)
