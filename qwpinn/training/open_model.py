"""A model of a well's states that is trained by any loss: what `compile` accepts has an effect."""

from __future__ import annotations

import abc
import warnings
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from qwpinn.equation import kinds
from qwpinn.inputs import check
from qwpinn.status import Status, states_named
from qwpinn.storage.plain import Json
from qwpinn.training.arguments import refuse_without_effect
from qwpinn.training.least_squares import Data, Logs
from qwpinn.training.losses import Loss, ResidualLoss, loss_of, overlap
from qwpinn.training.objective import Added, Objective
from qwpinn.training.optimizers import optimizer_of
from qwpinn.training.residuals import EquationModel

# A norm of psi at the end of training below which it is psi = 0, which solves any linear equation.
COLLAPSED = 1e-3


class OpenModel(EquationModel):
    """K states of one well, with a loss, weights of its terms, terms of one's own, and metrics.

    A subclass defines beside what an `EquationModel` does how its psi and energies are asked for
    and set.

    Attributes:
        objective: The loss that it was compiled with.
    """

    def __init__(self, normalisation: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._default_loss = ResidualLoss(normalisation)
        self.objective = Objective(self._default_loss, {})
        self._metrics_given: object = None

    @property
    def normalisation(self) -> float:
        """Lambda of the loss that `compile` has by default; setting it changes that loss."""
        return self._default_loss.normalisation

    @normalisation.setter
    def normalisation(self, value: float) -> None:
        self._default_loss.normalisation = check.positive("normalisation", value, "weight")

    @abc.abstractmethod
    def own_units(self, data: Data) -> Data:
        """What `members` made of collocation data as these were, columns of shape ``(n, 1)``."""

    @abc.abstractmethod
    def own_psi(self, data: Data) -> tf.Tensor:
        """Psi in own units at collocation data as `members` has them, ``(n, K)``."""

    @abc.abstractmethod
    def energy_logs(self) -> Logs:
        """The energies as `fit` reports them."""

    @abc.abstractmethod
    def in_own_units(self, logs: Logs) -> Logs:
        """What is reported, with the `energy_logs`, in own units."""

    @abc.abstractmethod
    def take_energies(self, scaled: tf.Tensor) -> None:
        """Set the energies, which a loss does not train, ``(K,)``."""

    @abc.abstractmethod
    def hold_energies(self, held: bool) -> None:
        """Whether energies are no weights to train.

        Raises:
            ValueError: If they are to follow psi, and have been held at values of their own.
        """

    @abc.abstractmethod
    def mix(self, matrix: tf.Tensor) -> None:
        """Replace psi ``(n, K)`` by ``psi @ matrix``."""

    def compile(  # type: ignore[override]
        self,
        optimizer: object = "adam",
        loss: Loss | None = None,
        loss_weights: Mapping[str, float] | None = None,
        metrics: object = None,
        *refused: object,
        jit_compile: bool = False,
        steps_per_execution: int = 1,
        run_eagerly: bool = False,
        **others: object,
    ) -> None:
        """Keras's `compile`.

        Args:
            optimizer: `qwpinn.LevenbergMarquardt` or any of Keras's. Its Muon fails in float64,
                but for ``Muon(rms_rate=None)``.
            loss: `qwpinn.ResidualLoss`, `VarianceLoss`, `RayleighQuotient` or another
                `qwpinn.training.losses.Loss`. Defaults to None: a `ResidualLoss` with the model's
                ``normalisation``.
            loss_weights: Weights of its terms and of those of `add_residual`, by name. Defaults to
                1 each.
            metrics: Keras's, of psi beside a reference; the data must have one
                (`qwpinn.collocation`).
            jit_compile: XLA. Defaults to False: it makes Levenberg-Marquardt slower.
            steps_per_execution: Steps of one call of the compiled function.
            run_eagerly: Whether steps run as Python, to look into them.
            *refused: None, in the places that Keras has for more.
            **others: None.

        Raises:
            TypeError: If an argument is none of `keras.Model.compile`, or of the wrong type.
            ValueError: If an argument would have no effect, or the optimizer cannot take the loss.
        """
        refuse_without_effect((None, None, None, *refused), others)
        given = self._default_loss if loss is None else loss_of(loss)
        objective = Objective(given, self.objective.added)
        objective.weigh(loss_weights)
        if loss is not None and self.computes_loss:
            raise ValueError(
                "`loss` must be left out where `compute_loss` is overridden, which would not see "
                f"it. Received: {type(given).__name__}. Give one of them."
            )
        optimizer = optimizer_of(optimizer)
        self._refuse(objective, optimizer)
        self.hold_energies(not given.trains_energies)
        self.objective = objective
        self._metrics_given = metrics
        self._compile(optimizer, jit_compile, steps_per_execution, run_eagerly, metrics)

    def _refuse(self, objective: Objective, optimizer: keras.optimizers.Optimizer) -> None:
        """Refuse what the optimizer or a strategy cannot take."""
        name = type(optimizer).__name__
        if self.computes_loss and not objective.plain:
            raise ValueError(
                "`loss_weights` and `add_residual` must be left out where `compute_loss` is "
                f"overridden, which would not see them. Received: {type(self).__name__}. Put them "
                "into it, or leave it as it is."
            )
        if hasattr(optimizer, "squares_step"):
            objective.squares_loss()
            if self.computes_loss:
                raise ValueError(
                    "`compute_loss` must not be overridden for an optimizer of second order, which "
                    f"needs residuals. Received: {name}. Give them by `add_residual`, or take "
                    "keras's Adam."
                )
        strategy = self.distribute_strategy.num_replicas_in_sync
        if strategy > 1 and not (objective.plain and objective.loss.trains_energies):
            raise ValueError(
                "`loss` must be a qwpinn.ResidualLoss alone under a tf.distribute strategy. "
                f"Received: {type(objective.loss).__name__}, {strategy} replicas. Train on one."
            )

    def get_compile_config(self) -> dict[str, Json] | None:
        config = super().get_compile_config()
        # Functions that were added have no description: without them it would be another loss.
        if config is None or self.objective.added:
            return None
        weights = {name: float(self.objective.weights[name]) for name in self.objective.loss.names}
        return config | {
            # Where `compute_loss` is overridden none is taken.
            "loss": None
            if self.computes_loss
            else keras.saving.serialize_keras_object(self.objective.loss),
            "loss_weights": weights if set(weights.values()) != {1.0} else None,
            "metrics": keras.saving.serialize_keras_object(self._metrics_given),
        }

    def add_residual(self, name: str, function: Added) -> None:
        """Add a term to the loss, the squared norm of a vector, before `compile` weighs it.

        No description of a function can be saved: a model that has one is loaded uncompiled, to be
        added to and compiled anew.

        Args:
            name: Of the term, for ``loss_weights`` and logs.
            function: Takes the model and the collocation data, columns ``(n, 1)`` in own units, as
                `qwpinn.collocation` gives them, and returns a float64 tensor ``(m,)``. A residual
                at each point is an integral's if it is times the root of ``at["quadrature"]``.
                Where the mass varies, ``at["x"]`` is the coordinate of the well's `normal_form`.

        Raises:
            TypeError: If one of them is of the wrong type.
            ValueError: If the name is taken.

        Example:
            >>> import qwpinn
            >>> model = qwpinn.QuantumWellPINN(qwpinn.InfiniteWell(), states=1)
            >>> model.add_residual("middle", lambda model, at: model([0.5])[:, 0] - 2.0**0.5)
            >>> model.compile("adam", loss_weights={"middle": 10.0})
        """
        kinds.one_of("name", name, str, "a word", 'Give e.g. "symmetry".')
        kinds.function("function", function, "the model and the collocation data")
        if name in self.objective.names or name in ("loss", "gram_error"):
            raise ValueError(
                f"`name` must be of a new term. Received: {name!r}, which is there. Give another."
            )
        self.objective = Objective(self.objective.loss, {**self.objective.added, name: function})
        # What was traced does not know of it.
        self.compiled = False

    def let_weights_vary(self) -> None:
        """Say that ``objective.weights`` will be changed while `fit` runs.

        A loss of weights one is trained without them, and faster. A callback calls this in its
        ``set_model``, before `fit` traces the step.
        """
        if not self.objective.weighted:
            self.objective.weighted = True
            self._traced = None
            self.make_train_function(force=True)
            self.make_test_function(force=True)

    @property
    def compares(self) -> bool:
        """Whether metrics were asked for."""
        return bool(self._metrics_given)

    @property
    def computes_loss(self) -> bool:
        """Whether a subclass has a `compute_loss` of its own."""
        return type(self).compute_loss is not keras.Model.compute_loss

    def residuals(self, data: Data) -> tf.Tensor:
        return tf.concat([*self.objective.residuals(self, data).values()], axis=1)

    def jacobian(self, data: Data) -> tf.Tensor:
        return self.objective.jacobian(self, data)

    def logs(self, data: Data, residual: tf.Tensor) -> Logs:
        if self.plain:
            return self.in_own_units(super().logs(data, residual))
        return self.reported_terms(self.objective.terms(self, data))

    def reported_terms(self, terms: Logs) -> Logs:
        """What `fit` logs of the terms of the loss."""
        return self.in_own_units(self.objective.report(terms))

    @property
    def plain(self) -> ResidualLoss | None:
        """The loss, where it is a `ResidualLoss` as it is."""
        loss = self.objective.loss
        own = type(loss) is ResidualLoss and self.objective.plain
        return loss if own and isinstance(loss, ResidualLoss) else None

    def train_step(self, data: Data) -> Logs:
        """A step on a batch of `fit`."""
        if self.second_order or (self.plain and not self.computes_loss):
            found = super().train_step(data)
        else:
            found = self.descended(lambda: self._loss_and_logs(data))
        if not self.objective.loss.trains_energies:
            self.take_energies(self.objective.loss.energies(self, self.members(data)))
            found |= self.energy_logs()
        return found | self._compared(data)

    def test_step(self, data: Data) -> Logs:
        if self.second_order or (self.plain and not self.computes_loss):
            found = super().test_step(data)
        else:
            found = self._loss_and_logs(data)[1]
        return found | self._compared(data)

    def _loss_and_logs(self, data: Data) -> tuple[tf.Tensor, Logs]:
        """The loss of a batch, and what `fit` reports of it."""
        at = self.members(data)
        if self.computes_loss:
            loss = self.compute_loss(x=data, y=data.get("reference"), y_pred=self.own_psi(at))
            return loss, {"loss": loss, **self.energy_logs()}
        terms = self.objective.terms(self, at)
        return self.objective.value(terms), self.reported_terms(terms)

    def _compared(self, data: Data) -> Logs:
        """Keras's metrics of psi beside the reference, each with the sign of the other."""
        if "reference" not in data or not self.compares:
            return {}
        at = self.members(data)
        psi, reference = self.own_psi(at), data["reference"]
        overlap = tf.reduce_sum(data["quadrature"] * data["weight"] * psi * reference, axis=0)
        found = self.compute_metrics(data, reference, tf.sign(overlap) * psi)
        return {name: value for name, value in found.items() if name != "loss"}

    def fit(self, x: tf.data.Dataset, **kwargs: Any) -> keras.callbacks.History:
        """That of `SquaresModel`, which ends with what the loss has to do, and a look at the norms.

        Raises:
            ValueError: If metrics were asked for and the data have no ``reference``.
        """
        self._refuse_no_reference(x)
        history = super().fit(x, **kwargs)
        # What a strategy has distributed cannot be read here.
        if isinstance(x, tf.data.Dataset) and not self.status.failed:
            at = self.members(next(iter(x)))
            mixture = self.objective.loss.mixture(self, at)
            if mixture is not None:
                self.mix(mixture)
                self.take_energies(self.objective.loss.energies(self, at))
            self._look_for_collapse(at)
        return history

    def _look_for_collapse(self, at: Data) -> None:
        norms = np.sqrt(np.diag(overlap(self, at)))
        if norms.min() < COLLAPSED:
            self.status = Status.COLLAPSED
            named = states_named(np.flatnonzero(norms < COLLAPSED).tolist())
            warnings.warn(f"{self.status} This happened to {named}.", stacklevel=3)

    def _refuse_no_reference(self, x: tf.data.Dataset) -> None:
        if self.compares and "reference" not in getattr(x, "element_spec", {}):
            raise ValueError(
                "`x` must hold a reference for `metrics` to compare psi with. Received: none. Give "
                "it to qwpinn.collocation, or compile the model without metrics."
            )
