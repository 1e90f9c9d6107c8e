"""Psi in time against what is known: a coherent state, beats, quasi-energies, a barrier.

    python benchmarks/time_accuracy.py

A line a claim: what is compared, the difference from the known value, and seconds of wall time with
their solve. The known values are closed forms, or digits of independent computations that nothing
here uses: hbar = 1, and H = -1/2 d2/dx2 + V but for x^4 - 5 x^2, which has -d2/dx2.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from qwpinn.startup import quiet

with quiet():
    import numpy as np
    from scipy.optimize import minimize_scalar

    import qwpinn
    from qwpinn import references


def half(x: np.ndarray) -> np.ndarray:
    """The weight that makes -psi'' / rho the usual -1/2 psi''."""
    return np.full_like(x, 2.0)


OSCILLATOR = qwpinn.CustomPotential(lambda x: x**2 / 2, (-10.0, 10.0), weight=half)
DOUBLE = qwpinn.CustomPotential(lambda x: x**4 - 5 * x**2, (-5.0, 5.0))
TUNNEL = qwpinn.CustomPotential(lambda x: -(x**2) / 4 + x**4 / 128, (-14.0, 14.0), weight=half)
BOX = qwpinn.InfiniteWell(width=1.0).in_units("hbar=m=1")
BARRIER = qwpinn.FiniteBarrier(height=1.0, width=2.0, box=120.0).in_units("hbar=m=1")


def line(name: str, found: str, began: float) -> None:
    """One claim."""
    print(f"{name:52s}  {found:34s}  {time.perf_counter() - began:6.2f} s", flush=True)


def coherent_state() -> None:
    """The ground state's Gaussian at 3: its centre is 3 cos t, its width stays."""
    began = time.perf_counter()
    times = np.linspace(0.0, 20.0 * np.pi, 41)
    found = qwpinn.evolve(OSCILLATOR, qwpinn.Packet(3.0, 0.0, 0.5**0.5), times, tol=1e-8)
    x, t = np.linspace(-10.0, 10.0, 4001), times[:, None]
    phase = t / 2.0 + 3.0 * np.sin(t) * x - 9.0 * np.sin(2.0 * t) / 4.0
    exact = np.pi**-0.25 * np.exp(-((x - 3.0 * np.cos(t)) ** 2) / 2.0 - 1j * phase)
    error = np.sqrt(np.trapezoid(np.abs(found(x) - exact) ** 2, x, axis=1))
    text = f"{np.max(error):.1e}, bound {found.errors[-1]:.1e}, {found.energies.size} states"
    line("coherent state, ten periods: error in L2", text, began)


def beats() -> None:
    """x^4 - 5 x^2: the period of (psi_0 + psi_1) / 2^(1/2)."""
    began = time.perf_counter()
    found = qwpinn.evolve(DOUBLE, [0.5**0.5, 0.5**0.5], [0.0, 40.0])
    period = found.beat_period()
    levels = references.legendre_galerkin(DOUBLE, 2, degree=30, panels=20).energies
    known = 2.0 * np.pi / (levels[1] - levels[0])
    again = abs(found.at([period]).autocorrelation[0])
    text = f"{abs(period / known - 1.0):.1e} of {period:.8f}"
    line("beat period of x^4 - 5 x^2: relative difference", text, began)
    line("  overlap with psi0 after it, less 1", f"{abs(again - 1.0):.1e}", began)


