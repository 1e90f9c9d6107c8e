"""What is loaded is what was saved: wells and families of any kind, or a refusal."""

import copy
import json
import pickle
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import qwpinn
from qwpinn import potentials
from qwpinn.equation.scaling import Scaling
from qwpinn.networks import saved_model

few = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
BARRIER = qwpinn.Layer(9.0, offset=300.0, mass=0.09)
STACK = qwpinn.Heterostructure(
    [
        BARRIER,
        qwpinn.Layer(6.0, offset=0.0, mass=0.067, name="well"),
        qwpinn.Layer(2.0, "GaAs", offset=250.0),
        qwpinn.Layer(5.0, "Al0.2Ga0.8As", offset=20.0, name="left"),
        BARRIER,
    ]
)
COMMITTED = Path(__file__).parents[2] / "savedmodels"


@dataclass(frozen=True)
class Tilted(qwpinn.Potential):
    """A class that keeps what it is given, of whatever type."""

    zeta: Any = 1.0
    alpha: Any = 1.0
    mu: Any = 1.0
    series: Any = (0.5, 0.25)
    walls: Any = (-2.0, 2.0)

    @property
    def interval(self):
        return float(self.walls[0]), float(self.walls[1])

    def __call__(self, x):
        x = np.asarray(x, float)
        bend = sum(c * x**n for n, c in enumerate(self.series))
        return 4 * self.zeta * x**2 + 3 * self.alpha * x + self.mu / 3 + bend


def made(family, states=2, seed=0):
    sizes = dict(units=10, modes=5, branch=(4,), surface=(5,))
    return qwpinn.FamilyPINN.for_family(family, states, seed=seed, **sizes)


def reloaded(model, folder):
    model.export(folder / "model")
    return qwpinn.load(folder / "model")


def apart(one, other, size=None):
    one, other = np.asarray(one, float), np.asarray(other, float)
    return np.max(np.abs(one - other)) / (np.max(np.abs(one)) if size is None else size)


def family_difference(model, again):
    assert again.family.names == model.family.names
    p = model.family.points(4, seed=3)
    members, restored = ([m.family.potential(row) for row in p] for m in (model, again))
    x = np.array([np.linspace(*member.interval, 15)[1:-1] for member in members])
    energies = model.energies(p)
    return max(
        apart(energies, again.energies(p), np.min(energies) - model.frame.energy_origin),
        apart(model.wavefunctions(x, p), again.wavefunctions(x, p)),
        *(apart(one(at), two(at)) for one, two, at in zip(members, restored, x, strict=True)),
    )


number = st.sampled_from([1.0, 0.9, 1.05, np.float32(1.1), np.float64(0.95), 1, np.int64(1)])
span = st.sampled_from([(0.8, 1.2), (0.8, 1.2), (0.9, 1.3), (1, 2)])
PARAMETERS = {
    qwpinn.FiniteWell: {"depth": 20.0, "width": 2.0, "box": 6.0},
    qwpinn.KronigPenney: {"well_width": 1.0, "barrier_width": 0.3, "height": 40.0},
    STACK: {"well.thickness": 6.0, "left.thickness": 5.0, "left.offset": 30.0, "0.thickness": 9.0},
    Tilted: {"zeta": 1.0, "alpha": 1.0, "mu": 1.0},
    Tilted(series=(1.0, np.float32(0.3))): {"zeta": 1.0, "alpha": 1.0, "mu": 1.0},
    potentials.Scaled: {"factor": 2.0, "offset": 5.0},
}
FIXED = {
    qwpinn.KronigPenney: {"wells": [2, np.int64(2)]},
    Tilted: {
        "series": [(1.0, 2), [0.5, 1, 2], np.array([0.5, 0.25]), np.array([1, 2, 3], np.int32)],
        "walls": [np.array([-2.0, 1.5])],
    },
    potentials.Scaled: {"potential": [qwpinn.FiniteWell(), Tilted(series=(3, 1.0))]},
}


@st.composite
def families(draw):
    """Templates of any kind with parameters in any order, some of them ranges."""
    template = draw(st.sampled_from(list(PARAMETERS)))
    typical = PARAMETERS[template]
    order = draw(st.permutations(list(typical)))
    count = draw(st.integers(1, len(order)))
    chosen = {name: tuple(typical[name] * v for v in draw(span)) for name in order[:count]}
    chosen |= {name: type(n := draw(number))(typical[name] * n) for name in order[count:]}
    chosen |= {name: draw(st.sampled_from(v)) for name, v in FIXED.get(template, {}).items()}
    return qwpinn.Family(template, **{n: chosen[n] for n in draw(st.permutations(list(chosen)))})


