"""The network's states of a heterostructure: energies, and what a designer reads off them."""

import json

import numpy as np
import pytest
import tensorflow as tf
from devices import DOUBLE, SINGLE, STARK, barrier, double_well, single_well, straddles, well
from printed import check_text
from scipy import constants

import qwpinn
from qwpinn import Heterostructure, Layer, references
from qwpinn.solving.subbands import PHOTON
from qwpinn.units.quantities import KINETIC

RITZ = qwpinn.Precise(epochs=0)


@pytest.fixture(scope="module")
def coupled():
    """Two coupled wells, trained as by default."""
    return qwpinn.solve(double_well(), states=3)


@pytest.fixture(scope="module")
def tilted():
    """A well in a field, with a state of the triangle below its second one."""
    return qwpinn.solve(single_well(70.0), states=3)


@pytest.mark.parametrize(("width", "levels"), SINGLE.items())
def test_published_levels_of_single_wells(width, levels):
    found = qwpinn.solve(single_well(width=width, far=300.0), len(levels), recipe=RITZ)
    assert found.converged
    np.testing.assert_allclose(found.energies, levels, rtol=0, atol=1e-6)
    assert np.all(found.lower - 1e-7 <= levels)
    assert np.all(levels <= found.upper + 1e-7)


@pytest.mark.parametrize(("field", "level"), STARK.items())
def test_published_levels_in_a_field(field, level):
    found = qwpinn.solve(single_well(field), 1, recipe=RITZ)
    np.testing.assert_allclose(found.energies, level, rtol=0, atol=1e-6)


def test_coupled_wells(coupled):
    exact = references.exact(double_well(), 3)
    assert coupled.quantum_numbers.tolist() == [0, 1, 2]
    np.testing.assert_allclose(coupled.energies[:2], DOUBLE, rtol=0, atol=1e-6)
    np.testing.assert_allclose(coupled.energies, exact.energies, rtol=0, atol=1e-8)
    assert np.all((coupled.lower <= exact.energies) & (exact.energies <= coupled.upper))
    assert np.max(coupled.upper - coupled.lower) < 1e-5
    assert np.max(coupled.error(exact)) < 1e-6
    assert len(coupled.history["loss"]) == 5


def test_enclosures_agree_with_an_integration_in_z(tilted):
    for k in range(3):
        doubt = 1e-7
        assert straddles(tilted.potential, tilted.lower[k] - doubt, tilted.upper[k] + doubt)


def test_wavefunctions_are_normalised_over_nm(coupled):
    z = np.linspace(0.0, 56.0, 20001)
    psi = coupled.wavefunctions(z)
    overlap = psi.T @ psi * (z[1] - z[0])
    np.testing.assert_allclose(overlap, np.eye(3), atol=1e-6)
    np.testing.assert_allclose(psi[[0, -1]], 0.0, atol=1e-15)


def test_the_flux_is_continuous_and_the_slope_is_not(coupled):
    beside = 1e-7
    left, right = coupled.slopes([20.0 - beside, 20.0 + beside])
    np.testing.assert_allclose(left / 0.0836, right / 0.067, rtol=1e-5)
    numeric = np.diff(coupled.wavefunctions([23.0 - 1e-4, 23.0 + 1e-4]), axis=0)[0] / 2e-4
    np.testing.assert_allclose(coupled.slopes([23.0])[0], numeric, rtol=1e-4, atol=1e-8)


def test_the_published_dipole():
    found = qwpinn.solve(single_well(width=10.0, far=100.0), 2, recipe=RITZ)
    assert abs(found.dipoles[0, 1]) == pytest.approx(2.65638, abs=1e-5)
    np.testing.assert_allclose(np.diag(found.dipoles), 105.0, atol=1e-6)


def test_transitions_and_wavelengths(coupled):
    assert coupled.transitions[0, 1] == pytest.approx(DOUBLE[1] - DOUBLE[0], abs=1e-6)
    np.testing.assert_array_equal(coupled.transitions, -coupled.transitions.T)
    photon = constants.h * constants.c / (1e-3 * constants.e * coupled.transitions[0, 1])
    assert coupled.wavelengths[1, 0] == pytest.approx(1e6 * photon, rel=1e-12)
    assert np.all(np.isinf(np.diag(coupled.wavelengths)))
    assert pytest.approx(1239.841984, abs=1e-6) == PHOTON