def quasienergies() -> None:
    """The box driven by 5 x cos(10 t), and tunnelling that a drive destroys."""
    began = time.perf_counter()
    box = qwpinn.floquet(BOX, ("x", qwpinn.Pulse(5.0, 10.0)))
    off = np.abs(box.quasienergies[:3] - [4.88473517, -0.23374356, 4.42055558])
    line("quasi-energies of the driven box: largest difference", f"{np.max(off):.1e}", began)

    began = time.perf_counter()
    solution = qwpinn.solve(TUNNEL, 24, rtol=1e-9)
    text = f"{abs(solution.splitting() / 0.00018954692758 - 1.0):.1e}"
    line("tunnel splitting at rest: relative difference", text, began)

    def gap(s: float) -> float:
        """Of the doublet, under S x sin(0.01 t)."""
        return qwpinn.floquet(solution, ("x", qwpinn.Pulse(s, 0.01, phase=-np.pi / 2))).gap()

    for s, known in ((3.0e-3, 1.308e-05), (3.3e-3, 9.42e-06)):
        began = time.perf_counter()
        found = abs(gap(s))
        text = f"{abs(found / known - 1.0):.1e} of {found:.4e}"
        line(f"  the doublet's gap at S = {s:g}: relative difference", text, began)
    began = time.perf_counter()
    best = minimize_scalar(lambda s: abs(gap(s)), bounds=(3.0e-3, 3.3e-3), method="bounded")
    text = f"{best.fun:.1e} at S = {best.x:.8f}, {best.nfev} tries"
    line("  its collapse between them", text, began)


def group_delays() -> None:
    """A barrier of height 1 and width 2, from the phase of t."""
    began = time.perf_counter()
    barrier = qwpinn.FiniteBarrier(height=1.0, width=2.0, box=6.0).in_units("hbar=m=1")
    known = [2.31298642529, 1.92805516015, 1.93180675345, 1.99197105701, 1.50801519687]
    found = references.group_delay(barrier, [0.25, 0.5, 0.9, 1.1, 2.0])
    line("group delays: largest difference", f"{np.max(np.abs(found - known)):.1e}", began)


def transmitted() -> None:
    """The share of a packet behind a barrier, against T(E) averaged over its momenta."""
    psi0 = qwpinn.Packet(30.0, 1.2, 4.0)
    k = np.linspace(0.2, 2.2, 40_001)
    weights = np.exp(-2.0 * (psi0.width * (k - psi0.momentum)) ** 2)
    known = weights @ references.transmission(BARRIER, k**2 / 2.0) / np.sum(weights)
    for absorbing in (None, 15.0):
        began = time.perf_counter()
        end = 55.0 if absorbing is None else 120.0
        times = np.linspace(0.0, end, 12)
        found = qwpinn.evolve(BARRIER, psi0, times, tol=1e-3, absorbing=absorbing)
        share = found.transmitted(61.0)[-1]
        how = "walls" if absorbing is None else "absorbing ends"
        text = f"{abs(share - known):.1e} of {known:.5f}, {found.energies.size} states"
        line(f"transmitted share, {how}: difference", text, began)
        if found.absorbed is not None:
            back = f"{np.sum(found.absorbed.returned):.1e}"
            line("  sent back by the absorbing ends", back, began)


def speed() -> None:
    """500 times of a packet in 30 states, and 200 frames."""
    solution = qwpinn.solve(OSCILLATOR, 30)
    times = np.linspace(0.0, 20.0, 500)
    for first in ("after the solve", "and again"):
        began = time.perf_counter()
        found = qwpinn.evolve(solution, qwpinn.Packet(2.0, 0.0, 0.5**0.5), times)
        line(f"500 times in 30 states, {first}", f"bound {found.errors[-1]:.1e}", began)
    well = qwpinn.DoubleWell()
    moving = qwpinn.evolve(well, qwpinn.Packet(-1.5, 0.0, 0.4), np.linspace(0.0, 50.0, 200))
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("gif", "html"):
            place = Path(folder) / f"packet.{suffix}"
            began = time.perf_counter()
            moving.animate(place, frames=200)
            size = place.stat().st_size / 1e6
            line(f"200 frames as {suffix}", f"{size:.2f} MB", began)


def main() -> None:
    """All of them."""
    coherent_state()
    beats()
    quasienergies()
    group_delays()
    transmitted()
    speed()


if __name__ == "__main__":
    main()
