r"""Quasi-Newton: curvature from the gradients of steps that were taken, for losses |r|^2.

A step goes along -H g, with g = 2 J^T r, as far as a search by Wolfe's strong conditions takes it.
H learns from the step s and from y, by how much it changed g; J^T J is never made. Where Levenberg-
Marquardt fits into memory it is the better choice: it knows J^T J from the first step on.
"""

from __future__ import annotations

import abc
import warnings
from collections import deque
from functools import partial
from typing import NamedTuple

import keras
import numpy as np
import scipy
from numpy.typing import NDArray

from qwpinn.inputs import check, limits
from qwpinn.storage.plain import Json
from qwpinn.training.optimizers import SecondOrderOptimizer, Step
from qwpinn.training.squares import Squares

Array = NDArray[np.float64]

# Lengths that a line search tries: what the first ones miss, further ones seldom find.
TRIALS = 20


class QuasiNewton(SecondOrderOptimizer):
    """An optimizer of |r|^2 by gradients and a line search.

    A subclass defines `forget`, `direction` and `learn`. What it has learnt is kept while each step
    begins where the last one ended; it is not stored with a model. `fit` logs ``length``, that of
    the step in units of -H g, and ``accepted``, whether there was one.
    """

    def __init__(self, name: str) -> None:
        super().__init__(learning_rate=1.0, name=name)
        self._ended: _Ended | None = None

    @abc.abstractmethod
    def forget(self) -> None:
        """Begin with H = 1."""

    @abc.abstractmethod
    def direction(self, gradient: Array) -> Array:
        """-H g, shape ``(P,)``."""

    @abc.abstractmethod
    def learn(self, step: Array, change: Array, curvature: float) -> None:
        """Make H of the next step.

        Args:
            step: s, with s y > 0.
            change: y.
            curvature: s H^{-1} s.
        """

    def check_size(self, weights: int, rows: int, held: int | None = None) -> None:
        """Nothing: no matrix of residuals is held."""

    def squares_step(self, squares: Squares, weights: Array) -> Step:
        last = self._ended
        if last is None or not np.array_equal(last.weights, weights):
            self.forget()
            last = None
        if last is not None and last.squares is squares:
            gradient, loss = last.gradient, last.loss
        else:
            gradient = 2.0 * squares.gradient(weights)
            loss = squares.loss(squares.residuals(weights))
        # The first step is about as long as in BFGS of SciPy.
        before = loss + float(np.linalg.norm(gradient)) / 2.0 if last is None else last.before
        search = partial(_searched, squares, weights, gradient, (loss, before))
        found = search(self.direction(gradient))
        if found is None:
            # What was learnt may mislead; the gradient itself does not.
            self.forget()
            found = search(-gradient)
        self.iterations.assign_add(1)
        length, ahead, slope = (0.0, weights, gradient) if found is None else found
        step, change = ahead - weights, slope - gradient
        if step @ change > 0.0:
            self.learn(step, change, -length * float(step @ gradient))
        residual = squares.residuals(ahead)
        self._ended = _Ended(squares, ahead.copy(), slope, squares.loss(residual), loss)
        return Step(ahead, residual, {"length": length, "accepted": float(found is not None)})


class _Ended(NamedTuple):
    """Where a step ended: the loss and its gradient there, and the loss before it."""

    squares: Squares
    weights: Array
    gradient: Array
    loss: float
    before: float


def _searched(
    squares: Squares,
    weights: Array,
    gradient: Array,
    losses: tuple[float, float],
    direction: Array,
) -> tuple[float, Array, Array] | None:
    """How far to go along a direction, the weights there and the gradient; None for nowhere.

    Args:
        squares: The loss.
        weights: Where to begin.
        gradient: There.
        losses: There, and a step before, from which the first length is guessed.
        direction: Where to.
    """
    if not gradient @ direction < 0.0:
        return None
    with warnings.catch_warnings():
        # It says that it found none, as does its answer.
        warnings.simplefilter("ignore", RuntimeWarning)
        length, _, _, _, _, ahead = scipy.optimize.line_search(
            lambda at: squares.loss(squares.residuals(at)),
            lambda at: 2.0 * squares.gradient(at),
            weights,
            direction,
            gradient,
            *losses,
            maxiter=TRIALS,
        )
    if length is None or ahead is None:
        return None
    return float(length), weights + length * direction, ahead


