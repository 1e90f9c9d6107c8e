"""Potentials of every kind that is stored as it is."""

from qwpinn.potentials import (
    FiniteBarrier,
    FiniteWell,
    InfiniteWell,
    PiecewiseConstant,
    PiecewisePolynomial,
    Sampled,
)

CONFIGURABLE = [
    InfiniteWell(2.0),
    FiniteWell(20.0, 2.0, 6.0),
    FiniteBarrier(50.0, 0.2, 1.0),
    PiecewiseConstant([0, 1, 2, 4], [0, 5, 1]),
    PiecewiseConstant([0, 1, 2], [0, 5], weights=[1.0, 0.5]),
    Sampled([0, 1, 3], [0, 2, 2]),
    Sampled([0, 1, 2, 3, 4], [0, 2, 3, 2, 9], "cubic", breakpoints=(3.0,)),
    PiecewisePolynomial([0, 1, 3], [[1, 2], [0, 1]], [[1, 0.5], [2, 0]], (1.0,)),
]
