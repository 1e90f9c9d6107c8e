"""Solutions of planes: levels, what is proven of them, and what a measurement finds."""

import re
from dataclasses import replace

import numpy as np
import pytest
from printed import check_html, check_text
from scipy.special import jv

import qwpinn
from qwpinn.sheets.digits import with_uncertainty
from qwpinn.solving.plane import SAMPLED

RITZ = qwpinn.Precise(epochs=0)
WIDE = qwpinn.Box2D(1.0, 1.2)
# Quantum numbers along x and y of the three lowest states.
MODES = ((1, 1), (1, 2), (2, 1))
DOT = (4.4212888841933, 11.1606351044503)


@pytest.fixture(scope="module")
def box():
    return qwpinn.solve(WIDE, 3, recipe=RITZ)


@pytest.fixture(scope="module")
def square():
    return qwpinn.solve(qwpinn.Box2D(), 6, recipe=RITZ)


@pytest.fixture(scope="module")
def dot():
    recipe = qwpinn.Precise(units=250, epochs=0)
    return qwpinn.solve(qwpinn.CircularDot(), 2, rtol=1e-3, recipe=recipe)


def exact(points):
    """The states of the box, each positive near to the corner at the origin."""
    x, y = np.transpose(points)
    norm = 2.0 / 1.2**0.5
    each = [norm * np.sin(m * np.pi * x) * np.sin(n * np.pi * y / 1.2) for m, n in MODES]
    return np.stack(each, axis=-1)


def grid(count=13):
    x, y = np.meshgrid(np.linspace(0.0, 1.0, count), np.linspace(0.0, 1.2, count))
    return np.stack([x.ravel(), y.ravel()], axis=-1)


def test_levels_of_a_box_are_proven_with_their_numbers(box):
    levels = WIDE.levels(3)
    assert type(box) is qwpinn.PlaneSolution
    assert box.status is qwpinn.Status.CONVERGED
    np.testing.assert_allclose(box.energies, levels, rtol=1e-10)
    assert np.all((box.lower <= levels) & (levels <= box.upper))
    assert np.all((box.lower <= box.energies) & (box.energies <= box.upper))
    assert np.max(box.relative_widths) < 1e-8
    assert box.quantum_numbers.tolist() == box.numbers.tolist() == [0, 1, 2]
    assert np.all(np.abs(box.energies - levels) <= box.residuals)
    assert not box.sampled
    assert box.notes == ()


def test_levels_of_a_dot_are_enclosed(dot):
    assert dot.converged
    assert np.all((dot.lower <= DOT) & (np.array(DOT) <= dot.upper))
    np.testing.assert_allclose(dot.energies, DOT, rtol=1e-5)
    assert dot.quantum_numbers.tolist() == [0, 1]
    # Nothing is known of psi of the second one: the third is as low.
    assert dot.state_statuses == (qwpinn.Status.CONVERGED, qwpinn.Status.MIXED)
    assert dot.clusters == [[0], [1]]
    (note,) = dot.notes
    assert note.startswith("psi of state 1 may be mixed with that of a level beyond those")


def test_psi_is_that_of_the_box(box):
    points = grid()
    psi = box.wavefunctions(points)
    signs = np.sign(psi[14])
    np.testing.assert_allclose(psi * signs, exact(points), atol=1e-5)
    np.testing.assert_allclose(box.density(points), exact(points) ** 2, atol=1e-5)
    assert psi.shape == (169, 3)
    edge = (points == [0.0, 0.0]).any(axis=1) | (points == [1.0, 1.2]).any(axis=1)
    np.testing.assert_allclose(psi[edge], 0.0, atol=1e-14)
    assert box.wavefunctions(np.zeros((0, 2))).shape == (0, 3)
    assert np.all(box.state_errors < 1e-4)


def test_points_are_evaluated_in_parts(box, monkeypatch):
    points = grid(9)
    whole = box.wavefunctions(points)
    monkeypatch.setattr("qwpinn.solving.plane.AT_ONCE", 20)
    np.testing.assert_allclose(box.wavefunctions(points), whole, rtol=1e-12, atol=1e-14)


