"""Start-up: what a script's stderr shows, what the import costs, and what forked children do."""

import inspect
import os
import pydoc
import sys

import processes
import pytest

import qwpinn
from qwpinn import startup
from qwpinn.inputs import names
from qwpinn.solving import settings

WELL = "qwpinn.InfiniteWell(width=1.0)"
DEVICE = qwpinn.Heterostructure(
    [
        qwpinn.Layer(20.0, offset=167.0, mass=0.08),
        qwpinn.Layer(6.0, offset=0.0, mass=0.067, name="well"),
        qwpinn.Layer(20.0, offset=167.0, mass=0.08),
    ]
)
SOLVE = f"qwpinn.solve({WELL}, 1, recipe=qwpinn.Precise(epochs=0))"


@pytest.fixture
def stranger(monkeypatch):
    """The environment of somebody who has set nothing."""
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)


@pytest.mark.programs
@pytest.mark.parametrize(
    "first",
    [
        "import qwpinn, keras, tensorflow as tf; tf.constant(1.0) + 1.0",
        "import sys; sys.stderr.close(); from qwpinn.networks import model; import qwpinn",
        "import sys, threading, qwpinn; sys.stderr = None; "
        "t = threading.Thread(target=lambda: qwpinn.solve); t.start(); t.join()",
    ],
    ids=["tensorflow first", "module, closed stderr", "thread, no stderr"],
)
@pytest.mark.usefixtures("stranger")
def test_nothing_but_the_users_own_lines_is_shown(first):
    # Training traces functions, which TensorFlow comments on at its usual log level.
    code = f"{first}; print({SOLVE.replace('epochs=0', 'epochs=2')}.energies.round(6))"
    found = processes.run(processes.program(code))
    assert found.stdout == "[9.869604]\n"
    assert found.stderr == ""


@pytest.mark.programs
@pytest.mark.usefixtures("stranger")
def test_a_process_without_stderr_computes():
    code = f"import qwpinn; print({SOLVE}.quantum_numbers)"
    command = [*processes.program(code)]
    script = f"import os, sys; os.close(2); os.execv(sys.executable, {command!r})"
    assert processes.run(processes.program(script)).stdout == "[0]\n"


@pytest.mark.programs
@pytest.mark.usefixtures("stranger")
def test_what_others_write_while_tensorflow_loads_is_shown():
    code = (
        "import os, sys, qwpinn\n"
        "def traced(event, arguments):\n"
        "    if event == 'import' and arguments[0] == 'tensorflow.python.eager.context':\n"
        "        os.write(2, b'mine: a warning\\n'); sys.stderr.write('ours too\\n')\n"
        "sys.addaudithook(traced)\n"
        "import tensorflow"
    )
    assert processes.run(processes.program(code)).stderr == "mine: a warning\nours too\n"


@pytest.mark.programs
def test_if_loading_fails_all_is_shown(tmp_path, monkeypatch, stranger):
    (tmp_path / "tensorflow.py").write_text(
        "import os\n"
        "os.write(2, b'I0000 00:00:1795831345.604973   11468 port.cc:153] on its way\\n')\n"
        "raise ImportError('a library is missing')"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    found = processes.run(processes.program("import qwpinn; qwpinn.solve"), code=1)
    assert found.stderr.startswith("I0000 00:00:1795831345.604973   11468 port.cc:153] on its way")
    assert found.stderr.endswith("ImportError: a library is missing\n")


@pytest.mark.programs
def test_a_log_level_of_the_users_own_stands():
    code = "import os, qwpinn; qwpinn.solve; print(os.environ['TF_CPP_MIN_LOG_LEVEL'])"
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "0"}
    found = processes.run(processes.program(code), env=environment)
    assert found.stdout == "0\n"
    assert "WARNING: All log messages before absl::InitializeLog()" in found.stderr


@pytest.mark.programs
def test_the_import_is_light_and_leaves_tensorflow_as_it_is():
    code = (
        "import sys, qwpinn\n"
        "assert not {'tensorflow', 'keras', 'numpy', 'scipy'} & set(sys.modules)\n"
        "import importlib.util\n"
        "spec = importlib.util.find_spec('tensorflow')\n"
        "assert 'tensorflow' not in sys.modules\n"
        "import tensorflow\n"
        "print('exec_module' in vars(tensorflow.__loader__), spec.origin == tensorflow.__file__)\n"
        "print(any(type(f).__module__ == 'qwpinn.startup' for f in sys.meta_path))"
    )
    assert processes.run(processes.program(code)).stdout == "False True\nFalse\n"


def test_a_package_that_is_reloaded_waits_for_tensorflow_once():
    code = (
        "import importlib, sys, qwpinn\n"
        "importlib.reload(qwpinn)\n"
        "print(sum(type(one).__name__ == 'QuietFinder' for one in sys.meta_path))\n"
        "print(importlib.util.find_spec('tensorflow').name)"
    )
    assert processes.run(processes.program(code)).stdout == "1\ntensorflow\n"


