"""Structures in nm and meV: their levels by classical solvers, and what is refused."""

import dataclasses
import json

import numpy as np
import pytest
from devices import DOUBLE, SINGLE, STARK, barrier, double_well, single_well, straddles, well
from hypothesis import given, settings
from hypothesis import strategies as st

import qwpinn
from qwpinn import Heterostructure, Layer, references
from qwpinn.potentials import AtEnergy, potential_from_config, tabulate
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


def test_the_field_lowers_v_to_the_right_of_the_centre():
    device = single_well(50.0)
    np.testing.assert_allclose(device([0.0, 23.0, 46.0]) - single_well()([0.0, 23.0, 46.0]),
                               [115.0, 0.0, -115.0])  # fmt: skip
    assert device.interval == (0.0, 46.0)
    assert device.breakpoints == (20.0, 26.0)


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


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
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


def test_a_drop_beyond_the_gap_is_said_with_its_layer():
    layers = [barrier(60.0, gap=500.0), well(gap=500.0), barrier(60.0, gap=500.0)]
    device = Heterostructure(layers, field=150.0, nonparabolic=True)
    with pytest.raises(ValueError, match=r"below layer 0 \(from 0\), whose gap is 500 meV"):
        qwpinn.solve(device)
