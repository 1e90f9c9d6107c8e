"""Films: frames as an animated GIF, as a page that plays them, or as a video."""

from __future__ import annotations

import base64
import contextlib
import io
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, cast

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from qwpinn.inputs import check, limits

Pixels = NDArray[np.uint8]

ENDINGS = (".gif", ".html", ".mp4")
# Pixels of a frame, width and height; a video takes even ones only.
SIZE = (640, 360)
# Milliseconds of a frame: GIFs count in hundredths of a second.
PAUSE = 40
# Colours of a palette: seven bits; one place more is for pixels that do not change.
COLOURS = 127
# Frames in which is looked for the colours that are most often.
SAMPLES = 12


def ending(name: str, path: Path, also: str = "") -> str:
    """The ending of a film's file, refused where it cannot be written.

    Args:
        name: Of the argument, for the message.
        path: Of the file.
        also: What else it may be, for the message.

    Raises:
        ValueError: If it is none of `ENDINGS`, or that of a video and there is no ffmpeg.
    """
    found = path.suffix.lower()
    if found == ".mp4" and ffmpeg() is None:
        raise ValueError(
            f"`{name}` must end in .gif or .html where there is no ffmpeg. Received: '{path}'. "
            "Install ffmpeg, or choose another ending."
        )
    if found not in ENDINGS:
        raise ValueError(
            f"`{name}` must end in .gif, .html or .mp4{also}. Received: '{path}'. Choose one of "
            "these."
        )
    return found


def check_frames(frames: object) -> int:
    """Returns how many frames, refused if they are too few to move or too many to be held.

    Raises:
        TypeError: If it is no integer.
        ValueError: If there are too few, or too many.
    """
    count = check.integer("frames", frames, 2, limits.FRAMES)
    most = limits.PIXELS // (SIZE[0] * SIZE[1])
    return limits.at_most("frames", count, most, cure=f"Give {most} or fewer.")


def ffmpeg() -> str | None:
    """The program that makes videos, by the name that Matplotlib has for it; None without it."""
    return shutil.which(str(matplotlib.rcParams["animation.ffmpeg_path"]))


def film(
    frames: Iterable[Pixels], sample: Iterable[Pixels], suffix: str, kept: Pixels | None = None
) -> bytes:
    """The content of a file.

    Args:
        frames: Of one size, each ``(height, width, 3)``.
        sample: Some of them, whose colours are those of all.
        suffix: One of `ENDINGS`.
        kept: Colours ``(n, 3)`` that every frame can have, however seldom they are. Defaults to
            None: the most frequent ones alone.

    Raises:
        OSError: If ffmpeg fails.
    """
    if suffix == ".mp4":
        return _video(frames)
    indexed = _indexed(frames, palette_of(sample, kept))
    return _gif(indexed) if suffix == ".gif" else _page(indexed)


def palette_of(sample: Iterable[Pixels], kept: Pixels | None = None) -> NDArray[np.int32]:
    """The colours that are kept, and those that are most often; ascending, each as one number."""
    first = _packed(np.zeros((0, 3), np.uint8) if kept is None else kept)
    found = np.concatenate([first, *map(_packed, sample)])
    colours, counts = np.unique(found, return_counts=True)
    counts[np.isin(colours, first)] = found.size
    return np.sort(colours[np.argsort(-counts, kind="stable")[:COLOURS]])


def _packed(pixels: Pixels) -> NDArray[np.int32]:
    """Colours as numbers, a row after the other."""
    red, green, blue = (pixels[..., i].ravel().astype(np.int32) for i in range(3))
    return red << 16 | green << 8 | blue


def _channels(colours: NDArray[np.int32]) -> NDArray[np.int32]:
    """Numbers ``(n,)`` as red, green and blue, ``(n, 3)``."""
    return np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=-1)


def _indexed(frames: Iterable[Pixels], palette: NDArray[np.int32]) -> Iterator[Image.Image]:
    """Each pixel by the place of its colour, or of the one next to it."""
    table = _channels(palette)
    # As many as there can be: the number of the last is then within all palettes that are written.
    full = np.pad(table, ((0, COLOURS + 1 - palette.size), (0, 0))).astype(np.uint8).tobytes()
    for pixels in frames:
        packed = _packed(pixels)
        places = np.searchsorted(palette, packed).clip(0, palette.size - 1)
        odd = np.flatnonzero(palette[places] != packed)
        others, back = np.unique(packed[odd], return_inverse=True)
        away = np.sum((_channels(others)[:, None] - table) ** 2, axis=2)
        places[odd] = np.argmin(away, axis=1)[back]
        image = Image.fromarray(places.astype(np.uint8).reshape(pixels.shape[:2]), "P")
        image.putpalette(full)
        yield image


