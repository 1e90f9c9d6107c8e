"""Films: what is read back from a GIF and a page is what was drawn, and what ffmpeg is handed."""

import base64
import io
import re
import sys

import matplotlib
import numpy as np
import pytest
from PIL import Image

from qwpinn.plotting import films


def drawn(count, colours=40, seed=0):
    """Frames of which a part changes."""
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 256, (colours, 3), dtype=np.uint8)
    still = np.broadcast_to(table[0], (36, 64, 3))
    found = []
    for _ in range(count):
        frame = still.copy()
        frame[5:20, 10:30] = table[rng.integers(0, colours, (15, 20))]
        found.append(frame)
    return found


def test_a_gif_holds_every_frame_for_its_time():
    frames = drawn(5)
    content = films.film(iter(frames), frames, ".gif")
    with Image.open(io.BytesIO(content)) as image:
        assert (image.n_frames, image.size, image.info["loop"]) == (5, (64, 36), 0)
        for number, frame in enumerate(frames):
            image.seek(number)
            assert image.info["duration"] == films.PAUSE
            np.testing.assert_array_equal(np.asarray(image.convert("RGB")), frame)
    # One palette for all, and of each frame what changes alone: no more than 300 pixels.
    assert len(content) < 3 * films.COLOURS + 100 + 5 * (64 * 36 // 8 + 300)


def test_frames_that_are_the_same_take_their_time():
    frames = drawn(2)
    content = films.film(iter([frames[0]] * 3 + [frames[1]]), frames, ".gif")
    with Image.open(io.BytesIO(content)) as image:
        durations = []
        for number in range(image.n_frames):
            image.seek(number)
            durations.append(image.info["duration"])
    assert durations == [3 * films.PAUSE, films.PAUSE]


def test_colours_beyond_the_palette_become_the_nearest():
    frame = np.zeros((36, 64, 3), np.uint8)
    frame[..., 0] = np.arange(64) * 4
    frame[::2, :, 1] = 255
    frame[0, 0] = (9, 9, 9)
    palette = films.palette_of([frame])
    assert palette.size == films.COLOURS
    (image,) = films._indexed([frame], palette)
    away = np.abs(np.asarray(image.convert("RGB")).astype(int) - frame)
    # 129 colours for 127 places: of all that are often, none is lost.
    assert np.max(away) <= 9
    assert np.count_nonzero(np.any(away, axis=2)) <= 40


def test_colours_that_are_kept_are_in_the_palette_however_seldom_they_are():
    frame = np.zeros((20, 20, 3), np.uint8)
    frame[..., 2] = np.arange(400).reshape(20, 20) // 2
    kept = np.array([[255, 0, 0], [0, 255, 0]], np.uint8)
    palette = films.palette_of([frame], kept)
    assert palette.size == films.COLOURS
    assert {0xFF0000, 0x00FF00} <= set(palette.tolist())
    assert not {0xFF0000, 0x00FF00} & set(films.palette_of([frame]).tolist())


def test_a_page_holds_all_frames_and_needs_no_network():
    frames = drawn(4)
    page = films.film(iter(frames), frames, ".html").decode("ascii")
    assert "http" not in page
    assert "@" not in page
    assert 'max="3"' in page
    assert f"setInterval(step, {films.PAUSE})" in page
    listed = re.search(r"const images = \[(.*?)\];", page, re.DOTALL)[1]
    images = [
        Image.open(io.BytesIO(base64.b64decode(text))).convert("RGBA")
        for text in re.findall(r'"([^"]+)"', listed)
    ]
    below = re.search(r'<img src="data:image/png;base64,([^"]+)"', page)[1]
    first = Image.open(io.BytesIO(base64.b64decode(below))).convert("RGBA")
    assert len(images) == 4
    for image, frame in zip(images, frames, strict=True):
        shown = Image.alpha_composite(first, image).convert("RGB")
        np.testing.assert_array_equal(np.asarray(shown), frame)
    # What is as in the first frame is not there twice.
    assert np.asarray(images[2])[0, 0, 3] == 0


def program(folder, monkeypatch, code):
    """A program of Python in the place of ffmpeg."""
    path = folder / "ffmpeg"
    path.write_text(f"#!{sys.executable}\nimport sys\n{code}\n")
    path.chmod(0o755)
    monkeypatch.setitem(matplotlib.rcParams, "animation.ffmpeg_path", str(path))


def test_ffmpeg_is_handed_every_pixel(tmp_path, monkeypatch):
    code = (
        "content = sys.stdin.buffer.read()\n"
        "with open(sys.argv[-1], 'wb') as made:\n"
        "    made.write(' '.join(sys.argv[1:-1]).encode() + b'|' + content)\n"
    )
    program(tmp_path, monkeypatch, code)
    width, height = films.SIZE
    frames = [np.full((height, width, 3), shade, np.uint8) for shade in (7, 250)]
    arguments, _, content = films.film(iter(frames), [], ".mp4").partition(b"|")
    assert content == b"".join(frame.tobytes() for frame in frames)
    assert b"-pix_fmt rgb24 -s 640x360 -r 25 -i - -pix_fmt yuv420p" in arguments


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("sys.stderr.write('first\\nno codec'); sys.exit(3)", "'no codec' from "),
        ("sys.stdin.buffer.close(); sys.exit(3)", "'exit code 3' from "),
        ("sys.stdin.buffer.read()", "'exit code 0' from "),
    ],
)
def test_where_ffmpeg_fails_it_is_one_line(tmp_path, monkeypatch, code, said):
    program(tmp_path, monkeypatch, code)
    frames = iter([np.zeros((360, 640, 3), np.uint8)] * 3)
    with pytest.raises(OSError, match="must be a video that ffmpeg can make") as refusal:
        films.film(frames, [], ".mp4")
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_endings_are_refused(tmp_path, monkeypatch):
    for name in ("packet.gif", "packet.GIF", "packet.html"):
        assert films.ending("path", tmp_path / name) in (".gif", ".html")
    with pytest.raises(ValueError, match=r"`path` must end in .gif, .html or .mp4. Received"):
        films.ending("path", tmp_path / "packet.avi")
    program(tmp_path, monkeypatch, "")
    assert films.ending("path", tmp_path / "packet.mp4") == ".mp4"
    monkeypatch.setitem(matplotlib.rcParams, "animation.ffmpeg_path", str(tmp_path / "none"))
    message = r"`path` must end in .gif or .html where there is no ffmpeg. .*Install ffmpeg"
    with pytest.raises(ValueError, match=message):
        films.ending("path", tmp_path / "packet.mp4")


@pytest.mark.parametrize(
    ("frames", "error", "message"),
    [
        (1, ValueError, "`frames` must be an integer of at least 2"),
        (5001, ValueError, "`frames` must be at most 5000"),
        (1737, ValueError, "`frames` must be at most 1736. Received: frames=1737. Give 1736"),
        (2.5, TypeError, "`frames` must be an integer"),
    ],
)
def test_too_few_and_too_many_frames_are_refused(frames, error, message):
    with pytest.raises(error, match=message):
        films.check_frames(frames)
    assert films.check_frames(1736) == 1736
