"""Films: what they are, how large they become, and their writers. Knows nothing of Qt.

A writer asks for one frame after the other, so that no film is in memory as a whole; GIF alone keeps its
frames, as indices of colours.
"""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec
import numpy as np

from app.exporters.ffmpeg import find_ffmpeg
from app.exporters.palette import Frame, Palette
from app.exporters.sheet import Sheet
from core.errors import InputError
from core.hyperparameter import Hyperparameter, Scale

FILMS = (".mp4", ".gif", ".apng", ".webp")
CLEAR_FILMS = (".apng", ".webp")
"""Those that can be transparent."""
FPS = Hyperparameter(
    name="fps", label="pictures a second", default=25, low=5, high=60, minimum=1, maximum=60,
    scale=Scale.INTEGER, help="Pictures of the film a second.",
)  # fmt: skip
SECONDS = Hyperparameter(
    name="seconds", default=8.0, low=1, high=60, minimum=0.1, maximum=600,
    help="How long the film takes, from the first step to the last.",
)  # fmt: skip
MOST_FRAMES = 6_000
MOST_KEPT = 1_500_000_000
"""Pixels of all frames of a GIF, each a byte in memory."""
NO_FFMPEG = (
    "An .mp4 film needs the program ffmpeg, which is not here: install it (Debian and Ubuntu: sudo apt-get"
    ' install ffmpeg; or: pip install "optiscope[video]"), or write a .gif, .apng or .webp film, which need'
    " nothing."
)
_PATHS = {".mp4": (0.1, 0.0014), ".gif": (0.2, 0.05), ".apng": (0.45, 0.1), ".webp": (0.08, 0.02)}
_CURVES = {".mp4": (0.055, 0.001), ".gif": (0.1, 0.0025), ".apng": (0.27, 0.001), ".webp": (0.065, 0.012)}
_BYTES = {
    "surface": _PATHS, "3d": _PATHS, "curves": _CURVES, "training": _CURVES,
    "network": {".mp4": (0.083, 0.015), ".gif": (0.01, 0.064), ".apng": (0.01, 0.1), ".webp": (0.04, 0.053)},
    "window": {".mp4": (0.15, 0.003), ".gif": (0.12, 0.13), ".apng": (0.23, 0.28), ".webp": (0.135, 0.038)},
}  # fmt: skip
"""For each pixel of the film, and of each of its frames; measured on the gallery, 10 and 100 of 800 x 556."""

Watch = Callable[[int, int], bool]
"""Told frames written and frames of the film; whether to go on."""


class CancelledError(Exception):
    """Nobody wants the film any more."""


class Film(msgspec.Struct, frozen=True):
    """A film of a run, from the first step to the last.

    Attributes
    ----------
    view
        One of `VIEWS`.
    sheet
        Size, look and ground of its frames.
    fps, seconds
        Pictures a second, and how long it takes.
    """

    view: str = "surface"
    sheet: Sheet = Sheet((800, 556), 1.0)
    fps: int = 25
    seconds: float = 8.0

    @property
    def frames(self) -> int:
        """Pictures of the film."""
        return max(round(self.fps * self.seconds), 2)

    def checked(self, ending: str) -> "Film":
        """Return the film; raises `InputError` for what cannot be made."""
        FPS.check(self.fps)
        SECONDS.check(self.seconds)
        self.sheet.checked(self.view)
        if self.sheet.transparent and ending not in CLEAR_FILMS:
            raise InputError(
                f"A {ending} film has a ground; leave out the transparency, or take"
                f" {' or '.join(CLEAR_FILMS)}.",
                "transparent",
            )
        if self.frames > MOST_FRAMES:
            raise InputError(
                f"A film has at most {MOST_FRAMES:,} pictures; this has {self.frames:,}.", "seconds"
            )
        if ending == ".gif" and self.frames * self._area > MOST_KEPT:
            raise InputError(
                f"{self.frames:,} pictures of this size are too much for a .gif; make it smaller or shorter,"
                " or take .webp, .apng or .mp4.",
                "size",
            )
        if ending == ".mp4" and find_ffmpeg() is None:
            raise InputError(NO_FFMPEG, "out")
        return self

    @property
    def _area(self) -> int:
        width, height = self.sheet.pixels
        return width * height

    def steps(self, last: int) -> list[int]:
        """The step of the run that each frame shows."""
        return evenly(last, self.frames)

    def about(self, ending: str) -> float:
        """Bytes that it will have, within a factor of about three."""
        once, each = _BYTES[self.view][ending]
        return self._area * (once + self.frames * each)


