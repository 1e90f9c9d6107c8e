import pytest
from scipy import constants

from qwpinn import Harmonic, Heterostructure, InfiniteWell, Layer
from qwpinn.units.quantities import (
    ENERGIES,
    LENGTHS,
    MASSES,
    known_unit,
    power_of,
    quantity,
    split_heading,
)
from qwpinn.units.systems import Units, system_named

# hbar^2 / 2m from the constants of nature, in J m^2.
HERE = constants.hbar**2 / (2.0 * constants.m_e)
U = constants.atomic_mass


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        (Units("nm", "eV"), HERE / constants.e * 1e18),
        (Units("nm", "meV", 0.067), HERE / 0.067 / constants.e * 1e21),
        (Units("A", "eV"), 3.8099821),
        (Units("A", "cm^-1", "1 u"), 16.857629),  # as molecular spectroscopists know it
        (Units("fm", "MeV", "1 Da"), HERE * constants.m_e / U / constants.e * 1e24),
        (Units("m", "J", "2.5e-30 kg"), constants.hbar**2 / 5e-30),
        (Units("bohr", "rydberg"), 1.0),
        (Units("pm", "K"), HERE / constants.k * 1e24),
        (Units("nm", "kJ/mol"), HERE * constants.N_A * 1e15),
        (Units("um", "THz"), HERE / constants.h),
    ],
)
def test_the_kinetic_constant_of_units(units, expected):
    assert units.kinetic == pytest.approx(expected, rel=1e-6)


def test_systems_by_name_are_exact():
    assert Units("hartree").kinetic == 0.5
    assert Units("hartree", mass=1836.0).kinetic == pytest.approx(0.5 / 1836.0, rel=1e-14)
    assert Units("hbar=m=1").kinetic == 0.5
    assert Units("hbar^2/2m=1").kinetic == 1.0
    assert (Units("hartree").length, Units("hartree").energy) == ("bohr", "hartree")
    # Of the same size as the table's, which come from CODATA one by one, to its digits.
    hartree = constants.physical_constants["Hartree energy in eV"][0]
    assert ENERGIES["hartree"] == pytest.approx(1e3 * hartree, rel=1e-9)


@pytest.mark.parametrize(
    ("spelling", "table", "unit"),
    [
        ("NM", LENGTHS, "nm"),
        ("Angstrom", LENGTHS, "A"),
        ("\u00c5", LENGTHS, "A"),
        ("\u212b", LENGTHS, "A"),
        ("\u00b5m", LENGTHS, "um"),
        ("\u03bcm", LENGTHS, "um"),
        ("a0", LENGTHS, "bohr"),
        ("ev", ENERGIES, "eV"),
        ("MeV", ENERGIES, "MeV"),
        ("meV", ENERGIES, "meV"),
        ("mev", ENERGIES, None),
        ("cm\u207b\u00b9", ENERGIES, "cm^-1"),
        ("1/cm", ENERGIES, "cm^-1"),
        ("Ha", ENERGIES, "hartree"),
        ("Ry", ENERGIES, "rydberg"),
        ("kj/mol", ENERGIES, "kJ/mol"),
        ("Da", MASSES, "u"),
        ("amu", MASSES, "u"),
        ("u", LENGTHS, None),
        ("", LENGTHS, None),
    ],
)
def test_spellings(spelling, table, unit):
    assert known_unit(spelling, table) == unit


@pytest.mark.parametrize("name", ["hbar=m=1", "\u0127 = m = 1", "HBAR=M=1", "hbar = 1, m = 1"])
def test_spellings_of_systems(name):
    assert system_named(name) == "hbar=m=1"


@pytest.mark.parametrize("name", ["hbar^2/2m=1", "\u0127\u00b2/2m = 1", "hbar**2/(2m)=1"])
def test_spellings_of_what_holds_without_units(name):
    assert system_named(name) == "hbar^2/2m=1"
    assert Units(name).plain


def test_equations_name_the_constant():
    assert Units("nm", "eV").equation == (
        "-(hbar^2/2m) psi'' + V psi = E psi, hbar^2/2m = 0.0380998 eV nm^2 (mass 1)"
    )
    assert Units("A", "1/cm", "7.0015 amu").equation == (
        "-(hbar^2/2m) psi'' + V psi = E psi, hbar^2/2m = 2.40772 cm^-1 A^2 (mass 7.0015 u)"
    )
    assert Units("hbar=m=1").equation == "-1/2 psi'' + V psi = E psi, hbar = m = 1"
    assert Units("hbar^2/2m=1").equation == "-psi'' + V psi = E psi, hbar^2/2m = 1"


