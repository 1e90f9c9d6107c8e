"""Functions of a box that are known mixtures of its exact states."""

import numpy as np

import qwpinn
from qwpinn.enclosures import NodeValues
from qwpinn.quadrature import gauss_legendre

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


def on_nodes(functions, potential=BOX):
    rule = gauss_legendre(np.linspace(*potential.interval, 11), 20)
    return NodeValues(*functions(rule.nodes), rule.weights * potential.weight(rule.nodes))


def rotated(size, seed, strength):
    """Nearly orthonormal columns: the first states with small, random admixtures of all."""
    noise = np.random.default_rng(seed).standard_normal((12, size))
    return np.eye(12)[:, :size] + strength * noise
