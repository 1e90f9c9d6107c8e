"""Which ends are walls and which only cut V off, and what the cut does to the levels."""

import json

import numpy as np
import pytest
from devices import barrier, double_well, single_well, well
from hypothesis import given, settings
from hypothesis import strategies as st
from printed import printed
from scipy.optimize import brentq

import qwpinn
from qwpinn import Heterostructure, Layer, plotting, references
from qwpinn.devices.bands import Bands
from qwpinn.equation.cuts import Cuts, State, wall_shifts
from qwpinn.potentials import (
    AtEnergy,
    CustomPotential,
    DoubleWell,
    FiniteBarrier,
    FiniteWell,
    Gaussian,
    Harmonic,
    InfiniteWell,
    KronigPenney,
    Manufactured,
    Morse,
    Moved,
    PiecewiseConstant,
    PiecewisePolynomial,
    PoeschlTeller,
    Potential,
    Quartic,
    Sampled,
    Scaled,
    Sum,
    Triangular,
    WoodsSaxon,
    known_classes,
    potential_from_config,
    tabulate,
)
from qwpinn.potentials.measured import Weighted
from qwpinn.solving import results

RITZ = qwpinn.Precise(epochs=0)
WALLS, CUTS = (False, False), (True, True)

ENDS = (
    (InfiniteWell(), WALLS),
    (FiniteWell(), CUTS),
    (FiniteWell(depth=0.0), CUTS),
    (FiniteBarrier(), WALLS),
    (KronigPenney(), CUTS),
    (KronigPenney(height=0.0), WALLS),
    (PiecewiseConstant([0, 1, 2], [0, 5]), (False, True)),
    (PiecewiseConstant([0, 1, 2], [5, 0]), (True, False)),
    (PiecewiseConstant([0, 1, 2, 3], [5, 5, 0]), (True, False)),
    (PiecewiseConstant([0, 1, 2, 3], [0, 5, 3]), WALLS),
    (PiecewiseConstant([0, 1], [5]), WALLS),
    (Harmonic(), CUTS),
    (Quartic(), CUTS),
    (DoubleWell(), CUTS),
    (Gaussian(), CUTS),
    (WoodsSaxon(), CUTS),
    (Morse(), CUTS),
    (PoeschlTeller(), CUTS),
    (Triangular(), WALLS),
    (Manufactured(), WALLS),
    (CustomPotential(np.square, (-5, 5)), WALLS),
    (Sampled([0, 1, 2], [1, 0, 1]), WALLS),
    (PiecewisePolynomial([0, 2], [[1.0, 1.0]]), WALLS),
    (PiecewisePolynomial([0, 2], [[1.0, 1.0]], cut_ends=[True, False]), (True, False)),
    (tabulate(Gaussian()), CUTS),
    (Sum(Gaussian(box=6.0), CustomPotential(np.sin, (-3, 3))), CUTS),
    (InfiniteWell(2.0) + PiecewiseConstant([0, 1, 2], [0, 5]), (False, True)),
    (2.0 * Gaussian() + 3.0, CUTS),
    (-Gaussian(), CUTS),
    (Scaled(FiniteWell(), -1.0, 20.0), WALLS),
    (Scaled(FiniteBarrier(), -1.0), CUTS),
    (PiecewiseConstant([0, 1, 2], [0, 5]).shifted(3.0), (False, True)),
    (PiecewiseConstant([0, 1, 2], [0, 5]).mirrored(), (True, False)),
    (Moved(PiecewiseConstant([0, 1, 2], [0, 5]), -2.0), (True, False)),
    (Gaussian().with_breakpoints([0.1]), CUTS),
    (Gaussian().in_units("nm", "eV"), CUTS),
    (Gaussian().in_units("nm", "eV").normal_form, CUTS),
    (InfiniteWell().in_units("nm", "eV"), WALLS),
    (single_well(), CUTS),
    (single_well(70.0), CUTS),
    (single_well().normal_form, CUTS),
    (Heterostructure([well(gap=1500.0), barrier()], nonparabolic=True).at(50.0), (False, True)),
    (Heterostructure([well()]), WALLS),
    (Heterostructure([well(), barrier()]), (False, True)),
    (Heterostructure([barrier(active=True), well(active=True), barrier()]), (False, True)),
    (Heterostructure([barrier(contact=False), well(), barrier()]), (False, True)),
    (Heterostructure([well(), barrier(), well()]), CUTS),
    (Heterostructure([well(), barrier(), well(contact=False)]), WALLS),
    (Heterostructure([well(active=True), barrier(), well()]), WALLS),
    (Heterostructure([well(contact=True), barrier(), well(contact=False)]), (True, False)),
)


