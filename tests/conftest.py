"""Fixtures that several test modules share: trained models are made once."""

import os

# Before TensorFlow loads: its C++ start-up messages are not ours to test.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# As many test processes as cores: BLAS threads of one would wait for those of the other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest

import qwpinn
from qwpinn import references

WELLS = {
    "infinite_well": qwpinn.InfiniteWell(width=1.0),
    "finite_well": qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0),
    "finite_barrier": qwpinn.FiniteBarrier(height=50.0, width=0.2, box=1.0),
}


@pytest.fixture(params=WELLS, scope="session")
def well(request):
    """Each of the three wells."""
    return WELLS[request.param]


@pytest.fixture(scope="session")
def finite_well():
    return WELLS["finite_well"]


@pytest.fixture(scope="session")
def solutions():
    """The three wells solved for five states by the default recipe, with their references."""
    return {
        name: (qwpinn.solve(well, states=5, seed=0), references.exact(well, 5))
        for name, well in WELLS.items()
    }


@pytest.fixture
def small_model(finite_well):
    """A small compiled model, cheap enough to train a few steps in any test."""
    model = qwpinn.QuantumWellPINN.for_potential(finite_well, states=2, units=16, seed=3)
    model.compile(optimizer=qwpinn.LevenbergMarquardt())
    return model


@pytest.fixture
def rng():
    return np.random.default_rng(0)
