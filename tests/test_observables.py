"""Observables: the closed forms of the box and the oscillator, identities, and bad input."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.polynomial import hermite
from numpy.typing import ArrayLike, NDArray
from problems import gaas_well

from qwpinn import plotting
from qwpinn.observables import Observables, count_nodes, splitting
from qwpinn.potentials import (
    CustomPotential,
    FiniteBarrier,
    FiniteWell,
    InfiniteWell,
    PiecewiseConstant,
    PiecewisePolynomial,
    Potential,
)
from qwpinn.references import Spectrum, exact, legendre_galerkin

Array = NDArray[np.float64]
OSCILLATOR = CustomPotential(lambda x: x**2, interval=(-10.0, 10.0))
N = np.arange(1, 6)


def box_psi(x: ArrayLike) -> Array:
    return np.asarray(math.sqrt(2.0) * np.sin(np.outer(x, math.pi * N)))


def box_slopes(x: ArrayLike) -> Array:
    return np.asarray(math.sqrt(2.0) * math.pi * N * np.cos(np.outer(x, math.pi * N)))


def hermite_functions(x: ArrayLike, derivative: int = 0) -> Array:
    """The oscillator's states n = 0 ... 4 with E = 2 n + 1, or their slopes."""
    t = np.asarray(x)
    norms = [1.0 / math.sqrt(2.0**n * math.factorial(n) * math.sqrt(math.pi)) for n in range(6)]
    psi = hermite.hermvander(t, 5) * norms * np.exp(-0.5 * t**2)[:, None]
    if derivative == 0:
        return np.asarray(psi[:, :5])
    n = np.arange(5)
    lower = np.column_stack([np.zeros_like(t), psi[:, :4]])
    return np.asarray(np.sqrt(n / 2.0) * lower - np.sqrt((n + 1) / 2.0) * psi[:, 1:])


BOX = Observables(InfiniteWell(), box_psi, box_slopes)
HARMONIC = Observables(OSCILLATOR, hermite_functions, lambda x: hermite_functions(x, 1))


def differences(potential: Potential, spectrum: Spectrum) -> Callable[[ArrayLike], Array]:
    """psi' to about 1e-7 from central differences, for spectra that know no slopes."""
    a, b = potential.interval

    def slopes(x: ArrayLike) -> Array:
        positions = np.asarray(x)
        edges = np.array([a, *potential.breakpoints, b])
        room = np.min(np.abs(positions[:, None] - edges), axis=1)
        step = np.minimum(1e-6 * (b - a), 0.5 * room)[:, None]
        shifts = [spectrum.wavefunctions(positions + s * step[:, 0]) for s in (-1, 1)]
        return np.asarray((shifts[1] - shifts[0]) / (2.0 * step))

    return slopes


def test_box() -> None:
    np.testing.assert_allclose(BOX.expectation("x"), 0.5, rtol=1e-13)
    expected = 1.0 / 3.0 - 0.5 / (N * math.pi) ** 2
    np.testing.assert_allclose(BOX.expectation("x^2"), expected, rtol=1e-13)
    np.testing.assert_allclose(BOX.expectation("p^2"), (N * math.pi) ** 2, rtol=1e-13)
    np.testing.assert_array_equal(BOX.expectation("V"), 0.0)
    sin = BOX.expectation(lambda x: np.sin(math.pi * x))
    np.testing.assert_allclose(sin, 4.0 * N**2 / (4.0 * N**2 - 1.0) * 2.0 / math.pi, rtol=1e-13)


def test_dipoles_of_the_box() -> None:
    i, j = np.meshgrid(N, N)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = -8.0 * i * j / (math.pi * (i**2 - j**2)) ** 2 * ((i + j) % 2)
    expected[i == j] = 0.5
    assert expected[0, 1] == pytest.approx(-16.0 / (9.0 * math.pi**2))
    np.testing.assert_allclose(BOX.dipoles, expected, atol=1e-15)
    np.testing.assert_array_equal(BOX.dipoles, BOX.dipoles.T)


def test_oscillator() -> None:
    n = np.arange(5)
    np.testing.assert_allclose(HARMONIC.expectation("x"), 0.0, atol=1e-14)
    for name in ("x^2", "p^2", "V"):
        np.testing.assert_allclose(HARMONIC.expectation(name), n + 0.5, rtol=1e-13)
    quartic = HARMONIC.expectation(lambda x: x**4)
    np.testing.assert_allclose(quartic, 0.75 * (2 * n**2 + 2 * n + 1), rtol=1e-13)
    expected = np.diag(np.sqrt((n[:4] + 1) / 2.0), 1)
    np.testing.assert_allclose(HARMONIC.dipoles, expected + expected.T, atol=1e-14)
    np.testing.assert_array_equal(HARMONIC.node_counts, n)
    expected = math.erf(1.0)
    assert HARMONIC.probability(-1.0, 1.0)[0] == pytest.approx(expected, rel=1e-13)