def evenly(last: int, count: int) -> list[int]:
    """So many steps, two at least, in equal distances from before the first to the last."""
    return [round(last * place / (count - 1)) for place in range(count)]


def write_film(ending: str, film: Film, paint: Callable[[int], Frame], path: Path, watch: Watch) -> None:
    """Write a film, whose frames `paint` makes in their order.

    Raises
    ------
    CancelledError
        When `watch` said so.
    OSError
        When the disk is full, or ffmpeg fails.
    """
    frames = _watched(film, paint, watch)
    if ending == ".gif":
        _write_gif(film, frames, path, paint(film.frames - 1))
        return
    writers: dict[str, Callable[[Film, Iterator[Frame], Path], None]] = {
        ".mp4": _write_mp4, ".apng": _write_apng, ".webp": _write_webp,
    }  # fmt: skip
    writers[ending](film, frames, path)


def _watched(film: Film, paint: Callable[[int], Frame], watch: Watch) -> Iterator[Frame]:
    for index in range(film.frames):
        if not watch(index, film.frames):
            raise CancelledError
        yield paint(index)
    if not watch(film.frames, film.frames):
        raise CancelledError


def _write_gif(film: Film, frames: Iterator[Frame], path: Path, last: Frame) -> None:
    """In hundredths of a second, with the rounding shared out; one palette, so that nothing flickers."""
    palette = Palette(last)
    pictures = (palette.indexed(frame) for frame in frames)
    ends = np.round(100 * np.arange(film.frames + 1) / film.fps)
    durations = (10 * np.maximum(np.diff(ends), 1)).astype(int).tolist()
    with path.open("wb") as file:
        next(pictures).save(
            file, "GIF", save_all=True, append_images=pictures, duration=durations, loop=0, optimize=False,
        )  # fmt: skip


def _write_webp(film: Film, frames: Iterator[Frame], path: Path) -> None:
    from PIL import Image

    first = Image.fromarray(next(frames))
    rest = (Image.fromarray(frame) for frame in frames)
    with path.open("wb") as file:
        first.save(
            file, "WEBP", save_all=True, append_images=rest, duration=_milliseconds(film), loop=0, quality=85,
            method=2, allow_mixed=True,
        )  # fmt: skip


def _write_apng(film: Film, frames: Iterator[Frame], path: Path) -> None:
    from app.exporters.apng import write_apng

    with path.open("wb") as file:
        write_apng(file, frames, film.frames, film.fps)


def _milliseconds(film: Film) -> list[int]:
    ends = np.round(1000 * np.arange(film.frames + 1) / film.fps)
    return [int(each) for each in np.diff(ends)]


def _write_mp4(film: Film, frames: Iterator[Frame], path: Path) -> None:
    """H.264 that every player knows: 4:2:0, sides even, its index in front."""
    program = find_ffmpeg()
    if program is None:
        raise InputError(NO_FFMPEG, "out")
    width, height = film.sheet.pixels
    command = [
        program, "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}",
        "-r", str(film.fps), "-i", "-", "-vf", "crop=trunc(iw/2)*2:trunc(ih/2)*2", "-c:v", "libx264",
        "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-f", "mp4",
        str(path),
    ]  # fmt: skip
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said)
        assert process.stdin is not None
        try:
            _feed(process.stdin, frames)
            if process.wait() != 0:
                raise OSError(f"ffmpeg failed: {_last_line(said)}")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def _feed(pipe: IO[bytes], frames: Iterator[Frame]) -> None:
    try:
        for frame in frames:
            pipe.write(np.ascontiguousarray(frame[:, :, :3]).data)
    except BrokenPipeError:  # it has ended, and said why
        pass
    finally:
        with suppress(BrokenPipeError):
            pipe.close()


def _last_line(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it did not say why"
