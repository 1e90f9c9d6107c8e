"""The triangular well: exact levels in the box."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwpinn.potentials import Triangular


def test_triangular_turns_into_the_lifted_box() -> None:
    """To first order in the slope by the mean of V."""
    box = (np.arange(1, 4) * np.pi) ** 2
    np.testing.assert_allclose(Triangular(0.1, 1.0).levels(3), box + 0.05, rtol=2e-6)
    with pytest.raises(LookupError, match=r"`slope` must not be so small .*slope=1e-06, length=1"):
        Triangular(1e-6, 1.0).levels(1)


@settings(max_examples=40, deadline=None)
@given(slope=st.floats(1.0, 1e4), length=st.floats(1.0, 20.0), s=st.floats(0.3, 3.0))
def test_ramps_scale_and_order(slope: float, length: float, s: float) -> None:
    levels = Triangular(slope, length).levels(5)
    scaled = Triangular(slope / s**3, s * length).levels(5)
    np.testing.assert_allclose(scaled * s**2, levels, rtol=1e-11)
    assert np.all(np.diff(levels) > 0.0)
    assert np.all(Triangular(1.1 * slope, length).levels(5) > levels)
    assert np.all(Triangular(slope, 1.1 * length).levels(5) <= levels * (1.0 + 1e-12))
