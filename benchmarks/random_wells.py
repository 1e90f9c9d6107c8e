"""Random wells that are made to deceive, with their exact levels and states.

- `undeclared`: a smooth V with one to three jumps, kinks, and spikes down to 6e-5 of the box wide,
  of which no breakpoint tells, at least a thousandth of the box apart, their heights log-uniform
  from 1e-6 to 1e3 of E_0 - min V;
- `pairs`: two wells behind a barrier, detuned by anything from nothing to a thousandth of E: pairs
  of levels that are apart by 1e-13 to 1e-1 of E, whose states are anything between left and right.

Levels of the first are those of `legendre_galerkin` with the points declared; levels and states of
the second are computed by matching at the interfaces in 60 digits (mpmath).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import mpmath as mp
import numpy as np

from qwpinn.potentials import CustomPotential, PiecewiseConstant, Potential
from qwpinn.quadrature import gauss_legendre
from qwpinn.references import legendre_galerkin

Array = np.ndarray


class Case(NamedTuple):
    """A well, what is known of it, and in words what it is.

    Attributes:
        label: For the table of failures.
        potential: As a user would give it.
        levels: Exact, ``(n,)``.
        states: K, how many to ask for.
        wavefunctions: Exact, from positions ``(n,)`` to ``(n, K)``; None if not known.
    """

    label: str
    potential: Potential
    levels: Array
    states: int
    wavefunctions: Callable[[Array], Array] | None = None


def undeclared(count: int, states: int, seed: int) -> Iterator[Case]:
    """Smooth wells with jumps and kinks that nobody declared."""
    rng = np.random.default_rng([seed, 1])
    for index in range(count):
        half = 10.0 ** rng.uniform(-1.0, 1.5)
        smooth, words = _smooth(rng, half)
        first = legendre_galerkin(CustomPotential(smooth, (-half, half)), 1).energies[0]
        ground = first - CustomPotential(smooth, (-half, half)).minimum
        features = [_feature(rng, x, half, ground) for x in _places(rng, half)]
        label = f"no. {index}: {words}" + "".join(f", {text}" for _, _, text in features)

        def function(x: Array, smooth=smooth, features=features) -> Array:
            return smooth(x) + sum(part(x) for part, _, _ in features)

        places = np.unique(np.concatenate([place for _, place, _ in features]))
        declared = CustomPotential(function, (-half, half), places[np.abs(places) < half])
        levels = legendre_galerkin(declared, states + 2).energies
        yield Case(label, CustomPotential(function, (-half, half)), levels, states)


def _smooth(rng: np.random.Generator, half: float) -> tuple[Callable[[Array], Array], str]:
    """A smooth V on [-half, half], and what it is."""
    scale = 10.0 ** rng.uniform(-1.0, 3.0) / half**2
    kind = rng.integers(4)
    if kind == 0:
        return lambda x: scale * (x / half) ** 2, f"{scale:.6g} (x/{half:.6g})^2"
    if kind == 1:
        tilt = rng.normal()
        return (
            lambda x: scale * ((x / half) ** 4 - (x / half) ** 2 + tilt * x / half),
            f"quartic {scale:.6g}, tilt {tilt:.3g}, half {half:.6g}",
        )
    if kind == 2:
        waves = rng.uniform(1.0, 12.0)
        return (
            lambda x: scale * np.cos(waves * x / half + 0.3),
            f"{scale:.6g} cos({waves:.4g} x/{half:.6g} + 0.3)",
        )
    centre, width = rng.uniform(-0.5, 0.5), 10.0 ** rng.uniform(-1.3, -0.3)
    return (
        lambda x: -scale * np.exp(-(((x / half - centre) / width) ** 2)),
        f"-{scale:.6g} exp(-((x/{half:.6g} - {centre:.3g})/{width:.3g})^2)",
    )


def _places(rng: np.random.Generator, half: float) -> Array:
    """One to three points, a thousandth of the box apart at least, from the walls too."""
    number = int(rng.integers(1, 4))
    while True:
        places = np.sort(rng.uniform(-half, half, number))
        if rng.random() < 0.3 and number > 1:  # As near as allowed, now and then.
            places[1] = places[0] + 2.0 * half * 10.0 ** rng.uniform(-3.0, -2.0)
        ends = np.concatenate([[-half], np.sort(places), [half]])
        if np.min(np.diff(ends)) >= 2e-3 * half:
            return np.sort(places)


def _feature(
    rng: np.random.Generator, place: float, half: float, ground: float
) -> tuple[Callable[[Array], Array], Array, str]:
    """A jump, a kink or a narrow spike, where to split it, and what it is."""
    height = rng.choice([-1.0, 1.0]) * ground * 10.0 ** rng.uniform(-6.0, 3.0)
    kind = rng.random()
    if kind < 0.2:
        width = 2.0 * half * 10.0 ** rng.uniform(-4.2, -2.5)
        return (
            lambda x: height * np.exp(-0.5 * ((x - place) / width) ** 2),
            place + width * np.array([-8.0, -3.0, 0.0, 3.0, 8.0]),
            f"spike {height:.6g} at {float(place)!r}, {width:.3g} wide",
        )
    if kind < 0.6:
        return (
            lambda x: height * (x >= place),
            np.array([place]),
            f"jump {height:.6g} at {float(place)!r}",
        )
    slope = height / half
    return (
        lambda x: slope * np.abs(x - place),
        np.array([place]),
        f"kink {slope:.6g} at {float(place)!r}",
    )


def pairs(count: int, seed: int) -> Iterator[Case]:
    """Two wells behind a barrier, nearly alike."""
    rng = np.random.default_rng([seed, 2])
    for index in range(count):
        barrier, height = rng.uniform(0.6, 3.5), 10.0 ** rng.uniform(1.5, 2.5)
        detuning = 0.0 if index % 10 == 0 else 10.0 ** rng.uniform(-14.0, -2.0)
        edges = [0.0, 1.0, 1.0 + barrier, 2.0 + barrier]
        well = PiecewiseConstant(edges, [0.0, height, detuning])
        levels, functions = _matched(well)
        label = f"no. {index}: barrier {barrier!r} wide, {height!r} high, detuned {detuning!r}"
        yield Case(label, well, levels, 2, functions)


def _matched(well: PiecewiseConstant) -> tuple[Array, Callable[[Array], Array]]:
    """The lowest two levels and states of two wells with a barrier, in 60 digits."""
    with mp.workdps(60):
        edges = [mp.mpf(x) for x in (well.interval[0], *well.breakpoints, well.interval[1])]
        values = [mp.mpf(v) for v in well.values]

        def shot(energy: mp.mpf, layers: tuple[int, ...]) -> list[tuple[mp.mpf, mp.mpf]]:
            """Psi and psi' at the layers' ends, from a wall through all given layers."""
            psi, slope = mp.mpf(0), mp.mpf(1)
            found = [(psi, slope)]
            for layer in layers:
                width = edges[layer + 1] - edges[layer]
                k = mp.sqrt(mp.mpc(energy - values[layer]))
                cos, sin = mp.re(mp.cos(k * width)), mp.re(mp.sin(k * width) / k)
                psi, slope = (
                    cos * psi + sin * slope,
                    -(energy - values[layer]) * sin * psi + cos * slope,
                )
                found.append((psi, slope))
            return found

        def mismatch(energy: mp.mpf) -> mp.mpf:
            return shot(energy, (0, 1, 2))[-1][0]

        # Both levels are roots of a function that is a parabola near them.
        alone = PiecewiseConstant([0.0, 1.0, 2.0], [0.0, well.values[1]])
        middle = mp.mpf(float(legendre_galerkin(alone, 1).energies[0]))
        for digits in (5, 6, 8, 10, 12, 14, 17, 20):
            step = mp.mpf(10) ** -digits * middle
            left, at, right = (mismatch(middle + t * step) for t in (-1, 0, 1))
            bend, slope = (left + right - 2 * at) / (2 * step**2), (right - left) / (2 * step)
            middle -= slope / (2 * bend)
        at = mismatch(middle)
        half = mp.sqrt(-at / bend)
        roots = sorted(
            mp.findroot(mismatch, (middle + s * half, middle + s * half * 1.001)) for s in (-1, 1)
        )
        each = [_state(edges, values, root, shot) for root in roots]
        levels = np.array([float(root) for root in roots])

    def functions(x: Array) -> Array:
        return np.stack([state(x) for state in each], axis=1)

    return levels, functions


def _state(edges: list, values: list, energy: mp.mpf, shot: Callable) -> Callable[[Array], Array]:
    """Psi of norm 1, from both walls to the middle of the barrier, where neither has decayed."""
    left = shot(energy, (0,))[-1]
    width = edges[3] - edges[2]
    k = mp.sqrt(mp.mpc(energy - values[2]))
    right = (mp.re(mp.sin(k * width) / k), mp.re(mp.cos(k * width)))  # psi and -psi' at edge 2
    kappa = mp.sqrt(values[1] - energy)
    # In the barrier psi = a exp(-kappa t) + b exp(kappa (t - w)), t from its left end.
    decay = mp.exp(-kappa * (edges[2] - edges[1]))
    a = (left[0] - left[1] / kappa) / 2
    b = (left[0] + left[1] / kappa) / 2 / decay
    scale = (a * decay + b) / right[0]
    numbers = [float(v) for v in (edges[1], edges[2], edges[3], mp.re(k), kappa, a, b, scale)]
    first = float(mp.sqrt(energy - values[0]))

    def psi(x: Array) -> Array:
        inner, outer, wall, wave, kappa, a, b, scale = numbers
        t = np.clip(x - inner, 0.0, outer - inner)
        forbidden = a * np.exp(-kappa * t) + b * np.exp(kappa * (t - (outer - inner)))
        beyond = scale * np.sin(wave * (wall - x)) / wave
        return np.where(
            x < inner, np.sin(first * x) / first, np.where(x < outer, forbidden, beyond)
        )

    ends = [0.0, *numbers[:3]]
    panels = np.unique(np.concatenate([np.linspace(*pair, 41) for pair in pairwise(ends)]))
    rule = gauss_legendre(panels, 12)
    norm = np.sqrt(rule.weights @ psi(rule.nodes) ** 2)
    return lambda x: psi(x) / norm