def test_lines_are_told_apart():
    held = [
        b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
        b"I0000 00:00:1795831345.604973   11468 port.cc:153] oneDNN custom operations are on.",
        b"E0000 00:00:1795831347.879757   11468 cuda_platform.cc:52] failed call to cuInit",
        b"2026-01-02 03:04:05.678901: I tensorflow/core/util/port.cc:153] oneDNN",
        b"I1128 02:03:04.123456   11468 port.cc:153] oneDNN",
    ]
    own = [
        b"F0000 00:00:1795831347.879757   11468 cpu_feature_guard.cc:1] not for this machine",
        b"UserWarning: mine",
        b"ERROR: in E0000 00:00:1.0 1 a.cc:1]",
        b"",
    ]
    assert [bool(startup.LOGGED.match(line)) for line in held] == [True] * len(held)
    assert [bool(startup.LOGGED.match(line)) for line in own] == [False] * len(own)


FORK = """
import os, sys, qwpinn
import tensorflow as tf
{before}
child = os.fork()
if child == 0:
    try:
        print({asked})
    except RuntimeError as error:
        print(error)
    sys.stdout.flush()
    os._exit(0)
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status))
"""
BEFORE = f"solution = {SOLVE}; model = solution.model; model.compile()"


@pytest.mark.programs
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_before_the_first_computation_computes():
    code = FORK.format(before="", asked=f"{SOLVE}.quantum_numbers")
    assert processes.run(processes.program(code)).stdout == "[0]\n"


@pytest.mark.programs
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_after_a_solve_is_refused_in_one_line():
    calls = {
        "solve": SOLVE,
        "sweep": f"qwpinn.sweep({WELL}, 'width', [1.0])",
        "load": "qwpinn.load('nowhere')",
        "certify": "qwpinn.certify(model)",
        "collocation": "model.fit(qwpinn.collocation(solution.potential))",
        "evaluate": "model.evaluate(qwpinn.collocation(solution.potential))",
        "predict": "model.predict([0.5])",
        "call": "model([0.5])",
        "wavefunctions": "solution.wavefunctions([0.5])",
        "plot": "solution.plot()",
        "bound": "qwpinn.Solution.bound.fget(solution)",
        "made": f"qwpinn.QuantumWellPINN.for_potential({WELL})",
        "family": "qwpinn.train_family(qwpinn.Family(qwpinn.InfiniteWell, width=(1, 2)))",
        "members": "qwpinn.Family(qwpinn.InfiniteWell, width=(1, 2)).checked([[1.0]])",
    }
    lines = "[\n" + ",\n".join(f"said(lambda: {call})" for call in calls.values()) + "]"
    before = (
        BEFORE + "\ndef said(call):\n    try:\n        call()\n    except RuntimeError as error:\n"
        "        return str(error)\n"
    )
    code = FORK.format(before=before, asked=f"*{lines}, sep='\\n'")
    found = processes.run(processes.program(code)).stdout.splitlines()
    refused = dict(zip(calls, found, strict=True))
    assert refused.pop("bound") == "None"  # nothing of the infinite well is cut
    for call, line in refused.items():
        assert 'multiprocessing.get_context("spawn")' in line, (call, line)
    assert refused["solve"].startswith("`solve` must not be called in a forked child of a process")


def test_only_public_names_are_listed():
    listed = dir(qwpinn)
    assert listed == sorted(listed)
    assert set(qwpinn.__all__) <= set(listed)
    assert set(listed) - set(qwpinn.__all__) == {"__version__"}
    # As interactive shells and `help` do: every name that is listed is there.
    assert all(hasattr(qwpinn, name) for name in listed)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("FinitWell", "FiniteWell"), ("finite_well", "FiniteWell"), ("sovle", "solve")],
)
def test_an_unknown_name_of_the_module_asks_for_the_one_meant(name, meant):
    with pytest.raises(AttributeError, match=rf"has no attribute '{name}'\. Did you mean {meant}"):
        getattr(qwpinn, name)


def test_a_name_like_none_is_not_guessed():
    assert names.meant("tanh", ["finite_well", "morse"]) == ""
    assert names.meant("--dept", ["--depth", "--width"]) == "Did you mean --depth?"


def test_help_runs_on_the_package():
    text = pydoc.render_doc(qwpinn, renderer=pydoc.plaintext)
    assert "Quantum wells solved by physics-informed neural networks" in text
    assert "class FiniteWell" in text
    assert "import_module" not in text


