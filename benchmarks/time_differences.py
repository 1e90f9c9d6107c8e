"""Psi in time by states of a network, and by Crank and Nicolson at equal CPU time.

    python benchmarks/time_differences.py

Each problem is evolved by `qwpinn.evolve`, solve included, after one warm-up in this process; then
`references.crank_nicolson` (three-point differences) gets as many CPU seconds, by the best of
several shares of points and steps, found before with the exact solution at hand. Errors are against
the closed form of the coherent state, or a sum over the levels of `legendre_galerkin`, in L2 and in
units of the norm of psi0, the largest over the times.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from qwpinn.startup import quiet

with quiet():
    import numpy as np

    import qwpinn
    from qwpinn import references
    from qwpinn.quadrature import gauss_legendre

OSCILLATOR = qwpinn.CustomPotential(
    lambda x: x**2 / 2, (-10.0, 10.0), weight=lambda x: np.full_like(x, 2.0)
)
DOUBLE = qwpinn.CustomPotential(lambda x: x**4 - 5 * x**2, (-4.5, 4.5))
GAUSSIAN = qwpinn.CustomPotential(lambda x: -12.0 * np.exp(-(x**2)), (-7.0, 7.0))
PROBLEMS = {
    "coherent state, ten periods": (OSCILLATOR, qwpinn.Packet(3.0, 0.0, 0.5**0.5), 20.0 * np.pi),
    "x^4 - 5 x^2, a packet in one well": (DOUBLE, qwpinn.Packet(-1.5, 0.0, 0.3), 20.0),
    "a packet that passes a Gaussian dip": (GAUSSIAN, qwpinn.Packet(-3.0, 2.0, 0.45), 1.2),
}
# Steps for a point, of which the best is taken.
SHARES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


def cpu(run: Callable[[], object]) -> tuple[float, object]:
    """CPU seconds of a call, and what it returns."""
    began = time.process_time()
    found = run()
    return time.process_time() - began, found


class Exact:
    """Sums over the levels of the weak form, of which there are many more than the network had."""

    def __init__(self, well: qwpinn.Potential, psi0: qwpinn.Packet, states: int) -> None:
        self.levels = references.legendre_galerkin(well, states, panels=40)
        self.rule = gauss_legendre(np.linspace(*well.interval, 161), 16)
        self.measure = self.rule.weights * well.weight(self.rule.nodes)
        basis = self.levels.wavefunctions(self.rule.nodes)
        self.start = basis.T @ (self.measure * psi0(self.rule.nodes))

    def error(
        self, times: np.ndarray, psi: np.ndarray, x: np.ndarray, weights: np.ndarray
    ) -> float:
        """The largest over the times, of psi at nodes."""
        moved = self.start * np.exp(-1j * times[:, None] * self.levels.energies)
        exact = moved @ self.levels.wavefunctions(x).T
        off = np.sqrt(np.abs(psi - exact) ** 2 @ weights)
        return float(np.max(off)) / float(np.linalg.norm(self.start))


def raced(
    well: qwpinn.Potential, psi0: qwpinn.Packet, times: np.ndarray, spent: float, exact: Exact
) -> tuple[float, str]:
    """The least error of Crank and Nicolson in so many CPU seconds, and with what."""
    best, how = np.inf, ""
    for share in SHARES:
        points = 200
        # Beyond so many, rounding is all that is left of differences.
        while points < 20_000:
            steps = max(6, round(share * points))
            run = partial(references.crank_nicolson, well, psi0, times, points + 1, steps)
            took, found = cpu(run)
            if took > spent:
                break
            off = exact.error(times, found.psi, found.x, found.weights)
            if off < best:
                best, how = off, f"{points} x {steps}"
            points = round(points * min(2.0, max(1.2, (spent / took) ** 0.5)))
    return best, how


def main() -> None:
    """A line a problem."""
    qwpinn.evolve(OSCILLATOR, [1.0], [0.0])
    print("problem                               CPU s  states   evolve  Crank-Nicolson     ratio")
    for name, (well, psi0, end) in PROBLEMS.items():
        times = np.linspace(0.0, end, 6)
        spent, found = cpu(partial(qwpinn.evolve, well, psi0, times))
        exact = Exact(well, psi0, 3 * found.energies.size // 2 + 20)
        x = exact.rule.nodes
        own = exact.error(times, found(x), x, exact.measure)
        best, how = raced(well, psi0, times, spent, exact)
        print(
            f"{name:37s} {spent:5.2f}  {found.energies.size:6d}  {own:.1e}  {best:.1e} "
            f"({how:>12s})  {best / own:.1e}",
            flush=True,
        )


if __name__ == "__main__":
    main()
