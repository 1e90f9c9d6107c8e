import json
import shutil

import keras
import numpy as np
import processes
import pytest

import qwpinn
from qwpinn.networks import saved_model
from qwpinn.storage import places

WITHOUT_QWPINN = """
import json, sys
sys.modules["qwpinn"] = None  # an import of it raises from here on
import numpy as np
import tensorflow as tf
for name, x in json.loads(sys.argv[1]).items():
    model, x = tf.saved_model.load(name), np.array(x)
    print(json.dumps({
        "column": model.serve(x[:, None]).numpy().tolist(),
        "row": model.serve(x).numpy().tolist(),
        "energies": model.energies().numpy().tolist(),
        "residual": model.residual(x).numpy().tolist(),
        "dtypes": [model.serve(x).dtype.name, model.energies().dtype.name],
    }))
"""


def evaluated_elsewhere(folder, points):
    """What the models of a folder give at their points, by name, without qwpinn."""
    given = json.dumps({name: x.tolist() for name, x in points.items()})
    lines = processes.run(processes.program(WITHOUT_QWPINN, given), cwd=folder).stdout.splitlines()
    return dict(zip(points, map(json.loads, lines), strict=True))


@pytest.mark.programs
def test_saved_model_gives_the_live_numbers_where_qwpinn_cannot_be_imported(solutions, tmp_path):
    points = {}
    for name, (solution, _) in solutions.items():
        solution.model.export(tmp_path / name)
        a, b = solution.potential.interval
        points[name] = np.linspace(a, b, 23)[1:-1] + 1e-3 * (b - a) / np.pi
    for name, found in evaluated_elsewhere(tmp_path, points).items():
        solution, x = solutions[name][0], points[name]
        psi = solution.wavefunctions(x)
        np.testing.assert_allclose(found["column"], psi, rtol=0, atol=1e-12)
        np.testing.assert_array_equal(found["row"], found["column"])
        np.testing.assert_allclose(found["energies"], solution.energies, rtol=1e-15)
        column = x[:, None]
        live = solution.model.residual(column, solution.potential(column), np.ones_like(column))
        np.testing.assert_allclose(found["residual"], live, rtol=0, atol=1e-8)
        assert found["dtypes"] == ["float64", "float64"]


@pytest.mark.programs
def test_residual_endpoint_knows_a_potential_that_varies_and_a_mass_that_jumps(tmp_path):
    ramp = qwpinn.CustomPotential(lambda x: 30.0 * np.cos(x), (-1.0, 2.0))
    layers = qwpinn.PiecewiseConstant([0.0, 1.0, 2.0], [0.0, 5.0], [1.0, 2.0])
    points, live = {}, {}
    for name, well in (("ramp", ramp), ("layers", layers)):
        model = qwpinn.QuantumWellPINN.for_potential(well, states=1, units=12)
        model.export(tmp_path / name)
        points[name] = np.linspace(*well.interval, 17)[1:-1]
        column = points[name][:, None]
        live[name] = model.residual(column, well(column), well.weight(column)).numpy()
    for name, found in evaluated_elsewhere(tmp_path, points).items():
        atol = 1e-9 * np.abs(live[name]).max()
        np.testing.assert_allclose(found["residual"], live[name], rtol=0, atol=atol)


def test_the_saved_model_makes_a_layer_of_a_keras_model(small_model, tmp_path):
    small_model.export(tmp_path / "model")
    layer = keras.layers.TFSMLayer(tmp_path / "model", call_endpoint="serve", dtype="float64")
    x = np.linspace(-3.0, 3.0, 13)[:, None]
    psi = small_model.predict(x, verbose=0)
    np.testing.assert_allclose(layer(x), psi, rtol=0, atol=1e-12)
    model = keras.Sequential([keras.Input((1,), dtype="float64"), layer])
    found = model.predict(x, verbose=0)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, psi, rtol=0, atol=1e-12)
    residual = keras.layers.TFSMLayer(tmp_path / "model", "residual", dtype="float64")
    potential = small_model.potential(x)
    live = small_model.residual(x, potential, np.ones_like(x))
    np.testing.assert_allclose(residual(x), live, rtol=0, atol=1e-9)


def trained(finite_well, path):
    model = qwpinn.QuantumWellPINN.for_potential(finite_well, states=2, units=16, seed=3)
    model.compile(optimizer=qwpinn.LevenbergMarquardt())
    model.fit(qwpinn.collocation(finite_well, 60), epochs=4, verbose=0)
    model.export(path)
    return model


