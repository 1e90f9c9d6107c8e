"""Bars in Python: what ``verbose`` shows, in a terminal and elsewhere."""

import io
import re

import pytest
from rich.console import Console

import qwpinn
from qwpinn.progress import bars as progress

RITZ = qwpinn.Precise(units=40, epochs=0)


def test_nothing_is_shown_unasked(capsys):
    qwpinn.solve(qwpinn.FiniteWell(), 1, recipe=RITZ)
    qwpinn.sweep(qwpinn.FiniteWell(), "depth", [10.0], 1, recipe=RITZ)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("verbose", "lines"), [(1, 1), (2, 2), ("auto", 2)])
def test_a_solve_in_a_pipe_ends_with_a_line_at_100_percent(capsys, verbose, lines):
    solution = qwpinn.solve(qwpinn.FiniteWell(), 1, recipe=RITZ, rtol=1e-3, verbose=verbose)
    out, err = capsys.readouterr()
    assert err == ""
    shown = out.splitlines()
    assert len(shown) == lines
    width = solution.enclosure.relative_widths(0.0)[0]
    assert re.search(rf" 100% 40 units, enclosure {width:.1e} \d:\d\d:\d\d$", shown[-1])
    assert "\x1b" not in out
    assert max(map(len, shown)) <= 80


def test_the_papers_recipe_fills_the_bar_by_its_epochs(capsys):
    recipe = qwpinn.Paper(epochs=2, steps=2, hidden=(8,))
    qwpinn.solve(qwpinn.FiniteWell(), 1, recipe=recipe, verbose=2)
    first, second, last = capsys.readouterr().out.splitlines()
    assert " 50% epoch 1 of 2, loss " in first
    assert " 99% epoch 2 of 2, loss " in second
    assert " 100% 8 units, epoch 2, " in last


def test_a_sweep_counts_its_values(capsys):
    qwpinn.sweep(qwpinn.FiniteWell(), "depth", [10.0, 20.0], 1, recipe=RITZ, verbose=2)
    shown = capsys.readouterr().out.splitlines()
    assert [re.search(r"\d/\d", line)[0] for line in shown] == ["1/2", "2/2"]


def test_training_says_its_parts_above_the_epochs(capsys):
    said = []
    with progress.training(2, 2, said.append) as (bars, told):
        told("The first part.")
        for epoch in range(2):
            bars[0].on_epoch_end(epoch, {"loss": [0.25]})
    shown = capsys.readouterr().out.splitlines()
    assert said == ["The first part."] == shown[:1]
    assert [re.search(r"\d/\d loss \S+", line)[0] for line in shown[1:]] == [
        "1/2 loss 2.5e-01", "2/2 loss 2.5e-01",
    ]  # fmt: skip
    with progress.training(0, 2, said.append) as (bars, told):
        assert (bars, told) == ([], said.append)


def test_a_terminal_gets_a_bar_that_is_drawn_over():
    screen = Console(file=io.StringIO(), force_terminal=True, width=80, legacy_windows=False)
    with progress.sweep_display(screen) as display:
        task = display.add_task("depth", total=2)
        display.update(task, completed=2)
    text = screen.file.getvalue()
    assert "\x1b[2K" in text
    assert "2/2" in text.splitlines()[-1] + text.splitlines()[-2]


def test_no_line_before_its_time():
    screen = Console(file=io.StringIO(), width=80)
    with progress.sweep_display(screen, every=1e9) as display:
        task = display.add_task("depth", total=5)
        for count in range(4):
            display.update(task, completed=count)
        assert screen.file.getvalue() == ""
    assert screen.file.getvalue().count("3/5") == 1


@pytest.mark.parametrize("verbose", [3, -1, "loud", None])
def test_another_verbose_is_refused(verbose):
    with pytest.raises(ValueError, match=r"`verbose` must be 0, 1, 2 or 'auto'\. Received: verb"):
        qwpinn.solve(qwpinn.FiniteWell(), 1, verbose=verbose)
    with pytest.raises(ValueError, match="`verbose` must be"):
        qwpinn.sweep(qwpinn.FiniteWell(), "depth", [1.0], 1, verbose=verbose)
