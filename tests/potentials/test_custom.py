"""Potentials that a Python function gives, or its samples."""

import json
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qwpinn
from qwpinn import FiniteWell, Harmonic
from qwpinn.potentials import CustomPotential, Potential, Sampled, potential_from_config
from qwpinn.references import count_below, legendre_galerkin


def test_sampled_breaks_where_the_slope_changes() -> None:
    table = Sampled([0.0, 0.1, 0.2, 0.3, 0.7], [0.0, 1.0, 2.0, 3.0, 3.0])
    assert table.breakpoints == (0.3,)
    np.testing.assert_allclose(table([0.05, 0.5]), [0.5, 3.0])


def test_splines_are_exact_for_cubics_between_breakpoints() -> None:
    x = np.linspace(-2, 3, 11)
    table = Sampled(x, np.where(x < 1, x**3 - x, 4.0 - x**3), "cubic", breakpoints=(1.0,))
    fine = np.linspace(1, 3, 50)
    np.testing.assert_allclose(table(fine), 4.0 - fine**3, atol=1e-13)
    assert table.interval == (-2.0, 3.0)
    assert table([[0.0]]).shape == (1, 1)
    np.testing.assert_allclose(table(x), table.v, atol=1e-13)
    # Pieces of two and three samples are lines and parabolas.
    short = Sampled([0, 1, 2, 3], [0, 1, 4, 0], "cubic", breakpoints=(2.0,))
    np.testing.assert_allclose(short([0.5, 1.5, 2.5]), [0.25, 2.25, 2.0])
    assert Sampled([0, 2], [1, 5], "cubic")(0.5) == 2.0


def test_splines_are_of_fourth_order() -> None:
    exact = legendre_galerkin(CustomPotential(lambda x: 20 * np.cosh(x) ** -2, (-6, 6)), 2).energies
    errors = []
    for samples in (61, 121):
        x = np.linspace(-6, 6, samples)
        table = Sampled(x, 20 * np.cosh(x) ** -2, "cubic")
        assert table.breakpoints == ()
        errors.append(np.abs(legendre_galerkin(table, 2).energies - exact))
    assert np.all(np.log2(errors[0] / errors[1]) > 3.7)


@pytest.mark.parametrize("samples", [200, 500])
def test_big_tables_are_smooth_between_their_breakpoints(samples: int) -> None:
    x = np.linspace(-8, 8, samples)
    straight, smooth = Sampled(x, x**2, "linear"), Sampled(x, x**2)
    assert straight.breakpoints == tuple(x[1:-1])
    assert [count_below(table, 5.1) for table in (straight, smooth)] == [3, 3]
    np.testing.assert_allclose(legendre_galerkin(smooth, 3).energies, [1, 3, 5], rtol=1e-12)
    # Chords lie above the parabola, by h^2 / 6 in the mean.
    chords = legendre_galerkin(straight, 3, degree=3, panels=1).energies
    np.testing.assert_allclose(chords - [1, 3, 5], (x[1] - x[0]) ** 2 / 6.0, rtol=1e-3)


def test_custom_function_is_checked_when_called() -> None:
    with pytest.raises(TypeError, match="`function` must be callable"):
        CustomPotential(3.0, (0, 1))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"must have the shape of x, \(2,\). Received: shape=\(\)"):
        CustomPotential(lambda x: np.max(x), (0, 1))([0.1, 0.2])
    with pytest.raises(ValueError, match=r"must be finite everywhere.*Received: V\(0\.1\) = inf"):
        CustomPotential(lambda x: np.full_like(x, np.inf), (0, 1))([0.1])
    with pytest.raises(TypeError, match=r"dtype=complex128"):
        CustomPotential(lambda x: x + 1j, (0, 1))([0.1])


def test_custom_config_is_its_table() -> None:
    custom = CustomPotential(lambda x: np.where(x < 0.5, x**2, 3.0), (0, 1), (0.5,))
    restored = potential_from_config(json.loads(json.dumps(custom.to_config())))
    x = np.linspace(0, 1, 101)
    np.testing.assert_allclose(restored(x), custom(x), atol=1e-14)
    assert restored.breakpoints == (0.5,)


