import dataclasses

import numpy as np
import pytest

import qwpinn
from qwpinn.equation.self_consistency import self_consistent


@dataclasses.dataclass(frozen=True)
class Mass(qwpinn.InfiniteWell):
    """Levels (n pi)^2 / (1 + E / gap), as the mass grows with the energy."""

    gap: float = 10.0
    energy: float = 0.0
    least_energy = 0.0

    def at(self, energy):
        return dataclasses.replace(self, energy=energy)


def lowest(seen):
    return np.pi**2 / (1.0 + seen.energy / seen.gap), seen


@pytest.mark.parametrize("guess", [-5.0, 0.0, 3.0, 9.0, 1e3])
def test_the_root_is_found_from_any_guess(guess):
    gap = 10.0
    exact = 0.5 * (np.sqrt(gap**2 + 4.0 * gap * np.pi**2) - gap)  # E (1 + E / gap) = pi^2
    assert self_consistent(lowest, Mass(), guess).energy == pytest.approx(exact, rel=1e-12)


def test_parabolic_bands_are_asked_once():
    asked = []

    def solve(seen):
        asked.append(seen)
        return 9.87, "spectrum"

    well = qwpinn.InfiniteWell()
    assert self_consistent(solve, well, guess=1.0) == "spectrum"
    assert asked == [well]


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_rounding_in_place_of_a_slope_is_no_failure(sign):
    def solve(seen):
        return 9.87 + 1e-11 * sign * seen.energy, seen.energy

    assert self_consistent(solve, Mass(), guess=5.0, rtol=1e-14) == pytest.approx(9.87, rel=1e-10)


def test_a_loose_tolerance_stops_early():
    asked = []

    def solve(seen):
        asked.append(seen.energy)
        return lowest(seen)

    found = self_consistent(solve, Mass(), guess=6.1, rtol=0.1)
    assert asked == [6.1] == [found.energy]
