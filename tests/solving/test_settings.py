"""How a potential is solved unless it is said otherwise."""

import inspect

import pytest

import qwpinn
from qwpinn.solving.settings import Settings


def test_the_defaults_are_those_of_solve_and_of_its_recipe():
    own = inspect.signature(Settings).parameters
    for call, names in ((qwpinn.solve, ("states", "rtol", "seed")),
                        (qwpinn.Precise, ("units", "epochs"))):  # fmt: skip
        for name in names:
            assert own[name].default == inspect.signature(call).parameters[name].default


def test_the_recipe_has_its_units_and_epochs():
    assert Settings(units=40, epochs=3).recipe == qwpinn.Precise(units=40, epochs=3)


@pytest.mark.parametrize("wrong", [{"units": 0}, {"epochs": -1}, {"rtol": 0.0}, {"seed": -1}])
def test_numbers_are_checked_when_they_are_given(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        Settings(**wrong)
