"""Results: scores, their table, and what counts as a failure."""

import csv
import io
import json
import math

import numpy as np
import pytest

import qwpinn
from qwpinn.bench.problems import Problem
from qwpinn.bench.results import Result, Run, Trace, as_csv, sheet

PROBLEM = Problem("well", qwpinn.InfiniteWell())
LEVEL = np.pi**2


def found(energies, psis, width=math.nan):
    count = len(energies)
    return {
        "seconds": np.arange(1.0, count + 1.0),
        "energies": np.array(energies),
        "psis": np.array(psis),
        "steps": 10 * np.arange(1, count + 1),
        "width": np.array(width),
    }


def state(n):
    return 2.0**0.5 * np.sin((n + 1) * np.pi * PROBLEM.x)


RUN = Run("well", "lm", 7)


def test_a_run_is_scored_at_each_look():
    result = Result.scored(
        RUN, PROBLEM, found([2 * LEVEL, LEVEL * (1 + 1e-5)], [state(1), -state(0)], LEVEL / 4)
    )
    np.testing.assert_allclose(result.trace.energy_errors, [1.0, 1e-5])
    assert result.trace.psi_errors[0] == pytest.approx(2.0**0.5)
    assert result.psi_error < 1e-12
    assert result.norm == pytest.approx(1.0)
    assert (result.state, result.steps, result.seconds, result.failure) == (0, 20, 2.0, "")
    assert result.width == pytest.approx(0.25)
    assert result.seconds_to_goal == 2.0


@pytest.mark.parametrize(
    ("energy", "psi", "failure"),
    [
        (4 * LEVEL, state(1), "state 1"),
        (LEVEL, 0.05 * state(0), "psi = 0"),
        (LEVEL, np.nan * state(0), "not finite"),
        (np.nan, state(0), "not finite"),
        (LEVEL, (np.arange(PROBLEM.x.size) == 700) * 200.0, "no state"),
    ],
)
def test_what_is_not_the_ground_state_is_a_failure(energy, psi, failure):
    assert Result.scored(RUN, PROBLEM, found([energy], [psi])).failure == failure


@pytest.mark.parametrize(
    ("errors", "seconds"),
    [
        ([1e-5, 1e-5], 1.0),
        ([1e-5, 1e-3, 1e-4], 3.0),
        ([1e-5, 1e-3], math.inf),
        ([math.nan], math.inf),
    ],
)
def test_the_goal_is_reached_when_it_is_not_left_again(errors, seconds):
    trace = Trace([1.0, 2.0, 3.0][: len(errors)], errors, errors, [1] * len(errors))
    assert Result(RUN, trace=trace).seconds_to_goal == seconds


def test_a_result_is_what_it_was_after_json():
    result = Result.scored(RUN, PROBLEM, found([LEVEL], [state(0)]))
    again = Result.from_config(json.loads(json.dumps(result.to_config())))
    assert json.dumps(again.to_config()) == json.dumps(result.to_config())
    assert again.run == RUN


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_what_is_no_number_counts_as_the_worst(order):
    widths = [math.nan, 3e-3, 1e-5]
    group = [Result(Run("well", "lm", s), 1e-3, 1e-3, widths[k]) for s, k in enumerate(order)]
    group[1] = Result(group[1].run, math.nan, 1e-3, group[1].width)
    line = next(ln for ln in sheet(group, "well").text().splitlines() if ln.startswith("lm"))
    assert line.split()[1:5] == ["1.0e-03", "inf", "1.0e-03", "3.0e-03"]


def test_the_table_has_a_row_for_each_run():
    good = Result.scored(RUN, PROBLEM, found([LEVEL * 1.001], [state(0)], LEVEL / 100))
    failed = Result(Run("well", "deepxde", 1), failure="no, such, module")
    rows = list(csv.DictReader(io.StringIO(as_csv([good, failed]))))
    assert float(rows[0]["energy_error"]) == pytest.approx(1e-3)
    assert float(rows[0]["width"]) == pytest.approx(1e-2)
    assert rows[0]["state"] == "0"
    assert rows[0]["seconds_to_1e-4"] == "inf"
    assert rows[1]["failure"] == "no, such, module"
    assert rows[1]["state"] == ""


def result(technique, seed, error, failure="", well="well"):
    return Result(Run(well, technique, seed), error, error, failure=failure, seconds=1.0)


def test_medians_order_the_sheet_and_failures_are_counted():
    results = [
        *(result("good", s, e) for s, e in enumerate((1e-9, 1e-3, 1e-8))),
        *(
            result("bad", s, e, f)
            for s, e, f in ((0, 1e-12, ""), (1, 3.0, "state 1"), (2, 2.0, "psi = 0"))
        ),
        Result(Run("well", "broken", 0), failure="ran past 7 seconds"),
        result("elsewhere", 0, 1.0, well="other"),
    ]
    lines = sheet(results, "well").text().splitlines()
    names = [line.split()[0] for line in lines if line[:4] in ("good", "bad ", "brok", "else")]
    assert names == ["good", "bad", "broken"]
    good, bad = (next(line for line in lines if line.startswith(n)) for n in ("good", "bad"))
    assert good.split()[1:4] == ["1.0e-08", "1.0e-03", "1.0e-08"]
    assert bad.split()[1:3] == ["2.0e+00", "3.0e+00"]
    assert bad.rstrip().endswith("2 of 3")
    assert "bad: psi = 0; bad: state 1; broken: ran past 7 seconds" in " ".join(lines)
    assert max(map(len, lines)) <= 80


def test_the_median_of_two_is_their_mean_and_of_a_failure_infinite():
    both = [Result(Run("well", "lm", seed), error) for seed, error in enumerate((1e-3, 3e-3))]
    assert "2.0e-03" in str(sheet(both, "well"))
    assert "2.0e-03" not in str(sheet([both[0], Result(Run("well", "lm", 1))], "well"))
