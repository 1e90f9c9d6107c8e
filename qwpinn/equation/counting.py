"""The Pruefer angle: the phase of psi, which counts its zeros and so the levels below an energy."""

import itertools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation import kinds
from qwpinn.equation.barriers import legs
from qwpinn.equation.hidden import refuse_hidden, refuse_rough
from qwpinn.equation.layers import Layers, stretched_angle
from qwpinn.equation.potential import Potential
from qwpinn.equation.transfer import Transfer
from qwpinn.inputs import check

Array = NDArray[np.float64]

# Panels that are looked at together, for what they take of memory.
BLOCK = 256


def count_below(potential: Potential, energy: float) -> int:
    """The number of levels strictly below `energy`, by the oscillation theorem.

    The solution with psi(a) = 0 has as many zeros inside (a, b) as there are levels below E. Within
    round-off of a level (some 1e-11 of it where V varies between breakpoints), the answer is that
    of one side or the other.

    Args:
        potential: Any potential.
        energy: In the potential's units.

    Raises:
        TypeError: If `energy` is no real number.
        ValueError: If `energy` is not finite.
        ArithmeticError: If V or rho is not smooth between the breakpoints.

    Example:
        >>> from qwpinn.potentials import InfiniteWell
        >>> count_below(InfiniteWell(width=1.0), energy=50.0)
        2

    Reference:
        J. D. Pryce, Numerical Solution of Sturm-Liouville Problems, chapter 2,
        ISBN 978-0-19-853415-0
    """
    angle = pruefer_angle(potential, energy)
    return potential.boundary_conditions.levels_below(angle)


def pruefer_angle(potential: Potential, energy: float) -> float:
    """The Pruefer angle theta(b; E) of the solution with psi(a) = 0, which has theta(a) = 0.

    tan(theta) = psi / (L psi') with L = b - a, continued through the multiples of pi, where psi is
    zero; theta(b; E) increases with E, and is n pi at level n. On constant layers the angle is
    known in closed form. Else V and rho are replaced by their values at the middle of ever more
    layers, panel by panel, and the turn in each panel is extrapolated until it changes by less than
    1e-12; a panel where it does not settle soon is halved. The inside of a barrier is leapt over
    (`qwpinn.equation.barriers`), which changes no angle by more than e^{-80}.

    Args:
        potential: Any potential.
        energy: In the potential's units.

    Raises:
        TypeError: If `energy` is no real number.
        ValueError: If `energy` is not finite.
        ArithmeticError: If the angle does not converge in a panel that was halved eight times, as
            V or rho has a jump, a kink or a singularity that is no breakpoint.

    Example:
        >>> from qwpinn.potentials import InfiniteWell
        >>> print(round(pruefer_angle(InfiniteWell(width=1.0), energy=np.pi**2), 12))
        3.14159265359

    Reference:
        S. Pruess, SIAM J. Numer. Anal. 10 (1973) 55, doi:10.1137/0710008
    """
    kinds.potential(potential)
    level = check.finite("energy", energy)
    potential = potential.at(level).normal_form
    length, start = float(np.ptp(potential.interval)), potential.boundary_conditions.start
    if potential.layers is not None:
        return angle_after(potential.layers, level, theta=start, scale=1.0 / length)
    refuse_hidden(potential, abs(level - potential.minimum))
    turned = _Turned(0, start, 1.0 / length)
    for leg in legs(potential, level):
        if leg.inward.size:
            turned = _leapt(potential, level, leg.inward, turned)
        turned = _crossed(potential, level, leg.edges, turned)
    return stretched_angle(turned.theta, 1.0 / (length * turned.scale)) + turned.zeros * math.pi


class _Turned(NamedTuple):
    """An angle, the full half-turns counted apart: so they cost it none of its digits.

    Attributes:
        zeros: Half-turns.
        theta: The rest, from 0 to pi.
        scale: S of tan(theta) = S psi / psi'.
    """

    zeros: int
    theta: float
    scale: float


