"""Callbacks for `fit`: energies against a reference, figures, a guard on divergence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from qwpinn import plotting
from qwpinn.enclosures.enclosure import Enclosure
from qwpinn.equation import kinds
from qwpinn.equation.geometry import geometry_of
from qwpinn.inputs import check
from qwpinn.networks.certificate import certify
from qwpinn.networks.well_model import WellModel
from qwpinn.plotting import plane
from qwpinn.storage.places import as_path

Array = NDArray[np.float64]


class StopAtTolerance(keras.callbacks.Callback):
    """Enclose every state after each epoch, and stop when all enclosures are narrow enough.

    Adds ``energy_k_enclosure``, the width in the potential's unit of energy, and ``enclosure``, the
    largest in units of E - min V, to the logs of each epoch. Put it before the TensorBoard
    callback, which then writes them.

    Args:
        rtol: The largest width allowed, in units of E - min V. An enclosure whose quantum number
            is not proven counts as infinite.
        epochs: To be trained at least.
        report: Called with the model and its `qwpinn.enclosures.Enclosure` after each epoch.
    """

    def __init__(
        self,
        rtol: float = 1e-6,
        epochs: int = 1,
        report: Callable[[WellModel, Enclosure], None] | None = None,
    ) -> None:
        super().__init__()
        self.rtol = check.positive("rtol", rtol, "tolerance")
        self.epochs = check.integer("epochs", epochs, minimum=0)
        if report is not None:
            kinds.function("report", report, "a model and its enclosure")
        self.report = report

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        enclosure = certify(self.model)
        largest = enclosure.relative_width(self.model.potential.minimum)
        if logs is not None:
            widths = enclosure.widths.tolist()
            logs.update({f"energy_{k}_enclosure": width for k, width in enumerate(widths)})
            logs["enclosure"] = largest
        if self.report is not None:
            self.report(self.model, enclosure)
        if largest <= self.rtol and epoch + 1 >= self.epochs:
            self.model.stop_training = True


class EnergyErrors(keras.callbacks.Callback):
    """Add ``energy_k_error``, the relative error of every energy, to the logs of each epoch.

    Put it before the TensorBoard callback, which then writes ``epoch_energy_k_error``.

    Args:
        reference: Energies ``(K,)`` to compare with, in the potential's own unit; training never
            sees them.
    """

    def __init__(self, reference: ArrayLike) -> None:
        super().__init__()
        energies = check.real_array("reference", reference)
        if energies.ndim != 1:
            raise ValueError(
                "`reference` must be energies in one row, one for each state. "
                f"Received: shape={energies.shape}. Give e.g. [1.6, 6.4]."
            )
        self.reference = energies.tolist()

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        if len(self.reference) != self.model.trial.states:
            raise ValueError(
                f"`reference` must have {self.model.trial.states} energies, one for each state. "
                f"Received: {len(self.reference)}. Give as many as the model has states."
            )

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if logs is None:
            return
        for k, exact in enumerate(self.reference):
            logs[f"energy_{k}_error"] = abs(logs[f"energy_{k}"] - exact) / abs(exact)


class WavefunctionFigures(keras.callbacks.Callback):
    """Draw psi and the residual for TensorBoard's image page every few epochs.

    Args:
        log_dir: Where the event files go, e.g. that of the TensorBoard callback.
        every: Epochs between figures; the last epoch is always drawn.
    """

    def __init__(self, log_dir: str | Path, every: int = 10) -> None:
        super().__init__()
        self.log_dir = as_path("log_dir", log_dir)
        self.every = check.integer("every", every, minimum=1)

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self._writer = tf.summary.create_file_writer(str(self.log_dir / "figures"))
        self._drawn = -1

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._epoch = epoch
        if epoch % self.every == 0:
            self._draw(epoch)

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        if self._drawn != self._epoch:
            self._draw(self._epoch)
        self._writer.close()

    def _draw(self, epoch: int) -> None:
        with self._writer.as_default(step=epoch):
            for name, figure in FIGURES[geometry_of(self.model.potential).dimension](self.model):
                tf.summary.image(name, as_image(figure))
        self._drawn = epoch


def _on_the_line(model: WellModel) -> Iterator[tuple[str, Figure]]:
    """Psi at its levels, and the residual."""
    potential = model.potential
    x = plotting.grid(potential, 401)
    rho = potential.normal_form.weight(potential.to_normal(x))
    column, v, rho = (tf.constant(y[:, None]) for y in (x, potential(x), rho))
    levels = Figure(figsize=(6.4, 4.4), layout="constrained")
    psi = model(column).numpy()
    plotting.levels(levels.subplots(), potential, model.energies.numpy(), x, psi)
    yield "wavefunctions", levels
    yield (
        "residual",
        plotting.residual(
            x, model.residual(column, v, rho).numpy(), plotting.position_label(potential)
        ),
    )


def _in_the_plane(model: WellModel) -> Iterator[tuple[str, Figure]]:
    """Maps of psi, and of the residual."""
    well, energies = model.potential, model.energies.numpy()[: plane.MOST]
    titles = [f"{k}: E = {energy:.6g}" for k, energy in enumerate(energies)]

    def residual(points: Array) -> Array:
        columns = (well(points)[:, None], well.weight(points)[:, None])
        found: Array = model.residual(*map(tf.constant, (points, *columns))).numpy()
        return found[:, : len(titles)]

    yield "wavefunctions", plane.maps(well, lambda x: model(x).numpy()[:, : len(titles)], titles)
    yield "residual", plane.maps(well, residual, titles, label="H psi - E psi")


# By the dimension of the well.
FIGURES: dict[int, Callable[[WellModel], Iterator[tuple[str, Figure]]]] = {
    1: _on_the_line,
    2: _in_the_plane,
}


def as_image(figure: Figure) -> tf.Tensor:
    """A figure as a batch of one image, uint8, shape ``(1, height, width, 3)``."""
    return tf.io.decode_png(plotting.png(figure, dpi=72), channels=3)[None]
