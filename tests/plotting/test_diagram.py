"""The figures of levels: labels that do not overlap, waves that do not touch, what is asked for."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from devices import double_well, single_well
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

import qwpinn
from qwpinn import plotting, references
from qwpinn.equation.description import window as v_window
from qwpinn.plotting import diagram

CASES = {
    "finite": (qwpinn.FiniteWell(), 3),
    "infinite": (qwpinn.InfiniteWell(), 5),
    "harmonic": (qwpinn.Harmonic(), 6),
    "double": (qwpinn.DoubleWell(1.0, 12.0), 6),
    "band": (qwpinn.KronigPenney(5), 10),
    "many": (qwpinn.Harmonic(), 20),
    "device": (single_well(70.0), 3),
    "two_wells": (double_well(), 4),
    "poeschl_teller": (qwpinn.PoeschlTeller(), 2),
    "steep": (qwpinn.FiniteWell(depth=1e5), 3),
}


def found(name):
    """Something like a solution, of a classical solver."""
    potential, count = CASES[name]
    spectrum = references.legendre_galerkin(potential, count)
    return SimpleNamespace(
        potential=potential,
        energies=spectrum.energies,
        wavefunctions=spectrum.wavefunctions,
        box_states=np.zeros(count, bool),
    )


def boxes(axes):
    """Where the labels are, in pixels."""
    renderer = FigureCanvasAgg(axes.figure).get_renderer()
    axes.figure.canvas.draw()
    # An annotation's own extent has its leader in it.
    return [Text.get_window_extent(text, renderer) for text in axes.texts]


def waves(axes, solution, shown):
    """The lines of the states."""
    longest = max(len(line.get_ydata()) for line in axes.lines)
    drawn = [line for line in axes.lines if len(line.get_ydata()) == longest]
    return drawn[1 : 1 + len(shown)]


@pytest.mark.parametrize("options", [{}, {"density": True}, {"states": [1, 2]}])
@pytest.mark.parametrize("name", CASES)
def test_labels_stand_apart_and_inside_the_figure(name, options):
    solution = found(name)
    if options.get("states") and solution.energies.size < 3:
        options = {"states": [0, 1]}
    figure = plotting.states(solution, **options)
    axes = figure.axes[0]
    placed = boxes(axes)
    assert placed
    assert not any(a.overlaps(b) for a, b in itertools.combinations(placed, 2))
    for box in placed:
        assert box.x0 >= axes.bbox.x1
        assert box.x1 <= figure.bbox.x1
        assert figure.bbox.y0 <= box.y0 < box.y1 <= figure.bbox.y1
    legend = axes.get_legend().get_window_extent()
    assert not any(legend.overlaps(box) for box in placed)


def test_labels_say_number_and_energy():
    solution = found("finite")
    texts = [text.get_text() for text in plotting.states(solution).axes[0].texts]
    assert texts == ["$E_{0}$ = 1.639", "$E_{1}$ = 6.442", "$E_{2}$ = 13.89"]
    texts = [text.get_text() for text in plotting.states(solution, states=[2, 1]).axes[0].texts]
    assert texts == ["$E_{1}$ = 6.442", "$E_{2}$ = 13.89"]
    # A doublet's energies have the digits that tell them apart.
    first, second, *_ = (t.get_text() for t in plotting.states(found("double")).axes[0].texts)
    assert first.split("=")[1] != second.split("=")[1]


@pytest.mark.parametrize("name", ["finite", "infinite", "harmonic", "poeschl_teller", "steep"])
@pytest.mark.parametrize("density", [False, True])
def test_waves_are_seen_and_do_not_touch(name, density):
    solution = found(name)
    axes = plotting.states(solution, density=density).axes[0]
    drawn = [line.get_ydata() for line in waves(axes, solution, solution.energies)]
    bottom, top = axes.get_ylim()
    for k, y in enumerate(drawn):
        assert np.max(np.abs(y - solution.energies[k])) > 0.03 * (top - bottom)
        assert bottom < np.min(y) <= np.max(y) < top
    for below, above in itertools.pairwise(drawn):
        assert np.min(above - below) > 0.0


def test_a_doublet_shares_its_place_and_the_others_do_not_suffer():
    solution = found("double")
    assert solution.energies[1] - solution.energies[0] < 1e-3
    axes = plotting.states(solution).axes[0]
    drawn = [line.get_ydata() for line in waves(axes, solution, solution.energies)]
    bottom, top = axes.get_ylim()
    assert max(np.ptp(y) for y in drawn[:2]) > 0.1 * (top - bottom)


def test_a_high_wall_is_cut_and_said():
    axes = plotting.states(found("steep")).axes[0]
    assert axes.get_ylim()[1] < 50.0
    assert axes.get_legend().get_texts()[0].get_text() == "V(x), up to 1e+05"
    x = np.linspace(-1.0, 1.0, 2001)
    hole = np.where(np.abs(x) < 0.001, -1e6, 0.0)
    bottom, top = diagram.window(np.array([-3.0, 2.0, 8.0]), x, hole)
    assert -60.0 < bottom <= -3.0
    assert 8.0 <= top < 60.0
    assert v_window(np.array([0.0, 1.0, 2.0, np.nan])) == (0.0, 2.0)


def test_densities(solutions):
    solution, _ = solutions["finite_well"]
    x = np.linspace(-2.9, 2.9, 7)
    np.testing.assert_array_equal(solution.density(x), solution.wavefunctions(x) ** 2)
    device = qwpinn.solve(single_well(), 2, recipe=qwpinn.Precise(units=60, epochs=0), rtol=1e-3)
    z = np.linspace(0.0, 46.0, 4001)
    density = device.density(z)
    assert density.shape == (4001, 2)
    np.testing.assert_allclose(np.trapezoid(density, z, axis=0), 1.0, atol=1e-5)


def test_the_valence_band_is_part_of_a_density():
    layers = [qwpinn.Layer(15.0, "Al0.3Ga0.7As"), qwpinn.Layer(8.0, "GaAs"),
              qwpinn.Layer(15.0, "Al0.3Ga0.7As")]  # fmt: skip
    device = qwpinn.Heterostructure(layers, nonparabolic=True)
    solution = qwpinn.solve(device, 1, recipe=qwpinn.Precise(units=60, epochs=0), rtol=1e-3)
    z = np.linspace(0.0, 38.0, 8001)
    np.testing.assert_allclose(np.trapezoid(solution.density(z)[:, 0], z), 1.0, atol=2e-4)
    share = np.trapezoid(solution.wavefunctions(z)[:, 0] ** 2, z) / solution.observables.norms[0]
    assert share < 0.99


def test_axes_title_and_files(tmp_path):
    solution = found("finite")
    figure = Figure(layout="constrained")
    left, right = figure.subplots(1, 2)
    spectrum = references.exact(solution.potential, 3)
    assert plotting.states(solution, ax=left, title="psi") is figure
    assert plotting.states(solution, spectrum, density=True, ax=right) is figure
    assert len(figure.axes) == 2
    assert left.get_title() == "psi"
    assert right.get_ylabel() == "energy,  $|\\psi_k|^2$ drawn at $E_k$"
    assert "exact" in [text.get_text() for text in right.get_legend().get_texts()]
    beside = plotting.states(solution, spectrum)
    assert len(beside.axes) == 2
    for suffix, start in (("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")):
        beside.savefig(tmp_path / f"well.{suffix}")
        assert (tmp_path / f"well.{suffix}").read_bytes().startswith(start)


def test_labels_are_inside_where_nothing_makes_room_for_them():
    figure = Figure()
    axes = figure.subplots()
    plotting.states(found("two_wells"), ax=axes)
    assert all(box.x1 <= axes.bbox.x1 for box in boxes(axes))
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes(axes), 2))


@pytest.mark.parametrize("states", [[3], [-1], []])
def test_other_states_are_refused(states):
    with pytest.raises(ValueError, match="`states` must be"):
        plotting.states(found("finite"), states=states)


def test_a_figure_in_a_file_has_twice_as_many_dots():
    figure = Figure(figsize=(2.0, 1.0))
    content = plotting.png(figure)
    width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (440, 220)