def test_matrices_are_those_of_closed_forms(box, square, dot):
    for solution in (box, square, dot):
        one = solution.matrix(lambda x, y: 1.0)
        np.testing.assert_allclose(one, np.eye(solution.energies.size), atol=1e-8)
    m, n = np.transpose(MODES)
    np.testing.assert_allclose(box.expectation("x"), 0.5, atol=1e-9)
    np.testing.assert_allclose(box.expectation("y"), 0.6, atol=1e-9)
    across = 1.0 / 3.0 - 1.0 / (2.0 * (m * np.pi) ** 2)
    up = 1.44 * (1.0 / 3.0 - 1.0 / (2.0 * (n * np.pi) ** 2))
    np.testing.assert_allclose(box.expectation("x^2"), across, atol=1e-6)
    np.testing.assert_allclose(box.expectation("y^2"), up, atol=1e-6)
    np.testing.assert_allclose(box.expectation("r^2"), across + up, atol=1e-6)
    np.testing.assert_allclose(box.expectation("V"), 0.0, atol=1e-15)
    product = box.expectation(lambda x, y: x * y)
    np.testing.assert_allclose(product, 0.3, atol=1e-6)


def test_dipoles_join_states_of_unlike_parity(box):
    """<1| x |2> = -16 a / (9 pi^2) in one dimension, for signs that agree at the origin."""
    along = 16.0 / (9.0 * np.pi**2)
    assert box.dipoles.shape == (2, 3, 3)
    x, y = np.abs(box.dipoles)
    np.testing.assert_allclose(x, [[0.5, 0, along], [0, 0.5, 0], [along, 0, 0.5]], atol=1e-5)
    up = 1.2 * along
    np.testing.assert_allclose(y, [[0.6, up, 0], [up, 0.6, 0], [0, 0, 0.6]], atol=1e-5)


def test_probabilities(box, dot):
    np.testing.assert_allclose(box.probability(lambda x, y: x < 0.5), 0.5, atol=1e-9)
    np.testing.assert_allclose(box.probability(lambda x, y: y > -1.0), 1.0, atol=1e-9)
    # In a region of its own potential V = 0, and outside it 50.
    (disc,) = dot.potential.regions
    inside = dot.probability(disc.contains)
    np.testing.assert_allclose(dot.expectation("V"), 50.0 * (1.0 - inside), atol=1e-5)
    assert 0.9 < inside[1] < inside[0] < 1.0


def test_psi_of_a_dot_is_bessels(dot):
    r = np.array([0.0, 0.3, 0.6, 0.9])
    psi = dot.wavefunctions(np.stack([r, 0.0 * r], axis=-1))[:, 0]
    expected = jv(0, DOT[0] ** 0.5 * r)
    np.testing.assert_allclose(psi / psi[0], expected, atol=1e-4)


def test_degenerate_levels_are_named_and_only_sums_over_them_are_trusted(box, square):
    assert square.clusters == [[0], [1, 2], [3], [4, 5]]
    assert square.cluster_names == ["", "2", "1", "", "5", "4"]
    statuses = qwpinn.Status.CONVERGED, *[qwpinn.Status.MIXED] * 2
    assert square.state_statuses == statuses * 2
    # One sentence for all groups.
    assert square.notes == (
        "States 1, 2; states 4, 5 are degenerate or nearly so. Within each group any mixture of "
        "psi is as good: trust sums over all of it.",
    )
    levels = qwpinn.Box2D().levels(6)
    np.testing.assert_allclose(square.energies, levels, rtol=1e-10)
    assert np.all((square.lower <= levels) & (levels <= square.upper))
    points = 0.05 + 0.9 * np.random.default_rng(0).random((50, 2))
    one, two = np.sin(np.pi * points).T, np.sin(2.0 * np.pi * points).T
    both = 4.0 * ((one[0] * two[1]) ** 2 + (two[0] * one[1]) ** 2)
    np.testing.assert_allclose(square.density(points)[:, 1:3].sum(axis=1), both, atol=1e-4)
    assert box.clusters == [[0], [1], [2]]
    assert box.cluster_names == ["", "", ""]


def test_one_level_of_a_number():
    second = qwpinn.solve(WIDE, level=2, recipe=RITZ)
    assert second.numbers.tolist() == second.quantum_numbers.tolist() == [2]
    np.testing.assert_allclose(second.energies, WIDE.levels(3)[2:], rtol=1e-10)
    assert second.plot().axes[0].get_title().startswith("2: E = 46.33")


