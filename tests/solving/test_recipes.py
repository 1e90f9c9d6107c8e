"""How far `Precise` goes: which widths it tries, what it refuses, what can be said before."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

import qwpinn
from qwpinn.equation.mesh import Mesh
from qwpinn.potentials import FiniteWell, Harmonic, InfiniteWell
from qwpinn.solving.outlook import outlook
from qwpinn.solving.recipes import Precise, Task, cost
from qwpinn.training import residuals


class Rehearsed(Precise):
    """Widths that were tried, with enclosures as wide as given in place of a network's."""

    def __init__(self, largest, **options):
        super().__init__(**options)
        object.__setattr__(self, "largest", dict(largest))
        object.__setattr__(self, "tried", [])

    def _tried(self, task, mesh, units):
        self.tried.append(units)
        enclosure = SimpleNamespace(relative_width=lambda floor: self.largest[units])
        model = SimpleNamespace(potential=InfiniteWell(), units=units)
        return SimpleNamespace(model=model, enclosure=enclosure, units=units)


class Line(Mesh):
    """What a mesh says of widths, which needs no potential."""

    @staticmethod
    def falls_short(*given):
        return False


@pytest.mark.parametrize(
    ("states", "largest", "tried"),
    [
        (3, {60: 1e-9}, [60]),  # a hundred times better than asked
        (3, {60: 5e-7, 90: 1e-7, 135: 9e-8}, [60, 90, 135]),  # cheap widths, until one pays no more
        (3, {60: 1e-2, 90: 1e-3, 135: 5e-9}, [60, 90, 135]),
        (200, {848: 9e-7}, [848]),  # as asked; 1272 units would cost three times as much
        (200, {848: 2e-6, 1272: 3e-7}, [848, 1272]),
        (200, {848: 1.0, 1272: 0.5, 1908: 0.4, 2000: 0.3}, [848, 1272, 1908, 2000]),
    ],
)
def test_widening_stops_when_it_is_good_enough_for_its_cost(states, largest, tried):
    recipe = Rehearsed(largest)
    best = recipe._started(Task(InfiniteWell(), states, 1e-6, 0), mesh=Line)
    assert recipe.tried == tried
    assert best.units == min(largest, key=largest.get)


class Counted(keras.callbacks.Callback):
    """How many epochs there were."""

    epochs = 0

    def on_epoch_end(self, epoch, logs=None):
        self.epochs += 1


SAID = "No epoch was trained: these are the Ritz states of the network as it was placed"


def test_a_start_far_within_the_tolerance_is_not_trained_and_that_is_said():
    spared = qwpinn.solve(InfiniteWell(), 2, rtol=1e-2)
    assert spared.converged
    assert spared.history == {}
    assert f"{SAID}, as narrow as asked." in spared.notes
    assert SAID in str(spared)
    wide = qwpinn.solve(InfiniteWell(), 2, recipe=qwpinn.Precise(units=9, epochs=0))
    assert f"{SAID}." in wide.notes
    # A bar changes nothing.
    watched = qwpinn.solve(InfiniteWell(), 2, rtol=1e-2, verbose=2)
    np.testing.assert_array_equal(watched.energies, spared.energies)


@pytest.mark.parametrize("how", ["callbacks", "epochs", "rtol"])
def test_whoever_asks_for_epochs_gets_them(how):
    seen, options = Counted(), {"rtol": 1e-2}
    if how == "callbacks":
        options["callbacks"] = [seen]
    elif how == "epochs":
        options["recipe"] = Precise(epochs=5)
    else:
        options["rtol"] = 1e-6
    solution = qwpinn.solve(InfiniteWell(), 2, **options)
    assert len(solution.history["loss"]) == 5
    assert seen.epochs == (5 if how == "callbacks" else 0)
    assert SAID not in "".join(solution.notes)


def test_epochs_that_are_asked_for_are_trained_whatever_the_size():
    well = qwpinn.KronigPenney(wells=3)
    kept = Precise(trainable=50)
    assert qwpinn.solve(well, 2, recipe=kept).history == {}
    asked = qwpinn.solve(well, 2, recipe=Precise(epochs=1, trainable=50))
    assert len(asked.history["loss"]) == 1


def test_cost_grows_as_the_cube():
    assert cost(60) == pytest.approx(1.0, abs=0.01)
    assert cost(2000) / cost(1000) == pytest.approx(8.0, rel=0.06)


def test_a_box_too_wide_for_rounding_is_refused_with_one_that_suffices():
    wide = qwpinn.CustomPotential(lambda x: (x - 5.0) ** 2, (-1e4, 1e4))
    with pytest.raises(
        ValueError, match=r"Received: \(-10000, 10000\). Take \(-[345]\.\d+, 1"
    ) as error:
        qwpinn.solve(wide, 2)
    low, high = map(float, str(error.value).split("Take (")[1].split(")")[0].split(", "))
    solution = qwpinn.solve(qwpinn.CustomPotential(wide, (low, high)), 2, recipe=Precise(epochs=0))
    np.testing.assert_allclose(solution.energies, [1.0, 3.0], rtol=1e-8)
    assert solution.converged


def test_a_wide_box_that_rounding_allows_is_solved():
    wide = qwpinn.CustomPotential(lambda x: x**2, (-100.0, 100.0))
    solution = qwpinn.solve(wide, 2, recipe=Precise(epochs=0))
    assert solution.converged
    np.testing.assert_allclose(solution.energies, [1.0, 3.0], rtol=1e-8)
    np.testing.assert_allclose(solution.expectation("x^2"), [0.5, 1.5], rtol=1e-4)


def test_batches_are_bounded_and_put_together_in_order():
    sizes = []

    def functions(x):
        sizes.append(len(x))
        return x**2, x + np.ones((1, 3))

    x = np.linspace(0.0, 1.0, 3000)[:, None]
    square, shifted = residuals.in_batches(functions, x, width=2000)
    assert max(sizes) == 2**19 // 2000
    np.testing.assert_allclose(square, x**2, rtol=1e-15)
    np.testing.assert_allclose(shifted, x + np.ones((1, 3)), rtol=1e-15)


def test_outlook_counts_the_states_below_the_walls():
    said = "3 of the 5 states lie below V at the walls; the box holds the others."
    assert outlook(FiniteWell(depth=20.0), 5, Precise()) == (said,)
    well = qwpinn.CustomPotential(lambda x: -30.0 / np.cosh(x) ** 2, (-12, 12))
    assert outlook(well, 7, Precise())[0].startswith("5 of the 7 states")
    for whole in (InfiniteWell(), Harmonic(), FiniteWell(depth=20.0, box=2.5)):
        assert outlook(whole, 2, Precise()) == ()
    # With 1e8 levels below V at its walls, it is not counted.
    assert outlook(qwpinn.CustomPotential(lambda x: x**2, (-1e4, 1e4)), 5, Precise()) == ()


def test_outlook_of_many_states_tells_units_and_seconds():
    said = outlook(InfiniteWell(), 200, Precise())[0]
    assert said.startswith("200 states need networks of 848 units or more; up to 2000 are tried")
    assert "(56 s of one core, training apart)" in said
    with pytest.raises(ValueError, match=r"`states` must be at most 488.*states=600"):
        outlook(InfiniteWell(), 600, Precise())
