"""Frames: what stands still is the same in all, the fill is as high as the density, and coloured
by the phase."""

import numpy as np
import pytest
import waves

from qwpinn.plotting import frames
from qwpinn.plotting.films import SIZE


@pytest.fixture(scope="module")
def film():
    wave = waves.wave(np.linspace(0.0, 2.0 * np.pi / np.ptp(waves.ENERGIES), 9))
    return wave, frames.Film(wave)


def box(artist, film):
    """Rows and columns of an artist on the canvas."""
    (left, bottom), (right, top) = artist.get_window_extent().get_points()
    rows = slice(int(SIZE[1] - top) - 1, int(SIZE[1] - bottom) + 2)
    return rows, slice(int(left) - 1, int(right) + 2)


def test_axes_stand_still_and_the_clock_goes_on(film):
    _, found = film
    first, second = (found.pixels(k).astype(int) for k in (0, 3))
    assert first.shape == (SIZE[1], SIZE[0], 3)
    changed = np.any(first != second, axis=2)
    inside, clock = box(found.axes.patch, found), box(found._clock, found)
    assert changed[inside].any()
    assert changed[clock].any()
    changed[inside] = changed[clock] = False
    assert not changed.any()
    # A frame that is drawn again is the same.
    np.testing.assert_array_equal(found.pixels(0), first)


def test_the_fill_is_as_high_as_the_density(film):
    wave, found = film
    place = found.axes.get_position()
    left, right = place.x0 * SIZE[0], place.x1 * SIZE[0]
    height = (place.y1 - place.y0) * SIZE[1]
    cycle = {tuple(colour) for colour in frames.CYCLE.tolist()}
    for frame in (0, 2, 4):
        pixels = found.pixels(frame)
        column = int(left + 0.3 * (right - left))
        filled = sum(tuple(pixel) in cycle for pixel in pixels[:, column].tolist())
        x = (column + 0.5 - left) / (right - left)
        top = found.axes.get_ylim()[1]
        # V and its halo, the mean energy and the curve take a few pixels of it.
        assert filled == pytest.approx(height * wave.density([x])[frame, 0] / top, abs=14)
    assert top == pytest.approx(1.08 * np.max(wave.density(np.linspace(0, 1, 640))), rel=1e-3)


def test_the_colour_is_that_of_the_phase():
    x, half = np.array([0.2, 0.8]), frames.PHASES // 2
    ground = waves.wave([0.0, 0.123], [1.0, 0.0])
    # Energies count from the mean: one state keeps its colour.
    found = frames.phase_colours(ground, x)
    np.testing.assert_array_equal(found, np.broadcast_to(frames.CYCLE[half], (2, 2, 3)))
    negative = frames.phase_colours(waves.wave([0.0], [-1.0, 0.0]), x)
    np.testing.assert_array_equal(negative[0], frames.CYCLE[[0, 0]])
    turned = frames.phase_colours(waves.wave([0.0], [1j, 0.0]), x)
    np.testing.assert_array_equal(turned[0], frames.CYCLE[[half + frames.PHASES // 4] * 2])
    odd = frames.phase_colours(waves.wave([0.0], [0.0, 1.0]), x)
    np.testing.assert_array_equal(odd[0], frames.CYCLE[[half, 0]])
    # pi is light, 0 is dark: without any colour they are told apart.
    grey = frames.CYCLE @ [0.3, 0.6, 0.1]
    assert grey[0] > 200.0
    assert grey[half] < 60.0
    # Neighbours on the circle are alike, the last and the first too.
    assert np.max(np.abs(np.diff(frames.CYCLE.astype(int), axis=0, append=frames.CYCLE[:1]))) < 30


def test_a_phase_is_drawn():
    positive, negative = (
        frames.Film(waves.wave([0.0], [sign, 0.0])).pixels(0)[250, 330] for sign in (1.0, -1.0)
    )
    np.testing.assert_array_equal(positive, frames.CYCLE[frames.PHASES // 2])
    np.testing.assert_array_equal(negative, frames.CYCLE[0])


@pytest.mark.parametrize(
    ("times", "unit", "expected"),
    [
        ([0.0, 100.0], "fs", ["t = \u2007\u20070 fs", "t = 100 fs"]),
        ([0.0, 0.25], "", ["t = 0.0", "t = 0.2"]),
        ([0.001, 0.0015], "fs", ["t = 0.0010 fs", "t = 0.0015 fs"]),
        ([0.0, 1e-12], "fs", ["t = \u2007\u2007\u2007\u20070 fs", "t = 1e-12 fs"]),
        ([2.0], "", ["t = 2"]),
    ],
)
def test_the_clock_tells_frames_apart(times, unit, expected):
    assert frames.clocks(np.array(times), unit) == expected
