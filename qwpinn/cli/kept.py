"""Kept: what a run writes into its backup, and restores from it."""

from __future__ import annotations

from pathlib import Path

import keras

from qwpinn.cli.backup import EPOCH, VALUE, Say, damaged, done_in, first_line
from qwpinn.networks.saved_model import weights_of
from qwpinn.progress.trace import Logs
from qwpinn.solving.solved import Solved
from qwpinn.solving.stored import restored, stored
from qwpinn.storage import places


class Backup(keras.callbacks.Callback):
    """Keeps the weights, and the optimizer's state, after each epoch, and restores the last ones.

    What `keras.callbacks.BackupAndRestore` does, but that writes over the only copy in place, and
    the weights and the number of their epoch one after the other.

    Args:
        folder: For its files, made and removed by `qwpinn.cli.backup.backed_up`.
        say: Takes a sentence for people, about what was restored.

    Attributes:
        only_watches: True: no epoch is trained for its sake.
        resumed_from: How many epochs it restored.
    """

    only_watches = True

    def __init__(self, folder: Path, say: Say = lambda text: None) -> None:
        super().__init__()
        self.folder = folder
        self.say = say
        self.resumed_from = 0

    def on_train_begin(self, logs: Logs = None) -> None:
        reasons: list[str] = []
        for epoch in done_in(self.folder):
            try:
                self._restore(epoch)
            except Exception as error:  # h5py's are of many kinds
                reasons.append(f"epoch {epoch}, {first_line(error)}")
                continue
            self.resumed_from = epoch
            break
        if reasons and not self.resumed_from:
            raise damaged(self.folder, "; ".join(reasons))
        if self.resumed_from:
            self.say(self._restored(bool(reasons)))

    def _restore(self, epoch: int) -> None:
        optimizer = self.model.optimizer
        if optimizer is not None and not optimizer.built:
            # Its state must be there before it can be filled.
            optimizer.build(self.model.trainable_variables)
        self.model.load_weights(self.folder / EPOCH.format(epoch))
        # As `keras.callbacks.BackupAndRestore` tells ``fit`` where to go on.
        self.model._initial_epoch = epoch

    def _restored(self, damaged: bool) -> str:
        """What was restored, as a sentence."""
        if self.resumed_from >= (self.params or {}).get("epochs", float("inf")):
            return f"All {self.resumed_from} epochs are in the backup: nothing is left to train."
        doubt = ", for the one after it is damaged" if damaged else ""
        return f"Going on after epoch {self.resumed_from} of the backup{doubt}."

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        places.write_held(self.folder / EPOCH.format(epoch + 1), weights_of(self.model))
        for earlier in done_in(self.folder):
            # An epoch that is not of this run, after one that was damaged, goes too.
            if earlier not in (epoch, epoch + 1):
                (self.folder / EPOCH.format(earlier)).unlink()


class Values:
    """Keeps the solution of each value of a sweep.

    Args:
        folder: For its files, made and removed by `qwpinn.cli.backup.backed_up`.
        say: As for `Backup`.
    """

    def __init__(self, folder: Path, say: Say = lambda text: None) -> None:
        self.folder = folder
        self.say = say

    def restored(self, values: int) -> list[Solved]:
        """The solutions that are kept, of the first values.

        Args:
            values: How many there are in all.

        Raises:
            ValueError: If one is damaged.
        """
        done = max(done_in(self.folder), default=0)
        found = []
        for value in range(1, done + 1):
            try:
                found.append(restored(self.folder / VALUE.format(value)))
            except Exception as error:  # h5py's are of many kinds
                raise damaged(self.folder, f"value {value}, {first_line(error)}") from error
        if done == values:
            self.say(f"All {done} values are in the backup: nothing is left to solve.")
        elif done:
            self.say(f"Going on after value {done} of the backup.")
        return found

    def keep(self, index: int, solution: Solved) -> None:
        """Keep the solution of value number ``index``, from 0."""
        stored(solution, self.folder / VALUE.format(index + 1))
