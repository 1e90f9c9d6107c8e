"""An evolution as a film: which of its times each frame shows, written whole or not at all."""

import numpy as np
import pytest
import waves
from PIL import Image

from qwpinn.dynamics import animation
from qwpinn.dynamics.evolution import Absorbed, Driven
from qwpinn.plotting.frames import Film


def test_a_film_is_even_in_time(tmp_path, monkeypatch):
    shown = []

    class Watched(Film):
        def __init__(self, moving):
            super().__init__(moving)
            shown.append(moving.times)

    monkeypatch.setattr(animation, "Film", Watched)
    # Stored unevenly; the states do not mix, so psi is known in between.
    path = animation.write(waves.wave([0.0, 0.1, 0.4]), str(tmp_path / "deep" / "a.gif"), frames=5)
    assert path == tmp_path / "deep" / "a.gif"
    np.testing.assert_allclose(shown, [[0.0, 0.1, 0.2, 0.3, 0.4]])
    with Image.open(path) as image:
        assert (image.n_frames, image.size) == (5, (640, 360))
    assert [entry.name for entry in path.parent.iterdir()] == ["a.gif"]


def test_of_a_driven_well_each_frame_is_of_the_time_that_is_next():
    times = np.array([0.0, 0.1, 0.2, 0.9, 1.0])
    driven = Driven(np.eye(2), np.arange(5.0))
    absorbed = Absorbed(np.arange(10.0).reshape(5, 2), np.zeros(2))
    wave = waves.wave(times, errors=np.arange(5.0), driven=driven, absorbed=absorbed)
    found, rows = animation.chosen(wave, 6)
    # 0, 0.2, 0.4, 0.6, 0.8 and 1: nobody shows 0.1.
    np.testing.assert_array_equal(found.times, [0.0, 0.2, 0.9, 1.0])
    np.testing.assert_array_equal(rows, [0, 1, 1, 2, 2, 3])
    np.testing.assert_array_equal(found.coefficients, wave.coefficients[[0, 2, 3, 4]])
    np.testing.assert_array_equal(found.errors, [0.0, 2.0, 3.0, 4.0])
    np.testing.assert_array_equal(found.driven.strengths, [0.0, 2.0, 3.0, 4.0])
    assert found.driven.coupling is driven.coupling
    np.testing.assert_array_equal(found.absorbed.taken[:, 0], [0.0, 4.0, 6.0, 8.0])
    assert found.absorbed.returned is absorbed.returned


def test_a_frame_that_is_shown_twice_takes_twice_as_long(tmp_path):
    wave = waves.wave([0.0, 0.1, 0.2], driven=Driven(np.eye(2), np.zeros(3)))
    path = animation.write(wave, tmp_path / "a.gif", frames=6)
    with Image.open(path) as image:
        durations = []
        for number in range(image.n_frames):
            image.seek(number)
            durations.append(image.info["duration"])
    assert durations == [80, 80, 80]


def test_a_map_takes_no_more_times_than_it_has_rows():
    wave = waves.wave(np.linspace(0.0, 1.0, 11))
    np.testing.assert_allclose(animation.thinned(wave, 3).times, [0.0, 0.5, 1.0])
    assert animation.thinned(wave, 11) is wave


def test_it_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    wave, path = waves.wave([0.0, 0.1]), tmp_path / "a.gif"
    path.write_bytes(b"earlier")
    pixels = Film.pixels

    def broken(self, frame):
        if frame == 2:
            raise MemoryError
        return pixels(self, frame)

    monkeypatch.setattr(Film, "pixels", broken)
    with pytest.raises(MemoryError):
        animation.write(wave, path, frames=4)
    assert path.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_is_refused_before_it_is_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(animation, "Film", lambda *given: pytest.fail("drawn"))
    wave = waves.wave([0.0, 0.1])
    (tmp_path / "a.gif").mkdir()
    with pytest.raises(OSError, match="`path` must be new, or a file to replace"):
        animation.write(wave, tmp_path / "a.gif")
    with pytest.raises(ValueError, match=r"`path` must end in .gif, .html or .mp4"):
        animation.write(wave, tmp_path / "a.png")
    with pytest.raises(TypeError, match="`path` must be the name of a file"):
        animation.write(wave, 3)
    with pytest.raises(ValueError, match="`frames` must be an integer of at least 2"):
        animation.write(wave, tmp_path / "b.gif", frames=1)
    with pytest.raises(ValueError, match=r"`times` must be at least two .* one, t = 0\.5"):
        animation.write(waves.wave([0.5]), tmp_path / "b.gif")
    with pytest.raises(ValueError, match="`verbose` must be 0, 1, 2 or 'auto'"):
        animation.write(wave, tmp_path / "b.gif", verbose=7)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.gif"]


def test_lines_say_how_many_frames_there_are(tmp_path, capsys):
    animation.write(waves.wave([0.0, 0.1]), tmp_path / "a.html", frames=3, verbose=2)
    said = capsys.readouterr().out
    assert "film" in said
    assert "3/3" in said
