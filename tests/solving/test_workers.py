"""Chains of wells, `solve_all`, and the processes that solve them."""

import contextlib
import os
import pickle
import signal
import threading
import time
import warnings

import numpy as np
import processes
import pytest
from devices import double_well

import qwpinn
from qwpinn.solving import workers
from qwpinn.solving.workers import Asked, Chain

QUICK = qwpinn.Precise(units=60, epochs=2)
FEW = qwpinn.Precise(units=12, epochs=0)
ASKED = Asked(2, 1e-6, 0, QUICK)
NONPARABOLIC = qwpinn.Heterostructure(
    [
        qwpinn.Layer(15.0, "Al0.3Ga0.7As"),
        qwpinn.Layer(8.0, "GaAs"),
        qwpinn.Layer(15.0, "Al0.4Ga0.6As"),
    ],
    field=20.0,
    nonparabolic=True,
)
# A function without a name, a kink that is found, a device, bands of which each level has a
# network of its own.
WELLS = [
    qwpinn.FiniteWell(),
    qwpinn.CustomPotential(lambda x: 3.0 * x**2 + np.cos(x), (-4.0, 4.0)),
    qwpinn.CustomPotential(lambda x: 3.0 * np.abs(x - 0.1), (-4.0, 4.0)),
    double_well(20.0),
    NONPARABOLIC,
]


@pytest.fixture(scope="module")
def solved():
    return qwpinn.solve_all(WELLS, 2, recipe=QUICK, workers=2)


