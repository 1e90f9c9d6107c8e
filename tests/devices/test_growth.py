"""The growth sheet: the numbers that are used, layer by layer."""

from devices import double_well

from qwpinn import Heterostructure, Layer

TWO_BANDS = Heterostructure(
    [Layer(15.0, "AlGaAs", 0.3), Layer(8.0, "GaAs"), Layer(15.0, "AlGaAs", 0.3)],
    field=30.0,
    nonparabolic=True,
)


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