@pytest.mark.parametrize(("potential", "expected"), ENDS)
def test_which_ends_are_cuts(potential, expected):
    assert potential.cut_ends == expected


def test_every_class_says_which_ends_are_cuts():
    known = [cls for cls in known_classes().values() if issubclass(cls, Potential)]
    ours = {cls for cls in known if cls.__module__.startswith("qwpinn.")}
    assert {type(potential) for potential, _ in ENDS} == {*ours, Bands, Weighted}
    assert AtEnergy in ours


def test_your_own_class_has_walls_unless_it_says_otherwise():
    class Own(Potential):
        interval = (0.0, 1.0)

        def __call__(self, x):
            return np.zeros_like(x)

    assert Own().cut_ends == WALLS
    Own.cut_ends = (False, True)
    assert Own().mirrored().cut_ends == (True, False)
    assert tabulate(Own()).cut_ends == (False, True)


def test_cut_ends_are_stored_and_older_configs_load():
    table = tabulate(Gaussian())
    config = json.loads(json.dumps(table.to_config()))
    assert potential_from_config(config) == table
    del config["cut_ends"]
    assert potential_from_config(config).cut_ends == WALLS
    with pytest.raises(ValueError, match=r"`cut_ends` must be two of True and False.*\(1, 0\)"):
        PiecewisePolynomial([0, 2], [[1.0]], cut_ends=(1, 0))
    device = Heterostructure([well(contact=True), barrier(), well(contact=False)])
    assert potential_from_config(json.loads(json.dumps(device.to_config()))) == device
    assert "contact" not in Heterostructure([well()]).to_config()["layers"][0]


def states_of(potential, count, spectrum=references.legendre_galerkin):
    """The exact states of the box."""
    found = spectrum(potential, count)
    x = np.linspace(*potential.interval, 2001)
    psi = found.wavefunctions(x)
    return [State(potential, e, x, psi[:, k]) for k, e in enumerate(found.energies.tolist())]


def shifts_of(potential, count, spectrum=references.legendre_galerkin):
    states = states_of(potential, count, spectrum)
    return np.array([sum(wall_shifts(state, potential.cut_ends)) for state in states])


def on_the_line(depth, width, n):
    """Level n of a finite well without walls: k width = (n + 1) pi - 2 asin(k / sqrt(depth))."""

    def mismatch(k):
        return k * width + 2.0 * np.arcsin(min(1.0, k / np.sqrt(depth))) - (n + 1) * np.pi

    return brentq(mismatch, 0.0, np.sqrt(depth), xtol=1e-15) ** 2


@pytest.mark.parametrize("box", [5.0, 6.0, 7.0])
def test_the_shift_is_what_the_walls_add_to_a_finite_well(box):
    finite = FiniteWell(depth=20.0, width=2.0, box=box)
    shifts = shifts_of(finite, 3, references.exact)
    levels = [on_the_line(20.0, 2.0, n) for n in range(3)]
    added = finite.levels(3) - levels
    # To leading order: what is left out is of the order of the square.
    kappa = np.sqrt(20.0 - np.array(levels))
    neglected = 10.0 * np.exp(-kappa * (box - 2.0)) * added
    np.testing.assert_array_less(np.abs(shifts - added), neglected + 2e-14)
    if box == 6.0:
        assert shifts[0] == pytest.approx(4.10127060e-8, rel=1e-8)
        assert added[0] == pytest.approx(4.10127063e-8, abs=2e-15)


