"""Evolve: as many states as it takes, the tolerance met or said not to be, what is refused."""

import moved
import numpy as np
import pytest

import qwpinn
from qwpinn.dynamics import evolving
from qwpinn.references import crank_nicolson, split_step

START = qwpinn.Packet(2.0, 0.0, moved.GROUND)


def test_as_many_states_are_found_as_the_tolerance_takes():
    times = np.array([0.0, 7.0])
    found = qwpinn.evolve(moved.OSCILLATOR, START, times, tol=1e-5)
    assert found.converged
    assert 14 <= found.energies.size <= 26
    x = np.linspace(-9.0, 9.0, 2001)
    true = moved.norm(x, found(x) - moved.coherent(x, times))
    assert np.all(true <= found.errors)
    assert found.seconds > 0.0


def test_too_few_states_at_first_are_widened(monkeypatch):
    monkeypatch.setattr(evolving, "_first_count", lambda journey: 6)
    found = qwpinn.evolve(moved.OSCILLATOR, START, [1.0], tol=1e-3)
    assert found.converged
    assert 9 < found.energies.size < 24


def test_states_that_are_asked_for_are_kept_and_what_they_lack_is_said():
    found = qwpinn.evolve(moved.OSCILLATOR, START, [0.0, 1.0], states=6)
    assert found.energies.size == 6
    # Poisson's share beyond n = 5 of the mean 2, e^-2 sum of 2^n / n!.
    assert found.doubts.tail == pytest.approx(0.016564**0.5, rel=1e-3)
    assert not found.converged
    assert "at most 1.3e-01, and more than the 1e-06 that was asked" in str(found)


@pytest.mark.parametrize("name", ["step", "device"])
def test_a_drive_is_followed_as_crank_and_nicolson_do(name):
    well, start = moved.ALL[name][0], {"step": (-1.0, 0.3), "device": (11.5, 1.8)}[name]
    psi0 = qwpinn.Packet(start[0], 0.0, start[1])
    drive = ("x", lambda t: 2.0 * np.cos(9.0 * t)) if name == "step" else None
    times = [0.3] if name == "step" else [8.0]
    found = qwpinn.evolve(well, psi0, times, tol=2e-3, drive=drive)
    assert found.converged
    stepped = crank_nicolson(well, psi0, times, points=1201, steps=800, drive=drive)
    x = np.linspace(*well.interval, 1201)[1:-1]
    assert moved.norm(x, found(x) - stepped(x))[0] < 5e-3


def test_smooth_v_agrees_with_a_split_step():
    well = qwpinn.DoubleWell()
    psi0, times = qwpinn.Packet(-1.2, 1.0, 0.4), [0.0, 0.8]
    found = qwpinn.evolve(well, psi0, times)
    stepped = split_step(well, psi0, times, points=513, steps=1500)
    x = np.linspace(*well.interval, 801)
    assert np.max(moved.norm(x, found(x) - stepped(x))) < 1e-6
    assert found.errors[-1] < 1e-6


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((3.0, START, [0.0]), TypeError, r"`well` must be a qwpinn\.Potential.*3\.0"),
        ((qwpinn.Harmonic2D(), START, [0.0]), ValueError, r"`well` must be of one dimension"),
        ((moved.BOX, [1.0], [[0.0], [1.0, 2.0]]), ValueError, r"`times` must have rows of one"),
        ((moved.BOX, [1.0], [0.0], None, 1.0), ValueError, r"`tol` must be below 1"),
        ((moved.BOX, "there", [0.0]), TypeError, r"`psi0` must be a qwpinn\.Packet.*'there'"),
        ((moved.BOX, [[1.0]], [0.0]), TypeError, r"`psi0` must be a qwpinn\.Packet"),
        ((moved.BOX, [1.0, [2.0]], [0.0]), TypeError, r"`psi0` must be a qwpinn\.Packet"),
        ((moved.BOX, [0.0, 0.0], [0.0]), ValueError, r"`psi0` must hold finite coefficients"),
        ((moved.BOX, [np.nan], [0.0]), ValueError, r"`psi0` must hold finite coefficients"),
        ((moved.BOX, np.ones(481), [0.0]), ValueError, r"`psi0` must hold at most 480"),
        ((moved.BOX, [1.0, 1.0], [0.0], 1), ValueError, r"`psi0` must hold at most as many.*, 1\."),
        ((moved.BOX, [1.0], [1.0, 0.0]), ValueError, r"`times` must increase"),
        ((moved.BOX, [1.0], [0.0], 481), ValueError, r"`states` must be at most 480"),
        ((moved.BOX, [1.0], [0.0], 2, -1.0), ValueError, r"`tol` must be a positive"),
        ((moved.BOX, [1.0], [0.0], 2, 1e-6, np.sin), TypeError, r"`drive` must be a pair"),
    ],
)
def test_bad_input_is_refused_before_anything_is_solved(monkeypatch, arguments, error, message):
    monkeypatch.setattr(evolving, "solve", None)
    with pytest.raises(error, match=message):
        qwpinn.evolve(*arguments)


