"""What a model says at a few places, and what of it is not the same any more."""

import json

import numpy as np
import pytest

from qwpinn.equation.scaling import Scaling
from qwpinn.networks.answers import Answers, difference, member_positions, well_positions
from qwpinn.potentials import FiniteWell, InfiniteWell

WELL = FiniteWell(depth=20.0, width=2.0, box=6.0)


def answers():
    x = np.linspace(-2.9, 2.9, 7)[None]
    psi = np.cos(x)[..., None] * [1.0, 2.0]
    return Answers.of([WELL], x, [1.0, 4.0], psi, 0.0)


def test_they_come_back_from_json():
    kept = answers()
    again = Answers.from_config(json.loads(json.dumps(kept.to_config())))
    assert difference(kept, again) == ""
    assert [value.shape for value in again] == [(1, 2), (1, 7, 2), (1, 7), (1, 7), (1, 4), ()]
    np.testing.assert_array_equal(again.edges, [[-3.0, -1.0, 1.0, 3.0]])


@pytest.mark.parametrize(
    ("changed", "phrase"),
    [
        ({"energies": 1.0 + 1e-12}, ""),
        ({"energies": 1.0 + 1e-8}, "energies by 1e-08 of E - min V (allowed: 1e-09)"),
        ({"psi": 1.0 + 1e-12}, ""),
        ({"psi": np.nan}, "psi by nan of its norm (allowed: 1e-09)"),
        ({"potential": 1.0 + 5e-9}, ""),
        ({"potential": 1.0 + 1e-7}, "potential by 1e-07 of its depth (allowed: 1e-08)"),
        ({"weight": 2.0}, "weight by 1 of its largest value (allowed: 1e-08)"),
        ({"edges": 1.0 + 1e-6}, "edges by 5e-07 of the interval (allowed: 1e-08)"),
        ({"energies": 1.0 + 1e-8, "weight": 2.0}, "weight by 1 of its largest value"),
    ],
)
def test_the_largest_difference_is_said(changed, phrase):
    kept = answers()
    found = kept._replace(**{name: getattr(kept, name) * by for name, by in changed.items()})
    said = difference(kept, found)
    assert said.startswith(phrase)
    assert bool(said) is bool(phrase)


def test_another_shape_is_a_difference():
    kept = answers()
    assert difference(kept, kept._replace(edges=kept.edges[:, 1:])).startswith("edges by inf")


def test_positions_are_within_the_walls_and_dense_in_the_well():
    wide = FiniteWell(depth=20.0, width=2.0, box=600.0)
    x = well_positions(wide, Scaling.for_potential(wide), 3)
    assert x.shape == (1, 48)
    assert np.all(np.abs(x) < 300.0)
    # Half of them evenly, of which none is in the well of a 300th of the box.
    assert np.count_nonzero(np.abs(x) < 3.0) >= 16
    both = member_positions([InfiniteWell(1.0), InfiniteWell(2.0)])
    assert both.shape == (2, 16)
    np.testing.assert_allclose(both[1], 2.0 * both[0])