def test_unnormalised_states_are_normalised() -> None:
    scale = np.array([1.0, -2.0, 1e-3, 4.0, 1e5])
    scaled = Observables(
        InfiniteWell(), lambda x: scale * box_psi(x), lambda x: scale * box_slopes(x)
    )
    for name in ("x^2", "p^2"):
        np.testing.assert_allclose(scaled.expectation(name), BOX.expectation(name), rtol=1e-13)
    np.testing.assert_allclose(np.abs(scaled.dipoles), np.abs(BOX.dipoles), atol=1e-14)
    np.testing.assert_allclose(scaled.probability(0.1, 0.3), BOX.probability(0.1, 0.3), rtol=1e-13)


@pytest.mark.parametrize(
    "potential",
    [
        FiniteWell(),
        FiniteBarrier(),
        FiniteWell(depth=1e6),
        gaas_well(100.0, 200.0),
        PiecewisePolynomial(
            [0.0, 1.0, 2.5], [[3.0, 2.0], [-4.0, 1.0]], [[1.0, 0.3], [2.0, -0.5]], (1.0,)
        ),
    ],
    ids=lambda potential: potential.name,
)
def test_energy_is_kinetic_plus_potential(potential: Potential) -> None:
    solver = legendre_galerkin if potential.layers is None else exact
    spectrum = solver(potential, 3)
    states = Observables(potential, spectrum.wavefunctions, differences(potential, spectrum))
    total = states.expectation("p^2") + states.expectation("V")
    np.testing.assert_allclose(total, spectrum.energies, rtol=2e-6)
    np.testing.assert_allclose(
        np.diag(states.dipoles), states.expectation("x"), rtol=1e-12, atol=1e-15
    )
    np.testing.assert_array_equal(states.node_counts, [0, 1, 2])


def test_potential_energy_in_a_thin_tail() -> None:
    # After Hellmann and Feynman, <V> = depth dE / d depth; all of it within 1e-3 of the step.
    depth = 1e6
    well = FiniteWell(depth=depth)
    below, above = (FiniteWell(depth=depth + shift).levels(2) for shift in (-1e3, 1e3))
    expected = depth * (above - below) / 2e3
    states = Observables(well, exact(well, 2).wavefunctions)
    np.testing.assert_allclose(states.expectation("V"), expected, rtol=1e-6)


@pytest.mark.parametrize(
    "potential", [FiniteBarrier(), gaas_well(100.0, 200.0)], ids=lambda potential: potential.name
)
def test_oscillator_strengths_add_up(potential: Potential) -> None:
    # Thomas, Reiche, Kuhn: sum_n (E_n - E_0) |x_n0|^2 = <[x, [H, x]]> / 2 = <1 / rho>.
    spectrum = exact(potential, 40)
    states = Observables(potential, spectrum.wavefunctions)
    strengths = (spectrum.energies - spectrum.energies[0]) * states.dipoles[:, 0] ** 2
    expected = states.expectation(lambda x: 1.0 / potential.weight(x))[0]
    assert np.sum(strengths) == pytest.approx(expected, rel=1e-4)


def test_probability_ends_where_the_region_ends() -> None:
    for left, right in [(0.0, 1.0), (0.0, 0.123), (0.4, 0.41), (0.3, 0.3 + 1e-9), (0.7, 1.0)]:
        expected = [
            right
            - left
            - (math.sin(2 * n * math.pi * right) - math.sin(2 * n * math.pi * left))
            / (2 * n * math.pi)
            for n in N
        ]
        np.testing.assert_allclose(BOX.probability(left, right), expected, rtol=1e-12, atol=1e-16)


def test_probabilities_of_the_parts_add_up() -> None:
    well = FiniteWell(depth=100.0)
    states = Observables(well, exact(well, 3).wavefunctions)
    ends = [-3.0, -1.0, -0.2, 0.9999, 1.0, 1.5, 3.0]
    parts = [states.probability(*pair) for pair in itertools.pairwise(ends)]
    np.testing.assert_allclose(np.sum(parts, axis=0), 1.0, rtol=1e-13)
    np.testing.assert_allclose(parts[0], states.probability(1.0, 3.0), rtol=1e-12)


def test_nodes_of_a_pair_with_faint_tails() -> None:
    # A slightly lopsided double well: each of the pair has 1e-3 or so in the other's half.
    well = PiecewiseConstant([0.0, 0.4, 0.6, 1.0], [0.0, 2000.0, 0.1])
    spectrum = exact(well, 4)
    psi = spectrum.wavefunctions(np.linspace(0.0, 1.0, 2001))
    tails = np.max(np.abs(psi[:900]), axis=0) / np.max(np.abs(psi), axis=0)
    assert 1e-5 < min(tails[:2]) < 5e-2
    np.testing.assert_array_equal(Observables(well, spectrum.wavefunctions).node_counts, range(4))


