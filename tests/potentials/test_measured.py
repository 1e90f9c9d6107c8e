"""Potentials in units: the same numbers, another hbar^2/2m."""

import contextlib
import copy
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import small

import qwpinn
from qwpinn import references
from qwpinn.cli.targets import READY
from qwpinn.observables import Observables
from qwpinn.potentials import (
    CustomPotential,
    DoubleWell,
    FiniteBarrier,
    FiniteWell,
    Gaussian,
    Harmonic,
    Heterostructure,
    InfiniteWell,
    InUnits,
    KronigPenney,
    Layer,
    Manufactured,
    Morse,
    PiecewiseConstant,
    PoeschlTeller,
    Potential,
    Quartic,
    Sampled,
    Triangular,
    WoodsSaxon,
    potential_from_config,
    tabulate,
)
from qwpinn.references.scattering import transmission
from qwpinn.solving.recipes import Precise
from qwpinn.units.dimensional import LENGTH
from qwpinn.units.systems import Units

WELL = FiniteWell(depth=5.0, width=1.0, box=3.0).in_units("nm", "eV")
K = Units("nm", "eV").kinetic
X = np.linspace(-2.0, 2.0, 81)

EVERY = (
    InfiniteWell(1.0),
    FiniteWell(5.0, 1.0, 3.0),
    FiniteBarrier(5.0, 0.2, 1.0),
    KronigPenney(2, 1.0, 0.3, 2.0),
    PiecewiseConstant([0, 1, 2], [0, 1]),
    PiecewiseConstant([0, 1, 2], [0, 1], [1.0, 2.0]),
    Harmonic(0.5),
    Morse(5.0, 2.0),
    PoeschlTeller(3.0, 1.0),
    Triangular(1.0, 12.0),
    Manufactured(),
    Quartic(),
    DoubleWell(),
    WoodsSaxon(),
    Gaussian(5.0, 0.5),
    Sampled(X, X**2),
    CustomPotential(np.square, (-3, 3)),
    CustomPotential(np.square, (-1, 3), weight=lambda x: 1.0 / (2.0 + x)),
    tabulate(Gaussian(5.0, 0.5)),
    FiniteWell(5.0, 1.0, 3.0) + CustomPotential(np.sin, (-1.5, 1.5)),
    2.0 * Harmonic() + 1.0,
    Morse(5.0, 2.0).shifted(1.0),
    Harmonic().with_breakpoints([0.5]),
)


@dataclass(frozen=True)
class Shallow(Potential):
    """-a (a + 1) / cosh(x)^2, whose depth goes with its width: the class holds no other."""

    a: float = 2.0
    box: float = 12.0
    dimensions: ClassVar = {"box": LENGTH}

    @property
    def interval(self):
        return -0.5 * self.box, 0.5 * self.box

    def __call__(self, x):
        return -self.a * (self.a + 1.0) / np.cosh(x) ** 2

    def levels(self, n):
        return -((self.a - np.arange(n)) ** 2)


def test_numbers_without_a_dimension_do_not_go_along_with_a_length():
    measured = Shallow().in_units("nm", "eV")
    with pytest.raises(LookupError, match=r"`Shallow` must define `in_length`.*Received: V=-"):
        measured.levels(1)


def test_every_ready_potential_is_tried_in_units():
    ready = {kind for kind in READY.values() if issubclass(kind, Potential)}
    assert ready <= {type(potential) for potential in EVERY}


@pytest.mark.parametrize("potential", EVERY, ids=lambda p: p.name)
def test_every_potential_has_units(potential):
    """Against the same V, taken for one without units, in lengths of (hbar^2/2m)^(1/2)."""
    unit = K**0.5
    measured = potential.in_units("nm", "eV")
    (a, b), inner = measured.interval, potential.walled(K)
    jumps = [x / unit for x in measured.breakpoints]
    plain = CustomPotential(
        lambda y: inner(np.clip(unit * y, a, b)),
        (a / unit, b / unit),
        jumps,
        lambda y: inner.weight(np.clip(unit * y, a, b)),
    )
    expected = references.legendre_galerkin(plain, 2)
    found = references.legendre_galerkin(measured, 2)
    scale = np.abs(expected.energies - measured.minimum)
    assert np.max(np.abs(found.energies - expected.energies) / scale) < 1e-10
    norms = Observables(measured, found.wavefunctions).norms
    np.testing.assert_allclose(norms, 1.0, rtol=1e-9)
    for factor in (0.999, 1.001):
        energy = measured.minimum + factor * (found.energies[1] - measured.minimum)
        below = np.count_nonzero(found.energies < energy)
        assert references.count_below(measured, energy) == below
    with contextlib.suppress(LookupError):
        np.testing.assert_allclose(measured.levels(1), expected.energies[:1], rtol=1e-9)
    assert measured.even == potential.even
    assert measured.cut_ends == potential.cut_ends


