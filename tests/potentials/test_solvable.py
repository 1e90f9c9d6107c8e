"""Textbook potentials: formulas, levels against a solver, what the walls forbid."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ai_zeros

from qwpinn.potentials import (
    DoubleWell,
    FiniteWell,
    Gaussian,
    Harmonic,
    KronigPenney,
    Morse,
    PoeschlTeller,
    Potential,
    Quartic,
    Triangular,
    WoodsSaxon,
    potential_from_config,
    tabulate,
)
from qwpinn.references import exact, legendre_galerkin

SOLVABLE = [
    (Harmonic(), 10),
    (Harmonic(omega=1e6), 5),
    (Morse(), 3),
    (Morse(depth=1.2, alpha=0.8, minimum=3.0), 1),
    (Morse(depth=2.5e5, alpha=50.0, minimum=-1.0), 4),
    (PoeschlTeller(), 3),
    (PoeschlTeller(strength=2.5, alpha=0.1), 2),
    (Triangular(), 5),
    (Triangular(slope=30.0, length=1.0), 6),
    (Triangular(slope=0.5, length=1.0), 3),
    (Triangular(slope=1e6, length=0.2), 4),
]
UNSOLVABLE = [
    Quartic(coefficient=7.0),
    DoubleWell(),
    WoodsSaxon(),
    Gaussian(),
    KronigPenney(wells=3, well_width=2.0, barrier_width=0.5, height=9.0),
]
ALL = [potential for potential, _ in SOLVABLE] + UNSOLVABLE


@pytest.mark.parametrize(("potential", "states"), SOLVABLE, ids=lambda p: repr(p)[:40])
def test_levels_against_a_solver(potential: Potential, states: int) -> None:
    solved = legendre_galerkin(potential, states).energies
    np.testing.assert_allclose(potential.levels(states), solved, rtol=1e-12)


def test_levels_of_textbooks() -> None:
    np.testing.assert_array_equal(Harmonic(omega=0.5).levels(3), [0.5, 1.5, 2.5])
    np.testing.assert_array_equal(Morse(depth=36.0, alpha=1.0).levels(3), [5.75, 15.75, 23.75])
    np.testing.assert_allclose(PoeschlTeller(3.0, 2.0).levels(3), [-36.0, -16.0, -4.0], rtol=1e-15)
    zeros = -ai_zeros(3)[0]
    np.testing.assert_allclose(Triangular(slope=8.0, length=9.0).levels(3), 4.0 * zeros, rtol=1e-14)


def test_values_and_defaults() -> None:
    assert Harmonic(omega=2.0)(3.0) == 36.0
    assert Quartic(coefficient=2.0)(-3.0) == 162.0
    assert DoubleWell(quartic=2.0, quadratic=3.0)(2.0) == 20.0
    assert Triangular(slope=3.0, length=2.0)(1.5) == 4.5
    assert Gaussian(depth=4.0, width=2.0)(2.0) == pytest.approx(-4.0 * np.exp(-0.5), rel=1e-15)
    assert PoeschlTeller(strength=2.0, alpha=3.0)(0.0) == pytest.approx(-54.0, rel=1e-15)
    assert PoeschlTeller(2.0, 3.0)(0.2) == pytest.approx(-54.0 / np.cosh(0.6) ** 2, rel=1e-14)
    assert PoeschlTeller(strength=2.0, alpha=3.0, box=1e6)(5e5) == 0.0
    morse = Morse(depth=9.0, alpha=2.0, minimum=1.0)
    assert morse(1.0) == 0.0
    assert morse(1.5) == pytest.approx(9.0 * (1.0 - np.exp(-1.0)) ** 2, rel=1e-15)
    woods_saxon = WoodsSaxon(depth=9.0, radius=2.0, diffuseness=0.5)
    assert woods_saxon(-3.0) == pytest.approx(-9.0 / (1.0 + np.exp(2.0)), rel=1e-14)
    assert woods_saxon([0.0, 1.0]).shape == (2,)
    assert Harmonic(omega=4.0).interval == (-4.25, 4.25)
    assert Harmonic(box=3.0).interval == (-1.5, 1.5)
    assert Morse(interval=(-1, 4)).interval == (-1.0, 4.0)


def test_kronig_penney() -> None:
    row = KronigPenney(wells=3, well_width=2.0, barrier_width=0.5, height=9.0)
    assert row.interval == (-4.0, 4.0)
    assert row.breakpoints == (-3.5, -1.5, -1.0, 1.0, 1.5, 3.5)
    np.testing.assert_array_equal(row([-3.9, -2.0, -1.2, 0.0, 1.2, 2.0, 3.9]), [9, 0] * 3 + [9])
    one = KronigPenney(wells=1, well_width=2.0, barrier_width=2.0, height=20.0)
    np.testing.assert_allclose(exact(one, 4).energies, FiniteWell().levels(4), rtol=1e-13)
    uneven = KronigPenney(wells=4, well_width=0.1, barrier_width=0.7)
    np.testing.assert_array_equal(uneven.layers.edges, -uneven.layers.edges[::-1])
    # Weakly coupled wells: a band holds one level a well.
    gaps = np.diff(exact(KronigPenney(5, 1.0, 0.3, 40.0), 10).energies)
    assert np.argmax(gaps) == 4


@pytest.mark.parametrize("potential", ALL, ids=lambda p: repr(p)[:40])
def test_round_trip_and_table(potential: Potential) -> None:
    restored = potential_from_config(json.loads(json.dumps(potential.to_config())))
    assert restored == potential
    assert hash(restored) == hash(potential)
    x = np.linspace(*potential.interval, 301)
    np.testing.assert_array_equal(restored(x), potential(x))
    np.testing.assert_allclose(
        tabulate(potential)(x), potential(x), atol=1e-12 * np.ptp(potential(x))
    )


@pytest.mark.parametrize("potential", UNSOLVABLE, ids=lambda p: p.name)
def test_no_closed_form(potential: Potential) -> None:
    with pytest.raises(LookupError, match=r"Use qwpinn.references.legendre_galerkin"):
        potential.levels(1)


@pytest.mark.parametrize(
    ("potential", "fitting", "message"),
    [
        (PoeschlTeller(3.0), 3, r"exceed the 3 bound states of PoeschlTeller\(.*Received: n=4"),
        (PoeschlTeller(2.5, box=80.0), 3, r"exceed the 3 bound states .*n=4"),
        (Morse(36.0, interval=(-2.1, 80.0)), 6, r"exceed the 6 bound states of Morse\(.*n=7"),
        (Harmonic(box=12.0), 2, r"walls that shift the last level by about \de-12 of its energy"),
        (Morse(), 3, r"leave out levels that the walls shift. Received: n=4"),
        (PoeschlTeller(2.05), 2, r"leave out levels that the walls shift. Received: n=3"),
    ],
)
def test_levels_that_the_line_does_not_have(
    potential: Potential, fitting: int, message: str
) -> None:
    solved = legendre_galerkin(potential, fitting).energies
    np.testing.assert_allclose(potential.levels(fitting), solved, rtol=1e-11)
    with pytest.raises(LookupError, match=message):
        potential.levels(fitting + 1)


def test_a_shallow_molecule_binds_nothing() -> None:
    with pytest.raises(LookupError, match="must not exceed the 0 bound states"):
        Morse(depth=0.2, alpha=1.0).levels(1)


@settings(max_examples=15, deadline=None)
@given(
    box=st.floats(5.0, 14.0),
    states=st.integers(1, 4),
    make=st.sampled_from(
        [
            lambda box: Harmonic(box=box),
            lambda box: PoeschlTeller(strength=6.0, box=box),
            lambda box: Morse(interval=(-0.2 * box, 0.8 * box)),
        ]
    ),
)
def test_given_levels_are_right_whatever_the_box(
    box: float, states: int, make: Callable[[float], Potential]
) -> None:
    potential = make(box)
    try:
        levels = potential.levels(states)
    except LookupError:
        return
    np.testing.assert_allclose(levels, legendre_galerkin(potential, states).energies, rtol=1e-11)


@settings(max_examples=40, deadline=None)
@given(size=st.floats(0.7, 500.0), alpha=st.floats(1e-3, 1e3))
def test_the_default_walls_leave_half_of_a_molecule_alone(size: float, alpha: float) -> None:
    molecule = Morse(depth=(size * alpha) ** 2, alpha=alpha)
    half = (molecule.bound_states + 1) // 2
    assert molecule.levels(half).shape == (half,)


def bad(make: Callable[..., Potential], **fields: object) -> Callable[[], Potential]:
    return lambda: make(**fields)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (bad(Morse, interval=(2.0, 1.0)), "`interval` must increase strictly"),
        (bad(Morse, minimum=np.nan), "`minimum` must be finite"),
        (bad(KronigPenney, wells=0), "`wells` must be an integer of at least 1. Received: wells=0"),
        (bad(KronigPenney, height=-1.0), "`height` must be a finite energy that is not negative"),
    ],
)
def test_other_bad_arguments(make: Callable[[], Potential], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
    with pytest.raises(TypeError, match="`wells` must be an integer"):
        KronigPenney(wells=2.0)  # type: ignore[arg-type]
