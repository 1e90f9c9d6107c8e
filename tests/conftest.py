"""Fixtures that several test modules share: trained models are made once."""

import os

# Before TensorFlow loads: its C++ start-up messages are not ours to test.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# As many test processes as cores: BLAS threads of one would wait for those of the other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# What is printed is compared: everywhere, and in every process that a test starts, on a terminal of
# this width and without colours.
os.environ.update(COLUMNS="80", LINES="24")
os.environ.pop("FORCE_COLOR", None)
os.environ.pop("TTY_COMPATIBLE", None)
os.environ.pop("TTY_INTERACTIVE", None)
# A cluster of the user's would make workers of the tests.
os.environ.pop("TF_CONFIG", None)

# Where no one has drawn before, this import finds the fonts, and says so if it takes long: once
# here, not in the processes that tests start and must find quiet.
import matplotlib.font_manager  # noqa: F401
import numpy as np
import pytest
import small
from hypothesis import HealthCheck, settings

import qwpinn
from qwpinn import references

# The same examples everywhere: whether a commit is green is a property of it, not of the day. No
# clock decides, and nothing of another run is remembered.
settings.register_profile(
    "qwpinn",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("qwpinn")

WELLS = {
    "infinite_well": qwpinn.InfiniteWell(width=1.0),
    "finite_well": qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0),
    "finite_barrier": qwpinn.FiniteBarrier(height=50.0, width=0.2, box=1.0),
}


def say_seed(config):
    """Print what repeats the order of the tests; pytest's header, which does, is off with -q."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    seed = config.getoption("randomly_seed", None)
    if terminal is not None and seed is not None:
        terminal.write_line(f"Random order of the tests: pytest --randomly-seed={seed} repeats it.")


def pytest_sessionstart(session):
    say_seed(session.config)


def pytest_terminal_summary(config):
    say_seed(config)


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


FAMILY = qwpinn.Family(qwpinn.FiniteWell, depth=(15, 25), width=(1.8, 2.2), box=6.0)


@pytest.fixture(scope="session")
def family_model():
    """A network of finite wells that has learnt its Ritz states; no test changes it."""
    model = qwpinn.FamilyPINN.for_family(FAMILY, 2, **small.SIZES)
    model.start(128, epochs=60)
    return model


@pytest.fixture
def without_graphs(monkeypatch):
    """Saves in a tenth of the time: what `qwpinn.load` reads, and no SavedModel."""
    monkeypatch.setattr("qwpinn.networks.saved_model.write_saved_model", lambda *given: None)


@pytest.fixture
def small_model(finite_well):
    """A small compiled model, cheap enough to train a few steps in any test."""
    model = qwpinn.QuantumWellPINN.for_potential(finite_well, states=2, units=16, seed=3)
    model.compile(optimizer=qwpinn.LevenbergMarquardt())
    return model


@pytest.fixture
def rng():
    return np.random.default_rng(0)
