"""Walks: the ground energy from random walks that die at the walls, after Feynman and Kac."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation import kinds
from qwpinn.equation.potential import Potential, values
from qwpinn.inputs import check, limits

Array = NDArray[np.float64]

# Walks of one population, which share out their weights, and steps between two sharings.
POPULATIONS, SHARED = 16, 8


@dataclass(frozen=True)
class Walked:
    """What walks found of the ground energy.

    Attributes:
        energy: E_0, from walks of the shorter step.
        standard_error: Of it: one sigma, from independent populations.
        bias: About what the step adds to it, from walks of twice the step; it has an error of about
            twice the standard one itself.
    """

    energy: float
    standard_error: float
    bias: float


def feynman_kac(
    potential: Potential,
    walks: int = 64_000,
    step: float | None = None,
    time: float | None = None,
    bridge: bool = True,
    seed: int = 0,
) -> Walked:
    r"""The ground energy, from random walks of variance 2 t / rho that die at the walls.

    .. math:: E_0 = -\lim_{t \to \infty} \frac{d}{dt} \log Z(t), \quad
              Z(t) = \mathbb{E} \Big[ e^{-\int_0^t V(X_s) ds} \, 1(X \text{ has met no wall}) \Big]

    Z grows by the mean weight of a population, whose walks are drawn anew by their weights every
    few steps, so that Z stays unbiased (a particle filter). Of a step h from x to y the weight is
    exp(-h (V(x) + V(y)) / 2), and with the bridge, for each wall at distances d and e of x and y,

    .. math:: 1 - e^{-\rho d e / h},

    the share of Brownian paths between them that do not meet it. The bias of E_0 then falls like h;
    without it, walks that meet a wall between two steps live on, and the bias falls like sqrt(h).

    Args:
        potential: With walls at both ends and a constant rho.
        walks: How many at a time, in 16 populations. Defaults to 64000.
        step: h, in units of rho times a length squared. Defaults to None: a 200th of ``time``, or
            less where V varies by more than 1 / (4 h), down to a 4000th.
        time: Before the measurement, and of it. Defaults to None: what lets the second state of
            the box of this length with V = 0 fade to e^-6 of the first. A pair of close levels
            needs several hbar over their distance.
        bridge: Whether walks can die between two steps. Defaults to True.
        seed: Of all walks.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If a number is not allowed, or rho varies.

    Example:
        >>> from qwpinn.potentials import InfiniteWell
        >>> found = feynman_kac(InfiniteWell(), walks=1600)
        >>> abs(found.energy - 9.8696) < 4.0 * found.standard_error + abs(found.bias)
        True

    Reference:
        P. Del Moral, Feynman-Kac Formulae, doi:10.1007/978-1-4684-9393-1; the bridge:
        P. Baldi, Ann. Probab. 23 (1995) 1644, doi:10.1214/aop/1176987797
    """
    form = kinds.potential(potential).normal_form
    rho = _constant_weight(form)
    size = check.integer("walks", walks, 2 * POPULATIONS, limits.NODES * POPULATIONS) // POPULATIONS
    left, right = form.interval
    if time is None:
        time = 2.0 * rho * ((right - left) / math.pi) ** 2
    time = check.positive("time", time, "time")
    if step is None:
        heights = values(form, np.linspace(left, right, 999))
        step = max(time / 4000.0, min(time / 200.0, 0.25 / max(np.ptp(heights), 1e-300)))
    step = check.positive("step", step, "time")
    count = max(1, round(time / (2.0 * step)))
    walk = _Walk(form, rho, check.integer("seed", seed, 0, limits.SEED), size, bridge)
    fine, coarse = walk.energies(time, 2 * count), walk.energies(time, count)
    energy, error = float(np.mean(fine)), float(np.std(fine, ddof=1) / math.sqrt(POPULATIONS))
    # Of order one with the bridge, of order one half without it.
    power = 1.0 if bridge else 0.5
    bias = (float(np.mean(coarse)) - energy) / (2.0**power - 1.0)
    return Walked(energy, error, bias)


def _constant_weight(form: Potential) -> float:
    """Rho, refused where it varies."""
    rho = np.unique(form.weight(np.linspace(*form.interval, 999)))
    if rho[-1] > (1.0 + 1e-12) * rho[0]:
        raise ValueError(
            "`potential` must have a constant rho, for walks of one variance. Received: "
            f"{form.name}, rho from {rho[0]:g} to {rho[-1]:g}. "
            "Use qwpinn.references.legendre_galerkin."
        )
    return float(rho[0])


class _Walk:
    """Populations of walks in a well.

    Args:
        form: The well.
        rho: Its weight.
        seed: Of all walks.
        size: Of a population.
        bridge: Whether walks can die between two steps.
    """

    def __init__(self, form: Potential, rho: float, seed: int, size: int, bridge: bool) -> None:
        self.form, self.rho, self.size, self.bridge = form, rho, size, bridge
        self.rng = np.random.default_rng(seed)

    def energies(self, time: float, count: int) -> Array:
        """E_0 as each population has it, after as long a time as it is measured."""
        left, right = self.form.interval
        x = self.rng.uniform(left, right, (POPULATIONS, self.size))
        v, weights = self._potential(x), np.ones_like(x)
        growth = np.zeros(POPULATIONS)
        for number in range(2 * count):
            x, v, factor = self._moved(x, v, time / count)
            weights *= factor
            last = number + 1 in (count, 2 * count)
            if last or number % SHARED == SHARED - 1:
                growth += np.log(weights.mean(axis=1))
                if number + 1 == count:
                    growth[:] = 0.0
                chosen = self._chosen(weights)
                x, v = (np.take_along_axis(each, chosen, axis=1) for each in (x, v))
                weights = np.ones_like(x)
        return -growth / time

    def _potential(self, x: Array) -> Array:
        """V, where walls are not crossed."""
        return values(self.form, np.clip(x, *self.form.interval).ravel()).reshape(x.shape)

    def _moved(self, x: Array, v: Array, step: float) -> tuple[Array, Array, Array]:
        """The walks after a step, V there, and what their weights are multiplied with."""
        left, right = self.form.interval
        y = x + math.sqrt(2.0 * step / self.rho) * self.rng.standard_normal(x.shape)
        inside = (y > left) & (y < right)
        ahead = self._potential(y)
        # The walks that died stay where they were until others take their place.
        y, ahead = np.where(inside, y, x), np.where(inside, ahead, v)
        factor: Array = np.exp(-0.5 * step * (v + ahead)) * inside
        if self.bridge:
            rate = self.rho / step
            factor *= -np.expm1(-rate * (x - left) * (y - left))
            factor *= -np.expm1(-rate * (right - x) * (right - y))
        return y, ahead, factor

    def _chosen(self, weights: Array) -> NDArray[np.intp]:
        """Which walks go on, each about as often as its weight says: systematic resampling."""
        below = np.cumsum(weights, axis=1)
        below /= below[:, -1:]
        at = (np.arange(self.size) + self.rng.uniform(size=(POPULATIONS, 1))) / self.size
        # One search for all: population p has the numbers from p to p + 1.
        offset = np.arange(POPULATIONS)[:, None]
        found = np.searchsorted((below + offset).ravel(), (at + offset).ravel(), side="right")
        chosen = found.reshape(at.shape) - offset * self.size
        return np.asarray(np.minimum(chosen, self.size - 1))