# What a user types wrong is answered without TensorFlow.
ANSWERS = [
    ([], 0, "Three commands to try"),
    (["--version"], 0, f"qwpinn {qwpinn.__version__}"),
    (["--help"], 0, "usage: qwpinn"),
    (["solve", "--help"], 0, "--depth"),
    (["train-family", "--help"], 0, "default: 96"),
    (["sovle", "finite_well"], 2, "Received: sovle. Did you mean solve? See qwpinn --help."),
    (["solve", "finit_well"], 2, "Received: finit_well. Did you mean finite_well?"),
    (["solve", "finite_well", "--dept", "3"], 2, "--dept 3. Did you mean --depth? See qwpinn"),
    (["solve", "finite_well", "--heigth", "3"], 2, "--heigth 3. Did you mean --height?"),
    (["solve", "morse", "--slope", "3"], 2, "Received: --slope. Leave it out."),
    (["reproduce", "--recipe", "papr"], 2, "Received: papr. Did you mean paper?"),
]


def test_the_command_answers_before_tensorflow_loads():
    found = processes.answers([arguments for arguments, *_ in ANSWERS])
    for (arguments, code, said), (ended, out, err, loaded) in zip(ANSWERS, found, strict=True):
        assert ended == code, arguments
        assert said in out + err, arguments
        assert len(err.splitlines()) == (1 if code else 0), arguments
        assert not {"tensorflow", "keras"} & set(loaded), arguments


def test_what_names_no_well_loads_no_numpy():
    for arguments in ([], ["--version"], ["--help"], ["sovle"], ["reproduce", "--help"]):
        ((*_, loaded),) = processes.answers([arguments])
        assert not {"numpy", "scipy", "rich"} & set(loaded), arguments


def test_the_classical_solvers_load_no_tensorflow():
    code = (
        "import sys, qwpinn\n"
        "well = qwpinn.FiniteWell()\n"
        "assert not {'scipy.optimize', 'scipy.interpolate', 'scipy.linalg'} & set(sys.modules)\n"
        "print(qwpinn.references.count_below(well, 10.0))\n"
        "for solve in ('exact', 'finite_differences', 'legendre_galerkin'):\n"
        "    print(getattr(qwpinn.references, solve)(well, 2).energies.round(4))\n"
        "well.plot()\n"
        "print({'tensorflow', 'keras', 'matplotlib.pyplot'} & set(sys.modules))"
    )
    levels = "[1.6395 6.4419]\n"
    assert processes.run(processes.program(code)).stdout == f"2\n{3 * levels}set()\n"


@pytest.mark.programs
@pytest.mark.parametrize("frozen", [False, True])
def test_the_collector_rests_while_tensorflow_loads_and_is_as_it_was(frozen):
    code = (
        "import gc, sys, qwpinn\n"
        f"gc.freeze() if {frozen} else None\n"
        "runs = []\n"
        "gc.callbacks.append(lambda phase, info: runs.append(info['generation']))\n"
        "import tensorflow\n"
        "gc.callbacks.clear()\n"
        "print(gc.isenabled(), bool(gc.get_freeze_count()), len(runs) < 10)\n"
        "gc.disable()\n"
        "with qwpinn.startup.uncollected(): pass\n"
        "print(gc.isenabled())"
    )
    assert processes.run(processes.program(code)).stdout == f"True {frozen} True\nFalse\n"


def test_the_defaults_that_help_shows_are_those_of_train_family():
    parameters = inspect.signature(qwpinn.train_family).parameters
    assert {name: parameters[name].default for name in settings.FAMILY} == dict(settings.FAMILY)


@pytest.mark.parametrize(
    ("call", "meant"),
    [
        (lambda: qwpinn.FiniteWell().varied("dept", 1.0), "depth"),
        (lambda: qwpinn.sweep(qwpinn.FiniteWell(), "Width", [1.0]), "width"),
        (lambda: qwpinn.Family(qwpinn.FiniteWell, dept=(5, 50)), "depth"),
        (lambda: qwpinn.Family(qwpinn.FiniteWell(), widht=(1, 2)), "width"),
        (lambda: qwpinn.materials.material("GaAS"), "GaAs"),
        (lambda: qwpinn.materials.material("AlGaAs", 0.2, preset="harison"), "harrison"),
        (lambda: DEVICE.varied("wel.thickness", 5.0), "well.thickness"),
        (lambda: DEVICE.varied("feild", 5.0), "field"),
    ],
)
def test_a_wrong_name_asks_for_the_one_meant(call, meant):
    with pytest.raises(ValueError, match=rf"Did you mean {meant}\?"):
        call()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("potential = {kind = 'finit_well'}", "finite_well"),
        ("potential = {kind = 'finite_well', dept = 3.0}", "depth"),
        ("potential = {kind = 'finite_well'}\n[solv]\nstates = 3", "solve"),
        ("potential = {kind = 'finite_well'}\n[solve]\nstate = 3", "states"),
    ],
)
def test_a_wrong_key_of_a_file_asks_for_the_one_meant(tmp_path, text, meant):
    path = tmp_path / "well.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=rf"Did you mean {meant}\?"):
        qwpinn.read(path)