@keras.saving.register_keras_serializable("qwpinn")
class LBFGS(QuasiNewton):
    """BFGS that keeps its last steps in the place of H, for any number of weights.

    Args:
        memory: How many steps, at least 1.

    Reference:
        D. C. Liu and J. Nocedal, Mathematical Programming 45, 503 (1989), doi:10.1007/BF01589116.
    """

    def __init__(self, memory: int = 20, name: str = "lbfgs") -> None:
        super().__init__(name)
        self.memory = check.integer("memory", memory, maximum=limits.WIDEST)
        self._pairs: deque[tuple[Array, Array]] = deque(maxlen=self.memory)

    def forget(self) -> None:
        self._pairs.clear()

    def direction(self, gradient: Array) -> Array:
        found, factors = -gradient, []
        for step, change in reversed(self._pairs):
            factors.append((step @ found) / (step @ change))
            found = found - factors[-1] * change
        if self._pairs:
            step, change = self._pairs[-1]
            found = found * ((step @ change) / (change @ change))
        for (step, change), factor in zip(self._pairs, reversed(factors), strict=True):
            found = found + step * (factor - (change @ found) / (step @ change))
        return found

    def learn(self, step: Array, change: Array, curvature: float) -> None:
        self._pairs.append((step, change))

    def get_config(self) -> dict[str, Json]:
        return {"name": self.name, "memory": self.memory}


@keras.saving.register_keras_serializable("qwpinn")
class SelfScaledBroyden(QuasiNewton):
    r"""Broyden's family with a factor that shrinks H before it learns.

    .. math:: H \leftarrow \frac{1}{\tau} \left( H - \frac{H y y^T H}{y^T H y}
              + \varphi \, (y^T H y) \, v v^T \right) + \frac{s s^T}{s^T y}, \quad
              v = \frac{s}{s^T y} - \frac{H y}{y^T H y}

    With b = s H^{-1} s / (s y), h = y H y / (s y) and a = b h - 1 >= 0,

    .. math:: \rho^- = \min(1, h (1 - \sqrt{a / (1 + a)})), \quad
              \theta = \max\left(\frac{\rho^- - 1}{a},
                       \min\left(\frac{1}{\rho^-}, \frac{1 - b}{b}\right)\right), \quad
              \sigma = 1 + a \theta, \quad \varphi = \frac{1 - \theta}{\sigma}

    and tau = min(rho sigma^{-1/(P-1)}, sigma) where theta <= 0, else
    rho min(sigma^{-1/(P-1)}, 1 / theta), with rho = min(1, 1 / b). BFGS is phi = tau = 1.

    From random weights of the finite well, 750 steps end 2 to 10 000 times below BFGS, as a median
    over ten seeds 29 times, and 800 times and more below `LBFGS`, at the same time for a step.
    Before some hundred steps BFGS leads; and its energy, which no loss sees, is often better.

    Args:
        scaled: False is BFGS. H has P^2 numbers either way.

    Reference:
        J. F. Urban, P. Stefanou, J. A. Pons, arXiv:2405.04230; M. Al-Baali, E. Spedicato,
        F. Maggioni, Optimization Methods and Software 29, 937 (2014).
    """

    def __init__(self, scaled: bool = True, name: str = "self_scaled_broyden") -> None:
        super().__init__(name)
        if not isinstance(scaled, bool):
            raise TypeError(
                f"`scaled` must be True or False. Received: scaled={scaled!r}. Leave it out."
            )
        self.scaled = scaled
        self._inverse: Array | None = None

    def check_size(self, weights: int, rows: int, held: int | None = None) -> None:
        """Refuse a matrix H that would not fit into memory."""
        cure = "Give smaller layers or fewer states, or LBFGS."
        limits.at_most("model", weights, limits.WEIGHTS, "weights to train", cure)

    def forget(self) -> None:
        self._inverse = None

    def direction(self, gradient: Array) -> Array:
        return -gradient if self._inverse is None else -(self._inverse @ gradient)

    def learn(self, step: Array, change: Array, curvature: float) -> None:
        inverse = np.eye(step.size) if self._inverse is None else self._inverse
        turned, overlap = inverse @ change, float(step @ change)
        length = float(change @ turned)
        tau, phi = 1.0, 1.0
        if self.scaled:
            tau, phi = scaling(curvature / overlap, length / overlap, step.size)
        between = step / overlap - turned / length
        inverse -= np.outer(turned, turned / length)
        inverse += np.outer(between, phi * length * between)
        inverse /= tau
        inverse += np.outer(step, step / overlap)
        self._inverse = inverse

    def get_config(self) -> dict[str, Json]:
        return {"name": self.name, "scaled": self.scaled}


def scaling(b: float, h: float, weights: int) -> tuple[float, float]:
    """Tau and phi of `SelfScaledBroyden`.

    Args:
        b: s H^{-1} s / (s y).
        h: y H y / (s y).
        weights: P.

    Example:
        >>> scaling(2.0, 1.0, 3)
        (0.5, 3.0)
    """
    # Rounding may leave less than 0, and 0 where s and H y are parallel.
    a = max(b * h - 1.0, 1e-14)
    smaller = min(1.0, h * (1.0 - (a / (1.0 + a)) ** 0.5))
    theta = max((smaller - 1.0) / a, min(1.0 / smaller, (1.0 - b) / b))
    sigma = 1.0 + a * theta
    root = sigma ** (-1.0 / max(1, weights - 1))
    rho = min(1.0, 1.0 / b)
    tau = min(rho * root, sigma) if theta <= 0.0 else rho * min(root, 1.0 / theta)
    return tau, (1.0 - theta) / sigma