def assert_same(one, other):
    """All that a solution says of its states, to the last bit."""
    x = np.linspace(*one.potential.interval, 101)
    # First what came first, which says where two part.
    assert one.history == other.history
    for mine, others in zip(one.model.get_weights(), other.model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, others)
    for name in ("energies", "lower", "upper", "residuals", "state_errors", "node_counts"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    np.testing.assert_array_equal(one.wavefunctions(x), other.wavefunctions(x))
    np.testing.assert_array_equal(one.slopes(x), other.slopes(x))
    assert (type(one), one.status, str(one)) == (type(other), other.status, str(other))


@pytest.mark.programs
def test_solutions_do_not_depend_on_the_number_of_workers_nor_on_the_order(solved, capsys):
    again = qwpinn.solve_all(WELLS[::-1], 2, recipe=QUICK, workers=1, verbose=2)[::-1]
    assert "5/5" in capsys.readouterr().out
    for one, other in zip(solved, again, strict=True):
        assert_same(one, other)


@pytest.mark.programs
def test_they_are_those_that_solve_finds_in_the_wells_that_were_given(solved):
    for well, found in zip(WELLS, solved, strict=True):
        here = qwpinn.solve(well, 2, recipe=QUICK)
        np.testing.assert_allclose(found.energies, here.energies, rtol=1e-9)
        assert found.potential == here.potential
        assert found.model.potential is found.potential
        assert (found.converged, found.notes) == (here.converged, here.notes)
        assert len(found.history["loss"]) == 2
    assert solved[1].potential is WELLS[1]
    assert isinstance(solved[3], qwpinn.Subbands)
    # Compiled as it was, optimizer and all; a copy, for other tests look at it too.
    model = pickle.loads(pickle.dumps(solved[0])).model
    before = model.optimizer.iterations.numpy()
    model.fit(qwpinn.collocation(model.potential, 300), epochs=1, verbose=0)
    assert (before, model.optimizer.iterations.numpy()) == (2, 3)


@pytest.mark.programs
def test_sweeps_do_not_depend_on_the_number_of_workers(monkeypatch):
    monkeypatch.setattr("qwpinn.solving.sweeps.LENGTH", 2)
    well, depths, seen = qwpinn.FiniteWell(), [10.0, 12.0, 14.0, 16.0], []
    asked = {"states": 1, "recipe": qwpinn.Precise(units=60, epochs=1)}
    alone = qwpinn.sweep(well, "depth", depths, **asked, workers=1)
    found = qwpinn.sweep(
        well, "depth", depths, **asked, workers=2, report=lambda i, s: seen.append((i, s))
    )
    rest = qwpinn.sweep(well, "depth", depths, **asked, workers=2, done=alone.solutions[:3])
    for one, two, three in zip(alone.solutions, found.solutions, rest.solutions, strict=True):
        assert_same(one, two)
        assert_same(one, three)
    assert seen == list(enumerate(found.solutions))
    # Every second one begins anew, and is trained.
    assert [len(s.history) > 0 for s in found.solutions] == [True, False, True, False]


@pytest.mark.programs
def test_a_failing_well_is_named_and_ends_the_others():
    cusp = qwpinn.CustomPotential(lambda x: np.sqrt(np.abs(x)), (-1.0, 1.0))
    wells = [WELLS[0], cusp, *(40 * WELLS[:1])]
    begun = time.monotonic()
    with pytest.raises(
        ValueError, match=r"`potential` must be smooth.*\nThis .* wells\[1\]\."
    ) as e:
        qwpinn.solve_all(wells, 1, workers=1)
    assert e.value.__notes__ == ["This happened with wells[1]."]
    assert time.monotonic() - begun < 60.0
    with pytest.raises(qwpinn.NotConverged, match=r"state 0 .*\nThis happened with wells\[0\]\."):
        qwpinn.solve_all(WELLS[:1], 1, rtol=1e-11, recipe=FEW, workers=1, raise_on_failure=True)


def test_the_first_well_in_the_list_that_is_not_as_asked_is_raised(monkeypatch):
    wells = [qwpinn.FiniteWell(depth=depth) for depth in (10.0, 20.0, 30.0)]
    recipes = (qwpinn.Precise(epochs=0), FEW, FEW)
    found = [qwpinn.solve(w, 1, recipe=r) for w, r in zip(wells, recipes, strict=True)]
    for order in ([2, 1, 0], [1, 2, 0], [0, 1, 2]):
        pairs = iter([(number, [found[number]]) for number in order])
        monkeypatch.setattr(workers, "spread", lambda *_, p=pairs: (pair for pair in p))
        with pytest.raises(qwpinn.NotConverged) as error:
            qwpinn.solve_all(wells, 1, raise_on_failure=True)
        assert error.value.__notes__ == ["This happened with wells[1]."]
        assert error.value.solution is found[1]


@pytest.mark.programs
def test_warnings_of_workers_are_given_here():
    parent = os.getpid()

    def warning(x):
        if os.getpid() != parent:
            warnings.warn("so deep", UserWarning, stacklevel=1)
        return 3.0 * x**2

    with pytest.warns(UserWarning, match="so deep") as caught:
        qwpinn.solve_all([qwpinn.CustomPotential(warning, (-4.0, 4.0))], 1, workers=1)
    assert len(caught) == 1


@pytest.mark.kills
def test_a_worker_that_dies_is_said_in_one_line(capfd):
    parent = os.getpid()

    def deadly(x):
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return x**2

    wells = [qwpinn.CustomPotential(deadly, (-1.0, 1.0)), *WELLS]
    with pytest.raises(ChildProcessError, match=r"^`workers` must live .* Received: one that w"):
        qwpinn.solve_all(wells, 1, workers=2)
    assert capfd.readouterr().err == ""
    # The next call has workers of its own.
    found = qwpinn.solve_all(WELLS[:1], 1, recipe=QUICK, workers=1)
    assert found[0].converged


ENDLESS = """
import os, signal, sys, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)
os.setsid()
import qwpinn
parent = os.getpid()
def slow(x):
    if os.getpid() != parent:
        os.write(2, b"begun\\n")  # whole, whoever writes beside it
        time.sleep(600.0)
    return x**2
wells = 8 * [qwpinn.CustomPotential(slow, (-1.0, 1.0))]
qwpinn.solve_all(wells, 1, workers=2)
"""


def ended(group):
    """Whether all processes of a group end, within half a minute."""
    for _ in range(300):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, 0)
            time.sleep(0.1)
            continue
        return True
    return False


