"""Figures of wells and of transmission."""

import numpy as np
import pytest

from qwpinn import plotting
from qwpinn.potentials import PiecewiseConstant
from qwpinn.references import exact, transmission

DOUBLE_BARRIER = PiecewiseConstant([0.0, 2.0, 2.3, 3.3, 3.6, 5.6], [0.0, 60.0, 0.0, 60.0, 0.0])


def test_figure_shares_the_axis_of_energy() -> None:
    energies = np.linspace(-1.0, 80.0, 400)
    spectrum = exact(DOUBLE_BARRIER, 3)
    figure = plotting.transmission(DOUBLE_BARRIER, spectrum, energies)
    left, right = figure.axes
    assert left.get_ylim() == right.get_ylim()
    assert left.get_ylim()[1] >= 80.0
    curve = right.lines[0].get_xydata()
    np.testing.assert_array_equal(curve[:, 1], energies)
    np.testing.assert_array_equal(curve[:, 0], transmission(DOUBLE_BARRIER, energies))
    drawn = [line.get_ydata()[0] for line in right.lines[1:]]
    np.testing.assert_array_equal(drawn, spectrum.energies)
    logarithmic = plotting.transmission(DOUBLE_BARRIER, spectrum, energies, log=True).axes[1]
    assert logarithmic.get_xscale() == "log"
    shown = np.isfinite(logarithmic.lines[0].get_xdata())
    np.testing.assert_array_equal(shown, energies > 0.0)
    opaque = plotting.transmission(DOUBLE_BARRIER, spectrum, [-2.0, -1.0], log=True)
    assert plotting.png(opaque, dpi=40).startswith(b"\x89PNG")  # nothing passes: an empty panel
    with pytest.raises(ValueError, match=r"`energies` must increase strictly"):
        plotting.transmission(DOUBLE_BARRIER, spectrum, [2.0, 1.0])