def test_a_weight_divides_the_levels_and_counts_in_every_integral():
    class Heavy(qwpinn.Box2D):
        rho = 4.0

    heavy = qwpinn.solve(Heavy(1.0, 1.2), 2, recipe=qwpinn.Precise(units=120, epochs=0))
    levels = WIDE.levels(2) / 4.0
    assert np.all((heavy.lower <= levels) & (levels <= heavy.upper))
    assert heavy.converged
    np.testing.assert_allclose(heavy.matrix(lambda x, y: 1.0), np.eye(2), atol=1e-9)
    points = grid(7)
    np.testing.assert_allclose(heavy.density(points), exact(points)[:, :2] ** 2 / 4.0, atol=1e-4)


def test_of_one_group_the_note_names_no_others(square):
    lower = square.lower.copy()
    lower[5] += 1.0
    apart = replace(square.enclosure, lower=lower, upper=np.maximum(square.upper, lower + 1e-9))
    group, *others = replace(square, enclosure=apart).notes
    assert group == (
        "States 1, 2 are degenerate or nearly so. Any mixture of psi is as good: trust sums over "
        "all of it."
    )
    assert [other[:14] for other in others] == ["psi of state 5", "psi of state 4"]


def test_what_is_printed_are_its_numbers(box, square):
    for solution in (box, square):
        text = check_text(solution)
        assert text.splitlines()[0] == repr(solution.potential)
        assert text.splitlines()[1] == "-(psi_xx + psi_yy) + V psi = E psi, hbar^2/2m = 1"
        assert re.match(r" +degenerate$", text.splitlines()[2])
        assert re.match(r"state +energy +width +level +with +residual", text.splitlines()[3])
        rows = [line.split() for line in text.splitlines() if re.match(r" +\d ", line)]
        assert len(rows) == solution.energies.size
        for k, row in enumerate(rows):
            bounds = solution.energies[k], solution.lower[k], solution.upper[k]
            assert row[:2] == [str(k), with_uncertainty(*bounds)]
            assert float(row[2]) == pytest.approx(solution.relative_widths[k], rel=0.05)
            assert row[3] == str(k)
    assert [row[4:] for row in rows[1:3]] == [
        [other, f"{solution.residuals[k]:.1e}", "psi", "mixed"] for k, other in ((1, "2"), (2, "1"))
    ]
    assert "psi is as good: trust sums over all of it." in " ".join(text.split())
    check_html(box, images=1)


def test_what_is_known_from_values_alone_is_said(box):
    others = {
        "function": qwpinn.Plane(lambda x, y: 0.0 * x, WIDE.box),
        "region": qwpinn.Plane(0.0, WIDE.box, [qwpinn.Disc((0.5, 0.6), 0.2, lambda x, y: x)]),
        "formula": qwpinn.Gaussians2D(box=WIDE.box),
        "numbers": qwpinn.Plane(0.0, WIDE.box, [qwpinn.Disc((0.5, 0.6), 0.2, 3.0)]),
    }
    found = {
        name: qwpinn.PlaneSolution(well, box.model, box.enclosure, 1e-6, {}, 0.0)
        for name, well in others.items()
    }
    for name in ("function", "region", "formula"):
        assert found[name].sampled
        assert found[name].notes[0] == SAMPLED
    assert not found["numbers"].sampled


def test_levels_of_which_nothing_is_known_are_one_cluster(box):
    unknown = qwpinn.Enclosure(*np.outer([-np.inf, np.inf], np.ones(3)), np.full(3, -1), np.ones(3))
    lost = qwpinn.PlaneSolution(WIDE, box.model, unknown, 1e-6, {}, 0.0)
    assert lost.status is qwpinn.Status.UNPROVEN
    assert lost.clusters == [[0, 1, 2]]
    assert lost.cluster_names == ["1, 2", "0, 2", "0, 1"]
    assert lost.notes == ()
    assert "states 0, 1, 2: Which level this is could not be proven" in check_text(lost)


def test_neighbours_are_apart_once_their_gap_is_half_of_both_enclosures(box):
    def clusters(gap):
        lower = np.array([1.0, 1.0 + 1e-3 + gap, 2.0])
        found = qwpinn.Enclosure(lower, lower + 1e-3, np.arange(3), np.ones(3))
        return qwpinn.PlaneSolution(WIDE, box.model, found, 1e-6, {}, 0.0).clusters

    # A gap of half of what both span: 0.5 (2e-3 + gap).
    assert clusters(1.9e-3) == [[0, 1], [2]]
    assert clusters(2.1e-3) == [[0], [1], [2]]


