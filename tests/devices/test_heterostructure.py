"""Layers in nm and meV: their equation, their levels by classical solvers, and what is refused."""

import dataclasses
import json

import numpy as np
import pytest
from devices import DOUBLE, SINGLE, STARK, barrier, double_well, single_well, straddles, well
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import gaas_well, gaas_well_in_field
from scipy.optimize import approx_fprime

import qwpinn
from qwpinn import Heterostructure, Layer, references
from qwpinn.devices.validity import is_bound
from qwpinn.potentials import AtEnergy, FiniteWell, potential_from_config, tabulate
from qwpinn.units.quantities import KINETIC

TWO_BANDS = Heterostructure(
    [Layer(15.0, "AlGaAs", 0.3), Layer(8.0, "GaAs"), Layer(15.0, "AlGaAs", 0.3)],
    field=30.0,
    nonparabolic=True,
)


def layers_strategy():
    layer = st.builds(
        Layer,
        thickness=st.floats(2.0, 8.0),
        offset=st.floats(5.0, 300.0),
        mass=st.floats(0.03, 0.15),
    )
    return st.lists(layer, min_size=1, max_size=5)


def test_hbar_squared_over_2_m0():
    assert pytest.approx(38.0998212, abs=1e-7) == KINETIC


@pytest.mark.parametrize(("width", "levels"), SINGLE.items())
def test_published_levels_of_single_wells(width, levels):
    device = single_well(width=width, far=300.0)
    found = references.exact(device, len(levels)).energies
    np.testing.assert_allclose(found, levels, rtol=0, atol=1e-7)


def test_published_levels_of_two_wells():
    np.testing.assert_allclose(references.exact(double_well(), 2).energies, DOUBLE, atol=1e-6)


@pytest.mark.parametrize(("field", "level"), STARK.items())
def test_published_levels_in_a_field(field, level):
    found = references.legendre_galerkin(single_well(field), 1).energies
    np.testing.assert_allclose(found, level, rtol=0, atol=1e-6)


def test_the_normal_form_is_that_of_the_tables():
    """Angstrom there, nm here: x and rho scale, V and the levels do not."""
    for device, other in (
        (single_well(), gaas_well(60.0, 200.0)),
        (single_well(40.0), gaas_well_in_field(60.0, 200.0, 40.0)),
    ):
        form = device.normal_form
        np.testing.assert_allclose(10.0 * np.array(form.breakpoints), other.breakpoints, rtol=1e-14)
        x = np.linspace(*form.interval, 101)[1:-1]
        np.testing.assert_allclose(form(x), other(10.0 * x), rtol=1e-12, atol=1e-11)
        np.testing.assert_allclose(form.weight(x), 100.0 * other.weight(10.0 * x), rtol=1e-9)


@pytest.mark.parametrize(
    "device",
    [single_well(40.0), double_well(-60.0), TWO_BANDS, Heterostructure([Layer(9.0, "InAs")], 20.0)],
    ids=["one", "two", "nonparabolic", "box"],
)
def test_levels_agree_with_an_integration_in_z(device):
    energies = references.legendre_galerkin(device, 3).energies
    for energy in energies:
        assert straddles(device, energy - 1e-7, energy + 1e-7)
    below = [references.count_below(device, energy + shift) for shift in (-1e-7, 1e-7)
             for energy in energies]  # fmt: skip
    assert below == [0, 1, 2, 1, 2, 3]


def test_three_solvers_agree_on_bands_that_are_not_parabolic():
    device = Heterostructure(TWO_BANDS.layers, nonparabolic=True)
    exact = references.exact(device, 3)
    galerkin = references.legendre_galerkin(device, 3)
    np.testing.assert_allclose(galerkin.energies, exact.energies, rtol=0, atol=1e-8)
    differences = references.finite_differences(device, 3, points=2001)
    np.testing.assert_allclose(differences.energies, exact.energies, rtol=0, atol=1e-6)
    z = np.linspace(*device.interval, 301)
    np.testing.assert_allclose(galerkin.wavefunctions(z), exact.wavefunctions(z), atol=1e-6)


