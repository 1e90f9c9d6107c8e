"""Tables of samples: lines of numbers, headings and their units."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from wells import SAMPLES, written

from qwpinn.potentials import Sampled
from qwpinn.potentials.files import read


@pytest.mark.parametrize(
    "text",
    [
        "0,0\n1,-2\n2.5,4\n",
        "x,V\n0.0, 0.0\n1.0, -2.0\n2.5, 4.0",
        "# measured\n\nx; V\n0;0\n# the bottom\n1;-2\n\n2.5;4\n",
        "0\t0\n1\t-2e0\n2.5\t.4e1\n",
        "  0   0\n  1  -2\r\n 2.5   4  \n",
        "\ufeffposition,energy\n0,0\n1,-2\n2.5,4\n",
        "x y z\n0 0\n1 -2\n2.5 4\n",
    ],
    ids=["comma", "headings", "semicolon", "tab", "blanks", "byte_order_mark", "three_headings"],
)
def test_a_table_of_samples(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, "table.csv", text)
    assert Sampled.from_csv(path) == Sampled.from_csv(str(path)) == read(path) == SAMPLES


def test_a_table_as_splines(tmp_path: Path) -> None:
    x = np.linspace(-8, 8, 81)
    path = tmp_path / "well.CSV"
    np.savetxt(path, np.column_stack([x, x**2]), delimiter=",", header="x,V")
    smooth = Sampled.from_csv(path, kind="cubic")
    assert smooth == Sampled(x, x**2, "cubic")
    assert smooth.breakpoints == ()
    assert read(path) == smooth
    assert len(Sampled.from_csv(path, "linear").breakpoints) == 79
    kinked = Sampled.from_csv(path, "cubic", breakpoints=(x[40],))
    assert kinked.breakpoints == (x[40],)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"must hold at least 2 samples. Received: 0"),
        ("x,V\n0,1\n", r"must hold at least 2 samples. Received: 1"),
        ("0,1\n1\n", r"line 2, must hold two columns, x and V. Received: 1 columns"),
        ("0,1\n# comment\n1,2,3\n", r"line 3, must hold two columns, .* Received: 3 columns"),
        ("0;1\n0,5;2\n", r"line 2, .* Received: 3 columns. .* write decimals with a point"),
        ("0,1\n1,,2\n", r"line 2, must hold two columns"),
        ("0,1\n1,high\n2,0", r"line 2, must hold two finite numbers. Received: 'high'"),
        ("x,1\n1,2\n2,0", r"line 1, must be the headings .* or hold two .* Received: 'x 1'"),
        ("1_0,2_0\n20,1\n", r"line 1, must be the headings of two columns, .*: '1_0 2_0'"),
        ("0x10,1\n20,1\n", r"line 1, must be the headings .* Received: '0x10 1'"),
        ("\uff11,1\n20,1\n", r"line 1, must be the headings .* Received: '\uff11 1'"),
        ("potential\n0,1\n1,0\n", r"line 1, must be the headings .* Received: 'potential'"),
        ("---,---\n0,1\n1,0\n", r"line 1, must be the headings .* Received: '--- ---'"),
        ("x,V\n0,1\n1_0,2\n", r"line 3, must hold two finite numbers. Received: '1_0'"),
        ("x,V\n0,1\n1,1.5D+02\n", r"line 3, must hold two finite numbers. Received: '1.5D.02'"),
        ("x,V\nx,V\n2,0", r"line 2, must hold two finite numbers. Received: 'x'"),
        ("0,1\n1,nan\n", r"line 2, must hold two finite numbers. Received: 'nan'"),
        ("0,1\ninf,1\n", r"line 2, must hold two finite numbers. Received: 'inf'"),
        ("0,1\n1,\n", r"line 2, must hold two finite numbers. Received: ''"),
        ("0,1\n2,1\n1,0\n", r"line 3, must lie to the right .* x=1.0 after x=2.0. Sort the lines"),
        ("0,1\n1,1\n1,0\n", r"line 3, .* x=1.0 after x=1.0. .*for a jump, put the second 1e-5"),
    ],
)
def test_bad_tables(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, "table.csv", text)
    with pytest.raises(ValueError, match=message) as caught:
        read(path)
    assert str(caught.value).startswith(f"`{path}`")
    assert "\n" not in str(caught.value)


def test_a_table_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes(b"0,1\n1,\xff\n")
    with pytest.raises(ValueError, match=r"table.csv` must be a text file in UTF-8"):
        read(tmp_path / "table.csv")
    with pytest.raises(FileNotFoundError, match=r"nowhere.csv` must be a file .*Check its name"):
        read(tmp_path / "nowhere.csv")
    with pytest.raises(ValueError, match=r"must end in .csv or .toml. Received: 'well.json'"):
        read("well.json")
    good = written(tmp_path, "good.csv", "0 0\n1 1\n2 0")
    with pytest.raises(ValueError, match=r"`kind` must be 'linear' or 'cubic'. .*kind='quintic'"):
        Sampled.from_csv(good, kind="quintic")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"`breakpoints` must be among `x`.* Received: 0.5"):
        Sampled.from_csv(good, "cubic", [0.5])


@pytest.mark.parametrize(
    "heading",
    [
        "x (nm),V (meV)",
        '"z [nm]";"E [meV]"',
        "r(nm)\tV(x) (meV)",
        "x (nm)  V (meV)",
        "x(NM) V(meV)",
    ],
)
def test_headings_with_units(tmp_path: Path, heading: str) -> None:
    text = f"# measured\n{heading}\n0 0\n1 -2\n2.5 4\n"
    found = Sampled.from_csv(written(tmp_path, "table.csv", text))
    assert found == SAMPLES.in_units("nm", "meV")
    heavy = Sampled.from_csv(tmp_path / "table.csv", mass=0.5)
    assert heavy == SAMPLES.in_units("nm", "meV", mass=0.5)
    named = "potential = {kind = 'sampled', file = 'table.csv'}\nunits = {mass = 0.5}"
    assert read(written(tmp_path, "named.toml", named)) == heavy


@pytest.mark.parametrize(
    ("heading", "mass", "message"),
    [
        (
            "x (nm),V",
            None,
            r"units in the headings of both columns, or of none. Received: x \(nm\), V",
        ),
        ("x (nm),V (eVV)", None, r"table.csv`, headings: `energy` must be.*Did you mean eV"),
        ("x (eV),V (nm)", None, r"headings: `length` must be a unit of nm"),
        ("x,V", 0.5, r"`mass` must come with units.*no units in the headings"),
        ("x (nm),V (eV)", -1.0, r"`mass` must be a positive"),
    ],
)
def test_headings_that_are_no_units(tmp_path: Path, heading: str, mass: Any, message: str) -> None:
    path = written(tmp_path, "table.csv", f"{heading}\n0,0\n1,-2\n2.5,4\n")
    with pytest.raises(ValueError, match=message) as error:
        Sampled.from_csv(path, mass=mass)
    assert "\n" not in str(error.value)


def test_units_that_contradict_the_headings(tmp_path: Path) -> None:
    written(tmp_path, "table.csv", "x (nm),V (eV)\n0,0\n1,-2\n2.5,4\n")
    text = "potential = {kind = 'sampled', file = 'table.csv'}\nunits = {length = 'A'}"
    with pytest.raises(
        ValueError, match=r"for the units that they have, nm, eV, mass 1. Received: A"
    ):
        read(written(tmp_path, "named.toml", text))
