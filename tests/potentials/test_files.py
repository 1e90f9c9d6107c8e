"""Files: potentials from descriptions, and one line for everything that is wrong."""

from pathlib import Path

import numpy as np
import pytest
from wells import SAMPLES, written

import qwpinn
from qwpinn.potentials import (
    CircularDot,
    Disc,
    FiniteWell,
    Gaussian,
    Harmonic,
    Heterostructure,
    InfiniteWell,
    KronigPenney,
    Layer,
    Morse,
    PiecewiseConstant,
    Plane,
    Potential,
    Rectangle,
    Sampled,
)
from qwpinn.potentials.files import Problem, read, read_problem


@pytest.mark.parametrize(
    ("text", "potential"),
    [
        ("kind = 'finite_well'\ndepth = 20\nwidth = 2.0\nbox = 6.0", FiniteWell()),
        ("kind = 'FiniteWell'\ndepth = 1e1", FiniteWell(depth=10.0)),
        ("kind = 'harmonic'", Harmonic()),
        ("kind = 'morse'\ninterval = [-2, 9.0]", Morse(interval=(-2, 9))),
        ("kind = 'kronig_penney'\nwells = 3", KronigPenney(wells=3)),
        (
            "kind = 'piecewise_constant'\nedges = [0, 1, 2.5]\nvalues = [0, 3]\nweights = [1, 2]",
            PiecewiseConstant([0, 1, 2.5], [0, 3], [1, 2]),
        ),
        ("kind = 'sampled'\nx = [0.0, 1, 2.5]\nv = [0, -2, 4]", SAMPLES),
        (
            "kind = 'sum'\n[potential.first]\nkind = 'infinite_well'\n"
            "[potential.second]\nkind = 'sampled'\nfile = 'tables/half.csv'",
            InfiniteWell() + Sampled([0, 1], [0, 7]),
        ),
        (
            "kind = 'moved'\ndistance = 2\npotential = {kind = 'infinite_well', width = 3}",
            InfiniteWell(3.0).shifted(2.0),
        ),
        ("kind = 'circular_dot'\ndepth = 7", CircularDot(depth=7.0)),
        ("kind = 'plane'\nfunction = 3\nbox = [0, 1, 0, 2.5]", Plane(3.0, (0, 1, 0, 2.5))),
        (
            "kind = 'separable_plane'\n[potential.first]\nkind = 'infinite_well'\n"
            "[potential.second]\nkind = 'harmonic'",
            Plane.sum(InfiniteWell(), Harmonic()),
        ),
        (
            "kind = 'plane_sum'\n[potential.first]\nkind = 'circular_dot'\n[potential.second]\n"
            "kind = 'plane'\nfunction = 2\nbox = [-3, 3, -3, 3]",
            CircularDot() + Plane(2.0, (-3, 3, -3, 3)),
        ),
    ],
)
def test_descriptions(tmp_path: Path, text: str, potential: Potential) -> None:
    (tmp_path / "tables").mkdir()
    written(tmp_path / "tables", "half.csv", "0,0\n1,7\n")
    path = written(tmp_path, "well.toml", f"[potential]\n{text}\n")
    assert read(path) == potential
    assert read_problem(path) == Problem(potential, {})


def test_a_whole_problem(tmp_path: Path) -> None:
    x = np.linspace(0.0, 1.0, 30)
    np.savetxt(tmp_path / "sine.csv", np.column_stack([x, np.sin(x)]))
    text = "[potential]\nkind = 'sampled'\nfile = 'sine.csv'\ninterpolation = 'cubic'\n"
    text += f"breakpoints = [{float(x[3])!r}]\n[solve]\nstates = 4\nrtol = 1e-6\nseed = 0\n"
    path = written(tmp_path, "problem.toml", text)
    problem = qwpinn.read_problem(path)
    assert problem.settings == {"states": 4, "rtol": 1e-6, "seed": 0}
    assert problem.potential == qwpinn.read(path) == Sampled(x, np.sin(x), "cubic", (x[3],))
    assert read_problem(tmp_path / "sine.csv").settings == {}


PLANE = """
[potential]
kind = "plane"
function = "50 meV"
box = [-30.0, 30.0, "-250 A", 25.0]
regions = [
    { kind = "disc", centre = [-10.0, 0.0], radius = "80 A", value = 0.0 },
    { kind = "rectangle", box = [5, 15, -5, 5], value = "0.02 eV" },
]
"""