def test_a_huge_gap_is_a_parabolic_band():
    layers = [
        Layer(10.0, offset=200.0, mass=0.09, gap=1e9), Layer(7.0, offset=0.0, mass=0.067, gap=1e9),
        Layer(10.0, offset=200.0, mass=0.09),
    ]  # fmt: skip
    found = references.exact(Heterostructure(layers, nonparabolic=True), 2).energies
    expected = references.exact(Heterostructure(layers), 2).energies
    # The first order in V / gap.
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert np.all(found != expected)


def test_the_mass_at_an_energy():
    gap, mass = TWO_BANDS.gaps[1], TWO_BANDS.masses[1]
    z, energy = np.array([19.0]), 100.0
    expected = mass * (1.0 + (energy - TWO_BANDS(z)) / gap)
    np.testing.assert_allclose(TWO_BANDS.mass(z, energy), expected, rtol=1e-15)
    np.testing.assert_allclose(TWO_BANDS.mass(z), mass)
    form = TWO_BANDS.at(energy).normal_form
    x = TWO_BANDS.at(energy).to_normal(z)
    np.testing.assert_allclose(form.weight(x), 1.0 / (KINETIC * expected), rtol=1e-13)
    np.testing.assert_allclose(form(x), TWO_BANDS(z), atol=1e-12)


def test_x_is_the_integral_of_the_mass():
    device = TWO_BANDS.at(80.0)
    form = device.normal_form
    np.testing.assert_allclose(device.to_normal(form.edges), form.normal_edges, rtol=1e-14)
    for z in (1.0, 17.0, 22.9, 30.0):
        slope = approx_fprime([z], lambda z: float(device.to_normal(z[0])), 1e-6)
        np.testing.assert_allclose(slope, TWO_BANDS.mass(np.array([z]), 80.0), rtol=1e-5)


def test_the_field_lowers_v_to_the_right_of_the_centre():
    device = single_well(50.0)
    np.testing.assert_allclose(device([0.0, 23.0, 46.0]) - single_well()([0.0, 23.0, 46.0]),
                               [115.0, 0.0, -115.0])  # fmt: skip
    assert device.interval == (0.0, 46.0)
    assert device.breakpoints == (20.0, 26.0)


def test_psi_and_its_flux_are_continuous():
    spectrum = references.exact(single_well(), 2)
    for edge in (20.0, 26.0):
        step = 1e-5
        left = spectrum.wavefunctions([edge - step, edge])
        right = spectrum.wavefunctions([edge, edge + step])
        flux = np.diff(left, axis=0) / 0.0836, np.diff(right, axis=0) / 0.067
        if edge > 23.0:
            flux = np.diff(left, axis=0) / 0.067, np.diff(right, axis=0) / 0.0836
        np.testing.assert_allclose(*flux, rtol=1e-4)
    z = np.linspace(0.0, 46.0, 46001)
    np.testing.assert_allclose(
        np.sum(spectrum.wavefunctions(z) ** 2, axis=0) * 1e-3, 1.0, atol=1e-6
    )


@pytest.mark.parametrize("field", [0.0, 40.0])
def test_a_layer_cut_in_two_is_one(field):
    whole = single_well(field)
    cut = Heterostructure([barrier(5.0), barrier(15.0), well(2.0), well(4.0), barrier()], field)
    assert cut.breakpoints == whole.breakpoints
    np.testing.assert_allclose(
        references.legendre_galerkin(cut, 3).energies,
        references.legendre_galerkin(whole, 3).energies,
        rtol=1e-12,
    )


@settings(max_examples=25, deadline=None)
@given(layers=layers_strategy(), shift=st.floats(-100.0, 100.0))
def test_offsets_shift_and_a_mirror_keeps_the_levels(layers, shift):
    device = Heterostructure(layers)
    levels = references.exact(device, 2).energies
    lifted = [layer.varied("offset", layer.offset + shift) for layer in layers]
    np.testing.assert_allclose(
        references.exact(Heterostructure(lifted), 2).energies, levels + shift, atol=1e-8
    )
    np.testing.assert_allclose(references.exact(device.mirrored(), 2).energies, levels, atol=1e-8)


