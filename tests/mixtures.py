"""Mixtures of the box's states: trial functions of which all is known."""

import numpy as np

import qwpinn

BOX = qwpinn.InfiniteWell(width=1.0)
LEVELS = BOX.levels(12)


def sines(mixture):
    """Combinations of the box's eigenfunctions, the coefficients of one a column."""
    mixture = np.asarray(mixture, float)
    n = np.arange(1, mixture.shape[0] + 1)

    def functions(x):
        psi = np.sqrt(2.0) * np.sin(np.pi * n * x[:, None])
        return psi @ mixture, (psi * (np.pi * n) ** 2) @ mixture

    return functions


def rotated(size, seed, strength):
    """Nearly orthonormal columns: the first states with small, random admixtures of all."""
    noise = np.random.default_rng(seed).standard_normal((12, size))
    return np.eye(12)[:, :size] + strength * noise
