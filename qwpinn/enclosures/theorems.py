"""Theorems: bounds of eigenvalues by Weinstein, by Kato and Temple, and by Lehmann."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from qwpinn.enclosures.integrals import NodeValues

Array = NDArray[np.float64]


def weinstein(energy: float, residual: float) -> tuple[float, float]:
    """An interval that holds an eigenvalue: energy -+ residual.

    Args:
        energy: R.
        residual: eta.

    Example:
        >>> weinstein(2.0, 0.5)
        (1.5, 2.5)

    Reference:
        D. H. Weinstein, Proc. Natl. Acad. Sci. 20, 529 (1934), doi:10.1073/pnas.20.9.529
    """
    return energy - residual, energy + residual


def kato_temple(energy: float, residual: float, below: float, above: float) -> tuple[float, float]:
    """An interval that holds the only eigenvalue between ``below`` and ``above``.

    Args:
        energy: R.
        residual: eta; its square must be smaller than (energy - below) (above - energy).
        below: nu.
        above: mu.

    Raises:
        ValueError: If the residual is too large for the isolating interval.

    Example:
        >>> kato_temple(2.0, 0.1, below=1.0, above=3.0)
        (1.99, 2.01)

    Reference:
        T. Kato, J. Phys. Soc. Jpn. 4, 334 (1949), doi:10.1143/JPSJ.4.334
    """
    if not (below < energy < above and residual**2 < (energy - below) * (above - energy)):
        raise ValueError(
            "`residual` must satisfy residual^2 < (energy - below) (above - energy). Received: "
            f"residual={residual}, energy={energy}, below={below}, above={above}. "
            "Isolate the level in a wider interval, or improve psi."
        )
    square = residual**2
    return energy - square / (above - energy), energy + square / (energy - below)


def lehmann(sampled: NodeValues, separation: float) -> Array:
    """Lower bounds of the eigenvalues below a number, increasing.

    With A = <psi_i, (H - mu) psi_j> and B = <(H - mu) psi_i, (H - mu) psi_j>, the negative
    eigenvalues tau of A x = tau B x give the bounds mu + 1 / tau, the first of which belongs to the
    lowest of as many eigenvalues next below mu. Between Ritz vectors of values lambda, A is the
    diagonal of d = lambda - mu, and B that of d^2 plus the products of the residuals, which are
    orthogonal to the vectors: divided by d on either side, the bounds are as good as these
    products, where B itself would cost half of all digits.

    Args:
        sampled: The functions.
        separation: mu.

    Returns:
        As many as there are Ritz values below mu; empty if the functions are dependent.

    Reference:
        N. J. Lehmann, Z. Angew. Math. Mech. 29, 341 (1949), doi:10.1002/zamm.19490291105
    """
    return lehmann_each(sampled, np.array([separation]))[0]


def lehmann_each(sampled: NodeValues, separations: Array) -> list[Array]:
    """`lehmann` for each of several numbers, shape ``(n,)``."""
    ritz = sampled.ritz_values()
    if not ritz.size:
        return [ritz] * separations.size
    apart = ritz - separations[:, None]
    usable = np.all(apart != 0.0, axis=1)
    inverse = 1.0 / apart[usable]
    gram = sampled.ritz_defects * inverse[:, :, None] * inverse[:, None, :]
    # With B = L L^T / (d d): tau are the eigenvalues of L^-1 (1 / d) L^-T.
    below = np.linalg.inv(np.linalg.cholesky(np.eye(ritz.size) + gram))
    found = iter(np.linalg.eigvalsh((below * inverse[:, None, :]) @ below.transpose(0, 2, 1)))
    return [
        _bounds(next(found), at, ritz) if use else np.zeros(0)
        for use, at in zip(usable.tolist(), separations.tolist(), strict=True)
    ]


def _bounds(tau: Array, separation: float, ritz: Array) -> Array:
    bounds = np.sort(separation + 1.0 / tau[tau < 0.0])
    return np.asarray(np.minimum(bounds, ritz[: bounds.size]))


def separations(
    sampled: NodeValues, ritz: Array, states: int, resolution: float, minimum: float
) -> Iterator[tuple[float, int, Array]]:
    """Numbers above at least K Ritz values, how many, and their bounds; the tightest first.

    Those come last that are nearer below a Ritz value than a count may be wrong, a share
    ``resolution`` of E - min V.

    The numbers have few bits: of a network that has hardly changed they are the same, and counted.
    """
    below = np.arange(states, ritz.size)
    below = np.repeat(below[ritz[below] > ritz[below - 1]], 3)
    gaps, shares = ritz[below] - ritz[below - 1], np.resize([0.9, 0.5, 0.1], below.size)
    numbers = _rounded(ritz[below - 1] + shares * gaps, gaps)
    bounds = lehmann_each(sampled, numbers)
    widths = np.array(
        [
            np.max(ritz[:states] - lower[:states]) if lower.size == count else np.inf
            for lower, count in zip(bounds, below, strict=True)
        ]
    )
    doubtful = ritz[below] - numbers < resolution * (ritz[below] - minimum)
    for at in np.lexsort((numbers, widths, doubtful))[:4].tolist():
        if widths[at] < np.inf:
            yield float(numbers[at]), int(below[at]), bounds[at]


def _rounded(numbers: Array, gaps: Array) -> Array:
    """Numbers moved by at most 1/64 of their gaps, to multiples of a power of two."""
    steps = np.exp2(np.floor(np.log2(gaps)) - 5.0)
    return np.asarray(np.round(numbers / steps) * steps)