def test_notes_say_how_samples_are_joined():
    x = np.linspace(-3, 3, 61)
    assert Sampled(x, x**2).notes == ("The 61 samples of V are joined by cubic splines.",)
    well = Sampled(x, np.where(np.abs(x) < 1.05, 0.0, 20.0))
    assert well.notes == (
        "The 61 samples of V are joined by cubic splines between 4 breakpoints, kinks or jumps.",
        "Between -1.1 and -1, and in 1 more cells, V jumps or has a kink at a place that the "
        "samples do not tell: it is a line there.",
    )
    assert (2.0 * Sampled([0, 1], [0, 1])).notes == (
        "The 2 samples of V are joined by straight lines.",
    )


def test_every_second_sample_is_left_out_but_what_is_known_exactly_stays():
    x = np.linspace(-3, 3, 61)
    assert Sampled(x, x**2).coarser == Sampled(x[::2], x[::2] ** 2)
    # The two samples of a jump stay; so does a corner of straight lines.
    assert Sampled([0, 1, 2], [0, 1, 0]).coarser is None
    jump = Sampled([0, 1, 2, 3 - 1e-5, 3, 4, 5, 6], [0, 0, 0, 0, 9, 9, 9, 9]).coarser
    assert {3 - 1e-5, 3} < set(jump.x)
    assert jump.breakpoints == (0.5 * (3 - 1e-5 + 3),)
    # In a jump somewhere in a cell, the lower sample goes on either side: the well is narrower.
    well = Sampled(x, np.where(np.abs(x) < 1.05, 0.0, 20.0))
    assert np.all(well.coarser(x) >= well(x) - 1e-12)
    np.testing.assert_allclose(well.coarser(1.0), 10.0)
    for formula in (Harmonic(), FiniteWell(), Harmonic() + 1.0):
        assert formula.coarser is None
    table = Sampled(x, x**2)
    assert (2.0 * table).coarser == 2.0 * table.coarser
    assert table.shifted(1.0).coarser == table.coarser.shifted(1.0)
    line = CustomPotential(lambda x: 3.0 * x, (-3, 3))
    assert (line + table).coarser == line + table.coarser


@settings(deadline=None)
@given(st.integers(3, 60), st.integers(0, 2**32 - 1), st.sampled_from(["linear", "cubic"]))
def test_what_stays_are_samples_from_wall_to_wall(samples, seed, kind):
    rng = np.random.default_rng(seed)
    x = np.cumsum(rng.uniform(0.1, 1.0, samples))
    v = np.where(rng.uniform(size=samples) < 0.1, 9.0, 0.0).cumsum() % 18.0
    table = Sampled(x, v, kind)
    coarser = table.coarser
    if coarser is None:
        assert kind == "linear" or samples == 3 or len(table.breakpoints) > 0
        return
    assert coarser.interval == table.interval
    assert set(coarser.x) < set(table.x)
    assert coarser.kind == kind
    np.testing.assert_allclose(coarser(coarser.x), table(coarser.x), atol=1e-12)


def test_an_old_config_means_what_it_meant():
    config = {"class": "Sampled", "x": [0, 1, 2, 3], "v": [0, 1, 4, 9], "kind": "linear"}
    assert potential_from_config(config) == Sampled([0, 1, 2, 3], [0, 1, 4, 9], "linear")
    assert qwpinn.Sampled([0, 1], [0, 1]).kind == "linear"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Sampled([0, 1, 2], [0, 1]), r"`v` must be 3 numbers"),
        (lambda: Sampled([0, 1], [0, math.inf]), r"`v` must hold finite numbers. .*inf at index 1"),
        (lambda: Sampled([0, 1, 1], [0, 1, 2]), r"`x` must increase strictly. Received: 1.0 twice"),
        (
            lambda: Sampled([0, 1], [0, 1], "spline"),
            r"`kind` must be 'linear' or 'cubic'. .*spline",
        ),
        (lambda: Sampled([0, 1, 2], [0, 1, 2], "cubic", (1.5,)), r"must be among `x`.* 1.5"),
        (lambda: Sampled([0, 1], [0, 1], breakpoints=(0.0,)), r"must lie strictly inside"),
        (lambda: CustomPotential(np.sin, (1, 0)), r"`interval` must increase"),
        (lambda: CustomPotential(np.sin, (0, math.inf)), r"`interval` must hold finite numbers"),
        (
            lambda: CustomPotential(np.sin, (0, 1), (1.0,)),
            r"`breakpoints` must lie strictly inside",
        ),
    ],
)
def test_bad_arguments(make: Callable[[], Potential], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
