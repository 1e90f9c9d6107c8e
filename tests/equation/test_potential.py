"""What every potential has: numbers that vary, a minimum, a weight, and classes of your own."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from wells import CONFIGURABLE

from qwpinn.potentials import FiniteWell, Potential, potential_from_config


def test_numbers_of_other_potentials_vary_too():
    assert FiniteWell().varied("depth", 7.0) == FiniteWell(depth=7.0)
    with pytest.raises(ValueError, match="`parameter` must be one of depth, width, box"):
        FiniteWell().varied("height", 7.0)


@dataclasses.dataclass(frozen=True)
class _Tilted(Potential):
    slope: float = 1.0

    @property
    def interval(self) -> tuple[float, float]:
        return 0.0, 1.0

    def __call__(self, x: Any) -> Any:
        return self.slope * np.asarray(x)


def test_own_subclass() -> None:
    tilted = _Tilted(3.0)
    assert tilted.breakpoints == ()
    assert tilted.layers is None
    np.testing.assert_array_equal(tilted.weight([0.1, 0.2]), [1.0, 1.0])
    assert potential_from_config(tilted.to_config()) == tilted


def test_subclass_without_interval() -> None:
    class Nowhere(Potential):
        def __call__(self, x: Any) -> Any:
            return np.asarray(x)

    with pytest.raises(TypeError, match="`Nowhere` must define `interval`"):
        _ = Nowhere().interval
    with pytest.raises(TypeError, match="must be a dataclass to be stored"):
        Nowhere().to_config()


def test_names() -> None:
    assert [p.name for p in CONFIGURABLE[:4]] == [
        "infinite_well",
        "finite_well",
        "finite_barrier",
        "piecewise_constant",
    ]