@pytest.mark.kills
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_running(number):
    with processes.running(processes.program(ENDLESS)) as program:
        assert program.stderr.readline() == "begun\n"
        if number == signal.SIGINT:  # As a terminal sends it, to the workers too.
            os.killpg(program.pid, number)
        else:
            program.kill()
        said = program.stderr.read()
        assert program.wait(timeout=60.0) == -number
        assert ended(program.pid)
    # The other worker may have begun too.
    lines = [line for line in said.splitlines() if line != "begun"]
    if number == signal.SIGINT:
        assert said.count("Traceback") == 1
        assert lines[-1] == "KeyboardInterrupt"
    else:
        # Whose process keeps account of semaphores says that it has put them away.
        assert all("resource_tracker" in line or "warnings.warn" in line for line in lines)


def test_ctrl_c_waits_while_workers_start():
    reached = []
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), workers._held_signals():
            signal.raise_signal(signal.SIGINT)
            reached.append(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert reached == [True]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_no_wells_need_no_worker(monkeypatch):
    monkeypatch.setattr("loky.get_reusable_executor", lambda *_, **__: pytest.fail("started"))
    assert qwpinn.solve_all([]) == []


@pytest.mark.parametrize(
    ("wells", "options", "error", "message"),
    [
        (WELLS[0], {}, TypeError, "`wells` must be a list of potentials. Received: FiniteWell"),
        ([WELLS[0], 3], {}, TypeError, "`wells` must be a list of potentials. Received: 3"),
        (WELLS[:1] * 10_001, {}, ValueError, "`wells` must hold at most 10000 potentials"),
        (WELLS[:1], {"states": 0}, ValueError, "`states` must be an integer of at least 1"),
        (WELLS[:1], {"rtol": 0.0}, ValueError, "`rtol` must be"),
        (WELLS[:1], {"seed": -1}, ValueError, "`seed` must be an integer of at least 0"),
        (WELLS[:1], {"recipe": qwpinn.Paper}, TypeError, "`recipe` must be an object such as"),
        (WELLS[:1], {"workers": 0}, ValueError, "`workers` must be an integer of at least 1"),
        (WELLS[:1], {"workers": 257}, ValueError, "`workers` must be at most 256"),
        (WELLS[:1], {"workers": 2.0}, TypeError, "`workers` must be an integer. Received"),
        (WELLS[:1], {"verbose": 3}, ValueError, "`verbose` must be 0, 1, 2 or 'auto'"),
    ],
)
def test_bad_arguments_are_refused_before_anything_starts(
    wells, options, error, message, monkeypatch
):
    monkeypatch.setattr("loky.get_reusable_executor", lambda *_, **__: pytest.fail("started"))
    with pytest.raises(error, match=message):
        qwpinn.solve_all(wells, **options)


def test_a_well_that_cannot_be_sent_is_named():
    lock = threading.Lock()

    def guarded(x):
        with lock:
            return x**2

    wells = [WELLS[0], qwpinn.CustomPotential(guarded, (-1.0, 1.0))]
    with pytest.raises(
        TypeError, match=r"`wells\[1\]` must be .* pickled \(cannot pickle '_thread"
    ):
        qwpinn.solve_all(wells)


def test_a_chain_goes_on_from_its_start_and_names_what_fails():
    first, second = Chain(WELLS[:1] * 2, ["a", "b"], ASKED).solved()
    assert (len(first.history["loss"]), second.history) == (2, {})
    (third,) = Chain(WELLS[:1], ["c"], ASKED, second).solved()
    assert third.history == {}
    few = Asked(2, 1e-6, 0, qwpinn.Precise(units=1))
    with pytest.raises(ValueError, match=r"`states` must be at most 1.*\nThis happened with b\."):
        list(Chain([WELLS[0]], ["b"], few).solved())