def test_oscillator_strengths_add_up_to_one():
    """Thomas, Reiche and Kuhn, where the mass is one; four states hold nearly all of it."""
    box = qwpinn.solve(Heterostructure([Layer(10.0, "GaAs")]), 4, recipe=RITZ)
    strengths = box.oscillator_strengths
    # 256/(27 pi^2) for the lowest pair of an infinite well.
    assert strengths[0, 1] == pytest.approx(256.0 / (27.0 * np.pi**2), rel=1e-8)
    assert np.sum(strengths[0]) == pytest.approx(1.0, abs=1e-2)
    np.testing.assert_allclose(strengths, -strengths.T, atol=1e-15)
    np.testing.assert_allclose(box.energies, KINETIC / 0.067 * (np.arange(1, 5) * np.pi / 10) ** 2)


def test_kinetic_and_potential_energy_add_up(coupled):
    total = coupled.expectation("p^2") + coupled.expectation("V")
    np.testing.assert_allclose(total, coupled.energies, rtol=1e-9)


def test_states_of_the_box_are_marked(tilted):
    np.testing.assert_array_equal(tilted.localised, [True, False, False])
    np.testing.assert_allclose(tilted.localisation, tilted.probability(20.0, 26.0))
    # The exact one, by the matching of another solver.
    spectrum = references.legendre_galerkin(tilted.potential, 3)
    z = np.linspace(20.0, 26.0, 6001)
    inside = np.trapezoid(spectrum.wavefunctions(z) ** 2, z, axis=0)
    np.testing.assert_allclose(tilted.localisation, inside, atol=1e-6)


def test_a_box_state_comes_below_the_level():
    found = qwpinn.solve(single_well(120.0), 3, recipe=RITZ)
    assert not found.localised[0]
    assert found.localised.sum() == 1
    figure = found.plot()
    first, *_ = [text.get_text() for text in figure.axes[0].texts]
    assert first == f"$E_{{0}}$ = {found.energies[0]:.4g}  box"
    assert figure.axes[0].get_xlabel() == "z (nm)"
    assert figure.axes[0].get_ylabel().startswith("energy (meV)")


def test_stark_shifts(tilted):
    shifts = qwpinn.stark_shift(tilted)
    assert shifts[0] == pytest.approx(STARK[70.0] - STARK[0.0], abs=2e-6)
    assert np.isnan(shifts[1:]).all()
    with pytest.raises(TypeError, match=r"`solution` must be qwpinn.Subbands.*InfiniteWell"):
        qwpinn.stark_shift(qwpinn.solve(qwpinn.InfiniteWell(), recipe=RITZ))


def test_stark_shifts_do_not_depend_on_how_much_barrier_is_where():
    shifts = []
    for right in (20.0, 30.0):
        device = Heterostructure([barrier(), well(8.0), barrier(right)], 30.0)
        shifts.append(qwpinn.stark_shift(qwpinn.solve(device, recipe=RITZ))[0])
    # The middle of the whole moves by 5 nm, which alone would be 15 meV.
    assert shifts[0] == pytest.approx(shifts[1], abs=1e-3)
    assert -1.0 < shifts[0] < 0.0


def test_a_state_that_meets_one_outside_costs_the_others_no_partner():
    layers = [
        Layer(12.0, offset=250.0, mass=0.09), Layer(10.0, offset=0.0, mass=0.067, active=True),
        Layer(2.0, offset=250.0, mass=0.09), Layer(5.0, offset=0.0, mass=0.067),
        Layer(12.0, offset=250.0, mass=0.09),
    ]  # fmt: skip
    found = qwpinn.solve(Heterostructure(layers, 47.5), 4, recipe=RITZ)
    assert found.localised.tolist() == [False, False, True, False]
    flat = qwpinn.solve(Heterostructure(layers), 4, recipe=RITZ)
    # The third is the second of this well, 12 meV lower where its middle is held.
    middle = 0.1 * 47.5 * (found.potential.edges[-1] / 2 - 17.0)
    second = np.flatnonzero(flat.localisation > 0.5)[1]
    expected = found.energies[2] - middle - flat.energies[second]
    assert qwpinn.stark_shift(found)[2] == pytest.approx(expected, abs=1e-6)


def test_what_v_binds_is_localised_however_wide_it_is(coupled):
    assert coupled.energies[2] < 167.0985
    assert coupled.localisation[2] < 0.5
    np.testing.assert_array_equal(coupled.localised, True)


def test_a_model_trained_by_hand_speaks_nm():
    device = single_well(30.0)
    model = qwpinn.QuantumWellPINN.for_potential(device, states=2, seed=1)
    model.compile(optimizer=qwpinn.LevenbergMarquardt())
    before = model.train_function
    model.fit(qwpinn.collocation(device), epochs=3, verbose=0)
    assert before is None
    exact = references.legendre_galerkin(device, 2)
    np.testing.assert_allclose(model.energies, exact.energies, rtol=1e-7)
    z = np.linspace(0.0, 46.0, 93)
    np.testing.assert_allclose(model.predict(z, verbose=0), exact.wavefunctions(z), atol=1e-4)
    with pytest.raises(ValueError, match=r"closed interval \[0.0, 46.0\]"):
        model.predict([47.0])