@pytest.mark.parametrize(
    ("potential", "levels"),
    [
        (InfiniteWell(1.0).in_units("nm", "eV"), [0.37603016, 4 * 0.37603016]),
        (InfiniteWell(2.0).in_units("hartree"), [np.pi**2 / 8.0, np.pi**2 / 2.0]),
        (InfiniteWell(1.0).in_units("hbar=m=1"), [np.pi**2 / 2.0, 2.0 * np.pi**2]),
        # V = x^2 / 2 and hbar = m = 1: hbar omega (n + 1/2).
        (Harmonic(omega=0.5**0.5).in_units("hartree"), [0.5, 1.5]),
        # hbar omega = 2 omega (hbar^2/2m)^(1/2).
        (Harmonic(0.5).in_units("nm", "eV"), K**0.5 * np.array([0.5, 1.5])),
        # The spectroscopists' omega_e (n + 1/2) - omega_e x_e (n + 1/2)^2.
        (
            Morse(70250.0, 2.68, 1.1164, (0.6, 3.0)).in_units("A", "cm^-1", "7.0015 u"),
            [1097.87735, 3267.69226],
        ),
        # V = -3 / cosh^2 and hbar = m = 1: strength 2, E = -(2 - n)^2 / 2.
        (PoeschlTeller(1.302775637731995).in_units("hbar=m=1"), [-2.0, -0.5]),
        (Triangular(1.0, 12.0).in_units("nm", "eV"), K ** (1 / 3) * np.array([2.3381, 4.08795])),
        (FiniteWell(5.0, 1.0, 5.0).in_units("nm", "eV"), [0.271803774, 1.077395914]),
    ],
)
def test_exact_levels_in_units(potential, levels):
    np.testing.assert_allclose(potential.levels(2), levels, rtol=2e-5 if K > 1 else 4e-6)
    found = references.legendre_galerkin(potential, 2).energies
    np.testing.assert_allclose(found, potential.levels(2), rtol=1e-10)


def test_what_has_no_closed_form_says_so():
    with pytest.raises(LookupError, match="Quartic` must have a closed form"):
        Quartic().in_units("nm", "eV").levels(1)


def test_a_heterostructure_is_the_same_problem():
    barrier, gaas = Layer(10.0, offset=200.0, mass=0.067), Layer(6.0, offset=0.0, mass=0.067)
    device = Heterostructure([barrier, gaas, barrier])
    well = FiniteWell(200.0, 6.0, 26.0).in_units("nm", "meV", mass=0.067).shifted(13.0)
    first, second = (references.exact(p, 2) for p in (device, well))
    np.testing.assert_allclose(first.energies, second.energies, rtol=1e-12)
    z = np.linspace(0.0, 26.0, 101)
    np.testing.assert_allclose(first.wavefunctions(z), second.wavefunctions(z), atol=1e-10)


