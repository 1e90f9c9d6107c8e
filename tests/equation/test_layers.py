"""Constant layers: their edges, symmetric levels and angles."""

import numpy as np

from qwpinn.potentials import PiecewiseConstant


def test_layers_and_weights() -> None:
    stack = PiecewiseConstant([0, 1, 2, 3], [1, 1, 1], weights=[1.0, 2.0, 2.0])
    assert stack.breakpoints == (1.0,)
    np.testing.assert_array_equal(stack.weight([0.5, 1.0, 3.0]), [1.0, 2.0, 2.0])
    assert hash(stack) == hash(PiecewiseConstant((0, 1, 2, 3), (1, 1, 1), (1, 2, 2)))