def test_maps_of_all_states_or_of_some(box):
    assert [axes.get_title()[:6] for axes in box.plot().axes[:3]] == ["0: E =", "1: E =", "2: E ="]
    some = box.plot([2, 0], density=False)
    titles = [axes.get_title() for axes in some.axes if axes.get_title()]
    energy = with_uncertainty(box.energies[2], box.lower[2], box.upper[2])
    # In order of energy, as in one dimension.
    assert titles[0].startswith("0: E = 16.72")
    assert titles[1] == f"2: E = {energy}"
    assert len(titles) == 2
    assert some.axes[-1].get_ylabel() == "psi"


def test_of_many_states_the_first_are_drawn(box, monkeypatch):
    monkeypatch.setattr("qwpinn.plotting.plane.MOST", 2)
    assert [axes.get_title()[:2] for axes in box.plot().axes] == ["0:", "1:", ""]
    assert box.plot([1, 2]).axes[1].get_title().startswith("2:")
    with pytest.raises(ValueError, match=r"`states` must hold at most 2 maps. Received: 3"):
        box.plot([0, 1, 2])


def test_facts_and_walls_are_plain_numbers_of_each_state(square):
    assert square.walls() == {"box": [0.0, 1.0, 0.0, 1.0]}
    facts = square.facts()
    assert [before["cluster"] for before, _ in facts] == [[0], [1, 2], [1, 2], [3], [4, 5], [4, 5]]
    for f in ("x", "y", "x^2", "y^2", "V"):
        found = [after["expectation"][f] for _, after in facts]
        np.testing.assert_array_equal(found, square.expectation(f))


def test_psi_is_written_on_a_grid_from_wall_to_wall(box, tmp_path):
    box.write_waves(tmp_path)
    with np.load(tmp_path / "wavefunctions.npz") as kept:
        x, y, v, psi = (kept[name] for name in ("x", "y", "V", "psi"))
        for name in ("energies", "lower", "upper", "quantum_numbers"):
            np.testing.assert_array_equal(kept[name], getattr(box, name))
    assert (x[0], x[-1], y[0], y[-1]) == (0.0, 1.0, 0.0, 1.2)
    assert psi.shape == (3, x.size, y.size)
    np.testing.assert_array_equal(v, np.zeros((x.size, y.size)))
    points = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    signs = np.sign(psi[:, 1, 1])[:, None, None]
    np.testing.assert_allclose(signs * psi, exact(points).T.reshape(3, x.size, y.size), atol=1e-5)


def test_the_network_of_a_similar_plane_is_tried_first(box):
    near, tried = qwpinn.Box2D(1.02, 1.2), []
    found = qwpinn.solve(
        near, 3, recipe=RITZ, start=box, report=lambda model, _: tried.append(model.units)
    )
    assert found.converged
    np.testing.assert_allclose(found.energies, near.levels(3), rtol=1e-9)
    assert tried == [box.model.units]
    assert found.potential == near
    assert box.potential == WIDE


def test_energies_are_in_the_units_of_the_well():
    well = qwpinn.Box2D(10.0, 12.0).in_units("nm", "meV", mass=0.067)
    small = qwpinn.Precise(units=60, epochs=0)
    found = qwpinn.solve(well, 2, rtol=1e-3, recipe=small)
    levels = well.levels(2)
    assert found.converged
    assert np.all((found.lower <= levels) & (levels <= found.upper))
    np.testing.assert_allclose(found.energies, levels, rtol=1e-7)
    np.testing.assert_allclose(found.matrix(lambda x, y: 1.0), np.eye(2), atol=1e-9)
    np.testing.assert_allclose(found.expectation("y"), 6.0, atol=1e-6)
    points = grid(7)
    density = exact(points)[:, :2] ** 2 / 100.0
    np.testing.assert_allclose(found.density(10.0 * points), density, atol=1e-5)
    text = check_text(found)
    assert re.search(r"state +\(meV\)", text)
    assert "hbar^2/2m = 568.654 meV nm^2" in text