@pytest.fixture(scope="module")
def original(tmp_path_factory, finite_well):
    """A trained model, and its folder; no test changes them."""
    path = tmp_path_factory.mktemp("original") / "model"
    return trained(finite_well, path), path


@pytest.fixture
def saved(original, tmp_path):
    """The same model, and a folder of its own."""
    model, path = original
    return model, shutil.copytree(path, tmp_path / "model")


def test_load_restores_numbers_potential_and_damping(saved):
    model, path = saved
    copy = qwpinn.load(path)
    x = np.linspace(-3, 3, 31)
    np.testing.assert_array_equal(copy.predict(x, verbose=0), model.predict(x, verbose=0))
    np.testing.assert_array_equal(copy.energies, model.energies)
    assert copy.potential == model.potential
    assert float(copy.optimizer.damping) == float(model.optimizer.damping)
    assert int(copy.optimizer.iterations) == 4


def test_training_goes_on_as_if_it_had_not_stopped(finite_well, tmp_path, without_graphs):
    model = trained(finite_well, tmp_path / "model")
    copy = qwpinn.load(tmp_path / "model")
    data = qwpinn.collocation(finite_well, 60)
    one = model.fit(data, epochs=3, verbose=0).history
    other = copy.fit(data, epochs=3, verbose=0).history
    np.testing.assert_allclose(one["loss"], other["loss"], rtol=1e-12)
    np.testing.assert_allclose(model.energies, copy.energies, rtol=1e-14)


