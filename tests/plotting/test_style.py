"""Colours, labels with units, and the points that curves are drawn through."""

import numpy as np
from devices import single_well

from qwpinn.plotting import style
from qwpinn.potentials import FiniteWell


def test_states_have_colours_of_their_own_until_there_are_no_more():
    assert len({style.colour(state) for state in range(7)}) == 7
    assert style.colour(7) == style.colour(0)


def test_labels_have_units():
    for well, labels in (
        (FiniteWell(), ("x", "energy", "psi_1")),
        (single_well(), ("z (nm)", "energy (meV)", "psi_1 (nm^-1/2)")),
    ):
        found = style.position_label(well), style.energy_label(well), style.psi_label(well, 1)
        assert found == labels


def test_points_are_beside_jumps_and_dense_where_the_states_are():
    well = FiniteWell(depth=20.0, width=2.0, box=2000.0)
    x = style.grid(well)
    assert (x[0], x[-1]) == (-1000.0, 1000.0)
    assert np.all(np.diff(x) > 0.0)
    assert not np.isin(x, well.breakpoints).any()
    near = x[np.abs(x - 1.0) < 1e-5]
    np.testing.assert_array_equal(well(near), [0.0, 20.0])
    # Even points would be 1.7 apart.
    assert np.count_nonzero(np.abs(x) < 1.0) > 100
