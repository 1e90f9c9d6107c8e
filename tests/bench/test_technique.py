"""Techniques: who has a say, what is trained, and when it ends."""

import keras
import numpy as np
import pytest
from looks import Counted

import qwpinn
from qwpinn.bench.technique import Baseline, Task, Technique, train
from qwpinn.networks.features import mlp

WELL = qwpinn.FiniteWell()
TASK = Task(WELL, 3, 0.2)
X = np.linspace(*WELL.interval, 101)


class Small(Technique):
    """One narrow layer, by second order, so that little is traced."""

    seen = None

    def hidden(self, task):
        return mlp([8], task.seed, biases=1.0)

    def optimizer(self, task):
        return qwpinn.LevenbergMarquardt()

    def prepare(self, model):
        self.seen = model

    def callbacks(self, model, data):
        assert model is self.seen
        rows = next(iter(data))["x"].shape[0]
        # More residuals than weights.
        assert rows > model.count_params()
        return (
            keras.callbacks.LambdaCallback(on_train_begin=lambda logs: setattr(self, "data", data)),
        )


class Held(Technique):
    """A loss and points of its own, and other layers, on which another may have the first say."""

    def hidden(self, task):
        return mlp([5], task.seed)

    def loss(self, task):
        return qwpinn.VarianceLoss(7.0)

    def sampling(self, task):
        return qwpinn.Uniform(60)


def test_the_first_that_has_a_say_has_it_and_the_baseline_the_last():
    small, clock = Small(), Counted(2, X)
    train((small, Held()), TASK, clock)
    model = small.seen
    assert model.trial.hidden.layers[0].units == 8
    assert model.objective.loss.get_config() == {"normalisation": 7.0}
    assert next(iter(small.data))["x"].shape == (60, 1)
    assert isinstance(model.optimizer, qwpinn.LevenbergMarquardt)
    # A look a step, and one at the end.
    assert clock.steps == [1, 2, 2]
    assert clock.energies[-1] == float(model.energies[0])
    np.testing.assert_array_equal(clock.psis[-1], model(X).numpy()[:, 0])
    assert clock.width == qwpinn.certify(model).widths[0]


def test_the_seed_decides():
    energies = []
    for seed in (3, 3, 4):
        clock = Counted(2, X)
        train((Small(),), TASK._replace(seed=seed), clock)
        energies.append(clock.energies)
    assert energies[0] == energies[1]
    assert energies[0] != energies[2]


def test_adams_steps_fall_along_a_cosine_of_the_budget():
    rates = []

    class Watching(Technique):
        def hidden(self, task):
            return mlp([4], task.seed)

        def callbacks(self, model, data):
            def rate(batch, logs):
                rates.append(float(model.optimizer.learning_rate))

            return (keras.callbacks.LambdaCallback(on_train_batch_begin=rate),)

    train((Watching(),), TASK, Counted(4, X))
    first = float(Baseline().optimizer(TASK).learning_rate)
    wanted = [first, *(0.5 * first * (1.0 + np.cos(np.pi * k / 4.0)) for k in range(3))]
    np.testing.assert_allclose(rates, wanted, rtol=1e-6)


def test_an_optimizer_of_ones_own_keeps_its_steps():
    rates = []

    class Scheduled(Technique):
        def hidden(self, task):
            return mlp([4], task.seed)

        def optimizer(self, task):
            return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-2, 1000))

        def callbacks(self, model, data):
            def rate(batch, logs):
                rates.append(float(model.optimizer.learning_rate))

            return (keras.callbacks.LambdaCallback(on_train_batch_end=rate),)

    train((Scheduled(),), TASK, Counted(2, X))
    wanted = 0.5e-2 * (1.0 + np.cos(np.pi * np.array([50.0, 100.0]) / 1000.0))
    np.testing.assert_allclose(rates, wanted, rtol=1e-5)


def test_a_whole_training_is_no_part_of_another():
    class Whole(Technique):
        def solve(self, task, clock):
            raise AssertionError

    with pytest.raises(ValueError, match="Received: Whole, which is a whole one"):
        train((Whole(), Small()), TASK, Counted(1, X))


def test_a_sampling_that_is_a_callback_follows_the_training():
    followed = []

    class Points(qwpinn.techniques.AdaptivePoints):
        def on_epoch_end(self, epoch, logs=None):
            followed.append(epoch)

    class Adaptive(Small):
        def sampling(self, task):
            return Points(80, seed=task.seed)

    train((Adaptive(),), TASK, Counted(2, X))
    assert followed == [0]


def test_a_network_without_an_enclosure_has_no_width():
    class Jumping(Small):
        def features(self, task):
            return keras.layers.Identity(dtype="float64")

        def hidden(self, task):
            return qwpinn.techniques.Joined.for_potential(task.potential, 4, task.seed)

    clock = Counted(1, X)
    train((Jumping(),), TASK, clock)
    assert np.isnan(clock.width)
    assert np.isfinite(clock.energies[-1])


@pytest.mark.parametrize("well", [qwpinn.InfiniteWell(), WELL])
def test_the_baseline_is_neither_even_nor_odd(well):
    """Of an odd network, steps of second order would find odd states alone."""
    task = TASK._replace(potential=well)
    model = qwpinn.QuantumWellPINN(well, states=1, hidden=Baseline().hidden(task), seed=0)
    a, b = well.interval
    there = model(np.linspace(a, b, 9)).numpy()[:, 0]
    assert min(np.abs(there - there[::-1]).max(), np.abs(there + there[::-1]).max()) > 1e-3
