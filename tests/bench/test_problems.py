"""Problems: errors against what is known of a well, and a well for any program."""

import numpy as np
import pytest

import qwpinn
from qwpinn.bench.problems import WELLS, Problem
from qwpinn.potentials import CustomPotential, PiecewiseConstant


@pytest.fixture(scope="module", params=WELLS)
def problem(request):
    return Problem(request.param, WELLS[request.param])


def test_what_is_exact_has_no_error_whatever_its_sign_and_size(problem):
    psi = -3.0 * problem.spectrum.wavefunctions(problem.x)
    assert problem.energy_error(float(problem.spectrum.energies[0])) == 0.0
    assert problem.psi_error(psi[:, 0]) < 1e-14
    assert [problem.state(psi[:, k]) for k in (0, 1, 5)] == [0, 1, 5]
    assert problem.norm(psi[:, 0]) == pytest.approx(3.0, rel=1e-7)


def test_errors_are_those_of_their_formulas():
    problem = Problem("well", qwpinn.InfiniteWell(width=2.0))
    level, x = np.pi**2 / 4.0, problem.x
    assert problem.energy_error(level * 1.25) == pytest.approx(0.25)
    mixed = np.sin(np.pi * x / 2.0) + 0.1 * np.sin(2.0 * np.pi * x / 2.0)
    # |(1, e) / sqrt(1 + e^2) - (1, 0)| = sqrt(2 - 2 / sqrt(1 + e^2)).
    assert problem.psi_error(mixed) == pytest.approx((2.0 - 2.0 / 1.01**0.5) ** 0.5, rel=1e-9)
    assert problem.state(mixed) == 0


def test_energies_count_from_the_floor_of_the_well():
    deep = PiecewiseConstant([0.0, 1.0], [-100.0])
    assert Problem("deep", deep).energy_error(np.pi**2 * 1.5 - 100.0) == pytest.approx(0.5)


def test_nothing_is_no_state():
    problem = Problem("well", qwpinn.InfiniteWell())
    assert problem.state(np.zeros_like(problem.x)) is None
    # A spike shares little with any level.
    assert problem.state((np.arange(problem.x.size) == 700).astype(float)) is None


def test_the_levels_of_a_smooth_well_are_found():
    smooth = Problem("harmonic", CustomPotential(lambda x: x**2, interval=(-8, 8)))
    np.testing.assert_allclose(smooth.spectrum.energies[:4], [1.0, 3.0, 5.0, 7.0], rtol=1e-10)
    assert smooth.described()["values"] is None


def test_layers_are_described_for_any_program():
    described = Problem("well", WELLS["finite_well"]).described()
    assert described["edges"] == [-3.0, -1.0, 1.0, 3.0]
    assert described["values"] == [20.0, 0.0, 20.0]
    assert described["interval"] == [-3.0, 3.0]
    assert qwpinn.potentials.potential_from_config(described["well"]) == WELLS["finite_well"]


def test_the_harder_wells_are_as_hard_as_is_said():
    doublet, band = (Problem(n, WELLS[n]).spectrum.energies for n in ("doublet", "superlattice"))
    assert (doublet[1] - doublet[0]) / doublet[0] == pytest.approx(4e-5, rel=0.1)
    # Five levels, then a gap that is larger than the band.
    assert band[5] - band[4] > band[4] - band[0]
