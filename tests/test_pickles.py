"""What earlier versions wrote is read: pickles, `.keras` files and folders.

tests/written/<commit> holds what that commit wrote for a well, a device and a family, with the
answers that it gave there; the graphs of the folders, which `qwpinn.load` does not read, are left
out.
"""

import pickle
from pathlib import Path

import keras
import numpy as np
import processes
import pytest

import qwpinn
from qwpinn.pickles import MOVED

WRITTEN = Path(__file__).parent / "written"
COMMITS = sorted(path.name for path in WRITTEN.iterdir() if path.is_dir())
# Keras finds a class by its registered name once it was imported, by whatever file.
MODELS = qwpinn.QuantumWellPINN, qwpinn.NonparabolicPINN, qwpinn.FamilyPINN
READ = {
    "keras": lambda path: keras.saving.load_model(path.with_suffix(".keras")),
    "pickle": lambda path: pickle.loads(path.with_suffix(".pickle").read_bytes()),
    "folder": lambda path: qwpinn.load(f"{path}_folder"),
}


@pytest.mark.parametrize("commit", COMMITS)
@pytest.mark.parametrize("kind", READ)
@pytest.mark.parametrize("name", ["well", "device", "family"])
def test_models_give_the_answers_that_they_gave(commit, kind, name):
    model, said = READ[kind](WRITTEN / commit / name), np.load(WRITTEN / commit / "answers.npz")
    x = np.linspace(5.0, 20.0, 5) if name == "device" else np.linspace(-1.0, 1.0, 5)
    if name == "family":
        energies, psi = model.energies([[9.5]]), model.wavefunctions(x, np.full((5, 1), 9.5))
    else:
        energies, psi = model.energies, model.predict(x, verbose=0)
    np.testing.assert_allclose(energies, said[f"{name}_e"], rtol=1e-13)
    np.testing.assert_allclose(psi, said[name], rtol=0, atol=1e-13)


@pytest.mark.parametrize("commit", COMMITS)
def test_solutions_and_enclosures_are_unpickled(commit):
    said = np.load(WRITTEN / commit / "answers.npz")
    solution = pickle.loads((WRITTEN / commit / "solution.pickle").read_bytes())
    np.testing.assert_array_equal(solution.energies, said["well_e"])
    assert solution.converged
    enclosure = pickle.loads((WRITTEN / commit / "enclosure.pickle").read_bytes())
    np.testing.assert_array_equal(enclosure.lower, solution.lower)
    assert np.shape(enclosure.state_errors) == np.shape(enclosure.kinetic) == (2,)


# In a process that has imported nothing yet: what a pickle needs, it finds itself.
READING = """
import pickle, sys
printed = pickle.load(open(sys.argv[1], "rb"))
print(printed.energies.size, printed.notes)
for path in sys.argv[2:]:
    print(type(pickle.load(open(path, "rb"))).__name__)
"""


@pytest.mark.programs
def test_a_fresh_process_unpickles_what_was_printed_before():
    files = [WRITTEN / c / f"{n}.pickle" for c in COMMITS for n in ("well", "device", "family")]
    printed = WRITTEN / "bba96fc" / "printed.pickle"
    said = processes.run(processes.program(READING, printed, *files)).stdout.splitlines()
    # That solution was not trained; today this is said.
    assert said[0].startswith("1 (") and "No epoch was trained" in said[0]
    assert said[1:] == 2 * ["QuantumWellPINN", "NonparabolicPINN", "FamilyPINN"]


@pytest.mark.parametrize("commit", COMMITS)
def test_potentials_of_every_kind_are_unpickled(commit):
    stored = pickle.loads((WRITTEN / commit / "potentials.pickle").read_bytes())
    found = {name: pickle.loads(content) for name, content in stored.items()}
    assert found["finite_well"] == qwpinn.FiniteWell(box=8.0)
    assert found["triangular"] == qwpinn.Triangular()
    assert found["moved"] == qwpinn.FiniteWell(box=8.0).shifted(1.5)
    assert found["device"].field == 20.0
    assert found["family"].names == ("depth",)
    for name in set(found) - {"family"}:
        inside = np.linspace(*found[name].interval, 9)[1:-1]
        assert np.isfinite(found[name](inside)).all(), name


@pytest.mark.parametrize("old", sorted(MOVED))
def test_every_module_that_moved_has_a_place(old):
    import importlib

    assert vars(importlib.import_module(f"qwpinn.{old}"))["__doc__"]


def test_nothing_else_is_found():
    with pytest.raises(ModuleNotFoundError, match=r"named 'qwpinn\.nonsense'"):
        import qwpinn.nonsense  # noqa: F401
