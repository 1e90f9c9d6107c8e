"""Classical solvers on the bench."""

import pytest
from looks import Counted

import qwpinn
from qwpinn.bench import classical
from qwpinn.bench.problems import Problem


@pytest.mark.parametrize(
    ("technique", "error"), [("finite-differences", 1e-7), ("legendre-galerkin", 1e-12)]
)
def test_they_answer_once(technique, error):
    problem = Problem("well", qwpinn.Harmonic(omega=2.0))
    clock = Counted(1, problem.x)
    classical.solve(problem.described() | {"technique": technique}, clock)
    assert clock.steps == [1]
    assert problem.energy_error(clock.energies[0]) < error
    assert problem.psi_error(clock.psis[0]) < 1e-5
