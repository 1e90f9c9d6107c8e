"""Manufactured wells: a state in closed form, against a solver and by its own derivatives."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwpinn.potentials import InfiniteWell, Manufactured, Potential, potential_from_config
from qwpinn.references import count_below, legendre_galerkin

WELLS = (
    Manufactured(),
    Manufactured([0.3], energy=-2.0, length=4.0),
    Manufactured((0.5, 0.2, -0.1), energy=100.0, length=1.5, level=2),
    Manufactured((0.0, 0.4), level=1),
)


@pytest.mark.parametrize("well", WELLS, ids=repr)
def test_the_state_is_known(well: Manufactured) -> None:
    found = legendre_galerkin(well, well.level + 1)
    scale = abs(well.energy) + np.ptp(well(np.linspace(*well.interval, 999)))
    assert abs(found.energies[-1] - well.energy) < 1e-12 * scale
    x = np.linspace(*well.interval, 77)
    expected = found.wavefunctions(x)[:, -1]
    np.testing.assert_allclose(well.wavefunction(x), expected, atol=1e-10)
    assert count_below(well, well.energy + 1e-9 * scale) == well.level + 1
    assert count_below(well, well.energy - 1e-9 * scale) == well.level


def test_values_by_hand() -> None:
    """g = a cos(pi x): psi'' / psi = pi^2 (a^2 sin^2 - 3 a cos - 1)."""
    x = np.array([0.0, 0.2, 1.0])
    a, t = 0.3, np.pi * x
    expected = 5.0 + np.pi**2 * (np.square(a * np.sin(t)) - 3.0 * a * np.cos(t) - 1.0)
    np.testing.assert_allclose(Manufactured([a], energy=5.0)(x), expected, rtol=1e-14)
    flat = Manufactured([], energy=np.pi**2, length=1.0)
    np.testing.assert_allclose(flat(x), InfiniteWell()(x), atol=1e-14)
    assert Manufactured().levels(1).tolist() == [10.0]


@given(
    coefficients=st.lists(st.floats(-1.0, 1.0), max_size=4),
    level=st.integers(0, 3),
    at=st.floats(0.0, 1.0),
)
def test_v_is_psi_curved_over_psi(coefficients: list[float], level: int, at: float) -> None:
    """The residual -psi'' + (V - E) psi by differences, at and beside the nodes too."""
    well, step = Manufactured(coefficients, level=level), 1e-4
    x = step + at * (1.0 - 2.0 * step)
    below, psi, above = well.wavefunction(x + step * np.array([-1.0, 0.0, 1.0]))
    curved = (below - 2.0 * psi + above) / step**2
    size = np.max(np.abs(well.wavefunction(np.linspace(0, 1, 99)))) * (20.0 * (level + 1)) ** 4
    assert abs(curved - (well(x) - well.energy) * psi) < 1e-6 * size


def test_neighbouring_copies_are_mirror_images() -> None:
    well = Manufactured((0.5, 0.2), level=3)
    x = np.linspace(0.0, 0.25, 9)
    np.testing.assert_allclose(well(x), well(0.5 - x), rtol=1e-12)
    assert well.even and Manufactured((0.0, 0.2)).even
    assert not Manufactured((0.1, 0.2)).even and not Manufactured((0.1,), level=2).even


@pytest.mark.parametrize("well", WELLS, ids=repr)
def test_round_trip(well: Manufactured) -> None:
    restored: Potential = potential_from_config(json.loads(json.dumps(well.to_config())))
    assert restored == well and hash(restored) == hash(well)


def test_other_levels_are_not_known() -> None:
    with pytest.raises(LookupError, match=r"`n` must be 1, .* Received: n=2 of level 0"):
        Manufactured().levels(2)
    with pytest.raises(LookupError, match=r"`n` must be 1, .* Received: n=1 of level 1"):
        Manufactured(level=1).levels(1)
    with pytest.raises(LookupError, match=r"must have hbar\^2/2m = 1"):
        Manufactured().in_units("nm", "eV").levels(1)


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match="`length` must be a positive, finite length"):
        Manufactured(length=0.0)
    with pytest.raises(ValueError, match="`energy` must be finite"):
        Manufactured(energy=np.inf)
    with pytest.raises(ValueError, match="`level` must be an integer of at least 0"):
        Manufactured(level=-1)
    with pytest.raises(TypeError, match="`level` must be an integer"):
        Manufactured(level=0.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`coefficients` must"):
        Manufactured("wide")
