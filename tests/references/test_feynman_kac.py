"""Walks: the ground energy within its own error, and what the bridge does to the step's bias."""

import numpy as np
import pytest

import qwpinn
from qwpinn.references import exact, feynman_kac, legendre_galerkin

WELLS = (
    qwpinn.InfiniteWell(width=1.0),
    qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0),
    qwpinn.FiniteBarrier(),
    qwpinn.InfiniteWell(width=1.0).in_units("nm", "eV"),
    qwpinn.PiecewiseConstant([0, 1, 3], [2.0, 0.0], weights=[4.0, 4.0]),
)


@pytest.mark.parametrize("well", WELLS, ids=lambda well: well.name)
def test_the_energy_is_within_its_error(well):
    found = feynman_kac(well, walks=16_000)
    error = abs(found.energy - exact(well, 1).energies[0])
    assert error < 4.0 * found.standard_error + abs(found.bias)
    # And the error is no excuse.
    kinetic = (np.pi / np.ptp(well.interval)) ** 2 / well.normal_form.weight(well.interval)[0]
    assert found.standard_error < 0.015 * kinetic and abs(found.bias) < 0.2 * kinetic


def test_the_standard_error_is_that_of_other_seeds():
    well = qwpinn.InfiniteWell()
    found = [feynman_kac(well, walks=1600, seed=seed) for seed in range(20)]
    spread = np.std([each.energy for each in found], ddof=1)
    said = np.mean([each.standard_error for each in found])
    assert 0.6 < said / spread < 1.6
    assert feynman_kac(well, walks=1600, seed=3) == found[3]


def errors(well, bridge):
    """Of E by the step: the longest, half of it, and so on."""
    length = np.ptp(well.interval)
    time = 2.0 * (length / np.pi) ** 2
    steps = time / np.array([25, 50, 100, 200])
    level = exact(well, 1).energies[0]
    return [
        feynman_kac(well, walks=16_000, step=step, bridge=bridge).energy - level for step in steps
    ]


def test_the_bridge_makes_the_bias_one_of_first_order():
    """Without it, walks that met a wall between two steps live on: E is too low by sqrt(step)."""
    well = qwpinn.InfiniteWell(width=1.0)
    without, with_it = errors(well, bridge=False), errors(well, bridge=True)
    orders = np.polyfit(np.log([8, 4, 2, 1]), np.log(np.abs(without)), 1)
    assert 0.35 < orders[0] < 0.65
    assert without[-1] < -0.5
    assert abs(with_it[-1]) < 0.1 * abs(without[-1])
    # Of a well whose walls are far, what remains is the bias of jumps of V.
    finite = errors(qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0), bridge=True)
    order = np.polyfit(np.log([8, 4, 2, 1]), np.log(np.abs(finite)), 1)[0]
    assert order > 0.8


def test_the_bias_is_estimated():
    well = qwpinn.InfiniteWell(width=1.0)
    found = feynman_kac(well, walks=16_000, bridge=False)
    error = found.energy - exact(well, 1).energies[0]
    np.testing.assert_allclose(found.bias, error, rtol=0.4)
    assert found.bias < -10.0 * found.standard_error


def test_a_well_without_layers():
    well = qwpinn.potentials.Manufactured()
    found = feynman_kac(well, walks=6400)
    assert abs(found.energy - 10.0) < 4.0 * found.standard_error + abs(found.bias)
    assert abs(legendre_galerkin(well, 1).energies[0] - 10.0) < 1e-10


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"potential": "well"}, TypeError, "`potential` must be"),
        ({"walks": 3}, ValueError, "`walks` must be an integer of at least 32"),
        ({"step": 0.0}, ValueError, "`step` must be a positive, finite time"),
        ({"time": -1.0}, ValueError, "`time` must be a positive, finite time"),
        ({"seed": -1}, ValueError, "`seed` must be"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        feynman_kac(**{"potential": qwpinn.InfiniteWell(), **arguments})


def test_walks_have_one_variance():
    graded = qwpinn.CustomPotential(np.square, (0.0, 1.0), weight=lambda x: 1.0 + x)
    with pytest.raises(ValueError, match=r"`potential` must have a constant rho.*from 1 to 2"):
        feynman_kac(graded)