@few
@given(family=families(), seed=st.integers(0, 99))
def test_a_family_is_loaded_as_it_was(family, seed, without_graphs, tmp_path):
    model = made(family, seed=seed)
    again = reloaded(model, tmp_path)
    assert family_difference(model, again) < 1e-12
    assert again.frame.to_config() == model.frame.to_config()
    assert list(again.family.fixed) == list(family.fixed)
    for name, value in family.fixed.items():
        kept = again.family.fixed[name]
        assert isinstance(kept, float if isinstance(value, float) else type(value))
        assert np.array_equal(kept, value)
        assert getattr(kept, "dtype", None) == getattr(value, "dtype", None) or kept == value


@st.composite
def wells(draw):
    """Wells of every kind, their numbers off any grid."""
    a, b = draw(st.floats(0.5, 2.0)), draw(st.floats(0.5, 2.0))
    x = np.linspace(-2.0, 2.0, 21)
    layers = [BARRIER, qwpinn.Layer(4 * a, "GaAs", offset=0.0), BARRIER]
    return draw(
        st.sampled_from(
            [
                qwpinn.InfiniteWell(np.float32(a)),
                qwpinn.FiniteWell(20 * a, 2, 6.0),
                qwpinn.PiecewiseConstant([0, a, 2 * a, 5], [0, 9 * b, b], [1, 2, a]),
                qwpinn.Sampled(x, a * x**4, "cubic"),
                qwpinn.Sampled(x, 5 * a * np.cos(3 * x), "linear"),
                qwpinn.CustomPotential(lambda x: 7 * a * np.cos(b + 3 * x) / 3, (-1, 2)),
                potentials.WoodsSaxon(20 * a),
                (2.0 * qwpinn.FiniteWell(9 * a) - b / 3).shifted(a / 10).mirrored(),
                Tilted(np.float32(a), b, 1, np.array([a, b])),
                qwpinn.Heterostructure(layers, field=10 * b),
            ]
        )
    )


@few
@given(well=wells(), seed=st.integers(0, 99))
def test_a_well_is_loaded_as_it_was(well, seed, without_graphs, tmp_path):
    model = qwpinn.QuantumWellPINN.for_potential(well, 2, units=12, seed=seed)
    again = reloaded(model, tmp_path)
    x = np.linspace(*well.interval, 41)[1:-1]
    np.testing.assert_array_equal(again.energies, model.energies)
    assert apart(model.predict(x, verbose=0), again.predict(x, verbose=0)) < 1e-12
    assert again.scaling == model.scaling
    assert again.mesh.scaling == model.scaling
    assert apart(well(x), again.potential(x), max(1.0, np.max(np.abs(well(x))))) < 1e-12
    assert again.potential.breakpoints == well.breakpoints


def test_what_scaled_energies_refer_to_is_not_computed_again(without_graphs, tmp_path, monkeypatch):
    well = qwpinn.Sampled(np.linspace(-2, 2, 9), np.linspace(-2, 2, 9) ** 2 + 0.3, "cubic")
    model = qwpinn.QuantumWellPINN.for_potential(well, 2, units=12)
    model.export(tmp_path / "model")
    elsewhere = Scaling(well.interval, model.scaling.energy_origin - 1e-3, 2.0)
    monkeypatch.setattr(Scaling, "for_potential", lambda potential: elsewhere)
    again = qwpinn.load(tmp_path / "model")
    np.testing.assert_array_equal(again.energies, model.energies)
    assert again.mesh.scaling == model.scaling


def test_a_well_that_would_be_refused_today_is_loaded(without_graphs, tmp_path, monkeypatch):
    well = qwpinn.CustomPotential(lambda x: 9.0 * x**2, (-1, 1))
    qwpinn.QuantumWellPINN.for_potential(well, 1, units=10).export(tmp_path / "model")

    def refuse(potential, energy):
        raise ArithmeticError("rough")

    monkeypatch.setattr("qwpinn.equation.mesh.refuse_hidden", refuse)
    again = qwpinn.load(tmp_path / "model")
    assert again.energies.shape == (1,)
    with pytest.raises(ArithmeticError, match="rough"):
        again.diagonalise()


