"""The cold start: a recipe from random weights without any Ritz start, found on the bench."""

from __future__ import annotations

from dataclasses import dataclass

from qwpinn.inputs import check, limits
from qwpinn.networks.callbacks import StopAtTolerance
from qwpinn.networks.certificate import certify
from qwpinn.networks.features import mlp
from qwpinn.networks.model import QuantumWellPINN
from qwpinn.solving.recipes import Task, Trained, check_hidden, enough, refuse_level
from qwpinn.techniques.natural_gradient import EnergySquares
from qwpinn.training.levenberg_marquardt import LevenbergMarquardt
from qwpinn.training.losses import ResidualLoss
from qwpinn.training.points import collocation_on


@dataclass(frozen=True)
class Cold:
    """Random weights: natural gradient descent on energies, then least squares on the residual.

    First K + 1 states go down together by `qwpinn.techniques.EnergySquares`, whose steps are those
    of inverse iteration as far as the network can follow: no psi = 0 and no excited state is a
    place to end, for what one more state finds below is exchanged for what is above it. Then the
    last is dropped, and `LevenbergMarquardt` trains the residual of the others, energies too, until
    their enclosures are as narrow as asked. Both were chosen on the bench (docs/bench.md) among
    all techniques there, with other seeds than those it was measured with.

    Nothing places units, and no Ritz state of untrained features is taken: it shows what training
    alone can do. `qwpinn.Precise` needs a tenth of the time.

    Args:
        hidden: Units of each hidden layer.
        descent: Steps on the energies.
        steps: Most steps on the residual.

    Raises:
        TypeError: If a number is no integer.
        ValueError: If one is out of range.

    Example:
        >>> import qwpinn
        >>> qwpinn.solve(qwpinn.InfiniteWell(), states=1, recipe=Cold(hidden=(16,))).converged
        True
    """

    hidden: tuple[int, ...] = (16, 16)
    descent: int = 60
    steps: int = 300

    def __post_init__(self) -> None:
        check_hidden(self.hidden)
        check.integer("descent", self.descent, 0, limits.POINTS)
        check.integer("steps", self.steps, 1, limits.POINTS)

    def train(self, task: Task) -> Trained:
        """Descend, then solve.

        Raises:
            ValueError: If a ``level`` is asked for: from random weights no other than the lowest.
        """
        refuse_level(task, "Cold")
        mesh = task.mesh
        # Without biases the network begins odd about the middle, and stays so in an even well.
        hidden = mlp(self.hidden, task.seed, biases=1.0)
        rough = QuantumWellPINN(
            task.potential, states=task.states + 1, hidden=hidden, seed=task.seed,
            scaling=mesh.scaling,
        )  # fmt: skip
        fit = {"steps_per_epoch": 1, "verbose": 0, "callbacks": list(task.callbacks)}
        rough.compile(LevenbergMarquardt(), EnergySquares())
        rough.fit(collocation_on(mesh, enough(rough)).repeat(), epochs=self.descent, **fit)
        model = QuantumWellPINN(
            task.potential, states=task.states, hidden=hidden, features=rough.trial.features,
            initial_energies=rough.energies.numpy()[:-1], scaling=mesh.scaling,
        )  # fmt: skip
        model.trial.output_layer.kernel.assign(rough.trial.output_layer.kernel.value[:, :-1])
        model.compile(LevenbergMarquardt(), ResidualLoss())
        fit["callbacks"] = [StopAtTolerance(task.rtol, 1, task.report), *task.callbacks]
        history = model.fit(
            collocation_on(mesh, enough(model)).repeat(),
            initial_epoch=self.descent,
            epochs=self.descent + self.steps,
            **fit,
        ).history
        model.sort()
        return Trained(model, certify(model), history)