@pytest.mark.parametrize(
    ("potential", "count", "rtol"),
    [
        (PoeschlTeller(3.0, box=10.0), 2, 1e-3),
        (PoeschlTeller(2.2, box=20.0), 2, 1e-3),
        (Morse(interval=(-2.0, 4.0)), 3, 5e-3),
        (Harmonic(box=8.0), 4, 2e-2),
        (PoeschlTeller(3.0, box=10.0).shifted(3.0), 2, 1e-3),
    ],
)
def test_the_shift_is_what_the_walls_add_to_smooth_wells(potential, count, rtol):
    alone = getattr(potential, "potential", potential)._level(np.arange(float(count)))
    found = references.legendre_galerkin(potential, count).energies - alone
    # Galerkin's energies are right to 1e-13 or so.
    np.testing.assert_allclose(shifts_of(potential, count), found, rtol=rtol, atol=2e-12)


def test_the_shift_of_a_device_is_what_the_walls_add():
    """Published level of a 6 nm well without walls, and three states against far walls."""
    solution = qwpinn.solve(single_well(), 1, recipe=RITZ)
    assert solution.energies[0] - 53.2761986911 == pytest.approx(solution.wall_shift[0], rel=1e-3)
    near, far = (
        references.exact(single_well(width=10.0, far=far), 2).energies for far in (10.0, 60.0)
    )
    found = qwpinn.solve(single_well(width=10.0, far=10.0), 2, recipe=RITZ)
    np.testing.assert_allclose(found.wall_shift, near - far, rtol=0.02)
    assert not found.bound.any()
    assert found.localised.all()
    # Of two bands, level by level: the masses of its own energy, and both ends.
    layers = [barrier(12.0, gap=1900.0), well(gap=1500.0), barrier(12.0, gap=1900.0)]
    two = qwpinn.solve(Heterostructure(layers, nonparabolic=True), 1, recipe=RITZ)
    wide = [barrier(50.0, gap=1900.0), well(gap=1500.0), barrier(50.0, gap=1900.0)]
    exact = references.exact(Heterostructure(wide, nonparabolic=True), 1).energies
    assert 1.0 < two.wall_shift[0] / (two.energies[0] - exact[0]) < 1.1


def test_the_shift_decays_twice_as_fast_as_psi():
    first, second = (shifts_of(FiniteWell(20.0, 2.0, box), 1)[0] for box in (6.0, 7.0))
    kappa = np.sqrt(20.0 - on_the_line(20.0, 2.0, 0))
    assert second / first == pytest.approx(np.exp(-kappa), rel=1e-6)


def test_deep_and_hopeless_states_cost_no_overflow():
    x = np.linspace(-1.0, 1.0, 101)
    box = Harmonic(box=2e4)
    assert wall_shifts(State(box, 1.0, x, np.exp(-x * x / 2)), CUTS) == (0.0, 0.0)
    for psi, energy in ((0.0 * x, 1.0), (x + np.nan, 1.0), (x, np.nan)):
        assert wall_shifts(State(Harmonic(), energy, x, psi), CUTS) == (np.inf, np.inf)


few = settings(max_examples=15, deadline=None, derandomize=True)


@few
@given(st.floats(0.6, 5.4), st.floats(0.5, 2.0), st.floats(6.0, 40.0))
def test_what_levels_accepts_is_bound_and_what_the_line_lacks_is_not(strength, alpha, box):
    potential = PoeschlTeller(strength, alpha, box / alpha)
    shifts = shifts_of(potential, potential.bound_states + 1)
    assert np.isinf(shifts[-1])
    energies = references.legendre_galerkin(potential, potential.bound_states).energies
    bound = shifts[:-1] <= 1e-10 * (energies + strength * (strength + 1.0) * alpha**2)
    for n in range(1, potential.bound_states + 1):
        try:
            potential.levels(n)
        except LookupError:
            break
        assert bound[n - 1]
    # And where the walls are felt, `levels` refuses.
    felt = np.flatnonzero(shifts > 1e-8 * np.abs(potential._level(np.arange(shifts.size))))
    for n in felt:
        with pytest.raises(LookupError, match="`n` must"):
            potential.levels(int(n) + 1)


