"""Layers: their materials, numbers and units, and the one that is meant by a name."""

import numpy as np
import pytest
from devices import double_well

from qwpinn import Heterostructure, Layer


def test_materials_and_numbers_of_ones_own():
    device = Heterostructure(
        [Layer(5.0, "Al0.2Ga0.8As", mass=0.09), Layer(5.0, "GaAs"), Layer(5.0, "GaAs", offset=50.0)]
    )
    np.testing.assert_allclose(device.offsets, [188.4, 0.0, 50.0])
    np.testing.assert_allclose(device.masses, [0.09, 0.067, 0.067])
    np.testing.assert_allclose(device.gaps, [1813.4, 1519.0, 1519.0])
    assert [material.name for material in device.materials] == ["Al0.2Ga0.8As", "GaAs", "GaAs"]


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


def test_layers_and_fields_may_have_units():
    given = Layer("60 A", offset="0.167 eV", gap="1.5 eV", mass=0.0836)
    assert given == Layer(6.0, offset=167.0, gap=1500.0, mass=0.0836)
    barrier = Layer("20 nm", "Al0.2Ga0.8As")
    device = Heterostructure([barrier, Layer("6 nm", "GaAs"), barrier], field="1 MV/m")
    assert device.field == 10.0
    assert device == Heterostructure([barrier, Layer(6.0, "GaAs"), barrier], field=10.0)


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
    ],
)
def test_bad_input_gets_one_clear_line(make, error, message):
    with pytest.raises(error, match=message) as raised:
        make()
    assert "\n" not in str(raised.value)
