"""The survey: what its windows hold, and that nothing rough is left out."""

import numpy as np

from qwpinn.equation.survey import CELLS, LEAST, WINDOW, Survey

EDGES = np.array([-1.0, 0.2, 0.201, 1.0])


def function(x):
    return np.exp(3.0 * x) + (x > 0.5)


def test_each_cell_has_the_extremes_of_its_window():
    seen = Survey.of(function, EDGES)
    assert seen.cells.tolist() == [round(0.6 * CELLS), LEAST, round(0.3995 * CELLS)]
    values = np.split(seen.values, np.cumsum(seen.cells + 1)[:-1])
    at = 0
    for (start, stop), count, v in zip(seen.stretches, seen.cells, values, strict=True):
        np.testing.assert_allclose(v[[0, -1]], function(np.array([start, stop])), rtol=1e-15)
        for cell in range(count):
            first = min(max(cell - WINDOW // 2 + 1, 0), count - WINDOW + 1)
            window = v[first : first + WINDOW]
            assert seen.spread[at] == np.ptp(window)
            assert seen.sixth[at] == np.max(np.abs(np.diff(window, 6)))
            slope = np.median(np.abs(np.diff(window))) * count / (stop - start)
            far = max(abs(start), abs(stop))
            size = np.max(np.abs(window)) + far * slope
            assert 0.0 < seen.rounding[at] <= np.finfo(float).eps * size * (1.0 + 1e-12)
            at += 1


def test_the_parts_are_the_cells_that_were_marked():
    seen = Survey.of(function, EDGES)
    ((stretch, cells, count),) = seen.parts(seen.sixth > 0.9)
    assert (stretch, count) == (seen.stretches[2], seen.cells[2])
    width = (stretch[1] - stretch[0]) / count
    jump = int((0.5 - stretch[0]) / width)
    assert cells.tolist() == list(range(jump - WINDOW // 2 + 1, jump + WINDOW // 2))
    assert list(seen.parts(seen.sixth > 1e9)) == []
