"""What is stated of a family's networks: errors, anticrossings, and design where they fail."""

import dataclasses
import json
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import small
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import qwpinn
from qwpinn.cli import family_commands, parser
from qwpinn.enclosures import Enclosure
from qwpinn.families.anticrossings import find_anticrossings
from qwpinn.families.design import Design
from qwpinn.families.errors import FamilyErrors
from qwpinn.families.networks import EnergySurface
from qwpinn.networks.regression import SmoothMap
from qwpinn.status import Status

COMMITTED = Path(__file__).parents[2] / "savedmodels" / "finite_well_family"


def wells(detuning):
    """Two wells of width 1, by how much the bottom of the right one is higher."""
    edges = np.cumsum([0.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    return qwpinn.PiecewiseConstant(tuple(edges), (40.0, 0.0, 40.0, detuning, 40.0))


@pytest.fixture(scope="module")
def smooth(family_model):
    model = qwpinn.FamilyPINN.from_config(family_model.get_config())
    model.set_weights(family_model.get_weights())
    model.measure(48)
    return model


@pytest.fixture(scope="module")
def crossed():
    family = qwpinn.Family(wells, detuning=(-1.0, 1.5))
    model = qwpinn.FamilyPINN.for_family(family, 2, **small.SIZES)
    model.start(48, epochs=40)
    model.measure(48)
    return model


def actual(model, count):
    family = model.family
    p = np.random.default_rng(5).uniform(family.lower, family.upper, (count, len(family.names)))
    return p, model.refinement.compared(p).errors


def test_the_stated_error_of_a_smooth_family_holds(smooth):
    p, errors = actual(smooth, 200)
    for of, found in (("energies", errors[:, :2]), ("psi", errors[:, 2:])):
        stated = smooth.error(p, of=of)
        assert stated.shape == (200, 2)
        assert np.all(found <= stated)
        assert np.median(stated / found) < 300.0
    fast, refined = smooth.energies(p), smooth.energies(p, refine=True)
    assert_allclose(errors[:, :2], np.abs(fast - refined) / refined, atol=1e-11)
    x = np.linspace(-3.0, 3.0, 601)
    off = smooth.wavefunctions(x[None], p[:9]) - smooth.wavefunctions(x[None], p[:9], refine=True)
    assert_allclose(np.sqrt(np.trapezoid(off**2, x, axis=1)), errors[:9, 2:], rtol=1e-3)
    assert smooth.status is Status.UNTRAINED
    assert smooth.anticrossings == ()


def test_a_narrow_anticrossing_is_found_and_marked(crossed):
    (found,) = crossed.anticrossings
    assert found.levels == (0, 1)
    # By symmetry it is where both wells are alike.
    assert found.parameters[0] == pytest.approx(0.0, abs=1e-5)
    levels = qwpinn.references.exact(wells(0.0), 2).energies
    assert found.gap == pytest.approx(levels[1] - levels[0], rel=1e-3)
    there, away = crossed.error([[0.0], [0.8]])
    assert np.all(there > 5.0 * away)
    p, errors = actual(crossed, 200)
    p = np.vstack([p, np.linspace(-0.05, 0.05, 41)[:, None]])
    errors = np.vstack([errors, crossed.refinement.compared(p[200:]).errors])
    stated = np.hstack([crossed.error(p), crossed.error(p, of="psi")])
    assert np.all(errors <= stated)
    assert crossed.errors.marked(np.array([[-0.2], [0.9]])).tolist() == [[True] * 2, [False] * 2]
    assert crossed.status is Status.UNEVEN
    assert "Anticrossing of E_0 and E_1: gap 0.014 at detuning=" in str(crossed)
    assert "Measured at 50 members" in str(crossed)


def test_figures_mark_anticrossings(crossed):
    above, below = crossed.plot().axes
    lines = [line for line in above.lines if len(set(line.get_xdata())) == 1]
    assert [line.get_xdata()[0] for line in lines] == pytest.approx([0.0], abs=1e-5)
    assert "dotted: stated" in below.get_ylabel()


@given(
    gap=st.floats(-9.0, -2.0).map(lambda exponent: 10.0**exponent),
    angle=st.floats(0.0, 6.2),
    shift=st.floats(-0.6, 0.6),
    bend=st.floats(-0.3, 0.3),
)
@settings(max_examples=15, deadline=None)
def test_anticrossings_narrower_than_the_samples_are_found(gap, angle, shift, bend):
    normal = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-normal[1], normal[0]])

    def levels(u):
        along = u @ across
        detuning = u @ normal - shift - bend * along**2
        slope = normal - 2.0 * bend * along[:, None] * across
        half = np.sqrt(gap**2 + detuning**2) / 2.0
        forces = (detuning / half)[:, None] / 4.0 * slope
        far = np.full(len(u), 9.0)
        both = np.stack([3.0 - half, 3.0 + half, far], axis=1)
        return both, np.stack([-forces, forces, np.zeros_like(forces)], axis=1)

    u = np.random.default_rng(0).uniform(-1.0, 1.0, (64, 2))
    found = find_anticrossings(levels, u, *levels(u))
    assert len(found.pairs) > 3
    assert set(found.pairs.tolist()) == {0}
    inside = np.all(np.abs(found.places) < 1.0, axis=1)
    assert_allclose(found.gaps[inside], gap, rtol=0.1)
    detuning = found.places @ normal - shift - bend * (found.places @ across) ** 2
    assert np.all(np.abs(detuning[inside]) <= 0.5 * gap)
    here = found.places[inside]
    assert_allclose(found.distances(here, 0), 0.0, atol=1e-3)
    assert np.all(np.isinf(found.distances(here, 1)))
    # What is not known of the surface may only bring it nearer.
    moved = found.distances(here + 0.02 * found.normals[inside], 0)
    assert np.all(moved <= 0.0201)
    assert np.median(moved) > 0.005


