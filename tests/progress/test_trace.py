"""How the enclosures shrink on the way to a solution."""

from types import SimpleNamespace

import numpy as np

from qwpinn.enclosures import Enclosure
from qwpinn.progress.trace import Trace


def test_each_enclosure_is_a_step_with_its_epoch():
    well = SimpleNamespace(minimum=-1.0)
    model = SimpleNamespace(potential=well, units=40)
    trace = Trace()
    for epoch, numbers in ((None, [0, -1]), (6, [0, 1])):
        if epoch is not None:
            trace.on_epoch_begin(epoch)
        found = Enclosure(np.array([1.0, 3.0]), np.array([1.2, 3.4]), np.array(numbers), np.ones(2))
        trace.report(model, found)
    assert [(step.units, step.epoch) for step in trace.steps] == [(40, None), (40, 7)]
    assert trace.steps[0].width == np.inf
    np.testing.assert_allclose(trace.steps[1].widths, [0.1, 0.1])