def test_operators_keep_the_units():
    lifted = 2.0 * WELL + 1.0
    assert isinstance(lifted, InUnits)
    np.testing.assert_array_equal(lifted([0.0, 1.0]), [1.0, 11.0])
    tilt = CustomPotential(lambda x: 0.3 * x, (-1.5, 1.5)).in_units("nm", "eV")
    both = WELL + tilt
    np.testing.assert_allclose(both([0.2, 1.0]), [0.06, 5.3])
    assert both.units == WELL.units
    assert (WELL - WELL)([0.0]) == 0.0
    assert (-WELL)([1.0]) == -5.0
    moved = WELL.shifted(1.0)
    assert moved.interval == (-0.5, 2.5)
    np.testing.assert_allclose(moved.levels(1), WELL.levels(1))
    assert WELL.mirrored().units == WELL.units
    assert WELL.stretched(2.0).interval == (-3.0, 3.0)
    np.testing.assert_allclose((WELL + 2.0).levels(2), WELL.levels(2) + 2.0)
    assert tilt.with_breakpoints([0.5]).breakpoints == (0.5,)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: WELL + FiniteWell(5.0, 1.0, 3.0).in_units("A", "eV"),
            ValueError,
            "must have the same units. Received: nm, eV, mass 1 and A, eV, mass 1",
        ),
        (
            lambda: WELL + FiniteWell(5.0, 1.0, 3.0).in_units("nm", "eV", 0.5),
            ValueError,
            "mass 1 and nm, eV, mass 0.5",
        ),
        (lambda: WELL + FiniteWell(5.0, 1.0, 3.0), ValueError, "mass 1 and hbar\\^2/2m=1"),
        (lambda: FiniteWell(5.0, 1.0, 3.0) + WELL, TypeError, "InUnits, in nm, eV, mass 1. Give"),
        (lambda: WELL.in_units("A"), ValueError, "Received: A, eV, mass 1. Give the mass only"),
        (lambda: tabulate(WELL), TypeError, "Give its normal_form"),
        (
            lambda: Heterostructure([Layer(5.0, "GaAs")]).in_units("nm", "eV"),
            ValueError,
            "which is in nm, meV and electron masses",
        ),
        (lambda: WELL.varied("depht", 1.0), ValueError, "must be one of depth, width, box"),
        (lambda: WELL.varied("depth", "1 nm"), ValueError, "the unit nm"),
        (
            lambda: FiniteWell(mass=1),
            TypeError,
            "by depth, width, box. Received: mass=1. Give the mass and the units.*in_units",
        ),
        (lambda: Gaussian(units="nm"), TypeError, "Received: units='nm'.*to `in_units`"),
        (lambda: Sampled([0, 1], [0, 1], energy_unit="eV"), TypeError, "to `in_units`"),
        (
            lambda: FiniteWell(depth="5 eV"),
            TypeError,
            r"`depth` must be a real number.*FiniteWell\(depth=5, ...\).in_units\(energy='eV'\)",
        ),
        (lambda: FiniteWell(5.0, "1 nm"), TypeError, r"width=1, ...\).in_units\(length='nm'\)"),
        (lambda: PiecewiseConstant(["0 nm", "1 nm"], [1.0]), TypeError, "`edges` must be a real"),
        (
            lambda: FiniteWell(depth="5"),
            TypeError,
            "`depth` must be a real number. Received: depth=",
        ),
    ],
)
def test_what_is_refused_is_said_in_one_line(make, error, message):
    with pytest.raises(error, match=message) as raised:
        make()
    assert "\n" not in str(raised.value)


def test_numbers_vary_with_their_units():
    assert WELL.varied("depth", "500 meV").potential.depth == 0.5
    assert WELL.varied("width", 0.7).potential.width == 0.7
    heavy = WELL.varied("mass", 2.0)
    assert heavy.kinetic == pytest.approx(K / 2.0)
    assert heavy.in_units(mass="1 u").mass == "1 u"
    units = [WELL.unit(name) for name in ("depth", "width", "mass", "other")]
    assert units == ["eV", "nm", "m0", ""]
    assert Harmonic().in_units("nm", "eV").unit("omega") == "eV^0.5/nm"
    assert Quartic().in_units("nm", "eV").unit("coefficient") == "eV/nm^4"
    assert FiniteWell().unit("depth") == ""


@pytest.mark.parametrize(
    "potential",
    [
        WELL,
        Harmonic().in_units("hartree"),
        Morse().in_units("A", "cm^-1", mass="7.0015 u"),
        Gaussian().in_units("hbar=m=1"),
        (2.0 * WELL).shifted(0.5),
        Sampled(X, X**2).in_units("A", "meV", 0.067),
    ],
)
def test_it_is_stored_and_copied(potential):
    restored = potential_from_config(potential.to_config())
    assert restored == potential
    assert restored.kinetic == potential.kinetic
    assert copy.deepcopy(potential) == potential
    if "..." not in repr(potential):
        assert eval(repr(potential), vars(qwpinn.potentials)) == potential


def test_a_function_in_units_is_stored_as_its_table():
    config = CustomPotential(np.square, (-2, 2)).in_units("nm", "eV").to_config()
    assert config["potential"]["class"] == "PiecewisePolynomial"
    restored = potential_from_config(config)
    np.testing.assert_allclose(restored(X), X**2, atol=1e-12)
    assert restored.units == WELL.units


def test_transmission_in_units():
    barrier = FiniteBarrier(5.0, 0.2, 1.0).in_units("nm", "eV")
    kappa = ((5.0 - 1.0) / K) ** 0.5
    exact = 1.0 / (1.0 + 5.0**2 * np.sinh(kappa * 0.2) ** 2 / (4.0 * 1.0 * 4.0))
    assert transmission(barrier, 1.0) == pytest.approx(exact, rel=1e-12)


@pytest.fixture(scope="module")
def solved():
    return qwpinn.solve(WELL, states=2, recipe=Precise(epochs=0))


