"""Placement: centres and slopes of a first layer, of as many dimensions as the well has."""

import numpy as np
import pytest

from qwpinn.equation.geometry import mesh_of
from qwpinn.equation.placement import Placement
from qwpinn.potentials import CircularDot, FiniteWell


@pytest.mark.parametrize(("well", "dimension"), [(FiniteWell(), 1), (CircularDot(), 2)])
def test_each_unit_has_a_centre_in_the_box_and_a_slope(well, dimension):
    at = mesh_of(well, 3).placed(30, np.random.default_rng(0))
    assert type(at) is Placement
    assert at.centres.shape == at.slopes.shape == (30, dimension)
    assert np.max(np.abs(at.centres)) <= 1.0
    assert np.min(np.linalg.norm(at.slopes, axis=1)) > 0.0


def test_centres_come_before_slopes():
    centres, slopes = Placement(slopes=np.ones((2, 2)), centres=np.zeros((2, 2)))
    assert centres.sum() == 0.0
    assert slopes.sum() == 4.0