@settings(max_examples=25, deadline=None)
@given(layers=layers_strategy(), factor=st.floats(0.5, 2.0))
def test_mass_times_length_squared_is_what_counts(layers, factor):
    scaled = [
        Layer(layer.thickness / np.sqrt(factor), offset=layer.offset, mass=layer.mass * factor)
        for layer in layers
    ]
    np.testing.assert_allclose(
        references.exact(Heterostructure(scaled), 2).energies,
        references.exact(Heterostructure(layers), 2).energies,
        rtol=1e-9,
    )


@settings(max_examples=25, deadline=None)
@given(layers=layers_strategy(), field=st.floats(-30.0, 30.0), two=st.booleans())
def test_configs_restore_the_structure(layers, field, two):
    # All active, up to the walls: else a field may leave a shallow well unbound, and is refused.
    layers = [dataclasses.replace(layer, active=True) for layer in layers]
    layers = [layer.varied("gap", 1500.0) for layer in layers] if two else layers
    device = Heterostructure(layers, field, nonparabolic=two)
    assert potential_from_config(json.loads(json.dumps(device.to_config()))) == device
    if two:
        seen = device.at(500.0)
        assert isinstance(seen, AtEnergy)
        assert potential_from_config(json.loads(json.dumps(seen.to_config()))) == seen
    assert device.mirrored().mirrored() == device


def test_materials_and_numbers_of_ones_own():
    device = Heterostructure(
        [Layer(5.0, "Al0.2Ga0.8As", mass=0.09), Layer(5.0, "GaAs"), Layer(5.0, "GaAs", offset=50.0)]
    )
    np.testing.assert_allclose(device.offsets, [188.4, 0.0, 50.0])
    np.testing.assert_allclose(device.masses, [0.09, 0.067, 0.067])
    np.testing.assert_allclose(device.gaps, [1813.4, 1519.0, 1519.0])
    assert [material.name for material in device.materials] == ["Al0.2Ga0.8As", "GaAs", "GaAs"]


def test_what_is_used_can_be_printed():
    header, equation, *lines = str(TWO_BANDS).splitlines()
    assert header == TWO_BANDS.title == "Heterostructure, 38 nm, field 30 kV/cm, non-parabolic"
    assert equation == TWO_BANDS.equation
    rows = [line.split() for line in lines]
    barrier_row = ["15", "Al0.3Ga0.7As", "259.1400", "0.0919", "1937.14"]
    assert ["0", "0", "-", "15", *barrier_row] in rows
    assert ["1", "15", "-", "23", "8", "GaAs", "0.0000", "0.067", "1519", "yes"] in rows
    assert ["2", "23", "-", "38", *barrier_row] in rows
    assert "Field 30 kV/cm; bands: mass (1 + (E - V) / gap)." in lines
    left = next(row for row in map(str.split, str(double_well()).splitlines()) if "left" in row)
    assert left[-4:] == ["6", "0.0000", "0.067", "yes"]


@pytest.mark.parametrize(
    ("layers", "region"),
    [
        ([barrier(), well(), barrier()], (20.0, 26.0)),
        ([barrier(), well(), barrier(4.0), well(), barrier()], (20.0, 36.0)),
        ([barrier(), barrier(4.0, active=True), well(active=True), barrier()], (20.0, 30.0)),
        ([well()], (0.0, 6.0)),
        ([barrier(), well()], (20.0, 26.0)),
        ([well(), barrier()], (0.0, 6.0)),
        ([barrier(), barrier(5.0), well(), barrier()], (25.0, 31.0)),
        ([well(), barrier(4.0), well()], (6.0, 10.0)),
        ([well(contact=False), barrier(4.0), well()], (0.0, 16.0)),
        ([well(active=True), barrier(4.0), well(active=True)], (0.0, 16.0)),
        ([well(9.0), barrier(3.0), well(), barrier(3.0), well(9.0)], (12.0, 18.0)),
        ([barrier(contact=True), well(), barrier(4.0), well(contact=True)], (20.0, 26.0)),
    ],
)
def test_the_active_layers(layers, region):
    assert Heterostructure(layers).region == region


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        ("field", 40.0, single_well(40.0)),
        ("thickness", 8.0, single_well(width=8.0)),
        ("1.thickness", 8.0, single_well(width=8.0)),
        (
            "1.offset",
            5.0,
            Heterostructure([barrier(), Layer(6.0, offset=5.0, mass=0.067), barrier()]),
        ),
    ],
)
def test_one_number_varied(parameter, value, expected):
    assert single_well().varied(parameter, value) == expected


