import numpy as np
import pytest

import qwpinn
from qwpinn.equation.mesh import Mesh
from qwpinn.equation.scaling import Scaling
from qwpinn.equation.semiclassics import (
    MOST_KINKS,
    Profile,
    attenuation,
    density,
    kink_sharpness,
    level,
    local_wavenumber,
    profile,
    reach,
    steepness,
    strain,
)


@pytest.fixture
def at(finite_well):
    return profile(finite_well, Scaling.for_potential(finite_well))


def test_profile_has_cells_between_breakpoints_only(finite_well, at):
    assert at.edges[[0, -1]] == pytest.approx([-1.0, 1.0])
    for edge in (-1 / 3, 1 / 3):
        assert np.min(np.abs(at.edges - edge)) < 1e-15
    np.testing.assert_array_equal(at.potential == 0.0, np.abs(at.middles) < 1 / 3)
    assert at.widths.sum() == pytest.approx(2.0)


def test_level_of_the_harmonic_oscillator_is_exact():
    """Bohr and Sommerfeld's rule gives its levels exactly: 2 n + 1 for V = x^2."""
    well = qwpinn.CustomPotential(lambda x: x**2, (-8, 8))
    scaling = Scaling.for_potential(well)
    fine = profile(well, scaling)
    levels = [scaling.own_energy(level(fine, n + 0.5)) for n in range(4)]
    np.testing.assert_allclose(levels, [1, 3, 5, 7], rtol=1e-3)


def test_wavenumber_is_that_of_the_layer(at):
    energy = 50.0
    inside = at.potential == 0.0
    k = local_wavenumber(at, energy)
    np.testing.assert_allclose(k[inside], np.sqrt(50.0 + np.pi**2 / 4))
    np.testing.assert_allclose(k[~inside], np.sqrt(130.0 + np.pi**2 / 4))


def test_attenuation_decays_from_the_well_on_either_side(at):
    factor = attenuation(at, 50.0)
    kappa = np.sqrt(130.0)
    expected = np.exp(-kappa * np.maximum(np.abs(at.middles) - 1 / 3, 0.0))
    np.testing.assert_allclose(np.log(factor), np.log(expected), atol=0.01)
    assert np.all(factor[at.potential == 0.0] == 1.0)


def test_attenuation_between_two_wells_is_that_of_the_nearer():
    edges = np.linspace(-1, 1, 2002)
    middles = (edges[1:] + edges[:-1]) / 2
    barrier = np.where(np.abs(middles) < 0.5, 100.0, 0.0)
    at = Profile(edges, barrier, np.ones_like(barrier), np.full(2000, True))
    factor = attenuation(at, 0.0)
    assert factor[1000] == pytest.approx(np.exp(-10.0 * 0.5), rel=0.05)
    assert factor[900] == pytest.approx(np.exp(-10.0 * 0.4), rel=0.05)


def test_attenuation_without_an_allowed_region_is_one(at):
    np.testing.assert_array_equal(attenuation(at, -1.0), 1.0)


def test_density_resolves_the_ground_state_below_a_free_highest_state():
    """With E_K above the step, only the ground state says that the well needs units beside it."""
    well = qwpinn.FiniteWell(depth=50.0, width=1.0, box=40.0)
    at = profile(well, Scaling.for_potential(well))
    many = density(at, states=8)
    kappa = np.sqrt(400.0 * 50.0)
    assert many[at.middles > 0.025][0] > 0.7 * kappa
    assert many[-1] < 0.1 * kappa


def test_steepness_integrates_to_the_logarithm_of_a_steep_rise_and_leaves_jumps_out():
    """From V = 0 to 2000 within 1/200, beside a declared jump of the same height."""
    ramp = qwpinn.CustomPotential(
        lambda x: np.where(x < 0, 2000.0, 1e3 * (1 + np.tanh(200 * (x - 1)))), (-2, 2), (0.0,)
    )
    at = profile(ramp, Scaling.for_potential(ramp))
    steep = steepness(at, energy=5.0)
    assert steep[at.middles < 0.4].max() < 1e-6
    assert steep @ at.widths == pytest.approx(np.log((4 * 2000 + 5) / 5), rel=0.15)


def test_sharpness_follows_the_jump(finite_well):
    places, sharpness = kink_sharpness(finite_well, Scaling.for_potential(finite_well))
    np.testing.assert_allclose(places, [-1 / 3, 1 / 3])
    np.testing.assert_allclose(sharpness, 0.35 * np.sqrt(9.0 * 20.0))


def test_mere_kinks_of_a_long_table_get_no_feature_but_its_jumps_do():
    x = np.linspace(-4, 4, MOST_KINKS + 10)
    table = qwpinn.Sampled(x, x**2, "linear")
    assert len(table.breakpoints) > MOST_KINKS
    assert kink_sharpness(table, Scaling.for_potential(table))[0].size == 0
    assert kink_sharpness(qwpinn.Sampled([-1, 0, 1], [1, 0, 1]), Scaling((-1.0, 1.0)))[1] == [1.0]
    steps = qwpinn.PiecewiseConstant(np.arange(MOST_KINKS + 3.0), np.arange(MOST_KINKS + 2) % 2)
    assert kink_sharpness(steps, Scaling.for_potential(steps))[0].size == MOST_KINKS + 1


def test_a_jump_that_is_no_breakpoint_is_refused_before_anything_is_made(finite_well):
    bare = qwpinn.CustomPotential(finite_well, finite_well.interval)
    with pytest.raises(ArithmeticError, match=r"smooth between its breakpoints.*a jump at x=-?1"):
        qwpinn.QuantumWellPINN.for_potential(bare)


@pytest.mark.parametrize("half", [8.0, 1e3, 1e4, 1e6])
@pytest.mark.parametrize("centre", [0.0, 1.7])
def test_profile_is_fine_where_the_states_are_however_wide_the_box(half, centre):
    well = qwpinn.CustomPotential(lambda x: (x - centre) ** 2, (-half, half))
    scaling = Scaling.for_potential(well)
    fine = profile(well, scaling, states=4)
    levels = [scaling.own_energy(level(fine, n + 0.5)) for n in range(4)]
    np.testing.assert_allclose(levels, [1, 3, 5, 7], rtol=0.02)
    assert 4000 <= fine.potential.size < 5000
    assert np.all(fine.widths > 0.0)
    np.testing.assert_allclose(fine.edges, -fine.edges[::-1], rtol=0.0, atol=1e-15)
    panels = Mesh(well, states=4).panels(40)
    assert np.sum(np.abs(panels - centre) < 6.0) > 25


def test_rounding_is_strained_by_a_wide_box_and_where_it_need_not_be():
    well = qwpinn.CustomPotential(lambda x: x**2, (-1e4, 1e4))
    at = profile(well, Scaling.for_potential(well), states=3)
    assert strain(at, 3) == pytest.approx(np.sqrt(2e20 / 5 / 2 / 7**0.5), rel=0.05)
    # e^{-40} at x^2 / 2 = 40 or so.
    assert 1e4 * reach(at, 3)[1] == pytest.approx(10.0, abs=2.0)
    assert reach(at, 3)[0] == -reach(at, 3)[1]
