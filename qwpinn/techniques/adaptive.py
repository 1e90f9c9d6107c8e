"""Adaptive points: collocation points that gather where the residual is large."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.equation.potential import values
from qwpinn.inputs import check, limits
from qwpinn.training.points import own_positions
from qwpinn.training.sampling import Sampling

Array = NDArray[np.float64]

# Cells of one interval, in whose middles the residual is asked for.
CELLS = 2048


class AdaptivePoints(keras.callbacks.Callback, Sampling):
    r"""n points of a density that follows the residual r of the network: a sampling and a callback.

    .. math:: p(x) \propto \frac{|r(x)|^k}{\frac{1}{b - a} \int |r|^k dx} + c, \quad
              |r|^2 = \sum_j (H \psi_j - E_j \psi_j)^2

    Every few epochs the interval is parted into n cells of the same share of p, and one point drawn
    in each, with the cell's length for its weight, about 1 / (n p). So the loss stays the integral
    of the squared residual, and its error is small where the residual is not. (The paper takes the
    mean over its points, and so weighs the residual by p besides.)

    It serves a V that is narrow in a wide box. In the finite well of the default size, even points
    that stay do as well.

    Args:
        points: n.
        every: Epochs between two drawings. Defaults to 10.
        k: The power of the residual; 0 draws evenly. Defaults to 1.
        c: Of the even part; large draws evenly. Defaults to 1.
        seed: Of all drawings.

    Raises:
        TypeError: If an argument is no number.
        ValueError: If one is not allowed.

    Example:
        >>> import qwpinn
        >>> well = qwpinn.InfiniteWell()
        >>> points = qwpinn.techniques.AdaptivePoints(60)
        >>> model = qwpinn.QuantumWellPINN.for_potential(well, states=1, units=10)
        >>> model.compile("adam")
        >>> data = qwpinn.collocation(well, sampling=points)
        >>> history = model.fit(data, epochs=2, callbacks=[points], verbose=0)

    Reference:
        C. Wu, M. Zhu, Q. Tan, Y. Kartha, L. Lu, Comput. Methods Appl. Mech. Eng. 403 (2023) 115671,
        arXiv:2207.10289: RAD.
    """

    changes = True

    def __init__(
        self, points: int, every: int = 10, k: float = 1.0, c: float = 1.0, seed: int = 0
    ) -> None:
        super().__init__()
        self.points = check.integer("points", points, maximum=limits.NODES)
        self.every = check.integer("every", every)
        self.k = check.not_negative("k", k, "power")
        self.c = check.positive("c", c, "share")
        self.seed = check.integer("seed", seed, 0, limits.SEED)
        self._share = np.full(CELLS, 1.0 / CELLS)
        self._drawn: tuple[Array, Array] | None = None

    def draw(self, left: float, right: float, rng: np.random.Generator) -> tuple[Array, Array]:
        if self._drawn is None:
            below = np.concatenate([[0.0], np.cumsum(self._share)])
            shares = np.linspace(0.0, below[-1], self.points + 1)
            edges = np.interp(shares, below, np.linspace(0.0, 1.0, CELLS + 1))
            # Of [0, 1]: any interval has the same shares.
            self._drawn = rng.uniform(edges[:-1], edges[1:]), np.diff(edges)
        x, weights = self._drawn
        return left + (right - left) * x, (right - left) * weights

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if (epoch + 1) % self.every == 0:
            self.follow(self.residual())

    def follow(self, residual: Array) -> None:
        """Take the density of a residual, |r| in the middles of equal cells, ``(CELLS,)``."""
        powers = (residual / max(residual.max(), np.finfo(np.float64).tiny)) ** self.k
        density = powers / max(powers.mean(), np.finfo(np.float64).tiny) + self.c
        self._share, self._drawn = density / density.sum(), None

    def residual(self) -> Array:
        """|r| of the model in the middles of equal cells, ``(CELLS,)``."""
        well = self.model.potential
        form = well.normal_form
        left, right = form.interval
        x = left + (right - left) * (np.arange(CELLS) + 0.5) / CELLS
        own = x if form is well else own_positions(well, x)
        columns = own, values(form, x), form.weight(x)
        found = self.model.residual(*(tf.constant(column[:, None]) for column in columns))
        return np.asarray(np.linalg.norm(found, axis=1))