def test_regions_of_the_plane_are_a_list_of_tables(tmp_path: Path) -> None:
    units = "[units]\nlength = 'nm'\nenergy = 'meV'\nmass = 0.067\n"
    well = read(written(tmp_path, "plane.toml", units + PLANE))
    regions = [Disc((-10.0, 0.0), 8.0, 0.0), Rectangle((5, 15, -5, 5), 20.0)]
    expected = Plane(50.0, (-30, 30, -25, 25), regions).in_units("nm", "meV", 0.067)
    assert well == expected
    np.testing.assert_array_equal(well([-10.0, 10.0, 0.0], np.zeros(3)), [0.0, 20.0, 50.0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "regions = { kind = 'disc' }",
            r"\[potential\]: `regions` must be a list of tables. Received: \{'kind': 'disc'\}",
        ),
        ("regions = 3", r"\[potential\]: `regions` must be a list of tables. Received: 3"),
        ("regions = [ 3 ]", r"\[potential\], region 0 must be a table. Received: 3"),
        (
            "regions = [ { kind = 'disk' } ]",
            r"\[potential\], region 0: `kind` must be one of disc, rectangle. .*'disk'. .*disc",
        ),
        ("regions = [ { radius = 1 } ]", r"region 0: `kind` must be one of .*kind=None"),
        (
            "regions = [ { kind = 'disc', centre = [0, 0], radius = 1, depth = 2 } ]",
            r"region 0 must hold only the keys centre, radius, value. Received: depth",
        ),
        (
            "regions = [ { kind = 'disc', centre = [0, 0], radius = 1 } ]",
            r"region 0 must hold the keys centre, radius, value. Received: no value",
        ),
        (
            "regions = [ { kind = 'rectangle', box = [1, 0, 0, 1], value = 0 } ]",
            r"\[potential\], region 0: `box` must be four numbers",
        ),
        (
            "regions = [ { kind = 'disc', centre = [0, 0], radius = '5 nm', value = 0 } ]",
            r"region 0: `radius` must be a number where no units are declared",
        ),
        (
            "regions = [ { kind = 'disc', centre = [0, 0], radius = 9, value = 0 } ]",
            r"\[potential\]: `regions` must be inside the box",
        ),
        ("function = 'x**2'", r"\[potential\]: `function` must be a real number"),
        ("box = [0, 1]", r"\[potential\]: `box` must be four numbers"),
    ],
)
def test_bad_planes(tmp_path: Path, text: str, message: str) -> None:
    key = text.partition(" ")[0]
    given = {"function": "50.0", "box": "[-3, 3, -3, 3]", key: text.partition(" = ")[2]}
    lines = [f"{name} = {value}" for name, value in given.items()]
    path = written(tmp_path, "plane.toml", "\n".join(["[potential]", "kind = 'plane'", *lines]))
    with pytest.raises(ValueError, match=message) as caught:
        read(path)
    assert "plane.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"must hold the keys potential. Received: no potential"),
        ("[potentials]", r"must hold only the keys potential, solve, units. Received: potentials"),
        ("potential = 3", r"\[potential\] must be a table. Received: 3"),
        ("[[potential]]\nkind = 'harmonic'", r"\[potential\] must be a table. Received: \["),
        ("[potential]", r"\[potential\]: `kind` must be one of .*double_well, .*kind=None"),
        ("[potential]\nkind = 'well'", r"one of .*double_well, .*finite_barrier, .*kind='well'"),
        ("[potential]\nkind = ['a']", r"`kind` must be one of .*Received: kind=\['a'\]"),
        (
            "[potential]\nkind = 'custom_potential'\nfunction = 'x**2'",
            r"Received: kind='custom_potential'. A formula is not evaluated",
        ),
        (
            "[potential]\nkind = 'finite_well'\ndepht = 2",
            r"\[potential\] must hold only the keys box, depth, width. Received: depht",
        ),
        (
            "[potential]\nkind = 'harmonic'\nclass = 'Morse'",
            r"must hold only the keys box, omega. Received: class",
        ),
        (
            "[potential]\nkind = 'piecewise_constant'\nedges = [0, 1]",
            r"must hold the keys edges, values. Received: no values",
        ),
        (
            "[potential]\nkind = 'finite_well'\ndepth = -1",
            r"\[potential\]: `depth` must be a finite energy that is not negative",
        ),
        (
            "[potential]\nkind = 'finite_well'\ndepth = 'deep'",
            r"\[potential\]: `depth` must be a real number. Received: depth='deep'",
        ),
        (
            "[potential]\nkind = 'infinite_well'\nwidth = inf",
            r"`width` must be a positive, finite length. Received: width=inf",
        ),
        (
            "[potential]\nkind = 'infinite_well'\nwidth = 1979-05-27",
            r"`width` must be a real number. .* of type date",
        ),
        (
            "[potential]\nkind = 'moved'\npotential = {kind = 'infinite_well', depth = 3}",
            r"\[potential.potential\] must hold only the keys width. Received: depth",
        ),
        (
            "[potential]\nkind = 'moved'\npotential = 'infinite_well'",
            r"`potential` must be a potential. .* of type str",
        ),
        (
            "[potential]\nkind = 'sampled'\nx = [0, 1]",
            r"must hold the keys v, x. Received: no v",
        ),
        (
            "[potential]\nkind = 'sampled'\nfile = 'a.csv'\nx = [0, 1]",
            r"must hold only the keys breakpoints, file, interpolation. Received: x",
        ),
        (
            "[potential]\nkind = 'sampled'\nfile = 3",
            r"`file` must be the name of a table. Received: file=3",
        ),
        (
            "[potential]\nkind = 'sampled'\nfile = 'bad.csv'",
            r"well.toml`, \[potential\]: `.*bad.csv`, line 2, must hold two finite numbers",
        ),
        (
            "[potential]\nkind = 'sampled'\nx = [0, 1]\nv = [0, 1]\ninterpolation = 'spline'",
            r"`interpolation` must be 'linear' or 'cubic'. Received: interpolation='spline'",
        ),
        ("solve = 3\n[potential]\nkind = 'harmonic'", r"\[solve\] must be a table. Received: 3"),
        (
            "[potential]\nkind = 'harmonic'\n[solve]\nstate = 3",
            r"\[solve\] must hold only the keys rtol, seed, states. Received: state",
        ),
        (
            "[potential]\nkind = 'harmonic'\n[solve]\nstates = 3.0",
            r"\[solve\]: `states` must be an integer. Received: states=3.0",
        ),
        (
            "[potential]\nkind = 'harmonic'\n[solve]\nseed = -1",
            r"`seed` must be an integer of at least 0",
        ),
        (
            "[potential]\nkind = 'harmonic'\n[solve]\nrtol = 0",
            r"`rtol` must be a positive, finite number",
        ),
        (
            "[potential]\nkind = harmonic",
            r"must be a TOML file in UTF-8. .*\(at line 2, column 8\)",
        ),
        ("[potential\n", r"must be a TOML file in UTF-8. .*\(at line 1, column 11\)"),
        ("[solve]\n[solve]\n", r"must be a TOML file in UTF-8. .*\(at line 2, column 7\)"),
    ],
)
def test_bad_descriptions(tmp_path: Path, text: str, message: str) -> None:
    written(tmp_path, "bad.csv", "0,1\n1,nan\n")
    path = written(tmp_path, "well.toml", text)
    with pytest.raises(ValueError, match=message) as caught:
        read_problem(path)
    assert str(caught.value).startswith(f"`{path}`")
    assert "\n" not in str(caught.value)


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"well.toml"):
        read(tmp_path / "well.toml")
    path = written(tmp_path, "well.toml", "[potential]\nkind = 'sampled'\nfile = 'gone.csv'")
    with pytest.raises(FileNotFoundError, match=r"gone.csv"):
        read(path)
    path.write_bytes(b"# \xff")
    with pytest.raises(ValueError, match="must be a TOML file in UTF-8"):
        read(path)