def test_a_psi0_or_a_tolerance_out_of_reach_is_refused_with_what_is_in_reach(monkeypatch):
    fast = qwpinn.Packet(0.5, 4000.0, 0.05)
    with pytest.raises(ValueError, match=r"`psi0` must be made of.*takes about 1[23]\d\d"):
        qwpinn.evolve(moved.BOX, fast, [0.0])
    # Over a jump of V the rest falls slowly: the power is told from two attempts.
    over = qwpinn.Packet(0.3, 0.0, 0.25)
    with pytest.raises(ValueError, match=r"`tol` must be within reach.*tol=\de-0[345]"):
        qwpinn.evolve(moved.STEP, over, [0.0], tol=1e-8)


def test_masses_that_depend_on_the_energy_are_refused():
    layers = [qwpinn.Layer(8.0, offset=200.0, mass=0.09, gap=2000.0)] * 3
    device = qwpinn.Heterostructure(layers, nonparabolic=True)
    with pytest.raises(ValueError, match=r"`well` must have a mass.*parabolic_limit"):
        qwpinn.evolve(device, [1.0], [0.0])


@pytest.mark.parametrize("size", [1e200, 1e-200])
def test_a_norm_whose_square_is_no_number_is_refused(size):
    with pytest.raises(ValueError, match=r"`psi0` must have a norm from 1e-100 to 1e100"):
        qwpinn.evolve(moved.solved("box"), [size], [0.0])


def test_a_mean_by_no_name_is_refused():
    with pytest.raises(ValueError, match=r"`f` must be 'x', 'x\^2', 'p', .*f='q'"):
        qwpinn.evolve(moved.solved("box"), [1.0], [0.0]).expectation("q")


def test_a_solution_is_used_as_it_is():
    solution = moved.solved("box")
    found = qwpinn.evolve(solution, [1.0], [0.0])
    assert found.solution is solution
    with pytest.raises(ValueError, match=r"`states` must be left out, or be the 16"):
        qwpinn.evolve(solution, [1.0], [0.0], states=3)
    level = qwpinn.solve(moved.BOX, level=2)
    with pytest.raises(ValueError, match=r"`well` must be solved for its lowest.*level 2 alone"):
        qwpinn.evolve(level, [1.0], [0.0])


def test_networks_of_many_states_are_as_wide_as_they_may_be(monkeypatch):
    asked = []

    def solve(potential, states, *, recipe, **others):
        asked.append((states, recipe.units, recipe.epochs))
        raise StopIteration

    monkeypatch.setattr(evolving, "solve", solve)
    for states in (2, 40, 400):
        with pytest.raises(StopIteration):
            qwpinn.evolve(moved.BOX, [1.0], [0.0], states=states)
    assert asked == [(2, 300, 0), (40, 480, 0), (400, 2000, 0)]