def test_bands_that_are_not_parabolic_are_loaded_as_they_were(without_graphs, tmp_path):
    layers = [qwpinn.Layer(6.0, "Al0.3Ga0.7As"), qwpinn.Layer(7.0, "GaAs")]
    device = qwpinn.Heterostructure([*layers, layers[0]], nonparabolic=True)
    model = qwpinn.solve(device, 2, recipe=qwpinn.Precise(epochs=0), rtol=1e-3).model
    again = reloaded(model, tmp_path)
    z = np.linspace(*device.interval, 41)[1:-1]
    np.testing.assert_array_equal(again.energies, model.energies)
    assert apart(model.predict(z, verbose=0), again.predict(z, verbose=0)) < 1e-12
    assert [net.scaling for net in again.networks] == [net.scaling for net in model.networks]


ORDERED = qwpinn.Family(STACK, **{"well.thickness": (5.5, 6.5), "left.thickness": (4.5, 5.5)})


def test_keras_files_pickles_and_copies_keep_the_order(tmp_path):
    model = made(ORDERED)
    model.save(tmp_path / "model.keras")
    for again in (
        keras.saving.load_model(tmp_path / "model.keras"),
        pickle.loads(pickle.dumps(model)),
        copy.deepcopy(model),
    ):
        assert again.family.names == ("well.thickness", "left.thickness")
        assert family_difference(model, again) < 1e-12


def test_a_family_that_cannot_be_stored_says_what_of_it_cannot(tmp_path):
    with pytest.raises(TypeError, match=r"`template` must be a class of potentials.*Received: <f"):
        made(qwpinn.Family(lambda width: qwpinn.InfiniteWell(width), width=(1, 2))).export(tmp_path)
    family = qwpinn.Family(Tilted, zeta=(1, 2), series=(1.0, 2.0, np.array(["a"])[:0]))
    with pytest.raises(TypeError, match=r"`series` must hold numbers.*Received: array.*ndarray"):
        family.to_config()


def test_a_class_that_was_defined_again_is_the_last_one():
    def define(factor):
        @dataclass(frozen=True)
        class Again(qwpinn.Potential):
            height: float = 1.0
            interval = (0.0, 1.0)

            def __call__(self, x):
                return factor * self.height * np.asarray(x, float)

        return Again

    first, second = define(1.0), define(2.0)
    assert potentials.potential_from_config(second(3.0).to_config())([1.0]) == 6.0
    with pytest.raises(TypeError, match="to be stored"):
        qwpinn.Family(first(), height=(1, 2)).to_config()

    @dataclass(frozen=True)
    class FiniteWell(Tilted):
        pass

    assert potentials.known_classes()["FiniteWell"] is qwpinn.FiniteWell
    with pytest.raises(TypeError, match="to be stored"):
        qwpinn.Family(FiniteWell(), zeta=(1, 2)).to_config()


# Folders that were changed.


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    """A well and a family in folders, without their SavedModels."""
    folder = tmp_path_factory.mktemp("originals")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saved_model, "write_saved_model", lambda model, folder: None)
        well = qwpinn.FiniteWell(20.0, 2.0, 6.0)
        qwpinn.QuantumWellPINN.for_potential(well, 2, units=12).export(folder / "well")
        family = qwpinn.Family(Tilted, mu=(1, 2), alpha=(1, 2), zeta=(1, 3), series=(1, 2, 3))
        made(family).export(folder / "family")
    return folder


