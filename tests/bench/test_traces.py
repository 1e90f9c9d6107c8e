"""Traces: what TensorBoard reads of them."""

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from qwpinn.bench import traces
from qwpinn.bench.results import Result, Run, Trace


def test_a_run_of_tensorboards_has_the_errors_at_their_cpu_seconds(tmp_path):
    trace = Trace([0.5, 2.0], [1e-2, 1e-5], [1e-1, 1e-3], [10, 40])
    traces.write([Result(Run("well", "lm", 3), trace=trace)], tmp_path)
    found = EventAccumulator(str(tmp_path / "well" / "lm" / "3"))
    found.Reload()
    assert sorted(found.Tags()["scalars"]) == ["error of E", "error of psi"]
    events = found.Scalars("error of E")
    assert [(e.wall_time, e.step) for e in events] == [(0.5, 10), (2.0, 40)]
    assert [e.value for e in events] == pytest.approx([1e-2, 1e-5])
