"""Evolve: psi0 in the states of a well, as many as it takes, from time to time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.dynamics.absorber import check_widths
from qwpinn.dynamics.basis import Basis
from qwpinn.dynamics.carrying import ORTHONORMAL, Journey, skew
from qwpinn.dynamics.drive import Drive
from qwpinn.dynamics.evolution import Evolution
from qwpinn.dynamics.initial import Initial
from qwpinn.dynamics.times import check_times
from qwpinn.equation import kinds
from qwpinn.equation.potential import Potential
from qwpinn.inputs import check, limits
from qwpinn.progress.bars import Verbose
from qwpinn.solving.recipes import LARGEST, Precise
from qwpinn.solving.solution import Solution
from qwpinn.solving.solver import solve

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Units of the network for a state, and at least: of the first one, and of one that is tried if psi
# is not good enough. A bound of psi is the judge here, and not the width of an enclosure.
UNITS, LEAST, RTOL = (12, 20), (300, 500), 1e-9
# Of the tolerance: what may be lost for want of states.
LACKING = 0.5
# How many states may be asked for: a network of 2000 units has room for them.
MOST = 480


def evolve(
    well: Potential | Solution,
    psi0: Callable[[Array], ArrayLike] | ArrayLike,
    times: ArrayLike,
    states: int | None = None,
    tol: float = 1e-6,
    drive: tuple[object, object] | None = None,
    *,
    absorbing: float | tuple[float, float] | None = None,
    seed: int = 0,
    verbose: Verbose = 0,
) -> Evolution:
    r"""psi(x, t) of i hbar dpsi/dt = (H + f(t) W) psi in the states of a well, with its error.

    .. math:: \psi(x, t) = \sum_{k < K} c_k(t) \psi_k(x), \quad c_k(t) = c_k(0) e^{-i E_k t / \hbar}

    Without a drive the phases are exact; with one, c is integrated (`qwpinn.dynamics.magnus`). The
    states are those of Ritz in a placed network (`Precise` without epochs), as many as hold psi0,
    and what the drive makes of it, but for half of ``tol``; a wider one is tried if they are not
    good enough for the rest. hbar is 1, or that of
    ``potential.time_unit``: fs, of a potential in units and of a device.

    Args:
        well: The well; or its `Solution`, whose states are used as they are.
        psi0: psi at time 0: a `qwpinn.Packet`, a function of positions ``(n,)`` that returns real
            or complex numbers, or the coefficients of the lowest states. It keeps its norm.
        times: Increasing, from 0 on.
        states: K. Defaults to None: as many as it takes.
        tol: The error that is asked for, in units of the norm of psi0. Defaults to 1e-6.
        drive: ``(W, f)``: W a function of positions, or ``"x"``, or of a device ``"field"``; f a
            `qwpinn.Pulse`, or a function of one time. Defaults to None.
        absorbing: Widths of the ends that absorb in place of walls: one for both, or a pair, 0 for
            a wall. No error is claimed then. Defaults to None.
        seed: Of every random number.
        verbose: As that of `qwpinn.solve`.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If an argument is out of range, psi0 does not vanish at the walls, or more
            states are needed than can be had.
        ArithmeticError: If the drive needs too many steps.

    Example:
        >>> import qwpinn
        >>> well = qwpinn.Harmonic(omega=1.0)
        >>> there = qwpinn.Packet(centre=2.0, width=0.5**0.5)
        >>> evolution = evolve(well, there, times=[0.0, np.pi / 2.0])  # x = 2 cos(2 t)
        >>> evolution.expectation("x").round(6).tolist()
        [2.0, -2.0]
        >>> bool(evolution.error(10.0) < 1e-6)
        True

    Reference:
        D. J. Tannor, Introduction to Quantum Mechanics: A Time-Dependent Perspective, chapters 1
        and 11, ISBN 978-1-891389-99-3
    """
    began = time.perf_counter()
    solution = well if isinstance(well, Solution) else None
    potential = checked_well(well if solution is None else solution.potential)
    tolerance = check.positive("tol", tol, "tolerance")
    if tolerance >= 1.0:
        raise ValueError(
            "`tol` must be below 1, the norm of psi0. Received: "
            f"tol={tolerance:g}. Give e.g. tol=1e-3."
        )
    initial = _initial(potential, psi0, tolerance)
    journey = Journey(
        initial,
        check_times(times),
        tolerance,
        None if drive is None else Drive.of(drive, potential),
        None if absorbing is None else check_widths(absorbing, potential),
    )
    if solution is not None:
        found = journey.carried(_basis(solution, states, initial))[0]
    else:
        found = _as_many_as_it_takes(potential, journey, states, seed, verbose)
    return replace(found, seconds=time.perf_counter() - began)


def checked_well(potential: object) -> Potential:
    """The well, refused where its states do not evolve."""
    well = kinds.well(potential, "well")
    kinds.line(well, "evolve", "Solve one dimension of it.", "well")
    if well.energy_dependent:
        raise ValueError(
            "`well` must have a mass that does not depend on the energy, for its states to evolve. "
            f"Received: {kinds.shown(well)}. Take `potential.parabolic_limit`."
        )
    return well  # type: ignore[return-value]


def _initial(potential: Potential, psi0: object, tol: float) -> Initial | Complex:
    """psi0 as a function that was looked at, or as coefficients."""
    if callable(psi0):
        return Initial(potential, psi0, tol)
    try:
        found = np.atleast_1d(np.asarray(psi0))
    except ValueError:
        found = np.empty(0, object)
    if found.dtype.kind not in "fiuc" or found.ndim != 1:
        raise TypeError(
            "`psi0` must be a qwpinn.Packet, a function of positions, or coefficients of the "
            f"lowest states. Received: {kinds.shown(psi0)}. Give e.g. qwpinn.Packet(0.0, 1.0, 0.5)."
        )
    given = found.astype(np.complex128)
    if not np.isfinite(given).all() or not np.any(given):
        raise ValueError(
            "`psi0` must hold finite coefficients, not all of them zero. Received: "
            f"{kinds.shown(psi0)}. Give e.g. [1.0, 1.0] for two states."
        )
    limits.at_most("psi0", given.size, MOST, "coefficients")
    return given


def _basis(solution: Solution, states: int | None, initial: Initial | Complex) -> Basis:
    """The states of a solution that is given, all of them."""
    count = solution.energies.size
    if states not in (None, count):
        raise ValueError(
            f"`states` must be left out, or be the {count} of the solution that is given. "
            f"Received: states={states}. Give the potential to have it solved for more."
        )
    if solution.enclosure.lowest:
        raise ValueError(
            "`well` must be solved for its lowest states, for psi0 to be made of them. Received: "
            f"level {solution.enclosure.lowest} alone. Give the potential."
        )
    _check_room(count, initial)
    return Basis.of(solution)


def _check_room(states: int, initial: Initial | Complex) -> None:
    """Refuses more coefficients than states."""
    if not isinstance(initial, Initial) and initial.size > states:
        raise ValueError(
            f"`psi0` must hold at most as many coefficients as there are states, {states}. "
            f"Received: {initial.size}. Ask for more states."
        )


def _as_many_as_it_takes(
    potential: Potential, journey: Journey, states: int | None, seed: int, verbose: Verbose
) -> Evolution:
    """The evolution in states that are solved for until they are enough, and good enough."""
    asked = states is not None
    count = check.integer("states", states, maximum=MOST) if asked else _first_count(journey)
    _check_room(count, journey.initial)
    check_times(journey.times, count)
    found: list[Evolution] = []
    for share, least in zip(UNITS, LEAST, strict=True):
        tried: list[tuple[int, float]] = []
        while True:
            recipe = Precise(units=min(max(least, share * count), LARGEST), epochs=0)
            solution = solve(potential, count, seed=seed, recipe=recipe, verbose=verbose)
            if skew(Basis.of(solution)) > ORTHONORMAL:
                # Where a table has many kinks, by the usual way.
                solution = solve(potential, count, rtol=RTOL, seed=seed, verbose=verbose)
            evolution, lacking = journey.carried(Basis.of(solution))
            tried.append((count, lacking))
            if asked or lacking <= LACKING * journey.tol:
                break
            count = _next_count(journey, evolution, tried)
        found.append(evolution)
        # Better states would not mend what so many lack.
        short = lacking > LACKING * journey.tol
        if short or evolution.converged or journey.absorbing is not None:
            break
    return min(found, key=lambda one: float(one.errors[-1]))


def _first_count(journey: Journey) -> int:
    """How many states to begin with."""
    if not isinstance(journey.initial, Initial):
        return int(journey.initial.size)
    wanted = journey.initial.states()
    if journey.absorbing is not None:
        wanted = math.ceil(1.5 * wanted)
    if wanted > MOST:
        raise ValueError(
            f"`psi0` must be made of at most {MOST} states of the well. Received: one that takes "
            f"about {wanted}. Give a slower or wider one, or a smaller box."
        )
    return wanted


def _next_count(journey: Journey, evolution: Evolution, tried: list[tuple[int, float]]) -> int:
    """How many states to try next, if what is lacking goes on falling as a power of their number.

    A packet over a jump of V has such a tail, and what a drive takes over a wall; that of smooth
    ones falls faster, and less is asked for than would be enough.

    Raises:
        ValueError: If more would be needed than can be had.
    """
    count, lacking = tried[-1]
    if len(tried) > 1:
        before, more = tried[-2]
        power = math.log(more / lacking) / math.log(count / before)
    else:
        # What would be lacking in half as many states, of which only the tail is known.
        upper = np.linalg.norm(evolution.initial[count // 2 :])
        power = math.log2(math.hypot(float(upper), lacking) / lacking) if journey.still else 4.0
    power = max(power, 0.5)
    wanted = 1.05 * count * (lacking / (LACKING * journey.tol)) ** (1.0 / power)
    # From few states on, a power says little.
    if count == MOST or (len(tried) > 1 and wanted > 2.0 * MOST):
        within = lacking / LACKING * (count / min(MOST, 2.0 * count)) ** power
        raise ValueError(
            f"`tol` must be within reach of {MOST} states of the well. Received: tol="
            f"{journey.tol:g}, where {count} states lack {lacking:.1e}. Ask for tol={within:.0e} "
            "or more, or for a psi0 that is smaller where V jumps."
        )
    return int(min(MOST, max(count + 4.0, wanted), 1.7 * count + 8.0))
