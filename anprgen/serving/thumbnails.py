# SPDX-License-Identifier: Apache-2.0
"""Small pictures of large ones, the last of them kept at hand."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from anprgen.samples import Pixels

WIDTH_PX = 480
#: A picture whose file is no larger is its own thumbnail.
SMALL_BYTES = 48 * 1024
#: Memory of all thumbnails that are kept.
MOST_BYTES = 64 * 1024 * 1024
_QUALITY = 82


@dataclass(frozen=True)
class File:
    """A picture's file and its media type."""

    data: bytes
    kind: str


def media_type(data: bytes) -> str:
    """Of a JPEG or PNG."""
    return "image/jpeg" if data[:2] == b"\xff\xd8" else "image/png"


def shrunk(pixels: Pixels, width_px: int = WIDTH_PX) -> File:
    """A JPEG of a picture (uint8 BGR [h, w, 3]) at most `width_px` wide and twice as high."""
    h, w = pixels.shape[:2]
    scale = min(1.0, width_px / w, 2 * width_px / h)
    if scale < 1:
        size = max(1, round(w * scale)), max(1, round(h * scale))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return File(data.tobytes(), "image/jpeg")


def thumbnail(data: bytes) -> File:
    """The thumbnail of a picture's file.

    Raises:
        ValueError: it is no picture.
    """
    if len(data) <= SMALL_BYTES:
        return File(data, media_type(data))
    # Decoding at a half costs a third, and leaves more than a thumbnail of what is this large.
    flags = cv2.IMREAD_REDUCED_COLOR_2 | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if pixels is None:
        raise ValueError("not a picture")
    if pixels.shape[1] < WIDTH_PX:
        pixels = cv2.imdecode(
            np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        )
    return shrunk(np.asarray(pixels, np.uint8))


class Kept:
    """Files by a key, at most `most_bytes` of them: the longest unused goes first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._bytes = most_bytes, 0
        self._files: OrderedDict[tuple[object, ...], File] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...], make: Callable[[], File]) -> File:
        """The file of a key, made where it is not at hand."""
        with self._lock:
            if key in self._files:
                self._files.move_to_end(key)
                return self._files[key]
        file = make()  # not under the lock: several are made at a time
        with self._lock:
            if key not in self._files:
                self._files[key] = file
                self._bytes += len(file.data)
            while self._bytes > self._most and self._files:
                self._bytes -= len(self._files.popitem(last=False)[1].data)
        return file

    @property
    def nbytes(self) -> int:
        return self._bytes
