"""Progress of a family's training: what is being done, and how long it takes yet."""

from __future__ import annotations

from rich.progress import Progress

from qwpinn.progress.bars import EpochBar
from qwpinn.progress.heartbeat import Estimate
from qwpinn.progress.trace import Logs


class FamilyBar(EpochBar):
    """A bar of the epochs, which knows of the parts before and after them.

    Args:
        progress: The display.
        epochs: How many; with none, there are only lines.
        estimate: Of the time.
    """

    def __init__(self, progress: Progress, epochs: int, estimate: Estimate) -> None:
        super().__init__(progress, "Ritz states", epochs)
        self.estimate = estimate
        progress.update(self.task, visible=epochs > 0, left=estimate)

    def on_train_begin(self, logs: Logs = None) -> None:
        self.estimate.training()
        self.progress.update(self.task, description="residual")

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        super().on_epoch_end(epoch, logs)
        self.estimate.epoch(epoch + 1)

    def on_train_end(self, logs: Logs = None) -> None:
        self.progress.update(self.task, description="Ritz states")

    def finish(self) -> None:
        """All parts are done."""
        self.progress.update(self.task, left="")
