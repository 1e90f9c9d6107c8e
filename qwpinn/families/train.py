"""`train_family`: one network for all potentials of a family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.equation import kinds
from qwpinn.families.family import Family, checked_family
from qwpinn.families.model import FamilyPINN
from qwpinn.families.networks import DeepONet, EnergySurface
from qwpinn.families.points import ORDER, family_collocation
from qwpinn.inputs import check, limits
from qwpinn.progress.bars import Say, Verbose, training
from qwpinn.startup import refuse_fork
from qwpinn.training.distributed import part_of
from qwpinn.training.divergence import checked
from qwpinn.training.levenberg_marquardt import LevenbergMarquardt
from qwpinn.training.optimizers import optimizer_of, summed

Array = NDArray[np.float64]
# What is said before the parts.
TRAINING = "Training on the residual: {} members, {} nodes each, {} epochs."
DISTILLING = (
    "Ritz states of {} members in the trained trunk: branches and energies learn them, and are "
    "measured at others."
)
# Members that errors are measured at.
LEAST_MEASURED = 64


def train_family(
    family: Family,
    states: int = limits.USUAL_STATES,
    *,
    epochs: int = 10,
    members: int = 96,
    points: int = 48,
    teachers: int = 1024,
    optimizer: str | Mapping[str, object] | keras.optimizers.Optimizer | None = None,
    batch_size: int | None = None,
    seed: int = 0,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    say: Say = lambda text: None,
    strategy: tf.distribute.Strategy | None = None,
    initial_epoch: int = 0,
    verbose: Verbose = 0,
) -> FamilyPINN:
    """A network of the K lowest states of all members of a family.

    First the trunk's units are placed, and modes, branches and energies learn its Ritz states at
    sampled parameters (`FamilyPINN.start`); then everything is trained on the residual over
    collocation points in x and p; at last branches and energies learn the Ritz states of the
    trained trunk (`FamilyPINN.distill`). No reference enters anywhere. What came of it is measured
    (`FamilyPINN.measure`) at a quarter as many members of its own.

    Args:
        family: The potentials.
        states: K, how many of the lowest states. Defaults to 3.
        epochs: Of the training on the residual; 0 leaves it out.
        members: Potentials in the collocation.
        points: Nodes in each.
        teachers: Potentials whose Ritz states are learnt from at the end; half of them before.
        optimizer: Any of Keras's. Defaults to None: `LevenbergMarquardt`.
        batch_size: Members a step. Defaults to None, all of them, as Levenberg-Marquardt needs.
        seed: Of every random number.
        callbacks: Keras callbacks for ``fit``.
        say: Called with a sentence before each of the three parts.
        strategy: Of `tf.distribute`, e.g. a `MultiWorkerMirroredStrategy`: the members are divided
            among its workers. Defaults to None.
        initial_epoch: Epochs that a callback of yours restores: the start is left out then.
        verbose: As for `qwpinn.solve`, a sentence for each part and a bar of the epochs. Defaults
            to 0, silence.

    Returns:
        The model, ready to be asked. Its `status` says whether its networks are good everywhere,
        `FamilyPINN.error` how good they are where.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If a number is not allowed.
        RuntimeError: In a forked child of a process that has computed (`qwpinn.startup`).
    """
    refuse_fork("train_family")
    _check_kinds(family, say, strategy)
    callbacks = checked(callbacks)
    optimizer = None if optimizer is None else optimizer_of(optimizer)
    initial_epoch = check.integer("initial_epoch", initial_epoch, 0)
    epochs = check.integer("epochs", epochs, minimum=0)
    members = check.integer("members", members, maximum=limits.MEMBERS)
    points = check.integer("points", points, ORDER, limits.NODES)
    teachers = check.integer("teachers", teachers, maximum=limits.MEMBERS)
    if batch_size is not None:
        batch_size = check.integer("batch_size", batch_size)
    model = FamilyPINN.for_family(family, states, seed=seed)
    with training(verbose, epochs, say) as (bars, told):
        if initial_epoch == 0:
            # As many states as modes at least, which are made of them.
            first = max(teachers // 2, -(-model.operator.trunk.states // states))
            told(f"Ritz states of {first} members: modes, branches and energies learn them.")
            model.start(first, seed=seed)
        if epochs:
            told(TRAINING.format(members, points, epochs))
            fit = dict(epochs=epochs, initial_epoch=initial_epoch, verbose=0)
            shard, shards = part_of(strategy)
            data = family_collocation(
                family, members, points, states, batch_size, seed, shard=shard, shards=shards
            )
            _fitted(model, data, optimizer, strategy, {**fit, "callbacks": [*bars, *callbacks]})
        told(DISTILLING.format(teachers))
        model.distill(teachers, seed=seed)
        model.measure(max(LEAST_MEASURED, teachers // 4), seed=seed + 1)
    return model


def _check_kinds(family: object, say: object, strategy: object) -> None:
    """Refuses arguments of the wrong type."""
    checked_family(family)
    kinds.function("say", say, "a sentence")
    if strategy is not None:
        cure = "Leave it out, or give e.g. tf.distribute.MultiWorkerMirroredStrategy()."
        expected = "a strategy of tf.distribute"
        kinds.one_of("strategy", strategy, tf.distribute.Strategy, expected, cure)


def _fitted(
    model: FamilyPINN,
    data: tf.data.Dataset,
    optimizer: keras.optimizers.Optimizer | None,
    strategy: tf.distribute.Strategy | None,
    fit: Mapping[str, object],
) -> None:
    """Trains a model on the residual, under a strategy a copy of it."""
    optimizer = LevenbergMarquardt(damping=1e-3) if optimizer is None else optimizer
    if strategy is None:
        model.compile(optimizer=optimizer)
        model.fit(data, **fit)
        return
    weights = _of_the_first(model.get_weights(), strategy)
    with strategy.scope():
        copy = FamilyPINN(
            model.family,
            DeepONet.from_config(model.operator.get_config()),
            EnergySurface.from_config(model.surface.get_config()),
            model.normalisation,
        )
        copy.set_weights(weights)
        copy.compile(optimizer=optimizer)
    steps = int(data.cardinality())
    shared = strategy.distribute_datasets_from_function(lambda context: data.repeat())
    copy.fit(shared, steps_per_epoch=steps, **fit)
    model.set_weights(copy.get_weights())
    model.status = copy.status


def _of_the_first(weights: list[Array], strategy: tf.distribute.Strategy) -> list[Array]:
    """The weights of the first worker, on all: each has its own rounding, and they add steps."""

    def shared() -> list[tf.Tensor]:
        context = tf.distribute.get_replica_context()
        first = tf.equal(context.replica_id_in_sync_group, 0)
        return [
            summed(tf.where(first, weight, tf.zeros_like(weight)))
            for weight in map(tf.constant, weights)
        ]

    found = strategy.run(tf.function(shared, autograph=False))
    return [strategy.experimental_local_results(value)[0].numpy() for value in found]
