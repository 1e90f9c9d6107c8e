"""The cold start: a recipe from random weights without any Ritz start, found on the bench."""

from __future__ import annotations

from dataclasses import dataclass

import tensorflow as tf

from qwpinn.equation import kinds
from qwpinn.equation.mesh import Mesh
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

# The usual weight of the overlaps; the square of a residual that is near enough to a level for it,
# and how often the descent goes on where it is not.
USUAL, NEAR, ROUNDS = 100.0, 50.0, 6


@dataclass(frozen=True)
class Cold:
    """Random weights: natural gradient descent on energies, then least squares on the residual.

    First K + 1 states go down together by `qwpinn.techniques.EnergySquares`, whose steps are those
    of inverse iteration as far as the network can follow: no excited state is a place to end, for
    what one more state finds below is exchanged for what is above it. Then the last is dropped,
    and `LevenbergMarquardt` trains the residual of the others, energies too, until their enclosures
    are as narrow as asked. The overlaps weigh twice as much as that residual at first, so that no
    step that lowers the loss leads to psi = 0. Both were chosen on the bench (docs/bench.md) among
    all techniques there, with other seeds than those it was measured with.

    Nothing places units, and no Ritz state of untrained features is taken: it shows what training
    alone can do. `qwpinn.Precise` needs a tenth of the time, and solves what this does not: deep
    smooth wells in wide boxes, as `qwpinn.DoubleWell`, end wider than asked, and doublets mixed.

    Args:
        hidden: Units of each hidden layer.
        descent: Steps on the energies, up to six times where the residual stays large.
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
        kinds.line(task.potential, "Cold", "Take qwpinn.Precise or qwpinn.Paper.")
        mesh = task.mesh
        # Without biases the network begins odd about the middle, and stays so in an even well.
        hidden = mlp(self.hidden, task.seed, biases=1.0)
        rough = QuantumWellPINN(
            task.potential, states=task.states + 1, hidden=hidden, seed=task.seed,
            scaling=mesh.scaling,
        )  # fmt: skip
        rough.compile(LevenbergMarquardt(), EnergySquares())
        fit = {"steps_per_epoch": 1, "verbose": 0}
        data = collocation_on(mesh, enough(rough)).repeat()
        callbacks, begun = list(task.callbacks), 0
        while True:
            epochs = begun + self.descent
            rough.fit(data, initial_epoch=begun, epochs=epochs, callbacks=callbacks, **fit)
            model, square = self._without_the_last(rough, task, mesh)
            begun = epochs
            if square <= NEAR or begun >= ROUNDS * self.descent:
                break
        # Psi = 0 costs the whole weight of a norm, so that no step that lowers the loss ends there.
        model.compile(LevenbergMarquardt(), ResidualLoss(max(USUAL, 2.0 * square)))
        history = model.fit(
            collocation_on(mesh, enough(model)).repeat(),
            initial_epoch=begun,
            epochs=begun + self.steps,
            callbacks=[StopAtTolerance(task.rtol, 1, task.report), *callbacks],
            **fit,
        ).history
        model.sort()
        return Trained(model, certify(model), history)

    def _without_the_last(
        self, rough: QuantumWellPINN, task: Task, mesh: Mesh
    ) -> tuple[QuantumWellPINN, float]:
        """The K lowest states on the same layers, and the square of their residual, scaled."""
        model = QuantumWellPINN(
            task.potential, states=task.states, hidden=rough.trial.hidden,
            features=rough.trial.features, initial_energies=rough.energies.numpy()[:-1],
            scaling=mesh.scaling,
        )  # fmt: skip
        model.trial.output_layer.kernel.assign(rough.trial.output_layer.kernel.value[:, :-1])
        batch = next(iter(collocation_on(mesh, enough(model))))
        residual, _ = model.residual_and_overlaps(model.members(batch))
        return model, float(tf.reduce_sum(residual**2))
