# SPDX-License-Identifier: Apache-2.0
"""Where pictures come from: one file, a folder of them, or a film."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.errors import AnprgenError
from anprgen.matching import pictures

U8 = NDArray[np.uint8]


class ReadError(AnprgenError):
    """Pictures cannot be read from there, or results not be kept there."""


@dataclass(frozen=True)
class Frame:
    """One picture to come.

    `file` is its name below the folder, or that of the film, of which `frame` is its number from
    0 and `time_s` its time. `pixels()` gives uint8 BGR [h, w, 3], upright, while it is the latest;
    it raises ValueError or OSError where the picture is broken.
    """

    file: str
    pixels: Callable[[], U8]
    frame: int | None = None
    time_s: float | None = None

    @property
    def key(self) -> str | int:
        """What tells it from all others of its source: a film's number, else its name."""
        return self.file if self.frame is None else self.frame


class Source(Protocol):
    """Pictures in their order; `count` may be off for films, `rate` is in pictures a second."""

    @property
    def count(self) -> int: ...
    @property
    def rate(self) -> float | None: ...

    def frames(self) -> Iterator[Frame]: ...


@dataclass(frozen=True)
class Pictures:
    """A picture, or all of a folder and its subfolders by name."""

    root: Path
    paths: tuple[Path, ...]
    rate: float | None = None

    @property
    def count(self) -> int:
        return len(self.paths)

    def frames(self) -> Iterator[Frame]:
        """Every picture; none is opened before it is asked for."""
        for path in self.paths:
            name = path.relative_to(self.root) if path.is_relative_to(self.root) else path
            yield Frame(name.as_posix(), lambda path=path: _bgr(path))  # type: ignore[misc]


@dataclass(frozen=True)
class Film:
    """Every n-th picture of a film."""

    path: Path
    every: int
    rate: float
    count: int

    def frames(self) -> Iterator[Frame]:
        """Pictures in their order; those that nobody asks for are not decoded to colours."""
        capture = _open(self.path)
        try:
            number = 0
            while capture.grab():
                if number % self.every == 0:
                    at = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
                    time_s = at if math.isfinite(at) and at > 0 else number / (self.rate or 25.0)
                    yield Frame(
                        self.path.name,
                        lambda: _retrieved(capture),
                        number,
                        round(time_s, 4) if number else 0.0,
                    )
                number += 1
        finally:
            capture.release()


def open_source(place: Path, every: int = 1) -> Source:
    """The pictures of a file, a folder, or a film.

    Raises:
        AnprgenError: there are none.
    """
    if every < 1:
        raise ReadError(f"--every {every}: it must be 1 or more")
    if not place.exists():
        raise ReadError("there is no such file or folder", where=str(place))
    if place.is_dir():
        return Pictures(place, tuple(pictures.find(place)))
    if place.suffix.lower() in pictures.SUFFIXES:
        return Pictures(place.parent, (place,))
    capture = _open(place)
    rate, count = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
    some = capture.grab()
    capture.release()
    if not some:
        raise ReadError("there is no picture in this film", where=str(place))
    rate = rate if math.isfinite(rate) and 0 < rate <= 1000 else 25.0
    count = max(0, int(count)) if math.isfinite(count) else 0
    return Film(place, every, rate, -(-count // every))


def _open(path: Path) -> cv2.VideoCapture:
    capture = cv2.VideoCapture(str(path))
    if not capture.isOpened():
        raise ReadError(
            "neither a picture nor a film that can be read",
            where=str(path),
            hint=f"pictures end in {', '.join(pictures.SUFFIXES)}; films are those FFmpeg reads",
        )
    return capture


def _retrieved(capture: cv2.VideoCapture) -> U8:
    good, bgr = capture.retrieve()
    if not good:
        raise ValueError("this picture of the film is broken")
    return np.asarray(bgr, np.uint8)


def _bgr(path: Path) -> U8:
    return np.ascontiguousarray(pictures.read(path).pixels[:, :, ::-1])