def test_names_of_derived_units():
    assert power_of("meV", 1.0, "nm", -1.0) == "meV/nm"
    assert power_of("eV", 0.0, "nm", 0.0) == ""
    assert power_of("cm^-1", 2.0, "A", 0.0) == "(cm^-1)^2"
    assert Units("hbar=m=1").unit(1.0, 0.0) == ""


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Units("nmm"), ValueError, "`length` must be a unit of nm, A.*Did you mean nm?"),
        (lambda: Units("hartre"), ValueError, "or the system.*Did you mean hartree?"),
        (lambda: Units("parsec"), ValueError, "Received: length='parsec'. Correct it."),
        (lambda: Units("nm", "mev"), ValueError, "Did you mean meV or MeV?"),
        (lambda: Units("nm", "nm"), ValueError, "`energy` must be a unit of meV, eV"),
        (lambda: Units("eV", "nm"), ValueError, "`length` must be a unit of nm"),
        (lambda: Units(1.0), TypeError, "`length` must be the name of a unit"),
        (lambda: Units("nm", "eV", 0.0), ValueError, "`mass` must be a positive, finite mass"),
        (lambda: Units("nm", "eV", "7 lb"), ValueError, "`mass` must have a unit of m0, u, kg"),
        (lambda: Units("nm", "eV", "-7 u"), ValueError, "`mass` must be a positive"),
        (lambda: Units("nm", "eV", None), TypeError, "`mass` must be a real number"),
        (lambda: Units("hartree", "eV"), ValueError, "`energy` must be left out of the units"),
        (lambda: Units("hbar=m=1", mass=2.0), ValueError, "`mass` must be left out of the units"),
    ],
)
def test_what_is_no_unit_is_said_in_one_line(make, error, message):
    with pytest.raises(error, match=message) as raised:
        make()
    assert "\n" not in str(raised.value)


def test_numbers_of_fields():
    units = Units("A", "cm^-1")
    assert units.number("width", "53 pm", (0.0, 1.0)) == pytest.approx(0.53, rel=1e-14)
    assert units.number("width", "2 A", (0.0, 1.0)) == 2.0
    assert units.number("edges", ["0 nm", 3.0], (0.0, 1.0)) == [0.0, 3.0]
    assert units.number("width", 7, (0.0, 1.0)) == 7
    assert units.number("depth", "1 eV", (1.0, 0.0)) == pytest.approx(8065.544, rel=1e-6)
    with pytest.raises(ValueError, match="`slope` must be a number in cm\\^-1/A, without writing"):
        units.number("slope", "1 eV/nm", (1.0, -1.0))
    with pytest.raises(ValueError, match="`strength` must be a number without a unit"):
        units.number("strength", "1 eV", (0.0, 0.0))
    with pytest.raises(ValueError, match=r"the unit eV. Write it as in '20 A'"):
        units.number("width", "5 eV", (0.0, 1.0))
    with pytest.raises(ValueError, match="`width` must be a number without a unit"):
        Units("hbar=m=1").number("width", "5 nm", (0.0, 1.0))


def test_a_quantity_in_its_own_unit_keeps_its_digits():
    assert quantity("x", "0.1 A", LENGTHS, "A") == 0.1


def test_headings():
    assert split_heading(" V [1/cm] ") == ("V", "1/cm")
    assert split_heading("V(x) (eV)") == ("V(x)", "eV")
    assert split_heading("energy") == ("energy", "")


@pytest.mark.parametrize("system", ["hbar^2/2m=1", "hbar=m=1", "hartree"])
def test_hbar_is_one_where_units_have_no_names_and_in_atomic_ones(system):
    units = Harmonic().in_units(system).units
    assert (units.hbar, units.time_unit) == (1.0, "hbar/hartree" if system == "hartree" else "")


@pytest.mark.parametrize(
    ("length", "energy", "expected"),
    [
        ("nm", "meV", 658.2119569509),  # CODATA 2022: 6.582119569509e-16 eV s
        ("A", "eV", 0.6582119569509),
        ("bohr", "eV", 0.6582119569509),
        ("nm", "hartree", 0.024188843265864),  # the atomic unit of time in fs
        ("nm", "THz", 1e3 / (2.0 * 3.141592653589793)),  # h nu = 1 THz lasts 1000 fs
    ],
)
def test_named_units_have_times_in_fs(length, energy, expected):
    well = InfiniteWell().in_units(length, energy)
    assert well.hbar == pytest.approx(expected, rel=1e-11)
    assert well.time_unit == "fs"


def test_a_heterostructure_has_times_in_fs():
    device = Heterostructure([Layer(10.0, mass=0.067, offset=0.0)])
    assert device.hbar == pytest.approx(658.2119569509, rel=1e-12)
    assert device.time_unit == "fs"