DEVICE = """
[potential]
kind = "heterostructure"
field = "4 MV/m"
nonparabolic = true
preset = "harrison"
layers = [
    { thickness = "200 A", material = "AlGaAs", composition = 0.2, name = "barrier" },
    { thickness = "6 nm", material = "GaAs", offset = "0.01 eV", mass = 0.067, gap = "1.5 eV" },
    { thickness = "20 nm", material = "Al0.2Ga0.8As" },
]
"""


def test_a_heterostructure_with_units(tmp_path: Path) -> None:
    found = read(written(tmp_path, "device.toml", DEVICE))
    assert found == Heterostructure(
        [
            Layer(20.0, "AlGaAs", 0.2, name="barrier"),
            Layer(6.0, "GaAs", offset=10.0, mass=0.067, gap=1500.0),
            Layer(20.0, "Al0.2Ga0.8As"),
        ],
        field=40.0,
        nonparabolic=True,
        preset="harrison",
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"6 nm"', '"6"', r"layer 1: `thickness` must have a unit of nm.*'6', no unit"),
        ('"6 nm"', '"-6 nm"', r"layer 1: `thickness` must be a positive, finite length"),
        ('"0.01 eV"', '"10.0"', r"layer 1: `offset` must have a unit of meV, eV.*no unit"),
        ('"1.5 eV"', '"1.5 V"', r"layer 1: `gap` must have a unit of meV, eV.*the unit V"),
        ('"4 MV/m"', '"40"', r"\[potential\]: `field` must have a unit of kV/cm.*no unit"),
        ('"4 MV/m"', '"90 MV/cm"', r"`field` must leave a state bound"),
        (
            "composition = 0.2",
            "composition = 0.6",
            r"layer 0: `composition` of AlGaAs must be from",
        ),
        ('"AlGaAs"', '"AlGaSe"', r"layer 0: `material` must be one of"),
        ("mass = 0.067", "masse = 0.067", r"layer 1 must hold only the keys.*Received: masse"),
        ('thickness = "6 nm", ', "", r"layer 1 must hold the keys thickness"),
        ("layers = [", "layers = 3\nother = [", r"must hold only the keys.*Received: other"),
        ('preset = "harrison"', 'preset = "h"', r"`preset` must be one of"),
    ],
)
def test_what_is_wrong_with_a_layer_is_said_with_its_place(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in DEVICE
    path = written(tmp_path, "device.toml", DEVICE.replace(old, new))
    with pytest.raises(ValueError, match=message) as error:
        read(path)
    assert str(error.value).startswith(f"`{path}`")
    assert "\n" not in str(error.value)


def test_a_number_of_a_layer_without_a_unit_is_in_nm_and_mev(tmp_path: Path) -> None:
    plain = DEVICE
    for quantity, number in {
        "6 nm": "6",
        "0.01 eV": "10.0",
        "1.5 eV": "1500",
        "4 MV/m": "40.0",
    }.items():
        assert f'"{quantity}"' in plain
        plain = plain.replace(f'"{quantity}"', number)
    assert read(written(tmp_path, "plain.toml", plain)) == read(
        written(tmp_path, "device.toml", DEVICE)
    )


def test_layers_are_a_list(tmp_path: Path) -> None:
    text = "potential = {kind = 'heterostructure', layers = 'GaAs'}"
    with pytest.raises(ValueError, match="`layers` must be a list of tables"):
        read(written(tmp_path, "device.toml", text))


UNITS = """
potential = {kind = "gaussian", depth = "500 meV", width = "8 A", box = 6.0}
[units]
length = "nm"
energy = "eV"
mass = 0.067
"""


def test_units_of_a_description(tmp_path: Path) -> None:
    found = read(written(tmp_path, "well.toml", UNITS))
    assert found == Gaussian(0.5, 0.8, 6.0).in_units("nm", "eV", mass=0.067)
    system = UNITS.replace('length = "nm"\nenergy = "eV"\nmass = 0.067', 'system = "hartree"')
    system = system.replace("500 meV", "0.1 Eh").replace("8 A", "2 a0")
    found = read(written(tmp_path, "atomic.toml", system))
    assert found == Gaussian(0.1, 2.0, 6.0).in_units("hartree")
    heavy = read(written(tmp_path, "heavy.toml", UNITS.replace("0.067", '"1 u"')))
    assert heavy.units.mass == "1 u"


def test_units_hold_for_all_parts(tmp_path: Path) -> None:
    text = """
[potential]
kind = "scaled"
offset = "100 meV"
[potential.potential]
kind = "piecewise_constant"
edges = ["0 A", "10 A", 3.0]
values = [0.0, "1000 meV"]
[units]
length = "nm"
"""
    found = read(written(tmp_path, "parts.toml", text))
    parts = PiecewiseConstant([0.0, 1.0, 3.0], [0.0, 1.0]) + 0.1
    assert found == parts.in_units("nm", "eV")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"nm"', '"nmm"', r"\[units\]: `length` must be a unit of.*Did you mean nm"),
        ("mass = 0.067", "mass = -1", r"\[units\]: `mass` must be a positive"),
        ("mass = 0.067", "field = 1", r"\[units\] must hold only the keys energy, length, mass,"),
        ("[units]", "units = 3\n[solve]", r"\[units\] must be a table"),
        ('"8 A"', '"8 eV"', r"\[potential\]: `width` must have a unit of nm, A.*the unit eV"),
        ('length = "nm"\nenergy = "eV"\nmass = 0.067', 'system = "hbar=m=1"',
         r"`depth` must be a number without a unit"),
        ('[units]\nlength = "nm"\nenergy = "eV"\nmass = 0.067', "",
         r"`depth` must be a number where no units are declared.*Add a table \[units\]"),
        ("box = 6.0", 'box = 6.0, energy = "eV"',
         r"\[potential\] must leave its units to a table \[units\].*energy = 'eV'"),
        ('kind = "gaussian", depth = "500 meV", width = "8 A", box = 6.0',
         'kind = "heterostructure", layers = [{thickness = 5, material = "GaAs"}]',
         r"\[units\]: `in_units` must be asked of a potential without units"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_units_is_said_with_its_place(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in UNITS
    path = written(tmp_path, "well.toml", UNITS.replace(old, new))
    with pytest.raises(ValueError, match=message) as error:
        read(path)
    assert str(error.value).startswith(f"`{path}`")
    assert "\n" not in str(error.value)