def test_layers_of_one_name_vary_together():
    device = Heterostructure([Layer(9.0, "Al0.2Ga0.8As", name="b"), Layer(5.0, "GaAs"),
                              Layer(9.0, "AlGaAs", 0.3, name="b")])  # fmt: skip
    changed = device.varied("b.composition", 0.4)
    assert [layer.composition for layer in changed.layers] == [0.4, None, 0.4]
    assert changed == device.varied("composition", 0.4)
    assert device.varied("b.thickness", 7.0).interval == (0.0, 19.0)
    assert (device.unit("b.thickness"), device.unit("field")) == ("nm", "kV/cm")


@pytest.mark.parametrize(
    "parameter", ["width", "b.width", "x.thickness", "7.thickness", "thickness", "composition", ""]
)
def test_a_parameter_that_is_none(parameter):
    with pytest.raises(
        ValueError, match=r"`parameter` must be field, or LAYER.NUMBER.*left, right"
    ):
        double_well().varied(parameter, 1.0)


def test_numbers_of_other_potentials_vary_too():
    assert FiniteWell().varied("depth", 7.0) == FiniteWell(depth=7.0)
    with pytest.raises(ValueError, match="`parameter` must be one of depth, width, box"):
        FiniteWell().varied("height", 7.0)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Layer(0.0, "GaAs"), ValueError, "`thickness` must be a positive, finite length"),
        (lambda: Layer(-1.0, "GaAs"), ValueError, "`thickness` must be a positive"),
        (
            lambda: Layer(20e-9, "GaAs"),
            ValueError,
            "`thickness` must be in nm.*thinner than an atom",
        ),
        (lambda: Layer("20", "GaAs"), ValueError, "`thickness` must have a unit of nm.*no unit"),
        (lambda: Layer("20 nmm", "GaAs"), ValueError, "the unit nmm. Did you mean nm?"),
        (lambda: Layer(None, "GaAs"), TypeError, "`thickness` must be a real number"),
        (lambda: Layer(5.0), ValueError, "`material` must be given, or both offset"),
        (lambda: Layer(5.0, offset=1.0), ValueError, "`material` must be given, or both offset"),
        (
            lambda: Layer(5.0, offset=0.0, mass=0.067, composition=0.2),
            ValueError,
            "without a material",
        ),
        (lambda: Layer(5.0, offset=0.0, mass=0.0), ValueError, "`mass` must be a positive"),
        (lambda: Layer(5.0, offset=0.0, mass=6e-32), ValueError, "units of the free electron"),
        (lambda: Layer(5.0, offset=np.nan, mass=0.1), ValueError, "`offset` must be finite"),
        (lambda: Layer(5.0, "GaAs", gap=-1.0), ValueError, "`gap` must be a positive"),
        (lambda: Layer(5.0, "GaSe"), ValueError, "`material` must be one of"),
        (lambda: Layer(5.0, "AlGaAs", 0.7), ValueError, "from 0 to 0.45.*composition=0.7"),
        (
            lambda: Layer(5.0, "GaAs", active=1),
            TypeError,
            "`active` must be a bool. Received: active=1",
        ),
        (lambda: Heterostructure([]), ValueError, "`layers` must hold at least one layer"),
        (lambda: Heterostructure(well()), TypeError, "`layers` must be a list"),
        (
            lambda: Heterostructure([Layer(5.0, "GaAs"), well()]),
            ValueError,
            r"must all name a material, or all give their offset.*an offset beside GaAs",
        ),
        (lambda: Heterostructure([3.0]), TypeError, "`layers` must hold qwpinn.Layer"),
        (lambda: single_well(np.inf), ValueError, "`field` must be finite"),
        (lambda: Heterostructure([well()], nonparabolic=1), TypeError, "`nonparabolic` must be"),
        (
            lambda: Heterostructure([well()], nonparabolic=True),
            ValueError,
            "the gap of at least one",
        ),
        (lambda: Heterostructure([Layer(5.0, "GaAs")], preset="x"), ValueError, "`preset` must be"),
        (lambda: TWO_BANDS.normal_form, ValueError, "must be asked at an energy"),
        (
            lambda: TWO_BANDS.at(-2000.0),
            ValueError,
            "must have their levels less than a gap below every layer's edge.*whose gap is",
        ),
        (lambda: single_well() + 1.0, TypeError, "in the coordinate x of the equation"),
        (lambda: 2.0 * single_well(), TypeError, "in the coordinate x of the equation"),
        (lambda: single_well().shifted(1.0), TypeError, "in the coordinate x of the equation"),
        (lambda: tabulate(single_well()), TypeError, "in the coordinate x of the equation"),
    ],
)
def test_bad_input_gets_one_clear_line(make, error, message):
    with pytest.raises(error, match=message) as raised:
        make()
    assert "\n" not in str(raised.value)


