"""Potentials that several test files share, and files with one."""

from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from qwpinn.potentials import (
    CustomPotential,
    FiniteBarrier,
    FiniteWell,
    InfiniteWell,
    PiecewiseConstant,
    PiecewisePolynomial,
    Sampled,
)

WELL = FiniteWell(depth=20.0, width=2.0, box=6.0)
STEPS = PiecewiseConstant([0, 1, 2.5, 4], [0, 5, 1], weights=[1.0, 0.5, 2.0])
SAMPLES = Sampled([0.0, 1.0, 2.5], [0.0, -2.0, 4.0])
# Of every kind that is stored as it is.
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


def field(slope: float, interval: tuple[float, float] = (-3.0, 3.0)) -> CustomPotential:
    return CustomPotential(lambda x: slope * x, interval)


@st.composite
def stacks(draw: Any) -> PiecewiseConstant:
    count = draw(st.integers(1, 6))
    widths = draw(st.lists(st.floats(0.05, 1.0), min_size=count, max_size=count))
    values = draw(st.lists(st.floats(-50.0, 500.0), min_size=count, max_size=count))
    weights = draw(st.lists(st.floats(0.2, 5.0), min_size=count, max_size=count))
    return PiecewiseConstant(np.cumsum([0.0, *widths]).tolist(), values, weights)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
