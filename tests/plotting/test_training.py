"""Figures of training."""

import numpy as np

from qwpinn.plotting import training


def lines(axes):
    return {line.get_label(): line.get_ydata() for line in axes.get_lines()}


def test_energies_or_their_errors_by_epoch():
    history = {
        "loss": [1.0, 0.1], "residual": [2.0, 0.2], "gram_error": [0.3, 0.1],
        "energy_0": [2.0, 1.0], "energy_error_0": [9.0, 9.0],
    }  # fmt: skip
    above, below = training.convergence(history).axes
    assert list(lines(above)) == ["loss (scaled units)", "residual (energy)", "Gram error"]
    np.testing.assert_array_equal(lines(below)["$E_0$"], [2.0, 1.0])
    below = training.convergence(history, [1.0]).axes[1]
    # Rounding to nothing has a place on a logarithmic axis too.
    np.testing.assert_allclose(lines(below)["$E_0$"], [1.0, 1e-17])
    assert below.get_yscale() == "log"


def test_what_is_not_proven_is_a_gap():
    widths = np.array([[np.inf, 1e-3], [1e-4, 1e-5], [1e-6, 1e-7]])
    (axes,) = training.enclosures(["a", "b", "c"], widths, rtol=1e-6).axes
    shown = lines(axes)
    np.testing.assert_array_equal(shown["$E_{0}$"], [np.nan, 1e-4, 1e-6])
    np.testing.assert_array_equal(shown["asked for"], [1e-6, 1e-6])
    assert [text.get_text() for text in axes.get_xticklabels()] == ["a", "b", "c"]
    many = training.enclosures([str(i) for i in range(40)], np.ones((40, 1)), 1e-6).axes[0]
    assert [t.get_text() for t in many.get_xticklabels()] == ["0", "8", "16", "23", "31", "39"]


def test_residuals_over_the_position():
    x = np.linspace(0.0, 1.0, 5)
    (axes,) = training.residual(x, np.stack([x, x**2], axis=1), "z (nm)").axes
    assert axes.get_xlabel() == "z (nm)"
    np.testing.assert_array_equal(lines(axes)["state 1"], x**2)
