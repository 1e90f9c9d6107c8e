"""Figures: medians, bands to the worst, and who stands where."""

import numpy as np
import pytest

from qwpinn.bench.figures import errors, save
from qwpinn.bench.results import Result, Run, Trace


def result(technique, seed, values, well="well"):
    seconds = [1.0, 2.0, 4.0][: len(values)]
    trace = Trace(seconds, values, values, [1] * len(values))
    return Result(Run(well, technique, seed), values[-1], trace=trace)


RESULTS = [
    *(result("adam", s, [1.0, 0.5, 10.0**-s]) for s in range(3)),
    *(result("gated", s, [1.0, 0.1, 10.0 ** (-2 * s)]) for s in range(3)),
    result("lm", 0, [1e-3, 1e-18, 1e-9]),
    result("gated+lm", 0, [1e-2, 1e-3, 1e-4]),
    result("finite-differences", 0, [1e-8]),
    result("sine", 0, [1.0, 1.0, 1.0], well="other"),
    Result(Run("well", "deepxde", 0), failure="absent"),
    result("sine", 0, [1e-3, 1e-4, 1e-5]),
    Result(Run("well", "sine", 1), failure="absent"),
    Result(Run("well", "sine", 2), failure="absent"),
]


@pytest.fixture(scope="module")
def panels():
    shown = [axes for axes in errors(RESULTS, "well").axes if axes.axison]
    return {axes.get_title(loc="left"): axes for axes in shown}


def line(axes, name):
    return next(one for one in axes.lines if one.get_label() == name)


def test_each_kind_has_its_panel_beside_the_baseline(panels):
    labels = {title: [one.get_label() for one in axes.lines] for title, axes in panels.items()}
    assert labels == {
        "the network": ["adam", "gated", "sine"],
        "loss and optimizer": ["adam", "lm"],
        "several at once, and others": ["adam", "gated+lm"],
        "whole recipes, and peers": ["adam", "finite-differences"],
    }


def test_a_line_is_the_median_of_what_was_seen_last_and_its_band_ends_at_the_worst(panels):
    axes = panels["the network"]
    x, y = line(axes, "gated").get_data()
    assert (x[0], x[-1]) == pytest.approx((1.0, 4.0))
    assert y[-1] == pytest.approx(1e-2)
    assert np.unique(y[(x > 1.01) & (x < 1.99)]).tolist() == [1.0]
    assert np.unique(y[(x > 2.01) & (x < 3.99)]).tolist() == [0.1]
    band = axes.collections[1].get_paths()[0].vertices
    assert band[np.isclose(band[:, 0], 4.0), 1].max() == pytest.approx(1.0)


def test_the_median_of_two_seeds_is_between_them():
    """And the band is above it."""
    (axes, *_) = errors([result("gated", 0, [1e-2]), result("gated", 1, [3e-2])], "well").axes
    np.testing.assert_allclose(line(axes, "gated").get_ydata(), [2e-2])


def test_less_than_a_decade_of_seconds_has_ticks_with_numbers():
    figure = errors([result("gated", 0, [1.0, 0.5, 0.1])], "well")
    figure.canvas.draw()
    shown = [label.get_text() for label in figure.axes[0].get_xticklabels(which="minor")]
    assert any(shown)


def test_runs_that_came_to_nothing_count(panels):
    """Of three seeds two failed: the median is no number that could be drawn."""
    assert not np.isfinite(line(panels["the network"], "sine").get_ydata()).any()


def test_rounding_has_a_floor_and_one_answer_is_a_dot(panels):
    assert line(panels["loss and optimizer"], "lm").get_ydata().min() == pytest.approx(1e-16)
    dot = line(panels["whole recipes, and peers"], "finite-differences")
    assert dot.get_marker() == "o"
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (1.0, 1e-8)


@pytest.mark.parametrize("values", [[1e-3], [1.0, 0.1]], ids=["marks", "lines"])
def test_no_two_of_a_panel_look_alike(values):
    """There are more of them than colours."""
    names = (
        "precise", "cold", "refine", "plain-keras", "deepxde", "deepxde-tuned",
        "finite-differences", "legendre-galerkin",
    )  # fmt: skip
    (axes, *_) = errors([result(name, 0, values) for name in names], "well").axes
    looks = {(x.get_color(), x.get_linestyle(), x.get_marker()) for x in axes.lines}
    assert len(looks) == len(axes.lines) == len(names)


def test_nothing_but_failures_is_drawn_as_nothing(tmp_path):
    save([RESULTS[-1]], "well", tmp_path / "well.png")
    assert (tmp_path / "well.png").read_bytes().startswith(b"\x89PNG")
