"""The table of a sweep, as a run shows it and as its file does."""

import numpy as np
import pytest
from devices import double_well

import qwpinn
from qwpinn.cli.tables import columns_sheet
from qwpinn.solving.sweep_tables import Levels, read_table

START = qwpinn.Precise(epochs=0)


@pytest.mark.parametrize(
    ("well", "parameter", "values", "mark"),
    [
        (qwpinn.FiniteWell(), "depth", [5.0, 30.0], "1, 2"),
        (double_well(0.0), "left.thickness", [5.0, 8.0], "*"),
        (qwpinn.InfiniteWell(), "width", [1.0, 2.0], ""),
    ],
    ids=["well", "device", "walls"],
)
def test_a_file_shows_the_marks_of_its_run(tmp_path, well, parameter, values, mark):
    found = qwpinn.sweep(well, parameter, values, states=5, rtol=1e-3, recipe=START)
    found.to_csv(tmp_path / "sweep.csv")
    shown = columns_sheet(*read_table(tmp_path / "sweep.csv")).text()
    # The unit of energies is not in the file.
    own = found.levels()._replace(label=parameter, unit="").sheet().text()
    assert shown == own
    assert mark in shown
    assert ("box" in shown) is bool(mark)
    assert "and 1 more states; the CSV table has all of them." in shown


def test_a_file_without_marks_is_shown_without():
    names = ["depth", "E_0", "E_0_lower", "E_0_upper", "bound_0"]
    shown = columns_sheet(names, np.array([[5.0, 1.0, 0.9, 1.1, 0.0]])).text()
    assert "1.000000" in shown and "2.0e-01" in shown and "box" not in shown


def test_states_of_the_box_are_named_in_a_column_or_starred():
    two = np.array([[1.0, 2.0], [1.5, 2.5]])
    box = np.array([[False, False], [False, True]])
    widths = np.array([1e-3, 2e-3])
    text = Levels("d", two[0], two, widths, box, False, "meV").sheet().text()
    *_, row, legend = (line for line in text.splitlines() if line.strip())
    assert row.split()[-1] == "1"
    assert legend.startswith("box states: not below V")
    starred = Levels("d", two[0], two, widths, box, True).sheet().text()
    assert "2.500000*" in starred and "2.000000*" not in starred
    assert "*: less than half in the active layers" in starred