def _gif(frames: Iterator[Image.Image]) -> bytes:
    """An animated GIF that plays for ever: of each frame what differs from the one before."""
    content, first = io.BytesIO(), next(frames)
    first.save(
        content, "gif", save_all=True, append_images=frames, duration=PAUSE, loop=0, disposal=1,
        palette=first.getpalette(), transparency=COLOURS, optimize=True,
    )  # fmt: skip
    return content.getvalue()


def _page(frames: Iterator[Image.Image]) -> bytes:
    """A page of HTML that plays the frames, and holds all that it needs.

    Of each frame it holds what differs from the first, which lies below.
    """
    first = next(frames)
    below, drawn = np.asarray(first), [_png(first)]
    palette = first.getpalette() or []
    for image in frames:
        places = np.asarray(image)
        over = Image.fromarray(np.where(places == below, COLOURS, places).astype(np.uint8), "P")
        over.putpalette(palette)
        drawn.append(_png(over, transparency=COLOURS))
    listed = ",\n".join(f'"{image}"' for image in drawn)
    written = PAGE
    values = {"LAST": len(drawn) - 1, "PAUSE": PAUSE, "IMAGES": listed, "FIRST": drawn[0]}
    for name, value in values.items():
        written = written.replace(f"@{name}@", str(value))
    return written.encode("ascii")


def _png(image: Image.Image, **options: int) -> str:
    """An image as a page holds it."""
    content = io.BytesIO()
    image.save(content, "png", **options)
    return base64.b64encode(content.getvalue()).decode("ascii")


PAGE = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>A wave in motion</title>
<style>
body { font: 16px sans-serif; margin: 1em auto; width: fit-content; background: #fff }
figure { position: relative; margin: 0 }
img { display: block }
#frame { position: absolute; top: 0; left: 0 }
div { display: flex; gap: 0.7em; padding: 0.5em }
button { font-size: 100%; width: 5em }
input { flex: 1 }
</style>
<figure>
<img src="data:image/png;base64,@FIRST@"
 alt="Probability density and V over the position, in motion; the colour is the phase">
<img id="frame" alt="">
</figure>
<div>
<button id="play" type="button">Pause</button>
<input id="place" type="range" min="0" max="@LAST@" value="0" aria-label="frame">
</div>
<script>
const images = [
@IMAGES@
];
const frame = document.getElementById("frame");
const place = document.getElementById("place");
const play = document.getElementById("play");
let timer = null;
function show() { frame.src = "data:image/png;base64," + images[place.value]; }
function step() { place.value = (Number(place.value) + 1) % images.length; show(); }
function toggle() {
  if (timer === null) {
    timer = setInterval(step, @PAUSE@);
  } else {
    clearInterval(timer);
    timer = null;
  }
  play.textContent = timer === null ? "Play" : "Pause";
}
play.onclick = toggle;
place.oninput = () => { if (timer !== null) { toggle(); } show(); };
show();
toggle();
</script>
</html>
"""


def _video(frames: Iterable[Pixels]) -> bytes:
    """What ffmpeg makes of the frames, which it is handed one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        made, said = Path(folder) / "film.mp4", Path(folder) / "said"
        command = [
            str(ffmpeg()), "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24",
            "-s", f"{SIZE[0]}x{SIZE[1]}", "-r", f"{1000 / PAUSE:g}", "-i", "-",
            "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-y", str(made),
        ]  # fmt: skip
        with (
            said.open("wb") as words,
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=words, stderr=words) as process,
            # Where it fails, it closes its end, and says why.
            contextlib.suppress(BrokenPipeError),
            cast(IO[bytes], process.stdin) as pipe,
        ):
            for pixels in frames:
                pipe.write(np.ascontiguousarray(pixels).data)
        if process.returncode or not made.is_file():
            lines = said.read_text(errors="replace").strip().splitlines()
            reason = lines[-1] if lines else f"exit code {process.returncode}"
            raise OSError(
                f"`path` must be a video that ffmpeg can make. Received: '{reason:.120}' from "
                f"{command[0]}. Choose .gif or .html, or another ffmpeg."
            )
        return made.read_bytes()
