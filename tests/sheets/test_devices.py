"""What is printed of a device's states and of a sweep."""

import numpy as np
import pytest
from devices import double_well
from printed import RITZ, check_html, check_text

import qwpinn


@pytest.fixture(scope="module")
def depths():
    return qwpinn.sweep(qwpinn.FiniteWell(), "depth", [10.0, 20.0], 5, recipe=RITZ)


def test_a_device_shows_layers_levels_and_transitions():
    found = qwpinn.solve(double_well(), 3, recipe=RITZ, rtol=1e-3)
    text = check_text(found)
    assert text.startswith(str(found.potential))
    row = next(line.split() for line in text.splitlines() if line.startswith("0 - 1"))
    assert float(row[3].split("(")[0]) == pytest.approx(found.transitions[0, 1], rel=1e-4)
    assert float(row[4]) == pytest.approx(found.wavelengths[0, 1], rel=1e-5)
    assert repr(found).startswith("Subbands(Heterostructure(layers=(")
    assert len(repr(found)) < 200


def test_a_sweep_shows_every_value(depths):
    text = check_text(depths)
    assert "Varied: depth, from 10 on." in text
    rows = [line.split() for line in text.splitlines() if line.startswith("   ")][-2:]
    np.testing.assert_allclose([[float(e) for e in row[1:5]] for row in rows],
                               depths.energies[:, :4], atol=6e-7)  # fmt: skip
    assert "and 1 more states; the CSV table has all of them." in text
    assert repr(depths).endswith("depth: 2 from 10 to 20, states=5, CONVERGED)")
    check_html(depths, images=1)
