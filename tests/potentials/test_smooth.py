"""Smooth shapes without a closed form: their levels, kinks and defaults."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from problems import SMOOTH, Problem

from qwpinn.potentials import (
    CustomPotential,
    DoubleWell,
    Gaussian,
    Harmonic,
    KronigPenney,
    Morse,
    PoeschlTeller,
    Potential,
    Quartic,
    Triangular,
    WoodsSaxon,
)
from qwpinn.references import count_below, legendre_galerkin


def test_the_kink_of_a_nucleus_is_a_breakpoint_until_it_is_round_off() -> None:
    blurred, sharp = WoodsSaxon(diffuseness=0.5), WoodsSaxon(diffuseness=0.05)
    assert (blurred.breakpoints, sharp.breakpoints) == ((0.0,), ())
    for potential in (blurred, sharp):  # would not converge over a kink
        ground = legendre_galerkin(potential, 1).energies[0]
        assert count_below(potential, ground - 1e-9) == 0
        assert count_below(potential, ground + 1e-9) == 1


@pytest.mark.parametrize("problem", SMOOTH[1:3], ids=lambda problem: problem.id)
def test_shapes_have_the_known_levels(problem: Problem) -> None:
    shape = {"quartic": Quartic(), "double_well_5": DoubleWell()}[problem.id]
    levels = legendre_galerkin(shape, problem.levels.size).energies
    np.testing.assert_allclose(levels, problem.levels, rtol=1e-12)


POSITIVE: list[tuple[Callable[..., Potential], tuple[str, ...]]] = [
    (Harmonic, ("omega", "box")),
    (Morse, ("depth", "alpha")),
    (PoeschlTeller, ("strength", "alpha", "box")),
    (Triangular, ("slope", "length")),
    (Quartic, ("coefficient", "box")),
    (DoubleWell, ("quartic", "quadratic", "box")),
    (WoodsSaxon, ("depth", "radius", "diffuseness", "box")),
    (Gaussian, ("depth", "width", "box")),
    (KronigPenney, ("well_width", "barrier_width")),
]


@pytest.mark.parametrize(
    ("make", "field"),
    [(make, field) for make, fields in POSITIVE for field in fields],
)
def test_sizes_are_positive_numbers(make: Callable[..., Potential], field: str) -> None:
    for value in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match=rf"`{field}` must be a positive, finite"):
            make(**{field: value})
    with pytest.raises(TypeError, match=rf"`{field}` must be a real number"):
        make(**{field: "wide"})


def test_lessons_start_from_the_defaults() -> None:
    """Every default holds three states below its rim; all but two are symmetric about 0."""
    for make, _ in POSITIVE:
        potential = make()
        energies = legendre_galerkin(potential, 3).energies
        assert energies[2] < max(potential(np.array(potential.interval)))
        if not isinstance(potential, Morse | Triangular):
            x = np.linspace(*potential.interval, 11)
            np.testing.assert_allclose(potential(x), potential(x[::-1]), rtol=1e-12)
            assert potential.interval[0] == -potential.interval[1]
    plain = CustomPotential(Harmonic(), Harmonic().interval)
    for n, energy in itertools.islice(enumerate(Harmonic().levels(10)), 0, None, 3):
        assert count_below(plain, energy + 0.5) == n + 1
