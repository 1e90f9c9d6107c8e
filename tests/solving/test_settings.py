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


@pytest.mark.parametrize("wrong", [{"units": 0}, {"epochs": -1}, {"units": 10_000}])
def test_a_recipe_takes_no_others(wrong):
    for taking in (Settings, qwpinn.Precise):
        with pytest.raises(ValueError, match=r"`(units|epochs)` must be"):
            taking(**wrong)


@pytest.mark.parametrize("wrong", [{"units": 0}, {"epochs": -1}, {"rtol": 0.0}, {"seed": -1}])
def test_numbers_are_checked_when_they_are_given(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        Settings(**wrong)
