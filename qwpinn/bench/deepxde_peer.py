"""DeepXDE on the bench, in an environment of its own with PyTorch; `clock.py` runs it.

``deepxde`` is the inverse problem of its documentation: a network of three layers of fifty tanh
units in float32, walls as boundary conditions, E an external variable that starts at 1, the
normalisation a second residual, all weights 1, Adam and then L-BFGS.

``deepxde-tuned`` is given what is known here: scaled coordinates and energies, double precision,
walls in the output, features with the kinks of psi'', the weight of the normalisation, two layers
of 16, and L-BFGS with a long memory and no tolerance.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from qwpinn.bench.clock import Clock

Array = NDArray[np.float64]


class Setup(NamedTuple):
    """How it is set up.

    Attributes:
        units: Of each layer.
        points: How many.
        rate: Of Adam.
        share: Of the time that is Adam's.
        weights: Of the losses.
    """

    units: tuple[int, ...]
    points: int
    rate: float
    share: float
    weights: tuple[float, ...]


DOCUMENTED = Setup((50, 50, 50), 1000, 1e-3, 0.5, (1.0, 1.0, 1.0, 1.0))
PLAIN = (0.0, 1.0, 0.0)
TUNED = Setup((16, 16), 416, 1e-2, 0.3, (1.0, 1e4))


def solve(job: Mapping[str, Any], clock: Clock) -> None:
    """Train until the time is over."""
    os.environ["DDE_BACKEND"] = "pytorch"
    import deepxde as dde
    import torch

    clock.start()
    tuned = job["technique"] == "deepxde-tuned"
    setup = TUNED if tuned else DOCUMENTED
    dde.config.set_default_float("float64" if tuned else "float32")
    dde.config.set_random_seed(job["seed"])
    centre, half, floor = scales = _scales(job, tuned)
    edges = torch.tensor([(edge - centre) / half for edge in job["edges"]])
    values = torch.tensor(
        (np.array(job["values"]) - floor) * half**2, dtype=torch.get_default_dtype()
    )
    geometry = dde.geometry.Interval(float(edges[0]), float(edges[-1]))
    energy = dde.Variable(1.0)
    length = float(edges[-1] - edges[0])

    def equation(x: Any, psi: Any) -> list[Any]:
        curvature = dde.grad.hessian(psi, x)
        layer = torch.clamp(torch.bucketize(x.detach(), edges) - 1, 0, len(values) - 1)
        residual = -curvature + (values[layer] - energy) * psi
        return [residual, (length * torch.mean(psi**2) - 1.0) * torch.ones_like(psi)]

    walls = [] if tuned else [
        dde.icbc.DirichletBC(geometry, lambda x: 0.0, lambda _, on_boundary: on_boundary)
    ]  # fmt: skip
    data = dde.data.PDE(geometry, equation, walls, setup.points, 0 if tuned else 2)
    kinks = edges[1:-1] if tuned else edges[:0]
    network = dde.nn.FNN([1 + len(kinks), *setup.units, 1], "tanh", "Glorot uniform")
    if tuned:
        network.apply_feature_transform(
            lambda x: torch.cat([x, *((x - k) * torch.abs(x - k) for k in kinks)], dim=1)
        )
        network.apply_output_transform(lambda x, psi: (1.0 - x**2) * psi)
    model = dde.Model(data, network)
    watch = _watch(dde, clock, lambda x: _answer(model, energy, x, scales))
    options = {"maxcor": 100, "ftol": 0, "gtol": 0} if tuned else {}
    dde.optimizers.set_LBFGS_options(**options, maxiter=10**7)
    # So many iterations between two looks at the time; what they have learnt stays.
    dde.optimizers.LBFGS_options.update(iter_per_step=100, fun_per_step=250)
    weights = list(setup.weights[: 2 + len(walls)])
    given = {"loss_weights": weights, "external_trainable_variables": energy, "verbose": 0}
    for name, rate, share in (("adam", {"lr": setup.rate}, setup.share), ("L-BFGS", {}, 1.0)):
        watch.until = share * clock.budget
        model.compile(name, **given, **rate)
        model.train(iterations=10**7, callbacks=[watch], display_every=10**9, verbose=0)
    clock.end(watch.steps, watch.answer)


def _scales(job: Mapping[str, Any], tuned: bool) -> tuple[float, float, float]:
    """Middle, half the width and least V: tuned, all is on [-1, 1], and energies begin there."""
    left, right = job["interval"]
    return (0.5 * (left + right), 0.5 * (right - left), min(job["values"])) if tuned else PLAIN


def _answer(
    model: Any, energy: Any, x: Array, scales: tuple[float, float, float]
) -> tuple[float, Array]:
    """E and psi in own units, from those of the scales."""
    centre, half, floor = scales
    psi = model.predict(((x - centre) / half)[:, None])
    return floor + float(energy.detach()) / half**2, psi[:, 0] / half**0.5


def _watch(dde: Any, clock: Clock, answer: Any) -> Any:
    """A callback that shows the clock what has been found, and stops a training at its time."""

    class Watch(dde.callbacks.Callback):
        until, steps = clock.budget, 0

        def on_epoch_end(self) -> None:
            self.steps = self.model.train_state.step
            over = clock.look(self.steps, answer)
            self.model.stop_training |= over or clock.passed >= self.until

    watch = Watch()
    watch.answer = answer
    return watch