@few
@given(st.floats(4.0, 60.0), st.floats(0.5, 2.0))
def test_the_default_box_of_a_molecule_binds_what_levels_accepts(depth, alpha):
    potential = Morse(depth, alpha)
    half = max(1, potential.bound_states // 2)
    shifts = shifts_of(potential, half)
    assert np.all(shifts <= 1e-9 * potential.levels(half))


@few
@given(st.floats(3.0, 60.0), st.floats(0.5, 2.0), st.floats(0.3, 3.0))
def test_ends_as_far_out_as_the_note_says_suffice(depth, width, margin):
    """The well of a box that is too narrow, solved exactly in that box and in the wider one."""
    small = FiniteWell(depth, width, width + margin)
    states = [s for s in states_of(small, 4, references.exact) if s.energy < depth]
    if not states:
        return
    cuts = Cuts(small, tuple(states), 1e-6 * np.array([s.energy for s in states]))
    lifted = np.flatnonzero(~cuts.bound)
    if not lifted.size:
        return
    wide = FiniteWell(depth, width, small.box + 2.0 * cuts._further_out(lifted))
    exact = references.exact(wide, lifted[-1] + 1).energies
    alone = np.array([on_the_line(depth, width, n) for n in lifted])
    assert np.all(exact[lifted] - alone <= 1e-6 * alone * (1.0 + 1e-6))


@pytest.fixture(scope="module")
def dip():
    """The issue of a level that the line has at -1e-4, and the box at +0.008."""
    return qwpinn.solve(PoeschlTeller(3.01), 4, recipe=RITZ)


def test_a_level_of_the_box_is_said_to_be_one(dip):
    assert dip.converged
    assert dip.energies[3] == pytest.approx(0.00815269, abs=1e-8)
    assert dip.bound.tolist() == [True, True, True, False]
    assert dip.wall_shift[3] == np.inf
    assert np.all(dip.wall_shift[:3] < 1e-13)
    with pytest.raises(LookupError, match="leave out levels that the walls shift"):
        dip.potential.levels(4)
    assert dip.notes[:2] == (
        "State 3 belongs to the box: not below V at x = -18 and 18, where it ends. Ends further "
        "out move it, and show whether V binds it.",
        "Enclosed is what they are in the box.",
    )
    rows = [line.split() for line in printed(dip.table()).splitlines()]
    assert [row[6:] for row in rows if row and row[0] in "0123"] == [
        ["converged"], ["converged"], ["converged"], ["box", "converged"]
    ]  # fmt: skip


def test_a_finite_well_says_what_its_box_lifts(solutions):
    solution, _ = solutions["finite_well"]
    np.testing.assert_allclose(
        solution.wall_shift[:3], [4.1012706e-8, 1.49718246e-6, 2.48819936e-4], rtol=1e-5
    )
    assert solution.bound.tolist() == [True, True, False, False, False]
    assert solution.notes[:2] == (
        "States 3, 4 belong to the box: not below V at x = -3 and 3, where it ends. Ends further "
        "out move them, and show whether V binds them.",
        "State 2 is marked box, though below V at its ends: at x = -3 and 3 they lift it by "
        "2.5e-04, more than rtol (E - min V). Ends 0.73 further out suffice.",
    )
    figure = plotting.transmission(solution.potential, solution, np.linspace(0.1, 30.0, 50))
    for axes in (solution.plot().axes[0], figure.axes[0]):
        labels = [text.get_text() for text in axes.texts]
        assert [label[:5] for label in labels] == [f"$E_{{{k}}}$"[:5] for k in range(5)]
        assert [label.endswith("  box") for label in labels] == [False, False, True, True, True]
    states = results.as_dict(solution, results.Settings(5))["states"]
    assert [state["bound"] for state in states] == [True, True, False, False, False]
    assert states[0]["wall_shift"] == solution.wall_shift[0]
    assert states[3]["wall_shift"] is None


def test_walls_leave_no_trace(solutions):
    for name in ("infinite_well", "finite_barrier"):
        solution, _ = solutions[name]
        np.testing.assert_array_equal(solution.wall_shift, 0.0)
        assert solution.bound.all()
        assert solution.notes == ()
        assert "box" not in printed(solution.table())


def test_a_stack_of_two_layers_binds_nothing_in_too_thin_a_well():
    """k d < pi / 2: none is bound beside a wall, and 754.7 meV is of the box."""
    thin = Heterostructure(
        [Layer(0.3, offset=0.0, mass=0.067), Layer(30.0, offset=750.0, mass=0.09)]
    )
    found = qwpinn.solve(thin, 2, recipe=RITZ)
    assert found.energies[0] == pytest.approx(754.6, abs=0.2)
    assert not found.localised.any()
    assert not found.bound.any()
    assert np.all(found.localisation < 1e-3)
    np.testing.assert_array_equal(found.wall_shift, np.inf)
    text = printed(found.table())
    assert "States 0, 1 belong to the box: not below V at z = 30.3 nm" in text
    assert "No state is in the active layers" in text
    assert str(found).count("box  converged") == 2
    thick = Heterostructure([well(6.0), barrier(30.0)])
    found = qwpinn.solve(thick, 2, recipe=RITZ)
    assert found.localised.tolist() == found.bound.tolist() == [True, False]
    assert found.wall_shift[0] > 0.0
    mirrored = qwpinn.solve(thick.mirrored(), 2, recipe=RITZ)
    np.testing.assert_allclose(mirrored.localisation, found.localisation, atol=1e-6)
    np.testing.assert_allclose(mirrored.wall_shift, found.wall_shift, rtol=1e-4)


def test_above_the_barriers_nothing_is_localised_however_wide_the_well_is():
    found = qwpinn.solve(Heterostructure([barrier(5.0), well(20.0), barrier(5.0)]), 5, recipe=RITZ)
    assert found.localisation[4] > 0.5
    assert found.localised.tolist() == [True, True, True, True, False]
    walls = [barrier(5.0, contact=False), well(20.0), barrier(5.0, contact=False)]
    within = qwpinn.solve(Heterostructure(walls), 5, recipe=RITZ)
    assert within.bound.all()
    assert within.localised.all()


@pytest.mark.parametrize("field", [0.0, 30.0])
def test_marked_layers_keep_their_states(field):
    """Of a double barrier that is active as a whole, between contacts."""
    layers = [
        well(15.0), barrier(4.0, active=True), well(6.0, active=True), barrier(4.0, active=True),
        well(15.0),
    ]  # fmt: skip
    found = qwpinn.solve(Heterostructure(layers, field), 5, recipe=RITZ)
    assert found.localised.sum() == 1
    assert not found.bound.any()


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_field_keeps_localised_for_any_number_of_layers(layers):
    stack = [well(8.0), barrier(20.0), well(8.0, contact=False)][:layers]
    found = qwpinn.solve(Heterostructure(stack, -20.0), 2, recipe=RITZ)
    expected = {1: [True, True], 2: [True, False], 3: [True, True]}[layers]
    assert found.localised.tolist() == expected


def test_sweeps_say_what_is_bound(tmp_path):
    found = qwpinn.sweep(FiniteWell(), "box", [4.0, 8.0], states=2, recipe=RITZ)
    assert found.bound.tolist() == [[False, False], [True, True]]
    np.testing.assert_array_equal(found.columns()["bound_1"], [0, 1])
    found.to_csv(tmp_path / "sweep.csv")
    head, first, *_ = (tmp_path / "sweep.csv").read_text().splitlines()
    assert first.split(",")[head.split(",").index("bound_0")] == "0"
    assert [t.get_text() for t in found.plot().axes[0].get_legend().get_texts()][-1] == "box"
    text = printed(found.table())
    assert [line.split()[-2:] for line in text.splitlines() if line.startswith("  4 ")] == [
        ["0,", "1"]
    ]
    assert "box states: not below V at an end of the box" in text
    wide = qwpinn.sweep(FiniteWell(), "box", [8.0], states=1, recipe=RITZ)
    assert "box" not in printed(wide.table()).replace("box ", "", 1)


def test_the_widest_table_fits_80_columns():
    recipe = qwpinn.Precise(units=24, epochs=0)
    found = qwpinn.solve(double_well(), 5, rtol=1e-10, recipe=recipe)
    assert found.bound.tolist() == [False] * 5
    text = printed(found.table())
    assert text.count(" box ") >= 5