def test_the_recipe_of_the_paper_knows_the_plane():
    recipe = qwpinn.Paper(epochs=1, steps=2, hidden=(6,))
    found = qwpinn.solve(qwpinn.CircularDot(), 2, recipe=recipe)
    assert type(found) is qwpinn.PlaneSolution
    assert found.model.trial.features.kinks == (("disc", (0.0, 0.0, 1.0 / 3.0)),)
    # Nothing is claimed of energies that were hardly trained.
    assert not found.converged
    held = (found.lower <= DOT) & (np.array(DOT) <= found.upper)
    assert np.all(held | (found.quantum_numbers < 0))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda s: s.wavefunctions([0.5, 0.5]), ValueError, r"`x` must have shape \(n, 2\)"),
        (
            lambda s: s.wavefunctions([[0.5, 1.3]]),
            ValueError,
            r"must lie in the box.*\(0\.5, 1\.3\)",
        ),
        (lambda s: s.density([[np.inf, 0.5]]), ValueError, r"`x` must hold finite numbers"),
        (
            lambda s: s.matrix("p^2"),
            ValueError,
            r"`f` must be one of x, y, .*V, T or a.*'p\^2'",
        ),
        (lambda s: s.expectation(3.0), ValueError, r"`f` must be one of .*Received: 3\.0"),
        (
            lambda s: s.matrix(lambda x, y: x[:3]),
            ValueError,
            r"`f` must have the shape of x, \(\d+,\). Received: shape=\(3,\)",
        ),
        (lambda s: s.expectation(lambda x, y: 1j * x), TypeError, r"`f` must hold real numbers"),
        (lambda s: s.probability(0.5), TypeError, r"`region` must be a function of x and y"),
        (
            lambda s: s.plot([3]),
            ValueError,
            r"`states` must be some of 0 to 2, .*Received: states=\[3\]",
        ),
        (lambda s: s.plot([]), ValueError, r"`states` must be some of 0 to 2, .*states=\[\]"),
        (lambda s: s.plot([-1]), ValueError, r"`states` must be an integer of at least 0"),
        (lambda s: s.plot([0.0]), TypeError, r"`states` must be an integer"),
        (lambda s: s.splitting(0, 3), ValueError, r"`j` must be below the number of states, 3"),
    ],
)
def test_bad_input(box, call, error, message):
    with pytest.raises(error, match=message):
        call(box)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"states": 0}, ValueError, r"`states` must be"),
        ({"states": 167}, ValueError, r"`states` must be at most 166, for networks of up to"),
        ({"rtol": 1e-12}, ValueError, r"`rtol` must be at least 1e-11"),
        (
            {"recipe": qwpinn.Cold()},
            ValueError,
            r"`potential` must be of one dimension for qwpinn.Cold. Received: Box2D.*Take qwpinn",
        ),
        (
            {"potential": qwpinn.Plane(lambda x, y: np.abs(x - 0.4), WIDE.box)},
            ArithmeticError,
            r"`potential` must be smooth but at the boundaries.*a kink at x=0\.4, y=",
        ),
        ({"potential": qwpinn.Box2D}, TypeError, r"`potential` must be a qwpinn.Potential"),
        (
            {"potential": qwpinn.Plane(lambda x, y: 1.0 / x, WIDE.box)},
            ValueError,
            r"`potential` must be finite in its box.*x=0",
        ),
    ],
)
def test_a_plane_is_asked_for_as_a_line_is(arguments, error, message):
    with pytest.raises(error, match=message) as caught:
        qwpinn.solve(**({"potential": WIDE} | arguments))
    assert "\n" not in str(caught.value)


def test_a_start_must_fit(box):
    for well, states in ((WIDE, 2), (qwpinn.FiniteWell(), 3)):
        with pytest.raises(ValueError, match=rf"`start` must have {states} states"):
            qwpinn.solve(well, states, start=box)


def test_sides_that_cut_v_off_lift_a_level_by_the_shift_that_is_stated():
    """The open disc of V = 5 has 2.564564: k J'/J = q K'/K, q^2 = 5 - E."""
    recipe = qwpinn.Precise(units=250, epochs=0)
    found = qwpinn.solve(qwpinn.CircularDot(depth=5.0), 2, rtol=1e-4, recipe=recipe)
    assert found.wall_shift[0] == pytest.approx(found.energies[0] - 2.564564, rel=0.1)
    assert found.wall_shift[1] == np.inf
    assert found.bound.tolist() == [False, False]
    assert "States 0, 1 belong to the box" in found.notes[0]
    assert [before["bound"] for before, _ in found.facts()] == [False, False]
    kinetic, potential = found.expectation("T"), found.expectation("V")
    np.testing.assert_allclose(kinetic + potential, found.energies, rtol=1e-9)
