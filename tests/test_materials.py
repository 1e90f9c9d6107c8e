import pytest

from qwpinn.devices.heterostructure import Heterostructure
from qwpinn.devices.layer import Layer
from qwpinn.materials import PRESETS, REVIEW, formula, material


def test_compounds_are_those_of_the_review():
    gaas = material("GaAs")
    assert (gaas.gap, gaas.mass, gaas.edge) == (1519.0, 0.067, pytest.approx(719.0))
    assert material("InAs").edge == pytest.approx(-173.0)
    assert material("AlSb").edge - material("InAs").edge == pytest.approx(2149.0)
    assert material("GaSb").mass == 0.039
    assert material("GaN").gap == 3507.0


@pytest.mark.parametrize(
    ("name", "gap", "mass", "offset_from"),
    [
        # x a + (1 - x) b - x (1 - x) (c + d x), by hand
        ("Al0.3Ga0.7As", 1937.14, 0.0919, ("GaAs", 259.14)),
        ("In0.53Ga0.47As", 816.1193, 0.04300319, ("In0.52Al0.48As", -522.1067)),
        ("Al0.2Ga0.8N", 3891.6, 0.216, ("GaN", 224.6)),
    ],
)
def test_alloys_bow(name, gap, mass, offset_from):
    found = material(name)
    assert found.gap == pytest.approx(gap, abs=1e-9)
    assert found.mass == pytest.approx(mass, abs=1e-12)
    other, offset = offset_from
    assert found.edge - material(other).edge == pytest.approx(offset, abs=1e-9)
    assert found.name == name


def test_ends_of_an_alloy_are_its_compounds():
    for alloy, compound in (("AlGaAs", "GaAs"), ("AlGaN", "GaN")):
        assert material(alloy, 0.0)[1:5] == pytest.approx(material(compound)[1:5])
    assert material("AlGaN", 1.0).gap == pytest.approx(6230.0)


def test_names_take_their_elements_in_any_order():
    assert material("Ga0.8Al0.2As") == material("Al0.2Ga0.8As") == material("AlGaAs", 0.2)
    assert material("Al0.48In0.52As") == material("InAlAs") == material("In0.52Al0.48As")
    assert formula("Al0.2GaAs") == ("AlGaAs", 0.2)


def test_the_textbooks_numbers():
    barrier = material("Al0.2Ga0.8As", preset="harrison")
    assert barrier.edge == pytest.approx(167.0985, abs=1e-3)
    assert barrier.mass == pytest.approx(0.0836, abs=1e-15)
    assert material("GaAs", preset="harrison")[1:4] == (0.0, 0.067, 1426.0)


@pytest.mark.parametrize("name", ["GaAs", "AlGaAs"])
@pytest.mark.parametrize("preset", PRESETS)
def test_every_number_has_its_source(preset, name):
    found = material(name, 0.1 if name == "AlGaAs" else None, preset)
    assert ("Harrison" if preset == "harrison" else "doi:10.1063/1.1368156") in found.source


def test_sources_name_the_tables():
    assert material("InGaAs").source == f"{REVIEW}, tables of InAs, GaAs and GaInAs"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("Unobtainium",),
            "`material` must be one of GaAs, InAs.*Received: material='Unobtainium'",
        ),
        (("AlGaAs",), "`composition` must be given for an alloy.*from 0 to 0.45"),
        (("Al0.5Ga0.5As",), "`composition` of AlGaAs must be from 0 to 0.45.*composition=0.5"),
        (("AlGaAs", -0.1), "from 0 to 0.45.*composition=-0.1"),
        (("AlGaAs", float("nan")), "`composition` must be finite"),
        (("In0.4Ga0.6As",), "must be 0.53, the only one without strain"),
        (("GaAs", 0.2), "must be left out for a compound"),
        (("Al0.2Ga0.7As",), "fractions that add up to 1.*Al0.2Ga0.8As"),
        (("Al0.2Ga0.8As", 0.3), "must be that of the name"),
        (("GaAs", None, "textbook"), "`preset` must be one of vurgaftman, harrison"),
        (("InAs", None, "harrison"), "in the preset 'harrison'"),
    ],
)
def test_what_is_unknown_is_said_in_one_line(arguments, message):
    with pytest.raises(ValueError, match=message) as error:
        material(*arguments)
    assert "\n" not in str(error.value)


def test_a_material_is_a_name():
    with pytest.raises(TypeError, match="`material` must be a name"):
        material(31)


def test_families_are_not_mixed():
    with pytest.raises(ValueError, match=r"without strain.*GaAs and In0.53Ga0.47As"):
        Heterostructure([Layer(5.0, "GaAs"), Layer(5.0, "InGaAs")])
