"""What is traced of a model, by replicas; for its pieces see tests/families/test_model.py."""

import processes
import pytest

# Two steps of all members, and two of halves that two devices share.
SHARED = """
import sys
import numpy as np
import tensorflow as tf
devices = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], devices)
import qwpinn
from qwpinn.families.train import _fitted
family = qwpinn.Family(qwpinn.FiniteWell, depth=(15, 25), width=(1.8, 2.2), box=6.0)
def trained(strategy, batch, epochs):
    model = qwpinn.FamilyPINN.for_family(family, 2, units=8, modes=4, branch=(4,), surface=(4,))
    model.start(8, 4)
    data = qwpinn.family_collocation(family, 4, 24, 2, batch)
    fit = dict(epochs=epochs, verbose=0)
    _fitted(model, data, qwpinn.LevenbergMarquardt(1e-3), strategy, fit)
    return np.concatenate([weight.ravel() for weight in model.get_weights()])
start = trained(None, None, 0)
alone = trained(None, None, 2)
shared = trained(tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]), 2, 1)
print(np.abs(shared - alone).max(), np.abs(alone - start).max())
"""


@pytest.mark.programs
def test_two_devices_take_the_steps_of_one():
    done = processes.run(processes.program(SHARED))
    apart, moved = map(float, done.stdout.splitlines()[-1].split())
    assert apart < 1e-10
    assert moved > 1e-2
    assert "retracing" not in done.stderr
    assert "eagerly" not in done.stderr
