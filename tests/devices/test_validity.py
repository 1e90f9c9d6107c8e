"""Layers that do not fit each other, and fields that leave nothing bound."""

import pytest
from devices import barrier, single_well, well

from qwpinn import Heterostructure, Layer
from qwpinn.devices.validity import is_bound
from qwpinn.units.quantities import KINETIC


def test_a_broken_gap_is_noticed():
    layers = [Layer(5.0, "GaSb"), Layer(8.0, "InAs"), Layer(5.0, "GaSb")]
    with pytest.warns(UserWarning, match=r"broken gap: the valence band of layer 0"):
        Heterostructure(layers)


def test_offsets_in_ev_are_noticed():
    layers = [Layer(9.0, offset=0.167, mass=0.08), well()]
    with pytest.warns(UserWarning, match=r"in meV, and the largest here is 0.167 meV.*give 167"):
        Heterostructure(layers)


def test_a_field_that_binds_nothing_is_refused_with_one_that_does():
    with pytest.raises(ValueError, match=r"`field` must leave a state bound.*field=2000") as raised:
        single_well(2000.0)
    most = float(str(raised.value).split("at most about ")[1].split(",")[0])
    # A state at the top of the barrier in the notch, psi' = 0 there: 1.01879 (c/mu (e F)^2)^(1/3).
    notch = (OFFSET_OVER_ZERO**3 * 0.067 / KINETIC) ** 0.5 / 0.1
    # The wall behind the barrier, where psi is 0, takes a tenth of it.
    assert 0.85 * notch < most < notch
    assert is_bound(single_well(0.99 * most))
    with pytest.raises(ValueError, match="at most about -"):
        single_well(-2000.0)
    # Layers that bind nothing without a field either are a box, and the field is not to blame.
    shallow = [Layer(2.0, offset=5.0, mass=0.1), Layer(2.0, offset=6.0, mass=0.1)]
    device = Heterostructure([shallow[1], *shallow], 1.0)
    assert not is_bound(device)
    assert device.region == (2.0, 4.0)
    everything = [barrier(active=True), well(active=True), barrier(active=True)]
    assert Heterostructure(everything, 2000.0).region == (0.0, 46.0)


OFFSET_OVER_ZERO = 167.0985 / 1.01879
