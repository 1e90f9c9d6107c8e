"""What the network of x and t costs: a packet of the oscillator, by CPU seconds of training.

    python benchmarks/time_pinn.py
    python benchmarks/time_pinn.py --seconds 10 --seeds 0 1

The displaced ground state of -1/2 d2/dx2 + x^2/2 to t = pi and 2 pi, whose closed form is known, by
`qwpinn.TimePINN` and Levenberg-Marquardt or Adam; and in its place by `qwpinn.evolve`, in the
states of the solved well. Errors are (integral |psi_N - psi|^2 dx)^(1/2), psi of norm 1, the
largest at 17 times; the bound is `error_bound` at the end, or `Evolution.error`. Seconds are those
of the process in `fit`, tracing included; or in all of `evolve`, with its solve.

Reference:
    Of the network M. Raissi, P. Perdikaris, G. E. Karniadakis, J. Comput. Phys. 378, 686 (2019),
    doi:10.1016/j.jcp.2018.10.045; of the states D. J. Tannor, Introduction to Quantum Mechanics: A
    Time-Dependent Perspective, chapter 1, ISBN 978-1-891389-99-3
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence

from qwpinn.startup import quiet

with quiet():
    import keras
    import numpy as np

    import qwpinn

WELL = qwpinn.CustomPotential(
    lambda x: x**2 / 2, interval=(-8.0, 8.0), weight=lambda x: np.full_like(x, 2.0)
)
# The norm of psi with the weight rho = 2, in units of which errors and bounds are printed.
NORM = 2.0**0.5
OPTIMIZERS: dict[str, Callable[[], keras.optimizers.Optimizer]] = {
    "Levenberg-Marquardt": qwpinn.LevenbergMarquardt,
    "Adam, 0.003": lambda: keras.optimizers.Adam(0.003),
}


def packet(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Psi of the displaced ground state, shape ``(times, positions)``."""
    t = np.reshape(t, (-1, 1))
    phase = t / 2.0 + x * np.sin(t) - np.sin(2.0 * t) / 4.0
    return np.pi**-0.25 * np.exp(-((x - np.cos(t)) ** 2) / 2.0 - 1j * phase)


def times(duration: float) -> np.ndarray:
    """At which psi is compared."""
    return np.linspace(0.0, duration, 17)


X = np.linspace(-8.0, 8.0, 401)


def largest_error(psi: np.ndarray, t: np.ndarray) -> float:
    """Over times, of psi ``(times, positions)``."""
    off = np.abs(psi - packet(X, t)) ** 2
    return float(np.max(np.sum(off, axis=1) * (X[1] - X[0])) ** 0.5)


class Clock(keras.callbacks.Callback):
    """Stops training when so many CPU seconds have gone into it."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds, self.begun, self.steps = seconds, time.process_time(), 0

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        self.steps += 1
        self.model.stop_training |= self.spent >= self.seconds

    @property
    def spent(self) -> float:
        """CPU seconds so far."""
        return time.process_time() - self.begun


def rows(name: str, duration: float, seconds: Sequence[float], seed: int) -> None:
    """A row of the table at each of the times of the clock."""
    model = qwpinn.TimePINN(WELL, lambda x: packet(x, 0.0)[0], duration, seed=seed)
    model.compile(OPTIMIZERS[name]())
    data = qwpinn.time_collocation(WELL, duration)
    t, spent, steps = times(duration), 0.0, 0
    for end in seconds:
        clock = Clock(end - spent)
        # A stop is seen at the end of a batch, and each batch is one step.
        model.fit(data.repeat(), steps_per_epoch=20, epochs=10**6, callbacks=[clock], verbose=0)
        spent, steps = spent + clock.spent, steps + clock.steps
        bound = float(model.error_bound(duration)) / NORM
        error = largest_error(model.wavefunction(X, t), t)
        show(duration, name, seed, spent, f"{steps} steps", error, bound)


def row_of_states(duration: float, tol: float, seed: int) -> None:
    """The row of an expansion in states."""
    t, begun = times(duration), time.process_time()
    evolution = qwpinn.evolve(WELL, lambda x: packet(x, 0.0)[0], t, tol=tol, seed=seed)
    spent = time.process_time() - begun
    error, bound = largest_error(evolution(X), t), float(evolution.error()[-1])
    size = f"{evolution.energies.size} states"
    show(duration, f"evolve, tol={tol:g}", seed, spent, size, error, bound)


def show(
    duration: float, name: str, seed: int, spent: float, size: str, error: float, bound: float
) -> None:
    """Print a row."""
    print(
        f"| {duration / np.pi:g} pi | {name} | {seed} | {spent:.1f} | {size} "
        f"| {error:.1e} | {bound:.1e} |",
        flush=True,
    )


def main() -> None:
    """A row for each end, optimizer, seed and number of seconds, and tolerance of `evolve`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", nargs="+", type=float, default=[5.0, 10.0, 20.0, 40.0])
    parser.add_argument("--tols", nargs="+", type=float, default=[1e-3, 1e-6])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    asked = parser.parse_args()
    print("| T | by | seed | CPU s | size | largest error | bound at T |")
    print("|--:|---|--:|--:|--:|--:|--:|")
    for duration in (np.pi, 2.0 * np.pi):
        for name in OPTIMIZERS:
            for seed in asked.seeds:
                rows(name, duration, sorted(asked.seconds), seed)
        for tol in asked.tols:
            for seed in asked.seeds:
                row_of_states(duration, tol, seed)


if __name__ == "__main__":
    main()