def copied(originals, name, tmp_path):
    folder = tmp_path / name
    folder.mkdir()
    for file in (originals / name).iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def arrays(file):
    """All weights of a file, by name."""
    found = {}

    def add(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = item

    file.visititems(add)
    return found


def change_weights(folder, change):
    with h5py.File(folder / "qwpinn.weights.h5", "r+") as file:
        change(arrays(file))


def change_config(folder, change):
    config = json.loads((folder / "qwpinn.json").read_text())
    change(config["model"]["config"], config)
    (folder / "qwpinn.json").write_text(json.dumps(config))


def spoilt(originals, name, folder, key, change):
    """The refusal of a folder in which one number of an array was changed."""
    folder = copied(originals, name, folder)

    def spoil(found):
        values = found[key][()]
        values.reshape(-1)[values.size // 2] += change
        found[key][...] = values

    change_weights(folder, spoil)
    with pytest.raises(ValueError, match=r"`path` must be .*Copy it again, or train it") as info:
        qwpinn.load(folder)
    assert "\n" not in str(info.value)
    return str(info.value)


@pytest.mark.parametrize("name", ["well", "family"])
def test_every_weight_is_held_to_the_answers(originals, name, tmp_path):
    """One number of any array changed by a millionth, or not a number."""
    with h5py.File(originals / name / "qwpinn.weights.h5") as file:
        keys = [key for key, item in arrays(file).items() if item.shape]
    assert len(keys) > 3
    for row, key in enumerate(keys):
        (tmp_path / str(row)).mkdir()
        assert re.search(
            r"whose answers differ from those kept when it was saved, (energies|psi) by \d\S* of "
            r"(E - min V|its norm) \(allowed: 1e-09\)\.",
            spoilt(originals, name, tmp_path / str(row), key, 1e-6),
        ), key
    assert re.search(r"(psi|energies) by nan of", spoilt(originals, name, tmp_path, key, np.nan))


@pytest.mark.parametrize("name", ["well", "family"])
def test_swapped_arrays_are_refused(originals, name, tmp_path):
    folder = copied(originals, name, tmp_path)

    def swap(found):
        one, other = [
            key for key, item in found.items() if "branches" in key and item.shape == (4, 5)
        ][:2]
        values = found[one][()], found[other][()]
        found[one][...], found[other][...] = values[::-1]

    def exchange_states(found):
        (one,) = [key for key, item in found.items() if item.shape == (12, 2)]
        found[one][...] = found[one][()][:, ::-1]

    change_weights(folder, exchange_states if name == "well" else swap)
    with pytest.raises(ValueError, match=r"whose answers differ .* \w+ by \d"):
        qwpinn.load(folder)


EDITS = {
    "depth": ("well", lambda c, _: c["potential"].update(depth=20.001), "potential by 5e-05"),
    "width": ("well", lambda c, _: c["potential"].update(width=2.001), "edges by 8.3e-05"),
    "box": ("well", lambda c, _: c["potential"].update(box=6.01), "the well's own walls"),
    "origin": ("well", lambda c, _: c["scaling"].update(energy_origin=1e-6), "energy_origin by 6"),
    "unit": ("well", lambda c, _: c["scaling"].update(weight_unit=1.001), "energies by 0.001"),
    "seed": ("well", lambda c, _: c["trial"]["config"]["features"]["config"].update(
        sharpness=[4.0, 4.0]), "psi by"),
    "order": ("family", lambda c, _: c["family"]["ranges"].reverse(), "of its networks"),
    "names": ("family", lambda c, _: [row.__setitem__(0, name) for row, name in zip(
        c["family"]["ranges"], ("alpha", "mu", "zeta"), strict=True)], "potential by"),
    "range": ("family", lambda c, _: c["family"]["ranges"][0].__setitem__(2, 4.0), "its networks"),
    "fixed": ("family", lambda c, _: c["family"]["fixed"][0].__setitem__(1, [1, 2]),
        "potential by"),
    "frame": ("family", lambda c, _: c["operator"]["config"]["moving"]["config"]["frame"].update(
        weight_unit=2.0), "psi by"),
    "answers": ("well", lambda _, whole: whole.pop("answers"), "KeyError on reading it"),
    "states": ("well", lambda _, whole: [row.pop() for row in whole["answers"]["psi"][0]],
        "psi by inf"),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_config_is_refused(originals, edit, tmp_path):
    name, change, found = EDITS[edit]
    folder = copied(originals, name, tmp_path)
    qwpinn.load(folder)
    change_config(folder, change)
    with pytest.raises(ValueError, match=rf"`path` must be a folder with .*{found}.*Copy it again"):
        qwpinn.load(folder)


# The first format.


def as_first_format(folder):
    """What the first format had: no answers, no scaling, sorted keys, ranges by name."""
    config = json.loads((folder / "qwpinn.json").read_text())
    model = config["model"]["config"]
    model.pop("scaling", None)
    if "family" in model:
        model["family"]["ranges"] = {name: row for name, *row in model["family"]["ranges"]}
        model["family"]["fixed"] = {
            name: {"class_name": "__numpy__", "config": value} if "dtype" in value else value
            for name, value in model["family"]["fixed"]
        }
    old = {"format": 1, "model": config["model"]}
    (folder / "qwpinn.json").write_text(json.dumps(old, indent=1, sort_keys=True))


@pytest.mark.parametrize("names", [("zeta", "mu", "alpha"), ("mu", "alpha", "zeta")])
def test_the_order_of_the_first_format_is_that_of_the_networks(names, without_graphs, tmp_path):
    spans = [(1.0, 2.0), (0.5, 1.5), (1.0, 1.5)]
    fixed = {"series": (1, 2, 3), "walls": np.array([-2.0, 1.5])}
    family = qwpinn.Family(Tilted, **dict(zip(names, spans, strict=True)), **fixed)
    model = made(family)
    model.export(tmp_path / "model")
    as_first_format(tmp_path / "model")
    again = qwpinn.load(tmp_path / "model")
    assert again.family.fixed["series"] == (1, 2, 3)
    np.testing.assert_array_equal(again.family.fixed["walls"], [-2.0, 1.5])
    assert family_difference(model, again) < 1e-12


def test_an_order_that_cannot_be_told_is_refused(originals, tmp_path):
    folder = copied(originals, "family", tmp_path)
    as_first_format(folder)
    with pytest.raises(
        ValueError,
        match=r"format 1 with equal ranges of alpha and mu, whose order was not kept\. Write "
        r"`ranges` in 'qwpinn\.json' as a list \[\[name, lowest, highest\], \.\.\.\]",
    ):
        qwpinn.load(folder)
    rows = [["mu", 1.0, 2.0], ["alpha", 1.0, 2.0], ["zeta", 1.0, 3.0]]
    change_config(folder, lambda config, _: config["family"].update(ranges=rows))
    assert family_difference(qwpinn.load(originals / "family"), qwpinn.load(folder)) == 0.0


def test_fixed_values_that_overwrite_each_other_need_their_order():
    family = qwpinn.Family(
        STACK, field=(0, 5), **{"well.thickness": 6.2, "1.thickness": 5.8, "0.thickness": 8.0}
    )
    config = family.to_config()
    assert qwpinn.Family.from_config(config).centre == family.centre
    rows = config["fixed"]
    stands = {**config, "fixed": dict(rows)}
    assert qwpinn.Family.from_config(stands).centre == family.centre
    with pytest.raises(ValueError, match=r"`fixed` must be a list .* for one overwrites another"):
        qwpinn.Family.from_config({**config, "fixed": dict(sorted(rows))})
    harmless = {**config, "fixed": {"0.thickness": 8.0, "well.thickness": 6.2}}
    assert qwpinn.Family.from_config(harmless).fixed == harmless["fixed"]


def test_ranges_of_another_family_are_refused(originals, tmp_path):
    folder = copied(originals, "family", tmp_path)
    as_first_format(folder)
    change_config(folder, lambda config, _: config["family"]["ranges"].update(zeta=[1.0, 4.0]))
    with pytest.raises(ValueError, match=r"ranges \{.*\} that are not those of its networks"):
        qwpinn.load(folder)
    change_config(folder, lambda config, _: config.update(surface=None))
    with pytest.raises(ValueError, match=r"`path` must be .*TypeError on reading it .*Copy it"):
        qwpinn.load(folder)


def test_the_scaling_of_the_first_format_is_the_lowest_of_1001_points():
    """Models without a scaling of their own depend on this rule to the last digit."""
    well = qwpinn.Sampled([0, 1, 2, 3], [0.3, -0.1, 0.2, 2.0], "cubic")
    x = 3.0 * (np.arange(1001) + 0.5) / 1001
    assert Scaling.for_potential(well).energy_origin == np.min(well(x))


@pytest.mark.parametrize("name", ["infinite_well", "finite_well", "finite_barrier"])
def test_committed_wells_are_loaded_as_their_saved_models_say(name):
    model, alone = qwpinn.load(COMMITTED / name), tf.saved_model.load(COMMITTED / name)
    x = np.linspace(*model.potential.interval, 51)[1:-1]
    np.testing.assert_allclose(model.energies, alone.energies(), rtol=1e-14)
    assert apart(alone.serve(x), model.predict(x, verbose=0)) < 1e-12


def test_the_committed_family_is_loaded_as_its_saved_model_says():
    path = COMMITTED / "finite_well_family"
    model, alone = qwpinn.load(path), tf.saved_model.load(path)
    p, x = model.family.points(5, seed=1), np.linspace(-2.5, 2.5, 5)
    assert model.family.names == ("depth", "width")
    assert apart(alone.energies(p), model.energies(p)) < 1e-12
    psi = model.wavefunctions(x[:, None], p)[:, 0]
    assert apart(alone.wavefunctions(tf.constant(x), tf.constant(p)), psi) < 1e-11