def test_a_broken_gap_is_noticed():
    layers = [Layer(5.0, "GaSb"), Layer(8.0, "InAs"), Layer(5.0, "GaSb")]
    with pytest.warns(UserWarning, match=r"broken gap: the valence band of layer 0"):
        Heterostructure(layers)


def test_a_drop_beyond_the_gap_is_said_with_its_layer():
    layers = [barrier(60.0, gap=500.0), well(gap=500.0), barrier(60.0, gap=500.0)]
    device = Heterostructure(layers, field=150.0, nonparabolic=True)
    with pytest.raises(ValueError, match=r"below layer 0 \(from 0\), whose gap is 500 meV"):
        qwpinn.solve(device)


def test_offsets_in_ev_are_noticed():
    layers = [Layer(9.0, offset=0.167, mass=0.08), well()]
    with pytest.warns(UserWarning, match=r"in meV, and the largest here is 0.167 meV.*give 167"):
        Heterostructure(layers)


def test_a_field_that_binds_nothing_is_refused_with_one_that_does():
    with pytest.raises(ValueError, match=r"`field` must leave a state bound.*field=2000") as raised:
        single_well(2000.0)
    most = float(str(raised.value).split("at most about ")[1].split(",")[0])
    # A state at the top of the barrier in the notch, psi' = 0 there: 1.01879 (c/mu (e F)^2)^(1/3).
    notch = (OFFSET_OVER_ZERO**3 * 0.067 / KINETIC) ** 0.5 / 0.1
    # The wall behind the barrier, where psi is 0, takes a tenth of it.
    assert 0.85 * notch < most < notch
    assert is_bound(single_well(0.99 * most))
    with pytest.raises(ValueError, match="at most about -"):
        single_well(-2000.0)
    # Layers that bind nothing without a field either are a box, and the field is not to blame.
    shallow = [Layer(2.0, offset=5.0, mass=0.1), Layer(2.0, offset=6.0, mass=0.1)]
    device = Heterostructure([shallow[1], *shallow], 1.0)
    assert not is_bound(device)
    assert device.region == (2.0, 4.0)
    everything = [barrier(active=True), well(active=True), barrier(active=True)]
    assert Heterostructure(everything, 2000.0).region == (0.0, 46.0)


OFFSET_OVER_ZERO = 167.0985 / 1.01879


def test_layers_and_fields_may_have_units():
    given = Layer("60 A", offset="0.167 eV", gap="1.5 eV", mass=0.0836)
    assert given == Layer(6.0, offset=167.0, gap=1500.0, mass=0.0836)
    barrier = Layer("20 nm", "Al0.2Ga0.8As")
    device = Heterostructure([barrier, Layer("6 nm", "GaAs"), barrier], field="1 MV/m")
    assert device.field == 10.0
    assert device == Heterostructure([barrier, Layer(6.0, "GaAs"), barrier], field=10.0)
