"""What JSON can hold, and what comes back of it."""

import json

import numpy as np
import pytest

from qwpinn.potentials import FiniteWell, potential_from_config
from qwpinn.storage.plain import as_csv, as_json, flat, from_json, snake_case


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -3,
        0.1,
        "nm",
        (1.0, (2, "a"), ()),
        [1.0, (2,), []],
        np.int64(3),
        np.float32(0.1),
        FiniteWell(depth=3.0),
        ([FiniteWell()], None),
    ],
    ids=repr,
)
def test_it_comes_back_equal_and_of_its_type(value):
    again = from_json(json.loads(json.dumps(as_json("v", value))), potential_from_config)
    assert again == value
    assert type(again) is type(value)


def test_arrays_keep_their_shape_and_type():
    value = np.arange(6, dtype=np.uint8).reshape(2, 3)
    again = from_json(json.loads(json.dumps(as_json("v", value))), dict)
    np.testing.assert_array_equal(again, value)
    assert again.dtype == np.uint8
    assert type(as_json("v", np.float64(0.5))) is float
    assert type(as_json("v", np.str_("nm"))) is str


@pytest.mark.parametrize("value", [np.sin, {1}, np.array(["a"]), np.array([1j]), FiniteWell])
def test_what_cannot_be_stored_is_said_with_its_name(value):
    with pytest.raises(TypeError, match=r"`v` must hold numbers.*of type .*Give its numbers"):
        as_json("v", (1.0, value))


def test_too_deep_is_one_line():
    with pytest.raises(ValueError, match=r"^it must nest its tables and lists"), flat("it"):
        json.loads("[" * 200_000)


def test_names_of_classes_as_files_have_them():
    names = [snake_case(name) for name in ("FiniteWell", "Morse", "InUnits", "Box2D", "Sum2Of")]
    assert names == ["finite_well", "morse", "in_units", "box2d", "sum2_of"]


def test_tables_have_all_their_digits():
    columns = {"x (nm)": np.array([0.1, 1.0 / 3.0]), "level": np.array([0, 7]), "psi": -np.ones(2)}
    text = as_csv(columns)
    assert text == "x (nm),level,psi\n0.1,0,-1.0\n0.3333333333333333,7,-1.0\n"
    assert as_csv({"x": np.zeros(0)}) == "x\n"
    with pytest.raises(ValueError, match="shorter"):
        as_csv({"x": np.zeros(2), "y": np.zeros(1)})