def test_a_mass_that_varies_goes_through_the_same_residual():
    """The network of a device is that of its normal form, number by number."""
    device = double_well(25.0)
    models = [
        qwpinn.QuantumWellPINN.for_potential(potential, states=2, seed=4)
        for potential in (device, device.normal_form)
    ]
    for model in models:
        model.compile(optimizer=qwpinn.LevenbergMarquardt())
        model.fit(qwpinn.collocation(model.potential), epochs=2, verbose=0)
    np.testing.assert_array_equal(models[0].energies, models[1].energies)
    z = np.linspace(0.0, 56.0, 29)
    psi = models[1].predict(device.to_normal(z), verbose=0) / np.sqrt(KINETIC)
    np.testing.assert_allclose(models[0].predict(z, verbose=0), psi, atol=1e-12)


def test_saved_models_take_nm_and_give_mev(tilted, tmp_path):
    tilted.save(tmp_path / "device")
    model = qwpinn.load(tmp_path / "device")
    assert model.potential == tilted.potential
    served = tf.saved_model.load(str(tmp_path / "device"))
    z = np.linspace(0.0, 46.0, 47)
    np.testing.assert_allclose(served.serve(z), tilted.wavefunctions(z), atol=1e-12)
    np.testing.assert_allclose(served.energies(), tilted.energies, rtol=1e-15)
    # H psi - E psi in meV nm^(-1/2), whose norm is the residual of the enclosure.
    fine = (np.arange(4600) + 0.5) * 0.01  # never at an interface, where psi'' jumps
    norm = np.sqrt(np.sum(served.residual(fine).numpy() ** 2, axis=0) * 0.01)
    np.testing.assert_allclose(norm, tilted.residuals, rtol=0.2)


def test_the_report_holds_what_was_used(tilted):
    report = json.loads(json.dumps(tilted.as_dict(), allow_nan=True))
    assert report["field"] == 70.0
    assert [layer["mass"] for layer in report["layers"]] == [0.0836, 0.067, 0.0836]
    assert [layer["offset"] for layer in report["layers"]] == [167.0985, 0.0, 167.0985]
    assert report["region"] == [20.0, 26.0]
    assert report["localised"] == [True, False, False]
    assert report["dipoles"][0][1] == tilted.dipoles[0, 1]


def test_a_solution_prints_what_was_used_and_found(tilted):
    header, equation, *lines = str(tilted).splitlines()
    assert header == "Heterostructure, 46 nm, field 70 kV/cm"
    assert equation == (
        "-(hbar^2/2) d/dz (1/m) dpsi/dz + V psi = E psi, hbar^2/2m0 = 38.0998 meV nm^2"
    )
    rows = [line.split() for line in lines]
    assert ["1", "20", "-", "26", "6", "0.0000", "0.067", "yes"] in rows
    levels = [row for row in rows if row[-1:] == ["converged"]]
    assert levels[0][0] == "0"
    assert levels[0][1].startswith("51.486855")
    assert [row[5:-1] for row in levels] == [["84", "%"], ["0", "%*", "box"], ["2", "%*", "box"]]


def test_nine_layers_in_a_field():
    widths = [12.0, 4.0, 1.5, 6.0, 2.0, 5.0, 1.0, 7.0, 12.0]
    layers = [well(w) if i % 2 else barrier(w) for i, w in enumerate(widths)]
    found = qwpinn.solve(Heterostructure(layers, 25.0), 5, recipe=RITZ)
    exact = references.legendre_galerkin(found.potential, 5).energies
    assert found.converged
    np.testing.assert_allclose(found.energies, exact, rtol=0, atol=1e-6)
    assert np.all((found.lower <= exact + 1e-9) & (exact - 1e-9 <= found.upper))


def test_a_device_shows_layers_levels_and_transitions():
    found = qwpinn.solve(double_well(), 3, recipe=RITZ, rtol=1e-3)
    text = check_text(found)
    assert text.startswith(str(found.potential))
    row = next(line.split() for line in text.splitlines() if line.startswith("0 - 1"))
    assert float(row[3].split("(")[0]) == pytest.approx(found.transitions[0, 1], rel=1e-4)
    assert float(row[4]) == pytest.approx(found.wavelengths[0, 1], rel=1e-5)
    assert repr(found).startswith("Subbands(Heterostructure(layers=(")
    assert len(repr(found)) < 200
