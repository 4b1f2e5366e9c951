"""Animated PNG, frame by frame: each holds only the rectangle that differs from the one before.

The format is that of the PNG specification, third edition, section 11.3.6.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import IO

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RGB, _RGBA = 2, 6
_UP = 2
"""The filter that stores each line as its difference from the line above."""

Pixels = NDArray[np.uint8]


def write_apng(file: IO[bytes], frames: Iterator[Pixels], count: int, fps: int) -> None:
    """Write `count` frames, (height, width, 3 or 4) each, that are shown over and over."""
    number = 0
    before: Pixels | None = None
    for frame in frames:
        height, width, channels = frame.shape
        if before is None:
            kind = _RGBA if channels == 4 else _RGB
            file.write(_SIGNATURE)
            _chunk(file, b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))
            _chunk(file, b"acTL", struct.pack(">II", count, 0))
        top, bottom, left, right = _changed(before, frame)
        part = frame[top:bottom, left:right]
        place = struct.pack(">IIIII", number, right - left, bottom - top, left, top)
        _chunk(file, b"fcTL", place + struct.pack(">HHBB", 1, fps, 0, 0))
        number += 1
        if before is None:
            _chunk(file, b"IDAT", _packed(part))
        else:
            _chunk(file, b"fdAT", struct.pack(">I", number) + _packed(part))
            number += 1
        before = frame
    _chunk(file, b"IEND", b"")


def _changed(before: Pixels | None, frame: Pixels) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of what is new; a pixel where nothing is."""
    if before is None:
        return 0, frame.shape[0], 0, frame.shape[1]
    new = (before != frame).any(axis=2)
    rows, columns = np.flatnonzero(new.any(axis=1)), np.flatnonzero(new.any(axis=0))
    if not rows.size:
        return 0, 1, 0, 1
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _packed(part: Pixels) -> bytes:
    lines = part.reshape(part.shape[0], -1)
    filtered = np.empty((lines.shape[0], lines.shape[1] + 1), np.uint8)
    filtered[:, 0] = _UP
    filtered[0, 1:] = lines[0]
    filtered[1:, 1:] = lines[1:] - lines[:-1]
    return zlib.compress(filtered.tobytes(), 6)


def _chunk(file: IO[bytes], name: bytes, content: bytes) -> None:
    file.write(struct.pack(">I", len(content)) + name + content)
    file.write(struct.pack(">I", zlib.crc32(name + content)))
