"""What `compile` is told and would not hear."""

import pytest

from qwpinn.training.arguments import (
    PLACES,
    WITHOUT_EFFECT,
    checked_jit,
    refuse_without_effect,
)


@pytest.mark.parametrize("name", WITHOUT_EFFECT)
def test_what_has_no_effect_is_refused_by_name_and_place(name):
    refuse_without_effect([None] * len(WITHOUT_EFFECT), {name: None})
    with pytest.raises(ValueError, match=f"`{name}` must be left out, for .*{name}='x'"):
        refuse_without_effect([], {name: "x"})
    places = [None] * PLACES.index(name)
    with pytest.raises(ValueError, match=f"`{name}` must be left out, for .*{name}=0.5"):
        refuse_without_effect([*places, 0.5], {})


@pytest.mark.parametrize("name", ["run_eagerly", "steps_per_execution", "jit_compile"])
def test_what_has_an_effect_by_name_is_refused_in_its_place(name):
    places = [None] * PLACES.index(name)
    with pytest.raises(TypeError, match=rf"`{name}` must be given by its name.*Give {name}=50"):
        refuse_without_effect([*places, 50], {})
    refuse_without_effect([*places, None], {})


def test_an_unknown_word_is_refused():
    with pytest.raises(TypeError, match=r"what its docstring names\. Received: epochs=3"):
        refuse_without_effect([], {"epochs": 3})


def test_xla_is_a_yes_or_a_no():
    assert [checked_jit(given) for given in (True, False, "auto")] == [True, False, "auto"]
    with pytest.raises(ValueError, match=r"`jit_compile` must be True or False. Received: 'maybe'"):
        checked_jit("maybe")
