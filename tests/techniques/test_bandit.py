"""The bandit of interface conditions: bounds, rewards, and what it gains."""

import keras
import layered
import numpy as np
import pytest

import qwpinn
from qwpinn.techniques import Continuity, InterfaceBandit, Joined

WELL = layered.WELL
DATA = qwpinn.collocation(WELL, 120)


def pieces(seed=0, steps=1):
    hidden = Joined.for_potential(WELL, 10, seed)
    model = qwpinn.QuantumWellPINN(
        WELL, states=1, hidden=hidden, features=layered.identity(), seed=seed
    )
    model.add_residual("psi", Continuity(0))
    model.add_residual("slope", Continuity(1))
    rate = keras.optimizers.schedules.CosineDecay(1e-2, steps)
    model.compile(
        keras.optimizers.Adam(rate), qwpinn.ResidualLoss(1e4), steps_per_execution=min(steps, 50)
    )
    return model


def weights_of(model):
    return [float(model.objective.weights[name]) for name in ("psi", "slope")]


@pytest.fixture(scope="module")
def model():
    return pieces()


def begun(model, **arguments):
    bandit = InterfaceBandit(DATA, **arguments)
    bandit.set_model(model)
    bandit.on_train_begin()
    return bandit


def test_each_arm_is_tried_before_the_best_is_pulled_again(model):
    bandit = begun(model, exploration=0.0)
    rewards, pulled = np.array([1.0, 3.0, 2.0, 5.0, 4.0, -1.0, 0.0, 2.0, 1.0]), []
    bandit.yardstick = lambda: bandit._loss * np.exp(-rewards[bandit.arm])
    for epoch in range(12):
        logs = {}
        weights = weights_of(model)
        bandit.on_epoch_end(epoch, logs)
        pulled.append(int(logs["arm"]))
        assert weights == list(bandit.arms[pulled[-1]].values())
    assert pulled == [*range(9), 3, 3, 3]
    np.testing.assert_allclose(bandit.rewards[3], 4 * rewards[3])
    np.testing.assert_allclose(bandit.rewards[5], -1.0)


def test_the_bound_grows_of_what_is_seldom_tried(model):
    bandit = begun(model, arms=[{"psi": 1.0}, {"psi": 7.0}], exploration=0.5)
    bandit.counts[:], bandit.rewards[:] = (9.0, 1.0), (9.0, 0.5)
    # 1 + 0.5 sqrt(ln 10 / 9) = 1.2529 and 0.5 + 0.5 sqrt(ln 10) = 1.2587.
    assert bandit.best() == 1
    bandit.exploration = 0.48
    assert bandit.best() == 0


def test_the_yardstick_weighs_all_terms_most(model):
    bandit = begun(model, arms=[{"psi": 3.0}, {"psi": 7.0}])
    terms = model.objective.terms(model, model.members(next(iter(DATA))))
    wanted = sum(float(v) * (7.0 if name == "psi" else 1.0) for name, v in terms.items())
    assert bandit.yardstick() == pytest.approx(wanted)
    model.objective.weights["psi"].assign(100.0)
    assert bandit.yardstick() == pytest.approx(wanted)


def test_phases_may_be_longer_than_an_epoch(model):
    bandit = begun(model, every=3)
    arms = []
    for epoch in range(6):
        bandit.on_epoch_end(epoch)
        arms.append(bandit.arm)
    assert arms == [0, 0, 1, 1, 1, 2]


@pytest.mark.slow
def test_weights_that_are_chosen_find_the_state_that_equal_ones_do_not():
    """Of weights 1 the residual may be small while psi jumps; E is then that of another problem."""
    exact, errors = qwpinn.references.exact(WELL, 1).energies[0], []
    for chosen in (False, True):
        model = pieces(seed=1, steps=3000)
        bandit = [InterfaceBandit(DATA)] if chosen else []
        model.fit(DATA.repeat(50), epochs=60, callbacks=bandit, verbose=0)
        errors.append(abs(float(model.energies[0]) / exact - 1.0))
    assert errors[0] > 0.3
    assert errors[1] < 0.3 * errors[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"arms": [{"psi": 1.0}]}, "`arms` must be two or more"),
        ({"arms": [{"psi": 1.0}, {"slope": 1.0}]}, "that weigh the same terms"),
        ({"arms": [{}, {}]}, "that weigh the same terms"),
        ({"arms": [1.0, 2.0]}, "`arms` must be weights by the names of terms"),
        ({"arms": [{"psi": -1.0}, {"psi": 1.0}]}, "`arms` must"),
        ({"every": 0}, "`every` must be an integer"),
        ({"exploration": -0.1}, "`exploration` must"),
    ],
)
def test_what_cannot_be_chosen_from_is_refused(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        InterfaceBandit(DATA, **arguments)


def test_data_and_terms_must_be_there(model):
    with pytest.raises(TypeError, match=r"`data` must be a tf\.data\.Dataset"):
        InterfaceBandit(3)
    with pytest.raises(ValueError, match=r"Received: 'jump'\. Add it by `add_residual`"):
        begun(model, arms=[{"jump": 1.0}, {"jump": 2.0}])
