"""Published techniques on the bench: each changes what it says, on every well."""

import numpy as np
import pytest
from looks import Counted

import qwpinn
from qwpinn.bench.names import TECHNIQUES, loaded
from qwpinn.bench.problems import WELLS, Problem
from qwpinn.bench.technique import Baseline, Task

WHAT = {
    # What joins pieces is weighed while they are trained.
    "network": {"features", "hidden", "callbacks"},
    "points": {"sampling"},
    "training": {"loss", "optimizer", "callbacks"},
}
WELL = qwpinn.FiniteWell()


@pytest.mark.parametrize("name", [n for n, one in TECHNIQUES.items() if one.kind in WHAT])
def test_a_technique_changes_what_its_kind_says(name):
    technique, task = loaded(name)[0], Task(WELL, 5, 1.0)
    changed = {
        what
        for what in ("features", "hidden", "sampling", "loss", "optimizer")
        if getattr(technique, what)(task) is not None
    }
    own = type(technique).callbacks is not Baseline.callbacks
    changed |= {"callbacks"} if own else set()
    if name != "adam":
        assert changed
        assert changed <= WHAT[TECHNIQUES[name].kind]


@pytest.mark.parametrize("name", [n for n, one in TECHNIQUES.items() if one.kind == "network"])
@pytest.mark.parametrize("well", WELLS)
def test_networks_can_be_made_for_every_well_and_follow_the_seed(name, well):
    technique, psi = loaded(name)[0], []
    for seed in (1, 1, 2):
        task = Task(WELLS[well], seed, 1.0)
        features, hidden = technique.features(task), technique.hidden(task)
        hidden = Baseline().hidden(task) if hidden is None else hidden
        model = qwpinn.QuantumWellPINN(
            WELLS[well], states=1, features=features, hidden=hidden, seed=seed
        )
        technique.prepare(model)
        model.compile("adam", qwpinn.ResidualLoss())
        psi.append(model(Problem(well, WELLS[well]).x).numpy())
    np.testing.assert_array_equal(psi[0], psi[1])
    assert np.abs(psi[0] - psi[2]).max() > 1e-3


@pytest.mark.parametrize(("name", "error"), [("precise", 1e-9), ("refine", 1e-13), ("cold", 1e-6)])
def test_whole_recipes_come_to_their_end(name, error):
    problem = Problem("well", qwpinn.InfiniteWell())
    clock = Counted(10**6, problem.x)
    loaded(name)[0].solve(Task(problem.potential, 0, 60.0), clock)
    assert problem.energy_error(clock.energies[-1]) < error
    assert clock.width / problem.spectrum.energies[0] < 1e-6
    assert problem.state(clock.psis[-1]) == 0