def test_levels_that_keep_away_do_not_anticross():
    def levels(u):
        both = np.stack([1.0 + 0.3 * u[:, 0], 2.0 + 0.5 * u[:, 0]], axis=1)
        return both, np.tile([[[0.3], [0.5]]], (len(u), 1, 1))

    u = np.linspace(-1.0, 1.0, 20)[:, None]
    assert find_anticrossings(levels, u, *levels(u)).pairs.size == 0


def test_energies_and_their_gradients_are_in_order():
    network = SmoothMap(2, 4, (6,), seed=3)
    surface = EnergySurface(network, [-1.0, -1.0], [1.0, 1.0])
    p = np.random.default_rng(0).uniform(-0.9, 0.9, (300, 2))
    raw, energies = np.exp(network(tf.constant(p)).numpy()), surface.energies(p)
    assert np.any(np.diff(raw) < 0.0)
    assert_allclose(energies, np.sort(raw), rtol=1e-14)
    gradients = surface.slopes(p)
    for i, step in enumerate(1e-6 * np.eye(2)):
        change = (surface.energies(p + step) - surface.energies(p - step)) / 2e-6
        away = np.min(np.diff(energies), axis=1) > 1e-5
        assert_allclose(gradients[away, :, i], change[away], rtol=1e-5, atol=1e-7)
    both = surface.with_slopes(p)
    assert_allclose(both[0], energies, rtol=1e-14)
    assert_allclose(both[1], gradients, rtol=1e-12)


def test_what_was_measured_is_stored(smooth, tmp_path):
    smooth.export(tmp_path / "family")
    again = qwpinn.load(tmp_path / "family")
    p = actual(smooth, 20)[0]
    for of in ("energies", "psi"):
        assert_array_equal(again.error(p, of=of), smooth.error(p, of=of))
    assert (again.status, again.notes) == (smooth.status, smooth.notes)
    # As a folder of an earlier version.
    config = json.loads((tmp_path / "family" / "qwpinn.json").read_text())
    del config["model"]["config"]["errors"]
    (tmp_path / "family" / "qwpinn.json").write_text(json.dumps(config))
    old = qwpinn.load(tmp_path / "family")
    assert np.isnan(old.error(p)).all()
    assert "How far the networks are off is unknown; `measure` finds out." in str(old)
    assert old.status is Status.UNTRAINED


def test_anticrossings_survive_json(crossed):
    stored = json.loads(json.dumps(crossed.errors.to_config(), allow_nan=False))
    again, u = FamilyErrors.from_config(stored), np.linspace(-1.0, 1.0, 200)[:, None]
    assert_array_equal(again.stated(u), crossed.errors.stated(u))
    unproven = dataclasses.replace(crossed.errors, widths=np.array([0.0, np.inf]))
    again = FamilyErrors.from_config(json.loads(json.dumps(unproven.to_config(), allow_nan=False)))
    assert np.isinf(again.stated(u)[:, 1]).all()


