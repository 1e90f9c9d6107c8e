"""DeepXDE on the bench, as far as it can be tested without it: units, and the end of a training."""

from types import SimpleNamespace

import numpy as np
from looks import Counted

from qwpinn.bench import deepxde_peer


class Number(float):
    def detach(self):
        return self


def test_answers_are_in_own_units():
    """On [-1, 1], E from the floor in units of 1 / half^2; psi of norm 1 there has it here."""
    model = SimpleNamespace(predict=lambda x: np.cos(np.pi * x / 2.0))
    x = np.linspace(2.0, 8.0, 2001)
    energy, psi = deepxde_peer._answer(model, Number(np.pi**2 / 4.0), x, (5.0, 3.0, -7.0))
    assert energy == np.pi**2 / 36.0 - 7.0
    np.testing.assert_allclose(psi[[0, 1000, 2000]], [0.0, 3.0**-0.5, 0.0], atol=1e-12)
    assert abs(np.sum(psi**2) * (x[1] - x[0]) - 1.0) < 1e-3


def test_a_training_ends_at_its_share_of_the_time_and_all_with_it():
    dde = SimpleNamespace(callbacks=SimpleNamespace(Callback=object))
    clock = Counted(10, np.zeros(1))
    watch = deepxde_peer._watch(dde, clock, lambda x: (1.0, x))
    watch.model = SimpleNamespace(train_state=SimpleNamespace(step=0), stop_training=False)
    ended = []
    for watch.until in (0.3, 1.0):
        watch.model.stop_training = False
        while not watch.model.stop_training:
            watch.model.train_state.step += 7
            watch.on_epoch_end()
        ended.append(len(clock.steps))
    assert ended == [3, 10]
    assert clock.steps[-1] == watch.steps == 70
