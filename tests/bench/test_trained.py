"""What the clock runs for networks: the techniques of a job, alone or joined."""

import numpy as np
import pytest
from looks import Counted

import qwpinn
from qwpinn.bench import trained
from qwpinn.bench.problems import Problem

PROBLEM = Problem("well", qwpinn.FiniteWell())


def job(technique):
    return PROBLEM.described() | {"technique": technique, "seed": 0, "budget": 1.0}


@pytest.mark.parametrize("technique", ["precise", "one-layer+lm"])
def test_a_job_is_solved(technique):
    clock = Counted(40, PROBLEM.x)
    trained.solve(job(technique), clock)
    assert PROBLEM.energy_error(clock.energies[-1]) < 1e-2
    assert PROBLEM.state(clock.psis[-1]) == 0
    assert np.isfinite(clock.width)
