"""A wave in motion that no network is solved for: two states of an infinite well."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import qwpinn

WELL = qwpinn.InfiniteWell(width=1.0)
ENERGIES = WELL.levels(2)


@dataclass(frozen=True)
class Wave:
    """What is drawn of an evolution, and what its rows are taken from."""

    times: np.ndarray
    initial: np.ndarray
    coefficients: np.ndarray
    errors: np.ndarray
    potential: Any = WELL
    driven: Any = None
    absorbed: Any = None
    converged: bool = True

    @property
    def energy(self):
        return (np.abs(self.coefficients) ** 2) @ ENERGIES

    def __call__(self, x):
        n = np.arange(1, 3)
        states = np.sqrt(2.0) * np.sin(np.pi * n * np.ravel(x)[:, None])
        return self.coefficients @ states.T

    def density(self, x):
        return np.abs(self(x)) ** 2

    def expectation(self, f):
        assert f == "x"
        crossed = np.real(self.coefficients[:, 0].conj() * self.coefficients[:, 1])
        return 0.5 - 32.0 / (9.0 * np.pi**2) * crossed

    def at(self, times):
        assert self.driven is None
        return wave(times, self.initial, potential=self.potential)


def wave(times, initial=(0.8, 0.6), **others):
    """Such a wave at times; not driven."""
    times, initial = np.asarray(times, float), np.asarray(initial, complex)
    turned = np.exp(-1j * times[:, None] * ENERGIES)
    return replace(Wave(times, initial, initial * turned, np.zeros(times.size)), **others)
