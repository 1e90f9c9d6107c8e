"""How samples are joined, and where a table is taken to jump or to bend."""

from typing import Any

import numpy as np
import pytest

from qwpinn import FiniteWell, Sampled
from qwpinn.potentials import potential_from_config
from qwpinn.references import legendre_galerkin


@pytest.mark.parametrize(
    ("v", "kind", "breakpoints"),
    [
        (lambda x: x**2, "cubic", 0),
        (lambda x: np.where(np.abs(x) < 1.0, 0.0, 20.0), "cubic", 4),
        (lambda x: np.random.default_rng(0).normal(size=x.size), "linear", 199),
        (lambda x: np.ones_like(x), "cubic", 0),
        (lambda x: np.round(x**2, 3), "cubic", 0),
    ],
    ids=["curve", "steps", "noise", "plateau", "digits"],
)
def test_the_samples_choose_how_they_are_joined(v, kind, breakpoints):
    x = np.linspace(-3, 3, 201)
    table = Sampled(x, v(x))
    assert (table.kind, len(table.breakpoints)) == (kind, breakpoints)
    assert potential_from_config(table.to_config()) == table
    assert table.to_config()["kind"] == kind
    assert Sampled(x[:7], v(x[:7])).kind == "linear"


@pytest.mark.parametrize("samples", [40, 101, 200, 500])
def test_kinks_and_jumps_are_found_and_smooth_curves_have_none(samples: int) -> None:
    x = np.linspace(-8, 8, samples)
    rounded = [float(f"{v:.5g}") for v in 3.0 * x + 0.1 * x**2]
    noise = np.random.default_rng(0).normal(size=samples)
    smooth = (x**2, x**4 - 5 * x**2, np.exp(-0.5 * x**2), np.sin(3 * x), 3 * x, rounded, noise)
    for curve in smooth:
        assert Sampled(x, curve, "cubic").breakpoints == ()
    step = x[1] - x[0]
    for curve, place in ((np.abs(x - 0.1), 0.1), (np.where(x < 0.5, x, x + 3.0), 0.5)):
        found = np.array(Sampled(x, curve, "cubic").breakpoints)
        assert 1 <= found.size <= 2
        assert np.all(np.abs(found - place) <= step)
    well = Sampled(x, np.where(np.abs(x) < 2, 0.0, 20.0), "cubic")
    assert len(well.breakpoints) == 4
    fine = well(np.linspace(-8, 8, 4001))
    assert np.min(fine) >= 0.0
    assert np.max(fine) <= 20.0


@pytest.mark.parametrize("kind", ["linear", "cubic"])
def test_a_jump_is_two_samples_close_to_each_other(kind: Any) -> None:
    gap = 3e-5
    x = [-3, -2, -1 - gap, -1 + gap, 0, 1 - gap, 1 + gap, 2, 3]
    table = Sampled(x, [20, 20, 20, 0, 0, 0, 20, 20, 20], kind)
    assert table.breakpoints == (-1.0, 1.0)
    energies = legendre_galerkin(table, 3).energies
    np.testing.assert_allclose(energies, FiniteWell().levels(3), rtol=5e-9)
