"""Records: potentials of any dimension as names, lines, other numbers and JSON."""

from dataclasses import dataclass

import numpy as np
import pytest

import qwpinn
from qwpinn.equation.record import fields_of
from qwpinn.potentials import (
    Box2D,
    CircularDot,
    FiniteWell,
    Harmonic2D,
    KronigPenney,
    Plane,
    Sampled,
)


@pytest.mark.parametrize(
    ("potential", "name", "title"),
    [
        (FiniteWell(), "finite_well", "FiniteWell(depth=20.0, width=2.0, box=6.0)"),
        (Box2D(2), "box2d", "Box2D(width=2.0, height=1.0)"),
        (CircularDot(half=2), "circular_dot", "CircularDot(radius=1.0, depth=50.0, half=2.0)"),
    ],
)
def test_names_and_titles(potential, name, title):
    assert potential.name == name
    assert repr(potential) == potential.title == title
    first, second = potential.heading().blocks
    assert (first.said, second.said) == (title, potential.equation)


def test_long_tables_are_cut_in_a_repr():
    x = np.linspace(0.0, 1.0, 1000)
    assert len(repr(Sampled(x, x))) < 200


def test_another_value_of_one_number():
    assert CircularDot().varied("radius", 2.0) == CircularDot(2.0)
    # The default walls go along, and those that were given do not.
    assert CircularDot().varied("radius", 0.5).box == (-1.5, 1.5, -1.5, 1.5)
    assert CircularDot(half=2.0).varied("radius", 0.5).box == (-2.0, 2.0, -2.0, 2.0)
    assert CircularDot(half=2.0).varied("half", 4.0) == CircularDot(half=4.0)
    wells = KronigPenney().varied("wells", 3.0).wells
    assert (wells, type(wells)) == (3, int)
    assert Plane(2.0, (0, 1, 0, 1)).varied("function", 3.0) == Plane(3.0, (0, 1, 0, 1))
    assert CircularDot().unit("radius") == ""


@pytest.mark.parametrize(
    ("potential", "name", "value", "message"),
    [
        (
            CircularDot(),
            "radios",
            1.0,
            r"must be one of radius, depth, the numbers of CircularDot.*radios. .* radius",
        ),
        (Plane(np.hypot, (0, 1, 0, 1)), "function", 1.0, r"must be one of \(none\), the numbers"),
        (Box2D(), "width", -1.0, r"`width` must be a positive, finite length"),
        (Harmonic2D(), "reach", 5.0, r"must be one of a, b, the numbers"),
    ],
)
def test_numbers_that_cannot_be_varied(potential, name, value, message):
    with pytest.raises(ValueError, match=message):
        potential.varied(name, value)


def test_fields_are_stored_by_name():
    assert fields_of(Box2D(2.0)) == {"width": 2.0, "height": 1.0}
    assert Box2D(2.0).to_config() == {"class": "Box2D", "width": 2.0, "height": 1.0}
    assert CircularDot().to_config()["half"] is None

    class Plain(qwpinn.PlanePotential):
        box = (0.0, 1.0, 0.0, 1.0)

        def outside(self, x, y):
            return x + y

    plain = Plain()
    assert plain.name == "plain"
    assert "Plain object" in repr(plain)
    with pytest.raises(TypeError, match=r"`Plain` must be a dataclass to be stored"):
        plain.to_config()
    with pytest.raises(ValueError, match=r"must be one of \(none\)"):
        plain.varied("x", 1.0)


@dataclass(frozen=True)
class _Formula(qwpinn.PlanePotential):
    function: object
    box = (0.0, 1.0, 0.0, 1.0)

    def outside(self, x, y):
        return self.function(x, y)


def test_what_is_no_number_is_not_stored():
    with pytest.raises(TypeError, match=r"`function` must hold numbers.*to be stored"):
        _Formula(np.hypot).to_config()