def test_adam_state_survives_too(finite_well, tmp_path, without_graphs):
    model = qwpinn.Paper(epochs=2, steps=3, hidden=(4,)).compiled(finite_well, 1, 0)
    data = qwpinn.collocation(finite_well, 60).repeat(3)
    model.fit(data, epochs=2, verbose=0)
    model.export(tmp_path / "adam")
    copy = qwpinn.load(tmp_path / "adam")
    assert int(copy.optimizer.iterations) == 6
    for one, other in zip(model.optimizer.variables, copy.optimizer.variables, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_model_that_was_never_compiled_can_be_saved(finite_well, tmp_path):
    model = qwpinn.QuantumWellPINN.for_potential(finite_well, states=1, units=8)
    model.export(tmp_path / "model")
    np.testing.assert_array_equal(qwpinn.load(tmp_path / "model").energies, model.energies)


@pytest.mark.parametrize("custom", [True, False])
def test_potentials_without_a_config_of_their_own_are_stored_as_a_table(custom, tmp_path):
    class Ramp(qwpinn.Potential):
        interval = (0.0, 1.0)

        def __call__(self, x):
            return 20.0 * np.asarray(x, float) ** 2

    well = qwpinn.CustomPotential(lambda x: 20.0 * x**2, (0.0, 1.0)) if custom else Ramp()
    model = qwpinn.QuantumWellPINN.for_potential(well, states=1, units=8)
    model.export(tmp_path / "model")
    x = np.linspace(0, 1, 50)
    np.testing.assert_allclose(qwpinn.load(tmp_path / "model").potential(x), well(x), atol=1e-11)


def test_missing_foreign_and_damaged_folders_are_named(saved, tmp_path):
    _, path = saved
    with pytest.raises(ValueError, match=r"Received: '.*nowhere', nothing there\. Check the path"):
        qwpinn.load(tmp_path / "nowhere")
    (tmp_path / "foreign").mkdir()
    with pytest.raises(ValueError, match=r"a folder without 'qwpinn\.json'"):
        qwpinn.load(tmp_path / "foreign")
    with pytest.raises(ValueError, match=r"Received: '.*qwpinn\.json', a file"):
        qwpinn.load(path / "qwpinn.json")


@pytest.mark.parametrize("file", ["qwpinn.json", "qwpinn.weights.h5"])
def test_truncated_files_are_one_clear_line(saved, tmp_path, file):
    _, path = saved
    content = (path / file).read_bytes()
    (path / file).write_bytes(content[: len(content) // 2])
    with pytest.raises(
        ValueError, match=r"`path` must be a folder with a saved .* Copy it"
    ) as info:
        qwpinn.load(path)
    assert "\n" not in str(info.value)


def test_missing_weights_and_other_formats(saved):
    _, path = saved
    (path / "qwpinn.weights.h5").unlink()
    with pytest.raises(ValueError, match=r"no file 'qwpinn\.weights\.h5'"):
        qwpinn.load(path)
    config = json.loads((path / "qwpinn.json").read_text())
    (path / "qwpinn.json").write_text(json.dumps({**config, "format": 99}))
    with pytest.raises(ValueError, match=r"format 99 .* reads format 1"):
        qwpinn.load(path)


def test_weights_of_another_network_are_refused(saved, finite_well, tmp_path, without_graphs):
    _, path = saved
    qwpinn.QuantumWellPINN.for_potential(finite_well, states=2, units=9).export(tmp_path / "nine")
    shutil.copy(tmp_path / "nine" / "qwpinn.weights.h5", path)
    with pytest.raises(ValueError, match="Copy it again, or train it anew"):
        qwpinn.load(path)


def test_files_that_are_not_ours_are_not_overwritten(small_model, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("dear")
    with pytest.raises(ValueError, match=r"a folder with other files.*nothing was overwritten"):
        small_model.export(tmp_path / "thesis")
    with pytest.raises(ValueError, match=r"chapter\.tex', a file"):
        small_model.export(tmp_path / "thesis" / "chapter.tex")
    assert (tmp_path / "thesis" / "chapter.tex").read_text() == "dear"
    assert list(tmp_path.iterdir()) == [tmp_path / "thesis"]


def test_a_save_that_fails_half_way_leaves_the_old_model(saved, monkeypatch):
    model, path = saved
    before = (path / "qwpinn.weights.h5").read_bytes()
    monkeypatch.setattr(keras.Model, "save_weights", _full_disk)
    with pytest.raises(OSError, match=r"but the disk is full\. Make room"):
        model.export(path)
    assert (path / "qwpinn.weights.h5").read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["model"]
    qwpinn.load(path)


def _full_disk(*args, **kwargs):
    raise OSError(28, "No space left on device")


def test_a_save_replaces_an_older_model_whole(saved):
    model, path = saved
    (path / "qwpinn.json").write_text("{}")
    (path / "fingerprint.pb").unlink()
    model.export(path)
    np.testing.assert_array_equal(qwpinn.load(path).energies, model.energies)
    assert (path / "fingerprint.pb").exists()


def test_a_folder_of_a_model_with_a_users_file_in_it_is_not_replaced(saved):
    model, path = saved
    (path / "notes.txt").write_text("dear")
    with pytest.raises(ValueError, match=r"a folder with other files.*nothing was overwritten"):
        model.export(path)
    assert (path / "notes.txt").read_text() == "dear"


def test_unwritable_place_is_named(small_model, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"must be a place that can be written.*Choose another"):
        small_model.export(tmp_path / "file" / "model")


def test_files_are_written_whole_or_not_at_all(tmp_path):
    places.write_file(tmp_path / "new" / "psi.csv", b"x")
    assert (tmp_path / "new" / "psi.csv").read_bytes() == b"x"
    with pytest.raises(OSError, match="must be a place that can be written"):
        places.write_file(tmp_path / "new" / "psi.csv" / "below", b"y")
    assert [entry.name for entry in (tmp_path / "new").iterdir()] == ["psi.csv"]


def test_table_in_tensorflow_equals_the_table_in_numpy():
    well = qwpinn.CustomPotential(lambda x: np.exp(x) * np.sin(5 * x), (-1.0, 1.5), (0.3,))
    table = saved_model.tabulate(well)
    evaluate = saved_model.piecewise_polynomial(np.array(table.edges), np.array(table.coefficients))
    x = np.linspace(-1.0, 1.5, 101)[:, None]
    np.testing.assert_allclose(evaluate(x), well(x), atol=1e-12)


class Narrow(keras.layers.Layer):
    """Keras describes it, by itself, and its `__init__` does not take the description."""

    def __init__(self, units):
        super().__init__(dtype="float64")
        self.dense = keras.layers.Dense(units, "tanh", dtype="float64")
        self.units = units

    def call(self, inputs):
        return self.dense(inputs)


def test_a_layer_that_cannot_be_made_again_is_refused_before_anything_is_written(tmp_path):
    model = qwpinn.QuantumWellPINN(qwpinn.InfiniteWell(), states=1, hidden=Narrow(6))
    with pytest.raises(ValueError, match=r"Received: 'Narrow', of which one cannot.*`get_config`"):
        model.export(tmp_path / "model")
    assert not (tmp_path / "model").exists()
