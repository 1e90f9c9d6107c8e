import pytest

from qwpinn.units.quantities import ENERGIES, FIELDS, LENGTHS, quantity


@pytest.mark.parametrize(
    ("text", "units", "value"),
    [
        ("20 nm", LENGTHS, 20.0),
        ("60A", LENGTHS, 6.0),
        (" 1.5e2 angstrom ", LENGTHS, 15.0),
        ("0.1671 eV", ENERGIES, 167.1),
        ("-5 meV", ENERGIES, -5.0),
        ("4e6 V/m", FIELDS, 40.0),
        ("-0.07 MV/cm", FIELDS, -70.0),
    ],
)
def test_quantities_with_units(text, units, value):
    assert quantity("q", text, units) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (20.0, "`thickness` must have a unit of nm, A.*thickness=20.0, no unit.*'20 nm'"),
        ("20", "no unit"),
        ("20 miles", "the unit miles"),
        ("20 meV", "the unit meV"),
        ("wide", "must be a number with a unit"),
        ("nm", "must be a number with a unit"),
        ("1e999 nm", "must be finite"),
        (None, "must be a number with a unit"),
    ],
)
def test_units_left_out_are_said_in_one_line(value, message):
    with pytest.raises(ValueError, match=message) as error:
        quantity("thickness", value, LENGTHS)
    assert "\n" not in str(error.value)