def _leapt(potential: Potential, energy: float, inward: Array, turned: _Turned) -> _Turned:
    """The angle behind a barrier, on the growing root, whose size the panels there will find.

    From a zero at the innermost edge back to the entrance, psi is the decaying root. A solution
    that enters at theta is zero where those backwards at theta' are: theta + theta' = n pi.
    """
    back = _crossed(potential, energy, inward[::-1], _Turned(0, 0.0, turned.scale))
    theta = stretched_angle(turned.theta, back.scale / turned.scale)
    zeros = turned.zeros + back.zeros + math.floor((theta + back.theta) / math.pi)
    return _Turned(zeros, 0.25 * math.pi, back.scale)


def _crossed(
    potential: Potential, energy: float, edges: Array, turned: _Turned, depth: int = 0
) -> _Turned:
    """The angle behind panels, from left to right or from right to left.

    Each panel has to converge by itself. The angle at the far wall would not do: below a barrier it
    settles to the same value for a coarse mesh that has put a level on the wrong side.

    Args:
        potential: The well.
        energy: In its units.
        edges: Of the panels, in the order in which they are crossed.
        turned: The angle before them.
        depth: How often these panels were halved.
    """
    for first in range(0, edges.size - 1, BLOCK):
        block = edges[first : first + BLOCK + 1]
        transfer = Transfer(potential, energy, block)
        for at, (start, stop) in enumerate(itertools.pairwise(block.tolist())):
            local = 1.0 / abs(stop - start)
            theta = stretched_angle(turned.theta, local / turned.scale)
            end = transfer.angle_after(at, theta)
            if end is None:
                middle = _middle(potential, start, stop, depth)
                halves = np.array([start, middle, stop])
                turned = _crossed(potential, energy, halves, turned, depth + 1)
                continue
            half_turns = math.floor(end / math.pi)
            turned = _Turned(turned.zeros + half_turns, end - half_turns * math.pi, local)
    return turned


def _middle(potential: Potential, start: float, stop: float, depth: int) -> float:
    """Where to halve a panel, refused after eight times."""
    if depth == 8:
        ends = f"x={min(start, stop)} and {max(start, stop)}"
        refuse_rough(potential, f"an angle that does not converge between {ends}")
    return 0.5 * (start + stop)


def angle_after(layers: Layers, energy: float, theta: float, scale: float) -> float:
    """The angle at the end of constant layers from that at their start, both in `scale`.

    Layers whose edges decrease are crossed from right to left; the slope is that along the way.

    A layer is crossed in the scale S, tan(theta) = S psi / psi', in which psi turns evenly:
    sqrt(|q|), q = rho (V - E), or the given `scale` where this is larger: without the floor, q = 0
    would need an infinite stretching. `scale` times the layers' total width is at most 1.
    """
    widths = np.abs(np.diff(layers.edges))
    squares = layers.weights * (energy - layers.values)
    current = scale
    for width, square in zip(widths.tolist(), squares.tolist(), strict=True):
        local = max(math.sqrt(abs(square)), scale)
        if local != current:
            theta, current = stretched_angle(theta, local / current), local
        if local == scale:
            theta += _gentle_turn(theta, square / scale**2, scale * width)
        elif square > 0.0:
            theta += local * width
        else:
            theta += _forbidden_turn(theta, local * width)
    return stretched_angle(theta, scale / current)


def _gentle_turn(theta: float, square: float, width: float) -> float:
    """How far theta turns where psi'' = -square psi, |square| <= 1, in a width of at most 1."""
    root = math.sqrt(abs(square)) or 1e-300
    trigonometric = square > 0.0
    cosine = math.cos(root * width) if trigonometric else math.cosh(root * width)
    sine = (math.sin(root * width) if trigonometric else math.sinh(root * width)) / root
    psi, slope = math.sin(theta), math.cos(theta)
    psi_end, slope_end = cosine * psi + sine * slope, cosine * slope - square * sine * psi
    return math.atan2(psi_end * slope - slope_end * psi, psi_end * psi + slope_end * slope)


def _forbidden_turn(theta: float, phase: float) -> float:
    """How far theta turns where psi is a sum of exp(phase t) and exp(-phase t), 0 <= t <= 1.

    It never leaves its interval between the fixed points pi / 4 (growth) and 3 pi / 4 (decay).
    """
    decay = math.exp(-2.0 * phase)
    growing = math.cos(theta) + math.sin(theta)
    decaying = math.cos(theta) - math.sin(theta)
    return math.atan2(
        (1.0 - decay) * growing * decaying, growing * growing + decay * decaying * decaying
    )