def test_the_committed_family_loads_and_can_be_measured():
    model = qwpinn.load(COMMITTED)
    assert np.isnan(model.error([[20.0, 2.0]], of="psi")).all()
    with pytest.raises(ValueError, match=r"`of` must be 'energies' or 'psi'\. Received: 'E'\. Giv"):
        model.error([[20.0, 2.0]], of="E")
    model.measure(8)
    assert np.all(model.error([[20.0, 2.0]]) < 1e-4)
    # Other weights, of which nothing is known.
    model.surface.network.output_layer.bias.assign_add([0.0, 0.0, 1e-3])
    assert np.isnan(model.error([[20.0, 2.0]])).all()


def test_a_gap_that_only_refined_levels_have_is_designed(crossed):
    wanted = 1.5 * crossed.anticrossings[0].gap
    with pytest.warns(
        UserWarning, match=r"stated error at member 0 is .* of E1-E0: .* verify=True"
    ):
        found = crossed.design({"E1-E0": wanted}, verify=False)
    gaps = np.diff(crossed.energies(found.parameters, refine=True))
    assert_allclose(gaps[:, 0], wanted, rtol=1e-6)
    assert_allclose(found.achieved[:, 0], wanted, rtol=1e-6)
    assert np.abs(found.parameters).max() < 0.1
    assert found.notes == (
        "Not confirmed by qwpinn.solve: the levels are refined ones of the family's network.",
    )
    with pytest.raises(ValueError, match=r"E1-E0 from 0\.01399.*the nearest is E1-E0=0\.01399"):
        crossed.design({"E1-E0": 0.5 * crossed.anticrossings[0].gap})


def test_what_is_designed_meets_refined_levels(smooth):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = smooth.design({"E1-E0": 4.8}, verify=False)
    assert_allclose(np.diff(smooth.energies(found.parameters, refine=True)), 4.8, rtol=1e-6)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ({"E1-E0": -0.1}, r"must be positive for E1-E0, for levels ascend\. Received: E1-E0=-0\.1"),
        ({"E0-E1": 0.1}, r"must be negative for E0-E1, for levels ascend\. Received: E0-E1=0\.1\."),
        ({"E0": -2.0}, r"must lie above 0, the lowest V of the family\. Received: E0=-2\."),
    ],
)
def test_targets_that_cannot_exist_are_refused(smooth, targets, message):
    with pytest.raises(ValueError, match=f"`targets` {message}"):
        smooth.design(targets)


def test_targets_are_confirmed_by_intervals():
    def designed(lower, upper, numbers=(0, 1)):
        bounds = Enclosure(np.array(lower), np.array(upper), np.array(numbers), np.zeros(2))
        solution = SimpleNamespace(enclosure=bounds, energies=(bounds.lower + bounds.upper) / 2)
        targets = {"E1-E0": 1.0, "E0": 2.0}
        return Design(("p",), targets, np.zeros((1, 1)), np.zeros((1, 2)), (solution,))

    near = designed([2.0, 3.0], [2.00004, 3.00004])
    assert_allclose(near.enclosed, [[[0.99996, 1.00004], [2.0, 2.00004]]])
    assert near.confirmed.tolist() == [[True, True]]
    # The middle of the gap is right, its enclosure too wide; that of E_0 is not, relative to 2.
    wide = designed([1.99985, 2.99985], [2.00015, 3.00015])
    assert wide.confirmed.tolist() == [[False, True]]
    unproven = designed([2.0, 3.0], [2.00004, 3.00004], (0, -1))
    assert unproven.enclosed[0, 0].tolist() == [-np.inf, np.inf]
    assert unproven.confirmed.tolist() == [[False, True]]
    assert not unproven.converged


def test_the_command_says_where_networks_fail(smooth, tmp_path, monkeypatch, capsys):
    def trained(family, **settings):
        errors = smooth.errors.errors.copy()
        errors[3, 1] = 0.5
        found = dataclasses.replace(smooth.errors, errors=errors).to_config()
        model = qwpinn.FamilyPINN.from_config({**smooth.get_config(), "errors": found})
        model.set_weights(smooth.get_weights())
        monkeypatch.setattr(model, "export", lambda folder: None)
        return model

    monkeypatch.setattr(family_commands, "train_family", trained)
    file = tmp_path / "family.toml"
    file.write_text("potential.kind = 'finite_well'\nfamily.depth = [15, 25]")
    assert parser.main(["train-family", str(file), "--output", str(tmp_path / "new")]) == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert str(Status.UNEVEN) in printed
    assert "Measured at 52 members, median errors: energies" in printed
    assert "5.0e-01" in printed