def test_a_solution_is_in_these_units(solved):
    levels = WELL.levels(2)
    assert solved.converged
    assert np.all((solved.lower <= levels) & (levels <= solved.upper))
    np.testing.assert_allclose(solved.energies, levels, rtol=1e-9)
    x = np.linspace(-1.5, 1.5, 20001)
    psi = solved.wavefunctions(x)
    np.testing.assert_allclose(np.trapezoid(psi**2, x, axis=0), 1.0, rtol=1e-8)
    assert np.max(solved.error(references.exact(WELL, 2))) < 1e-5
    assert np.all(solved.error(references.exact(WELL, 2)) <= solved.state_errors)
    exact = references.exact(WELL, 2).wavefunctions(x)
    dipole = np.trapezoid(exact[:, 0] * x * exact[:, 1], x)
    assert abs(solved.dipoles[0, 1]) == pytest.approx(abs(dipole), rel=1e-6)
    slopes = np.gradient(exact, x, axis=0)
    squares = np.trapezoid(slopes**2, x, axis=0)
    np.testing.assert_allclose(solved.expectation("p^2"), squares, rtol=1e-5)
    np.testing.assert_allclose(solved.expectation("T"), K * solved.expectation("p^2"), rtol=1e-12)
    total = solved.expectation("T") + solved.expectation("V")
    np.testing.assert_allclose(total, solved.energies, rtol=1e-9)
    # Far from the ends: psi'^2 / (2 kappa) at both, times hbar^2/2m.
    assert np.all(solved.bound)
    wider = references.exact(FiniteWell(5.0, 1.0, 9.0).in_units("nm", "eV"), 2).energies
    np.testing.assert_allclose(solved.wall_shift, levels - wider, rtol=1e-2, atol=1e-14)


def test_a_model_in_units_is_saved_and_loaded(solved, tmp_path):
    solved.save(tmp_path / "well")
    model = qwpinn.load(tmp_path / "well")
    assert model.potential == WELL
    np.testing.assert_array_equal(model.energies, solved.energies)
    x = np.linspace(-1.0, 1.0, 11)
    np.testing.assert_allclose(model.predict(x, verbose=0), solved.wavefunctions(x), atol=1e-12)


def test_figures_have_units(solved):
    axes = solved.plot().axes[0]
    assert axes.get_xlabel() == "x (nm)"
    assert axes.get_ylabel().startswith("energy (eV)")


def test_a_kink_in_units_is_placed():
    kink = CustomPotential(lambda x: np.abs(x - 0.1), (-1, 1)).in_units("nm", "eV")
    solution = qwpinn.solve(kink, 1, recipe=Precise(epochs=0))
    assert solution.potential.breakpoints == pytest.approx((0.1,), abs=1e-8)
    declared = CustomPotential(lambda x: np.abs(x - 0.1), (-1, 1), [0.1]).in_units("nm", "eV")
    exact = references.legendre_galerkin(declared, 1).energies
    np.testing.assert_allclose(solution.energies, exact, rtol=1e-8)


def test_a_mass_is_swept():
    swept = qwpinn.sweep(WELL, "mass", [1.0, 0.5], 1, recipe=Precise(epochs=0))
    levels = [WELL.varied("mass", mass).levels(1) for mass in (1.0, 0.5)]
    np.testing.assert_allclose(swept.energies, levels, rtol=1e-8)
    assert swept.label == "mass (m0)"


def test_families_in_units():
    family = qwpinn.Family(WELL, depth=(4.0, 6.0))
    assert qwpinn.Family.from_config(family.to_config()).centre == family.centre
    made = qwpinn.Family(lambda depth: FiniteWell(depth, 1.0, 3.0).in_units(), depth=(4.0, 6.0))
    assert made.centre == family.centre
    with pytest.raises(ValueError, match=r"must leave hbar\^2/2m alone.*Received: mass"):
        qwpinn.Family(WELL, mass=(0.5, 1.0))
    with small.families():
        model = qwpinn.train_family(family, 1, epochs=0, members=16, points=60, teachers=16)
    p = [[4.5], [5.5]]
    levels = [WELL.varied("depth", depth).levels(1) for (depth,) in p]
    np.testing.assert_allclose(model.energies(p, refine=True), levels, rtol=1e-6)
    x = np.linspace(-1.5, 1.5, 3001)
    norms = np.trapezoid(model.wavefunctions([x], p) ** 2, x, axis=1)
    np.testing.assert_allclose(norms, 1.0, rtol=1e-4)


@pytest.mark.parametrize("units", [("um", "eV"), ("m", "eV"), ("m", "J"), ("pm", "MeV")])
def test_references_hold_in_any_units(units):
    box = InfiniteWell(width=2.0).in_units(*units)
    found = references.legendre_galerkin(box, 3).energies
    np.testing.assert_allclose(found, box.levels(3), rtol=1e-11)
