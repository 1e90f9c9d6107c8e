"""Levenberg-Marquardt with geodesic acceleration, as a Keras optimizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from scipy.linalg import lapack

from qwpinn.inputs import check
from qwpinn.storage.plain import Json
from qwpinn.training.optimizers import SecondOrderOptimizer, Step
from qwpinn.training.squares import Squares

Array = NDArray[np.float64]

# Below it, steps wander along directions that change psi and hardly the loss: with 1e-12, psi of
# the finite well ends 2e-6 off after 40 steps in place of 4e-7, at the same residual. It also
# keeps Cholesky's factor in existence, for rounding shifts the eigenvalues by about 1e-13.
SMALLEST_DAMPING = 1e-7
# Small enough for the linear step of a network that starts near its solution.
FIRST_DAMPING = 1e-6
LARGEST_DAMPING = 1e12
# Of the longest column of J: shorter ones are rounding, as of a unit whose tanh is everywhere 1.
DEAD = 1e-12
# Of a step, how far ahead its second order is looked for.
PROBE = 0.1


@keras.saving.register_keras_serializable("qwpinn")
class LevenbergMarquardt(SecondOrderOptimizer):
    r"""Damped Gauss-Newton steps for a loss that is a sum of squares, loss = r^T r.

    .. math:: v = -(J^T J + \mu D)^{-1} J^T r, \quad
              a = -(J^T J + \mu D)^{-1} J^T \partial_v^2 r, \quad \delta = v + a / 2

    The second-order term a (geodesic acceleration) follows the bent, narrow valleys that a
    network's nearly dependent features make; it costs one residual vector more, no Jacobian. A
    step is taken if it lowers the loss and 2 ||a|| <= acceleration ||v|| in the scaled norm, and
    the damping mu then falls. Otherwise mu rises, and the step is tried again with the same
    Jacobian, up to ``attempts`` times; if none is taken, all variables stay. A step runs as Python,
    its algebra in BLAS and LAPACK: nothing of it is traced.

    A model's `fit` calls `squares_step` of any optimizer that has one, and asks `check_size`
    first; the gradient interface (`apply_gradients`) of other Keras optimizers does
    not carry residuals and is refused. `fit` logs ``damping``, that of the next step, and
    ``accepted``, whether the last was taken.

    Args:
        damping: mu > 0 to begin with, in units of the largest entry of D^{-1/2} J^T J D^{-1/2},
            which is 1. Defaults to None: the first Jacobian decides, with which dampings from 1e-6
            on are tried. It is one of the optimizer's variables and survives saving.
        decrease: Divides mu after a step that was taken, > 1.
        increase: Multiplies mu after one that was refused, > 1.
        acceleration: Largest 2 ||a|| / ||v||; 0 turns the second-order term off.
        attempts: How many dampings are tried in a step, at least 1.

    Reference:
        D. W. Marquardt, J. Soc. Indust. Appl. Math. 11, 431 (1963), doi:10.1137/0111030;
        M. K. Transtrum and J. P. Sethna, arXiv:1201.5885 (2012).
    """

    def __init__(
        self,
        damping: float | None = None,
        decrease: float = 2.0,
        increase: float = 3.0,
        acceleration: float = 0.75,
        attempts: int = 16,
        name: str = "levenberg_marquardt",
    ) -> None:
        super().__init__(learning_rate=1.0, name=name)
        for key, value, least in (
            ("damping", FIRST_DAMPING if damping is None else damping, 0.0),
            ("decrease", decrease, 1.0),
            ("increase", increase, 1.0),
        ):
            if not check.finite(key, value) > least:
                raise ValueError(
                    f"`{key}` must be a number above {least:g}. Received: {key}={value!r}. "
                    "Leave it out for the default."
                )
        if not check.finite("acceleration", acceleration) >= 0.0:
            raise ValueError(
                "`acceleration` must be a number of at least 0. "
                f"Received: acceleration={acceleration!r}. Give 0 to turn it off."
            )
        self.initial_damping = None if damping is None else float(damping)
        self.decrease = float(decrease)
        self.increase = float(increase)
        self.acceleration = float(acceleration)
        self.attempts = check.integer("attempts", attempts)

    def build(self, variables: Sequence[keras.Variable]) -> None:
        """Make the damping variable; called by `compile` or by the first step."""
        if self.built:
            return
        super().build(variables)
        first = FIRST_DAMPING if self.initial_damping is None else self.initial_damping
        self.damping = self.add_variable(
            shape=(),
            # Keras's Constant rounds it to float32.
            initializer=lambda shape, dtype: tf.constant(first, dtype, shape),
            dtype="float64",
            name="damping",
        )

    def squares_step(self, squares: Squares, weights: Array) -> Step:
        residual, normal, gradient, pull_back = squares.linearised(weights)
        length = np.sqrt(np.diag(normal))
        # A variable on which nothing depends, but for rounding, stays where it is: in units of that
        # rounding its step would be without bounds.
        length[length <= DEAD * length.max()] = length.max() or 1.0
        scaled = normal / np.outer(length, length)

        def direction(damping: float) -> Array | None:
            factor = _factor(scaled, damping)
            if factor is None:
                return None

            def solved(vector: Array) -> Array:
                return np.asarray(-lapack.dpotrs(factor, vector / length, lower=1)[0] / length)

            velocity = solved(gradient)
            if self.acceleration == 0.0:
                return velocity
            change = (squares.residuals(weights + PROBE * velocity) - residual) / PROBE
            # J^T (J v), for which J itself need not be held.
            bend = solved(2.0 / PROBE * (pull_back(change) - normal @ velocity))
            straight = self.acceleration * np.linalg.norm(length * velocity)
            bent = 2.0 * np.linalg.norm(length * bend) > straight
            return None if bent else velocity + 0.5 * bend

        return self._search(squares, weights, direction, residual)

    def _search(
        self,
        squares: Squares,
        weights: Array,
        direction: Callable[[float], Array | None],
        residual: Array,
    ) -> Step:
        """The first step that lowers the loss, each tried with more damping than the one before."""
        loss, damping, accepted = squares.loss(residual), float(self.damping.numpy()), False
        for _ in range(self.attempts):
            step = direction(damping)
            if step is not None:
                ahead = squares.residuals(weights + step)
                if squares.loss(ahead) < loss:
                    weights, residual, accepted = weights + step, ahead, True
            factor = 1.0 / self.decrease if accepted else self.increase
            damping = min(max(damping * factor, SMALLEST_DAMPING), LARGEST_DAMPING)
            if accepted or damping >= LARGEST_DAMPING:
                break
        self.damping.assign(damping)
        self.iterations.assign_add(1)
        return Step(weights, residual, {"damping": damping, "accepted": float(accepted)})

    def get_config(self) -> dict[str, Json]:
        return {
            "name": self.name,
            "damping": self.initial_damping,
            "decrease": self.decrease,
            "increase": self.increase,
            "acceleration": self.acceleration,
            "attempts": self.attempts,
        }


def _factor(scaled: Array, damping: float) -> Array | None:
    """Cholesky's lower factor of the damped matrix; None where it has none, as with NaN in it."""
    damped = scaled.copy()
    np.fill_diagonal(damped, np.diag(damped) + damping)
    # Symmetric, it is in Fortran's order as it stands.
    factor, failed = lapack.dpotrf(damped.T, lower=1, overwrite_a=1, clean=0)
    return None if failed else factor
