"""Potentials with breakpoints that they do not declare themselves."""

import numpy as np
import pytest

import qwpinn
from qwpinn.potentials import CustomPotential, Segmented, potential_from_config


def test_segments_are_stored_with_the_well():
    inner = qwpinn.potentials.Quartic()
    more = inner.with_breakpoints([0.5]).with_breakpoints([-0.25, 0.5])
    assert isinstance(more, Segmented)
    assert (more.breakpoints, more.name, more.even) == ((-0.25, 0.5), "quartic", True)
    assert potential_from_config(more.to_config()) == more
    step = CustomPotential(lambda x: 3.0 * (x > 0.1), (0.0, 1.0)).with_breakpoints([0.1])
    table = potential_from_config(step.to_config())
    x = np.array([0.05, 0.0999999, 0.1000001, 0.7])
    np.testing.assert_array_equal(table(x), step(x))
    assert table.breakpoints == (0.1,)


def test_segments_refuse_points_outside():
    with pytest.raises(ValueError, match=r"`points` must lie strictly inside the interval"):
        qwpinn.InfiniteWell().with_breakpoints([1.0])
