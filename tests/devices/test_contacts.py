"""Which layers are active, and which are contacts."""

import numpy as np
import pytest
from devices import barrier, well
from printed import printed

import qwpinn
from qwpinn import Heterostructure
from qwpinn.potentials.files import read


@pytest.mark.parametrize(
    ("layers", "region"),
    [
        ([barrier(), well(), barrier()], (20.0, 26.0)),
        ([barrier(), well(), barrier(4.0), well(), barrier()], (20.0, 36.0)),
        ([barrier(), barrier(4.0, active=True), well(active=True), barrier()], (20.0, 30.0)),
        ([well()], (0.0, 6.0)),
        ([barrier(), well()], (20.0, 26.0)),
        ([well(), barrier()], (0.0, 6.0)),
        ([barrier(), barrier(5.0), well(), barrier()], (25.0, 31.0)),
        ([well(), barrier(4.0), well()], (6.0, 10.0)),
        ([well(contact=False), barrier(4.0), well()], (0.0, 16.0)),
        ([well(active=True), barrier(4.0), well(active=True)], (0.0, 16.0)),
        ([well(9.0), barrier(3.0), well(), barrier(3.0), well(9.0)], (12.0, 18.0)),
        ([barrier(contact=True), well(), barrier(4.0), well(contact=True)], (20.0, 26.0)),
    ],
)
def test_the_active_layers(layers, region):
    assert Heterostructure(layers).region == region


RITZ = qwpinn.Precise(epochs=0)


def test_between_contacts_there_are_resonances():
    layers = [well(20.0), barrier(3.0), well(6.0), barrier(3.0), well(20.0)]
    found = qwpinn.solve(Heterostructure(layers), 5, recipe=RITZ)
    assert not found.bound.any()
    resonant = np.flatnonzero(found.localised)
    assert resonant.size == 1
    assert found.localisation[resonant[0]] > 0.5
    # Near the level that the well has between barriers without end.
    assert found.energies[resonant[0]] == pytest.approx(53.28, abs=4.0)
    assert found.notes[-1] == (
        f"Localised and above V at an end that goes on: {resonant[0]}. It is a resonance, and the "
        "ends move it a little."
    )
    rows = found.as_dict()
    assert [layer["contact"] for layer in rows["layers"]] == [True, False, False, False, True]
    assert rows["bound"] == [False] * 5
    assert rows["wall_shift"] == [np.inf] * 5
    told = [well(20.0, contact=True), *layers[1:4], well(20.0, contact=True)]
    assert Heterostructure(told).region == found.potential.region == (23.0, 29.0)
    table = printed(found.potential)
    assert table.count("contact") == 2


def test_contacts_are_checked():
    with pytest.raises(TypeError, match=r"`contact` must be a bool\. Received: contact=1"):
        well(contact=1)
    with pytest.raises(ValueError, match="`contact` must be of a layer that is not active"):
        well(contact=True, active=True)
    for layers in ([well(), barrier(contact=True), well()], [well(contact=True)]):
        with pytest.raises(ValueError, match="`contact` must mark the outermost layers"):
            Heterostructure(layers)


def test_a_file_can_mark_contacts(tmp_path):
    path = tmp_path / "device.toml"
    path.write_text(
        "[potential]\nkind = 'heterostructure'\nlayers = [\n"
        "{thickness = '9 nm', material = 'GaAs', contact = true},\n"
        "{thickness = '9 nm', material = 'Al0.3Ga0.7As'},\n"
        "{thickness = '9 nm', material = 'GaAs', contact = false},\n]\n"
    )
    assert read(path).cut_ends == (True, False)