def test_noise_in_a_tail_is_no_node(rng: Any) -> None:
    x = np.linspace(-10.0, 10.0, 4001)
    noisy = hermite_functions(x) + 1e-9 * rng.standard_normal((x.size, 5))
    np.testing.assert_array_equal(count_nodes(noisy), range(5))
    rough = hermite_functions(x) + 1e-4 * rng.standard_normal((x.size, 5))
    assert np.min(count_nodes(rough)) > 100
    np.testing.assert_array_equal(count_nodes(rough, visible=1e-2), range(5))


def test_nodes_of_a_narrow_deep_well_in_a_wide_box() -> None:
    well = FiniteWell(depth=1e8, width=0.01, box=100.0)
    states = Observables(well, exact(well, 12).wavefunctions)
    np.testing.assert_array_equal(states.node_counts, range(12))
    np.testing.assert_allclose(states.probability(-0.01, 0.01), 1.0, rtol=1e-9)


def test_no_lobe_no_node() -> None:
    counts = count_nodes(np.zeros((5, 2)))
    np.testing.assert_array_equal(counts, [0, 0])
    assert counts.dtype.kind == "i"


def test_splitting() -> None:
    barrier = FiniteBarrier(height=1e4, width=0.2, box=1.0)
    levels = barrier.levels(4)
    assert splitting(levels) == levels[1] - levels[0] > 0.0
    assert splitting(levels, 3, 0) == levels[0] - levels[3]


def test_bad_names_and_functions() -> None:
    with pytest.raises(
        ValueError, match=r"`f` must be 'x', 'x\^2', 'p\^2', 'T', 'V' or a function"
    ):
        BOX.expectation("p")
    with pytest.raises(TypeError, match=r"`f` must be a name or callable. Received: f of type int"):
        BOX.expectation(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"Received: slopes=None. Give slopes, or take energies"):
        Observables(InfiniteWell(), box_psi).expectation("p^2")
    with pytest.raises(ValueError, match=r"`f\(x\)` must have the shape of x.*np.full_like"):
        BOX.expectation(lambda x: np.max(x))
    with pytest.raises(ValueError, match=r"`f` must be finite .*Received: f\(\S+\) = inf\."):
        BOX.expectation(lambda x: np.full_like(x, np.inf))
    with pytest.raises(TypeError, match=r"`f\(x\)` must hold real numbers"):
        BOX.expectation(lambda x: 1j * x)


@pytest.mark.parametrize(("left", "right"), [(0.5, 0.5), (0.6, 0.4), (-0.5, 0.5), (0.5, 1.5)])
def test_bad_regions(left: float, right: float) -> None:
    with pytest.raises(ValueError, match=rf"increase inside \[0.0, 1.0\]. Received: left={left}"):
        BOX.probability(left, right)


def test_other_bad_arguments() -> None:
    with pytest.raises(ValueError, match=r"`right` must be finite"):
        BOX.probability(0.0, math.inf)
    with pytest.raises(ValueError, match=r"`j` must be below the number of states, 2. Received"):
        splitting([1.0, 2.0], 0, 2)
    with pytest.raises(ValueError, match=r"`i` must be an integer of at least 0"):
        splitting([1.0, 2.0], -1, 0)
    with pytest.raises(ValueError, match=r"`psi` must have shape \(n, K\).*shape=\(3,\)"):
        count_nodes(np.ones(3))
    with pytest.raises(ValueError, match=r"`visible` must be a part of the largest"):
        count_nodes(np.ones((3, 1)), visible=1.0)


@pytest.mark.parametrize("half", [1e3, 1e4, 1e6])
def test_states_that_fill_a_small_part_of_the_box(half: float) -> None:
    wide = CustomPotential(lambda x: x**2, interval=(-half, half))
    found = Observables(wide, hermite_functions)
    np.testing.assert_allclose(found.expectation("x^2"), np.arange(5) + 0.5, rtol=1e-6)
    np.testing.assert_allclose(found.expectation("V"), np.arange(5) + 0.5, rtol=1e-6)
    np.testing.assert_allclose(found.dipoles[0], [0, 0.5**0.5, 0, 0, 0], atol=1e-6)
    np.testing.assert_array_equal(found.node_counts, np.arange(5))
    assert found.probability(-1.0, 1.0)[0] == pytest.approx(math.erf(1.0), rel=1e-8)
    drawn = plotting.grid(wide)
    assert np.all(np.diff(drawn) > 0.0)
    np.testing.assert_array_equal(count_nodes(hermite_functions(drawn)), np.arange(5))
    largest = np.max(np.abs(hermite_functions(np.linspace(-4, 4, 4001))), axis=0)
    np.testing.assert_allclose(np.max(np.abs(hermite_functions(drawn)), axis=0), largest, rtol=0.01)
